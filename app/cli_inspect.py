"""`onnx-scalpel inspect`: what a model is made of, without changing it; the work is done in a child whose crash is one line here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from onnx_scalpel.document.document import Document
from onnx_scalpel.errors import AppError
from onnx_scalpel.inspectors.report import tell
from onnx_scalpel.session.apart import in_child, open_named
from onnx_scalpel.session.inspecting import REPORT_LIMITS, inspect, inspect_without_libraries
from onnx_scalpel.terminal import say


def inspect_model(model: Path, *, as_json: bool) -> None:
    """Tell what the model is made of. AppError: it could not be opened or looked at."""
    try:
        document = open_named(model)
        report = _report(document)
    except AppError as error:
        if as_json:
            say(json.dumps({"model": str(model), "error": error.to_json()}, indent=2, ensure_ascii=False))
        raise
    if as_json:
        say(json.dumps({"model": str(model), **report}, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        for line in [str(model), "", *tell(report)]:
            say(line)


def _report(document: Document) -> dict[str, Any]:
    """The whole report; without what needs a library when a library crashed, hung or starved on this model."""
    report: dict[str, Any]
    try:
        report = in_child(lambda progress: inspect(document, None, progress), document, REPORT_LIMITS)
    except AppError as error:
        report = in_child(lambda _: inspect_without_libraries(document, None), document, REPORT_LIMITS)
        report["cost"]["why"] = error.message
    return report
