"""Tests of cast-tensor."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from onnx_scalpel.session.edit_jobs import takes_long
from tests.laws import Checked, check_edit, check_rejected, document_of
from tests.outputs import outputs_of

MODEL = """<ir_version: 10, opset_import: ["" : 21]>
g (float[3] x) => (float[k] y) <float[3] w = {1, 2.5, 3}, int64[2] at = {0, 2}> {
  m = Constant <value = float[3] {1, 2, 3}> ()
  a = Mul(x, w)
  b = Add(a, m)
  y = Gather(b, at) }"""


def casting(to: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"kind": "cast-tensor", "values": list(values or ("value:w",)), "to": to, **more}


def tensor(checked: Checked, name: str) -> onnx.TensorProto:
    return next(t for t in checked.proto.graph.initializer if t.name == name)


def test_indices_may_be_of_either_integer_so_nothing_is_asked() -> None:
    checked = check_edit(MODEL, casting("int32", "value:at"))
    assert tensor(checked, "at").data_type == TensorProto.INT32
    assert checked.applied.title == "Cast at to int32"
    onnx.checker.check_model(checked.proto, full_check=True)


def test_weights_that_are_computed_with_are_asked_about() -> None:
    error = check_rejected(MODEL, casting("float16"), "choice-needed", "would get float16 instead of float32")
    assert [choice["mismatch"] for choice in error.choices or ()] == ["cast", "replace"]


def test_a_cast_makes_what_the_readers_had_from_the_smaller_tensor() -> None:
    checked = check_edit(MODEL, casting("float16", mismatch="cast"))
    assert tensor(checked, "w_float16").data_type == TensorProto.FLOAT16
    assert [(n.op_type, list(n.input), list(n.output)) for n in checked.proto.graph.node[1:3]] == [
        ("Cast", ["w_float16"], ["w"]),
        ("Mul", ["x", "w"], ["a"]),
    ]
    onnx.checker.check_model(checked.proto, full_check=True)
    feed = {"x": [1, 2, 3]}
    assert outputs_of(checked.proto, feed)[0].tolist() == outputs_of(onnx.parser.parse_model(MODEL), feed)[0].tolist()


@pytest.mark.parametrize(("opset", "to"), [(12, "bfloat16"), (18, "float8e5m2"), (20, "int4"), (21, "float4e2m1")])
def test_no_cast_is_made_that_the_opset_does_not_know(opset: int, to: str) -> None:
    model = MODEL.replace('"" : 21', f'"" : {opset}')
    error = check_rejected(model, casting(to, mismatch="cast"), says=f"a Cast of opset {opset} cannot read {to}")
    assert "newer opset" in error.hint


def test_what_is_said_of_the_tensor_is_said_of_what_the_cast_makes() -> None:
    proto = onnx.parser.parse_model(MODEL)
    next(t for t in proto.graph.initializer if t.name == "w").doc_string = "about"
    checked = check_edit(proto, casting("float16", mismatch="cast"))
    assert checked.document.value("value:w").doc == "about"


def test_what_a_constant_node_makes_is_cast_too_and_several_in_one_edit() -> None:
    checked = check_edit(MODEL, casting("bfloat16", "value:w", "value:m", mismatch="cast"))
    assert [n.op_type for n in checked.proto.graph.node] == ["Constant", "Cast", "Cast", "Mul", "Add", "Gather"]
    assert checked.applied.title == "Cast the 2 tensors to bfloat16"
    onnx.checker.check_model(checked.proto, full_check=True)


def test_readers_may_get_the_new_type_and_what_was_declared_downstream_goes() -> None:
    proto = onnx.parser.parse_model(MODEL)
    proto.graph.value_info.append(onnx.helper.make_tensor_value_info("a", TensorProto.FLOAT, [3]))
    proto.graph.value_info.append(onnx.helper.make_tensor_value_info("w", TensorProto.FLOAT, [3]))
    checked = check_edit(proto, casting("float64", mismatch="replace"))
    assert [(i.name, i.type.tensor_type.elem_type) for i in checked.proto.graph.value_info] == [
        ("w", TensorProto.DOUBLE)
    ]


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("int8", [1, 2, -2, 127]),
        ("uint8", [1, 2, 0, 255]),
        ("int64", [1, 2, -2, 70000]),
        ("bool", [True, True, True, True]),
        ("float16", [1, 2.5, -2.75, np.inf]),
        ("float8e4m3fn", [1, 2.5, -2.75, 448]),
        ("int4", [1, 2, -2, 7]),
    ],
)
def test_numbers_are_rounded_and_kept_in_range_as_cast_does(dtype: str, expected: list[Any]) -> None:
    text = MODEL.replace("float[3] w = {1, 2.5, 3}", "float[4] w = {1, 2.5, -2.75, 70000}")
    checked = check_edit(text, casting(dtype, mismatch="replace"))
    assert numpy_helper.to_array(tensor(checked, "w")).astype(np.float64).tolist() == [float(e) for e in expected]
    beyond = {"int8": 1, "uint8": 2, "float16": 1, "float8e4m3fn": 1, "int4": 1}.get(dtype, 0)
    assert ("out of its range" in checked.applied.title) == (beyond > 0)
    assert f"; {beyond} value" in checked.applied.title or not beyond


def test_the_same_type_again_changes_nothing() -> None:
    assert check_edit(MODEL, casting("float32")).applied.delta.is_empty


def test_an_initializer_that_is_an_output_keeps_its_name_and_type() -> None:
    text = MODEL.replace("=> (float[k] y)", "=> (float[k] y, float[3] w)")
    checked = check_edit(text, casting("float16", mismatch="cast"))
    assert [(o.name, o.type.tensor_type.elem_type) for o in checked.proto.graph.output] == [("y", 1), ("w", 1)]
    onnx.checker.check_model(checked.proto, full_check=True)


def test_an_input_s_default_cannot_be_made_by_a_cast() -> None:
    proto = onnx.parser.parse_model(MODEL)
    proto.graph.input.append(onnx.helper.make_tensor_value_info("w", 1, [3]))
    check_rejected(proto, casting("float16", mismatch="cast"), says="is an input")
    checked = check_edit(proto, casting("float16", mismatch="replace"))
    assert checked.proto.graph.input[1].type.tensor_type.elem_type == TensorProto.FLOAT16


def test_inside_a_body_the_cast_stands_in_the_body() -> None:
    text = """<ir_version: 10, opset_import: ["" : 21]>
    g (float[3] x, bool c) => (float[3] y) {
      y = If (c) <then_branch = t () => (float[3] p) <float[3] v = {4, 5, 6}> { p = Add(x, v) },
                  else_branch = e () => (float[3] q) { q = Neg(x) }> }"""
    checked = check_edit(text, casting("float16", "value:v@y.then_branch", mismatch="cast"))
    branch = next(a.g for n in checked.proto.graph.node for a in n.attribute if a.name == "then_branch")
    assert [n.op_type for n in branch.node] == ["Cast", "Add"]
    onnx.checker.check_model(checked.proto, full_check=True)


def test_what_is_no_tensor_of_numbers_is_refused() -> None:
    check_rejected(MODEL, casting("float16", "value:a"), says="no initializer and no constant")
    check_rejected(MODEL, casting("string"), "wrong-parameters")
    check_rejected(MODEL, casting("nonsense"), "wrong-parameters")


def test_large_tensors_are_cast_in_a_job_and_small_ones_at_once() -> None:
    proto = onnx.parser.parse_model(MODEL)
    proto.graph.initializer.append(numpy_helper.from_array(np.zeros((5, 1 << 20), np.float32), "large"))
    document = document_of(proto)
    assert takes_long(casting("float16", "value:large"), document)
    assert takes_long({"kind": "batch", "edits": [casting("float16", "value:w", "value:large")]}, document)
    assert not takes_long(casting("float16", "value:w"), document)


def test_a_cast_makes_no_name_that_hides_an_outer_value() -> None:
    model = """<ir_version: 10, opset_import: ["" : 21]> g (float[3] x, bool c) => (float[3] y) <float[3] w = {1, 2, 3}> {
      b = Mul(x, w)
      y = If (c) <then_branch = t () => (float[3] p) <float[3] w = {7, 8, 9}> { p = Add(b, w) },
                  else_branch = e () => (float[3] q) { q = Neg(b) }> }"""
    edit = {"kind": "cast-tensor", "values": ["value:w@y.then_branch"], "to": "float16", "mismatch": "cast"}
    check_rejected(model, edit, says="hides an outer value")
