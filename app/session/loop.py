"""The single thread of a session process: its channel, its jobs' pipes and its timers, one thing at a time."""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from onnx_scalpel.session.messages import Frame, FrameReader, Request, encode_frame

_READ_BYTES = 1 << 20
_BATCH_BYTES = 8 << 20  # read at most this much before answering, so that a flood cannot starve the answers
_LINGER_SECONDS = 5.0  # how long the last answers may take to leave


class Watched(Protocol):
    """Something with a descriptor that becomes readable."""

    def fileno(self) -> int: ...


class Timer:
    """A call that is due once; `cancel` takes it back."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class Loop:
    """Hands every batch of requests to `serve` until the channel ends or `stop` is called."""

    def __init__(self, channel: socket.socket, serve: Callable[[Sequence[Request]], None]) -> None:
        channel.setblocking(False)
        self._channel = channel
        self._serve = serve
        self._reader = FrameReader()
        self._unsent = bytearray()
        self._timers: list[tuple[float, int, Timer]] = []
        self._ordinals = itertools.count()
        self._running = True
        self._selector = selectors.DefaultSelector()
        self._selector.register(channel, selectors.EVENT_READ, self._on_channel)

    def send(self, frame: Frame) -> None:
        """Queue a frame; it leaves as soon as the other side takes it."""
        self._unsent += encode_frame(frame)

    def send_now(self, frame: Frame) -> None:
        """Send a frame from within work that takes long."""
        self.send(frame)
        self._flush()

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call once after this time."""
        timer = Timer(call)
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._ordinals), timer))
        return timer

    def watch(self, source: Watched, call: Callable[[], None]) -> int:
        """Call whenever this is readable; returns the descriptor for `unwatch`."""
        descriptor = source.fileno()
        self._selector.register(descriptor, selectors.EVENT_READ, call)
        return descriptor

    def unwatch(self, descriptor: int) -> None:
        self._selector.unregister(descriptor)

    def stop(self) -> None:
        """End after this round, once the answers are sent."""
        self._running = False

    def run(self) -> None:
        """Serve until the end."""
        while self._running:
            self._flush()
            for key, events in self._selector.select(self._until_next_timer()):
                if key.fileobj is self._channel:
                    self._on_channel(events)
                elif key.fd in self._selector.get_map():  # not when an earlier call of this round let go of it
                    key.data()
            self._run_timers()
        self._linger()

    def _on_channel(self, events: int) -> None:
        if not events & selectors.EVENT_READ:
            return
        requests: list[Request] = []
        taken = 0
        while taken < _BATCH_BYTES:
            try:
                piece = self._channel.recv(_READ_BYTES)
            except BlockingIOError:
                break
            except ConnectionResetError:
                piece = b""
            if not piece:
                self._running = False  # the web process is gone
                break
            taken += len(piece)
            requests += [frame for frame in self._reader.feed(piece) if isinstance(frame, Request)]
        if requests:
            self._serve(requests)

    def _until_next_timer(self) -> float | None:
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _run_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            call = heapq.heappop(self._timers)[2].call
            if call is not None:
                call()

    def _flush(self) -> None:
        while self._unsent:
            try:
                sent = self._channel.send(bytes(self._unsent[:_READ_BYTES]))
                del self._unsent[:sent]
            except BlockingIOError:
                break
            except (BrokenPipeError, ConnectionResetError):
                self._unsent.clear()
                self._running = False
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
        if self._selector.get_key(self._channel).events != events:
            self._selector.modify(self._channel, events, self._on_channel)

    def _linger(self) -> None:
        self._channel.settimeout(_LINGER_SECONDS)
        try:
            self._channel.sendall(self._unsent)
        except OSError:
            self._unsent.clear()  # nobody is there to hear it
        self._channel.close()
        self._selector.close()
