"""`onnx-scalpel check`: the validators on one model, each in a child whose crash is one line here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.save import weightless
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.session.apart import in_child, open_named
from onnx_scalpel.terminal import complain, say

CHECK_LIMITS = Limits(cpu_seconds=120, wall_seconds=600, memory_bytes=3 << 30, file_bytes=1 << 30)
RUN_LIMITS = Limits(cpu_seconds=600, wall_seconds=900, memory_bytes=4 << 30, file_bytes=1 << 30)


def check_model(
    model: Path, *, run: bool, against: Path | None, dims: Mapping[str, int], seed: int, as_json: bool
) -> bool:
    """Check the model, run and compare it where that is asked for, and tell; True when nothing is wrong."""
    report: dict[str, Any] = {"model": str(model), "diagnostics": []}
    failure: AppError | None = None
    try:
        document = open_named(model)
        other = None if against is None else open_named(against)
        report["diagnostics"] = in_child(lambda _: _check(document), document, CHECK_LIMITS)
    except AppError as error:
        if as_json:
            say(json.dumps({**report, "error": error.to_json(), "ok": False}, indent=2, ensure_ascii=False))
        raise
    if run or other is not None:
        try:
            work = _Run(document, other, dict(dims), seed)
            report["run"] = in_child(work, document, RUN_LIMITS, other)
        except AppError as error:
            failure = error
            report["error"] = error.to_json()
    errors = any(found["severity"] == "error" for found in report["diagnostics"])
    different = other is not None and any(o["equal"] is not True for o in report.get("run", {}).get("outputs", ()))
    report["ok"] = not errors and failure is None and not different
    if as_json:
        say(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        _tell(report, against)
        if failure is not None:
            complain(failure, str(model))
    return bool(report["ok"])


def _check(document: Document) -> list[dict[str, Any]]:
    from onnx_scalpel.validators.base import check_all

    return [msgspec.to_builtins(found) for found in check_all(weightless(document)).diagnostics]


class _Run:
    """What the child does for --run and --against."""

    def __init__(self, document: Document, other: Document | None, dims: dict[str, int], seed: int) -> None:
        self._document, self._other, self._dims, self._seed = document, other, dims, seed

    def __call__(self, progress: Progress) -> dict[str, Any]:
        from onnx_scalpel.validators import runtime

        model = weightless(self._document)
        progress(None, "running the model")
        other = None if self._other is None else weightless(self._other)
        open_dims = runtime.open_dims(model)
        known = open_dims if other is None else {**runtime.open_dims(other), **open_dims}
        unknown = next((name for name in self._dims if name not in known), None)
        if unknown is not None:
            hint = f"named dims: {', '.join(known)}" if known else "leave --dim out: every size is fixed"
            raise AppError("no-such-dim", f"no input has a dim {unknown!r} to choose a size for", hint=hint)
        dims = {**open_dims, **self._dims}
        name = "the other model" if self._other is None else self._other.path.name
        return runtime.run(model, other, runtime.RunRequest(seed=self._seed, dims=dims, other=name))


def _tell(report: Mapping[str, Any], against: Path | None) -> None:
    found = report["diagnostics"]
    counts = [
        f"{number} {severity}{'' if number == 1 else 's'}"
        for severity in ("error", "warning")
        if (number := sum(d["severity"] == severity for d in found))
    ]
    say(f"{report['model']}: {', '.join(counts) or 'no problems found'}")
    for diagnostic in found:
        hint = f" ({diagnostic['hint']})" if diagnostic.get("hint") else ""
        say(f"  {diagnostic['severity']:<8}{diagnostic['message']}{hint} [{diagnostic['code']}]")
    result = report.get("run")
    if result is None:
        return
    say(f"  ran in {result['milliseconds']:.1f} ms on generated inputs (seed {result['seed']})")
    for output in result["outputs"]:
        line = f"    {output['name']}  {output['dtype']} {output['shape']}"
        if output["nans"] or output["infinities"]:
            line += f", {output['nans']} NaN, {output['infinities']} infinite"
        if against is not None:
            line += f": {_comparison(output, against)}"
        say(line)


def _comparison(output: Mapping[str, Any], against: Path) -> str:
    if output["equal"]:
        return f"equal to {against}"
    if output["difference"] is not None:
        return f"differs from {against} by up to {output['difference']:g}"
    return output["note"] or f"not comparable with {against}"
