"""Which data files a model needs, how much of each, and how their lack is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from onnx_scalpel.document.data_files import (
    DataFile,
    data_files_of,
    data_missing,
    missing_files,
    require_data,
    where_most_is,
)
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import weightless
from onnx_scalpel.errors import AppError
from tests.document.models import split_model


def test_each_file_is_told_with_its_tensors_and_how_long_it_must_be(tmp_path: Path) -> None:
    path = split_model(tmp_path)
    document = open_model(path)
    files = data_files_of(document.file.outside, document.file.find)
    assert files == (DataFile("w.bin", 2, 80, 80, 80), DataFile("deep/b.bin", 1, 16, 16, 16))
    assert missing_files(weightless(document)) == ()


def test_a_file_that_is_not_there_or_too_short_is_missing(tmp_path: Path) -> None:
    path = split_model(tmp_path)
    (tmp_path / "w.bin").write_bytes(bytes(79))
    (tmp_path / "deep" / "b.bin").unlink()
    found = missing_files(weightless(open_model(path)))
    assert [(file.location, file.size) for file in found] == [("w.bin", 79), ("deep/b.bin", None)]


def test_a_file_that_is_elsewhere_is_found_there(tmp_path: Path) -> None:
    path = split_model(tmp_path)
    (tmp_path / "w.bin").rename(tmp_path / "elsewhere")
    document = open_model(path)
    document.file.supplied["w.bin"] = tmp_path / "elsewhere"
    assert missing_files(weightless(document)) == ()
    initializer = document.file.proto.graph.initializer[0]
    assert document.file.tensor_data(initializer) == np.arange(16, dtype=np.float32).tobytes()


@pytest.mark.parametrize("location", ["/etc/passwd", "../w.bin", "C:\\w.bin", "a\\w.bin", ""])
def test_a_path_that_may_not_be_followed_is_no_missing_file(tmp_path: Path, location: str) -> None:
    path = split_model(tmp_path)
    model = onnx.load(str(path), load_external_data=False)
    for tensor in model.graph.initializer:
        tensor.external_data[0].value = location
    onnx.save(model, str(path))
    assert missing_files(weightless(open_model(path))) == ()


def test_the_line_names_the_first_files_and_counts_the_others() -> None:
    files = [DataFile(f"{n}.bin", 1, 4, 4, None) for n in range(5)]
    assert (
        data_missing(files, "it cannot be run").message
        == "it cannot be run: 5 data files are missing: 0.bin, 1.bin, 2.bin and 2 more"
    )
    assert data_missing(files[:1], "so").message == "so: its data file 0.bin is missing"
    short = DataFile("w.bin", 1, 80, 80, 79)
    assert data_missing([short], "so").message == "so: its data file w.bin is too short (79 of 80 bytes)"


def test_nothing_is_said_when_all_are_there(tmp_path: Path) -> None:
    model = weightless(open_model(split_model(tmp_path)))
    require_data(model)
    (tmp_path / "w.bin").unlink()
    with pytest.raises(AppError, match="is missing") as refused:
        require_data(model)
    assert refused.value.code == "data-missing"


def test_the_folder_that_holds_most_of_the_data_is_the_one_that_a_runtime_maps(tmp_path: Path) -> None:
    path, apart = split_model(tmp_path / "model"), tmp_path / "apart"
    apart.mkdir()
    (path.parent / "w.bin").rename(apart / "w.bin")
    document = open_model(path)
    document.file.supplied["w.bin"] = apart / "w.bin"
    model = where_most_is(weightless(document))
    assert (model.folder, dict(model.supplied)) == (apart, {"deep/b.bin": path.parent / "deep" / "b.bin"})
    assert missing_files(model) == ()
    (apart / "w.bin").rename(path.parent / "w.bin")
    (apart / "deep").mkdir()
    (path.parent / "deep" / "b.bin").rename(apart / "deep" / "b.bin")
    document.file.supplied = {"deep/b.bin": apart / "deep" / "b.bin"}
    assert where_most_is(weightless(document)).folder == path.parent
