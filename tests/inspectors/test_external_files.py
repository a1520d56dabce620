"""Data files are listed with what is in them, and never looked for outside of the model's folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from onnx_scalpel.inspectors.external_files import ExternalFileInspector
from tests.inspectors.models import facts_of
from tests.laws import HEADER


def external(folder: Path, location: str) -> Path:
    """A model whose only tensor lies in `location`."""
    model = onnx.parser.parse_model(HEADER + "g (float[8] x) => (float[8] y) { y = Add(x, w) }")
    tensor = numpy_helper.from_array(np.zeros(8, np.float32), "w")
    onnx.external_data_helper.set_external_data(tensor, location, offset=0, length=32)
    tensor.ClearField("raw_data")
    model.graph.initializer.append(tensor)
    (folder / "m.onnx").write_bytes(model.SerializeToString())
    return folder / "m.onnx"


def test_a_data_file_comes_with_its_tensors_and_size(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(bytes(40))
    facts = facts_of(ExternalFileInspector(), external(tmp_path, "w.bin"))
    assert (facts["count"], facts["tensors"], facts["bytes"]) == (1, 1, 32)
    assert facts["files"][0]["file_bytes"] == 40 and facts["files"][0]["subjects"] == ["value:w"]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    only = facts_of(ExternalFileInspector(), external(tmp_path, "w.bin"))["files"][0]
    assert only["file_bytes"] is None and only["problem"] == "the file is missing"


@pytest.mark.parametrize("location", ["../secret.bin", "/etc/hostname", "C:\\w.bin"])
def test_a_path_that_leaves_the_folder_is_not_looked_at(location: str, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(40))
    only = facts_of(ExternalFileInspector(), external(tmp_path / "model", location))["files"][0]
    assert only["file_bytes"] is None and "leaves the model's folder" in only["problem"]
