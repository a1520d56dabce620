"""One job: work in a forked, limited child whose crash, hang or hunger reaches nobody else."""

from __future__ import annotations

import logging
import os
import select
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs import confine, outcome
from onnx_scalpel.jobs.frames import FrameReader
from onnx_scalpel.jobs.inside import Progress, run_inside
from onnx_scalpel.jobs.limits import Limits, anonymous_bytes, impose
from onnx_scalpel.jobs.outcome import JobOutcome

log = logging.getLogger(__name__)

RESULT_LIMIT = 1 << 30  # bytes; no honest job has more to say
_LAST_WORDS = 16_384  # bytes kept of what the child printed
_GRACE = 1.0  # seconds between the last byte of a child and its end


def fork_job(
    work: Callable[[Progress], Any],
    limits: Limits,
    *,
    cwd: Path | None = None,
    readable: Sequence[Path] = (),
    scratch: Path | None = None,
    writable: Sequence[Path] = (),
) -> Job:
    """Run `work(progress)` in a fork of this single-threaded process; its result must be something msgpack can carry.

    `cwd` is the model's folder: the job may read it, `readable` and the system, and write `scratch`, which gets its
    temporary files, and `writable` only (where the kernel has Landlock). The result arrives decoded: structs and dataclasses as dicts, tuples as lists.
    """
    parent = os.getpid()
    result_read, result_write = os.pipe()
    words_read, words_write = os.pipe()
    for descriptor in (result_read, words_read, words_write):
        os.set_blocking(descriptor, False)  # a child that prints much loses words rather than waits
    pid = os.fork()
    if pid == 0:
        try:
            confine.cut_ties(parent, (result_write,), stdout=words_write, stderr=words_write)
            if cwd is not None:
                os.chdir(cwd)
            if scratch is not None:
                tempfile.tempdir = os.environ["TMPDIR"] = str(scratch)
            impose(limits)
            confine.drop_privileges((Path.cwd(), *readable), (*writable, *(() if scratch is None else (scratch,))))
            run_inside(work, result_write)
        except BaseException:  # noqa: BLE001 - a fork must never run on as if it were its parent
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(result_write)
    os.close(words_write)
    return Job(pid, result_read, words_read, limits)


class Job:
    """A running child. Poll it when `fileno()` is readable and on a timer; it is reaped and its group killed at the end."""

    def __init__(self, pid: int, result: int, words: int, limits: Limits) -> None:
        self.pid = pid
        self.progress: tuple[float | None, str] = (None, "")
        self._result, self._words = result, words
        self._frames = FrameReader(result, RESULT_LIMIT)
        self._limits = limits
        self._started = time.monotonic()
        self._answer: list[Any] | None = None
        self._last_words = b""
        self._stopped: tuple[outcome.Status, AppError | None] | None = None
        self._outcome: JobOutcome | None = None

    def fileno(self) -> int:
        """The descriptor to select on; -1 after the end."""
        return self._result

    @property
    def seconds_left(self) -> float | None:
        """Until the wall limit; None when there is none. At the latest then, poll again."""
        if not self._limits.wall_seconds:
            return None
        return max(0.0, self._started + self._limits.wall_seconds - time.monotonic())

    def poll(self) -> JobOutcome | None:
        """The outcome, once there is one; never blocks for longer than a child takes to exit. Enforces time and memory."""
        if self._outcome is not None:
            return self._outcome
        self._listen()
        if self._frames.ended:
            self._await_exit(_GRACE)
            return self._finish()
        if self._exited():
            self._listen()
            return self._finish()
        if self.seconds_left == 0:
            return self._stop("timed-out", outcome.timed_out("time", self._while_doing()))
        allowed = self._limits.memory_bytes
        if allowed and anonymous_bytes(self.pid) > allowed + anonymous_bytes():
            return self._stop("out-of-memory", outcome.out_of_memory(self._while_doing()))
        return None

    def cancel(self) -> None:
        """Kill the child and whatever it started; the outcome is `cancelled` unless it had ended already."""
        if self._outcome is None:
            self._stop("cancelled", AppError("job-cancelled", "Cancelled", status=409))

    def wait(self, timeout: float | None = None) -> JobOutcome:
        """Block until the end; after `timeout` seconds the job is stopped as timed out."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (found := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                return self._stop("timed-out", outcome.timed_out("time", self._while_doing()))
            select.select([self._result], [], [], 0.05)
        return found

    def _listen(self) -> None:
        try:
            for payload in self._frames.read():
                kind, *rest = msgspec.msgpack.decode(payload)
                if kind == "progress":
                    self.progress = (rest[0], rest[1])
                else:
                    self._answer = [kind, *rest]
        except (ValueError, msgspec.DecodeError) as error:
            log.error("a job sent something unreadable: %s", error)
            self._stopped = ("failed", AppError("job-failed", "The job's answer could not be read", hint="try again"))
            self._kill()
        try:
            while piece := os.read(self._words, 1 << 16):
                self._last_words = (self._last_words + piece)[-_LAST_WORDS:]
        except BlockingIOError:
            pass  # nothing more for now

    def _while_doing(self) -> str:
        return f" while it was {self.progress[1]}" if self.progress[1] else ""

    def _exited(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _await_exit(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._exited() and time.monotonic() < deadline:
            time.sleep(0.0005)

    def _kill(self) -> None:
        for kill, target in ((os.killpg, self.pid), (os.kill, self.pid)):  # its group may not be made yet
            try:
                kill(target, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue  # gone already: nothing of it is left to stop

    def _stop(self, status: outcome.Status, error: AppError) -> JobOutcome:
        self._stopped = (status, error)
        return self._finish()

    def _finish(self) -> JobOutcome:
        self._kill()
        _, wait_status, usage = os.wait4(self.pid, 0)
        os.close(self._result)
        os.close(self._words)
        self._result = -1
        status, result, error = self._judge(os.waitstatus_to_exitcode(wait_status))
        self._outcome = JobOutcome(
            status=status,
            result=result,
            error=error,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            wall_seconds=time.monotonic() - self._started,
            peak_bytes=usage.ru_maxrss * 1024,
        )
        return self._outcome

    def _judge(self, exit_code: int) -> tuple[outcome.Status, Any, AppError | None]:
        words = self._last_words.decode("utf-8", errors="replace")
        if self._stopped is not None:
            return self._stopped[0], None, self._stopped[1]
        if self._answer is None:
            log.warning("job %d: %s; it said: %s", self.pid, outcome.exit_text(exit_code), words[-2000:] or "nothing")
            status, error = outcome.verdict(exit_code, words, self.progress[1])
            return status, None, error
        kind, *rest = self._answer
        if kind == "done":
            return "done", rest[0], None
        if kind == "refused":
            return "failed", None, AppError.from_json(rest[0], rest[1])
        log.error("job %d failed: %s", self.pid, rest[0])
        if kind == "memory":
            return "out-of-memory", None, outcome.out_of_memory(self._while_doing())
        message = f"The job failed unexpectedly{self._while_doing()}"
        return "failed", None, AppError("job-failed", message, hint="the server's log says more; your work is safe")
