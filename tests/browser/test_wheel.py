"""The thin line through an installed wheel, on a machine without Node and without this repository."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import pytest

from tests.browser.editor import Editor
from tests.real_server import running_server
from tests.shared_models import REPOSITORY

pytestmark = pytest.mark.wheel


def test_an_installed_wheel_opens_edits_and_saves_a_model(
    editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "SCALPEL_COMMAND" in os.environ, "set SCALPEL_COMMAND to the onnx-scalpel of the environment to test"
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    source = REPOSITORY / "sample_models" / "residual_block.onnx"
    with running_server([source.parent]) as server:
        editor.open_from_start_page(server.url, source)
        editor.rename_value("image", "picture")
        editor.insert_on_wire("layer1/block0/conv2_out", "Relu")
        editor.delete_with_reconnect("layer1/block0/bn")
        assert "features" in editor.run({}).inner_text()
        edited = onnx.load(editor.download(tmp_path))
        onnx.checker.check_model(edited, full_check=True)
        assert edited.graph.input[0].name == "picture"
        assert [node.op_type for node in edited.graph.node].count("Relu") == 4
        editor.undo(3)
        assert editor.download(tmp_path).read_bytes() == source.read_bytes()
