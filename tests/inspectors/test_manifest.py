"""The report agrees with what was counted independently for every model of the collection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.errors import AppError
from onnx_scalpel.session.inspecting import inspect_without_libraries
from tests.inspectors.models import report_of
from tests.shared_models import manifest, model_paths, shared_models

MODELS = model_paths("real", "exported", "odd", "bad")
CUT = 40  # characters of a producer in the manifest
OPSETS_CUT = 120


def counted(report: dict[str, Any]) -> dict[str, str]:
    """The report in the manifest's words. Its weights are the bytes that the model's own file holds: initializers of all
    graphs and tensors in attributes; it leaves out sparse tensors in attributes and what lies in data files."""
    operators, weights, model = report["operators"], report["weights"], report["identity"]
    stored = weights["stored"]
    top = [f"{one['domain']}.{one['op_type']}:{one['count']}".removeprefix(".") for one in operators["by_operator"][:4]]
    opsets = [f"{one['domain'] or 'ai.onnx'}:{one['version']}" for one in model["opset_imports"]]
    found = {
        "nodes": operators["nodes"],
        "total_nodes": operators["total_nodes"],
        "op_types": operators["kinds"],
        "top_ops": " ".join(top),
        "subgraphs": operators["bodies"],
        "depth": operators["depth"],
        "functions": report["functions"]["count"],
        "inputs": len(report["interface"]["inputs"]),
        "outputs": len(report["interface"]["outputs"]),
        "initializers": weights["initializers"],
        "weights_bytes": stored["initializers"] + stored["attributes"],
        "ext_tensors": report["external"]["tensors"],
        "opset": " ".join(opsets)[:OPSETS_CUT],
        "ir": model["ir_version"],
        "producer": f"{model['producer']} {model['producer_version']}"[:CUT],
    }
    return {name: str(value) for name, value in found.items()}


@pytest.mark.parametrize("path", MODELS, ids=lambda p: "/".join(p.parts[-2:]))
def test_the_report_agrees_with_the_manifest(path: Path) -> None:
    row = next((r for r in manifest() if r["file"] == str(path.relative_to(shared_models()))), None)
    if row is None:
        pytest.skip("the manifest does not list this file")
    try:
        document = open_model(path)
    except AppError:
        assert row["parse"] != "ok" or row["nodes"] in ("", "0")
        return
    report = inspect_without_libraries(document, None) if "/bad/" in str(path) else report_of(path)
    found = counted(report)
    differing = {name: (row[name], value) for name, value in found.items() if row[name] != value}
    if differing:
        print(path.name, differing)
    assert differing == {}
