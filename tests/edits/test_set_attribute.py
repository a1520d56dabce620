"""Tests of set-attribute."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
import onnx
import pytest

from tests.laws import check_edit, check_rejected

MODEL = "g (float[3] x) => (float[3] y) { a = LeakyRelu<alpha = 0.5>(x)\n y = Neg(a) }"
CUSTOM = '<ir_version: 10, opset_import: ["" : 21, "my" : 1]> g (float[3] x) => (float[3] y) { y = my.Thing(x) }'
CONSTANT = "g () => (float[2] y) { y = Constant<value = float[2] {1, 2}>() }"


def put(node: str, attribute: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "set-attribute", "node": node, "attribute": attribute, "value": value, **more}


def value_of(edit: dict[str, Any], model: str = CUSTOM) -> Any:
    """The attribute's value as the saved file has it."""
    proto = check_edit(model, edit).proto
    found = next(a for n in proto.graph.node for a in n.attribute if a.name == edit["attribute"])
    return onnx.helper.get_attribute_value(found)


def test_an_attribute_that_is_there_changes_in_place() -> None:
    checked = check_edit(MODEL, put("node:a", "alpha", 0.25))
    assert checked.proto.graph.node[0].attribute[0].f == 0.25
    assert checked.applied.title == "Set alpha of LeakyRelu to 0.25"


def test_an_attribute_that_was_left_out_can_be_added() -> None:
    model = "g (float[1,3] x) => (float[1,3] y) { y = Softmax(x) }"
    assert value_of(put("node:y", "axis", 0), model) == 0


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("INT", 7, 7),
        ("INT", "9223372036854775807", 2**63 - 1),
        ("FLOAT", 1, 1.0),
        ("FLOAT", "-Infinity", -math.inf),
        ("STRING", "Größe", "Größe".encode()),
        ("INTS", [1, -2, 3], [1, -2, 3]),
        ("INTS", [], []),
        ("FLOATS", [1, 2.5], [1.0, 2.5]),
        ("STRINGS", ["a", ""], [b"a", b""]),
    ],
)
def test_every_type_can_be_written(kind: str, value: Any, expected: Any) -> None:
    assert value_of(put("node:y", "extra", value, type=kind)) == expected


def test_not_a_number_is_written_as_text() -> None:
    assert math.isnan(value_of(put("node:y", "extra", "NaN", type="FLOAT")))


@pytest.mark.parametrize(
    ("dtype", "data"),
    [
        ("float32", [[1, 2.5], ["NaN", 4]]),
        ("float16", [1.5, -2]),
        ("bfloat16", [1.5, -2]),
        ("int64", [2**53, "9007199254740993"]),
        ("uint64", ["18446744073709551615"]),
        ("int8", [-128, 127]),
        ("bool", [True, False]),
        ("string", ["a", "ß"]),
        ("int4", [-8, 7, 1]),
        ("float8e4m3fn", [1, 2]),
        ("float32", []),
        ("int64", 3),
    ],
)
def test_a_tensor_is_written_as_numbers(dtype: str, data: Any) -> None:
    tensor = value_of(put("node:y", "extra", {"dtype": dtype, "data": data}, type="TENSOR"))
    array = onnx.numpy_helper.to_array(tensor)
    flat = np.array(data, dtype=object).ravel()
    assert array.shape == np.array(data, dtype=object).shape
    for item, given in zip(array.ravel(), flat, strict=True):
        said = item.decode() if isinstance(item, bytes) else item
        if dtype == "string":
            assert said == given
        elif given == "NaN":
            assert np.isnan(float(item))
        else:
            assert int(given) == int(item) if "int" in dtype else float(given) == float(item)


def test_a_tensor_is_written_as_bytes() -> None:
    raw = np.array([1, 2, 3], "<f4").tobytes()
    literal = {"dtype": "float32", "shape": [3], "base64": base64.b64encode(raw).decode()}
    tensor = value_of(put("node:y", "value", literal), CONSTANT.replace("float[2] y", "float[3] y"))
    assert onnx.numpy_helper.to_array(tensor).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "value", "line"),
    [
        ("INT", "3", "must be a whole number"),
        ("INT", 3.0, "must be a whole number"),
        ("INT", True, "must be a whole number"),
        ("INT", 2**63, "must fit into 64 bits"),
        ("INT", "1" * 5000, "has too many digits for 64 bits"),
        ("FLOAT", "3", "must be a number"),
        ("FLOAT", 1e300, "is too large for a 32-bit float"),
        ("STRING", 3, "must be text"),
        ("INTS", 3, "must be a list"),
        ("INTS", [1, "x"], "item 2 must be a whole number"),
        ("TENSOR", 3, "must be a tensor: {dtype, shape, data} or {dtype, shape, base64}"),
        ("TENSOR", {"dtype": "int64", "data": [1.5]}, "of dtype int64 must hold whole numbers"),
        ("TENSOR", {"dtype": "int64", "data": ["1" * 5000]}, "has too many digits for 64 bits"),
        ("TENSOR", {"dtype": "int8", "data": [300]}, "holds 300, which is beyond int8"),
        ("TENSOR", {"dtype": "float32", "shape": [3], "data": [1]}, "has 1 elements where [3] has 3"),
        ("TENSOR", {"dtype": "float32", "data": [[1], [2, 3]]}, "has rows of unequal length"),
        ("TENSOR", {"dtype": "float32", "shape": [2], "base64": "AAAA"}, "has 3 bytes where float32 [2] has 8"),
        ("TENSOR", {"dtype": "float33", "data": [1]}, "has no known dtype; as in float32, int64, bool, string"),
    ],
)
def test_what_does_not_fit_the_type_is_a_wrong_field(kind: str, value: Any, line: str) -> None:
    error = check_rejected(CUSTOM, put("node:y", "extra", value, type=kind), "wrong-parameters")
    assert error.fields == {"value": line}


