"""A model's wire format: weights cut out when reading and put back when writing, and odd encodings kept as they were."""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple, TypeAlias

Buffer: TypeAlias = bytes | mmap.mmap

INLINE_LIMIT = 1024  # bytes; tensor data up to this stays where it is
DEPTH_LIMIT = 100  # protobuf's own limit for nested messages

# which fields of a message hold messages that may hold tensors: {kind: {field number: kind}}; the attributes of operators other
# than Constant are "plain": runtimes do not look for an attribute's data in files
CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph"},
    "plain": {6: "graph", 11: "graph"},
    "tensor": {},
}
_OP_TYPE = 4
_RAW, _FLOATS, _DOUBLES = 9, 4, 10
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_PACKED_LIKE_RAW = {
    _RAW: None,
    _FLOATS: 1,
    _DOUBLES: 11,
}  # field -> the data_type whose packed field is laid out as raw_data
_OTHER_DATA = {3, 5, 6, 7, 11, _EXTERNAL_DATA, _DATA_LOCATION}


class MalformedError(ValueError):
    """These bytes are no protobuf message."""


class Range(NamedTuple):
    """Bytes of the opened file."""

    offset: int
    length: int


class Stored(NamedTuple):
    """Bytes that are in no .onnx file: of a location that a Restorer was told to fill in."""

    location: str
    offset: int
    length: int


class CutTensor(NamedTuple):
    """Tensor data that stayed in the file: its length, the field it was in, and whether its tensor's fields were in order."""

    length: int
    field: int
    ordered: bool


Piece: TypeAlias = bytes | Range | Stored


class Field(NamedTuple):
    """One field of a message: where its tag starts, its number and wire type, where its payload starts and ends."""

    start: int
    number: int
    wire: int
    payload: int
    end: int


