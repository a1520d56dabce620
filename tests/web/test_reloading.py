"""A changed file is opened anew with the edits made again; recipes are applied edit by edit; the original can be read."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest

from tests.web.live import SMALL_MODEL, LiveServer, write_external_model, write_model

RENAME = {"kind": "rename-value", "value": "value:h", "name": "hidden"}


@pytest.fixture
def own(server: LiveServer) -> Iterator[tuple[str, Path]]:
    """A session on a file of its own."""
    path = write_model(server.root / "own.onnx")
    session = server.open({"path": "own.onnx"})
    yield session, path
    for line in server.get("/api/sessions").json()["sessions"]:
        if line["path"] in ("own.onnx", ""):
            server.ask("DELETE", f"/api/sessions/{line['session']}")
    path.unlink(missing_ok=True)


def test_a_reload_makes_the_edits_again_and_tells_which_do_not_fit(server: LiveServer, own: tuple[str, Path]) -> None:
    session, path = own
    edits = f"/api/sessions/{session}/edits"
    assert server.post(edits, RENAME).status == 200
    assert server.post(edits, {"kind": "rename-value", "value": "value:x", "name": "input"}).status == 200
    write_model(path, SMALL_MODEL.replace("float[N, 4] x)", "float[N, 4] z)").replace("MatMul(x, w)", "MatMul(z, w)"))
    answer = server.post(f"/api/sessions/{session}/reload", {"replay": True})
    assert answer.status == 200, answer.body
    told = answer.json()
    assert told["session"] != session and told["applied"] == 1
    (failed,) = told["failed"]
    assert (failed["index"], failed["title"]) == (1, "Renamed x to input") and failed["message"]
    names = {value["name"] for value in server.snapshot(told["session"])["values"]}
    assert {"z", "hidden"} <= names
    assert {"input", "hidden"} <= {value["name"] for value in server.snapshot(session)["values"]}  # a way back


def test_a_reload_without_replay_is_the_file_as_it_is(server: LiveServer, own: tuple[str, Path]) -> None:
    session, path = own
    server.post(f"/api/sessions/{session}/edits", RENAME)
    write_model(path, SMALL_MODEL.replace("Relu", "Tanh"))
    told = server.post(f"/api/sessions/{session}/reload", {"replay": False}).json()
    assert (told["applied"], told["failed"]) == (0, [])
    assert [node["op_type"] for node in server.snapshot(told["session"])["nodes"]] == ["MatMul", "Tanh"]


def test_a_reload_of_what_is_no_model_any_more_leaves_the_session_alone(
    server: LiveServer, own: tuple[str, Path]
) -> None:
    session, path = own
    path.write_bytes(b"<html>gone</html>")
    answer = server.post(f"/api/sessions/{session}/reload", {})
    assert answer.error["code"] == "html-page"
    assert server.post(f"/api/sessions/{session}/edits", RENAME).status == 200
    path.unlink()
    assert server.post(f"/api/sessions/{session}/reload", {}).status == 404


def test_an_upload_has_no_file_to_reload(server: LiveServer) -> None:
    session = server.upload(("up.onnx", (server.root / "small.onnx").read_bytes())).json()["session"]
    assert server.post(f"/api/sessions/{session}/reload", {}).error["code"] == "no-file"
    assert server.get(f"/api/sessions/{session}").json()["changed_on_disk"] is False
    server.ask("DELETE", f"/api/sessions/{session}")


def test_saving_over_a_changed_file_offers_choices(server: LiveServer, own: tuple[str, Path]) -> None:
    session, path = own
    server.post(f"/api/sessions/{session}/edits", RENAME)
    write_model(path, SMALL_MODEL.replace("Relu", "Tanh"))
    save = f"/api/sessions/{session}/save"
    refused = server.post(save, {"overwrite": True})
    assert (refused.status, refused.error["code"], len(refused.error["choices"])) == (409, "changed-on-disk", 3)
    assert onnx.load(path).graph.node[1].op_type == "Tanh"
    assert server.post(save, {"overwrite": True, "anyway": "yes"}).status == 422
    assert server.post(save, {"overwrite": True, "anyway": True}).status == 200
    assert onnx.load(path).graph.node[1].op_type == "Relu"


def test_a_recipe_is_applied_edit_by_edit(server: LiveServer, session: str) -> None:
    recipe = {"format": 1, "edits": [RENAME, {"kind": "no-such-edit"}, RENAME | {"name": "again"}]}
    told = server.post(f"/api/sessions/{session}/recipe", recipe).json()
    assert (told["applied"], [one["index"] for one in told["failed"]]) == (2, [1])
    assert "again" in {value["name"] for value in server.snapshot(session)["values"]}
    assert server.post(f"/api/sessions/{session}/recipe", {"edits": "all"}).status == 422
    assert server.post(f"/api/sessions/{session}/recipe", {"format": 9, "edits": []}).status == 422


def test_the_original_is_told_as_columns(server: LiveServer, session: str) -> None:
    server.post(f"/api/sessions/{session}/edits", RENAME)
    answer = server.get(f"/api/sessions/{session}/original")
    assert answer.status == 200 and answer.body[:4] == b"SCLP"
    assert b"hidden" not in answer.body


def test_an_edited_upload_with_data_files_downloads_with_every_untouched_member_as_it_was(
    server: LiveServer, tmp_path: Path
) -> None:
    model, data = write_external_model(tmp_path)
    session = server.upload((data.name, data.read_bytes()), (model.name, model.read_bytes())).json()["session"]
    download = f"/api/sessions/{session}/model"
    with zipfile.ZipFile(io.BytesIO(server.get(download).body)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            path.name: path.read_bytes() for path in (model, data)
        }
    server.post(f"/api/sessions/{session}/edits", RENAME)
    with zipfile.ZipFile(io.BytesIO(server.get(download).body)) as archive:
        assert archive.read(data.name) == data.read_bytes()
        assert onnx.load_from_string(archive.read(model.name)).graph.node[0].output[0] == "hidden"
    server.ask("DELETE", f"/api/sessions/{session}")


def test_a_link_that_took_the_place_of_the_file_leads_nowhere(
    server: LiveServer, own: tuple[str, Path], tmp_path: Path
) -> None:
    session, path = own
    elsewhere = write_model(tmp_path / "elsewhere.onnx")
    there = elsewhere.read_bytes()
    server.post(f"/api/sessions/{session}/edits", RENAME)
    path.unlink()
    path.symlink_to(elsewhere)
    consent = {"overwrite": True, "anyway": True}
    for answer in (
        server.post(f"/api/sessions/{session}/reload", {"replay": True}),
        server.post(f"/api/sessions/{session}/save", consent),
    ):
        assert (answer.status, answer.error["code"]) == (403, "outside-roots")
    assert elsewhere.read_bytes() == there


def test_only_regular_files_are_saved_over_and_new_names_can_be_read(server: LiveServer, own: tuple[str, Path]) -> None:
    session, path = own
    pipe = path.with_name("pipe.onnx")
    os.mkfifo(pipe)
    for name in ("pipe.onnx", "two\nlines.onnx"):
        answer = server.post(f"/api/sessions/{session}/save", {"path": name, "overwrite": True})
        assert (answer.status, answer.error["code"]) == (400, "bad-path")
    assert pipe.is_fifo()
    pipe.unlink()
