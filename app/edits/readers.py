"""Who reads a value, as an edit names them: input slots of nodes, and graphs that list it as an output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import wrong_parameters
from onnx_scalpel.edits.flow import graphs_that_output
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import AppError, EditRejected


class Readers(NamedTuple):
    """Input slots as (node id, slot), and ids of graphs that list the value as an output."""

    slots: frozenset[tuple[str, int]]
    graphs: frozenset[str]


def all_readers(document: Document, value_id: str) -> Readers:
    slots = frozenset((found.node, found.slot) for found in document.consumers(value_id))
    return Readers(slots, frozenset(graphs_that_output(document, value_id)))


def chosen_readers(document: Document, value_id: str, consumers: Sequence[Any], kind: str) -> Readers:
    """Those of the value's readers that `consumers` names; `kind` is the edit's. Raises AppError when one reads nothing of it."""
    listing = graphs_that_output(document, value_id)
    slots: set[tuple[str, int]] = set()
    graphs: set[str] = set()
    for place, consumer in enumerate(consumers):
        node_id = consumer if isinstance(consumer, str) else consumer["node"]
        read = document.node(node_id).inputs if document.has("node", node_id) else ()
        reading = {(node_id, slot) for slot, value in enumerate(read) if value == value_id}
        found = reading if isinstance(consumer, str) else reading & {(node_id, consumer["slot"])}
        lists = {consumer} & set(listing) if isinstance(consumer, str) else set()
        if not found and not lists:
            raise _reads_nothing(document, value_id, consumer, place)
        slots |= found
        graphs |= lists
    if not slots and not graphs:
        raise wrong_parameters({"consumers": "must name at least one; leave it out for all"}, kind)
    return Readers(frozenset(slots), frozenset(graphs))


def _reads_nothing(document: Document, value_id: str, consumer: str | dict[str, Any], place: int) -> AppError:
    node_id = consumer if isinstance(consumer, str) else consumer["node"]
    if not document.has("graph", node_id):
        node_id = document.node(node_id).id
    name = shown(document.value(value_id).name)
    return EditRejected(
        f"consumer {place + 1} does not read {name}",
        subjects=(node_id, value_id),
        hint="name nodes that read it, or leave consumers out for all",
    )


def reconnect(tx: Transaction, slots: Iterable[tuple[str, int]], value_id: str) -> None:
    """Make these input slots read another value."""
    by_node: dict[str, set[int]] = {}
    for node_id, slot in slots:
        by_node.setdefault(node_id, set()).add(slot)
    # in graph order, as the value knows its readers: each is found at once
    for node in sorted(map(tx.node, by_node), key=lambda node: (node.graph, node.order)):
        places = by_node[node.id]
        inputs = tuple(value_id if place in places else old for place, old in enumerate(node.inputs))
        tx.put(replace(node, inputs=inputs))
