"""The order in which nodes are written: as they stand, sorted only where an edit made a node read what comes later."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from onnx import NodeProto

from onnx_scalpel.document.index import DocumentIndex
from onnx_scalpel.document.live import LiveGraph, LiveNode, LiveValue
from onnx_scalpel.document.records import MAIN_GRAPH


def written_orders(document: DocumentIndex) -> dict[str, list[LiveNode]]:
    """Graph id -> its nodes in a new order, for the graphs that edits have put out of order; all others stay as they are.

    A graph that was out of order in the file already is left alone: nobody asked to sort it.
    """
    nodes, _, graphs = document.tables()
    written = (nodes[key] for key in document.touched["node"] if key in nodes)
    bodies = (graphs[key] for key in document.touched["graph"] if key in graphs)
    violated: dict[str, LiveGraph] = {}
    wires = (_wires(document, node) for node in written if _is_rewired(node))
    for producer, consumer in chain.from_iterable((*wires, *(_wires_out(document, body) for body in bodies))):
        if producer.graph.id not in violated and not producer.order < consumer.order and producer is not consumer:
            violated[producer.graph.id] = producer.graph
    orders: dict[str, list[LiveNode]] = {}
    for graph in violated.values():
        if graph.proto is None or not _is_unsorted(graph.proto):
            needs = {node.id: needs_of(document, node) for node in graph.nodes}
            orders[graph.id] = topological(graph.nodes, needs)
    return orders


def graphs_as_they_stand(document: DocumentIndex) -> list[LiveGraph]:
    """The main graph, the functions and, outer ones first, the bodies: an order that is the model's own, whatever was undone
    and redone in it (that of the document's tables is not)."""
    _, _, graphs = document.tables()
    found = [
        graphs[MAIN_GRAPH],
        *sorted((graph for graph in graphs.values() if graph.is_function), key=lambda graph: graph.id),
    ]
    for graph in found:  # which grows
        found.extend(graphs[body] for node in graph.nodes for body in node.bodies.values())
    return found


def note_early(document: DocumentIndex, node: LiveNode) -> None:
    """Keep in mind where a node, or the one that holds it in a body, reads what stands at or behind it."""
    for tensor in node.node.inputs:
        for producer in tensor.inputs:
            _note(document, producer.live, node)


def note_early_of(document: DocumentIndex, tensor: Any, readers: Iterable[LiveNode]) -> None:
    """The same of many nodes by one tensor that they read."""
    for producer in tensor.inputs:
        maker = producer.live
        for node in readers:
            if node.graph is not maker.graph or not maker.order < node.order:
                _note(document, maker, node)


def note_early_readers(document: DocumentIndex, node: LiveNode) -> None:
    """The same of what reads from a node."""
    for tensor in node.node.outputs:
        for consumer in tensor.outputs:
            _note(document, node, consumer.live)
        for body in handing_out(document, tensor.live):
            note_holders(document, body)


def note_holders(document: DocumentIndex, body: LiveGraph) -> None:
    """Keep in mind that the nodes which hold a body may read what stands behind them; one that is yet to come is noted then."""
    nodes, _, _ = document.tables()
    graph: LiveGraph | None = body
    while graph is not None and (holder := nodes.get(graph.owner)) is not None:
        graph = holder.graph
        graph.early.add(holder.id)


def handing_out(document: DocumentIndex, value: LiveValue | None) -> Iterator[LiveGraph]:
    """The bodies that list a value which they captured as their output."""
    if value is None or value.listed <= value.is_output + value.is_input:
        return
    _, _, graphs = document.tables()
    for body in graphs.values():
        if body.owner and body is not value.graph and any(tensor is value.tensor for tensor in body.gs.outputs):
            yield body


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
    if node.record is None:
        return node.wired != node.inputs()
    first = node.first if node.origin is not None else None
    if first is None:
        return True
    return (first.inputs, first.outputs, first.order) != (node.inputs(), node.outputs(), node.order)


def _wires(document: DocumentIndex, node: LiveNode) -> Iterator[tuple[LiveNode, LiveNode]]:
    """Producer and consumer of each wire at a node, the consumer as the node of the producer's graph that holds it."""
    for tensor in node.node.inputs:
        for producer in tensor.inputs:
            yield producer.live, holder_in(document, node, producer.live.graph)
    for tensor in node.node.outputs:
        for consumer in tensor.outputs:
            yield node, holder_in(document, consumer.live, node.graph)
        for body in handing_out(document, tensor.live):
            yield node, holder_in(document, document.live_node(body.owner), node.graph)


def _wires_out(document: DocumentIndex, body: LiveGraph) -> Iterator[tuple[LiveNode, LiveNode]]:
    """The same of what a body hands out that is not its own."""
    for tensor in body.gs.outputs if body.owner else ():
        for producer in tensor.inputs:
            if producer.live.graph is not body:
                yield producer.live, holder_in(document, document.live_node(body.owner), producer.live.graph)


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


def _is_unsorted(graph: Any) -> bool:
    """Whether a GraphProto or FunctionProto has a node that stands before one whose output it reads."""
    made: dict[str | bytes, int] = {}
    for place, node in enumerate(graph.node):
        made.update((name, place) for name in node.output if name)
    return any(made.get(name, -1) >= place for place, node in enumerate(graph.node) for name in _read(node))


def _read(node: NodeProto) -> Iterator[str | bytes]:
    """The names that a node reads, and those that its bodies take from outside."""
    yield from node.input
    for attribute in node.attribute:
        for body in (attribute.g, *attribute.graphs) if attribute.HasField("g") else attribute.graphs:
            own = {*(i.name for i in body.input), *(t.name for t in body.initializer)}
            own.update(name for inner in body.node for name in inner.output)
            taken = [name for inner in body.node for name in _read(inner)]
            yield from (name for name in (*taken, *(o.name for o in body.output)) if name not in own)


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
