"""The edited model as a proto: a copy of the opened one in which only what edits changed is written anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onnx import FunctionProto, GraphProto, ModelProto, NodeProto, ValueInfoProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.following import annotated, follow_in_annotations, follow_in_sharding, follow_in_training
from onnx_scalpel.document.live import LiveGraph, LiveNode, LiveValue
from onnx_scalpel.document.ordering import written_orders
from onnx_scalpel.document.protos import (
    pairs,
    put_data,
    set_pairs,
    set_text,
    set_texts,
    text,
    texts,
    write_attribute,
)
from onnx_scalpel.document.records import Attribute, FunctionFacts, GraphRecord, TensorRef, same_data
from onnx_scalpel.document.tensors import tensor_proto
from onnx_scalpel.document.writing import write_info, write_opsets, write_text


class Overlay:
    """One writing of a document. `proto` is the result; `orders` the graphs whose nodes it had to sort."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._nodes, self._values, self._graphs = document.tables()
        self._dirty_nodes: dict[str, dict[str, LiveNode]] = {}  # graph id -> nodes to patch or to look into
        self._dirty_values: dict[str, list[LiveValue]] = {}  # graph id -> values that edits wrote
        self._dirty_graphs: set[str] = set()
        self._restructured: set[str] = set()  # graphs with nodes that came, went or moved
        self._renamed: dict[str, dict[str, str]] = {}  # graph id -> old names of its values and what they are now
        self.orders = written_orders(document)
        self.proto = ModelProto()
        self.proto.CopyFrom(document.file.proto)
        self._run()

    def _run(self) -> None:
        for table, key in ((table, key) for table, keys in self._document.touched.items() for key in sorted(keys)):
            if self._document.opened(table, key) is None:  # the model, or a write that failed
                continue
            if table == "node":
                self._mark_node(self._document.opened("node", key), key in self._nodes)
            elif table == "value":
                self._mark_value(self._document.opened("value", key), key in self._values)
            elif table == "graph":
                self._mark_graph(self._document.opened("graph", key))
        for graph_id in self.orders:
            self._restructured.add(graph_id)
            self._mark_graph(self._graphs[graph_id])
        self._write_model()
        if self._document.main.id in self._dirty_graphs:
            self._write_graph(self._document.main, self.proto.graph)
            if not self._document.file.proto.HasField("graph") and not self.proto.graph.ByteSize():
                self.proto.ClearField("graph")
        self._write_functions()
        follow_in_training(self.proto, self._renamed.get(self._document.main.id, {}))

    # what has to be written

    def _mark_graph(self, graph: LiveGraph) -> None:
        """This graph differs; the ones around it have to be looked into."""
        while graph.id not in self._dirty_graphs:
            self._dirty_graphs.add(graph.id)
            owner = self._nodes.get(graph.owner)
            if owner is None:
                return
            self._dirty_nodes.setdefault(owner.graph.id, {})[owner.id] = owner
            graph = owner.graph

    def _mark_node(self, node: LiveNode, alive: bool) -> None:
        if alive:
            self._dirty_nodes.setdefault(node.graph.id, {})[node.id] = node
        if not alive or node.moved:
            self._restructured.add(node.graph.id)
        self._mark_graph(node.graph)

    def _mark_value(self, value: LiveValue, alive: bool) -> None:
        self._mark_graph(value.graph)
        if not alive:
            return
        self._dirty_values.setdefault(value.graph.id, []).append(value)
        renamed = value.first is None or value.first.name != value.name
        if renamed and value.first is not None:
            self._renamed.setdefault(value.graph.id, {})[value.first.name] = value.name
        for node in (*value.tensor.inputs, *value.tensor.outputs) if renamed else ():
            self._mark_node_names(node.live)
        waiting = list(value.graph.children.values()) if renamed or _says_otherwise(value) else []
        while waiting:  # bodies may list an outer value as output, or describe it
            body = waiting.pop()
            waiting.extend(body.children.values())
            if any(v is value for v, _ in (*body.outputs, *body.infos)) or (renamed and _annotates(body, value)):
                self._mark_graph(body)

    def _mark_node_names(self, node: LiveNode) -> None:
        self._dirty_nodes.setdefault(node.graph.id, {})[node.id] = node
        self._mark_graph(node.graph)

    # model and functions

    def _write_model(self) -> None:
        was, now, proto = self._document.first_model(), self._document.model(), self.proto
        if was == now:
            return
        for field in ("producer_name", "producer_version", "domain", "doc"):
            write_text(proto, "doc_string" if field == "doc" else field, getattr(was, field), getattr(now, field))
        for field in ("ir_version", "model_version"):
            if getattr(was, field) != getattr(now, field):
                setattr(proto, field, getattr(now, field))
        if was.metadata != now.metadata:
            set_pairs(proto, "metadata_props", now.metadata)
        write_opsets(proto, was, now)

    def _write_functions(self) -> None:
        opened = self._document.opened_functions
        for index in reversed(range(len(opened))):
            if opened[index].id not in self._graphs:
                del self.proto.functions[index]
        alive = [f for f in opened if f.id in self._graphs]
        for function, target in zip(alive, self.proto.functions, strict=True):
            if function.id in self._dirty_graphs:
                self._write_graph(function, target)
        for graph in self._document.made_functions():
            self._write_graph(graph, self.proto.functions.add())

    # one graph

    def _write_graph(self, live: LiveGraph, target: Any) -> None:
        record = live.record
        if record is not None:
            self._write_graph_facts(live.first if live.proto is not None else None, record, target)
        self._write_nodes(live, target)
        wanted_inputs = [t.live for t in live.gs.inputs]
        wanted_outputs = [t.live for t in live.gs.outputs]
        if live.is_function:
            for field, wanted in (("input", wanted_inputs), ("output", wanted_outputs)):
                names = [v.name for v in wanted]
                if list(texts(getattr(target, field))) != names:
                    set_texts(target, field, names)
        else:
            self._write_listed(live.inputs, wanted_inputs, target.input)
            self._write_listed(live.outputs, wanted_outputs, target.output)
            self._write_tensors(live, live.initializers, target.initializer, sparse=False)
            self._write_tensors(live, live.sparse, target.sparse_initializer, sparse=True)
            follow_in_annotations(live, target, self._renamed)
        self._write_infos(live, target)

    def _write_graph_facts(self, was: GraphRecord | None, now: GraphRecord, target: Any) -> None:
        write_text(target, "name", was.name if was else "", now.name)
        write_text(target, "doc_string", was.doc if was else "", now.doc)
        if (was.metadata if was else ()) != now.metadata:
            set_pairs(target, "metadata_props", now.metadata)
        if now.function is not None and (was is None or not same_data(was.function, now.function)):
            self._write_function_facts(was.function if was else None, now.function, target)

    def _write_function_facts(self, was: FunctionFacts | None, now: FunctionFacts, target: FunctionProto) -> None:
        write_text(target, "domain", was.domain if was else "", now.domain)
        write_text(target, "overload", was.overload if was else "", now.overload)
        set_texts(target, "attribute", now.attributes)
        write_opsets(target, was, now)
        self._write_changed(target.attribute_proto, was.defaults if was else {}, now.defaults)

    def _write_nodes(self, live: LiveGraph, target: Any) -> None:
        dirty = self._dirty_nodes.get(live.id, {})
        ordered = self.orders.get(live.id, live.nodes)
        if live.id in self._restructured or live.proto is None:
            fresh = NodeProto()
            del target.node[:]
            target.node.extend([node.origin or _begun(node, fresh) for node in ordered])
            places = {node.id: at for at, node in enumerate(ordered)} if dirty else {}
        else:
            places = {node.id: live.place(node) for node in dirty.values()}
        for node in dirty.values():
            self._write_node(node, target.node[places[node.id]])

    def _write_node(self, live: LiveNode, target: NodeProto) -> None:
        slots: list[tuple[str, str]] = []  # what each slot held, and what it holds now
        for field, tensors in (("input", live.node.inputs), ("output", live.node.outputs)):
            was, now = texts(getattr(target, field)), tuple([t.name for t in tensors])
            if was != now:
                set_texts(target, field, now)
                slots += zip(was, now, strict=True) if len(was) == len(now) else ()
        if target.device_configurations:
            follow_in_sharding(live, target, slots)
        record = live.record
        if record is not None:
            first = live.first if live.origin is not None else None
            for field in ("name", "op_type", "domain", "overload", "doc"):
                was_text = getattr(first, field) if first else ""
                write_text(target, "doc_string" if field == "doc" else field, was_text, getattr(record, field))
            if (first.metadata if first else ()) != record.metadata:
                set_pairs(target, "metadata_props", record.metadata)
        rewritten = self._write_attributes(live, target)
        for (name, index), graph_id in live.bodies.items():
            if graph_id in self._dirty_graphs and name not in rewritten:
                self._write_body(target, name, index, self._graphs[graph_id])

    def _write_attributes(self, live: LiveNode, target: NodeProto) -> set[str]:
        """Write a node's attributes that differ from the file's; their names."""
        if live.record is None:
            return set()
        was = live.first.attributes if live.first is not None and live.origin is not None else {}
        return self._write_changed(target.attribute, was, live.record.attributes)

    def _write_changed(self, target: Any, was: Mapping[str, Attribute], now: Mapping[str, Attribute]) -> set[str]:
        """Write into a list of AttributeProtos what differs; the names of what did."""
        for index in reversed(range(len(target))):
            if text(target[index].name) not in now:
                del target[index]
        changed = {name for name, attribute in now.items() if name not in was or not same_data(was[name], attribute)}
        for name in (name for name in now if name in changed):
            known = next((a for a in target if text(a.name) == name), None)
            write_attribute(target.add() if known is None else known, name, now[name], self._tensor, self._body)
        return changed

    def _write_body(self, target: NodeProto, name: str, index: int | None, body: LiveGraph) -> None:
        for attribute in target.attribute:
            if text(attribute.name) == name:
                self._write_graph(body, attribute.g if index is None else attribute.graphs[index])
                return

    def _body(self, graph_id: str) -> GraphProto:
        """A body for an attribute that is written anew."""
        live = self._document.live_graph(graph_id)
        proto = GraphProto()
        if live.proto is not None:
            proto.CopyFrom(live.proto)
        if live.proto is None or live.id in self._dirty_graphs:
            self._write_graph(live, proto)
        return proto

    def _tensor(self, ref: TensorRef) -> Any:
        return tensor_proto(self._document, ref)

    # inputs, outputs, value_info, initializers

    def _write_listed(self, opened: list[tuple[LiveValue, Any]], wanted: list[LiveValue], target: Any) -> None:
        """Graph inputs or outputs: those that stay keep their proto, the same value twice keeps both."""
        if len(opened) == len(wanted) and all(v is w for (v, _), w in zip(opened, wanted, strict=True)):
            for index, value in enumerate(wanted):
                if value.record is not None:
                    write_info(target[index], value, known=True)
            return
        protos: dict[str, list[Any]] = {}
        for value, proto in reversed(opened):
            protos.setdefault(value.id, []).append(proto)
        chosen = []
        for value in wanted:
            left = protos.get(value.id)
            chosen.append(left.pop() if left else None)
        del target[:]
        chosen = [proto or next(iter(value.infos), None) for value, proto in zip(wanted, chosen, strict=True)]
        fresh = ValueInfoProto()
        target.extend([fresh if proto is None else proto for proto in chosen])
        known = [proto is not None for proto in chosen]
        for index, value in enumerate(wanted):
            if value.record is not None or not known[index]:
                write_info(target[index], value, known[index])

    def _write_infos(self, live: LiveGraph, target: Any) -> None:
        """value_info: what the file declared and still stands, then what edits declare."""
        entries = live.infos
        for index in reversed(range(len(entries))):
            value = entries[index][0]
            if value is None or (value.record is None and value.id in self._values):
                continue
            if value.id not in self._values or (value.graph is live and not _is_described(value)):
                del target.value_info[index]
            else:
                write_info(target.value_info[index], value, known=True)
        known = {value.id for value, _ in entries if value is not None}
        once_listed = [value for value, _ in (*live.inputs, *live.outputs)] if live.record is not None else []
        for value in dict.fromkeys((*self._dirty_values.get(live.id, ()), *once_listed)):
            alive = value.id in self._values and value.graph is live
            if alive and value.id not in known and _is_described(value):
                self._add_info(target.value_info.add(), value)

    def _add_info(self, target: Any, value: LiveValue) -> None:
        if value.infos:
            target.CopyFrom(value.infos[0])
        if value.record is not None or not value.infos:
            write_info(target, value, known=bool(value.infos))

    def _write_tensors(self, live: LiveGraph, entries: list[tuple[LiveValue, Any]], target: Any, sparse: bool) -> None:
        listed = {value.id for value, _ in entries}
        for index in reversed(range(len(entries))):
            value = entries[index][0]
            if value.id not in self._values:
                del target[index]
            elif value.record is not None:
                held = value.record.tensor
                if held is None or held.sparse != sparse:
                    del target[index]
                elif value.initializers and entries[index][1] is not value.initializers[0]:
                    _write_name(
                        target[index], value, sparse
                    )  # listed twice by a faulty file: records tell of the first
                else:
                    self._write_tensor(target[index], value, held)
        for value in self._dirty_values.get(live.id, ()):
            record = value.record
            if record and record.tensor and record.tensor.sparse == sparse and value.id not in listed:
                self._write_tensor(target.add(), value, record.tensor)

    def _write_tensor(self, target: Any, value: LiveValue, held: TensorRef) -> None:
        first = value.first if value.initializers else None
        named = target.values if held.sparse else target
        if first is None or first.tensor != held:
            if held.sparse or not value.initializers:
                target.CopyFrom(self._tensor(held))
            else:
                put_data(target, self._tensor(held))
        _write_name(target, value, held.sparse)
        if value.record is not None and not _is_described(value) and not _is_listed(value):
            write_text(named, "doc_string", text(named.doc_string), value.record.doc)
            if pairs(named.metadata_props) != value.record.metadata:
                set_pairs(named, "metadata_props", value.record.metadata)


