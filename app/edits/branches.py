"""What hangs on one node alone: all that only it feeds, or all that only feeds it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.schemas import normal_domain, operator
from onnx_scalpel.edits.scopes import opset_version
from onnx_scalpel.edits.wiring import makers_for, readers_of

Direction = Literal["down", "up"]

_LARGEST_CONSTANT = 500  # nodes


def branch_of(document: Document, node_id: str, direction: Direction) -> list[LiveNode]:
    """The node and its branch, in graph order; nodes of the same graph, those in their bodies not listed.

    Down: what reads members and nothing else that is alive; constants are not, and those that only members read come along.
    Up: what only members read. What is read or made in a body counts for the node that holds it.
    """
    start = document.live_node(node_id)
    members = _Branch(document, start)
    members.grow_down() if direction == "down" else members.grow_up([start])
    return sorted(members.nodes.values(), key=lambda node: node.order)


class _Branch:
    def __init__(self, document: Document, start: LiveNode) -> None:
        self._document = document
        self._alive: dict[str, bool] = {}
        self.nodes = {start.id: start}

    def grow_down(self) -> None:
        waiting = list(self.nodes.values())
        while waiting:
            for reader in readers_of(self._document, waiting.pop()):
                if reader.id not in self.nodes and not self._has_other_parents(reader):
                    self.nodes[reader.id] = reader
                    waiting.append(reader)
        self.grow_up(list(self.nodes.values()), only_constants=True)

    def grow_up(self, waiting: list[LiveNode], only_constants: bool = False) -> None:
        while waiting:
            for maker in makers_for(self._document, waiting.pop()):
                if maker.id in self.nodes or (only_constants and self._is_alive(maker)):
                    continue
                listed = any(tensor.live is not None and tensor.live.is_output for tensor in maker.node.outputs)
                if not listed and all(reader.id in self.nodes for reader in readers_of(self._document, maker)):
                    self.nodes[maker.id] = maker
                    waiting.append(maker)

    def _has_other_parents(self, node: LiveNode) -> bool:
        if any(_is_live_source(tensor, node) for tensor in tensors_read(self._document, node)):
            return True
        makers = makers_for(self._document, node)
        return any(maker.id not in self.nodes and self._is_alive(maker) for maker in makers)

    def _is_alive(self, node: LiveNode) -> bool:
        """Whether a node makes more than a constant: it depends on an input, on chance, or on what nobody knows.

        What depends on very many nodes counts as alive: to find the input far above would take too long.
        """
        path, seen = [node], {node.id}
        while path:
            current = path.pop()
            known = self._alive.get(current.id)
            if known or (known is None and self._is_source(current)) or len(seen) > _LARGEST_CONSTANT:
                self._alive[node.id] = True
                return True
            if known is None:
                for maker in makers_for(self._document, current):
                    if maker.id not in seen:
                        seen.add(maker.id)
                        path.append(maker)
        self._alive.update(dict.fromkeys(seen, False))
        return False

    def _is_source(self, node: LiveNode) -> bool:
        version = opset_version(self._document, node.graph.id, node.node.domain or "")
        schema = operator(node.node.domain or "", node.node.op, version)
        if schema is None or normal_domain(schema.domain) != "" or is_random(node):
            return True
        return any(_is_live_source(tensor, node) for tensor in tensors_read(self._document, node))


def is_random(node: LiveNode) -> bool:
    return node.node.op.startswith("Random") or node.node.op in ("Bernoulli", "Multinomial")


def tensors_read(document: Document, node: LiveNode) -> Iterable[Any]:
    """The tensors that a node reads from outside, its bodies included."""
    if not node.bodies:
        return [tensor for tensor in node.node.inputs if tensor.live is not None]
    found: dict[str, Any] = {}
    waiting, inner = [node], set(node.bodies.values())
    while waiting:
        reader = waiting.pop()
        for graph_id in reader.bodies.values():
            body = document.live_graph(graph_id)
            inner.add(graph_id)
            waiting.extend(body.nodes)
            found |= {tensor.live.id: tensor for tensor in body.gs.outputs}
        found |= {tensor.live.id: tensor for tensor in reader.node.inputs if tensor.live is not None}
    return [tensor for tensor in found.values() if tensor.live.graph.id not in inner]


def _is_live_source(tensor: Any, node: LiveNode) -> bool:
    """Whether a value that a node reads is an input without a default, or captured from where a node makes it."""
    value = tensor.live
    held = value.record.tensor if value.record is not None else value.initializers
    return not held and bool(value.is_input or (value.graph is not node.graph and tensor.inputs))
