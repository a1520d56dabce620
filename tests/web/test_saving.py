"""Saving and downloading over HTTP: weights where they are wanted, a question where one file cannot hold them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto

from tests.web.live import LiveServer


def locations(path: Path) -> set[int]:
    return {tensor.data_location for tensor in onnx.load(str(path), load_external_data=False).graph.initializer}


def test_a_model_is_saved_with_its_weights_in_a_data_file(server: LiveServer) -> None:
    session = server.open({"path": "small.onnx"})
    wanted = {"path": "outside.onnx", "weights": "one-file", "threshold": 0}
    assert server.post(f"/api/sessions/{session}/save", wanted).status == 200
    assert locations(server.root / "outside.onnx") == {TensorProto.EXTERNAL}
    assert len(list(server.root.glob("scalpel-*.data"))) == 1
    onnx.checker.check_model(str(server.root / "outside.onnx"))
    server.ask("DELETE", f"/api/sessions/{session}")


@pytest.mark.parametrize("wrong", [{"weights": "elsewhere"}, {"weights": ["inline"]}, {"threshold": -1}])
def test_what_is_no_way_to_save_is_refused_by_field(server: LiveServer, wrong: dict[str, object]) -> None:
    session = server.open({"path": "small.onnx"})
    for route in ("save", "model"):
        answer = server.post(f"/api/sessions/{session}/{route}", {"path": "never.onnx", **wrong})
        assert (answer.status, answer.error["code"]) == (422, "wrong-parameters")
        assert set(answer.error["fields"]) == set(wrong)
    assert not (server.root / "never.onnx").exists()
    server.ask("DELETE", f"/api/sessions/{session}")


def test_a_download_is_prepared_and_then_had_once(server: LiveServer) -> None:
    session = server.open({"path": "small.onnx"})
    told = server.post(f"/api/sessions/{session}/model", {"weights": "per-tensor", "threshold": 0}).json()
    assert told["name"] == "small.zip" and told["bytes"] > 48
    found = server.get(told["download"])
    assert found.status == 200
    names = zipfile.ZipFile(io.BytesIO(found.body)).namelist()
    assert names[0] == "small.onnx" and names[1].startswith("scalpel-tensors/w-")
    assert server.get(told["download"]).status == 404
    assert server.get("/api/downloads/..").status == 404
    server.ask("DELETE", f"/api/sessions/{session}")


def test_a_download_by_its_address_takes_the_same_wishes(server: LiveServer) -> None:
    session = server.open({"path": "small.onnx"})
    zipped = server.get(f"/api/sessions/{session}/model?weights=one-file&threshold=0")
    assert len(zipfile.ZipFile(io.BytesIO(zipped.body)).namelist()) == 2
    assert server.get(f"/api/sessions/{session}/model?weights=inline").body[:1] == b"\x08"
    assert server.get(f"/api/sessions/{session}/model?weights=inline&threshold=x").status == 422
    server.ask("DELETE", f"/api/sessions/{session}")