def _begun(node: LiveNode, fresh: NodeProto) -> NodeProto:
    """What a new node is written over: a copy of a node of the file keeps what its record has no field for."""
    rest = node.record.rest if node.record is not None else b""
    return NodeProto.FromString(rest) if rest else fresh


def _says_otherwise(value: LiveValue) -> bool:
    """Whether an edit changed what the file says about a value, but for its name and its tensor."""
    was, now = value.first, value.current()
    return was is None or (was.dtype, was.shape, was.type, was.doc, was.metadata) != (
        now.dtype,
        now.shape,
        now.type,
        now.doc,
        now.metadata,
    )


def _write_name(target: Any, value: LiveValue, sparse: bool) -> None:
    named = target.values if sparse else target
    if text(named.name) != value.name:
        set_text(named, "name", value.name)


def _annotates(body: LiveGraph, value: LiveValue) -> bool:
    """Whether a body's quantization annotations name a value of a graph around it, as the file calls it."""
    was = value.first.name if value.first is not None else ""
    return any(text(getattr(message, field)) == was for message, field in annotated(body.proto))


def _is_described(value: LiveValue) -> bool:
    """Whether value_info lists a value: it is said to, or its type has no other place (inputs and outputs carry theirs)."""
    record = value.current()
    typed = bool(record.dtype) or record.shape is not None or record.type is not None
    return record.declared or (typed and not _is_listed(value))


def _is_listed(value: LiveValue) -> bool:
    """Whether its graph's own list of inputs or outputs describes a value; a local function lists names only."""
    return (value.is_input or value.is_output) and not value.graph.is_function
