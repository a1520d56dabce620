"""Edits that take each other back, as two edits: a rename and its way back, an insertion and the removal of what was inserted."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import AppliedEdit, apply_edit, parse_edit
from tests.laws import check_rejected, model_file

SHADOWED = """<ir_version: 10, opset_import: ["" : 21]>
g (bool c, float[3] x) => (float[3] y, float[3] k) {
  k = Relu(x)
  y = If (c) <then_branch = t () => (float[3] p) { k = Abs(x)
 p = Neg(k) }, else_branch = e () => (float[3] r) { r = Abs(x) }>
}"""
UNSORTED = "g (float[3] x) => (float[3] y) { y = Neg(a)\n a = Relu(x) }"
OTHER_DOMAIN = """<ir_version: 10, opset_import: ["ai.onnx.ml" : 3]>
g (float[3] x) => (float[3] y) { y = ai.onnx.ml.Binarizer(x) }"""
GIVEN_OUTPUT = "g (float[3] x) => (float[3] y, float[3] w) <float[3] w = {1, 2, 3}> { y = Add(x, w) }"


def apply(document: Any, **edit: Any) -> AppliedEdit:
    return apply_edit(document, parse_edit(edit))


TYPED = """g (float[2,3] x) => (float[3,2] y) <float[2,3] a, float[2,3] b, float[3,2] c> {
  a = Relu(x)
  b = Abs(a)
  c = Transpose(b)
  y = Neg(c)
}"""


@pytest.mark.parametrize("value", ["value:x", "value:a", "value:b", "value:c", "value:y"])
@pytest.mark.parametrize(("op_type", "domain"), [("Transpose", ""), ("Shape", ""), ("Ponder", "lab")])
def test_a_node_that_changes_types_leaves_no_trace_once_it_is_removed(op_type: str, domain: str, value: str) -> None:
    path = model_file(TYPED)
    document = open_model(path)
    made = apply(document, kind="insert-node", op_type=op_type, domain=domain, value=value)
    node = next(created for created in made.created if created.startswith("node:"))
    apply(document, kind="remove-nodes", nodes=[node], reconnect=True)
    assert model_bytes(document) == path.read_bytes()


def test_declared_types_stay_away_behind_what_still_differs() -> None:
    document = open_model(model_file(TYPED))
    for value in ("value:x", "value:b"):
        apply(document, kind="insert-node", op_type="Ponder", domain="lab", value=value)
    apply(document, kind="remove-nodes", nodes=["node:b_Ponder"], reconnect=True)
    assert not document.value("value:c").dtype


@pytest.mark.parametrize(
    ("model", "value"),
    [(UNSORTED, "value:a"), (OTHER_DOMAIN, "value:x"), (GIVEN_OUTPUT, "value:w")],
    ids=["nodes out of order", "a domain not imported before", "an initializer that is an output"],
)
def test_inserting_and_removing_an_identity_leaves_no_trace(model: str, value: str) -> None:
    path = model_file(model)
    document = open_model(path)
    made = apply(document, kind="insert-node", op_type="Identity", value=value)
    node = next(created for created in made.created if created.startswith("node:"))
    apply(document, kind="remove-nodes", nodes=[node], reconnect=True)
    assert model_bytes(document) == path.read_bytes()


def test_an_output_that_is_an_initializer_has_its_open_dims_again() -> None:
    path = model_file("g (float[2] x) => (float[2] y, float[n,3] w) <float[1,3] w = {1, 2, 3}> { y = Neg(x) }")
    document = open_model(path)
    apply(document, kind="insert-node", op_type="Transpose", value="value:w")
    apply(document, kind="remove-nodes", nodes=["node:w"], reconnect=True)
    assert model_bytes(document) == path.read_bytes()


def test_what_the_file_has_out_of_order_is_saved_so_with_an_edit_in_it() -> None:
    document = open_model(model_file(UNSORTED))
    apply(document, kind="insert-node", op_type="Identity", value="value:x")
    proto = onnx.ModelProto.FromString(model_bytes(document))
    assert [node.op_type for node in proto.graph.node] == ["Neg", "Identity", "Relu"]


def test_an_import_stays_while_another_node_needs_it() -> None:
    document = open_model(model_file(OTHER_DOMAIN))
    for value in ("value:x", "value:y"):
        apply(document, kind="insert-node", op_type="Identity", value=value)
    apply(document, kind="remove-nodes", nodes=["node:x_Identity"], reconnect=True)
    assert "" in dict(document.model().opset_imports)


def test_an_import_that_the_file_has_stays() -> None:
    path = model_file(OTHER_DOMAIN.replace('["', '["spare" : 1, "'))
    document = open_model(path)
    apply(document, kind="remove-nodes", nodes=["node:y"])
    assert [o.domain for o in onnx.ModelProto.FromString(model_bytes(document)).opset_import] == ["spare", "ai.onnx.ml"]


def test_a_value_may_take_the_name_back_that_hides_an_outer_one() -> None:
    path = model_file(SHADOWED)
    document = open_model(path)
    inner = next(v for v in document.value_ids() if document.value(v).name == "k" and v != "value:k")
    for value in (inner, "value:k"):
        apply(document, kind="rename-value", value=value, name="other")
        apply(document, kind="rename-value", value=value, name="k")
    assert model_bytes(document) == path.read_bytes()


def test_a_name_is_refused_that_would_hide_a_value_from_a_reader() -> None:
    check_rejected(SHADOWED, {"kind": "rename-value", "value": "value:x", "name": "k"}, says="taken")
    document = open_model(model_file(SHADOWED))
    inner = next(v for v in document.value_ids() if document.value(v).name == "k" and v != "value:k")
    apply(document, kind="rename-value", value=inner, name="other")
    apply(document, kind="connect", node="node:p@y.then_branch", slot=0, value="value:k")
    with pytest.raises(Exception, match="taken"):
        apply(document, kind="rename-value", value=inner, name="k")
