"""What the web process and a session process say to each other: requests, responses and events as framed MessagePack."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Any

import msgspec

from onnx_scalpel.errors import AppError

_LENGTH = struct.Struct("<Q")
OPENING = "opening"  # the event that says how far the answer to `open` is
FRAME_LIMIT = 1 << 32  # bytes; what comes from the other side is ours, so this only catches a broken stream


class Request(msgspec.Struct, frozen=True, tag="request"):
    """One call: `op` names it; `id` is the caller's and comes back in the response."""

    id: int
    op: str
    arguments: dict[str, Any] = {}


class Response(msgspec.Struct, frozen=True, tag="response"):
    """The answer to the request `id`: `error` is an AppError's JSON, else `result` counts (bytes for large ones)."""

    id: int
    result: Any = None
    error: dict[str, Any] | None = None
    status: int = 400

    def value(self) -> Any:
        """The result, or the AppError that the other side reported."""
        if self.error is not None:
            raise AppError.from_json(self.error, self.status)
        return self.result


class Event(msgspec.Struct, frozen=True, tag="event"):
    """Something every participant hears: `revision`, `diagnostics`, `types`, `job` or `session` with the page's payload."""

    name: str
    payload: dict[str, Any]


class Working(msgspec.Struct, frozen=True, tag="working"):
    """The request `id` is understood and takes long: its answer comes when the work is done, and no process hangs."""

    id: int


Frame = Request | Response | Event | Working
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


def encode_frame(frame: Frame) -> bytearray:
    """A frame as it goes over the wire: 8 bytes of length, then MessagePack."""
    buffer = bytearray(_LENGTH.size)
    _encoder.encode_into(frame, buffer, _LENGTH.size)
    _LENGTH.pack_into(buffer, 0, len(buffer) - _LENGTH.size)
    return buffer


def failure(request: int, error: AppError) -> Response:
    """The response that carries an expected failure."""
    return Response(request, error=error.to_json(), status=error.status)


class FrameReader:
    """Turns the pieces that a socket gives into whole frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> Iterator[Frame]:
        """Every frame that is complete with this piece; ValueError for a stream that is none of ours."""
        self._buffer += piece
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > FRAME_LIMIT:
                raise ValueError("the stream between two processes is broken")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            with memoryview(self._buffer) as view:
                frame = _decoder.decode(view[_LENGTH.size : end])
            del self._buffer[:end]
            yield frame


def frames(channel: socket.socket) -> Iterator[Frame]:
    """Every frame that a blocking socket gives, until its end."""
    reader = FrameReader()
    while True:
        try:
            piece = channel.recv(1 << 20)
        except (ConnectionResetError, BrokenPipeError):
            return
        if not piece:
            return
        yield from reader.feed(piece)
