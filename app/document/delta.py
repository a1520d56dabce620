"""The effect of an edit: what each touched record was before and is after; the only thing that ever changes a document."""

from __future__ import annotations

from typing import Any

import msgspec

from onnx_scalpel.document.records import GraphRecord, ModelRecord, NodeRecord, Record, Table, ValueRecord

_TYPES: dict[str, type] = {"node": NodeRecord, "value": ValueRecord, "graph": GraphRecord, "model": ModelRecord}
_PLAIN, _ESCAPED = b"\x01", b"\x02"


class Change(msgspec.Struct, frozen=True):
    """One record's change; before None: created, after None: removed."""

    table: Table
    id: str
    before: Record | None
    after: Record | None


class Delta(msgspec.Struct, frozen=True):
    """Changes of distinct records; their order has no meaning."""

    changes: tuple[Change, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.changes

    def inverse(self) -> Delta:
        """The delta that takes this one back."""
        return Delta(tuple(Change(c.table, c.id, c.after, c.before) for c in reversed(self.changes)))

    def ids(self) -> tuple[str, ...]:
        """The ids of the records it touches."""
        return tuple(c.id for c in self.changes)


def encode_delta(delta: Delta) -> bytes:
    """MessagePack, exact. Strings that are no UTF-8 (lone surrogates from surrogateescape) make every string travel as Latin-1."""
    rows = [(c.table, c.id, c.before, c.after) for c in delta.changes]
    try:
        return _PLAIN + msgspec.msgpack.encode(rows)
    except UnicodeEncodeError:
        return _ESCAPED + msgspec.msgpack.encode(_escape(msgspec.to_builtins(rows, builtin_types=(bytes,))))


def decode_delta(data: bytes) -> Delta:
    """The delta that `encode_delta` wrote."""
    rows: list[Any] = msgspec.msgpack.decode(data[1:])
    if data[:1] == _ESCAPED:
        rows = _unescape(rows)
    return Delta(tuple(Change(t, i, _record(t, before), _record(t, after)) for t, i, before, after in rows))


def _record(table: str, data: Any) -> Record | None:
    record: Record | None = None if data is None else msgspec.convert(data, _TYPES[table])
    return record


def _escape(data: Any) -> Any:
    if isinstance(data, str):
        return data.encode("utf-8", "surrogateescape").decode("latin-1")
    if isinstance(data, dict):
        return {_escape(k): _escape(v) for k, v in data.items()}
    return [_escape(x) for x in data] if isinstance(data, list | tuple) else data


def _unescape(data: Any) -> Any:
    if isinstance(data, str):
        return data.encode("latin-1").decode("utf-8", "surrogateescape")
    if isinstance(data, dict):
        return {_unescape(k): _unescape(v) for k, v in data.items()}
    return [_unescape(x) for x in data] if isinstance(data, list) else data
