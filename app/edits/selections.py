"""A selection of nodes of one graph as a part with a border: what it takes from elsewhere and what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.records import NodeRecord
from onnx_scalpel.edits.branches import tensors_read
from onnx_scalpel.edits.flow import graphs_that_output
from onnx_scalpel.edits.scopes import enclosing_graphs, named_outside, shown
from onnx_scalpel.edits.wiring import readers_of
from onnx_scalpel.errors import EditRejected


class Border(NamedTuple):
    """Ids of values that cross the border of a part of a graph, each once."""

    graph: str
    nodes: tuple[NodeRecord, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def chosen_nodes(document: Document, node_ids: Sequence[str]) -> list[NodeRecord]:
    """The nodes in graph order; those inside bodies of others go with these anyway."""
    nodes = [document.node(node_id) for node_id in dict.fromkeys(node_ids)]
    ids = {node.id for node in nodes}
    outer = [n for n in nodes if not any(graph.owner in ids for graph in enclosing_graphs(document, n.graph))]
    return sorted(outer, key=lambda node: (node.graph, node.order))


def nodes_of_one_graph(document: Document, node_ids: Sequence[str], why: str) -> list[NodeRecord]:
    """The same, of one graph. Raises EditRejected; `why` says what needs that."""
    chosen = chosen_nodes(document, node_ids)
    if len({node.graph for node in chosen}) > 1:
        raise EditRejected(
            f"the nodes stand in several graphs, and {why}",
            subjects=tuple(node.id for node in chosen[:20]),
            hint="choose nodes of one graph",
        )
    return chosen


def border_of(document: Document, nodes: Sequence[NodeRecord]) -> Border:
    """What the nodes take and give; values that nobody reads count as given where nothing else is.

    Raises EditRejected when they make nothing, when a way out of the part leads back into it (one node in its place would
    feed itself), and when a value inside it is named in a part of the file that would lose it.
    """
    lives = [document.live_node(node.id) for node in nodes]
    inner = {node.id for node in nodes}
    made = dict.fromkeys(output for node in nodes for output in node.outputs if output)
    read = dict.fromkeys(tensor.live.id for live in lives for tensor in tensors_read(document, live))
    inputs = tuple(value_id for value_id in read if value_id not in made)
    outputs = tuple(value_id for value_id in made if _is_given(document, value_id, inner))
    outputs = outputs or tuple(value_id for value_id in made if value_id not in read)
    if not outputs:
        raise EditRejected(
            "the chosen nodes make nothing that could be handed out", subjects=tuple(inner)[:20], hint="choose others"
        )
    _refuse_way_back(document, lives)
    for value_id in made:
        place = "" if value_id in outputs else named_outside(document, document.value(value_id))
        if place:
            raise EditRejected(
                f"{shown(document.value(value_id).name)}, which would be inside, is also named in {place}",
                subjects=(value_id,),
                hint="choose nodes that do not make it",
            )
    return Border(nodes[0].graph, tuple(nodes), inputs, outputs)


def _is_given(document: Document, value_id: str, inner: set[str]) -> bool:
    """Whether anything outside the nodes reads the value or hands it out; bodies count as part of the node that holds them."""
    holders = [_holders(document, document.live_node(reader.node)) for reader in document.consumers(value_id)]
    if any(inner.isdisjoint(around) for around in holders):
        return True
    for graph_id in graphs_that_output(document, value_id):
        owner = document.graph(graph_id).owner
        if not owner or inner.isdisjoint(_holders(document, document.live_node(owner))):
            return True
    return False


def _holders(document: Document, node: LiveNode) -> list[str]:
    """The node, and the nodes whose bodies it is in."""
    found = [node.id]
    while node.graph.owner:
        node = document.live_node(node.graph.owner)
        found.append(node.id)
    return found


def _refuse_way_back(document: Document, nodes: Sequence[LiveNode]) -> None:
    """EditRejected when something outside the nodes lies on a way from one of them to another."""
    inner = {node.id for node in nodes}
    seen: dict[str, LiveNode] = {}
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        for reader in readers_of(document, node):
            if reader.id in inner:
                if node.id not in inner:
                    name = shown(node.node.name or node.node.op)
                    raise EditRejected(
                        f"{name} lies between the chosen nodes: in one node they would feed themselves through it",
                        subjects=(node.id, reader.id),
                        hint=f"choose {name} too",
                    )
            elif reader.id not in seen:
                seen[reader.id] = reader
                waiting.append(reader)
