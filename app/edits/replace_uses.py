"""The edit replace-uses."""

from __future__ import annotations

from msgspec.structs import replace
from pydantic import Field

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveValue
from onnx_scalpel.document.records import ValueRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.declarations import drop_declared_types, interchangeable, type_that_follows
from onnx_scalpel.edits.flow import graphs_that_output
from onnx_scalpel.edits.operators import slots_of
from onnx_scalpel.edits.parameters import ConsumersParam, ValueParam
from onnx_scalpel.edits.readers import Readers, all_readers, chosen_readers, made_by, other_slots
from onnx_scalpel.edits.scopes import new_value, shown
from onnx_scalpel.edits.slot_types import check_type, known_type
from onnx_scalpel.edits.wiring import check_visible, refuse_cycle, settle_orders
from onnx_scalpel.errors import EditRejected


class ReplaceUses(Edit):
    """Make what reads a value (all of it, or the consumers that are named) read another one.

    A graph output keeps its id and name and is made by what makes the other value then, whose readers read the output; what
    made it so far makes a new value. To replace a graph output alone, name the graph as the consumer. The node that made
    the replaced value stays.
    """

    title, acts_on = "Replace uses", "value"

    value: ValueParam
    with_: ValueParam = Field(alias="with")
    consumers: ConsumersParam = None

    def apply(self, tx: Transaction) -> None:
        document, value = tx.document, tx.value(self.value)
        other = tx.value(self.with_)
        if value.id == other.id:
            raise wrong_parameters({"with": "is the value itself"}, self.kind)
        readers = self._readers(document)
        self._check(document, readers)
        reading = readers.nodes
        alike = interchangeable(tx, value.id, other.id)
        if readers.graphs:
            self._hand_output_on(tx, value, other, readers)
            made = value.id
        else:
            tx.rewire(readers.slots, other.id)
            made = other.id
        settle_orders(tx, reading, made)
        if not alike:
            drop_declared_types(tx, made_by(document, reading))
        tx.drop_unused([value.id])

    def _readers(self, document: Document) -> Readers:
        if self.consumers is not None:
            return chosen_readers(document, self.value, self.consumers, self.kind)
        readers = all_readers(document, self.value)
        if not readers.slots and not readers.graphs:
            raise EditRejected(
                f"nothing reads {shown(document.value(self.value).name)}",
                subjects=(self.value,),
                hint="choose a value that is in use",
            )
        return readers

    def _check(self, document: Document, readers: Readers) -> None:
        """Every consumer sees the other value, takes its type, and does not feed it."""
        places: dict[str, list[int]] = {}
        for node_id, slot in readers.slots:
            places.setdefault(node_id, []).append(slot)
        nodes, _, _ = document.tables()
        for graph_id in dict.fromkeys([nodes[node_id].graph.id for node_id in places]):
            check_visible(document, graph_id, self.with_)
        types, checked = _KnownTypes(document), set()
        for node_id, slots in places.items():
            live = nodes[node_id]
            node = live.node
            alike = (live.graph, node.domain, node.op, *slots, tuple([types[t.live] for t in node.inputs]))
            if alike not in checked:
                checked.add(alike)
                schema = slots_of(document, live.graph.id, node.domain, node.op, live.overload)
                inputs = [self.with_ if place in slots else value for place, value in enumerate(live.inputs())]
                for slot in slots:
                    check_type(document, schema, inputs, slot, self.with_, node_id)
        if places:
            refuse_cycle(document, list(places), self.with_)

    def _hand_output_on(self, tx: Transaction, value: ValueRecord, other: ValueRecord, readers: Readers) -> None:
        """What makes the other value makes the graph output now, under the output's name."""
        document = tx.document
        self._check_output(document, value, other, readers)
        producer, maker = document.producer(value.id), document.producer(other.id)
        others = other_slots(document, value.id, readers)
        if producer or value.tensor or others:
            before = new_value(tx, value.graph, f"{value.name}_before")
            tx.put(replace(before, tensor=value.tensor))
            if producer:
                _make_instead(tx, producer.node, value.id, before.id)
            tx.rewire(others, before.id)
        tx.put(_typed_like(tx, replace(value, tensor=other.tensor), other))
        if maker:
            _make_instead(tx, maker.node, other.id, value.id)
        tx.rewire(document.consumers(other.id), value.id)
        tx.put(replace(other, tensor=None))
        tx.drop_unused([other.id])

    def _check_output(self, document: Document, value: ValueRecord, other: ValueRecord, readers: Readers) -> None:
        made = document.producer(other.id) or other.tensor is not None
        listed = graphs_that_output(document, other.id)
        movable = made and not listed and not document.is_input(other.id) and other.graph == value.graph
        if movable and readers.graphs == {value.graph} and not document.is_input(value.id):
            for graph_id in dict.fromkeys(document.node(found.node).graph for found in document.consumers(other.id)):
                check_visible(document, graph_id, value.id)
            return
        what = "another output" if listed else "an input" if document.is_input(other.id) else "not made in its graph"
        raise EditRejected(
            f"the output {shown(value.name)} would be {shown(other.name)}, which is {what}; both names cannot stay",
            subjects=(value.id, other.id),
            hint="name the consumers without the graph, or add an Identity of the other value and use that",
        )

    def describe(self, document: Document) -> str:
        return f"Replaced {shown(document.value(self.value).name)} by {shown(document.value(self.with_).name)}"


class _KnownTypes(dict[LiveValue | None, str]):
    """Types of values as `known_type` says them, asked for once each."""

    def __init__(self, document: Document) -> None:
        super().__init__({None: ""})
        self._document = document

    def __missing__(self, value: LiveValue) -> str:
        found = self[value] = known_type(self._document, value.id)
        return found


def _make_instead(tx: Transaction, node_id: str, value_id: str, other: str) -> None:
    """Make a node make another value in the place of one."""
    node = tx.node(node_id)
    tx.put(replace(node, outputs=tuple(other if output == value_id else output for output in node.outputs)))


def _typed_like(tx: Transaction, output: ValueRecord, other: ValueRecord) -> ValueRecord:
    """The output with the type of the other value: declared, else as it follows; without a shape where nobody knows it."""
    if other.dtype or other.type is not None:
        return replace(output, dtype=other.dtype, shape=other.shape, type=other.type)
    if other.tensor is not None:
        return replace(output, dtype=other.tensor.dtype, shape=other.tensor.shape, type=None)
    dtype, shape = type_that_follows(tx, other.id)
    if dtype:
        return replace(output, dtype=dtype, shape=shape, type=None)
    return output if output.type is not None else replace(output, shape=None)
