"""Tests of opening a model, beyond what comes back when it is saved."""

from __future__ import annotations

from pathlib import Path

from onnx_scalpel.document.load import open_model
from tests.shared_models import REPOSITORY


def test_a_model_behind_a_symbolic_link_is_opened_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "model.onnx"
    target.write_bytes((REPOSITORY / "sample_models" / "mlp.onnx").read_bytes())
    link = tmp_path / "link.onnx"
    link.symlink_to(target)
    assert open_model(link).path == target.resolve()
