"""Waits for Ctrl-C or SIGTERM, whichever thread the system hands the signal to."""

from __future__ import annotations

import select
import signal
import socket
from types import FrameType, TracebackType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignal:
    """Told to stop or not; used in the main thread, as a context.

    The interpreter's wake-up socket is what is waited for: a lock that the main thread waits for is not interrupted when
    the system hands the signal to another thread, and an Event must not be set by a handler.
    """

    def __init__(self) -> None:
        self._heard, self._told = socket.socketpair()
        self._heard.setblocking(False)
        self._told.setblocking(False)

    def __enter__(self) -> StopSignal:
        self._before = {number: signal.signal(number, _noted) for number in _SIGNALS}
        self._wakeup = signal.set_wakeup_fd(self._told.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._heard.close()
        self._told.close()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it was told to stop, at the latest after so many seconds; None: waits for it."""
        return bool(select.select([self._heard], [], [], seconds)[0])


def _noted(number: int, frame: FrameType | None) -> None:
    """The wake-up socket has it."""
