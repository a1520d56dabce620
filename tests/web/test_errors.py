"""Every failure answers in one shape, says nothing of the server's inside, and has the right status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.web.live import LiveServer, write_model

OPEN = "/api/sessions"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/nothing", None, 404, "not-found"),
        ("GET", "/nothing", None, 404, "not-found"),
        ("PUT", OPEN, {}, 405, "method-not-allowed"),
        ("POST", OPEN, b"{", 400, "bad-json"),
        ("POST", OPEN, b"[" * 100_000, 400, "bad-json"),
        ("POST", OPEN, b"\xff\xfe", 400, "bad-json"),
        ("POST", OPEN, b"", 400, "bad-json"),
        ("POST", OPEN, [], 422, "bad-json"),
        ("POST", OPEN, {}, 422, "wrong-parameters"),
        ("POST", OPEN, {"path": 3}, 422, "wrong-parameters"),
        ("POST", OPEN, {"path": "small.onnx", "sample": "mlp"}, 422, "wrong-parameters"),
        ("POST", OPEN, {"path": ""}, 400, "bad-path"),
        ("POST", OPEN, {"path": "a\0b"}, 400, "bad-path"),
        ("POST", OPEN, {"path": "x" * 5000}, 400, "bad-path"),
        ("POST", OPEN, {"path": "x" * 300}, 400, "bad-path"),
        ("POST", OPEN, {"path": "x" * 200}, 404, "no-such-file"),
        ("POST", OPEN, b'{"path": "\\ud800"}', 422, "bad-json"),
        ("POST", OPEN, b'{"number": 1e400, "big": 123456789012345678901234567890}', 422, "bad-json"),
        ("POST", OPEN, {"sample": "nothing"}, 404, "no-such-sample"),
        ("GET", f"{OPEN}/0123456789abcdef01234567", None, 404, "no-such-session"),
        ("GET", f"{OPEN}/..%2F..%2Fetc", None, 404, "not-found"),
        ("GET", f"{OPEN}/%00/snapshot", None, 404, "no-such-session"),
        ("DELETE", f"{OPEN}/nothing", None, 404, "no-such-session"),
        ("POST", f"{OPEN}/nothing/edits", {"kind": "x"}, 404, "no-such-session"),
        ("POST", f"{OPEN}/nothing/undo", None, 404, "no-such-session"),
        ("POST", f"{OPEN}/nothing/redo", None, 404, "no-such-session"),
        ("POST", f"{OPEN}/nothing/run", {}, 404, "no-such-session"),
        ("POST", f"{OPEN}/nothing/save", {}, 404, "no-such-session"),
        ("GET", f"{OPEN}/nothing/model", None, 404, "no-such-session"),
        ("GET", f"{OPEN}/nothing/script", None, 404, "not-found"),
        ("GET", "/s/nothing", None, 404, "no-such-session"),
        ("GET", "/api/jobs/nothing", None, 404, "no-such-job"),
        ("DELETE", "/api/jobs/nothing", None, 404, "no-such-job"),
        ("GET", "/api/files?path=nothing", None, 404, "no-such-folder"),
    ],
)
def test_failures_have_one_shape(server: LiveServer, method: str, path: str, body: Any, status: int, code: str) -> None:
    answer = server.ask(method, path, body)
    assert (answer.status, answer.error["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/json"
    text = answer.body.decode()
    assert "Traceback" not in text and str(server.data_dir.parent) not in text


def test_a_page_that_is_not_there_is_a_page(server: LiveServer) -> None:
    answer = server.get("/s/nothing", Accept="text/html")
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"There is no such session" in answer.body


def test_a_wrong_method_names_the_right_ones(server: LiveServer) -> None:
    assert set(server.ask("PUT", OPEN).headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_names_from_outside_are_text_in_pages(server: LiveServer) -> None:
    answer = server.get("/s/%3Cscript%3Ealert(1)%3C%2Fscript%3E", Accept="text/html")
    assert b"<script>" not in answer.body


def test_a_fault_of_the_server_says_nothing_of_its_inside(tmp_path: Path) -> None:
    write_model(tmp_path / "small.onnx")
    with LiveServer(tmp_path / "data", [tmp_path]) as live:
        session = live.open({"path": "small.onnx"})
        (live.data_dir / f"scratch-{live.process.pid}").write_text("a file where a folder should be")
        answer = live.get(f"{OPEN}/{session}/model")
        assert (answer.status, answer.json()["error"]["code"]) == (500, "internal-error")
        assert b"scratch" not in answer.body
        assert f"scratch-{live.process.pid}" in (live.data_dir / "server.log").read_text()
