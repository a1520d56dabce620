"""Sessions are opened from paths, uploads and samples, listed, found again after a restart, and closed."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from tests.web.live import LiveServer, write_external_model, write_model


def test_a_model_is_opened_by_its_path(server: LiveServer) -> None:
    answer = server.post("/api/sessions", {"path": "small.onnx"})
    assert answer.status == 201
    opened = answer.json()
    summary = server.get(f"/api/sessions/{opened['session']}").json()
    assert (summary["name"], summary["path"]) == ("small.onnx", "small.onnx")
    assert (summary["revision"], summary["unsaved"], summary["nodes"]) == (0, False, 2)
    listed = server.get("/api/sessions").json()["sessions"]
    assert opened["session"] in [line["session"] for line in listed]
    assert server.ask("DELETE", f"/api/sessions/{opened['session']}").status == 200
    assert server.get(f"/api/sessions/{opened['session']}").status == 404
    recent = server.get("/api/recent").json()["recent"]
    assert recent[0]["path"] == "small.onnx" and recent[0]["bytes"] > 0


def test_a_path_outside_the_roots_is_refused(server: LiveServer, tmp_path: Path) -> None:
    outside = write_model(tmp_path / "outside.onnx")
    answer = server.post("/api/sessions", {"path": str(outside)})
    assert (answer.status, answer.error["code"]) == (403, "outside-roots")
    assert str(tmp_path) not in answer.body.decode()


def test_a_file_that_is_no_model_is_refused_in_one_line(server: LiveServer) -> None:
    answer = server.upload(("page.onnx", b"<!doctype html><title>404</title>"))
    assert answer.status == 400
    assert answer.error["message"]


def test_a_sample_is_opened_by_its_name(server: LiveServer) -> None:
    samples = server.get("/api/samples").json()["samples"]
    assert all({"name", "file", "title", "shows", "nodes", "bytes"} <= set(sample) for sample in samples)
    session = server.open({"sample": samples[0]["name"]})
    assert server.get(f"/api/sessions/{session}").json()["path"] == ""
    server.ask("DELETE", f"/api/sessions/{session}")


def test_an_upload_is_opened_with_its_data_files(server: LiveServer, tmp_path: Path) -> None:
    model, data = write_external_model(tmp_path)
    answer = server.upload((data.name, data.read_bytes()), (model.name, model.read_bytes()))
    assert answer.status == 201
    session = answer.json()["session"]
    assert answer.json()["name"] == "external.onnx"
    values = {value["name"]: value for value in server.snapshot(session)["values"]}
    assert values["w"]["kind"] == "initializer"
    server.ask("DELETE", f"/api/sessions/{session}")
    assert not (server.data_dir / "uploads" / session).exists()


@pytest.mark.parametrize(
    "name", ["../evil.onnx", "/etc/evil.onnx", "a/../../evil.onnx", "", "x" * 300, "..", "a\tb.onnx"]
)
def test_an_uploads_name_cannot_lead_out_of_its_folder(server: LiveServer, name: str, tmp_path: Path) -> None:
    before = sorted(server.data_dir.parent.rglob("*evil*"))
    content = write_model(tmp_path / "m.onnx").read_bytes()
    answer = server.upload((name, content))
    assert answer.status == 400, answer.body
    assert sorted(server.data_dir.parent.rglob("*evil*")) == before


def test_an_upload_without_a_file_or_with_one_name_twice_is_refused(server: LiveServer, tmp_path: Path) -> None:
    content = write_model(tmp_path / "m.onnx").read_bytes()
    assert server.upload().error["code"] in ("no-file", "bad-form")
    assert server.upload(("a.onnx", content), ("a.onnx", content)).error["code"] == "bad-form"
    broken = server.post("/api/sessions", b"nonsense", {"Content-Type": "multipart/form-data; boundary=x"})
    assert broken.status == 400
    assert server.post("/api/sessions", b"x", {"Content-Type": "multipart/form-data"}).status == 400


def test_a_session_is_found_again_after_a_restart(tmp_path: Path) -> None:
    root, data = tmp_path / "root", tmp_path / "data"
    root.mkdir()
    write_model(root / "small.onnx")
    with LiveServer(data, [root]) as first:
        session = first.open({"path": "small.onnx"})
        edit = {"kind": "rename-value", "value": "value:h", "name": "hidden"}
        assert first.post(f"/api/sessions/{session}/edits", edit).status == 200
        first.process.kill()
    with LiveServer(data, [root]) as second:
        assert second.get("/api/sessions").json()["sessions"] == []
        assert second.get(f"/s/{session}", Accept="text/html").status in (200, 503)  # 503: nothing is built
        names = [value["name"] for value in second.snapshot(session)["values"]]
        assert "hidden" in names
        assert second.get(f"/api/sessions/{session}").json()["revision"] == 1
    (tmp_path / "elsewhere").mkdir()
    with LiveServer(data, [tmp_path / "elsewhere"]) as third:
        assert third.get(f"/api/sessions/{session}").status == 403


def test_the_printed_address_leads_to_the_model_that_was_given(tmp_path: Path) -> None:
    model = write_model(tmp_path / "small.onnx")
    with LiveServer(tmp_path / "data", [tmp_path], model=model) as live:
        assert live.line == f"http://127.0.0.1:{live.port}/?token={live.token}\n"
        cookie = live.cookie()
        answer = live.ask("GET", "/", headers={"Cookie": cookie}, signed=False)
        (session,) = live.get("/api/sessions").json()["sessions"]
        assert (answer.status, answer.headers["Location"]) == (303, f"/s/{session['session']}")
        assert "Max-Age=0" in answer.headers["Set-Cookie"]


def test_uploads_that_nobody_will_ask_for_are_swept_and_edits_are_kept(tmp_path: Path) -> None:
    data, long_ago = tmp_path / "data", 1_000_000_000
    with LiveServer(data, [tmp_path]) as first:
        content = write_model(tmp_path / "small.onnx").read_bytes()
        unedited, edited = (first.upload(("up.onnx", content)).json()["session"] for _ in range(2))
        edit = {"kind": "rename-value", "value": "value:h", "name": "hidden"}
        assert first.post(f"/api/sessions/{edited}/edits", edit).status == 200
    cut_off = data / "uploads" / ("0" * 24)
    cut_off.mkdir()
    for path in (cut_off, *(data / "opened").iterdir()):
        os.utime(path, (long_ago, long_ago))
    with LiveServer(data, [tmp_path]) as second:
        assert [path.name for path in (data / "uploads").iterdir()] == [edited]
        assert second.get(f"/api/sessions/{unedited}").status == 404
        assert second.get(f"/api/sessions/{edited}").json()["revision"] == 1


def test_a_session_survives_the_death_of_its_process(server: LiveServer, session: str) -> None:
    edit = {"kind": "rename-value", "value": "value:h", "name": "hidden"}
    assert server.post(f"/api/sessions/{session}/edits", edit).json()["revision"] == 1
    (zygote,) = psutil.Process(server.process.pid).children()
    for child in zygote.children():
        child.kill()
    again = server.post(f"/api/sessions/{session}/edits", edit | {"name": "again"})
    assert again.status == 200, again.body
    assert again.json()["revision"] == 2
    assert "again" in [value["name"] for value in server.snapshot(session)["values"]]
