"""Tests of set-tensor."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from onnx_scalpel.session.edit_jobs import takes_long
from tests.laws import HEADER, Checked, check_edit, check_rejected, document_of

MODEL = """g (float[2,3] x) => (float[2,3] y) <float[2,3] w = {1, 2, 3, 4, 5, 6}> { y = Mul(x, w) }"""
RESHAPE = """g (float[2,3] x) => (float[a,b] y) <int64[2] to = {3, 2}> { r = Reshape(x, to)
  y = Neg(r) }"""
CONSTANT = """g (float[3] x) => (float[3] y) { c = Constant <value_floats = [1.0, 2.0, 3.0]> ()
  y = Add(x, c) }"""


def setting(tensor: Any, value: str = "value:w", **more: Any) -> dict[str, Any]:
    return {"kind": "set-tensor", "value": value, "tensor": tensor, **more}


def weights(checked: Checked) -> Any:
    return onnx.numpy_helper.to_array(checked.proto.graph.initializer[0])


def test_typed_values_take_the_place_of_the_old_ones() -> None:
    checked = check_edit(MODEL, setting({"dtype": "float32", "data": [[6, 5, 4], [3, 2, 1]]}))
    assert weights(checked).tolist() == [[6, 5, 4], [3, 2, 1]]
    assert checked.applied.title == "Set the values of w"


def test_bytes_as_they_lie_in_a_numpy_file_will_do() -> None:
    data = base64.b64encode(np.full(6, 7, np.float32).tobytes()).decode()
    assert weights(check_edit(MODEL, setting({"dtype": "float32", "shape": [2, 3], "base64": data}))).min() == 7


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("zeros", [0, 0, 0, 0, 0, 0]),
        ("full(0.5)", [0.5] * 6),
        ("x * 2 - 1", [1, 3, 5, 7, 9, 11]),
        ("clip(x, 2, 4)", [2, 2, 3, 4, 4, 4]),
        ("-x / 2", [-0.5, -1, -1.5, -2, -2.5, -3]),
        ("arange", [0, 1, 2, 3, 4, 5]),
        ("eye", [1, 0, 0, 0, 1, 0]),
    ],
)
def test_a_formula_says_the_values(formula: str, expected: list[float]) -> None:
    checked = check_edit(MODEL, setting({"formula": formula}))
    assert weights(checked).ravel().tolist() == expected
    assert formula in checked.applied.title


def test_random_values_are_the_same_at_each_replay() -> None:
    one, two = (weights(check_edit(MODEL, setting({"formula": "normal(0, 0.02)"}))) for _ in range(2))
    assert one.tobytes() == two.tobytes()
    assert 0 < float(np.abs(one).max()) < 0.2


def test_whole_numbers_are_calculated_exactly() -> None:
    model = "g (int64[1] x) => (int64[1] y) <int64[1] w = {4611686018427387905}> { y = Add(x, w) }"
    assert weights(check_edit(model, setting({"formula": "x + 2"}))).tolist() == [4611686018427387907]


def test_other_integers_drop_the_types_that_followed_from_them() -> None:
    model = onnx.shape_inference.infer_shapes(
        onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]>' + RESHAPE), data_prop=True
    )
    assert [info.name for info in model.graph.value_info] == ["r"]
    checked = check_edit(model, setting({"dtype": "int64", "data": [6, 1]}, "value:to"))
    assert len(checked.proto.graph.value_info) == 0


def test_a_constant_node_gets_other_values() -> None:
    checked = check_edit(CONSTANT, setting({"formula": "x + 1"}, "value:c"))
    (attribute,) = checked.proto.graph.node[0].attribute
    assert attribute.name == "value"
    assert onnx.numpy_helper.to_array(attribute.t).tolist() == [2, 3, 4]


def test_another_dtype_is_asked_about() -> None:
    error = check_rejected(MODEL, setting({"dtype": "int64", "shape": [2, 3], "data": [1] * 6}), "choice-needed")
    assert [choice["mismatch"] for choice in error.choices] == ["convert", "replace"]


def test_the_new_values_can_be_converted_to_what_stands() -> None:
    checked = check_edit(MODEL, setting({"dtype": "int64", "shape": [6], "data": [9] * 6}, mismatch="convert"))
    found = weights(checked)
    assert (found.dtype, found.shape, found.max()) == (np.float32, (2, 3), 9)


def test_the_new_tensor_can_take_its_place_as_it_is() -> None:
    checked = check_edit(MODEL, setting({"dtype": "float32", "data": [2.0, 2.0, 2.0]}, mismatch="replace"))
    assert weights(checked).shape == (3,)


def test_a_shape_that_cannot_be_converted_is_replaced_or_refused() -> None:
    row = {"dtype": "float32", "data": [1.0, 2.0]}
    assert [c["mismatch"] for c in check_rejected(MODEL, setting(row), "choice-needed").choices] == ["replace"]
    assert (
        "6 are needed" in check_rejected(MODEL, setting(row, mismatch="convert"), "wrong-parameters").fields["tensor"]
    )


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')",
        "x.tobytes()",
        "open('a')",
        "lambda: 1",
        "[1, 2]",
        "x[0]",
        "zeros(",
        "q + 1",
        "9" * 500,
        "normal(x)",
        "full()",
        "'a' * 9",
    ],
)
def test_what_is_no_formula_is_refused_at_its_field(formula: str) -> None:
    error = check_rejected(MODEL, setting({"formula": formula}), "wrong-parameters")
    assert list(error.fields) == ["tensor"]


def test_the_same_values_again_change_nothing() -> None:
    assert check_edit(MODEL, setting({"formula": "x"})).applied.delta.is_empty


def test_an_intermediate_value_has_no_tensor_to_set() -> None:
    assert "no initializer" in check_rejected(MODEL, setting({"formula": "zeros"}, "value:y")).message


def test_a_few_cells_are_changed_and_the_others_stay() -> None:
    cells = [{"at": [0, 2], "value": 9}, {"at": [1, 0], "value": "-Infinity"}]
    checked = check_edit(MODEL, setting({"cells": cells}))
    assert weights(checked).tolist() == [[1, 2, 9], [-np.inf, 5, 6]]
    assert checked.applied.title == "Set 2 elements of w"


def test_one_cell_is_told_by_its_place() -> None:
    checked = check_edit(MODEL, setting({"cells": [{"at": [1, 1], "value": 0.5}]}))
    assert checked.applied.title == "Set [1, 1] of w to 0.5"


def test_the_cell_of_a_scalar_is_at_no_index() -> None:
    checked = check_edit(
        MODEL.replace("float[2,3] w = {1, 2, 3, 4, 5, 6}", "float w = {3}"),
        setting({"cells": [{"at": [], "value": 4}]}),
    )
    assert weights(checked).item() == 4


def test_a_cell_of_a_constant_node_is_changed() -> None:
    checked = check_edit(CONSTANT, setting({"cells": [{"at": [1], "value": 7}]}, "value:c"))
    assert onnx.numpy_helper.to_array(checked.proto.graph.node[0].attribute[0].t).tolist() == [1, 7, 3]


@pytest.mark.parametrize(
    "cells",
    [
        [],
        "w",
        [{"at": [2, 0], "value": 1}],
        [{"at": [0], "value": 1}],
        [{"at": [0, True], "value": 1}],
        [{"at": [0, -1], "value": 1}],
        [{"at": [0, 0]}],
        [{"at": [0, 0], "value": "one"}],
        [{"at": [0, 0], "value": [1, 2]}],
        [7],
    ],
)
def test_what_is_no_cell_is_refused_at_its_field(cells: Any) -> None:
    assert list(check_rejected(MODEL, setting({"cells": cells}), "wrong-parameters").fields) == ["tensor"]


@pytest.mark.parametrize(
    ("formula", "dtype", "shown"),
    [
        ("full(300)", "int8", 127),
        ("full(1e30)", "uint64", 2**64 - 1),
        ("full(-1e30)", "int64", -(2**63)),
        ("zeros / zeros", "int32", 0),
    ],
)
def test_what_an_integer_type_cannot_hold_becomes_the_nearest_that_it_can(formula: str, dtype: str, shown: int) -> None:
    edit = setting({"formula": formula, "dtype": dtype}, mismatch="replace")
    assert weights(check_edit(MODEL, edit)).flat[0] == shown


@pytest.mark.parametrize(("small", "wanted"), [("float8e8m0", "int2"), ("int2", "uint4"), ("bfloat16", "float4e2m1")])
def test_one_small_type_is_converted_to_another(small: str, wanted: str) -> None:
    proto = onnx.parser.parse_model(f'<ir_version: 13, opset_import: ["" : 24]>{MODEL}')
    dtype = int(onnx.TensorProto.DataType.Value(wanted.upper()))
    proto.graph.initializer[0].CopyFrom(
        onnx.TensorProto(name="w", dims=[2, 3], data_type=dtype, raw_data=bytes(3 if wanted != "int2" else 2))
    )
    checked = check_edit(proto, setting({"formula": "ones", "dtype": small}, mismatch="convert"))
    assert weights(checked).astype(np.float64).tolist() == np.ones((2, 3)).tolist()


@pytest.mark.parametrize("dtype", [[], {}, 3, "string", "complex64", "nothing"])
def test_a_formula_of_no_such_type_is_refused_at_its_field(dtype: Any) -> None:
    error = check_rejected(MODEL, setting({"formula": "zeros", "dtype": dtype}), "wrong-parameters")
    assert "tensor" in error.fields


def test_a_formula_is_told_which_of_its_words_is_not_known() -> None:
    error = check_rejected(MODEL, setting({"formula": "x * q"}), "wrong-parameters")
    assert error.fields["tensor"].startswith("speaks of 'q', which is not known; as in zeros")


@pytest.mark.parametrize(
    "tensor",
    [
        {"dtype": "float32", "data": [10**400, 1]},
        {"dtype": "int64", "data": [10**400, 1]},
        {"dtype": "float32", "data": [1, 2], "shape": [2**62] * 100_000},
        {"dtype": "float32", "base64": "", "shape": [2**62] * 100_000},
        {"formula": "zeros", "shape": [2**62] * 100_000},
        {"formula": "zeros", "shape": [1] * 65},
    ],
)
def test_numbers_and_shapes_beyond_all_bounds_are_refused_at_once(tensor: Any) -> None:
    assert "tensor" in (check_rejected(MODEL, setting(tensor), "wrong-parameters").fields or {})


def test_large_tensors_are_made_in_a_job_and_small_ones_at_once() -> None:
    proto = onnx.parser.parse_model(f"{HEADER} {MODEL}")
    proto.graph.initializer.append(numpy_helper.from_array(np.zeros((5, 1 << 20), np.float32), "large"))
    document = document_of(proto)
    zeros = {"formula": "zeros"}
    assert takes_long(setting(zeros, "value:large"), document)
    assert takes_long(setting({"formula": "ones", "shape": [1 << 26]}, mismatch="replace"), document)
    assert takes_long({"kind": "batch", "edits": [setting({"base64": "A" * (32 << 20)})]}, document)
    assert takes_long({"kind": "freeze-input", "value": "value:x", "tensor": {**zeros, "shape": [1 << 26]}}, document)
    assert not takes_long(setting(zeros), document)
    for odd in (
        {},
        {"tensor": 3, "value": "value:w"},
        {"tensor": zeros, "value": 3},
        {"tensor": {"formula": 1, "shape": "a"}},
    ):
        assert not takes_long({"kind": "set-tensor", **odd}, document)
