"""Saves that are killed with kill -9 at any instant: the target is the old model or the new one, its data files included."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import onnx
import onnx.numpy_helper
import pytest
from onnx import TensorProto, helper

from onnx_scalpel.document.disk import sweep_parts
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.placement import SaveOptions, Weights
from onnx_scalpel.document.write_model import write_model
from onnx_scalpel.edits.base import apply_edit, parse_edit

SIDE = 300  # 360 kB each
NAMES = ("w0", "w1", "w2")
KILLS = 5
MANY_KILLS = 150
# every call through which a save changes what is on the disk, and what it does between them
CALLS = (
    "openat",
    "write",
    "copy_file_range",
    "pwrite64",
    "fsync",
    "rename",
    "unlink",
    "chmod",
    "flock",
    "mkdir",
    "close",
)
State = tuple[bytes, dict[str, bytes]]


def model(folder: Path, external: bool, seed: int) -> Path:
    """Three weights in a chain, inside or in `w.bin`; models of different seeds differ in nothing but the weights' bytes."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    held = [onnx.numpy_helper.from_array(rng.standard_normal((SIDE, SIDE), dtype=np.float32), n) for n in NAMES]
    flow = ["x", "a", "b", "y"]
    nodes = [helper.make_node("MatMul", [flow[i], NAMES[i]], [flow[i + 1]]) for i in range(3)]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, SIDE]) for name in "xy")
    proto = helper.make_model(helper.make_graph(nodes, "g", [x], [y], held), ir_version=9)
    path = folder / "m.onnx"
    options = {"save_as_external_data": True, "location": "w.bin", "size_threshold": 0} if external else {}
    onnx.save(proto, str(path), **options)
    return path


def state_of(path: Path) -> State:
    """The .onnx file and every data file that it refers to, byte for byte; ONNX reads and checks it, too."""
    onnx.checker.check_model(str(path))
    onnx.load(str(path))
    named = set()
    for tensor in onnx.load(str(path), load_external_data=False).graph.initializer:
        named |= {entry.value for entry in tensor.external_data if entry.key == "location"}
    return path.read_bytes(), {name: (path.parent / name).read_bytes() for name in sorted(named)}


@dataclass(frozen=True)
class Case:
    """A save to be killed: where the weights are and go, and whether it takes the place of the opened model or of another."""

    external: bool
    weights: Weights
    in_place: bool

    def prepare(self, folder: Path) -> tuple[Document, Path]:
        """An edited document, and the target, which is there already."""
        opened = model(folder / "opened", self.external, seed=1)
        document = open_model(opened)
        tensor = {"kind": "set-tensor", "value": "value:w0", "tensor": {"formula": "full(7)"}}
        for edit in ({"kind": "rename-value", "value": "value:a", "name": "edited"}, tensor):
            apply_edit(document, parse_edit(edit))
        return document, opened if self.in_place else model(folder / "other", self.external, seed=2)

    def save(self, document: Document, target: Path) -> None:
        write_model(document, target, overwrite=True, options=SaveOptions(self.weights))

    def __str__(self) -> str:
        return f"{'outside' if self.external else 'inside'}-{self.weights}-{'in-place' if self.in_place else 'save-as'}"


CASES = [Case(e, w, p) for e in (False, True) for w in get_args(Weights) for p in (True, False)]


class Killing:
    """Saves in forks of this process, into fresh copies of one folder."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        self.folder = folder
        self.document, target = case.prepare(folder / "before")
        self.within = target.relative_to(folder / "before")
        self.old = state_of(target)
        self.saved = 0
        self.kept = 0
        began = time.perf_counter()
        with self.trial("whole") as (pid, target):
            os.waitpid(pid, 0)
            self.new = state_of(target)
        self.seconds = time.perf_counter() - began
        assert self.new != self.old

    @contextlib.contextmanager
    def trial(self, name: str, held: bool = False) -> Iterator[tuple[int, Path]]:
        """A fork that saves, and its target; `held` until it is continued."""
        place = self.folder / name
        shutil.copytree(self.folder / "before", place)
        # only the target is another copy: what the document rests on is never written to
        target = place / self.within
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                if held:
                    os.kill(os.getpid(), signal.SIGSTOP)
                file = self.document.file
                file.path, file.folder = place / "opened" / "m.onnx", place / "opened"
                self.case.save(self.document, target)
            os._exit(0)
        yield pid, target
        shutil.rmtree(place)

    def judge(self, target: Path) -> None:
        """Old or new, and what is left over goes at the next sweep."""
        found = state_of(target)
        assert found in (self.old, self.new), "a mixture"
        self.saved += found == self.new
        self.kept += found == self.old
        for part in target.parent.glob(".scalpel-*"):
            os.utime(part, (0, 0))  # as if that was long ago
        sweep_parts(target.parent)
        assert not list(target.parent.glob(".scalpel-*"))


def kill_after(delays: Iterator[float], killing: Killing) -> None:
    for number, delay in enumerate(delays):
        with killing.trial(f"t{number}") as (pid, target):
            time.sleep(delay)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            killing.judge(target)


def random_delays(killing: Killing, count: int) -> Iterator[float]:
    chance = random.Random(count)
    return (chance.uniform(0, killing.seconds * 1.1) for _ in range(count))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_save_that_is_killed_leaves_the_old_model_or_the_new(tmp_path: Path, case: Case) -> None:
    killing = Killing(case, tmp_path)
    kill_after(random_delays(killing, KILLS), killing)


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids=str)
def test_many_saves_that_are_killed(tmp_path: Path, case: Case) -> None:
    killing = Killing(case, tmp_path)
    kill_after(random_delays(killing, MANY_KILLS), killing)
    print(f"{case}: {MANY_KILLS} kills, {killing.kept} old, {killing.saved} new, no mixture")


@pytest.mark.long
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace kills at a chosen call")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_save_that_is_killed_at_every_call_to_the_system(tmp_path: Path, case: Case) -> None:
    killing = Killing(case, tmp_path)
    kills = 0
    for call in CALLS:
        number = 1
        while killed_at(killing, call, number):
            kills += 1
            number += 1
    assert kills > 20
    print(f"{case}: killed at {kills} calls, {killing.kept} old, {killing.saved} new, no mixture")


def killed_at(killing: Killing, call: str, number: int) -> bool:
    """Save under strace, which kills at the n-th call of this name; whether there was one."""
    with killing.trial(f"{call}{number}", held=True) as (pid, target):
        os.waitpid(pid, os.WUNTRACED)
        inject = f"inject={call}:signal=SIGKILL:when={number}"
        command = ["strace", "-qq", "-o", os.devnull, "-p", str(pid), "-e", f"trace={call}", "-e", inject]
        tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_until(lambda: is_traced(pid))
        os.kill(pid, signal.SIGCONT)
        _, status = os.waitpid(pid, 0)
        tracer.wait()
        killing.judge(target)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def is_traced(pid: int) -> bool:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("TracerPid")).split()[1] != "0"


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)
