"""What an edit writes through: reads see its own writes, and everything it did becomes one delta."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace

from onnx_scalpel.document.delta import Change, Delta, Rewire
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveValue
from onnx_scalpel.document.records import (
    MODEL_ID,
    GraphRecord,
    ModelRecord,
    NodeRecord,
    Record,
    Table,
    TensorRef,
    ValueRecord,
    same_record,
    table_of,
)
from onnx_scalpel.document.store import TensorStore
from onnx_scalpel.document.tensors import keep_large

MANY_USES = 64
"""So many uses of a value that get another one are told as one rewiring, fewer as a change of each node."""

TellProgress = Callable[[float | None, str], None]
"""Hears how far something is: a fraction (None: unknown) and a few words."""


def unheard(_: float | None, __: str) -> None:
    """Nobody waits for this progress."""


class Transaction:
    """Writes apply at once; put values before the nodes that use them, and drop nodes before their values.

    `creates` are the ids that an earlier run of the same edit chose: they are handed out again in the same order.
    `title` is the sentence for the history where only doing the edit tells what it is ('': what the edit said before).
    `report` is what the edit found beside its effect (JSON), `progress` hears how far it is. `trial`: somebody will look
    at the effect before it is accepted, so an edit need not refuse what only they can judge.
    """

    def __init__(
        self,
        document: Document,
        creates: Sequence[str] = (),
        progress: TellProgress = unheard,
        trial: bool = False,
    ) -> None:
        self.document = document
        self.progress = progress
        self.trial = trial
        self.title = ""
        self.report: dict[str, Any] = {}
        self.created: list[str] = []
        self._made: set[str] = set()  # the same ids
        self._replay = list(creates)
        self._before: dict[tuple[Table, str], Record | None] = {}
        self._rewires: list[_Rewiring] = []
        self._rewired: dict[str, _Rewiring] = {}  # by node, while it has no change of its own

    def node(self, node_id: str) -> NodeRecord:
        return self.document.node(node_id)

    def value(self, value_id: str) -> ValueRecord:
        return self.document.value(value_id)

    def graph(self, graph_id: str) -> GraphRecord:
        return self.document.graph(graph_id)

    def model(self) -> ModelRecord:
        return self.document.model()

    def before(self, table: Table, key: str) -> Record | None:
        """The record as it was before the first write; None when it was not there."""
        if table == "node" and key in self._rewired:
            return self._rewired[key].undone(self.node(key))
        return self._before[table, key] if (table, key) in self._before else self.document.record(table, key)

    def put(self, record: Record) -> None:
        """Create or replace the record of this id. A new graph is put without inputs and outputs first, then its values,
        then the graph again; what one edit writes several times is one change."""
        table, record = table_of(record), _kept(self.document.file.store, record)
        self._remember(table, record.id)
        self.document.write(table, record.id, record)

    def rewire(self, slots: Iterable[tuple[str, int]], value_id: str) -> None:
        """Make these input slots (node id, slot) read another value."""
        nodes, _, _ = self.document.tables()
        by_value: dict[LiveValue | None, list[tuple[str, int]]] = {}
        for use in slots:
            by_value.setdefault(nodes[use[0]].node.inputs[use[1]].live, []).append(use)
        for read, uses in by_value.items():
            if read is not None and read.id == value_id:
                continue
            if read is not None and len(uses) >= MANY_USES:
                uses = self._rewire(read.id, value_id, uses)
            by_node: dict[str, list[int]] = {}
            for node_id, slot in uses:
                by_node.setdefault(node_id, []).append(slot)
            # in graph order, as the value knows its readers: each is found at once
            for node in sorted(map(self.node, by_node), key=lambda node: (node.graph, node.order)):
                self.put(_reading(node, by_node[node.id], value_id))

    def _rewire(self, before: str, after: str, uses: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Rewire those of the uses whose nodes nothing else changes so far; the others."""
        changed = {key for table, key in self._before if table == "node"}
        alone = [use for use in uses if use[0] not in changed and use[0] not in self._rewired]
        if len(alone) < MANY_USES:
            return uses
        rewiring = _Rewiring(Rewire(before, after, tuple([use[0] for use in alone]), tuple([use[1] for use in alone])))
        self.document.rewire(rewiring.told)
        self._rewires.append(rewiring)
        taken = dict.fromkeys(rewiring.told.nodes, rewiring)
        self._rewired.update(taken)
        return [] if len(alone) == len(uses) else [use for use in uses if use[0] not in taken]

    def drop(self, what: Record | Table, record_id: str = "") -> None:
        """Remove a record: `drop(record)` or `drop("value", id)`. A value in use cannot be dropped."""
        table, key = (what, record_id) if isinstance(what, str) else (table_of(what), what.id)
        self._remember(table, key)
        self.document.write(table, key, None)

    def drop_unused(self, value_ids: Iterable[str]) -> None:
        """Remove those of the values that nothing produces, reads, lists as input or output, or holds a tensor for."""
        for value_id in dict.fromkeys(value_ids):
            if value_id and self.document.has("value", value_id) and not self.document.in_use(value_id):
                self.drop("value", value_id)

    def new_node_id(self, graph: str, first_output_name: str = "", name: str = "", op_type: str = "") -> str:
        """An id for a node about to be put; from `creates` while there are any."""
        return self._new(self.document.free_node_id(graph, first_output_name, name, op_type, self._made))

    def new_value_id(self, graph: str, name: str) -> str:
        """An id for a value about to be put; from `creates` while there are any."""
        return self._new(self.document.free_value_id(graph, name, self._made))

    def new_graph_id(self, owner: str, attribute: str) -> str:
        """An id for a body about to be put; from `creates` while there are any."""
        return self._new(self.document.free_body_id(owner, attribute, self._made))

    def new_function_id(self, domain: str, name: str, overload: str) -> str:
        """An id for a local function about to be put; from `creates` while there are any."""
        return self._new(self.document.free_function_id(domain, name, overload, self._made))

    def new_note_id(self) -> str:
        """An id for a note about to be put; from `creates` while there are any."""
        return self._new(self.document.free_note_id(self._made))

    @contextmanager
    def choosing(self, creates: Sequence[str]) -> Iterator[None]:
        """Within it, new things get these ids; where a replay brings ids along, those count."""
        replayed = bool(self._replay)
        if not replayed:
            self._replay = list(creates)
        try:
            yield
        finally:
            if not replayed:
                self._replay = []

    def delta(self) -> Delta:
        """What all writes together changed."""
        changes = (
            Change(table, key, before, self.document.record(table, key))
            for (table, key), before in self._before.items()
        )
        told = tuple(c for c in changes if not same_record(c.before, c.after))
        rewires = tuple(rewiring.left() for rewiring in self._rewires)
        return Delta(told, tuple(rewire for rewire in rewires if rewire.nodes))

    def rollback(self) -> None:
        """Put everything back as it was before the first write."""
        taken_back = self.delta().inverse()
        self._before.clear()
        self._rewires.clear()
        self._rewired.clear()
        self.document.apply(taken_back)
        self.document.forget(self.created)
        self.created.clear()
        self._made.clear()

    def _remember(self, table: Table, key: str) -> None:
        if table == "model":
            key = MODEL_ID
        if table == "node" and (rewiring := self._rewired.pop(key, None)) is not None:
            self._before[table, key] = rewiring.undone(self.node(key))
            rewiring.gone.add(key)
        elif (table, key) not in self._before:
            self._before[table, key] = self.document.record(table, key)

    def _new(self, free: str) -> str:
        chosen = free
        if self._replay:
            wanted = self._replay.pop(0)
            kind = wanted.partition(":")[0]
            table: Table = kind if kind in ("node", "value", "note") else "graph"  # type: ignore[assignment]
            if not self.document.has(table, wanted):
                chosen = wanted
        self.created.append(chosen)
        self._made.add(chosen)
        return chosen


