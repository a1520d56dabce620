"""An Identity on every wire changes nothing that a model computes, and taking them all away again leaves no trace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from tests.laws import model_file

SAMPLES = sorted((Path(__file__).resolve().parents[2] / "sample_models").glob("*.onnx"))
MODEL = """g (float[2,3] x, bool c) => (float[2,3] y, float[2,3] a) <float[3] w = {1, 2, 3}> {
  a = Relu(x)
  b = Mul(a, w)
  y = If (c) <then_branch = t () => (float[2,3] p) { q = Neg(b)
    p = Abs(q) }, else_branch = e () => (float[2,3] r) { r = Add(a, w) }>
}"""


def with_identities(path: Path) -> tuple[bytes, bytes]:
    """The model with an Identity behind every value, and after deleting all of these and reconnecting."""
    document = open_model(path)
    made: list[str] = []
    for value in document.value_ids():
        if document.consumers(value) or document.is_output(value):
            insert = parse_edit({"kind": "insert-node", "op_type": "Identity", "value": value})
            made += [created for created in apply_edit(document, insert).created if created.startswith("node:")]
    inserted = model_bytes(document)
    apply_edit(document, parse_edit({"kind": "remove-nodes", "nodes": made, "reconnect": True}))
    return inserted, model_bytes(document)


def outputs(model: bytes, condition: bool) -> list[np.ndarray]:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    feed = {"x": np.arange(-3, 3, dtype=np.float32).reshape(2, 3), "c": np.array(condition)}
    found: list[np.ndarray] = session.run(None, feed)
    return found


@pytest.mark.parametrize("condition", [True, False])
def test_outputs_stay_equal(condition: bool) -> None:
    path = model_file(MODEL)
    inserted, _ = with_identities(path)
    onnx.checker.check_model(inserted, full_check=True)
    pairs = zip(outputs(path.read_bytes(), condition), outputs(inserted, condition), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("path", [p for p in SAMPLES if p.stem != "with_a_fault"], ids=lambda p: p.stem)
def test_taking_them_away_gives_the_original_bytes(path: Path) -> None:
    inserted, removed = with_identities(path)
    onnx.checker.check_model(inserted)
    assert removed == path.read_bytes()
