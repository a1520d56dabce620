"""Tests of add-input."""

from __future__ import annotations

from typing import Any

import onnx
import onnxruntime as ort
import pytest

from tests.laws import HEADER, check_edit, check_rejected

MODEL = "g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Neg(a) }"
BODY = """g (int64 n, bool c, float[3] x) => (float[3] y) {
  y = Loop (n, c, x) <body = b (int64 i, bool k, float[3] v) => (bool k2, float[3] w) { k2 = Identity(k)
    w = Add(v, v) }>
}"""
FUNCTION = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x) => (float[3] y) { y = my.twice(x) }
  <domain: "my", opset_import: ["" : 21]> twice (i) => (o) { o = Add(i, i) }"""


def add(name: str, dtype: str = "float32", shape: Any = ("N", 3, None), **more: str) -> dict[str, Any]:
    return {"kind": "add-input", "name": name, "dtype": dtype, "shape": shape and list(shape), **more}


def test_it_stands_behind_the_others_with_its_type() -> None:
    checked = check_edit(MODEL, add("mask"))
    info = checked.proto.graph.input[-1]
    assert [i.name for i in checked.proto.graph.input] == ["x", "mask"]
    assert [d.dim_value or d.dim_param for d in info.type.tensor_type.shape.dim] == ["N", 3, ""]
    assert checked.applied.created == ["value:mask"]
    assert checked.applied.title == "Added the input mask"
    onnx.checker.check_model(checked.proto, full_check=True)
    ort.InferenceSession(checked.proto.SerializeToString())


def test_the_rank_may_be_unknown() -> None:
    info = check_edit(MODEL, add("mask", shape=None)).proto.graph.input[-1]
    assert not info.type.tensor_type.HasField("shape")


def test_a_name_that_is_taken_is_refused() -> None:
    assert check_rejected(MODEL, add("a"), says="the name a is taken").subjects == ("value:a",)


def test_a_name_that_nothing_makes_is_to_be_promoted() -> None:
    model = onnx.parser.parse_model(HEADER + MODEL)
    del model.graph.node[0]
    assert "promote" in check_rejected(model, add("a"), says="taken").hint


def test_a_function_gets_an_input_that_its_calls_leave_out() -> None:
    checked = check_edit(FUNCTION, add("j", graph="graph:my::twice:"))
    assert list(checked.proto.functions[0].input) == ["i", "j"]
    ort.InferenceSession(checked.proto.SerializeToString())


def test_the_inputs_of_a_body_are_what_its_node_hands_in() -> None:
    check_rejected(BODY, add("j", graph="graph:node:y.body"), says="fixed by Loop")


@pytest.mark.parametrize(
    ("wrong", "field"), [({"dtype": "float33"}, "dtype"), ({"shape": [-1]}, "shape"), ({"name": ""}, "name")]
)
def test_what_is_wrong_is_said_of_its_field(wrong: dict[str, Any], field: str) -> None:
    error = check_rejected(MODEL, {**add("mask"), **wrong}, "wrong-parameters")
    assert list(error.fields or {}) == [field]
