"""Tests of set-value-type."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from tests.laws import HEADER, check_edit, check_rejected

MODEL = "g (float[1,3] x) => (float[1,3] y) <float[3] w = {1, 2, 3}> { a = Add(x, w)\n y = Neg(a) }"


def declare(value: str, **what: Any) -> dict[str, Any]:
    return {"kind": "set-value-type", "value": value, **what}


def text_of(info: onnx.ValueInfoProto) -> str:
    tensor = info.type.tensor_type
    dims = [d.dim_param or (d.dim_value if d.HasField("dim_value") else "?") for d in tensor.shape.dim]
    return f"{onnx.TensorProto.DataType.Name(tensor.elem_type)} {dims if tensor.HasField('shape') else 'any'}"


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({"shape": ["N", 3]}, "FLOAT ['N', 3]"),
        ({"shape": [None, "C", 0]}, "FLOAT ['?', 'C', 0]"),
        ({"shape": []}, "FLOAT []"),
        ({"shape": None}, "FLOAT any"),
        ({"dtype": "float16"}, "FLOAT16 [1, 3]"),
        ({"dtype": "string", "shape": [2]}, "STRING [2]"),
        ({"dtype": "bfloat16", "shape": None}, "BFLOAT16 any"),
    ],
)
def test_what_is_given_is_declared_and_the_rest_stays(what: dict[str, Any], expected: str) -> None:
    assert text_of(check_edit(MODEL, declare("value:x", **what)).proto.graph.input[0]) == expected


def test_an_output_is_declared_where_it_is_listed() -> None:
    graph = check_edit(MODEL, declare("value:y", shape=["N", 3])).proto.graph
    assert text_of(graph.output[0]) == "FLOAT ['N', 3]"
    assert len(graph.value_info) == 0


def test_an_intermediate_value_goes_into_value_info() -> None:
    graph = check_edit(MODEL, declare("value:a", dtype="float32", shape=[1, 3])).proto.graph
    assert [(v.name, text_of(v)) for v in graph.value_info] == [("a", "FLOAT [1, 3]")]


def test_a_value_in_a_body_can_be_declared() -> None:
    model = """g (bool c, float[3] x) => (float[3] y) {
      y = If (c) <then_branch = t () => (float[3] p) { q = Neg(x)
 p = Abs(q) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
    }"""
    graph = check_edit(model, declare("value:q@y.then_branch", dtype="float32", shape=[3])).proto.graph
    assert graph.node[0].attribute[0].g.value_info[0].name == "q"


def test_a_body_that_repeats_the_type_of_an_outer_value_follows() -> None:
    model = onnx.parser.parse_model(
        HEADER
        + """g (bool c, float[3] x) => (float[3] y) {
      y = If (c) <then_branch = t () => (float[3] p) { p = Neg(x) }, else_branch = e () => (float[3] r) { r = Abs(x) }>
    }"""
    )
    model.graph.node[0].attribute[0].g.value_info.add().CopyFrom(model.graph.input[1])
    graph = check_edit(model, declare("value:x", shape=["N"])).proto.graph
    assert text_of(graph.node[0].attribute[0].g.value_info[0]) == "FLOAT ['N']"


def test_declarations_behind_it_are_dropped() -> None:
    model = MODEL.replace("<float[3] w = {1, 2, 3}>", "<float[1,3] a, float[3] w = {1, 2, 3}>")
    assert len(onnx.parser.parse_model(HEADER + model).graph.value_info) == 1
    assert len(check_edit(model, declare("value:x", shape=[2, 3])).proto.graph.value_info) == 0
    assert len(check_edit(model, declare("value:x", shape=[1, 3])).proto.graph.value_info) == 1


def test_an_initializer_has_the_type_of_its_tensor() -> None:
    check_rejected(MODEL, declare("value:w", dtype="float16"), says="its type is that of its tensor")


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ({}, {"dtype": "is needed, or a shape"}),
        ({"shape": [3]}, {"dtype": "is needed: a declares none so far"}),
        ({"dtype": 1}, {"dtype": "must be text"}),
        ({"dtype": "float32", "shape": 3}, {"shape": "must be a list"}),
        ({"dtype": "float32", "shape": [True]}, {"shape": "item 1: must be a whole number, a name or null"}),
        ({"dtype": "float32", "shape": [1, 2.0]}, {"shape": "item 2: must be a whole number, a name or null"}),
        (
            {"dtype": "float32", "shape": [""]},
            {"shape": "item 1: a dim's name must not be empty; use null for an unknown one"},
        ),
        (
            {"dtype": "float32", "shape": [-1]},
            {"shape": "item 1: a dim is 0 or more; use null for an unknown one, or a name"},
        ),
    ],
)
def test_what_cannot_be_declared_is_a_wrong_field(what: dict[str, Any], fields: dict[str, str]) -> None:
    assert check_rejected(MODEL, declare("value:a", **what), "wrong-parameters").fields == fields


def test_an_unknown_dtype_is_a_wrong_field() -> None:
    error = check_rejected(MODEL, declare("value:x", dtype="float33"), "wrong-parameters")
    assert error.fields is not None and "float32" in error.fields["dtype"]


def test_a_sequence_can_become_a_tensor_but_has_no_shape() -> None:
    model = "g (seq(float[3]) s) => (int64 n) { n = SequenceLength(s) }"
    check_rejected(model, declare("value:s", shape=[3]), "wrong-parameters")
    assert (
        text_of(check_edit(model, declare("value:s", dtype="float32", shape=[3])).proto.graph.input[0]) == "FLOAT [3]"
    )


def test_the_history_says_the_type() -> None:
    assert check_edit(MODEL, declare("value:x", shape=["N", None])).applied.title == "Declared x as N×?"
