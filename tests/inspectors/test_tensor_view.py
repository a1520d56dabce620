"""Values and statistics of tensors, held against NumPy's, for every dtype and wherever the data lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from onnx_scalpel.document.load import open_model
from onnx_scalpel.errors import AppError
from onnx_scalpel.inspectors import tensor_reading
from onnx_scalpel.inspectors.tensor_view import Piece, initializer_of, tensor_of, tensor_view
from tests.laws import HEADER, model_file

MODEL = "g (float[2] x) => (float[2] y) { y = Neg(x) }"


def with_tensor(tensor: TensorProto | onnx.SparseTensorProto) -> onnx.ModelProto:
    model = onnx.parser.parse_model(HEADER + MODEL)
    if isinstance(tensor, TensorProto):
        tensor.name = "w"
        model.graph.initializer.append(tensor)
    else:
        tensor.values.name = "w"
        model.graph.sparse_initializer.append(tensor)
    return model


def view(model: onnx.ModelProto | Path, piece: Piece | None = None, *, whole: bool = True) -> dict[str, Any]:
    """The view of the tensor `w`; it must be JSON."""
    document = open_model(model_file(model))
    found = tensor_view(document, initializer_of(document, "value:w"), piece or Piece(), whole, lambda *_: None)
    json.dumps(found, allow_nan=False)
    return found


def of_array(array: Any) -> dict[str, Any]:
    return view(with_tensor(numpy_helper.from_array(np.asarray(array))))


def test_statistics_are_those_of_numpy() -> None:
    array = np.random.default_rng(1).normal(3, 2, (50, 40)).astype(np.float32)
    found = of_array(array)
    assert found["minimum"] == float(str(array.min())) and found["maximum"] == float(str(array.max()))
    assert found["mean"] == pytest.approx(array.mean(dtype=np.float64))
    assert found["std"] == pytest.approx(array.std(dtype=np.float64))
    counts, _ = np.histogram(array.astype(np.float64), bins=len(found["histogram"]), range=found["edges"])
    assert sum(found["histogram"]) == array.size
    assert np.abs(counts - found["histogram"]).max() <= 1  # an element on an edge may fall to either side


def test_values_are_written_as_short_as_their_dtype_allows() -> None:
    assert of_array(np.array([0.1, 1e-7, 3], np.float32))["values"] == [0.1, 1e-07, 3.0]
    assert of_array(np.array([0.1], np.float16))["values"] == [0.1]
    assert of_array(np.array([0.1], np.float64))["values"] == [0.1]


def test_what_is_no_number_is_counted_and_left_out_of_the_rest() -> None:
    found = of_array(np.array([np.nan, np.inf, -np.inf, 0, 4], np.float32))
    assert (found["nans"], found["infinities"], found["zeros"]) == (1, 2, 1)
    assert (found["minimum"], found["maximum"], found["mean"]) == (0.0, 4.0, 2.0)
    assert found["values"] == ["NaN", "Infinity", "-Infinity", 0.0, 4.0]


def test_a_tensor_of_nothing_but_nan_has_no_extremes() -> None:
    found = of_array(np.full(3, np.nan, np.float32))
    assert found["minimum"] is None and found["mean"] is None and found["histogram"] == []


def test_integers_beyond_what_json_carries_are_text() -> None:
    found = of_array(np.array([2**62, -(2**63), 5], np.int64))
    assert found["values"] == [str(2**62), str(-(2**63)), 5]
    assert found["minimum"] == str(-(2**63)) and found["maximum"] == str(2**62)


def test_whole_numbers_of_a_small_range_have_a_bar_each() -> None:
    found = of_array(np.array([2, 2, 3, 5], np.int64))
    assert found["histogram"] == [2, 1, 0, 1] and found["edges"] == [1.5, 5.5]


def test_truth_values_are_counted_as_0_and_1() -> None:
    found = of_array(np.array([True, False, True]))
    assert found["values"] == [True, False, True]
    assert (found["zeros"], found["minimum"], found["maximum"], found["histogram"]) == (1, 0, 1, [1, 2])


NUMBERS = [name for name in TensorProto.DataType.keys() if name not in ("UNDEFINED", "STRING")]  # noqa: SIM118 - no dict


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("form", ["typed", "raw", "external"])
def test_every_dtype_is_read_as_numbers_whole_and_in_pieces(dtype: str, form: str, tmp_path: Path) -> None:
    number = TensorProto.DataType.Value(dtype)
    numbers = [1, 2, 1, 4, 2, 1, 1, 2, 4, 1, 2] if dtype == "FLOAT8E8M0" else [1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1]
    tensor = helper.make_tensor("w", number, [11], numbers)
    if form != "typed":
        tensor = numpy_helper.from_array(numpy_helper.to_array(tensor), "w")
        assert tensor.data_type == number
    path = tmp_path / "model.onnx"
    if form == "external":
        (tmp_path / "w.bin").write_bytes(b"before" + tensor.raw_data)
        onnx.external_data_helper.set_external_data(tensor, "w.bin", 6, len(tensor.raw_data))
        tensor.ClearField("raw_data")
    path.write_bytes(with_tensor(tensor).SerializeToString())
    expected: list[Any] = [f"{value}+0j" for value in numbers] if dtype.startswith("COMPLEX") else list(numbers)
    found = view(path)
    assert found["values"] == expected and found["zeros"] == numbers.count(0)
    if not dtype.startswith("COMPLEX"):
        assert (found["maximum"], found["mean"]) == (max(numbers), pytest.approx(np.mean(numbers)))
        assert sum(found["histogram"]) == 11
    assert view(path, Piece(3, 5), whole=False)["values"] == expected[3:8]
    rows = view(path, Piece(1, 2, 3, 3), whole=False)["values"]
    assert rows == [expected[at] for at in (1, 2, 4, 5, 7, 8)]


def test_packed_elements_are_found_wherever_a_piece_begins() -> None:
    array = np.arange(16, dtype=np.int8) % 8
    tensor = helper.make_tensor("w", TensorProto.UINT4, [16], array)
    packed = TensorProto(data_type=TensorProto.UINT4, dims=[16], raw_data=bytes(tensor.int32_data))
    assert view(with_tensor(packed), Piece(3, 4))["values"] == [3, 4, 5, 6]


def test_complex_numbers_and_text_are_shown_without_statistics() -> None:
    found = of_array(np.array([1 + 2j, 0], np.complex64))
    assert found["values"] == ["1+2j", "0+0j"] and found["minimum"] is None
    found = of_array(np.array(["ä", "<b>"], dtype=object))
    assert found["values"] == ["ä", "<b>"] and found["minimum"] is None and found["histogram"] == []


def test_a_sparse_tensor_is_the_dense_one_it_stands_for() -> None:
    values = helper.make_tensor("v", TensorProto.FLOAT, [2], [3.0, -1.0])
    indices = helper.make_tensor("i", TensorProto.INT64, [2, 2], [1, 2, 0, 1])
    found = view(with_tensor(helper.make_sparse_tensor(values, indices, [2, 3])))
    assert found["values"] == [0.0, -1.0, 0.0, 0.0, 0.0, 3.0]
    assert (found["zeros"], found["minimum"], found["maximum"], sum(found["histogram"])) == (4, -1.0, 3.0, 6)
    assert found["mean"] == pytest.approx(2 / 6)


def test_a_sparse_tensor_of_any_size_costs_only_what_it_lists() -> None:
    values = helper.make_tensor("v", TensorProto.FLOAT, [1], [3.0])
    indices = helper.make_tensor("i", TensorProto.INT64, [1], [10**12])
    found = view(with_tensor(helper.make_sparse_tensor(values, indices, [10**13])), Piece(10**12 - 1, 3))
    assert found["values"] == [0.0, 3.0, 0.0] and found["zeros"] == 10**13 - 1


def test_rows_of_a_matrix_can_be_cut_out() -> None:
    tensor = with_tensor(numpy_helper.from_array(np.arange(60, dtype=np.int32).reshape(3, 4, 5)))
    found = view(tensor, Piece(start=20 + 1, count=2, rows=3, stride=5), whole=False)
    assert found["values"] == [21, 22, 26, 27, 31, 32] and "mean" not in found


@pytest.mark.parametrize(
    ("piece", "field"),
    [
        (Piece(start=5), "start"),
        (Piece(count=0), "count"),
        (Piece(count=10_001), "count"),
        (Piece(count=200, rows=51), "rows"),
        (Piece(rows=0), "rows"),
        (Piece(rows=2, stride=100), "stride"),
    ],
)
def test_a_piece_that_is_not_there_is_refused_with_its_field(piece: Piece, field: str) -> None:
    with pytest.raises(AppError) as refused:
        view(with_tensor(numpy_helper.from_array(np.zeros(5, np.float32))), piece)
    assert refused.value.status == 422 and list(refused.value.fields or ()) == [field]


def test_an_empty_tensor_has_no_values() -> None:
    found = of_array(np.zeros((0, 3), np.float32))
    assert (found["elements"], found["values"], found["minimum"]) == (0, [], None)


@pytest.mark.parametrize("external", [True, False])
def test_large_data_is_read_in_pieces_from_where_it_lies(
    external: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    array = np.random.default_rng(2).normal(size=(64, 100)).astype(np.float32)
    path = tmp_path / "m.onnx"
    options: dict[str, Any] = {"location": "m.bin", "size_threshold": 0} if external else {}
    onnx.save(with_tensor(numpy_helper.from_array(array)), path, save_as_external_data=external, **options)
    monkeypatch.setattr(tensor_reading, "CHUNK", 1000)
    found = view(path, Piece(123, 4))
    assert found["location"] == ("m.bin" if external else None)
    assert found["values"] == [float(str(v)) for v in array.reshape(-1)[123:127]]
    assert found["mean"] == pytest.approx(array.mean(dtype=np.float64))
    assert found["std"] == pytest.approx(array.std(dtype=np.float64))
    assert sum(found["histogram"]) == 6400


def test_a_tensor_without_its_data_is_one_line() -> None:
    tensor = TensorProto(data_type=TensorProto.FLOAT, dims=[100], raw_data=b"1234")
    with pytest.raises(AppError) as refused:
        view(with_tensor(tensor))
    assert refused.value.code == "bad-tensor"


def test_a_missing_data_file_is_named(tmp_path: Path) -> None:
    onnx.save(
        with_tensor(numpy_helper.from_array(np.zeros(8, np.float32))),
        tmp_path / "m.onnx",
        save_as_external_data=True,
        location="m.bin",
        size_threshold=0,
    )
    (tmp_path / "m.bin").unlink()
    with pytest.raises(AppError) as refused:
        view(tmp_path / "m.onnx")
    assert refused.value.code == "external-data" and "m.bin" in refused.value.message


def test_the_tensor_of_a_constant_is_found_by_its_attribute() -> None:
    document = open_model(
        model_file("g (float[2] x) => (float[2] y) { c = Constant <value = float[2] {1, 2}> ()\n y = Add(x, c) }")
    )
    found = tensor_view(document, tensor_of(document, "node:c", "value"), Piece(), False, lambda *_: None)
    assert found["values"] == [1.0, 2.0]
    with pytest.raises(AppError) as refused:
        tensor_of(document, "node:c", "other")
    assert refused.value.status == 404


def test_a_value_without_a_tensor_is_refused() -> None:
    document = open_model(model_file(MODEL))
    with pytest.raises(AppError) as refused:
        initializer_of(document, "value:x")
    assert (refused.value.code, refused.value.status) == ("no-such-tensor", 404)


def test_the_tensor_of_a_constant_is_found_by_what_it_makes() -> None:
    text = "g (float[2] x) => (float[2] y) { c = Constant <value_floats = [5.0, 7.0]> ()\n y = Add(x, c) }"
    document = open_model(model_file(onnx.parser.parse_model(HEADER + text)))
    found = tensor_view(document, initializer_of(document, "value:c"), Piece(), True, lambda *_: None)
    assert (found["shape"], found["values"]) == ([2], [5.0, 7.0])
