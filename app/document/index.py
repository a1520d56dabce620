"""What a document says when asked: records, wires, names and free ids."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import onnx_graphsurgeon as gs

from onnx_scalpel.document import ids
from onnx_scalpel.document.live import LiveGraph, LiveNode, LiveValue
from onnx_scalpel.document.protos import opset_pairs, pairs, text
from onnx_scalpel.document.records import (
    ARRANGEMENT,
    MAIN_GRAPH,
    GraphRecord,
    ModelRecord,
    NodeRecord,
    NoteRecord,
    PlaceRecord,
    Record,
    Shape,
    Table,
    ValueRecord,
    order_between,
)
from onnx_scalpel.document.source import ModelFile
from onnx_scalpel.errors import AppError, one_line


class Slot(NamedTuple):
    """A place where a value meets a node."""

    node: str
    slot: int


_order = attrgetter("order")
_slot = partial(tuple.__new__, Slot)
_wires = {"inputs": attrgetter("node.inputs"), "outputs": attrgetter("node.outputs")}


class DocumentIndex:
    """The reading half of a Document."""

    def __init__(self, file: ModelFile) -> None:
        self.file = file
        self._nodes: dict[str, LiveNode] = {}
        self._values: dict[str, LiveValue] = {}
        self._graphs: dict[str, LiveGraph] = {}
        self._places: dict[str, PlaceRecord] = {}
        self._notes: dict[str, NoteRecord] = {}
        self._dropped: dict[tuple[Table, str], Any] = {}  # live objects that an edit removed: undo puts them back
        self._model: ModelRecord | None = None
        self._first_model: ModelRecord | None = None
        self.opened_functions: list[LiveGraph] = []  # the file's local functions, in its order
        self.declared_values: set[str] = set()  # values that value_info lists
        self.declared_shapes: set[str] = set()  # those of them that it says more of than a dtype
        # what edits have ever written, by table; saving looks only there
        self.touched: dict[Table, set[str]] = {"graph": set(), "model": set(), "node": set(), "value": set()}
        self.inferred: Mapping[str, tuple[str, Shape]] = {}  # value id -> dtype and shape that a check inferred
        self.types_current = (
            False  # whether `inferred` is about what stands now; any write but of a graph's lists ends that
        )
        proto = file.proto
        opsets = {text(o.domain): o.version for o in proto.opset_import}
        graph = gs.Graph(
            name=text(proto.graph.name),
            doc_string=text(proto.graph.doc_string),
            opset=opsets.get("", opsets.get("ai.onnx")),
            producer_name=text(proto.producer_name),
            producer_version=text(proto.producer_version),
            ir_version=proto.ir_version,
        )
        graph.import_domains = list(proto.opset_import)
        self.main = LiveGraph(MAIN_GRAPH, graph, proto.graph)
        self._graphs[MAIN_GRAPH] = self.main

    # what is there

    @property
    def is_touched(self) -> bool:
        """Whether an edit has ever written anything."""
        return any(self.touched.values())

    @property
    def path(self) -> Path:
        return self.file.path

    @property
    def folder(self) -> Path:
        return self.file.folder

    @property
    def gs_graph(self) -> Any:
        """The live gs.Graph: look, but change nothing."""
        return self.main.gs

    def tables(self) -> tuple[dict[str, LiveNode], dict[str, LiveValue], dict[str, LiveGraph]]:
        """The live objects by id, for loading, saving and views."""
        return self._nodes, self._values, self._graphs

    def has(self, table: Table, key: str) -> bool:
        return table == "model" or key in self._table(table)

    def node(self, node_id: str) -> NodeRecord:
        return self.live_node(node_id).current()

    def value(self, value_id: str) -> ValueRecord:
        return self.live_value(value_id).current()

    def graph(self, graph_id: str) -> GraphRecord:
        return self.live_graph(graph_id).current()

    def model(self) -> ModelRecord:
        if self._model is not None:
            return self._model
        return self.first_model()

    def first_model(self) -> ModelRecord:
        """What the opened file says about itself."""
        if self._first_model is None:
            self._first_model = self._read_model()
        return self._first_model

    def _read_model(self) -> ModelRecord:
        proto = self.file.proto
        return ModelRecord(
            proto.ir_version,
            opset_pairs(proto.opset_import),
            text(proto.producer_name),
            text(proto.producer_version),
            text(proto.domain),
            proto.model_version,
            text(proto.doc_string),
            pairs(proto.metadata_props),
        )

    def record(self, table: Table, key: str) -> Record | None:
        """The record of this id; None when there is none."""
        if table == "model":
            return self.model()
        live = self._table(table).get(key)
        record: Record | None = live if live is None or table in ARRANGEMENT else live.current()
        return record

    def opened(self, table: Table, key: str) -> Any:
        """The live object of this id, also when an edit has removed it; None when there never was one."""
        if table == "model":
            return None
        return self._table(table).get(key) or self._dropped.get((table, key))

    def forget(self, made: Iterable[str]) -> None:
        """Ids of what an edit made that then did not happen are free again."""
        for key in made:
            for table in ("node", "value", "graph", "note"):
                self._dropped.pop((table, key), None)

    def live_node(self, node_id: str) -> LiveNode:
        return self._nodes.get(node_id) or self._missing("node", node_id)

    def live_value(self, value_id: str) -> LiveValue:
        return self._values.get(value_id) or self._missing("value", value_id)

    def live_graph(self, graph_id: str) -> LiveGraph:
        return self._graphs.get(graph_id) or self._missing("graph", graph_id)

    def node_ids(self, graph_id: str = MAIN_GRAPH) -> tuple[str, ...]:
        """The nodes of a graph in its order, those of its bodies not included."""
        return tuple([n.id for n in self.live_graph(graph_id).nodes])

    def graph_ids(self) -> tuple[str, ...]:
        """The main graph, functions, bodies."""
        return tuple(self._graphs)

    def value_ids(self, graph_id: str | None = None) -> tuple[str, ...]:
        """All values, or those that belong to one graph."""
        if graph_id is None:
            return tuple(self._values)
        graph = self.live_graph(graph_id)
        same_named = (v.id for more in graph.same_named.values() for v in more)
        return (*(v.id for v in graph.names.values()), *same_named)

    # wires and names

    def producer(self, value_id: str) -> Slot | None:
        """The output slot that a value comes from; the first in graph order where a faulty model has several."""
        tensor = self.live_value(value_id).tensor
        return next(iter(_slots(tensor, tensor.inputs, "outputs")), None)

    def consumers(self, value_id: str) -> tuple[Slot, ...]:
        """The input slots that read a value, in bodies too; in graph order, an outer graph's before its bodies'."""
        tensor = self.live_value(value_id).tensor
        return _slots(tensor, tensor.outputs, "inputs")

    def kind(self, value_id: str) -> str:
        """input, output, initializer or intermediate: the first that is true of it, an input with a default is an input."""
        live = self.live_value(value_id)
        if live.is_input:
            return "input"
        held = live.record.tensor if live.record is not None else live.initializers
        return "initializer" if held else "output" if live.is_output else "intermediate"

    def is_input(self, value_id: str) -> bool:
        return self.live_value(value_id).is_input

    def is_output(self, value_id: str) -> bool:
        return self.live_value(value_id).is_output

    def in_use(self, value_id: str) -> bool:
        """Whether anything produces, reads or lists it, or it has a tensor."""
        live = self.live_value(value_id)
        held = live.record.tensor if live.record is not None else live.initializers
        return bool(live.tensor.inputs or live.tensor.outputs or live.listed or held)

    def made_functions(self) -> list[LiveGraph]:
        """The local functions that edits made, in the order in which they are written: one that rests on nothing that was undone
        and redone in between."""
        made = (graph for graph in self._graphs.values() if graph.is_function and graph.proto is None)
        return sorted(made, key=lambda graph: graph.id)

    def value_named(self, graph_id: str, name: str) -> str | None:
        """The value that a name means in this graph: its own, else an enclosing graph's."""
        found = self.live_graph(graph_id).visible(name) if name else None
        return None if found is None else found.id

    def values_called(self, graph_id: str, name: str) -> tuple[str, ...]:
        """Values that a value of this graph would collide with under this name: here, in enclosing graphs and in bodies."""
        graph = self.live_graph(graph_id)
        outer = graph.visible(name)
        found = [] if outer is None else [outer.id]
        waiting = list(graph.children.values())
        while waiting:
            body = waiting.pop()
            if name in body.names:
                found.append(body.names[name].id)
            waiting.extend(body.children.values())
        return tuple(dict.fromkeys(found))

    def free_name(self, graph_id: str, wanted: str) -> str:
        """`wanted`, or with _2, _3 … the first that collides with nothing."""
        name, n = wanted, 1
        while not name or self.values_called(graph_id, name):
            n += 1
            name = f"{wanted or 'value'}_{n}"
        return name

    def body_ids(self, node_id: str) -> tuple[str, ...]:
        """The graphs that a node's attributes hold, in attribute order."""
        return tuple(self.live_node(node_id).bodies.values())

    def order_after(self, node_id: str) -> tuple[int, ...]:
        """An order right behind a node of its graph."""
        live = self.live_node(node_id)
        at, orders = live.graph.place(live) + 1, live.graph.orders
        return order_between(live.order, orders[at] if at < len(orders) else None)

    def order_before(self, node_id: str) -> tuple[int, ...]:
        """An order right before a node of its graph."""
        live = self.live_node(node_id)
        at = live.graph.place(live)
        return order_between(live.graph.orders[at - 1] if at else None, live.order)

    def order_last(self, graph_id: str = MAIN_GRAPH) -> tuple[int, ...]:
        """An order behind all nodes of a graph."""
        orders = self.live_graph(graph_id).orders
        return order_between(orders[-1] if orders else None, None)

    # new ids: never one that the file or an earlier edit had, or undo could not bring it back

    def free_node_id(self, graph: str, first_output: str, name: str, op_type: str, also: Iterable[str] = ()) -> str:
        wanted = ids.node_id(first_output, name, op_type, len(self.live_graph(graph).nodes), graph)
        return ids.free_id(wanted, self._taken("node", also))

    def free_value_id(self, graph: str, name: str, also: Iterable[str] = ()) -> str:
        return ids.free_id(ids.value_id(name, graph), self._taken("value", also))

    def free_body_id(self, owner: str, attribute: str, also: Iterable[str] = ()) -> str:
        return ids.free_id(ids.body_id(owner, attribute), self._taken("graph", also))

    def free_function_id(self, domain: str, name: str, overload: str, also: Iterable[str] = ()) -> str:
        return ids.free_id(ids.function_id(domain, name, overload), self._taken("graph", also))

    def free_note_id(self, also: Iterable[str] = ()) -> str:
        return ids.free_id("note:1", self._taken("note", also))

    def places(self) -> list[PlaceRecord]:
        """Where nodes that are there were put by hand."""
        return [place for place in self._places.values() if place.id in self._nodes]

    def notes(self) -> list[NoteRecord]:
        """The notes of graphs that are there, in the order in which they were made."""
        return [note for note in self._notes.values() if note.graph in self._graphs]

    def _missing(self, table: Table, key: str) -> Any:
        gone = self._dropped.get((table, key))
        if gone is None:
            line, hint = f"there is no {table} {key}", "it may have been removed, or belong to another model"
        else:
            name = (
                gone.node.name or gone.node.op if table == "node" else gone.gs.name if table == "graph" else gone.name
            )
            line, hint = (
                f"{one_line(name, 80) or table} was removed",
                "whoever removed it can bring it back by undoing that",
            )
        raise AppError(f"no-such-{table}", line, subjects=(key,), hint=hint, status=404)

    def _taken(self, table: Table, also: Iterable[str]) -> Container[str]:
        return _Taken(self._table(table), table, self._dropped, also if isinstance(also, set) else set(also))

    def _table(self, table: Table) -> dict[str, Any]:
        tables = {"node": self._nodes, "value": self._values, "graph": self._graphs, "place": self._places}
        return tables.get(table, self._notes)  # type: ignore[return-value]


class _Taken:
    """Ids in use now, or of something that undo may bring back."""

    def __init__(
        self, table: Container[str], name: Table, dropped: Container[tuple[Table, str]], also: set[str]
    ) -> None:
        self._table, self._name, self._dropped, self._also = table, name, dropped, also

    def __contains__(self, key: object) -> bool:
        return key in self._table or key in self._also or (self._name, key) in self._dropped


def _slots(tensor: Any, nodes: Iterable[Any], side: str) -> tuple[Slot, ...]:
    """Every slot of these nodes that holds the tensor, in graph order."""
    ordered = list(dict.fromkeys([n.live for n in nodes]))
    ordered.sort(key=_order)
    if len({n.graph for n in ordered}) > 1:
        ordered.sort(key=lambda n: (len(n.graph.id), n.graph.id))
    wires = zip(ordered, map(_wires[side], ordered), strict=True)
    found = [(n.id, i) for n, tensors in wires for i, t in enumerate(tensors) if t is tensor]
    return tuple(map(_slot, found))  # there may be thousands
