"""The order in which nodes are written: as they stand, sorted only where an edit made a node read what comes later."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from onnx_scalpel.document.index import DocumentIndex
from onnx_scalpel.document.live import LiveGraph, LiveNode


def written_orders(document: DocumentIndex) -> dict[str, list[LiveNode]]:
    """Graph id -> its nodes in a new order, for the graphs that edits have put out of order; all others stay as they are.

    A graph that was out of order in the file already is left alone: nobody asked to sort it.
    """
    nodes, _, _ = document.tables()
    written = (nodes[key] for table, key in document.touched if table == "node" and key in nodes)
    touched = [node for node in written if _is_rewired(node)]
    violated: dict[str, LiveGraph] = {}
    for node in touched:
        for producer, consumer in _wires(document, node):
            if producer.graph.id not in violated and not producer.order < consumer.order and producer is not consumer:
                violated[producer.graph.id] = producer.graph
    orders: dict[str, list[LiveNode]] = {}
    edited = {holder for node in touched for holder in _with_owners(document, node)}
    for graph in violated.values():
        needs = {node.id: needs_of(document, node) for node in graph.nodes}
        if not _unsorted_in_file(graph, needs, edited):
            orders[graph.id] = topological(graph.nodes, needs)
    return orders


def note_early(document: DocumentIndex, node: LiveNode) -> None:
    """Keep in mind where a node, or the one that holds it in a body, reads what stands at or behind it."""
    for tensor in node.node.inputs:
        for producer in tensor.inputs:
            _note(document, producer.live, node)


def note_early_readers(document: DocumentIndex, node: LiveNode) -> None:
    """The same of what reads from a node."""
    for tensor in node.node.outputs:
        for consumer in tensor.outputs:
            _note(document, node, consumer.live)


def _note(document: DocumentIndex, maker: LiveNode, node: LiveNode) -> None:
    nodes, _, _ = document.tables()
    reader: LiveNode | None = node
    while reader is not None and reader.graph is not maker.graph:
        reader = nodes.get(reader.graph.owner)  # one that is yet to come is noted then
    if reader is not None and reader is not maker and not maker.order < reader.order:
        maker.graph.early.add(reader.id)


def in_order(document: DocumentIndex, graph: LiveGraph) -> bool:
    """Whether every node of the graph stands behind what it reads; looks only at nodes that were noted."""
    nodes, _, _ = document.tables()
    for node_id in tuple(graph.early):
        node = nodes.get(node_id)
        if node is not None and any(not nodes[need].order < node.order for need in needs_of(document, node)):
            return False
        graph.early.discard(node_id)
    return True


def _is_rewired(node: LiveNode) -> bool:
    """Whether a node is new, or stands or is wired otherwise than in the file."""
    first = node.first if node.origin is not None else None
    if first is None:
        return True
    return (first.inputs, first.outputs, first.order) != (node.inputs(), node.outputs(), node.order)


def _with_owners(document: DocumentIndex, node: LiveNode) -> Iterator[str]:
    """A node and the nodes whose bodies it is in."""
    yield node.id
    while node.graph.owner:
        node = document.live_node(node.graph.owner)
        yield node.id


def _wires(document: DocumentIndex, node: LiveNode) -> Iterator[tuple[LiveNode, LiveNode]]:
    """Producer and consumer of each wire at a node, the consumer as the node of the producer's graph that holds it."""
    for tensor in node.node.inputs:
        for producer in tensor.inputs:
            yield producer.live, holder_in(document, node, producer.live.graph)
    for tensor in node.node.outputs:
        for consumer in tensor.outputs:
            yield node, holder_in(document, consumer.live, node.graph)


def holder_in(document: DocumentIndex, node: LiveNode, graph: LiveGraph) -> LiveNode:
    """The node of `graph` that is this one or holds it in a body."""
    while node.graph is not graph and node.graph.owner:
        node = document.live_node(node.graph.owner)
    return node


def needs_of(document: DocumentIndex, node: LiveNode) -> set[str]:
    """The nodes of the same graph that a node reads from, its bodies included."""
    graph = node.graph
    needs: set[str] = set()
    waiting = [node]
    while waiting:
        reader = waiting.pop()
        for tensor in reader.node.inputs:
            for producer in tensor.inputs:
                if producer.live.graph is graph and producer.live is not node:
                    needs.add(producer.live.id)
        for body_id in reader.bodies.values():
            body = document.live_graph(body_id)
            waiting.extend(body.nodes)
            for tensor in body.gs.outputs:
                needs.update(p.live.id for p in tensor.inputs if p.live.graph is graph and p.live is not node)
    return needs


def _unsorted_in_file(graph: LiveGraph, needs: dict[str, set[str]], edited: set[str]) -> bool:
    """Whether nodes that no edit touched are out of order among themselves."""
    seen: set[str] = set()
    for node in graph.nodes:
        if node.id not in edited and any(n not in seen and n not in edited for n in needs[node.id]):
            return True
        seen.add(node.id)
    return False


def topological(nodes: Iterable[LiveNode], needs: dict[str, set[str]]) -> list[LiveNode]:
    """A stable topological order; nodes on a cycle, and what follows them, keep their order at the end."""
    listed = list(nodes)
    place = {node.id: at for at, node in enumerate(listed)}
    open_needs = {node.id: len(needs[node.id]) for node in listed}
    readers: dict[str, list[str]] = {}
    for node in listed:
        for needed in needs[node.id]:
            readers.setdefault(needed, []).append(node.id)
    ready = [place[key] for key, count in open_needs.items() if not count]
    heapq.heapify(ready)
    done: list[LiveNode] = []
    while ready:
        node = listed[heapq.heappop(ready)]
        done.append(node)
        for reader in readers.get(node.id, ()):
            open_needs[reader] -= 1
            if not open_needs[reader]:
                heapq.heappush(ready, place[reader])
    written = {node.id for node in done}
    return done + [node for node in listed if node.id not in written]
