"""The opening of a model is followed and given up under an id of one's own; nothing stays of what was given up."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.long_chain import chain_of
from tests.real_server import Answer
from tests.web.live import LiveServer, eventually

OPENING = "0123456789abcdef" * 2
NODES = 100_000  # enough to be seen on the way


@pytest.fixture(scope="module")
def long(server: LiveServer) -> Path:
    """A chain of many nodes below the server's root."""
    path = server.root / "long.onnx"
    path.write_bytes(chain_of(NODES))
    return path


def left_behind(server: LiveServer) -> set[str]:
    """Sessions, and what lies in their folders."""
    folders = ("sessions", "opened", "uploads")
    return {one.stem for folder in folders for one in (server.data_dir / folder).glob("*")}


def test_an_opening_tells_its_nodes_and_is_given_up_on_the_way(server: LiveServer, long: Path) -> None:
    before = left_behind(server)
    answers: list[Answer] = []
    body = {"path": long.name, "opening": OPENING}
    asking = threading.Thread(target=lambda: answers.append(server.post("/api/sessions", body)))
    asking.start()
    eventually(lambda: server.get(f"/api/openings/{OPENING}").body.startswith(b'{"step":"nodes"'))
    progress = server.get(f"/api/openings/{OPENING}").json()
    assert progress["of"] == NODES and 0 <= progress["done"] <= NODES
    assert server.ask("DELETE", f"/api/openings/{OPENING}").status == 200
    asking.join()
    assert answers[0].error["code"] == "cancelled"
    assert left_behind(server) == before


def test_what_was_given_up_before_its_request_came_is_not_opened(server: LiveServer) -> None:
    before = left_behind(server)
    server.ask("DELETE", f"/api/openings/{OPENING[::-1]}")
    answer = server.post("/api/sessions", {"path": "small.onnx", "opening": OPENING[::-1]})
    assert answer.error["code"] == "cancelled"
    assert left_behind(server) == before


def test_what_was_opened_meanwhile_is_closed_again(server: LiveServer) -> None:
    before = left_behind(server)
    opening = OPENING.replace("0", "f")
    session = server.post("/api/sessions", {"path": "small.onnx", "opening": opening}).json()["session"]
    server.ask("DELETE", f"/api/openings/{opening}")
    assert server.get(f"/api/sessions/{session}").status == 404
    assert left_behind(server) == before


def test_ids_of_other_kinds_are_told_from_openings(server: LiveServer) -> None:
    for method, opening in (("GET", "f" * 32), ("DELETE", "short")):
        assert server.ask(method, f"/api/openings/{opening}").error["code"] == "no-such-opening"
