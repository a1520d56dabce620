"""Who reads a value, as an edit names them: input slots of nodes, and graphs that list it as an output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from onnx_scalpel.document.document import Document
from onnx_scalpel.edits.base import wrong_parameters
from onnx_scalpel.edits.flow import graphs_that_output
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import AppError, EditRejected


class Readers(NamedTuple):
    """Distinct input slots as (node id, slot), and ids of graphs that list the value as an output."""

    slots: tuple[tuple[str, int], ...]
    graphs: frozenset[str]

    @property
    def nodes(self) -> list[str]:
        """The nodes of the slots, each once."""
        return list(dict.fromkeys([node for node, _ in self.slots]))


def all_readers(document: Document, value_id: str) -> Readers:
    return Readers(document.consumers(value_id), frozenset(graphs_that_output(document, value_id)))


def chosen_readers(document: Document, value_id: str, consumers: Sequence[Any], kind: str) -> Readers:
    """Those of the value's readers that `consumers` names; `kind` is the edit's. Raises AppError when one reads nothing of it."""
    listing = graphs_that_output(document, value_id)
    slots: dict[tuple[str, int], None] = {}
    graphs: set[str] = set()
    for place, consumer in enumerate(consumers):
        node_id = consumer if isinstance(consumer, str) else consumer["node"]
        read = document.live_node(node_id).inputs() if document.has("node", node_id) else ()
        reading = {(node_id, slot) for slot, value in enumerate(read) if value == value_id}
        found = reading if isinstance(consumer, str) else reading & {(node_id, consumer["slot"])}
        lists = {consumer} & set(listing) if isinstance(consumer, str) else set()
        if not found and not lists:
            raise _reads_nothing(document, value_id, consumer, place)
        slots |= dict.fromkeys(sorted(found))
        graphs |= lists
    if not slots and not graphs:
        raise wrong_parameters({"consumers": "must name at least one; leave it out for all"}, kind)
    return Readers(tuple(slots), frozenset(graphs))


def other_slots(document: Document, value_id: str, readers: Readers) -> list[tuple[str, int]]:
    """The slots that read the value and are not among the readers."""
    chosen = set(readers.slots)
    return [found for found in document.consumers(value_id) if found not in chosen]


def made_by(document: Document, node_ids: Iterable[str]) -> Iterator[str]:
    """The outputs of nodes, one after the other."""
    return (output for node_id in node_ids for output in document.live_node(node_id).outputs() if output)


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
