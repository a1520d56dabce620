"""Jobs with real forks: results, progress, and every way to end badly."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs import landlock
from onnx_scalpel.jobs.child import fork_job
from onnx_scalpel.jobs.limits import MIB, Limits

LIMITS = Limits(cpu_seconds=10, wall_seconds=20, memory_bytes=256 * MIB, file_bytes=MIB)


def test_a_result_arrives_with_what_it_cost() -> None:
    outcome = fork_job(lambda progress: {"answer": 42, "shape": (1, "N", None)}, LIMITS).wait()
    assert outcome.status == "done"
    assert outcome.result == {"answer": 42, "shape": [1, "N", None]}
    assert outcome.error is None
    assert outcome.peak_bytes > MIB
    assert 0 <= outcome.cpu_seconds <= outcome.wall_seconds + 0.5


def test_a_large_result_streams_to_a_parent_that_only_polls() -> None:
    job = fork_job(lambda progress: b"x" * (20 * MIB), LIMITS)
    polls = 0
    while (outcome := job.poll()) is None:
        select.select([job.fileno()], [], [], 1)
        polls += 1
    assert len(outcome.result) == 20 * MIB
    assert job.fileno() == -1


def test_progress_is_seen_while_the_job_runs() -> None:
    def work(progress: Any) -> None:
        progress(0.25, "running the model")
        time.sleep(30)

    job = fork_job(work, LIMITS)
    while job.progress == (None, ""):
        assert job.poll() is None
        time.sleep(0.01)
    assert job.progress == (0.25, "running the model")
    job.cancel()
    assert job.poll().status == "cancelled"  # type: ignore[union-attr]


def test_an_expected_failure_arrives_as_the_error_it_was() -> None:
    def work(progress: Any) -> None:
        raise AppError("no-kernel", "nothing runs 'Evil'", subjects=("node:y",), hint="replace it", status=409)

    outcome = fork_job(work, LIMITS).wait()
    assert outcome.status == "failed"
    assert outcome.error
    assert (
        outcome.error.to_json()
        == AppError("no-kernel", "nothing runs 'Evil'", subjects=("node:y",), hint="replace it").to_json()
    )
    assert outcome.error.status == 409


def test_an_unexpected_failure_is_one_clean_line_and_its_traceback_goes_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def work(progress: Any) -> None:
        raise RuntimeError("/secret/path is broken")

    outcome = fork_job(work, LIMITS).wait()
    assert outcome.status == "failed"
    assert outcome.error
    assert outcome.error.code == "job-failed"
    assert "secret" not in outcome.error.message
    assert "RuntimeError: /secret/path is broken" in caplog.text


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGFPE, signal.SIGABRT])
def test_a_crash_is_told_with_its_signal_and_what_it_was_doing(number: signal.Signals) -> None:
    def work(progress: Any) -> None:
        progress(None, "running the model")
        os.kill(os.getpid(), number)

    outcome = fork_job(work, LIMITS).wait()
    assert outcome.status == "crashed"
    assert outcome.error
    assert outcome.error.code == "job-crashed"
    assert number.name in outcome.error.message
    assert "while it was running the model" in outcome.error.message


def test_a_real_segfault_leaves_the_parent_alone() -> None:
    assert fork_job(lambda progress: ctypes.string_at(1), LIMITS).wait().status == "crashed"


def test_a_busy_hang_ends_at_its_processor_limit() -> None:
    def work(progress: Any) -> None:
        while True:
            pass

    outcome = fork_job(work, Limits(cpu_seconds=1, wall_seconds=30)).wait()
    assert outcome.status == "timed-out"
    assert outcome.error
    assert outcome.error.code == "job-timed-out"
    assert 0.9 < outcome.cpu_seconds < 3


def test_an_idle_hang_ends_at_its_wall_limit() -> None:
    outcome = fork_job(lambda progress: time.sleep(60), Limits(cpu_seconds=5, wall_seconds=0.3)).wait()
    assert outcome.status == "timed-out"
    assert outcome.wall_seconds < 5


def test_a_python_job_that_eats_memory_ends_out_of_memory() -> None:
    outcome = fork_job(lambda progress: len(bytearray(1 << 30)), LIMITS).wait()
    assert outcome.status == "out-of-memory"
    assert outcome.error
    assert outcome.error.code == "job-out-of-memory"


def test_memory_is_watched_even_where_mapped_files_widen_the_address_space() -> None:
    def work(progress: Any) -> None:
        kept = []
        for _ in range(200):
            kept.append(os.urandom(2 * MIB))
            time.sleep(0.01)

    limits = Limits(cpu_seconds=20, wall_seconds=30, memory_bytes=64 * MIB, mapped_bytes=1 << 34)
    assert fork_job(work, limits).wait().status == "out-of-memory"


def test_an_abort_for_want_of_memory_is_not_called_a_crash() -> None:
    def work(progress: Any) -> None:
        os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
        os.abort()

    assert fork_job(work, LIMITS).wait().status == "out-of-memory"


def test_a_job_that_prints_without_end_is_not_held_up() -> None:
    def work(progress: Any) -> str:
        for _ in range(2000):
            os.system  # noqa: B018 - nothing is started
            try:
                os.write(1, b"noise" * 1000)
            except BlockingIOError:
                continue
        return "done"

    assert fork_job(work, LIMITS).wait().result == "done"


def test_cancelling_kills_what_the_job_started_too() -> None:
    def work(progress: Any) -> None:
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as grandchild:
            progress(None, str(grandchild.pid))
            time.sleep(600)

    job = fork_job(work, Limits(wall_seconds=60))
    while not job.progress[1]:
        job.poll()
        time.sleep(0.01)
    grandchild = int(job.progress[1])
    job.cancel()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{grandchild}").exists() and "Z" not in Path(f"/proc/{grandchild}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    outcome = job.poll()
    assert outcome
    assert outcome.status == "cancelled"
    job.cancel()  # a second time is harmless


def test_a_job_has_only_its_own_descriptors_and_no_new_privileges(tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as kept:
        secret = kept.fileno()

        def work(progress: Any) -> dict[str, Any]:
            descriptors = {int(d.name) for d in Path("/proc/self/fd").iterdir()}
            status = Path("/proc/self/status").read_text()
            return {
                "secret": secret in descriptors,
                "privileges": "NoNewPrivs:\t1" in status,
                "group": os.getpgrp() == os.getpid(),
                "cwd": str(Path.cwd()),
            }

        result = fork_job(work, LIMITS, cwd=tmp_path).wait().result
    assert result == {"secret": False, "privileges": True, "group": True, "cwd": str(tmp_path)}


def test_a_file_larger_than_its_limit_is_an_error_inside(tmp_path: Path) -> None:
    def work(progress: Any) -> str:
        try:
            (tmp_path / "big").write_bytes(b"x" * (4 * MIB))
        except OSError as error:
            return error.strerror
        return "written"

    assert fork_job(work, LIMITS, scratch=tmp_path).wait().result == "File too large"


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_a_job_reads_the_models_folder_writes_its_scratch_and_nothing_else(tmp_path: Path) -> None:
    model, scratch, other = tmp_path / "model", tmp_path / "scratch", tmp_path / "other"
    for folder in (model, scratch, other):
        folder.mkdir()
        (folder / "file").write_text("content")

    def attempt(act: Any) -> str:
        try:
            return str(act())
        except OSError as error:
            return type(error).__name__

    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()

        def work(progress: Any) -> list[str]:
            return [
                attempt((model / "file").read_text),
                attempt(lambda: (model / "new").write_text("x")),
                attempt(lambda: (scratch / "new").write_text("x")),
                attempt((other / "file").read_text),
                attempt(lambda: socket.create_connection(address, 1)),
            ]

        result = fork_job(work, LIMITS, cwd=model, scratch=scratch).wait().result
    assert result == ["content", "PermissionError", "1", "PermissionError", "PermissionError"]


def test_fifty_jobs_at_once_are_fine() -> None:
    jobs = [fork_job(lambda progress, i=i: i * i, LIMITS) for i in range(50)]  # type: ignore[misc]
    assert [job.wait().result for job in jobs] == [i * i for i in range(50)]
    assert not select.select([], [], [], 0)[0]
