"""Tests of name-nodes."""

from __future__ import annotations

from typing import Any

from onnx_scalpel.document.delta import Delta
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from tests.laws import check_edit, document_of, nodes_of

MIXED = """g (bool c, float[3] x) => (float[3] y) {
  [Relu_2] a = Relu(x)
  [same] b = Relu(a)
  [same] d = Neg(b)
  e = Relu(d)
  f = Relu(e)
  [same] y = If (c) <then_branch = t () => (float[3] p) { [same] q = Abs(f)
    p = Relu(q) }, else_branch = u () => (float[3] r) { r = Neg(f) }>
}"""


def names(**more: Any) -> dict[str, Any]:
    return {"kind": "name-nodes", **more}


def test_empty_names_are_filled_and_repeated_ones_made_unique() -> None:
    checked = check_edit(MIXED, names())
    assert [node.name for node in checked.proto.graph.node] == [
        "Relu_2", "same", "same_2", "Relu_1", "Relu_3", "same_3",
    ]  # fmt: skip
    assert checked.applied.report == {"named": 4, "renamed": 2}
    assert checked.applied.title == "Named nodes: 4 without a name and 2 whose name repeats"


def test_bodies_have_names_of_their_own() -> None:
    checked = check_edit(MIXED, names())
    then, other = (a.g for a in checked.proto.graph.node[5].attribute)
    assert [node.name for node in then.node] == ["same", "Relu_4"]
    assert [node.name for node in other.node] == ["Neg_1"]


def test_names_do_not_depend_on_what_was_undone_and_redone() -> None:
    text = """g (bool c, float[3] x) => (float[3] y) {
      y = If (c) <then_branch = t () => (float[3] p) { p = Neg(x) }, else_branch = u () => (float[3] r) { r = Neg(x) }>
    }"""
    plain, redone = document_of(text), document_of(text)
    for document in (plain, redone):
        copied = apply_edit(document, parse_edit({"kind": "duplicate-nodes", "nodes": ["node:y"]})).delta
    redone.apply(copied.inverse())
    redone.apply(Delta(tuple(reversed(copied.changes))))
    for document in (plain, redone):
        apply_edit(document, parse_edit(names()))
    assert model_bytes(plain) == model_bytes(redone)


def test_repeated_names_can_be_left() -> None:
    checked = check_edit(MIXED, names(duplicates=False))
    assert [node.name for node in checked.proto.graph.node][:3] == ["Relu_2", "same", "same"]
    assert all(node.name for node in nodes_of(checked.document))


def test_functions_are_named_too() -> None:
    model = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
        g (float[3] x) => (float[3] y) { y = my.twice(x) }
        <domain: "my", opset_import: ["" : 21]> twice (i) => (o) { h = Add(i, i)
          o = Relu(h) }"""
    assert [node.name for node in check_edit(model, names()).proto.functions[0].node] == ["Add_1", "Relu_1"]


def test_a_model_whose_nodes_all_have_names_stays_as_it_is() -> None:
    checked = check_edit("g (float[3] x) => (float[3] y) { [n] y = Relu(x) }", names())
    assert checked.applied.delta.is_empty
