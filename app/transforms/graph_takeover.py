"""Takes over one graph of what a library made of the model, and the bodies in it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from onnx import AttributeProto, GraphProto, NodeProto

from onnx_scalpel.document.protos import attribute_type, declared_type, pairs, tensor_facts, text, texts
from onnx_scalpel.document.records import MAIN_GRAPH, GraphRecord, NodeRecord, TensorRef, ValueRecord, same_record
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.flow import carries_type, place_behind
from onnx_scalpel.edits.remove_nodes import remove_node
from onnx_scalpel.edits.scopes import new_value, opset_version
from onnx_scalpel.errors import EditRejected
from onnx_scalpel.transforms.matching import (
    GRAPHS,
    match_nodes,
    merged_attributes,
    new_attribute,
    new_tensor,
    same_tensor,
)
from onnx_scalpel.transforms.sort_nodes import in_order, settle_graph

Names = ChainMap[str, str]  # names to value ids: of a graph, then of the ones around it
_ANOTHER = "choose another engine"


@dataclass
class Effect:
    """How many nodes came, went and changed, which ones survived, and how many tensors came, went and changed."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    rewired: int = 0  # of those that changed: the ones that read or make something else
    tensors: int = 0
    survivors: set[str] = field(default_factory=set)

    @property
    def is_nothing(self) -> bool:
        """Attributes alone that are written otherwise make a model no simpler."""
        return not (self.added or self.removed or self.rewired or self.tensors)


