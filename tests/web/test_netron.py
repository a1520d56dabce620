"""The embedded Netron: who gets it, what it may do, which files it is given."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import onnx
import pytest

from tests.web.live import LiveServer, write_model

NCNN = b"7767517\n2 2\nInput data 0 1 data\nReLU relu 1 1 data out\n"
DOT = b"digraph G { a -> b }\n"


def raw_status(server: LiveServer, path: str) -> int:
    """The status of a path that is sent as it is: clients tidy dots away."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        line.sendall(f"{head}Authorization: Bearer {server.token}\r\nConnection: close\r\n\r\n".encode())
        return int(line.recv(100).split()[1])


def view(server: LiveServer, **what: object) -> dict[str, str]:
    answer = server.post("/api/sessions", {"view": True, **what})
    assert answer.status == 201, answer.body
    told: dict[str, str] = answer.json()
    return told


def test_its_page_asks_nobody_else(server: LiveServer) -> None:
    answer = server.get("/netron/")
    assert answer.status == 200
    page = answer.body.decode()
    assert re.findall(r'<meta name="version" content="([^"]*)">', page) == ["0.0.0"]
    assert '<meta name="date"' not in page
    policy = answer.headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'self'"):
        assert rule in policy
    assert "http" not in policy
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("consent=1;") and "Path=/netron/" in cookie


@pytest.mark.parametrize("name", ["index.js", "view.js", "onnx.js", "onnx-metadata.json", "grapher.css", "icon.png"])
def test_its_files_come_from_the_installed_package(server: LiveServer, name: str) -> None:
    answer = server.get(f"/netron/{name}")
    assert answer.status == 200 and answer.body
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/netron/../flask/app.py",
        "/netron/..%2fflask%2fapp.py",
        "/netron/%2e%2e/flask/app.py",
        "/netron/server.py",
        "/netron/__init__.py",
        "/netron/__pycache__/server.cpython-311.pyc",
        "/netron//etc/passwd",
        "/netron/index.html",
        "/netron/nothing.js",
    ],
)
def test_nothing_else_is_served_below_it(server: LiveServer, path: str) -> None:
    assert raw_status(server, path) == 404


def test_nobody_gets_it_without_the_token(server: LiveServer, session: str) -> None:
    for path in ("/netron/", "/netron/index.js", f"/netron/of/{session}/0/small.onnx", "/netron/view/v/x"):
        assert server.ask("GET", path, signed=False).status == 401
    assert server.get("/netron/", Host="evil.example").status == 403


def test_it_is_given_the_model_with_its_edits(server: LiveServer, session: str) -> None:
    server.post(
        f"/api/sessions/{session}/edits", {"kind": "rename-value", "value": "value:h", "name": "seen_in_netron"}
    )
    answer = server.get(f"/netron/of/{session}/1/small.onnx?cb=1")
    assert onnx.load_from_string(answer.body).graph.node[0].output[0] == "seen_in_netron"
    assert "sandbox" in answer.headers["Content-Security-Policy"]  # never a page of its own
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_is_given_no_data_files(server: LiveServer) -> None:
    session = server.open({"path": "external.onnx"})
    answer = server.get(f"/netron/of/{session}/0/external.onnx")
    assert answer.body == (server.root / "external.onnx").read_bytes()
    assert server.get(f"/netron/of/{session}/0/w.bin").status == 404
    server.ask("DELETE", f"/api/sessions/{session}")


def test_another_format_is_shown_read_only_when_that_is_asked_for(server: LiveServer) -> None:
    (server.root / "net.param").write_bytes(NCNN)
    (server.root / "net.bin").write_bytes(b"weights")
    assert server.post("/api/sessions", {"path": "net.param"}).status == 400
    told = view(server, path="net.param")
    assert (told["format"], told["name"], told["path"]) == ("ncnn", "net.param", "net.param")
    assert server.get(told["page"], Accept="text/html").status in (200, 503)  # 503: nothing is built
    assert server.get(f"/netron/view/{told['view']}/net.param").body == NCNN
    assert server.get(f"/netron/view/{told['view']}/net.bin").body == b"weights"
    assert view(server, path="net.param")["view"] == told["view"]
    assert "net.param" in [entry["name"] for entry in server.get("/api/recent").json()["recent"]]
    assert server.ask("DELETE", f"/api/views/{told['view']}").status == 200
    assert server.get(f"/api/views/{told['view']}").status == 404
    assert (server.root / "net.param").exists()


