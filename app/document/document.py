"""One open model as a live graphsurgeon graph with ids; the only file, with `wires.py` that it calls, that writes to it.

Everything goes by identity: graphsurgeon's own equality compares content. Its lists are changed with the methods of plain
lists, because its synchronized ones search by content.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from typing import Any

import onnx_graphsurgeon as gs
from msgspec.structs import replace

from onnx_scalpel.document.delta import Delta, Rewire
from onnx_scalpel.document.index import DocumentIndex, Slot
from onnx_scalpel.document.live import (
    LiveGraph,
    LiveNode,
    LiveValue,
    declare,
    empty_slot,
    make_constant,
    make_variable,
    new_node,
    new_variable,
)
from onnx_scalpel.document.ordering import note_early, note_early_of, note_early_readers, note_holders
from onnx_scalpel.document.records import (
    ARRANGEMENT,
    MODEL_ID,
    Attribute,
    GraphRecord,
    ModelRecord,
    NodeRecord,
    Record,
    Table,
    ValueRecord,
    same_record,
)
from onnx_scalpel.document.steps import Step, steps_of
from onnx_scalpel.document.tensors import gs_value, tensor_proto
from onnx_scalpel.document.wires import forget_users, rewire_side
from onnx_scalpel.errors import AppError

__all__ = ["Document", "Slot"]


class Document(DocumentIndex):
    """An open model. Reads give frozen records; `write` and `apply` are the only ways to change anything."""

    def apply(self, delta: Delta) -> None:
        """Apply a delta whole or not at all. Raises AppError `conflict` when a record is not what the delta says it was."""
        wrong = [c.id for c in delta.changes if not same_record(self.record(c.table, c.id), c.before)]
        wrong += [node for rewire in delta.rewires for node in self._reading_otherwise(rewire)]
        if wrong:
            raise AppError(
                "conflict",
                "somebody changed what this would change",
                subjects=wrong,
                hint="undo the later edit first, or make the change again by hand",
                status=409,
            )
        done: list[Callable[[], None]] = []
        try:
            for step in steps_of(delta):
                done.append(self._make(step))
        except AppError:
            for take_back in reversed(done):
                take_back()
            raise

    def _make(self, step: Step) -> Callable[[], None]:
        """Do one step of a delta; what takes it back."""
        if isinstance(step, Rewire):
            self.rewire(step)
            return partial(self.rewire, step.inverse())
        table, key, record = step
        before = self.record(table, key)
        self.write(table, key, record)
        return partial(self.write, table, key, before)

    def _reading_otherwise(self, rewire: Rewire) -> list[str]:
        """Those of its nodes that are gone, or do not read what it says they do."""
        read = self._values.get(rewire.before)
        tensor = None if read is None else read.tensor

        def reads(node_id: str, slot: int) -> bool:
            live = self._nodes.get(node_id)
            return live is not None and slot < len(live.node.inputs) and live.node.inputs[slot] is tensor

        return [node for node, slot in zip(rewire.nodes, rewire.slots, strict=True) if not reads(node, slot)]

    def rewire(self, rewire: Rewire) -> None:
        """Make uses of one value uses of another; both have to exist, and the slots have to read the first."""
        before, after = self.live_value(rewire.before).tensor, self.live_value(rewire.after).tensor
        self.types_current = False
        self.touched["node"].update(rewire.nodes)
        nodes = [self._nodes[node] for node in rewire.nodes]
        for live, slot in zip(nodes, rewire.slots, strict=True):
            if live.record is not None:
                inputs = live.record.inputs
                live.record = replace(live.record, inputs=(*inputs[:slot], rewire.after, *inputs[slot + 1 :]))
            elif live.wired is None:
                live.wired = live.inputs()
            list.__setitem__(live.node.inputs, slot, after)
        users = [live.node for live in nodes]
        forget_users(before.outputs, users)
        list.extend(after.outputs, users)
        note_early_of(self, after, nodes)

    def write(self, table: Table, key: str, record: Record | None) -> None:
        """Make one record so; None removes it. What it refers to has to exist."""
        if table in ARRANGEMENT:
            self._arrange(table, key, record)
            return
        self.touched[table].add(MODEL_ID if table == "model" else key)
        self.types_current = self.types_current and table == "graph"
        if isinstance(record, NodeRecord):
            self._write_node(record)
        elif isinstance(record, ValueRecord):
            self._write_value(record)
        elif isinstance(record, GraphRecord):
            self._write_graph(record)
        elif isinstance(record, ModelRecord):
            self._write_model(record)
        elif table == "node":
            self._drop_node(self.live_node(key))
        elif table == "value":
            self._drop_value(self.live_value(key))
        elif table == "graph":
            self._drop_graph(self.live_graph(key))
        else:
            raise AppError("model-needed", "a model cannot be removed from itself")

    def _arrange(self, table: Table, key: str, record: Record | None) -> None:
        if record is not None:
            self._table(table)[key] = record
        elif self._table(table).pop(key, None) is not None:
            self._dropped[table, key] = key

    def _write_model(self, record: ModelRecord) -> None:
        self._model = record
        graph = self.main.gs
        graph.producer_name, graph.producer_version = record.producer_name, record.producer_version
        graph.ir_version = record.ir_version
        opsets = dict(record.opset_imports)
        graph.opset = opsets.get("", opsets.get("ai.onnx", graph.opset))

    def _write_value(self, record: ValueRecord) -> None:
        live, held = self._values.get(record.id), record.tensor
        proto = None if held is None else tensor_proto(self, held)
        if held is not None and self.live_graph(record.graph).is_function:
            raise AppError("function-tensor", "a local function has no initializers", hint="use a Constant node there")
        if live is None:
            graph = self.live_graph(record.graph)
            live = self._dropped.pop(("value", record.id), None) or LiveValue(
                record.id, graph, new_variable(record.name)
            )
            live.graph = graph
            live.tensor.name = record.name
            self._values[record.id] = live
            graph.add_name(live)
        else:
            _stays(live, record)
            if live.record is None:
                live.first = live.current()
            if live.name != record.name:
                live.graph.drop_name(live)
                live.tensor.name = record.name
                live.graph.add_name(live)
        if held is None:
            if isinstance(live.tensor, gs.Constant):
                make_variable(live.tensor)
            declare(live.tensor, record.dtype, record.shape)
        elif live.record is None or live.record.tensor != held or not isinstance(live.tensor, gs.Constant):
            make_constant(live.tensor, proto)
        live.record = record
        self._note_declared(record)

    def _note_declared(self, record: ValueRecord) -> None:
        more = record.declared and (record.shape is not None or record.type is not None)
        (self.declared_values.add if record.declared else self.declared_values.discard)(record.id)
        (self.declared_shapes.add if more else self.declared_shapes.discard)(record.id)

    def _drop_value(self, live: LiveValue) -> None:
        if live.tensor.inputs or live.tensor.outputs or live.listed:
            raise AppError("value-in-use", f"{live.name} is still in use", subjects=(live.id,))
        if live.record is None:
            live.first = live.current()
        live.graph.drop_name(live)
        self._dropped["value", live.id] = self._values.pop(live.id)
        self.declared_values.discard(live.id)
        self.declared_shapes.discard(live.id)

    def _write_node(self, record: NodeRecord) -> None:
        inputs = [self._tensor(i) for i in record.inputs]
        outputs = [self._tensor(i) for i in record.outputs]
        attributes = {name: self._gs_attribute(a) for name, a in record.attributes.items()}
        live = self._nodes.get(record.id)
        if live is None:
            graph = self.live_graph(record.graph)
            live = self._dropped.pop(("node", record.id), None)
            if live is None:
                live = LiveNode(
                    record.id, graph, new_node(record.op_type, record.name, record.domain), None, record.order
                )
            live.graph = graph
            self._nodes[record.id] = live
            self._insert(live, record.order)
            moved = True
        else:
            _stays(live, record)
            moved = live.order != record.order
            live.keep_first()
            if moved:
                self._take_out(live)
                self._insert(live, record.order)
        node = live.node
        if node.name != record.name:
            live.graph.count_node_name(node.name, -1)
            live.graph.count_node_name(record.name, 1)
        node.op, node.name, node.domain, node.attrs = record.op_type, record.name, record.domain, attributes
        if rewire_side(node, node.inputs, inputs, "outputs") or moved:
            note_early(self, live)
        if rewire_side(node, node.outputs, outputs, "inputs") or moved:
            note_early_readers(self, live)
        live.bodies = _bodies(record.attributes)
        if live.bodies and moved:
            live.graph.early.add(live.id)
            note_holders(self, live.graph)
        live.record = record

    def _drop_node(self, live: LiveNode) -> None:
        live.keep_first()
        live.record = live.current()
        rewire_side(live.node, live.node.inputs, [], "outputs")
        rewire_side(live.node, live.node.outputs, [], "inputs")
        self._take_out(live)
        self._dropped["node", live.id] = self._nodes.pop(live.id)

    def _insert(self, live: LiveNode, order: tuple[int, ...]) -> None:
        graph = live.graph
        live.order = order
        at = bisect_right(graph.orders, order)
        graph.orders.insert(at, order)
        graph.nodes.insert(at, live)
        graph.gs.nodes.insert(at, live.node)
        graph.count_node_name(live.node.name, 1)

    def _take_out(self, live: LiveNode) -> None:
        at = live.graph.place(live)
        del live.graph.orders[at], live.graph.nodes[at], live.graph.gs.nodes[at]
        live.graph.count_node_name(live.node.name, -1)

    def _write_graph(self, record: GraphRecord) -> None:
        inputs = [self.live_value(i) for i in record.inputs]
        outputs = [self.live_value(i) for i in record.outputs]
        live = self._graphs.get(record.id)
        if live is None:
            live = self._dropped.pop(("graph", record.id), None) or self._new_graph(record)
            self._graphs[record.id] = live
            if live.parent is not None:
                live.parent.children[live.id] = live
            if live.is_function:
                self.main.gs.functions.append(live.gs)
        elif live.record is None:
            live.first = live.current()
        was_listed = [t.live for t in (*live.gs.inputs, *live.gs.outputs)]
        for value in was_listed:
            value.listed -= 1
            if value.graph is live:
                value.is_input = value.is_output = False
        live.gs.inputs, live.gs.outputs = [v.tensor for v in inputs], [v.tensor for v in outputs]
        for value in (*inputs, *outputs):
            value.listed += 1
            if value.graph is not live:
                note_holders(self, live)
        for value in inputs:
            value.is_input = True
        for value in outputs:
            value.is_output = value.is_output or value.graph is live
        live.gs.name, live.gs.doc_string = record.name, record.doc
        live.record = record

    def _new_graph(self, record: GraphRecord) -> LiveGraph:
        main = self.main.gs
        parent = self.live_graph(record.parent) if record.parent else None
        if record.function is not None:
            graph = gs.Function(record.name, domain=record.function.domain, functions=[])
        else:
            graph = gs.Graph(name=record.name, opset=main.opset, ir_version=main.ir_version)
            graph.import_domains, graph._functions = main.import_domains, main._functions
        return LiveGraph(record.id, graph, None, parent, record.owner, record.attribute)

    def _drop_graph(self, live: LiveGraph) -> None:
        if live.nodes or live is self.main:
            raise AppError("graph-in-use", "a graph that still has nodes cannot be removed", subjects=(live.id,))
        if live.record is None:
            live.first = live.current()
        for tensor in (*live.gs.inputs, *live.gs.outputs):
            tensor.live.listed -= 1
            if tensor.live.graph is live:
                tensor.live.is_input = tensor.live.is_output = False
        live.gs.inputs, live.gs.outputs = [], []
        if live.parent is not None:
            live.parent.children.pop(live.id, None)
        if live.is_function:
            functions = self.main.gs.functions
            del functions[next(i for i, f in enumerate(functions) if f is live.gs)]
        self._dropped["graph", live.id] = self._graphs.pop(live.id)

    def _tensor(self, value_id: str) -> Any:
        return self.live_value(value_id).tensor if value_id else empty_slot()

    def _gs_attribute(self, attribute: Attribute) -> Any:
        return gs_value(self, attribute, lambda graph_id: self.live_graph(graph_id).gs)


def _stays(live: LiveNode | LiveValue, record: NodeRecord | ValueRecord) -> None:
    if live.graph.id != record.graph:
        raise AppError(
            "graph-changed", "nothing moves from one graph to another: make it anew there", subjects=(live.id,)
        )


def _bodies(attributes: dict[str, Attribute]) -> dict[tuple[str, int | None], str]:
    found: dict[tuple[str, int | None], str] = {}
    for name, attribute in attributes.items():
        if attribute.type == "GRAPH" and isinstance(attribute.value, str):
            found[name, None] = attribute.value
        elif attribute.type == "GRAPHS" and isinstance(attribute.value, tuple):
            found |= {(name, i): g for i, g in enumerate(attribute.value) if isinstance(g, str)}
    return found
