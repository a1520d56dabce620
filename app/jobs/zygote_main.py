"""The zygote: imports the heavy libraries once and forks a warm process whenever the server asks for one.

Run as `python -P -m onnx_scalpel.jobs.zygote_main CONTROL_FD PARENT_PID MODULE…`; ends with its server, and its children with it.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import select
import signal
import socket
import sys
import traceback
from typing import Any, NoReturn

import msgspec

from onnx_scalpel.jobs import confine
from onnx_scalpel.jobs.limits import CONTROL_MESSAGE_LIMIT, Limits, impose

log = logging.getLogger("onnx_scalpel.zygote")


def main(arguments: list[str]) -> None:
    """Preload, then serve the control socket until the server closes it."""
    control = socket.socket(fileno=int(arguments[0]))
    confine.die_with_parent(int(arguments[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes the control socket
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    gc.disable()
    for name in arguments[2:]:
        try:
            importlib.import_module(name)
        except ImportError:
            log.exception("could not preload %s", name)
    gc.enable()
    gc.collect()
    gc.freeze()
    _Zygote(control).serve()


class _Zygote:
    """The loop: requests come in, exits of children go out."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: set[int] = set()
        self._exits_read, self._exits_write = os.pipe()
        for descriptor in (self._exits_read, self._exits_write):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that the wake-up descriptor is written
        signal.set_wakeup_fd(self._exits_write)

    def serve(self) -> None:
        """Until the control socket ends; then every child is killed."""
        try:
            while True:
                readable, _, _ = select.select([self._control.fileno(), self._exits_read], [], [])
                if self._exits_read in readable:
                    os.read(self._exits_read, 4096)
                    self._reap()
                if self._control.fileno() in readable and not self._answer():
                    return
        finally:
            for pid in self._children:
                self._kill(pid)

    def _answer(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, CONTROL_MESSAGE_LIMIT, 1)
        except ConnectionResetError:
            return False
        if not data:
            return False
        request = msgspec.msgpack.decode(data)
        if request["ask"] == "kill":
            if request["pid"] in self._children:
                self._kill(request["pid"])
            return True
        channel = socket.socket(fileno=descriptors[0])
        try:
            pid = self._fork(channel, request)
        except OSError as error:
            self._tell({"tell": "refused", "id": request["id"], "reason": error.strerror or "fork failed"})
            return True
        finally:
            channel.close()
        self._children.add(pid)
        self._tell({"tell": "spawned", "id": request["id"], "pid": pid})
        return True

    def _fork(self, channel: socket.socket, request: dict[str, Any]) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            confine.cut_ties(parent, (channel.fileno(),), stdout=2, stderr=2)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            confine.prctl(confine.NO_NEW_PRIVILEGES, 1)
            impose(Limits(**request["limits"]))
            code = _run(channel, request["entry"], request["argument"])
        except BaseException:  # noqa: BLE001 - a fork must never run on as if it were its parent
            traceback.print_exc()
        finally:
            _leave(code)

    def _reap(self) -> None:
        for pid in sorted(self._children):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                self._children.discard(pid)
                self._tell({"tell": "exit", "pid": pid, "status": os.waitstatus_to_exitcode(status)})

    def _tell(self, message: dict[str, Any]) -> None:
        try:
            self._control.send(msgspec.msgpack.encode(message))
        except (BrokenPipeError, ConnectionResetError):
            return  # the server is gone: the next read of the control socket ends the loop

    def _kill(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it was faster


def _run(channel: socket.socket, entry: str, argument: dict[str, Any]) -> int:
    module, _, function = entry.partition(":")
    getattr(importlib.import_module(module), function)(channel, argument)
    return 0


def _leave(code: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
