"""Requests that no honest client sends: each is answered with one clear line, never with a failure of the server."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.real_server import Answer
from tests.system.script import Model, Script, opened
from tests.system.test_bad_files import assert_clear
from tests.system.test_crash_recovery import LONG
from tests.system.test_hostile import written

pytestmark = pytest.mark.xdist_group("odd requests")
JSON = {"Content-Type": "application/json"}
VALUES: list[Any] = [
    *(None, True, -1, 1.5, 1e308, float("nan"), float("inf"), 2**63, 2**64, -(2**200)),
    *("", "x", "é\u202e", "\ud800", "\x00", "a" * 100_000, "1" * 5000, "../../etc/passwd", "/etc/passwd", "node:v1"),
    *([], [[]], {}, {"a": 1}, [None], ["x"] * 1000, ["node:v1"], {"": {}}, {"type": "x"}),
]
BODIES = [
    *(b"", b"{", b"null", b"[]", b'"x"', b"1", b"NaN", b'{"a": NaN}', b"\xff\xfe", b"\x00" * 100, b"[" * 100_000),
    *(b'{"a":' * 2000, b'{"kind": 1e999}', b'{"kind": "\\ud800"}', b'{"path": "\\u0000"}', b"x" * 2_000_000),
    b'{"kind":' + b"[" * 900 + b"]" * 900 + b"}",
]
IDS = [
    *("x", "..", "%2e%2e", "%2F..%2F", "a" * 8000, "%00", "%ff%fe", "%F0%9F%98%80", "%0d%0aX:y", "node:v1/.."),
    *("node:v1", "%2e%2e%2fsessions", quote("'\"<script>")),
]
GOOD = {
    **{"node": "node:v1", "nodes": ["node:v1"], "value": "value:v1", "name": "n", "attribute": "alpha"},
    **{"op_type": "Relu", "domain": "", "attributes": {}, "reconnect": True},
}


@pytest.fixture(scope="module")
def model(script: Script, folder: Path) -> Iterator[Model]:
    """A session that all these requests are about, and that is what it was afterwards."""
    path = written(folder, "odd", LONG)
    with opened(script, path) as session:
        yield session
        while script.ask("POST", f"{session.route}/undo").status == 200:
            pass
        assert session.edit("rename-node", node="node:v7", name="still at work")["revision"]
    assert "Traceback" not in (script.server.data_dir / "server.log").read_text(encoding="utf-8")


def assert_answered(answer: Answer, folder: Path) -> None:
    """Done, or refused in one line that gives nothing away."""
    assert answer.status < 500, answer.body[:300]
    if answer.status >= 400:
        assert_clear(answer.error["message"].replace("Error", ""))
        assert str(folder).encode() not in answer.body


@pytest.mark.parametrize("tail", ["", "/edits", "/undo", "/redo", "/check", "/run", "/save"])
def test_bodies_that_are_no_request_are_refused(script: Script, model: Model, folder: Path, tail: str) -> None:
    route = f"{model.route}{tail}" if tail else "/api/sessions"
    for body, headers in itertools.product(BODIES, (JSON, {"Content-Type": "text/plain"})):
        assert_answered(script.ask("POST", route, body, headers), folder)


def test_parameters_of_every_edit_may_be_anything(script: Script, model: Model, folder: Path) -> None:
    for entry in script.get("/api/edits"):
        needed = {name: GOOD.get(name, "x") for name in entry["schema"].get("required", [])}
        for name, value in itertools.product(entry["schema"]["properties"], VALUES):
            body = json.dumps({"kind": entry["kind"], **needed, name: value}).encode()
            assert_answered(script.ask("POST", f"{model.route}/edits", body, JSON), folder)


@pytest.mark.parametrize("kind", ["FLOAT", "INT", "STRING", "TENSOR", "GRAPH", "TYPE_PROTO", "INTS", "STRINGS", "x"])
def test_attribute_values_may_be_anything(script: Script, model: Model, folder: Path, kind: str) -> None:
    for value in VALUES:
        edit = {"kind": "set-attribute", "node": "node:v1", "attribute": "q", "type": kind, "value": value}
        assert_answered(script.ask("POST", f"{model.route}/edits", json.dumps(edit).encode(), JSON), folder)
        edit["value"] = {"dtype": "int64", "data": value}
        assert_answered(script.ask("POST", f"{model.route}/edits", json.dumps(edit).encode(), JSON), folder)


def test_other_parameters_may_be_anything(script: Script, model: Model, folder: Path) -> None:
    for value in VALUES:
        for name in ("path", "sample"):
            body = json.dumps({name: value}).encode()
            assert script.ask("POST", "/api/sessions", body, JSON).error
        for request in ({"seed": value}, {"dims": value}, {"dims": {"N": value}}, {"seconds": value}):
            answer = script.ask("POST", f"{model.route}/run", json.dumps(request).encode(), JSON)
            assert_answered(answer, folder)
            if answer.status == 202:
                script.ask("DELETE", f"/api/jobs/{answer.json()['job']}")
        for target in ({"path": value}, {"path": "odd.onnx", "overwrite": value}):
            assert_answered(script.ask("POST", f"{model.route}/save", json.dumps(target).encode(), JSON), folder)


def test_addresses_may_be_anything(script: Script, model: Model, folder: Path) -> None:
    routes = [f"/api/sessions/{i}{t}" for i in IDS for t in ("", "/snapshot", "/edits", "/model", "/undo", "/nodes")]
    routes += [f"{model.route}/nodes/{node}/attributes/{name}" for node, name in itertools.product(IDS, IDS)]
    routes += [f"{base}{i}" for i in IDS for base in ("/api/jobs/", "/static/dist/", "/s/", "/", "/api/files?path=")]
    routes += [f"{model.route}/revisions?since={since}" for since in ("", "-1", "1e3", "9" * 30, "x", "%D9%A1")]
    for route in routes:
        answer = script.ask("GET", route)
        assert answer.status < 500, (route, answer.body[:300])
        assert b"root:" not in answer.body
    for method, route in itertools.product(("POST", "PUT", "PATCH", "DELETE", "OPTIONS"), routes[:60]):
        assert script.ask(method, route, b"{}", JSON).status < 500


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Scalpel-Participant": "a" * 200},
        {"X-Scalpel-Participant": "\xe9\xff"},
        {"X-Scalpel-Edit": "x" * 500},
        {"Content-Length": "1" * 5000},
        {"Authorization": "Bearer \xe9"},
        {"Cookie": "\xff=\xfe"},
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_headers_may_be_anything(script: Script, model: Model, folder: Path, headers: dict[str, str]) -> None:
    edit = json.dumps({"kind": "rename-node", "node": "node:v2", "name": "q"}).encode()
    assert_answered(script.ask("POST", f"{model.route}/edits", edit, {**JSON, **headers}), folder)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x.onnx", "/etc/x.onnx", "a" * 400 + ".onnx", "x.txt", "C:\\x.onnx", "\u202e.onnx", " "]
)
def test_uploads_may_be_called_anything(script: Script, folder: Path, name: str) -> None:
    before = {path for path in folder.rglob("*") if path.is_file()}
    answer = script.upload((name, (folder / "odd.onnx").read_bytes()))
    assert_answered(answer, folder)
    if answer.status == 201:
        Model(script, answer.json()["session"]).close()
    assert {path for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=b"]
)
@pytest.mark.parametrize("body", [b"", b"--b--\r\n", b"--b\r\n\r\n--b--", b"x" * 1000])
def test_uploads_that_are_none_are_refused(script: Script, body: bytes, kind: str) -> None:
    assert script.ask("POST", "/api/sessions", body, {"Content-Type": kind}).error
