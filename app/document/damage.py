"""Finds the place where a file stops being a readable ONNX model, by walking its wire format without parsing it."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import Any, Literal

import onnx

Kind = Literal["cut", "bomb", "deep", "noise", "foreign", "broken"]
Buffer = bytes | mmap.mmap

MAX_DEPTH = 100  # messages within messages that protobuf accepts
_BUDGET = 20_000_000  # fields looked at before giving up: far beyond any model that fails early
_FIXED = {1: 8, 5: 4}  # wire type -> bytes


@dataclass(frozen=True)
class Damage:
    """What is wrong at `offset`; `missing` bytes are beyond the file's end; `depth` is the limit that was passed."""

    kind: Kind
    offset: int
    missing: int = 0
    depth: int = MAX_DEPTH


@dataclass(frozen=True)
class _Bad(Exception):
    """A field that cannot be read; `overrun` is how far it reaches beyond its message."""

    offset: int
    overrun: int = 0


@dataclass(frozen=True)
class _Field:
    number: int
    wire: int
    start: int
    payload: int
    end: int


def find_damage(data: Buffer) -> Damage | None:
    """The first thing that makes these bytes no ONNX model; None when nothing is wrong with their wire format."""
    size = len(data)
    known, position = 0, 0
    pending: list[tuple[int, int, Any, int]] = []  # start, end, message type, depth
    top = onnx.ModelProto.DESCRIPTOR
    while position < size:
        try:
            field = _read_field(data, position, size)
        except _Bad as bad:
            if bad.overrun:
                return _judge_overrun(data, bad, top, known)
            return Damage("broken" if known > 1 else "noise", bad.offset)  # one may be chance
        inner = _message_type(top, field)
        if field.number not in top.fields_by_number or not _fits(top, field):
            known -= 1  # a stray field among many known ones is somebody's extension
        else:
            known += 1
        if inner is not None:
            pending.append((field.payload, field.end, inner, 1))
        position = field.end
    if known <= 0:
        return Damage("foreign", 0)
    return _walk_inside(data, pending)


def _walk_inside(data: Buffer, pending: list[tuple[int, int, Any, int]]) -> Damage | None:
    for _ in range(_BUDGET):
        if not pending:
            return None
        start, end, kind, depth = pending.pop()
        if depth > MAX_DEPTH:
            return Damage("deep", start)
        if start >= end:
            continue
        try:
            field = _read_field(data, start, end)
        except _Bad as bad:
            return Damage("broken", bad.offset)
        pending.append((field.end, end, kind, depth))
        inner = _message_type(kind, field)
        if inner is not None:
            pending.append((field.payload, field.end, inner, depth + 1))
    return None


def _judge_overrun(data: Buffer, bad: _Bad, kind: Any, known: int) -> Damage:
    """A field reaches beyond the end of the file: cut off, if what is there of it reads well; otherwise a lie or noise."""
    size, position, overrun = len(data), bad.offset, bad.overrun
    first, read = bad.offset, known
    while True:
        try:
            tag, payload = _varint(data, position, size)
            _, payload = _varint(data, payload, size) if tag & 7 == 2 else (0, payload)
        except _Bad:
            return Damage("cut", position, overrun)  # cut within a tag or a length
        field = _Field(tag >> 3, tag & 7, position, payload, size)
        if not _fits(kind, field):
            return _lie(first, bad.overrun, read)
        inner = _message_type(kind, field)
        if inner is None:
            believable = read > 0 or kind is not onnx.ModelProto.DESCRIPTOR
            return Damage("cut", position, overrun) if believable else _lie(first, bad.overrun, read)
        kind, position = inner, payload
        while position < size:
            try:
                position = _read_field(data, position, size).end
                read += 1
            except _Bad as deeper:
                if not deeper.overrun:
                    return _lie(first, bad.overrun, known)
                overrun = deeper.overrun
                break
        else:
            return Damage("cut", size, overrun)


def _lie(offset: int, overrun: int, known: int) -> Damage:
    return Damage("bomb", offset, overrun) if known > 0 else Damage("noise", offset)


def _message_type(kind: Any, field: _Field) -> Any:
    """The type of the message in this field; None when it holds none."""
    described = kind.fields_by_number.get(field.number)
    return described.message_type if described is not None and field.wire == 2 else None


def _fits(kind: Any, field: _Field) -> bool:
    """True when the wire type is one that the field of this number may have; unknown numbers may have any."""
    described = kind.fields_by_number.get(field.number)
    if described is None:
        return field.number < 1 << 16
    if described.type in (described.TYPE_STRING, described.TYPE_BYTES, described.TYPE_MESSAGE):
        return field.wire == 2
    return field.wire in (0, 1, 5) or (described.is_repeated and field.wire == 2)


def _read_field(data: Buffer, start: int, end: int) -> _Field:
    tag, payload = _varint(data, start, end)
    number, wire = tag >> 3, tag & 7
    if number == 0 or number >= 1 << 29:
        raise _Bad(start)
    if wire == 0:
        return _Field(number, wire, start, payload, _varint(data, payload, end)[1])
    if wire == 2:
        length, payload = _varint(data, payload, end)
        stop = payload + length
    elif wire in _FIXED:
        stop = payload + _FIXED[wire]
    else:
        raise _Bad(start)
    if stop > end:
        raise _Bad(start, stop - end)
    return _Field(number, wire, start, payload, stop)


def _varint(data: Buffer, position: int, end: int) -> tuple[int, int]:
    value = shift = 0
    start = position
    while position < end:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise _Bad(start)
    raise _Bad(start, 1)
