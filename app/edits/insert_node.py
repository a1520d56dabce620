"""The edit insert-node."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace
from pydantic import Field

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import Attribute, NodeRecord, ValueRecord
from onnx_scalpel.document.schemas import OperatorSchema, normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.flow import keeps_type, place_behind
from onnx_scalpel.edits.node_scopes import name_on_wire
from onnx_scalpel.edits.operators import (
    attributes_of,
    certain_dtype,
    check_inputs,
    checked_operator,
    import_domain,
    local_function,
    missing_import,
    refuse_recursion,
    required_outputs,
    slots_of,
)
from onnx_scalpel.edits.output_types import typed_output
from onnx_scalpel.edits.parameters import (
    AttributesParam,
    ConsumersParam,
    DomainParam,
    GraphParam,
    InputsParam,
    OpTypeParam,
    ValueParam,
)
from onnx_scalpel.edits.readers import Readers, all_readers, chosen_readers, made_by, other_slots
from onnx_scalpel.edits.scopes import enclosing_graphs, free_node_name, new_value, shown
from onnx_scalpel.edits.slot_types import check_type
from onnx_scalpel.edits.wiring import check_visible, refuse_cycle, settle_order, settle_orders, standing_before
from onnx_scalpel.errors import EditRejected


class _New(NamedTuple):
    """What the new node is, whatever its wires."""

    name: str
    domain: str
    attributes: dict[str, Attribute]
    order: tuple[int, ...]
    schema: OperatorSchema | None


class InsertNode(Edit):
    """Put a node on a wire: it reads the value, and the consumers (all of them, or those named) read what it makes.

    A graph output keeps its id and name and is made by the new node then; what made it so far makes a new value. To put
    a node before a graph output alone, name the graph as the consumer. Further inputs of the node are `extra_inputs`.

    The node stands in the graph of the value, or, where `graph` names a body that sees the value, in that body: then only
    what reads the value in there (and in bodies below) reads the node.
    """

    title, acts_on = "Insert node", "value"

    op_type: OpTypeParam
    domain: DomainParam = ""
    value: ValueParam
    consumers: ConsumersParam = None
    attributes: AttributesParam = Field(default_factory=dict)
    extra_inputs: InputsParam = Field(default_factory=list)
    graph: GraphParam | None = None

    def apply(self, tx: Transaction) -> None:
        document, value = tx.document, tx.value(self.value)
        graph = self._graph(document)
        readers = self._readers(document)
        self._check_extra_inputs(document, graph, readers)
        domain = normal_domain(self.domain)
        schema = checked_operator(document, graph, domain, self.op_type)
        refuse_recursion(document, graph, local_function(document, domain, self.op_type))
        attributes = attributes_of(schema, self.attributes, self.kind)
        line = check_inputs(schema, (value.id, *self.extra_inputs))
        if line:
            raise wrong_parameters({"extra_inputs": line}, self.kind)
        wires = (value.id, *self.extra_inputs)
        for place, value_id in enumerate(wires):
            if value_id:
                check_type(document, slots_of(document, graph, domain, self.op_type), wires, place, value_id)
        version = missing_import(document, graph, domain, self.op_type)
        if version is not None:
            import_domain(tx, graph, domain, version)
        reading = readers.nodes
        early = standing_before(document, reading, value.id)
        order = place_behind(document, graph, (value.id, *self.extra_inputs), reading)
        name = name_on_wire(document, graph, value.id, reading, graph in readers.graphs, f"{value.name}_{self.op_type}")
        new = _New(name, domain, attributes, order, schema)
        fresh = new_value(tx, graph, f"{value.name}_{self.op_type}")
        if readers.graphs:
            self._insert_before_output(tx, value, fresh, readers, new)
        else:
            self._insert_after(tx, value, fresh, readers, new)
        in_order = [node_id for node_id in reading if node_id not in early]  # what the file has out of order stays so
        settle_orders(tx, in_order, value.id if readers.graphs else fresh.id)

    def _readers(self, document: Document) -> Readers:
        readers = all_readers(document, self.value)
        if self.consumers is not None:
            readers = chosen_readers(document, self.value, self.consumers, self.kind)
        if self._graph(document) != document.value(self.value).graph:
            readers = self._inside(document, readers)
        if not readers.slots and not readers.graphs:
            name = shown(document.value(self.value).name)
            raise EditRejected(
                f"nothing reads {name}, so nothing would read the new node",
                subjects=(self.value,),
                hint="add a node instead, or make the value an output first",
            )
        return readers

    def _graph(self, document: Document) -> str:
        """Where the new node stands."""
        own = document.value(self.value).graph
        if self.graph is None or self.graph == own:
            return own
        graph = document.graph(self.graph).id
        check_visible(document, graph, self.value)
        return graph

    def _inside(self, document: Document, readers: Readers) -> Readers:
        """Those of the readers that stand in the body that is named, or in one below; others may not be named."""
        graph = self._graph(document)

        def inside(reader: str) -> bool:
            return any(around.id == graph for around in enclosing_graphs(document, document.node(reader).graph))

        found = tuple([slot for slot in readers.slots if inside(slot[0])])
        outside = sorted({node for node, _ in readers.slots} - {node for node, _ in found})
        if self.consumers is not None and (outside or readers.graphs):
            raise EditRejected(
                "a consumer outside that body cannot read what is made in it",
                subjects=(*outside, self.value),
                hint="name consumers inside the body, or leave graph out",
            )
        return Readers(found, frozenset())

    def _check_extra_inputs(self, document: Document, graph: str, readers: Readers) -> None:
        """Every further input exists, is visible from the node's graph, and does not come from behind the new node."""
        for place, value_id in enumerate(self.extra_inputs):
            if not value_id:
                continue
            extra = document.value(value_id)
            if document.value_named(graph, extra.name) != value_id:
                line = f"item {place + 1}: {shown(extra.name)} cannot be seen from the graph of the node"
                raise wrong_parameters({"extra_inputs": line}, self.kind)
        reading = readers.nodes
        for value_id in dict.fromkeys(v for v in self.extra_inputs if v and reading):
            refuse_cycle(document, reading, value_id)

    def _insert_after(
        self, tx: Transaction, value: ValueRecord, fresh: ValueRecord, readers: Readers, new: _New
    ) -> None:
        """The new node makes `fresh`, and the readers read that."""
        tx.put(fresh)
        node = self._put_node(tx, value, (value.id, *self.extra_inputs), fresh, new)
        tx.rewire(readers.slots, fresh.id)
        if not keeps_type(node):
            drop_declared_types(tx, made_by(tx.document, readers.nodes))

    def _insert_before_output(
        self, tx: Transaction, value: ValueRecord, fresh: ValueRecord, readers: Readers, new: _New
    ) -> None:
        """What made the value makes `fresh` now; the new node reads that and makes the value, with its name."""
        document = tx.document
        producer = document.producer(value.id)
        if document.is_input(value.id) or not (producer or value.tensor) or readers.graphs != {value.graph}:
            raise EditRejected(
                f"{shown(value.name)} is an output that no node here makes; its name cannot go to the new node",
                subjects=(value.id,),
                hint="name the consumers that should read the new node",
            )
        others = other_slots(document, value.id, readers)
        tx.put(replace(fresh, tensor=value.tensor))
        if producer:
            maker = tx.node(producer.node)
            tx.put(replace(maker, outputs=tuple(fresh.id if o == value.id else o for o in maker.outputs)))
        tx.rewire(others, fresh.id)
        extra = [fresh.id if v == value.id else v for v in self.extra_inputs]
        bare = replace(value, tensor=None)
        tx.put(bare)
        node = self._put_node(tx, value, (fresh.id, *extra), bare, new)
        tx.put(typed_output(bare, node, certain_dtype(new.schema)))
        if not keeps_type(node):
            if value.tensor is None and (
                value.dtype or value.type
            ):  # what was declared stays true of what it was said of
                made = replace(tx.value(fresh.id), dtype=value.dtype, shape=value.shape, type=value.type, declared=True)
                tx.put(made)
            drop_declared_types(tx, chain([value.id], made_by(document, readers.nodes)))

    def _put_node(
        self, tx: Transaction, value: ValueRecord, inputs: tuple[str, ...], output: ValueRecord, new: _New
    ) -> NodeRecord:
        """Put the node, with values for the further outputs that its operator must have."""
        graph = self._graph(tx.document)
        name = free_node_name(tx.document, graph, new.name)
        node_id = tx.new_node_id(graph, output.name, name, self.op_type)
        outputs = [output.id]
        for slot in required_outputs(new.schema):
            further = new_value(tx, graph, f"{value.name}_{self.op_type}_{slot}")
            tx.put(further)
            outputs.append(further.id)
        node = NodeRecord(
            node_id, graph, name, self.op_type, new.domain, inputs, tuple(outputs), new.attributes, new.order
        )
        tx.put(node)
        for value_id in filter(None, inputs[1:]):
            refuse_cycle(tx.document, [node_id], value_id)
            settle_order(tx, node_id, value_id)
        return node

    def describe(self, document: Document) -> str:
        value = document.value(self.value)
        producer = document.producer(self.value)
        where = (
            f"after {shown(document.node(producer.node).name or value.name)}"
            if producer
            else f"after {shown(value.name)}"
        )
        title = f"Inserted {shown(self.op_type)} {where}"
        domain = normal_domain(self.domain)
        version = missing_import(document, self._graph(document), domain, self.op_type)
        return title if version is None else f"{title} and imported {shown(domain or 'ai.onnx')} {version}"
