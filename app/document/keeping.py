"""Keeps the wire format of a file whose fields are encoded unusually: parsing and writing again would normalise it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from onnx_scalpel.document.wire import Field, delimited, fields


def keep_encoding(original: bytes, before: Any, after: Any) -> bytes:
    """The bytes of message `after`, as `original` (which parses to `before`) encodes all that they have in common.

    Both are protobuf messages of one type. Fields keep their order on the wire, unknown ones their place.
    """
    old: dict[int, list[Field]] = {}
    for field in fields(original, 0, len(original)):
        old.setdefault(field.number, []).append(field)
    written: dict[int, list[bytes]] = {}  # field number -> what replaces its chunks, one per chunk
    appended: list[bytes] = []
    for descriptor in after.DESCRIPTOR.fields:
        chunks = [original[f.start : f.end] for f in old.get(descriptor.number, ())]
        was, now = _items(before, descriptor), _items(after, descriptor)
        canonical_was, canonical_now = _canonical(descriptor, was), _canonical(descriptor, now)
        if canonical_was == canonical_now:
            continue
        if descriptor.type != descriptor.TYPE_MESSAGE or len(chunks) != len(was):
            new = [b"".join(canonical_now)] + [b""] * (len(chunks) - 1)
        else:
            payloads = [original[f.payload : f.end] for f in old.get(descriptor.number, ())]
            new = _align(descriptor.number, chunks, payloads, (was, canonical_was), (now, canonical_now))
        if chunks:
            written[descriptor.number] = new
        else:
            appended += new
    out: list[bytes] = []
    seen: dict[int, int] = {}
    for field in fields(original, 0, len(original)):
        index = seen[field.number] = seen.get(field.number, -1) + 1
        new_chunks = written.get(field.number)
        out.append(original[field.start : field.end] if new_chunks is None else new_chunks[index])
    return b"".join(out + appended)


def _items(message: Any, descriptor: Any) -> Sequence[Any]:
    """The values of a field; none when it is not set."""
    value = getattr(message, descriptor.name)
    if descriptor.is_repeated:
        return list(value)
    return [value] if message.HasField(descriptor.name) else []


def _canonical(descriptor: Any, items: Sequence[Any]) -> list[bytes]:
    """Each item as it would be written: a message as its field, other fields through a message that holds only them."""
    if descriptor.type == descriptor.TYPE_MESSAGE:
        return [delimited(descriptor.number, item.SerializeToString()) for item in items]
    holder = descriptor.containing_type._concrete_class()
    if not items:
        return []
    if descriptor.is_repeated:
        for item in items:
            if isinstance(item, bytes) and descriptor.type == descriptor.TYPE_STRING:  # a name that is no UTF-8
                holder.MergeFromString(delimited(descriptor.number, item))
            else:
                getattr(holder, descriptor.name).append(item)
    elif isinstance(items[0], bytes) and descriptor.type == descriptor.TYPE_STRING:
        holder.MergeFromString(delimited(descriptor.number, items[0]))
    else:
        setattr(holder, descriptor.name, items[0])
    return [holder.SerializeToString()]


def _align(
    number: int,
    chunks: list[bytes],
    payloads: list[bytes],
    before: tuple[Sequence[Any], list[bytes]],
    after: tuple[Sequence[Any], list[bytes]],
) -> list[bytes]:
    """What replaces each old chunk of a repeated message: unchanged items keep theirs, changed ones keep what they can,
    new ones go where they belong."""
    (was, was_bytes), (now, now_bytes) = before, after
    head = 0
    while head < min(len(was), len(now)) and was_bytes[head] == now_bytes[head]:
        head += 1
    tail = 0
    while tail < min(len(was), len(now)) - head and was_bytes[-1 - tail] == now_bytes[-1 - tail]:
        tail += 1
    new = [b""] * len(was)
    new[:head] = chunks[:head]
    if tail:
        new[-tail:] = chunks[-tail:]
    middle_old, middle_new = range(head, len(was) - tail), range(head, len(now) - tail)
    if len(middle_old) == len(middle_new):
        for index in middle_old:
            if was_bytes[index] == now_bytes[index]:
                new[index] = chunks[index]
            else:
                new[index] = delimited(number, keep_encoding(payloads[index], was[index], now[index]))
        return new
    if not middle_old and tail:
        new[head] = b"".join(now_bytes[i] for i in middle_new) + new[head]
        return new
    places: dict[bytes, list[int]] = {}
    for index in reversed(middle_old):
        places.setdefault(was_bytes[index], []).append(index)
    at = head  # the old chunk after which new items are written
    leading: list[bytes] = []
    for index in middle_new:
        known = places.get(now_bytes[index])
        while known and known[-1] < at:
            known.pop()
        if known:
            at = known.pop()
            new[at] += chunks[at]
            continue
        if new and at < len(new):
            new[at] += now_bytes[index]
        else:
            leading.append(now_bytes[index])
    if leading:
        new = [*new[:-1], new[-1] + b"".join(leading)] if new else leading
    return new