def read_varint(data: Buffer, at: int) -> tuple[int, int]:
    """The number at `at`, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise MalformedError("a number of more than 64 bits")


def varint(value: int) -> bytes:
    """A number in its shortest encoding."""
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def delimited(number: int, payload: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def fields(data: Buffer, at: int, end: int) -> Iterable[Field]:
    """The fields of the message at [at, end). Raises MalformedError."""
    while at < end:
        start = at
        tag = data[at]
        at += 1
        if tag >= 0x80:
            tag, at = read_varint(data, start)
        kind = tag & 7
        if kind == 2:
            length = data[at]
            at += 1
            if length >= 0x80:
                length, at = read_varint(data, at - 1)
            payload, at = at, at + length
        elif kind == 0:
            payload = at
            while data[at] >= 0x80:
                at += 1
            at += 1
        elif kind in (1, 5):
            payload, at = at, at + (8 if kind == 1 else 4)
        elif kind == 3:
            payload, at = at, _group_end(data, at, end, tag >> 3)
        else:
            raise MalformedError("an unknown wire type")
        if at > end or not tag >> 3:
            raise MalformedError("a field beyond its message")
        yield Field(start, tag >> 3, kind, payload, at)


def _group_end(data: Buffer, at: int, end: int, number: int) -> int:
    """Where a group (an obsolete kind of field, possible among unknown ones) ends, its end tag included."""
    closing = varint(number << 3 | 4)
    while at < end and data[at : at + len(closing)] != closing:
        at = next(iter(fields(data, at, end))).end
    return at + len(closing)


class Cutter:
    """Reads a model's bytes and leaves large tensor data behind: `run()` gives the model with external references into
    the file itself instead; `cut` tells what was left at which offset."""

    def __init__(self, data: Buffer, file_name: str) -> None:
        self.cut: dict[int, CutTensor] = {}
        self._data = data
        self._location = file_name.encode("utf-8")

    def run(self) -> bytes:
        size = len(self._data)
        try:
            weightless = self._message(0, size, "model", 0)
        except IndexError as error:
            raise MalformedError("the end is missing") from error
        return self._data[0:size] if weightless is None else weightless

    def _message(self, at: int, end: int, kind: str, depth: int) -> bytes | None:
        """The message without its large tensor data; None when it has none."""
        if depth > DEPTH_LIMIT:
            raise MalformedError("messages nested too deep")
        data, children = self._data, CHILDREN[kind]
        pieces: list[bytes] = []
        kept = at
        for field in fields(data, at, end):
            if field.wire != 2 or field.end - field.payload <= INLINE_LIMIT or field.number not in children:
                continue
            child = children[field.number]
            if child == "attribute" and not self._is_constant(at, end):
                child = "plain"
            if child == "tensor":
                inner = self._tensor(field.payload, field.end)
            else:
                inner = self._message(field.payload, field.end, child, depth + 1)
            if inner is not None:
                pieces += data[kept : field.start], delimited(field.number, inner)
                kept = field.end
        if not pieces:
            return None
        pieces.append(data[kept:end])
        return b"".join(pieces)

    def _is_constant(self, at: int, end: int) -> bool:
        """Whether the node at [at, end) is a Constant."""
        named = (f for f in fields(self._data, at, end) if f.number == _OP_TYPE)
        return any(self._data[f.payload : f.end] == b"Constant" for f in named)

    def _tensor(self, at: int, end: int) -> bytes | None:
        data, parts = self._data, list(fields(self._data, at, end))
        big = [f for f in parts if f.number in _PACKED_LIKE_RAW and f.wire == 2 and f.end > f.payload]
        if len(big) != 1 or any(f.number in _OTHER_DATA for f in parts):
            return None
        held = big[0]
        expected = _PACKED_LIKE_RAW[held.number]
        dtype = next((read_varint(data, f.payload)[0] for f in parts if f.number == 2 and f.wire == 0), 0)
        length = held.end - held.payload
        if length <= INLINE_LIMIT or (expected is not None and dtype != expected):
            return None
        ordered = all(one.number <= other.number for one, other in pairwise(parts))
        self.cut[held.payload] = CutTensor(length, held.number, ordered)
        reference = self._reference(held.payload, length)
        rest = [(f.number, data[f.start : f.end]) for f in parts if f is not held]
        place = parts.index(held)
        if ordered:
            place = next((i for i, (number, _) in enumerate(rest) if number > _DATA_LOCATION), len(rest))
        chunks = [chunk for _, chunk in rest]
        return b"".join([*chunks[:place], reference, *chunks[place:]])

    def _reference(self, offset: int, length: int) -> bytes:
        entries = ((b"location", self._location), (b"offset", b"%d" % offset), (b"length", b"%d" % length))
        pairs = (delimited(1, key) + delimited(2, value) for key, value in entries)
        return b"".join(delimited(_EXTERNAL_DATA, pair) for pair in pairs) + b"\x70\x01"


class Restorer:
    """Puts what a Cutter left behind back into a model's bytes, as ranges of the opened file, and other data that belongs
    inside, whose locations begin with `stored`."""

    def __init__(self, data: bytes, file_name: str, cut: Mapping[int, CutTensor], stored: str = "") -> None:
        self._data = data
        self._cut = cut
        entry = delimited(1, b"location") + delimited(2, file_name.encode("utf-8"))
        self._needle = delimited(_EXTERNAL_DATA, entry)
        self._stored = stored.encode()
        self._found: list[int] = []

    def run(self) -> list[Piece]:
        """The whole model in pieces, in order."""
        needles = ([self._needle] if self._cut else []) + ([self._stored] if self._stored else [])
        for needle in needles:
            at = self._data.find(needle)
            while at >= 0:
                self._found.append(at)
                at = self._data.find(needle, at + 1)
        self._found.sort()
        return self._message(0, len(self._data), "model")[0] if self._found else [self._data]

    def _message(self, at: int, end: int, kind: str) -> tuple[list[Piece], int]:
        data, children = self._data, CHILDREN[kind]
        pieces: list[Piece] = []
        kept, size = at, 0
        for field in fields(data, at, end):
            if field.wire != 2 or field.number not in children or not self._inside(field):
                continue
            child = children[field.number]
            if child == "tensor":
                inner, length = self._tensor(field.payload, field.end)
            else:
                inner, length = self._message(field.payload, field.end, child)
            before = data[kept : field.start] + varint(field.number << 3 | 2) + varint(length)
            pieces += before, *inner
            size += len(before) + length
            kept = field.end
        pieces.append(data[kept:end])
        return pieces, size + end - kept

    def _inside(self, field: Field) -> bool:
        index = bisect_left(self._found, field.payload)
        return index < len(self._found) and self._found[index] < field.end

    def _tensor(self, at: int, end: int) -> tuple[list[Piece], int]:
        data, parts = self._data, list(fields(self._data, at, end))
        entries = dict(_entry(data, f) for f in parts if f.number == _EXTERNAL_DATA)
        location = entries.get(b"location", b"")
        if self._stored and location.startswith(self._stored):
            stored = Stored(location.decode(), int(entries.get(b"offset", b"0")), int(entries[b"length"]))
            return self._filled(parts, CutTensor(stored.length, _RAW, True), stored)
        offset = int(entries.get(b"offset", b"-1"))
        cut = self._cut.get(offset)
        if cut is None or int(entries.get(b"length", b"-1")) != cut.length:
            return [data[at:end]], end - at
        return self._filled(parts, cut, Range(offset, cut.length))

    def _filled(self, parts: list[Field], cut: CutTensor, held: Range | Stored) -> tuple[list[Piece], int]:
        """A tensor's fields with its data where it belongs."""
        data = self._data
        rest = [f for f in parts if f.number not in (_EXTERNAL_DATA, _DATA_LOCATION)]
        if cut.ordered:
            place = next((i for i, f in enumerate(rest) if f.number > cut.field), len(rest))
        else:
            place = next(i for i, f in enumerate(parts) if f.number == _EXTERNAL_DATA)
        head = b"".join(data[f.start : f.end] for f in rest[:place])
        head += varint(cut.field << 3 | 2) + varint(cut.length)
        tail = b"".join(data[f.start : f.end] for f in rest[place:])
        return [head, held, tail], len(head) + cut.length + len(tail)


def _entry(data: bytes, field: Field) -> tuple[bytes, bytes]:
    """Key and value of one external_data entry."""
    pair = {f.number: data[f.payload : f.end] for f in fields(data, field.payload, field.end)}
    return pair.get(1, b""), pair.get(2, b"")
