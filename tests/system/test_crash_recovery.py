"""Processes are killed under work: what was acknowledged stays, what was not is told, and nothing is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import onnx
import onnx.parser
import psutil
import pytest

from tests.real_server import Answer, running_server
from tests.session.test_rebasing import large_model
from tests.system.script import Model, Script, eventually, opened
from tests.system.test_hostile import TURNS, written

pytestmark = pytest.mark.xdist_group("crash recovery")
NODES = 48
LONG = (
    '<ir_version: 8, opset_import: ["" : 17]>\nlong (float[N, 4] x) => (float[N, 4] y)\n<float[4] w = {1, 2, 3, 4}>\n{\n'
    "  [n0] v0 = Add (x, w)\n"
    + "".join(f"  [n{i}] v{i} = Relu (v{i - 1})\n" for i in range(1, NODES))
    + f"  [last] y = Relu (v{NODES - 1})\n}}\n"
)


@pytest.fixture
def path(tmp_path: Path, folder: Path) -> Path:
    """A model of its own for each test, in a root."""
    return written(folder, tmp_path.name, LONG)


def kill(pid: int) -> None:
    descriptor = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    finally:
        os.close(descriptor)


def session_pid(script: Script, others: set[int]) -> int:
    """The process of the session that is not one of `others`, once there is one."""
    found: set[int] = set()

    def there() -> bool:
        found.clear()
        found.update(script.session_pids() - others)
        return len(found) == 1

    eventually(there, "the session has no process")
    return found.pop()


def zygote_pid(script: Script) -> int:
    (zygote,) = psutil.Process(script.server.pid).children()
    pid: int = zygote.pid
    return pid


def assert_gone(pids: list[int], seconds: float = 10.0) -> None:
    def alive(pid: int) -> bool:
        try:
            return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    eventually(lambda: not any(alive(pid) for pid in pids), f"still there of {pids}", seconds)


def names(model: Model) -> dict[str, str]:
    return {node["id"]: node["name"] for node in model.snapshot["nodes"]}


def rename(model: Model, place: int, name: str) -> Answer:
    """Rename a node, under an id by which a repeated edit would be known."""
    edit = {"kind": "rename-node", "node": f"node:v{place}", "name": name}
    return model.script.ask("POST", f"{model.route}/edits", edit, {"X-Scalpel-Edit": f"{place} {name}"})


def test_work_goes_on_when_its_process_is_killed_between_edits(script: Script, path: Path) -> None:
    others = script.session_pids()
    with opened(script, path) as model:
        made = model.edit("insert-node", op_type="Neg", domain="", value="value:v3", attributes={})["created"]
        inserted = next(made_id for made_id in made if made_id.startswith("node:"))
        model.edit("rename-value", value="value:y", name="result")
        kill(session_pid(script, others))
        assert model.edit("rename-node", node=inserted, name="after the crash")["revision"] == 3
        assert names(model)[inserted] == "after the crash"
        kill(session_pid(script, others))
        assert model.undo()["revision"] == 4
        kill(session_pid(script, others))
        assert model.redo()["revision"] == 5
        assert model.undo_all() == 3
        assert model.download() == path.read_bytes()
        assert not model.summary["unsaved"]


def test_what_was_asked_of_a_process_that_is_killed_is_answered_by_the_next(script: Script, path: Path) -> None:
    others = script.session_pids()
    with opened(script, path) as model, ThreadPoolExecutor(3) as pool:
        model.checked()
        stopped = session_pid(script, others)
        os.kill(stopped, signal.SIGSTOP)
        waiting = [pool.submit(rename, model, place, "asked") for place in range(3)]
        time.sleep(0.2)
        assert not any(future.done() for future in waiting)
        kill(stopped)
        revisions = [future.result().json()["revision"] for future in waiting]
        assert sorted(revisions) == [1, 2, 3]
        assert list(names(model).values()).count("asked") == 3
        assert rename(model, 0, "asked").json()["revision"] == revisions[0]  # sent again: answered, not done again
        assert model.summary["revision"] == 3


def test_a_burst_of_edits_survives_kills_and_none_is_lost_or_done_twice(script: Script, path: Path) -> None:
    others = script.session_pids()
    with opened(script, path) as model:
        killer = _Killer(script, others, times=3, pause=0.2)
        answers = _burst(model, killer)
        assert [answer.status for answer in answers] == [200] * len(answers)
        revisions = [answer.json()["revision"] for answer in answers]
        assert sorted(revisions) == list(range(1, len(answers) + 1))
        now = names(model)
        assert all(now[f"node:v{i}"] == f"new {i}" for i in range(NODES))
        assert model.undo_all() == len(answers)
        assert model.download() == path.read_bytes()
    assert killer.killed


def test_one_that_is_killed_again_and_again_is_given_up_in_one_line_and_opened_anew(script: Script, path: Path) -> None:
    others = script.session_pids()
    with opened(script, path) as model:
        killer = _Killer(script, others, times=6, pause=0.1)
        answers = _burst(model, killer)
        taken = [i for i, answer in enumerate(answers) if answer.status == 200]
        for answer in answers:
            if answer.status != 200:
                assert answer.error["message"].isprintable()
        now = names(model)
        assert all(now[f"node:v{i}"] == f"new {i}" for i in taken)
        assert model.undo_all() >= len(taken)
        assert model.download() == path.read_bytes()


class _Killer:
    """Kills whatever process the session has, so many times."""

    def __init__(self, script: Script, others: set[int], times: int, pause: float) -> None:
        self._script, self._others, self._times, self._pause = script, others, times, pause
        self.killed = 0
        self.over = threading.Event()

    def __call__(self) -> None:
        last = 0
        while self.killed < self._times and not self.over.wait(self._pause):
            for pid in self._script.session_pids() - self._others - {last}:
                kill(pid)
                last = pid
                self.killed += 1
                break


def _burst(model: Model, killer: _Killer) -> list[Answer]:
    """Each node renamed, from four threads, while the killer is at work."""
    thread = threading.Thread(target=killer)

    def one(place: int) -> Answer:
        time.sleep(0.03)
        return rename(model, place, f"new {place}")

    thread.start()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, range(NODES)))
    killer.over.set()
    thread.join(60)
    return answers


def test_all_sessions_survive_the_end_of_the_process_that_starts_them(script: Script, path: Path) -> None:
    with opened(script, path) as one, opened(script, path) as other:
        one.edit("rename-node", node="node:v1", name="first")
        other.edit("rename-node", node="node:v2", name="second")
        kill(zygote_pid(script))
        assert names(one)["node:v1"] == "first"
        assert names(other)["node:v2"] == "second"
        assert one.edit("rename-value", value="value:x", name="input")["revision"] == 2
        for model in (one, other):
            model.undo_all()
            assert model.download() == path.read_bytes()


def test_a_run_that_ends_with_its_process_says_so(script: Script, folder: Path) -> None:
    others = script.session_pids()
    with opened(script, written(folder, "lost", TURNS)) as model:
        job = model.run()
        pid = session_pid(script, others)
        children = [child.pid for child in psutil.Process(pid).children(recursive=True)]
        kill(pid)
        ended = model.ended(job)
        assert (ended["state"], ended["error"]["code"]) == ("failed", "job-lost")
        assert_gone(children)
        assert model.edit("rename-node", node="node:y", name="other")["revision"] == 1


def test_a_killed_server_leaves_no_process_and_its_sessions_are_found_again(tmp_path: Path) -> None:
    root, data = tmp_path / "root", tmp_path / "data"
    root.mkdir()
    path, endless = written(root, "long", LONG), written(root, "endless", TURNS)
    edited: list[dict[str, Any]] = []
    with running_server([root], data_dir=data) as server:
        script = Script(server)
        model, running, sent = (
            script.open(path),
            script.open(endless),
            script.uploaded(("sent.onnx", path.read_bytes())),
        )
        for place in range(5):
            edited.append(model.edit("rename-node", node=f"node:v{place}", name=f"new {place}"))
        model.undo()
        sent.edit("rename-value", value="value:x", name="input")
        running.run()
        pids = server.processes()
        assert len(pids) >= 5
        kill(server.pid)
        assert_gone(pids)
    with running_server([root], data_dir=data) as server:
        again, uploaded = Model(Script(server), model.id), Model(Script(server), sent.id)
        summary = again.summary
        assert (summary["revision"], summary["unsaved"], summary["name"]) == (6, True, "long.onnx")
        assert [names(again)[f"node:v{i}"] for i in range(5)] == ["new 0", "new 1", "new 2", "new 3", "n4"]
        again.redo()
        assert names(again)["node:v4"] == "new 4"
        assert again.undo_all() == 5
        assert again.download() == path.read_bytes()
        assert {value["name"] for value in uploaded.snapshot["values"]} >= {"input"}
        uploaded.undo_all()
        assert uploaded.download() == path.read_bytes()


@pytest.mark.parametrize("weights", ["as-opened", "one-file"])
def test_undo_goes_back_past_a_save_though_the_server_was_killed(tmp_path: Path, weights: str) -> None:
    root, data = tmp_path / "root", tmp_path / "data"
    root.mkdir()
    path = large_model(root / "large.onnx")
    opened_bytes = path.read_bytes()
    with running_server([root], data_dir=data) as server:
        model = Script(server).open(path)
        model.edit("rename-value", value="value:a", name="hidden")
        model.edit("set-tensor", value="value:second", tensor={"formula": "zeros"})  # 9 MB that only the old file has
        model.script.post(f"{model.route}/save", {"overwrite": True, "weights": weights})
        saved = path.read_bytes()
        model.edit("rename-value", value="value:b", name="after the save")
        pids = server.processes()
        kill(server.pid)
        assert_gone(pids)
    assert path.read_bytes() == saved != opened_bytes
    with running_server([root], data_dir=data) as server:
        again = Model(Script(server), model.id)
        assert (again.summary["revision"], again.summary["unsaved"]) == (3, True)
        again.undo()
        assert not again.summary["unsaved"]
        assert again.undo_all() == 2
        again.script.post(f"{again.route}/save", {"overwrite": True, "weights": "inline"})
        assert path.read_bytes() == opened_bytes
        kill(server.pid)
    with running_server([root], data_dir=data) as server:
        last = Model(Script(server), model.id)
        for _ in range(2):
            last.redo()
        last.script.post(f"{last.route}/save", {"overwrite": True, "weights": weights})
        assert path.read_bytes() == saved
        onnx.checker.check_model(str(path), full_check=True)


def test_a_model_that_changed_on_disk_meanwhile_is_told_and_its_edits_are_kept(tmp_path: Path) -> None:
    root, data = tmp_path / "root", tmp_path / "data"
    root.mkdir()
    path = written(root, "long", LONG)
    with running_server([root], data_dir=data) as server:
        model = Script(server).open(path)
        model.edit("rename-node", node="node:v1", name="mine")
        kill(server.pid)
    shutil.copy2(path, tmp_path / "kept")
    onnx.save(onnx.parser.parse_model(TURNS), str(path))
    with running_server([root], data_dir=data) as server:
        error = Script(server).ask("GET", model.route).error
        assert error["code"] == "file-changed"
        assert str(tmp_path) not in str(error)
        shutil.copy2(tmp_path / "kept", path)
        assert names(Model(Script(server), model.id))["node:v1"] == "mine"
