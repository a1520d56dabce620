"""Two protobuf messages field by field: a small walk along their descriptors, unknown fields included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from google.protobuf.unknown_fields import UnknownFieldSet

Path = tuple[str | int, ...]


class Difference(NamedTuple):
    """A field that differs: its path from the message down, as in ('type', 'tensor_type', 'shape', 'dim', 0, 'dim_value').

    A list of another length is one difference. A field that is not set is None.
    """

    path: Path
    before: Any
    after: Any


def differences(before: Any, after: Any, path: Path = (), without: Sequence[str] = ()) -> Iterator[Difference]:
    """Every field that differs between two messages of one type; fields of the message itself named in `without` are skipped."""
    for descriptor in before.DESCRIPTOR.fields:
        if descriptor.name in without:
            continue
        here = (*path, descriptor.name)
        was, now = _values(before, descriptor), _values(after, descriptor)
        if len(was) != len(now):
            one = (None, None) if descriptor.is_repeated else (was[0] if was else None, now[0] if now else None)
            yield Difference(here, *(one if not descriptor.is_repeated else (was, now)))
            continue
        for place, (old, new) in enumerate(zip(was, now, strict=True)):
            at = (*here, place) if descriptor.is_repeated else here
            if descriptor.message_type is not None:
                yield from differences(old, new, at)
            elif not _same(old, new):
                yield Difference(at, old, new)
    if _unknown(before) != _unknown(after):
        yield Difference((*path, "unknown fields"), _unknown(before), _unknown(after))


def _values(message: Any, descriptor: Any) -> list[Any]:
    if descriptor.is_repeated:
        return list(getattr(message, descriptor.name))
    return [getattr(message, descriptor.name)] if message.HasField(descriptor.name) else []


def _same(one: Any, other: Any) -> bool:
    """Exactly: NaN is itself, 0.0 is not -0.0, text is not bytes."""
    return (
        one == other and repr(one) == repr(other) if isinstance(one, float) and one == one else repr(one) == repr(other)
    )


def _unknown(message: Any) -> list[Any]:
    return [_field(field) for field in UnknownFieldSet(message)]


def _field(field: Any) -> Any:
    data = field.data
    if isinstance(data, UnknownFieldSet):  # a group
        data = [_field(inner) for inner in data]
    return field.field_number, field.wire_type, data
