"""The edited model as protos, and where in it the parts of a document are."""

from __future__ import annotations

from typing import Any

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveGraph, LiveNode
from onnx_scalpel.document.overlay import Overlay
from onnx_scalpel.document.protos import text


class Standing:
    """What stands at one moment; a model that nobody edited is looked at as it was read."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._file = document.file
        overlay = Overlay(document) if document.is_touched else None
        self.proto: Any = document.file.proto if overlay is None else overlay.proto
        self._orders = {} if overlay is None else overlay.orders

    def about(self, document: Document) -> bool:
        """Whether this is about a document as it was opened last: a save over its file opens it anew."""
        return self.document is document and self._file is document.file

    def graph(self, live: LiveGraph) -> Any:
        """The GraphProto or FunctionProto of a graph; an empty model's may be an empty message."""
        if live is self.document.main:
            return self.proto.graph
        if live.is_function:
            _, _, graphs = self.document.tables()
            opened = [f.id for f in self.document.opened_functions if f.id in graphs]
            made = [found.id for found in self.document.made_functions()]
            return self.proto.functions[[*opened, *made].index(live.id)]
        owner = self.document.live_node(live.owner)
        name, index = next(key for key, graph_id in owner.bodies.items() if graph_id == live.id)
        attribute = next(a for a in self.node(owner).attribute if text(a.name) == name)
        return attribute.g if index is None else attribute.graphs[index]

    def node(self, live: LiveNode) -> Any:
        """The NodeProto of a node."""
        ordered = self._orders.get(live.graph.id)
        place = live.graph.place(live) if ordered is None else ordered.index(live)
        return self.graph(live.graph).node[place]
