"""The server's side of the zygote: start it, ask it for processes, learn how they ended. Imports none of the heavy libraries."""

from __future__ import annotations

import itertools
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

import msgspec

from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.limits import CONTROL_MESSAGE_LIMIT, Limits
from onnx_scalpel.jobs.outcome import exit_text

log = logging.getLogger(__name__)

_START_SECONDS = 60.0  # a cold disk imports slowly
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH")
_SET_VARIABLES = {
    # one thread each: a process that forks must be alone in its address space, and many models share few cores
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",  # arenas are address space, which is limited
    "ORT_DISABLE_TELEMETRY": "1",  # otherwise its import starts a thread that reports to its maker
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Child:
    """A process that the zygote forked. Its end is seen as end of file on `channel`."""

    def __init__(self, pid: int, channel: socket.socket, owner: _Process) -> None:
        self.pid = pid
        self.channel = channel
        self._owner = owner
        self._ended = threading.Event()
        self._status: int | None = None

    def exit_status(self, timeout: float = 5.0) -> str:
        """How it ended: `killed by SIGSEGV`, `exit 1`; `still running` after `timeout` seconds."""
        if not self._ended.wait(timeout):
            return "still running"
        return "lost with the zygote" if self._status is None else exit_text(self._status)

    def kill(self) -> None:
        """End it at once; the zygote makes sure that no other process is hit that got its number."""
        self._owner.send({"ask": "kill", "pid": self.pid})

    def report_exit(self, status: int | None) -> None:
        """Called by the reader thread; None when the zygote died first."""
        self._status = status
        self._ended.set()


class Zygote:
    """Starts the zygote process and again when it dies; thread-safe."""

    def __init__(self, preload: Sequence[str]) -> None:
        self._preload = tuple(preload)
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._stopped = False

    @classmethod
    def start(cls, preload: Sequence[str]) -> Zygote:
        """Launch it; the modules in `preload` are imported before the first fork (in the background)."""
        zygote = cls(preload)
        zygote._living()
        return zygote

    def spawn(self, entry: str, argument: Mapping[str, Any], *, limits: Limits | None = None) -> Child:
        """Fork a process that calls `module:function(channel, argument)`. AppError `no-process` when the system refuses."""
        bounds = limits or Limits()
        for attempt in (1, 2):
            process = self._living()
            try:
                return process.spawn(entry, dict(argument), bounds)
            except ConnectionError:
                log.warning("the zygote ended (attempt %d)", attempt)
        raise AppError("no-process", "The process for this model could not be started", hint="try again", status=429)

    def stop(self) -> None:
        """End the zygote and all its children."""
        with self._lock:
            self._stopped = True
            process, self._process = self._process, None
        if process is not None:
            process.stop()

    @property
    def pid(self) -> int | None:
        """The zygote's process id; None when it does not run."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def _living(self) -> _Process:
        with self._lock:
            if self._stopped:
                raise AppError("no-process", "The server is stopping", hint="start it again", status=429)
            if self._process is None or not self._process.alive:
                self._process = _Process(self._preload)
            return self._process


class _Process:
    """One zygote process with the thread that starts it, reads its reports and lives as long as it does.

    The kernel sends the parent-death signal when the *thread* that started a process ends, hence a thread of its own.
    """

    def __init__(self, preload: tuple[str, ...]) -> None:
        self._preload = preload
        self._control, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ids = itertools.count()
        self._lock = threading.Lock()
        self._asked: dict[int, tuple[Future[Child], socket.socket]] = {}
        self._children: dict[int, Child] = {}
        self._started: Future[int] = Future()
        self._thread = threading.Thread(target=self._live, name="zygote", daemon=True)
        self.alive = True
        self._thread.start()
        self.pid = self._started.result(_START_SECONDS)

    def spawn(self, entry: str, argument: dict[str, Any], limits: Limits) -> Child:
        """ConnectionError: the zygote ended."""
        ours, theirs = socket.socketpair()
        answer: Future[Child] = Future()
        with self._lock:
            if not self.alive:
                raise ConnectionError("the zygote ended")
            number = next(self._ids)
            self._asked[number] = (answer, ours)
        request = {"ask": "spawn", "id": number, "entry": entry, "argument": argument, "limits": limits.to_json()}
        data = msgspec.msgpack.encode(request)
        if len(data) > CONTROL_MESSAGE_LIMIT:
            raise ValueError(f"an argument of {len(data)} bytes is too large for the control socket")
        try:
            socket.send_fds(self._control, [data], [theirs.fileno()])
            return answer.result(_START_SECONDS)
        except FutureTimeout:
            raise ConnectionError("the zygote does not answer") from None
        finally:
            theirs.close()

    def send(self, message: dict[str, Any]) -> None:
        """Tell the zygote something that needs no answer."""
        try:
            self._control.send(msgspec.msgpack.encode(message))
        except OSError as error:
            log.info("the zygote is gone, its children with it: %s", error)

    def stop(self) -> None:
        """Close the control socket, which ends it, and wait."""
        try:
            self._control.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            log.info("the zygote had ended: %s", error)
        self._thread.join(5.0)

    def _live(self) -> None:
        try:
            process = self._launch()
        except OSError as error:
            self._started.set_exception(error)
            self.alive = False
            return
        self._started.set_result(process.pid)
        try:
            while data := self._control.recv(CONTROL_MESSAGE_LIMIT):
                self._hear(msgspec.msgpack.decode(data))
        except OSError as error:
            log.info("the zygote's control socket ended: %s", error)
        finally:
            self._bury(process)

    def _launch(self) -> subprocess.Popen[bytes]:
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        command = [sys.executable, "-P", "-m", "onnx_scalpel.jobs.zygote_main"]
        process = subprocess.Popen(
            [*command, str(self._theirs.fileno()), str(os.getpid()), *self._preload],
            env=kept | _SET_VARIABLES,
            pass_fds=(self._theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server's standard output is for its address alone
            start_new_session=True,  # Ctrl-C is for the server, which ends the zygote in its own time
        )
        self._theirs.close()
        return process

    def _hear(self, report: dict[str, Any]) -> None:
        if report["tell"] == "exit":
            child = self._children.pop(report["pid"], None)
            if child is not None:
                child.report_exit(report["status"])
            return
        with self._lock:
            answer, channel = self._asked.pop(report["id"])
        if report["tell"] == "refused":
            log.error("the zygote could not fork: %s", report["reason"])
            channel.close()
            answer.set_exception(ConnectionError("the zygote could not fork"))
            return
        child = Child(report["pid"], channel, self)
        self._children[child.pid] = child
        answer.set_result(child)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self.alive = False
            asked, self._asked = self._asked, {}
        self._control.close()
        try:
            process.wait(2.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for answer, channel in asked.values():
            channel.close()
            answer.set_exception(ConnectionError("the zygote ended"))
        for child in self._children.values():
            child.report_exit(None)
