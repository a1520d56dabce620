"""Length-prefixed messages on a pipe that may arrive in any number of pieces."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

_HEADER = struct.Struct("<Q")


def write_frame(descriptor: int, payload: bytes) -> None:
    """Write one message, however large; blocks until the reader has taken it."""
    view = memoryview(_HEADER.pack(len(payload)) + payload)
    while view:
        view = view[os.write(descriptor, view) :]


class FrameReader:
    """Collects what a non-blocking descriptor has to give and hands out whole messages."""

    def __init__(self, descriptor: int, limit: int) -> None:
        self._descriptor = descriptor
        self._limit = limit
        self._buffer = bytearray()
        self.ended = False

    def read(self) -> Iterator[bytes]:
        """Every message that is complete by now; sets `ended` at the end of the stream. ValueError: larger than `limit`."""
        while not self.ended:
            try:
                piece = os.read(self._descriptor, 1 << 20)
            except BlockingIOError:
                break
            self.ended = not piece
            self._buffer += piece
            yield from self._whole()

    def _whole(self) -> Iterator[bytes]:
        while len(self._buffer) >= _HEADER.size:
            (length,) = _HEADER.unpack_from(self._buffer)
            if length > self._limit:
                raise ValueError(f"a message of {length} bytes is larger than {self._limit}")
            end = _HEADER.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[_HEADER.size : end])
            del self._buffer[:end]
            yield payload