class GraphTakeover:
    """Writes graphs through one transaction. `folder` holds the external data of what is taken over, `drop_defaults` says
    that inputs with a default value go when nothing reads them any more."""

    def __init__(self, tx: Transaction, main: GraphProto, folder: Path, drop_defaults: bool) -> None:
        self._tx = tx
        self._document = tx.document
        self._folder = folder
        self._drop_defaults = drop_defaults
        self._names_taken: dict[str, set[str]] = {}
        self._kept_tensors = {text(tensor.name) for tensor in main.initializer}
        self.effect = Effect()

    def take(self, graph_id: str, proto: GraphProto, outer: Names, fresh: bool = False) -> None:
        """Make a graph what `proto` says; `fresh`: it was made for this and is empty."""
        document = self._document
        live = document.live_graph(graph_id)
        before, was_in_order = document.value_ids(graph_id), in_order(document, live)
        matched = match_nodes(live.nodes, proto.node)
        constants = self._constants(graph_id)
        survivors = {node.id for node in matched.values()}
        self.effect.survivors |= survivors
        for node_id in document.node_ids(graph_id):
            if node_id not in survivors:
                self.remove(node_id)
        names = outer.new_child()
        self._define_inputs(graph_id, proto, names, fresh)
        self._define_tensors(graph_id, proto, names, constants)
        for node in proto.node:
            for name in filter(None, texts(node.output)):
                self._define_made(graph_id, name, names)
        for place, node in enumerate(proto.node):
            known = matched.get(place)
            if known is not None:
                self._take_survivor(graph_id, known.id, node, names)
            else:
                self._add_node(graph_id, node, names)
        if was_in_order and not in_order(document, live):
            settle_graph(self._tx, live)
        self._list_ends(graph_id, proto, names, fresh)
        self._drop_unused(graph_id, before, set(names.maps[0].values()))

    def remove(self, node_id: str) -> None:
        """Drop a node with its bodies."""
        self.effect.removed += 1
        remove_node(self._tx, node_id)

    def _constants(self, graph_id: str) -> dict[str, TensorRef]:
        """Names of what Constant nodes make: an engine may turn them into initializers of the same data."""
        found: dict[str, TensorRef] = {}
        for node in self._document.live_graph(graph_id).nodes:
            if node.node.op == "Constant":
                attribute = node.current().attributes.get("value")
                if attribute is not None and isinstance(attribute.value, TensorRef):
                    found |= {tensor.name: attribute.value for tensor in node.node.outputs[:1]}
        return found

    def _define_inputs(self, graph_id: str, proto: GraphProto, names: Names, fresh: bool) -> None:
        """The main graph's inputs are the caller's and stay; a body's are what its node hands in."""
        document = self._document
        known = {document.value(v).name: v for v in document.graph(graph_id).inputs}
        if graph_id == MAIN_GRAPH:
            added = {text(i.name) for i in proto.input} - known.keys() - {text(t.name) for t in proto.initializer}
            if added:
                raise _lost("inputs")
            names.update(known)
            return
        for info in proto.input:
            name = text(info.name)
            if name in known and not fresh:
                names[name] = known[name]
                continue
            dtype, shape, kind = declared_type(info.type)
            value = replace(new_value(self._tx, graph_id, name), dtype=dtype, shape=shape, type=kind)
            self._tx.put(value)
            names[name] = value.id

    def _own(self, graph_id: str, name: str) -> ValueRecord | None:
        found = self._document.live_graph(graph_id).names.get(name)
        return None if found is None else found.current()

    def _define_tensors(self, graph_id: str, proto: GraphProto, names: Names, constants: dict[str, TensorRef]) -> None:
        for tensor in proto.initializer:
            name = text(tensor.name)
            value = self._own(graph_id, name) or new_value(self._tx, graph_id, name)
            names[name] = value.id
            old = value.tensor or constants.get(name)
            same = old is not None and same_tensor(self._document, old, tensor, self._folder)
            held = old if same and old is not None else new_tensor(tensor, self._folder)
            if value.tensor is None or not same:
                self._put_tensor(value, held)
        for sparse in proto.sparse_initializer:
            name = text(sparse.values.name)
            value = self._own(graph_id, name) or new_value(self._tx, graph_id, name)
            names[name] = value.id
            if value.tensor is None or not value.tensor.sparse:
                self._put_tensor(value, tensor_facts(sparse))

    def _put_tensor(self, value: ValueRecord, tensor: TensorRef) -> None:
        self.effect.tensors += 1
        exists = self._document.has("value", value.id)
        if exists and not carries_type(self._document, value):
            value = replace(value, dtype="", shape=None, type=None, declared=False)
        self._tx.put(replace(value, tensor=tensor))

    def _define_made(self, graph_id: str, name: str, names: Names) -> None:
        value = self._own(graph_id, name)
        if value is None:
            value = new_value(self._tx, graph_id, name)
            self._tx.put(value)
        elif value.tensor is not None:
            self._tx.put(replace(value, tensor=None))
        names[name] = value.id

    # nodes

    def _ids(self, graph_id: str, wires: Sequence[str], names: Names) -> tuple[str, ...]:
        found = []
        for name in wires:
            value = "" if not name else names.get(name) or self._document.value_named(graph_id, name)
            if value is None:
                raise EditRejected(
                    "the engine made a node that reads what nothing makes", code="engine-failed", hint=_ANOTHER
                )
            found.append(value)
        return tuple(found)

    def _take_survivor(self, graph_id: str, node_id: str, proto: NodeProto, names: Names) -> None:
        record = self._tx.node(node_id)
        inputs = self._ids(graph_id, texts(proto.input), names)
        outputs = self._ids(graph_id, texts(proto.output), names)
        version = opset_version(self._document, graph_id, record.domain)
        after = replace(
            record,
            inputs=record.inputs if _wired(inputs) == _wired(record.inputs) else inputs,
            outputs=record.outputs if _wired(outputs) == _wired(record.outputs) else outputs,
            attributes=merged_attributes(self._document, record.attributes, proto, version, self._folder),
        )
        if not same_record(after, record):
            self.effect.changed += 1
            self.effect.rewired += (after.inputs, after.outputs) != (record.inputs, record.outputs)
            self._tx.put(after)
        bodies = self._document.live_node(node_id).bodies
        for attribute, index, body in _bodies(proto):
            self.take(bodies[text(attribute.name), index], body, names)

    def _add_node(self, graph_id: str, proto: NodeProto, names: Names) -> None:
        self.effect.added += 1
        inputs = self._ids(graph_id, texts(proto.input), names)
        outputs = self._ids(graph_id, texts(proto.output), names)
        op_type = text(proto.op_type)
        first = next((self._document.value(o).name for o in outputs if o), "")
        node_id = self._tx.new_node_id(graph_id, first, text(proto.name), op_type)
        fresh = partial(self._fresh_body, graph_id, node_id)
        bodies = {(text(a.name), index): fresh(a, body, names) for a, index, body in _bodies(proto)}
        attributes = {
            text(a.name): new_attribute(a, self._folder, lambda name, index: bodies[name, index])
            for a in proto.attribute
        }
        readers = [slot.node for output in outputs if output for slot in self._document.consumers(output)]
        record = NodeRecord(
            node_id,
            graph_id,
            self._free_name(graph_id, text(proto.name)),
            op_type,
            normal_domain(text(proto.domain)),
            inputs,
            outputs,
            attributes,
            place_behind(self._document, graph_id, inputs, readers),
            text(proto.overload),
            text(proto.doc_string),
            pairs(proto.metadata_props),
        )
        self._tx.put(record)

    def _fresh_body(self, graph_id: str, owner: str, attribute: AttributeProto, body: GraphProto, names: Names) -> str:
        """A body of a node that is about to be put."""
        name = text(attribute.name)
        made = self._tx.new_graph_id(owner, name)
        self._tx.put(GraphRecord(made, text(body.name), parent=graph_id, owner=owner, attribute=name))
        self.take(made, body, names, fresh=True)
        return made

    def _free_name(self, graph_id: str, wanted: str) -> str:
        taken = self._names_taken.get(graph_id)
        if taken is None:
            taken = {live.node.name for live in self._document.live_graph(graph_id).nodes}
            self._names_taken[graph_id] = taken
        name, number = wanted, 1
        while name and name in taken:
            number += 1
            name = f"{wanted}_{number}"
        taken.add(name)
        return name

    # ends

    def _list_ends(self, graph_id: str, proto: GraphProto, names: Names, fresh: bool) -> None:
        graph = self._tx.graph(graph_id)
        if graph_id == MAIN_GRAPH:
            wanted = {self._document.value(v).name for v in graph.outputs}
            if not wanted <= names.keys() or not wanted <= {text(o.name) for o in proto.output}:
                raise _lost("outputs")
            return
        outputs = self._ids(graph_id, [text(o.name) for o in proto.output], names)
        inputs = tuple(names[text(i.name)] for i in proto.input)
        if fresh:
            for info, value_id in zip(proto.output, outputs, strict=True):
                dtype, shape, kind = declared_type(info.type)
                value = self._tx.value(value_id)
                if value.graph == graph_id and not value.dtype and value.tensor is None:
                    self._tx.put(replace(value, dtype=dtype, shape=shape, type=kind))
        if (inputs, outputs) != (graph.inputs, graph.outputs):
            self._tx.put(replace(graph, inputs=inputs, outputs=outputs))

    def _drop_unused(self, graph_id: str, before: Sequence[str], defined: set[str]) -> None:
        document, tx = self._document, self._tx
        gone = [v for v in before if v not in defined or self._is_unused_default(graph_id, v)]
        graph = tx.graph(graph_id)
        unlisted = tuple(v for v in graph.inputs if v not in gone)
        if unlisted != graph.inputs:
            tx.put(replace(graph, inputs=unlisted))
        for value_id in gone:
            value = document.value(value_id)
            live = document.live_value(value_id)
            if value.tensor is None:
                tx.drop_unused([value_id])
            elif not live.tensor.outputs and not live.tensor.inputs and not live.listed:
                self.effect.tensors += 1
                tx.drop("value", value_id)

    def _is_unused_default(self, graph_id: str, value_id: str) -> bool:
        """An input of the main graph whose default value nothing reads any more."""
        live = self._document.live_value(value_id)
        if graph_id != MAIN_GRAPH or not self._drop_defaults or not live.is_input or live.tensor.outputs:
            return False
        return live.current().tensor is not None and live.name not in self._kept_tensors


def _lost(what: str) -> EditRejected:
    return EditRejected(f"the engine changed the model's {what}", code="engine-failed", hint=_ANOTHER)


def _wired(values: tuple[str, ...]) -> tuple[str, ...]:
    """Without the empty slots at the end, which mean nothing."""
    count = len(values)
    while count and not values[count - 1]:
        count -= 1
    return values[:count]


def _bodies(proto: NodeProto) -> Iterator[tuple[AttributeProto, int | None, GraphProto]]:
    for attribute in proto.attribute:
        kind = attribute_type(attribute)
        if kind not in GRAPHS or attribute.ref_attr_name:
            continue
        if kind == "GRAPH":
            yield attribute, None, attribute.g
        else:
            yield from ((attribute, index, graph) for index, graph in enumerate(attribute.graphs))
