"""Tests of set-doc."""

from __future__ import annotations

from typing import Any

import onnx
import onnxruntime as ort
import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from tests.laws import check_edit, check_rejected, model_file

MODEL = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (bool c, float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> {
    [first] a = Add(x, w)
    u = my.twice(a)
    y = If (c) <then_branch = t () => (float[3] p) { q = Neg(u)
      p = Abs(q) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
  }
  <domain: "my", opset_import: ["" : 21]> twice (i) => (o) { h = Add(i, i)
    o = Neg(h) }"""
SUBJECTS = {
    "model:": "the model",
    "graph:": "the graph g",
    "graph:node:y.then_branch": "the graph t",
    "graph:my::twice:": "the graph twice",
    "node:a": "the node first",
    "node:q@y.then_branch": "the node Neg",
    "value:x": "x",
    "value:y": "y",
    "value:w": "w",
    "value:a": "a",
    "value:q@y.then_branch": "q",
    "value:r@y.else_branch": "r",
    "value:i@my::twice:": "i",
    "value:h@my::twice:": "h",
}


def doc(subject: str, text: str) -> dict[str, Any]:
    return {"kind": "set-doc", "subject": subject, "text": text}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_whatever_it_is_it_can_be_documented(subject: str) -> None:
    checked = check_edit(MODEL, doc(subject, "What it is for.\nAnd more ☃"))
    assert "What it is for.\nAnd more ☃".encode() in checked.proto.SerializeToString()
    assert checked.applied.title == f"Documented {SUBJECTS[subject]}"
    onnx.checker.check_model(checked.proto, full_check=True)
    ort.InferenceSession(checked.proto.SerializeToString())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_an_empty_text_leaves_no_trace(subject: str) -> None:
    path = model_file(MODEL)
    document = open_model(path)
    for text in ("something", ""):
        apply_edit(document, parse_edit(doc(subject, text)))
    assert model_bytes(document) == path.read_bytes()


def test_the_history_tells_when_it_is_taken_away() -> None:
    model = onnx.parser.parse_model(MODEL)
    model.graph.node[0].doc_string = "old"
    assert check_edit(model, doc("node:a", "")).applied.title == "Removed the documentation of the node first"
    assert check_edit(model, doc("node:a", "old")).applied.delta.is_empty


def test_what_is_not_there_cannot_be_documented() -> None:
    assert check_rejected(MODEL, doc("node:none", "text"), "no-such-subject").status == 404
