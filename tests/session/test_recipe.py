"""Recipes of edits that carry tensors."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.errors import AppError
from onnx_scalpel.session import recipe
from onnx_scalpel.session.recipe import build_recipe, read_recipe, replay
from tests.laws import document_of
from tests.session.conftest import Sessions, write_text_model

CONSTANT = '<ir_version: 8, opset_import: ["" : 17]> g (float[4] x) => (float[4] y) { c = Constant<value = float[4] {1, 2, 3, 4}>() y = Add(x, c) }'
LARGE = np.arange(65536, dtype=np.float32).reshape(16384, 4)
EDIT = {
    "kind": "set-attribute",
    "node": "node:c",
    "attribute": "value",
    "value": {"dtype": "float32", "shape": list(LARGE.shape), "base64": base64.b64encode(LARGE.tobytes()).decode()},
}


def test_a_recipe_holds_large_tensors_and_gives_the_same_model(sessions: Sessions, tmp_path: Path) -> None:
    client, _ = sessions.open(write_text_model(CONSTANT, tmp_path / "constant.onnx"))
    client.edit(EDIT, "ada")
    assert len(list((sessions.folder() / "tensors").iterdir())) == 1
    written = tmp_path / "written.onnx"
    client.write_model(written)
    document = document_of(tmp_path / "constant.onnx")
    replay(document, read_recipe(json.loads(json.dumps(client.recipe()))))
    assert model_bytes(document) == written.read_bytes()
    value = onnx.load(str(written)).graph.node[0].attribute[0].t
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(value), LARGE)


def test_a_recipe_that_would_be_too_large_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recipe, "LARGEST_RECIPE", 1000)
    with pytest.raises(AppError, match="tensors") as refused:
        build_recipe("constant", "", [EDIT])
    assert (refused.value.code, refused.value.status) == ("recipe-too-large", 413)
    assert "save the model" in refused.value.hint