class _Rewiring:
    """A rewiring, and those of its nodes that got a change of their own since: `gone`."""

    def __init__(self, told: Rewire) -> None:
        self.told = told
        self.gone: set[str] = set()
        self._slots: dict[str, list[int]] = {}  # by node, once it is asked for

    def left(self) -> Rewire:
        """What it still says."""
        if not self.gone:
            return self.told
        uses = [use for use in zip(self.told.nodes, self.told.slots, strict=True) if use[0] not in self.gone]
        return Rewire(self.told.before, self.told.after, tuple([n for n, _ in uses]), tuple([slot for _, slot in uses]))

    def undone(self, node: NodeRecord) -> NodeRecord:
        """The record of one of its nodes as it was before."""
        if not self._slots:
            for node_id, slot in zip(self.told.nodes, self.told.slots, strict=True):
                self._slots.setdefault(node_id, []).append(slot)
        return _reading(node, self._slots[node.id], self.told.before)


def _reading(node: NodeRecord, slots: Sequence[int], value_id: str) -> NodeRecord:
    """The node with this value in these input slots."""
    inputs = list(node.inputs)
    for slot in slots:
        inputs[slot] = value_id
    return replace(node, inputs=tuple(inputs))


def _kept(store: TensorStore, record: Record) -> Record:
    """The record with its large new tensors in the store. Runtimes look in files for data of initializers and Constants only."""
    if isinstance(record, ValueRecord) and record.tensor is not None:
        kept = keep_large(store, record.tensor)
        return record if kept is record.tensor else replace(record, tensor=kept)
    if isinstance(record, NodeRecord) and record.op_type == "Constant":
        attributes = {
            name: replace(a, value=keep_large(store, a.value)) if isinstance(a.value, TensorRef) else a
            for name, a in record.attributes.items()
        }
        return replace(record, attributes=attributes)
    return record