def test_files_of_another_format_can_be_sent_together(server: LiveServer) -> None:
    boundary = "----scalpel-test"
    parts = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in (("net.bin", b"weights"), ("net.param", NCNN))
    )
    form = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    body = parts + f"--{boundary}--\r\n".encode()
    uploads = server.data_dir / "uploads"
    before = set(uploads.iterdir()) if uploads.exists() else set()  # of sessions that are open
    told = server.post("/api/sessions?view=1", body, form).json()
    assert (told["name"], told["format"], told["path"]) == ("net.param", "ncnn", "")
    assert server.get(f"/netron/view/{told['view']}/net.bin").body == b"weights"
    assert server.post("/api/sessions", body, form).status == 400
    assert set(uploads.iterdir()) <= before
    server.ask("DELETE", f"/api/views/{told['view']}")
    assert not (server.data_dir / "viewed" / told["view"]).exists()


def test_a_view_leads_to_nothing_outside_its_folder(server: LiveServer) -> None:
    folder = server.root / "shown"
    folder.mkdir()
    (folder / "g.dot").write_bytes(DOT)
    (folder / ".hidden").write_bytes(b"secret")
    (folder / "link.bin").symlink_to("/etc/passwd")
    told = view(server, path="shown/g.dot")
    for name in ("..%2fsmall.onnx", "../small.onnx", ".hidden", "link.bin", "%2fetc%2fpasswd", "missing.bin"):
        assert raw_status(server, f"/netron/view/{told['view']}/{name}") == 404, name
    assert server.post("/api/sessions", {"path": "/etc/passwd", "view": True}).status == 403


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.pb", b"<!doctype html><title>404</title>"),
        ("notes.txt", b"just some words\n"),
        ("empty.tflite", b""),
        ("broken.onnx", b"\x08\x07\x12\x04test\x3a\xff\xff\x03"),
        ("picture.h5", b"\x89PNG\r\n\x1a\n" + bytes(64)),
    ],
)
def test_what_is_no_model_at_all_is_still_refused(server: LiveServer, name: str, content: bytes) -> None:
    (server.root / name).write_bytes(content)
    answer = server.post("/api/sessions", {"path": name, "view": True})
    assert answer.status == 400 and answer.error["message"]
    (server.root / name).unlink()


def test_opening_a_file_that_somebody_looks_at_joins_them(server: LiveServer, tmp_path: Path) -> None:
    write_model(server.root / "joined.onnx")
    first = server.open({"path": "joined.onnx"})
    asked = {"path": str(server.root / "joined.onnx")}
    assert server.open(asked) != first  # nobody looks at it
    joined = server.post("/api/sessions", {**asked, "mine": [first]})
    assert (joined.status, joined.json()["session"], joined.json()["already_open"]) == (200, first, True)
    anew = server.post("/api/sessions", {**asked, "mine": [first], "again": True})
    assert (anew.status, anew.json()["already_open"]) == (201, False)
    for line in server.get("/api/sessions").json()["sessions"]:
        if line["name"] == "joined.onnx":
            server.ask("DELETE", f"/api/sessions/{line['session']}")


def test_a_session_on_a_saved_file_is_found_by_that_file(server: LiveServer, session: str) -> None:
    assert server.post(f"/api/sessions/{session}/save", {"path": "its.onnx"}).status == 200
    joined = server.post("/api/sessions", {"path": "its.onnx", "mine": [session]})
    assert joined.json()["session"] == session
    summary = server.get(f"/api/sessions/{session}").json()
    assert (summary["name"], summary["path"]) == ("its.onnx", "its.onnx")
    (server.root / "its.onnx").unlink()


def test_tabs_learn_what_is_still_there(server: LiveServer, session: str) -> None:
    asked = {"ids": [session, "0" * 24, "../" + session, "v" + "0" * 24]}
    assert server.post("/api/sessions/still", asked).json() == {"ids": [session]}
    assert server.post("/api/sessions/still", {"ids": "all"}).status == 422


def test_it_takes_the_readers_light_or_dark_instead_of_the_systems(server: LiveServer) -> None:
    page, style = (server.get(f"/netron/{name}?theme=dark").body.decode() for name in ("", "grapher.css"))
    assert "@media all" in page and "grapher.css?theme=dark" in page and "@media all" in style
    assert "prefers-color-scheme" not in page + style
    assert "@media not all" in server.get("/netron/?theme=light").body.decode()
    assert "prefers-color-scheme" in server.get("/netron/?theme=%22%3E%3Cscript%3E").body.decode()
