"""The edit forget-positions."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import MAIN_GRAPH, PlaceRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.parameters import GraphParam, NodesParam
from onnx_scalpel.edits.signatures import called


class ForgetPositions(Edit):
    """Let the layout place nodes again that were put somewhere by hand: those that are named, or all of a graph.

    With a direction only the places are forgotten that count where the graph runs that way.
    """

    title, acts_on, arranges = "Forget positions", "graph", True

    graph: GraphParam = MAIN_GRAPH
    nodes: NodesParam | None = None
    direction: Literal["down", "right"] | None = None

    def apply(self, tx: Transaction) -> None:
        document = tx.document
        graph = tx.graph(self.graph).id
        named = None if self.nodes is None else {document.node(node).id for node in self.nodes}
        for place in document.places():
            if place.id in named if named is not None else place.graph == graph:
                self._forget(tx, place)

    def _forget(self, tx: Transaction, place: PlaceRecord) -> None:
        left = replace(place, **{self.direction: None}) if self.direction else None
        if left is None or (left.down is None and left.right is None):
            tx.drop(place)
        else:
            tx.put(left)

    def describe(self, document: Document) -> str:
        if self.nodes is None:
            return "Forgot the places of nodes"
        nodes = [document.node(node) for node in self.nodes]
        return f"Forgot the place of {called(nodes[0]) if len(nodes) == 1 else f'{len(nodes)} nodes'}"
