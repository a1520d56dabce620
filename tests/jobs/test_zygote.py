"""The zygote with real processes: what children inherit, how their ends are told, and that nothing outlives the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from onnx_scalpel.jobs.zygote import Child, Zygote

ENTRIES = "tests.jobs.entries"
PRELOAD = ("numpy", "onnx", "onnxruntime")
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    os.environ["SECRET"] = "token"
    os.environ["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
    zygote = Zygote.start(PRELOAD)
    yield zygote
    zygote.stop()
    del os.environ["SECRET"]


def heard(child: Child) -> str:
    child.channel.settimeout(20)
    return child.channel.recv(4096).decode()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until_gone(pids: list[int], seconds: float = 5.0) -> list[int]:
    """Those that are still there after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(alive(p) for p in pids):
        time.sleep(0.02)
    return [p for p in pids if alive(p)]


def test_a_child_gets_its_argument_and_inherits_no_secret_thread_or_descriptor(zygote: Zygote) -> None:
    child = zygote.spawn(f"{ENTRIES}:echo", {"word": "hello"})
    # descriptors: 0, 1, 2, the channel, and the one that lists them
    assert heard(child) == "hello nothing 1 5 True"
    child.channel.close()
    assert child.exit_status() == "exit 0"


@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGSEGV, "killed by SIGSEGV"), (signal.SIGKILL, "killed by SIGKILL")]
)
def test_a_killed_child_is_seen_at_its_channel_and_told_by_signal(zygote: Zygote, number: int, words: str) -> None:
    child = zygote.spawn(f"{ENTRIES}:crash", {"signal": number})
    assert heard(child) == ""
    assert child.exit_status() == words


def test_an_exception_ends_a_child_with_exit_1(zygote: Zygote) -> None:
    assert zygote.spawn(f"{ENTRIES}:fail", {}).exit_status() == "exit 1"


def test_an_unknown_entry_ends_the_child_and_not_the_zygote(zygote: Zygote) -> None:
    assert zygote.spawn("no.such.module:main", {}).exit_status() == "exit 1"
    assert heard(zygote.spawn(f"{ENTRIES}:echo", {"word": "still here"})).startswith("still here")


def test_a_child_can_be_killed_by_its_owner(zygote: Zygote) -> None:
    child = zygote.spawn(f"{ENTRIES}:echo", {"word": "x"})
    assert heard(child)
    child.kill()
    assert child.exit_status() == "killed by SIGKILL"


def test_fifty_children_are_fine_and_quick(zygote: Zygote) -> None:
    started = time.monotonic()
    children = [zygote.spawn(f"{ENTRIES}:echo", {"word": str(i)}) for i in range(50)]
    assert [heard(c).split()[0] for c in children] == [str(i) for i in range(50)]
    for child in children:
        child.channel.close()
    assert {c.exit_status() for c in children} == {"exit 0"}
    assert time.monotonic() - started < 20


def test_a_zygote_that_was_killed_is_started_again_and_its_children_are_gone() -> None:
    zygote = Zygote.start(())
    try:
        first = zygote.spawn(f"{ENTRIES}:echo", {"word": "one"})
        heard(first)
        assert zygote.pid
        os.kill(zygote.pid, signal.SIGKILL)
        assert first.channel.recv(1) == b""
        assert first.exit_status() == "lost with the zygote"
        assert heard(zygote.spawn(f"{ENTRIES}:echo", {"word": "two"})).startswith("two")
    finally:
        zygote.stop()
    assert wait_until_gone([first.pid]) == []


SERVER = """
import sys, threading, time
from onnx_scalpel.jobs.zygote import Zygote
found = []
def start():  # the thread that asks ends at once: children must not end with it
    zygote = Zygote.start(())
    found.extend([zygote, *(zygote.spawn("tests.jobs.entries:job_in_child", {}) for _ in range(3))])
thread = threading.Thread(target=start); thread.start(); thread.join()
time.sleep(0.3)
print(found[0].pid, *(c.channel.recv(100).decode() for c in found[1:]), flush=True)
assert "onnx" not in sys.modules and "numpy" not in sys.modules
time.sleep(600)
"""


def test_kill_9_of_the_server_leaves_no_process_behind() -> None:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, env=environment, text=True) as server:
        assert server.stdout
        pids = [int(word) for word in server.stdout.readline().split()]
        assert len(pids) == 7  # the zygote, three sessions, their three jobs
        assert all(alive(p) for p in pids)
        server.kill()
    assert wait_until_gone(pids) == []
