"""Tests of freeze-input."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from tests.laws import check_edit, check_rejected

MODEL = """g (float[N,3] x, float[N,3] k) => (float[N,3] y) { a = Add(x, k)
  y = Neg(a) }"""
LOOP = """g (int64 n, bool c, float[3] x) => (float[3] y) {
  y = Loop (n, c, x) <body = b (int64 i, bool k, float[3] v) => (bool k2, float[3] w) { k2 = Identity(k)
    w = Add(v, v) }>
}"""
ROW = {"dtype": "float32", "shape": [1, 3], "data": [1, 2, 3]}


def freeze(value: str, tensor: Any) -> dict[str, Any]:
    return {"kind": "freeze-input", "value": value, "tensor": tensor}


def test_it_becomes_an_initializer_with_the_tensor() -> None:
    checked = check_edit(MODEL, freeze("value:k", ROW))
    graph = checked.proto.graph
    assert ([i.name for i in graph.input], [t.name for t in graph.initializer]) == (["x"], ["k"])
    assert len(graph.value_info) == 0
    onnx.checker.check_model(checked.proto, full_check=True)
    session = ort.InferenceSession(checked.proto.SerializeToString())
    (found,) = session.run(None, {"x": np.zeros((1, 3), np.float32)})
    assert found.tolist() == [[-1, -2, -3]]
    assert checked.applied.title == "Froze the input k"


def test_bytes_in_base64_will_do() -> None:
    data = base64.b64encode(np.arange(6, dtype=np.float32).tobytes()).decode()
    graph = check_edit(MODEL, freeze("value:k", {"dtype": "float32", "shape": [2, 3], "base64": data})).proto.graph
    assert onnx.numpy_helper.to_array(graph.initializer[0]).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_formula_needs_a_shape_where_dims_are_open() -> None:
    graph = check_edit(MODEL, freeze("value:k", {"formula": "full(0.5)", "shape": [2, 3]})).proto.graph
    assert onnx.numpy_helper.to_array(graph.initializer[0]).tolist() == [[0.5] * 3] * 2
    fixed = MODEL.replace("float[N,3] k", "float[1,3] k")
    assert list(check_edit(fixed, freeze("value:k", {"formula": "ones"})).proto.graph.initializer[0].dims) == [1, 3]
    error = check_rejected(MODEL, freeze("value:k", {"formula": "ones"}), "wrong-parameters")
    assert error.fields is not None and "needs a shape" in error.fields["tensor"]
    error = check_rejected(fixed, freeze("value:k", {"formula": "x + 1"}), "wrong-parameters")
    assert error.fields == {"tensor": "calculates with x, but there is no tensor yet"}


def test_a_default_gives_way() -> None:
    model = MODEL.replace("=> (float[N,3] y)", "=> (float[N,3] y) <float[1,3] k = {4, 5, 6}>")
    graph = check_edit(model, freeze("value:k", ROW)).proto.graph
    assert [onnx.numpy_helper.to_array(t).tolist() for t in graph.initializer] == [[[1, 2, 3]]]


def test_before_ir_4_it_stays_listed_and_is_not_asked_for() -> None:
    checked = check_edit('<ir_version: 3, opset_import: ["" : 8]>' + MODEL, freeze("value:k", ROW))
    assert [i.name for i in checked.proto.graph.input] == ["x", "k"]
    assert [i.name for i in ort.InferenceSession(checked.proto.SerializeToString()).get_inputs()] == ["x"]
    onnx.checker.check_model(checked.proto, full_check=True)


def test_documentation_goes_along() -> None:
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]>' + MODEL)
    model.graph.input[1].doc_string = "what is added"
    assert check_edit(model, freeze("value:k", ROW)).proto.graph.initializer[0].doc_string == "what is added"


@pytest.mark.parametrize(
    ("tensor", "line"),
    [
        ({"dtype": "int64", "shape": [1, 3], "data": [1, 2, 3]}, "is int64, but k is declared as float32 N×3"),
        ({"dtype": "float32", "data": [1, 2, 3]}, "is of shape 3, but k is declared as float32 N×3"),
        ({"dtype": "float32", "shape": [1, 2], "data": [1, 2]}, "is of shape 1×2, but k is declared as float32 N×3"),
        ({"dtype": "float32", "shape": [1, 3], "data": [1]}, "has 1 elements where [1, 3] has 3"),
        (3, "must be a tensor: {dtype, shape, data} or {dtype, shape, base64}"),
    ],
)
def test_a_tensor_that_does_not_fit_is_a_wrong_field(tensor: Any, line: str) -> None:
    assert check_rejected(MODEL, freeze("value:k", tensor), "wrong-parameters").fields == {"tensor": line}


def test_dims_of_one_name_have_one_size() -> None:
    model = MODEL.replace("float[N,3] k", "float[N,N] k")
    error = check_rejected(model, freeze("value:k", ROW), "wrong-parameters")
    assert error.fields == {"tensor": "is of shape 1×3, but k is declared as float32 N×N"}


def test_a_sequence_cannot_be_frozen() -> None:
    model = "g (seq(float[3]) s) => (int64 n) { n = SequenceLength(s) }"
    check_rejected(model, freeze("value:s", ROW), says="no tensor can take its place")


def test_what_a_loop_hands_in_cannot_be_frozen() -> None:
    check_rejected(LOOP, freeze("value:v@y.body", ROW), says="fixed by Loop")


def test_what_is_no_input_is_refused() -> None:
    check_rejected(MODEL, freeze("value:a", ROW), says="a is no input")
