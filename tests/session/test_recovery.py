"""Sessions whose process ends: by kill -9 at any moment, by crashing, hanging or eating memory; and journals that are damaged."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.client import SessionClient
from onnx_scalpel.session.journal import JOURNAL_FILE
from onnx_scalpel.session.lifeline import Patience
from tests.session.conftest import NEVER_TIRED, Heard, Sessions, insert_identity, name_node, rename

KILLS = 25


@pytest.fixture(autouse=True)
def processes_may_end(sessions: Sessions) -> None:
    sessions.may_end = True


def kill(client: SessionClient) -> None:
    pid = client.pid
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):  # the last kill took it, and nobody has noticed yet
            os.kill(pid, signal.SIGKILL)


def wait_until_ready(heard: Heard) -> None:
    with heard.changed:
        assert heard.changed.wait_for(lambda: heard.states[-1] == "ready", 20)


def model_bytes(client: SessionClient, target: Path) -> bytes:
    client.write_model(target)
    return target.read_bytes()


class Worker(threading.Thread):
    """One author who edits, undoes and redoes without pause and keeps every answer."""

    def __init__(self, client: SessionClient, author: str, nodes: list[str], seed: int) -> None:
        super().__init__()
        self.client, self.author, self.nodes = client, author, nodes
        self.random = random.Random(seed)
        self.answers: dict[str, dict[str, Any]] = {}
        self.stopped = threading.Event()
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            number = 0
            while not self.stopped.is_set():
                number += 1
                self.step(f"{self.author}-{number}", number)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.failure = error

    def step(self, client_id: str, number: int) -> None:
        choice = self.random.random()
        try:
            if choice < 0.7:
                data = name_node(self.random.choice(self.nodes), f"{self.author} {number}")
                self.answers[client_id] = self.client.edit(data, self.author, self.author, client_id)
            elif choice < 0.9:
                self.answers[client_id] = self.client.undo(self.author, self.author, client_id)
            else:
                self.answers[client_id] = self.client.redo(self.author, self.author, client_id)
        except AppError as error:
            if error.code not in ("nothing-to-undo", "nothing-to-redo"):
                raise


def test_no_acknowledged_edit_is_lost_when_the_process_is_killed(
    sessions: Sessions, chain: Path, tmp_path: Path
) -> None:
    client, heard = sessions.open(chain, patience=NEVER_TIRED)
    workers = [Worker(client, "ann", ["node:a", "node:b"], 1), Worker(client, "ben", ["node:y"], 2)]
    for worker in workers:
        worker.start()
    chance = random.Random(3)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.01, 0.12))
        wait_until_ready(heard)
        before = heard.states.count("recovering")
        kill(client)
        with heard.changed:  # on a busy machine it is noticed late
            heard.changed.wait_for(lambda before=before: heard.states.count("recovering") > before, 5)
    for worker in workers:
        worker.stopped.set()
        worker.join()
        assert worker.failure is None, worker.failure
    assert heard.states.count("recovering") >= 20

    messages = heard.of("revision")
    assert [message["revision"] for message in messages] == list(range(1, len(messages) + 1))
    by_client = {message["client"]: message for message in messages}
    assert len(by_client) == len(messages), "a repeated request was done twice"
    for worker in workers:
        for client_id, answer in worker.answers.items():
            assert {name: by_client[client_id][name] for name in answer} == answer
    head = client.summary()["revision"]
    assert client.since(max(0, head - 1000)) == messages[-1000:], "a page missed a revision, or heard of one twice"

    written = model_bytes(client, tmp_path / "before.onnx")
    snapshot = json.loads(client.snapshot("json"))
    kill(client)
    assert client.summary()["state"] == "ready"
    assert model_bytes(client, tmp_path / "after.onnx") == written
    assert json.loads(client.snapshot("json"))["nodes"] == snapshot["nodes"]
    print(f"{len(messages)} revisions through {KILLS} kills")


def test_a_page_hears_that_its_session_recovers_and_goes_on(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    client.edit(rename("value:a", "p"), "ann")
    kill(client)
    heard.wait("session", lambda s: s["state"] == "recovering")
    ready = heard.wait("session", lambda s: s["state"] == "ready")
    assert (ready["revision"], ready["unsaved"]) == (1, True)
    assert client.undo("ann")["revision"] == 2
    heard.wait("diagnostics", lambda d: d["state"] == "done" and d["revision"] == 2)


def test_a_process_that_ends_again_and_again_is_given_up_with_one_clear_error(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain, patience=Patience(restarts=2))
    client.edit(rename("value:a", "p"), "ann")
    for _ in range(3):
        wait_until_ready(heard)
        with heard.changed:
            before = len(heard.states)
        kill(client)
        with heard.changed:
            assert heard.changed.wait_for(lambda n=before: len(heard.states) >= n + 2, 20)
    for call in (client.summary, lambda: client.edit(rename("value:a", "q"), "ann")):
        with pytest.raises(AppError) as refused:
            call()
        assert refused.value.code == "session-lost"
    again, _ = sessions.open(chain)
    assert again.summary()["revision"] == 1


def test_a_session_is_opened_again_where_it_was(sessions: Sessions, chain: Path, tmp_path: Path) -> None:
    client, _ = sessions.open(chain)
    client.edit(insert_identity("value:a"), "ann")
    client.edit(rename("value:b", "hidden"), "ann")
    client.undo("ann")
    written = model_bytes(client, tmp_path / "one.onnx")
    history = client.summary()["history"]
    client.close()
    again, _ = sessions.open(chain)
    assert model_bytes(again, tmp_path / "two.onnx") == written
    assert again.summary()["history"] == history and again.summary()["unsaved"] is True
    assert again.redo("ann")["revision"] == 4
    assert again.undo("ann")["revision"] == 5 and again.undo("ann")["revision"] == 6
    assert again.summary()["unsaved"] is False


def test_a_model_that_was_replaced_on_disk_is_not_edited_blindly(sessions: Sessions, chain: Path, fixed: Path) -> None:
    client, _ = sessions.open(chain)
    client.edit(rename("value:a", "p"), "ann")
    client.close()
    kept = chain.read_bytes()
    chain.write_bytes(fixed.read_bytes())
    with pytest.raises(AppError) as refused:
        sessions.open(chain)
    assert (refused.value.code, refused.value.status) == ("file-changed", 409)
    chain.write_bytes(kept)
    again, _ = sessions.open(chain)
    assert again.summary()["revision"] == 1


@pytest.mark.parametrize("damage", ["truncated", "garbage", "wiped"])
def test_a_damaged_journal_is_reported_in_one_line_and_keeps_what_is_readable(
    sessions: Sessions, chain: Path, damage: str
) -> None:
    client, _ = sessions.open(chain)
    for number in range(60):
        client.edit(name_node("node:a", f"{number}" * 200), "ann")
    client.close()
    file = sessions.folder() / JOURNAL_FILE
    data = file.read_bytes()
    half = len(data) // 2
    file.write_bytes({"truncated": data[:half], "garbage": data[:half] + b"\xaa" * half, "wiped": b"x" * 100}[damage])
    again, heard = sessions.open(chain)
    done = heard.wait("diagnostics", lambda d: d["state"] == "done")
    (found,) = [d for d in done["diagnostics"] if d["code"] == "journal-damaged"]
    assert "\n" not in found["message"]
    count = again.summary()["revision"]
    assert f"{count} revisions" in found["message"]
    assert count < 60
    assert again.edit(name_node("node:b", "on"), "ann")["revision"] == count + 1
    again.close()
    assert any(path.name.endswith(".damaged") for path in sessions.folder().iterdir())
    third, _ = sessions.open(chain)
    assert third.summary()["revision"] == count + 1


def test_edits_that_come_together_share_one_commit(sessions: Sessions, chain: Path) -> None:
    """Twenty at once take hardly longer than one, and far less than twenty."""
    client, _ = sessions.open(chain)
    begun = time.perf_counter()
    for number in range(20):
        client.edit(name_node("node:a", f"alone {number}"), "ann")
    alone = time.perf_counter() - begun
    threads = [
        threading.Thread(target=lambda n=n: client.edit(name_node("node:a", f"together {n}"), f"author {n}"))
        for n in range(20)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = time.perf_counter() - begun
    assert client.summary()["revision"] == 40
    print(f"20 edits: {alone * 1e3:.1f} ms one by one, {together * 1e3:.1f} ms together")


def test_what_an_edit_costs(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    client.edit(name_node("node:a", "warm"), "ann")

    def cpu() -> float:
        fields = Path(f"/proc/{client.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before, begun, count = cpu(), time.perf_counter(), 400
    for number in range(count):
        client.edit(name_node("node:a", f"n{number}"), "ann")
    wall = time.perf_counter() - begun
    print(
        f"one edit: {(cpu() - before) / count * 1e3:.2f} ms CPU in the session, {wall / count * 1e3:.2f} ms to its answer"
    )
