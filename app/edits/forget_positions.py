"""The edit forget-positions."""

from __future__ import annotations

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.parameters import GraphParam, NodesParam
from onnx_scalpel.edits.signatures import called


class ForgetPositions(Edit):
    """Let the layout place nodes again that were put somewhere by hand: those that are named, or all of a graph."""

    title, acts_on, arranges = "Forget positions", "graph", True

    graph: GraphParam = MAIN_GRAPH
    nodes: NodesParam | None = None

    def apply(self, tx: Transaction) -> None:
        document = tx.document
        graph = tx.graph(self.graph).id
        named = None if self.nodes is None else {document.node(node).id for node in self.nodes}
        for place in document.places():
            if place.id in named if named is not None else place.graph == graph:
                tx.drop(place)

    def describe(self, document: Document) -> str:
        if self.nodes is None:
            return "Forgot the places of nodes"
        nodes = [document.node(node) for node in self.nodes]
        return f"Forgot the place of {called(nodes[0]) if len(nodes) == 1 else f'{len(nodes)} nodes'}"
