"""What a new wire must keep: the reader sees the value, nothing feeds itself, and what is read stands before its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.ordering import handing_out, holder_in, in_order, needs_of
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.scopes import enclosing_graphs, shown
from onnx_scalpel.errors import EditRejected

_Neighbours = Callable[[Document, LiveNode], Iterable[LiveNode]]


def sees(document: Document, graph_id: str, value_id: str) -> bool:
    """Whether a node of this graph can read the value: it is of the graph or one around it, and no other has its name."""
    return document.value_named(graph_id, document.value(value_id).name) == value_id


def check_visible(document: Document, graph_id: str, value_id: str, subjects: Iterable[str] = ()) -> None:
    if sees(document, graph_id, value_id):
        return
    value = document.value(value_id)
    around = any(graph.id == value.graph for graph in enclosing_graphs(document, graph_id))
    hint = "give one of the two another name" if around else "nothing sees into a body or a function from outside"
    raise EditRejected(
        f"{shown(value.name)} cannot be seen from there" + (": a nearer value has its name" if around else ""),
        subjects=(*subjects, value_id),
        hint=hint,
    )


def refuse_cycle(document: Document, node_ids: Sequence[str], value_id: str) -> None:
    """EditRejected when one of the nodes, by reading the value, would feed itself; bodies count as part of the node that
    holds them."""
    producer = document.producer(value_id)
    if producer is None:
        return
    maker = document.live_node(producer.node)
    holders = {node_id: holder_in(document, document.live_node(node_id), maker.graph) for node_id in node_ids}
    readers = {reader.id: reader for reader in holders.values() if reader.graph is maker.graph}
    if maker.id in readers or _feeds(document, readers.values(), maker):
        name = shown(document.value(value_id).name)
        first = document.live_node(node_ids[0]).node
        called = shown(first.name or first.op) if len(node_ids) == 1 else "the nodes that would read it"
        raise EditRejected(
            f"{name} is computed from what {called} {'makes' if len(node_ids) == 1 else 'make'}: that would be a cycle",
            subjects=(*node_ids[:20], value_id),
            hint="choose a value from further up"
            if len(node_ids) == 1
            else "name the consumers that are not behind it",
        )


def _feeds(document: Document, sources: Iterable[LiveNode], target: LiveNode) -> bool:
    """Whether anything flows from one of the nodes to another of the same graph. Searches from both sides: the smaller one
    ends it. Where the graph is in order, what flows from one node to another stands between the two."""
    ahead, behind = list(sources), [target]
    first, last = None, None
    if ahead and in_order(document, target.graph):
        ahead = [node for node in ahead if node.order < target.order]
        first, last = min((node.order for node in ahead), default=None), target.order
    from_sources, to_target = {node.id for node in ahead}, {target.id}
    while ahead and behind:
        for reader in readers_of(document, ahead.pop()):
            if reader.id in to_target:
                return True
            if reader.id not in from_sources and (last is None or reader.order < last):
                from_sources.add(reader.id)
                ahead.append(reader)
        for maker in makers_for(document, behind.pop()):
            if maker.id in from_sources:
                return True
            if maker.id not in to_target and (first is None or first < maker.order):
                to_target.add(maker.id)
                behind.append(maker)
    return False


def readers_of(document: Document, node: LiveNode) -> Iterator[LiveNode]:
    """The nodes of the same graph that read what a node makes, themselves or in their bodies."""
    graph = node.graph
    for tensor in node.node.outputs:
        for reader in tensor.outputs:
            found = reader.live if reader.live.graph is graph else holder_in(document, reader.live, graph)
            if found is not node:
                yield found
        for body in handing_out(document, tensor.live):
            found = holder_in(document, document.live_node(body.owner), graph)
            if found.graph is graph:
                yield found


def makers_for(document: Document, node: LiveNode) -> Iterator[LiveNode]:
    """The nodes of the same graph that a node reads from, its bodies included."""
    if node.bodies:
        yield from (document.live_node(needed) for needed in needs_of(document, node))
        return
    for tensor in node.node.inputs:
        for maker in tensor.inputs:
            if maker.live.graph is node.graph and maker.live is not node:
                yield maker.live


def standing_before(document: Document, node_ids: Iterable[str], value_id: str) -> set[str]:
    """Those of the nodes that stand before the one that makes the value, themselves or as what holds their body."""
    producer = document.producer(value_id)
    if producer is None:
        return set()
    maker = document.live_node(producer.node)
    found = set()
    for node_id in node_ids:
        reader = document.live_node(node_id)
        if reader.graph is not maker.graph:
            reader = holder_in(document, reader, maker.graph)
        if reader.graph is maker.graph and reader is not maker and reader.order < maker.order:
            found.add(node_id)
    return found


def settle_order(tx: Transaction, node_id: str, value_id: str) -> None:
    """The same as `settle_orders` for one node."""
    settle_orders(tx, [node_id], value_id)


def settle_orders(tx: Transaction, node_ids: Iterable[str], value_id: str) -> None:
    """Put nodes that read a value behind the one that makes it, in case they stand before it.

    What depends on the nodes moves along, or what the maker depends on moves before the first of them: whichever is less.
    Everything else stays where it is.
    """
    document = tx.document
    early = standing_before(document, node_ids, value_id)
    producer = document.producer(value_id)
    if producer is None or not early:
        return
    maker = document.live_node(producer.node)
    holders = (holder_in(document, document.live_node(node_id), maker.graph) for node_id in early)
    readers = {reader.id: reader for reader in holders}
    reader = min(readers.values(), key=lambda node: node.order)
    before = _between(document, [maker], reader.order, maker.order, makers_for)
    behind: list[LiveNode] = []
    if len(readers) <= len(before):
        behind = _between(document, readers.values(), reader.order, maker.order, readers_of)
    if behind and len(behind) <= len(before):
        anchor = maker.id
        for node in behind:
            tx.put(replace(node.current(), order=document.order_after(anchor)))
            anchor = node.id
    else:
        for node in before:
            tx.put(replace(node.current(), order=document.order_before(reader.id)))


def _between(
    document: Document,
    starts: Iterable[LiveNode],
    first: tuple[int, ...],
    last: tuple[int, ...],
    neighbours: _Neighbours,
) -> list[LiveNode]:
    """The nodes and what hangs on them on one side, as far as it stands between two places; in graph order."""
    found = {start.id: start for start in starts}
    waiting = list(found.values())
    while waiting:
        for other in neighbours(document, waiting.pop()):
            if first <= other.order <= last and other.id not in found:
                found[other.id] = other
                waiting.append(other)
    return sorted(found.values(), key=lambda node: node.order)