def test_the_operator_says_the_type() -> None:
    error = check_rejected(MODEL, put("node:a", "alpha", "steep"), "wrong-parameters")
    assert error.fields == {"value": "must be a number"}
    assert check_rejected(MODEL, put("node:a", "alpha", 1, type="INT"), "wrong-parameters").fields == {
        "type": "must be FLOAT, or be left out"
    }


def test_an_attribute_that_no_schema_knows_needs_a_type() -> None:
    error = check_rejected(CUSTOM, put("node:y", "extra", 3), "wrong-parameters")
    assert error.fields == {"type": "is needed: Thing says nothing about extra"}


def test_a_body_is_not_set_here() -> None:
    model = """g (bool c, float[3] x) => (float[3] y) {
      y = If (c) <then_branch = t () => (float[3] p) { p = Abs(x) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
    }"""
    assert check_rejected(model, put("node:y", "then_branch", "x"), says="of type GRAPH").hint


def test_an_attribute_that_a_function_hands_in_is_refused() -> None:
    model = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
    g (float[3] x) => (float[3] y) { y = my.leaky<slope = 0.5>(x) }
    <domain: "my", opset_import: ["" : 21]> leaky <slope> (u) => (v) { v = LeakyRelu<alpha: float = @slope>(u) }"""
    check_rejected(model, put("node:v@my::leaky:", "alpha", 0.1), says="from the function's attribute slope")


def test_a_number_that_is_not_finite_must_be_text() -> None:
    error = check_rejected(MODEL, put("node:a", "alpha", math.nan), "wrong-parameters")
    assert error.fields is not None and '"NaN"' in error.fields["value"]


def test_the_dtype_of_a_cast_output_follows_and_what_is_behind_it_is_dropped() -> None:
    model = """g (float[3] x) => (float16[3] y) <float16[3] a, float16[3] b> {
      a = Cast<to = 10>(x)
      b = Relu(a)
      y = Cast<to = 10>(b)
    }"""
    assert check_edit(model, put("node:y", "to", 1)).proto.graph.output[0].type.tensor_type.elem_type == 1
    assert len(check_edit(model, put("node:a", "to", 1)).proto.graph.value_info) == 0


def test_an_attribute_that_changes_no_type_drops_nothing() -> None:
    model = "g (float[3] x) => (float[3] y) <float[3] a> { a = LeakyRelu<alpha = 0.5>(x)\n y = Neg(a) }"
    assert len(check_edit(model, put("node:a", "alpha", 0.1)).proto.graph.value_info) == 1


def test_one_cell_of_a_tensor_is_changed() -> None:
    tensor = value_of(put("node:y", "value", {"cells": [{"at": [1], "value": 5}]}), CONSTANT)
    assert onnx.numpy_helper.to_array(tensor).tolist() == [1, 5]


def test_a_tensor_is_calculated_from_what_it_is() -> None:
    tensor = value_of(put("node:y", "value", {"formula": "x * 10"}), CONSTANT)
    assert onnx.numpy_helper.to_array(tensor).tolist() == [10, 20]


def test_a_number_of_hundreds_of_digits_is_refused() -> None:
    leaky = "g (float[3] x) => (float[3] y) { y = LeakyRelu(x) }"
    edit = {"kind": "set-attribute", "node": "node:y", "attribute": "alpha", "value": 10**400}
    check_rejected(leaky, edit, "wrong-parameters", "too large")


def test_what_a_body_declares_of_its_outputs_goes_when_what_it_captures_changes() -> None:
    model = """g (bool go, float[1,3,8,8] x, float[3,3,3,3] w) => (float[N,3,a,b] y) {
      c = Conv<pads = [1, 1, 1, 1]>(x, w)
      y = If(go)<then_branch = t () => (float[1,3,8,8] s) { s = Neg(c) }, else_branch = e () => (float[1,3,8,8] r) { r = Abs(c) }>
    }"""
    checked = check_edit(model, put("node:c", "pads", [0, 0, 0, 0]))
    outputs = [a.g.output[0] for node in checked.proto.graph.node if node.op_type == "If" for a in node.attribute]
    assert [value.HasField("type") for value in outputs] == [False, False]
    inferred = onnx.shape_inference.infer_shapes(checked.proto, strict_mode=True)
    onnx.checker.check_model(inferred)
