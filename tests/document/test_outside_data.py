"""Models whose weights lie where nothing may be read: they open, and saving says so instead of copying."""

from __future__ import annotations

import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.errors import AppError
from tests.shared_models import shared_models

REFUSED = ("ext_absolute", "ext_device", "ext_nul_in_path", "ext_traversal", "ext_windows_path")


@pytest.mark.parametrize("name", REFUSED)
def test_a_model_whose_data_is_outside_its_folder_opens_but_its_data_is_not_copied(name: str) -> None:
    document = open_model(shared_models() / "bad" / f"{name}.onnx")
    with pytest.raises(AppError, match="data file") as caught:
        model_bytes(document)
    assert caught.value.code == "external-data"
