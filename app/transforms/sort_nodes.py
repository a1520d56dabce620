"""The edit sort-nodes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveGraph, LiveNode
from onnx_scalpel.document.ordering import needs_of, topological
from onnx_scalpel.document.records import order_between
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.wiring import makers_for
from onnx_scalpel.errors import EditRejected

_NAMED = 20  # nodes of a cycle that the refusal names


class SortNodes(Edit):
    """Put nodes that stand before what they read behind it, in the main graph, in bodies and in functions.

    Only graphs that are out of order are touched, and in them only the nodes that have to move. A node that feeds itself,
    over others or in its own body, can stand nowhere: then nothing is changed.
    """

    title, acts_on = "Sort nodes", "model"

    def apply(self, tx: Transaction) -> None:
        moved = graphs = 0
        for ordered in list(_sorted_graphs(tx.document)):
            graphs += 1
            for node, order in list(_new_orders(ordered)):
                moved += 1
                tx.put(replace(node.current(), order=order))
        tx.report.update(moved=moved, graphs=graphs)

        read = "they read" if moved > 1 else "it reads"
        tx.title = f"Sorted nodes: moved {moved} behind what {read}" if moved else "Sorted nothing: all is in order"

    def describe(self, document: Document) -> str:
        return "Sorted nodes"


def settle_graph(tx: Transaction, graph: LiveGraph) -> None:
    """Put the nodes of a graph that an edit brought out of order behind what they read; those on a cycle stay."""
    needs = {node.id: needs_of(tx.document, node) for node in graph.nodes}
    for node, order in list(_new_orders(topological(graph.nodes, needs))):
        tx.put(replace(node.current(), order=order))


def _sorted_graphs(document: Document) -> Iterator[list[LiveNode]]:
    """The nodes of each graph that is out of order, in an order that fits. Raises EditRejected when there is none."""
    for graph in document.tables()[2].values():
        if in_order(document, graph):
            continue
        needs = {node.id: needs_of(document, node) for node in graph.nodes}
        ordered = topological(graph.nodes, needs)
        seen: set[str] = set()
        for node in ordered:
            if not needs[node.id] <= seen:
                _refuse_cycle(node, [n for n in ordered if n.id not in seen])
            seen.add(node.id)
        yield ordered


def in_order(document: Document, graph: LiveGraph) -> bool:
    """Whether each node of the graph stands behind those it reads from."""
    return all(maker.order < node.order for node in graph.nodes for maker in makers_for(document, node))


def _refuse_cycle(node: LiveNode, rest: Sequence[LiveNode]) -> None:
    raise EditRejected(
        f"{shown(node.node.name or node.node.op)} is computed from what it makes: no order fits a cycle",
        subjects=tuple(found.id for found in rest[:_NAMED]),
        hint="disconnect an input of one of these nodes first",
    )


def _new_orders(ordered: Sequence[LiveNode]) -> Iterator[tuple[LiveNode, tuple[int, ...]]]:
    """The nodes that have to move, with their new orders: all but a longest run of nodes that stand right already."""
    staying = _longest_run(ordered)
    following: list[tuple[int, ...] | None] = [None] * len(ordered)  # by place: the order of the next node that stays
    after: tuple[int, ...] | None = None
    for place in reversed(range(len(ordered))):
        following[place] = after
        if place in staying:
            after = ordered[place].order
    before: tuple[int, ...] | None = None
    for place, node in enumerate(ordered):
        if place in staying:
            before = node.order
        else:
            before = order_between(before, following[place])
            yield node, before


def _longest_run(ordered: Sequence[LiveNode]) -> set[int]:
    """Places of a longest increasing run of orders."""
    tails: list[tuple[int, ...]] = []
    ends: list[int] = []
    previous: list[int] = []
    for place, node in enumerate(ordered):
        at = bisect_left(tails, node.order)
        previous.append(ends[at - 1] if at else -1)
        tails[at : at + 1], ends[at : at + 1] = [node.order], [place]
    run: set[int] = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        run.add(place)
        place = previous[place]
    return run
