"""What graphs take and give, and who relies on it: the node that holds a body, the nodes that call a local function."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Literal

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import GraphRecord, NodeRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.flow import graphs_that_output
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import EditRejected

Side = Literal["inputs", "outputs"]
Slots = tuple[str, ...]


def refuse_in_body(document: Document, graph: GraphRecord, side: Side) -> None:
    """Raise EditRejected for the inputs or outputs of a body: the node that holds it says what they are."""
    if not graph.owner:
        return
    owner = document.node(graph.owner)
    raise EditRejected(
        f"the {side} of this body are fixed by {called(owner)}, the {owner.op_type} that holds it",
        subjects=(owner.id, graph.id),
        hint="change what the node itself reads and makes",
    )


def callers(document: Document, function: GraphRecord) -> list[NodeRecord]:
    """The nodes that call a local function, wherever they are."""
    if function.function is None:
        return []
    nodes, _, _ = document.tables()
    domain, overload = function.function.domain, function.function.overload
    named = [n for n in nodes.values() if n.node.op == function.name and (n.node.domain or "") == domain]
    return [node for node in (n.current() for n in named) if node.overload == overload]


def called(node: NodeRecord) -> str:
    """A node for a sentence."""
    return shown(node.name or node.op_type)


def is_read(document: Document, value_id: str) -> bool:
    """Whether a node reads the value or a graph lists it as an output."""
    return bool(document.consumers(value_id) or graphs_that_output(document, value_id))


def rearrange_callers(tx: Transaction, function: GraphRecord, side: Side, change: Callable[[Slots], Slots]) -> None:
    """Change the slots of all nodes that call the function as its own list changes; nothing for other graphs.

    `change` gets as many slots as the function has, '' where a caller has none.
    """
    size = len(function.inputs if side == "inputs" else function.outputs)
    for node in callers(tx.document, function):
        slots = node.inputs if side == "inputs" else node.outputs
        after = trimmed(change((*slots, *[""] * (size - len(slots)))))
        tx.put(replace(node, inputs=after) if side == "inputs" else replace(node, outputs=after))


def without(slots: Sequence[str], places: Container[int]) -> Slots:
    """The slots but those at these places."""
    return tuple(slot for place, slot in enumerate(slots) if place not in places)


def trimmed(slots: Slots) -> Slots:
    """The slots without empty ones at the end."""
    while slots and not slots[-1]:
        slots = slots[:-1]
    return slots


def take_from_inputs(tx: Transaction, graph: GraphRecord, value_id: str) -> None:
    """Take a value out of a graph's inputs; callers of a function lose the slot."""
    places = {place for place, found in enumerate(graph.inputs) if found == value_id}
    rearrange_callers(tx, graph, "inputs", lambda slots: without(slots, places))
    tx.put(replace(graph, inputs=without(graph.inputs, places)))
