"""The effect of an edit: what each touched record was before and is after; the only thing that ever changes a document."""

from __future__ import annotations

from typing import Any

import msgspec

from onnx_scalpel.document.records import (
    GraphRecord,
    ModelRecord,
    NodeRecord,
    NoteRecord,
    PlaceRecord,
    Record,
    Table,
    ValueRecord,
)

_TYPES: dict[str, type] = {"node": NodeRecord, "value": ValueRecord, "graph": GraphRecord, "model": ModelRecord}
_TYPES |= {"place": PlaceRecord, "note": NoteRecord}
_PLAIN, _ESCAPED = b"\x01", b"\x02"
_USES = "uses"  # the first word of a row that is a rewiring; deltas from before there were any have none


class Change(msgspec.Struct, frozen=True):
    """One record's change; before None: created, after None: removed."""

    table: Table
    id: str
    before: Record | None
    after: Record | None


class Rewire(msgspec.Struct, frozen=True):
    """Many uses of one value that become uses of another: input slot `slots[i]` of `nodes[i]` reads the value `before`, then
    `after`. It says the same as a change of each node's record, at a fraction of its cost."""

    before: str
    after: str
    nodes: tuple[str, ...]
    slots: tuple[int, ...]

    def inverse(self) -> Rewire:
        return Rewire(self.after, self.before, self.nodes, self.slots)


class Delta(msgspec.Struct, frozen=True):
    """Changes of distinct records, and rewirings of nodes that have no change of their own, each in one rewiring at most;
    their order has no meaning."""

    changes: tuple[Change, ...] = ()
    rewires: tuple[Rewire, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.rewires

    def inverse(self) -> Delta:
        """The delta that takes this one back."""
        changes = tuple(Change(c.table, c.id, c.after, c.before) for c in reversed(self.changes))
        return Delta(changes, tuple(rewire.inverse() for rewire in reversed(self.rewires)))

    def rewired(self) -> tuple[str, ...]:
        """The nodes whose only change is what they read, as rewirings say it."""
        return tuple({node: None for rewire in self.rewires for node in rewire.nodes})

    def ids(self) -> tuple[str, ...]:
        """The ids of the records it touches."""
        return (*(c.id for c in self.changes), *self.rewired())


def encode_delta(delta: Delta) -> bytes:
    """MessagePack, exact. Strings that are no UTF-8 (lone surrogates from surrogateescape) make every string travel as Latin-1."""
    rows: list[Any] = [(c.table, c.id, c.before, c.after) for c in delta.changes]
    rows += [(_USES, r.before, r.after, r.nodes, r.slots) for r in delta.rewires]
    try:
        return _PLAIN + msgspec.msgpack.encode(rows)
    except UnicodeEncodeError:
        return _ESCAPED + msgspec.msgpack.encode(_escape(msgspec.to_builtins(rows, builtin_types=(bytes,))))


def decode_delta(data: bytes) -> Delta:
    """The delta that `encode_delta` wrote."""
    rows: list[Any] = msgspec.msgpack.decode(data[1:])
    if data[:1] == _ESCAPED:
        rows = _unescape(rows)
    rewires = tuple(Rewire(row[1], row[2], tuple(row[3]), tuple(row[4])) for row in rows if row[0] == _USES)
    changes = (row for row in rows if row[0] != _USES)
    return Delta(tuple(Change(t, i, _record(t, before), _record(t, after)) for t, i, before, after in changes), rewires)


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
