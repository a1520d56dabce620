"""The web side's hold on one session process: starts it, notices its end, starts it again and repeats what was not answered."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import Any

from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.zygote import Child, Zygote
from onnx_scalpel.session import refusals
from onnx_scalpel.session.messages import OPENING, Event, Frame, Request, Response, Working, encode_frame, frames

log = logging.getLogger(__name__)
ENTRY = "onnx_scalpel.session.process:main"
WORK_SECONDS = 4 * 3600.0  # an answer that was said to take long; the job behind it has limits of its own


@dataclass(frozen=True)
class Patience:
    """How long a session process may take, and how often it may be started again."""

    open_seconds: float = 60.0
    restarts: int = 3
    window_seconds: float = 60.0  # in which so many restarts are allowed
    attempts: int = 3  # processes that may end under one request before it is given up
    memory_bytes: int = 8 << 30  # that the process may allocate; mapped files do not count


@dataclass
class _Pending:
    """A request without an answer."""

    request: Request
    data: bytearray  # as it goes over the wire
    repeatable: bool
    seconds: float  # that an answer may take
    deadline: float  # by when; later once the process says that it is at work
    answer: Future[Any] = field(default_factory=Future)
    child: Child | None = None  # the process that it was sent to last
    attempts: int = 0


class Lifeline:
    """Calls a session process from any thread. One thread of its own listens, and starts the process again when it ends.

    `opening` are the arguments of `open`. `on_event` hears events in order, on that thread: it must not call back.
    `on_state` hears `ready`, `recovering` and `lost` (with the reason why it is given up).
    """

    def __init__(
        self,
        zygote: Zygote,
        opening: dict[str, Any],
        patience: Patience,
        on_event: Callable[[str, dict[str, Any]], None],
        on_state: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._zygote = zygote
        self._opening = opening
        self._patience = patience
        self._on_event = on_event
        self._on_state = on_state
        self._lock = threading.Lock()  # guards what follows
        self._pending: dict[int, _Pending] = {}
        self._numbers = itertools.count(1)
        self._child: Child | None = None  # None while there is none that is ready
        self._refusal: AppError | None = None  # why nothing is taken any more
        self._closing = False
        self._starting: Child | None = None  # the process that is opening the model
        self._unwanted = False  # before it was open
        self.on_progress: Callable[[dict[str, Any]], None] | None = None  # hears `opening` events
        self._send_lock = threading.Lock()
        self._opened: Future[dict[str, Any]] = Future()
        self._heard: int | None = None  # the newest revision that `on_event` heard of, or that was there at first
        self._restarts: deque[float] = deque()
        self._thread = threading.Thread(target=self._live, name=f"session {opening['session']}", daemon=True)

    def start(self) -> dict[str, Any]:
        """Open the model; what `open` answers. AppError: refused, `open-crashed`, `open-timed-out`."""
        self._thread.start()
        return self._opened.result()

    def give_up_opening(self) -> None:
        """End the process that is opening the model: `start` raises `cancelled`. Nothing happens once it is open."""
        with self._lock:
            self._unwanted = True
            child = self._starting
        if child is not None and not self._opened.done():
            child.kill()

    def call(self, op: str, arguments: dict[str, Any], seconds: float, *, repeatable: bool, kills: bool) -> Any:
        """Ask and wait. `repeatable`: ask again when the process ended before it answered. `kills`: a process that does
        not answer in time hangs, and is ended."""
        with self._lock:
            if self._refusal is not None:
                raise self._refusal
            request = Request(next(self._numbers), op, arguments)
            pending = _Pending(request, _encoded(request), repeatable, seconds, time.monotonic() + seconds)
            self._pending[pending.request.id] = pending
            child = self._child
        if child is not None:
            self._send(child, pending)
        while True:
            try:
                return pending.answer.result(max(0.0, pending.deadline - time.monotonic()))
            except FutureTimeout:
                if time.monotonic() >= pending.deadline:  # it may have been put off meanwhile
                    raise self._too_late(pending, seconds, kills) from None

    def close(self, seconds: float) -> None:
        """End the process; its journal stays."""
        with self._lock:
            self._closing = True
            child = self._child
        if child is not None and self._refusal is None:
            try:
                self.call("close", {}, seconds, repeatable=False, kills=True)
            except AppError as error:
                log.info("a session did not close by itself: %s", error.message)
        if child is not None and child.exit_status(2.0) == "still running":
            child.kill()
        self._refuse(refusals.closed())
        self._thread.join(5.0)

    @property
    def pid(self) -> int | None:
        """The process, while it is ready."""
        child = self._child
        return None if child is None else child.pid

    def _live(self) -> None:
        while True:
            try:
                child, stream, opened = self._begin()
            except AppError as error:
                if self._may_restart(error):
                    continue
                return self._give_up(error)
            except Exception as error:  # the thread's boundary: a bug must not leave callers waiting
                log.exception("a session could not be started")
                bug = refusals.bug("open")
                bug.__cause__ = error
                return self._give_up(bug)
            self._take_over(child, opened)
            self._listen(stream)
            with self._lock:
                self._child = None
                closing = self._closing
            child.kill()
            with self._send_lock:  # nobody sends into a descriptor that another file got
                child.channel.close()
            if closing:
                return self._give_up(refusals.closed())
            log.warning("session %s ended (%s)", self._opening["session"], child.exit_status(2.0))
            self._settle_interrupted()
            self._tell_state("recovering", {})
            if not self._allowed_again():
                return self._give_up(refusals.lost())

    def _begin(self) -> tuple[Child, Iterator[Frame], dict[str, Any]]:
        """Start a process and have it open the model. A timer ends it when that takes too long."""
        child = self._zygote.spawn(ENTRY, {"memory_bytes": self._patience.memory_bytes})
        late = threading.Event()
        with self._lock:
            self._starting = child
            unwanted = self._unwanted and not self._opened.done()
        if unwanted:
            child.kill()

        def end() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._patience.open_seconds, end)
        timer.daemon = True
        timer.start()
        try:
            stream = frames(child.channel)
            self._write(child, encode_frame(Request(0, "open", {**self._opening, "heard": self._heard})))
            for frame in stream:
                if isinstance(frame, Response):
                    return child, stream, frame.value()
                if isinstance(frame, Event) and frame.name == OPENING and self.on_progress is not None:
                    self.on_progress(frame.payload)
            if self._unwanted and not self._opened.done():
                raise refusals.cancelled()
            raise refusals.open_failed(late.is_set(), child.exit_status(2.0))
        except BaseException:
            child.kill()
            child.channel.close()
            raise
        finally:
            timer.cancel()
            with self._lock:
                self._starting = None

    def _take_over(self, child: Child, opened: dict[str, Any]) -> None:
        first = not self._opened.done()
        if first:
            self._heard = opened["revision"]
            self._opened.set_result(opened)
        self._tell_state("ready", opened)
        with self._lock:
            self._child = child
            waiting = sorted(self._pending.values(), key=lambda pending: pending.request.id)
        for pending in waiting:
            self._send(child, pending)

    def _listen(self, stream: Iterator[Frame]) -> None:
        for frame in stream:
            if isinstance(frame, Event):
                if frame.name == "revision":
                    self._heard = frame.payload["revision"]
                self._tell(frame.name, frame.payload)
            elif isinstance(frame, Working):
                with self._lock:
                    if (at_work := self._pending.get(frame.id)) is not None:
                        at_work.deadline = time.monotonic() + WORK_SECONDS
            elif isinstance(frame, Response):
                with self._lock:
                    pending = self._pending.pop(frame.id, None)
                if pending is not None:
                    _resolve(pending, frame)

    def _send(self, child: Child, pending: _Pending) -> None:
        with self._send_lock:
            if pending.child is child:
                return  # the listening thread was faster
            if pending.child is not None:  # the process before it may have been at work for long
                pending.deadline = time.monotonic() + pending.seconds
            pending.child = child
            pending.attempts += 1
            self._write(child, pending.data)

    def _write(self, child: Child, data: bytearray) -> None:
        try:
            child.channel.sendall(data)
        except OSError as error:
            log.info("a session's process is gone: %s", error)  # the listening thread notices and repeats it

    def _settle_interrupted(self) -> None:
        """Answer what must not be asked again after the process ended under it."""
        with self._lock:
            over = [
                pending
                for pending in self._pending.values()
                if pending.child is not None and (not pending.repeatable or pending.attempts >= self._patience.attempts)
            ]
            for pending in over:
                del self._pending[pending.request.id]
        for pending in over:
            pending.answer.set_exception(refusals.interrupted(pending.request.op))

    def _too_late(self, pending: _Pending, seconds: float, kills: bool) -> AppError:
        with self._lock:
            self._pending.pop(pending.request.id, None)
            hangs = kills and self._child is not None and pending.child is self._child
            child = self._child
        if hangs and child is not None:
            log.warning("a session's process hangs at %s and is ended", pending.request.op)
            child.kill()
        return refusals.timed_out(pending.request.op, seconds)

    def _allowed_again(self) -> bool:
        now = time.monotonic()
        while self._restarts and now - self._restarts[0] > self._patience.window_seconds:
            self._restarts.popleft()
        if len(self._restarts) >= self._patience.restarts:
            return False
        self._restarts.append(now)
        return True

    def _may_restart(self, error: AppError) -> bool:
        crashed = error.code in ("open-crashed", "open-timed-out")
        return self._opened.done() and crashed and not self._closing and self._allowed_again()

    def _give_up(self, error: AppError) -> None:
        if not self._opened.done():
            self._refuse(error)
            self._opened.set_exception(error)
            return
        self._refuse(error)
        if not self._closing:
            self._tell_state("lost", error.to_json())

    def _refuse(self, error: AppError) -> None:
        """Take no more requests, and answer those that wait."""
        with self._lock:
            self._refusal = self._refusal or error
            waiting, self._pending = list(self._pending.values()), {}
        for pending in waiting:
            if not pending.answer.done():
                pending.answer.set_exception(error)

    def _tell(self, name: str, payload: dict[str, Any]) -> None:
        try:
            self._on_event(name, payload)
        except Exception:  # a listener's bug is loud in the log and does not end the session
            log.exception("a listener failed on %s", name)

    def _tell_state(self, state: str, detail: dict[str, Any]) -> None:
        try:
            self._on_state(state, detail)
        except Exception:  # as above
            log.exception("a listener failed on the state %s", state)


def _encoded(request: Request) -> bytearray:
    """AppError for what no other process could read either: half a character, a number beyond 64 bits, endless nesting."""
    try:
        return encode_frame(request)
    except (UnicodeEncodeError, OverflowError, RecursionError) as error:
        raise refusals.unsendable() from error


def _resolve(pending: _Pending, response: Response) -> None:
    try:
        value = response.value()
    except AppError as error:
        pending.answer.set_exception(error)
    else:
        pending.answer.set_result(value)
