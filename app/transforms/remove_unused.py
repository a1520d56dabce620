"""The edit remove-unused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace
from pydantic import Field

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveGraph, LiveNode, LiveValue
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.parameters import SwitchParam
from onnx_scalpel.edits.remove_nodes import remove_body, remove_node
from onnx_scalpel.edits.scopes import named_outside


class RemoveUnused(Edit):
    """Delete the nodes that no output of the model needs, in bodies and functions too.

    Nodes without outputs stay, and so do the model's outputs. `initializers` deletes tensors that nothing reads any more,
    `inputs` inputs of the model that nothing reads, `functions` local functions that nothing calls.
    """

    title, acts_on = "Remove unused", "model"

    initializers: SwitchParam = Field(True, description="tensors that nothing reads any more")
    inputs: SwitchParam = Field(False, description="inputs of the model that nothing reads")
    functions: SwitchParam = Field(False, description="local functions that nothing calls")

    def apply(self, tx: Transaction) -> None:
        document = tx.document
        unused = _Unused(document, self.functions)
        inputs = [live.id for live in unused.inputs()] if self.inputs else []
        tensors = [tx.value(live.id) for live in unused.initializers()] if self.initializers else []
        tx.report.update(
            nodes=len(unused.nodes),
            operators=dict(Counter(node.node.op for node in unused.nodes).most_common()),
            initializers=len(tensors),
            bytes=sum(value.tensor.nbytes for value in tensors if value.tensor is not None),
            inputs=len(inputs),
            functions=len(unused.functions),
        )
        wired = {t.live.id: None for node in unused.nodes for t in _tensors(document, node) if t.live is not None}
        for node in reversed(unused.nodes):
            remove_node(tx, node.id)
        for function in unused.functions:
            remove_body(tx, function.id)
        if inputs:
            main = tx.graph(MAIN_GRAPH)
            tx.put(replace(main, inputs=tuple(value for value in main.inputs if value not in inputs)))
        for value_id in (*inputs, *(value.id for value in tensors)):
            tx.drop("value", value_id)
        tx.drop_unused(wired)

        tx.title = _title(tx.report)

    def describe(self, document: Document) -> str:
        return "Removed what nothing uses"


def _title(report: Mapping[str, Any]) -> str:
    said = []
    for key in ("nodes", "initializers", "inputs", "functions"):
        count = report[key]
        if count:
            said.append(f"{count} {key if count > 1 else key[:-1]}")
    return f"Removed unused: {', '.join(said)}" if said else "Removed nothing: all is used"


class _Unused:
    """What no output needs: `nodes` in graph order, those in bodies of others left out, and `functions` that nothing calls."""

    def __init__(self, document: Document, functions_too: bool) -> None:
        self._document = document
        self._needed: set[str] = set()
        self._called: set[str] = set()
        _, _, graphs = document.tables()
        self._functions: dict[tuple[str, str], list[LiveGraph]] = {}
        for graph in graphs.values():
            if graph.is_function:
                key = (normal_domain(graph.gs.domain or ""), graph.current().name)
                self._functions.setdefault(key, []).append(graph)
        self._search(functions_too)
        every = [graph for found in self._functions.values() for graph in found]
        self.functions = [graph for graph in every if graph.id not in self._called] if functions_too else []
        self._gone = {graph.id for graph in self.functions}
        self.nodes = self._outermost(graphs.values())

    def _search(self, functions_too: bool) -> None:
        waiting: list[LiveNode] = []
        self._need_graph(self._document.main, waiting)
        for found in self._functions.values() if not functions_too else ():
            for graph in found:
                self._need_function(graph, waiting)
        needed = self._needed
        while waiting:
            node = waiting.pop()
            if node.id in needed:
                continue
            needed.add(node.id)
            for tensor in node.node.inputs:
                for maker in tensor.inputs:
                    if maker.live.id not in needed:
                        waiting.append(maker.live)
            for body in node.bodies.values():
                self._need_graph(self._document.live_graph(body), waiting)
            if self._functions:
                for graph in self._functions.get((normal_domain(node.node.domain or ""), node.node.op), ()):
                    self._need_function(graph, waiting)

    def _need_function(self, graph: LiveGraph, waiting: list[LiveNode]) -> None:
        if graph.id not in self._called:
            self._called.add(graph.id)
            self._need_graph(graph, waiting)

    def _need_graph(self, graph: LiveGraph, waiting: list[LiveNode]) -> None:
        """What makes the graph's outputs, and what has no outputs and so must be there for what it does."""
        for tensor in graph.gs.outputs:
            waiting.extend(maker.live for maker in tensor.inputs)
        for node in graph.nodes:
            outputs = node.node.outputs
            plain = outputs and outputs[0].live is not None and not node.bodies
            if not plain and self._is_for_its_effect(node):
                waiting.append(node)

    def _is_for_its_effect(self, node: LiveNode) -> bool:
        """Whether a node, or one in its bodies, makes nothing that could be needed."""
        if not any(tensor.live is not None for tensor in node.node.outputs):
            return True
        bodies = (self._document.live_graph(body) for body in node.bodies.values())
        return any(self._is_for_its_effect(inner) for body in bodies for inner in body.nodes)

    def _outermost(self, graphs: Iterable[LiveGraph]) -> list[LiveNode]:
        """The nodes to delete; `_gone` gets the graphs that go with them."""
        found: list[LiveNode] = []
        for graph in graphs:
            if graph.id in self._gone or self._is_inside(graph):
                self._gone.add(graph.id)
            else:
                found += [node for node in graph.nodes if node.id not in self._needed]
        return found

    def _is_inside(self, graph: LiveGraph) -> bool:
        while graph.owner and graph.parent is not None:
            if graph.owner not in self._needed or graph.id in self._gone:
                return True
            graph = graph.parent
        return graph.id in self._gone

    def initializers(self) -> list[LiveValue]:
        """Tensors that only such nodes read, and nothing lists or names."""
        _, values, _ = self._document.tables()
        unlisted = (value for value in values.values() if not value.listed and not value.tensor.inputs)
        return [value for value in unlisted if _holds_tensor(value) and self._is_unused(value)]

    def inputs(self) -> list[LiveValue]:
        """Inputs of the main graph that only such nodes read, and that are nothing else."""
        listed = [tensor.live for tensor in self._document.main.gs.inputs]
        return [value for value in listed if value.listed == 1 and self._is_unused(value)]

    def _is_unused(self, value: LiveValue) -> bool:
        if value.tensor.inputs or value.graph.id in self._gone:
            return False
        if any(reader.live.id in self._needed for reader in value.tensor.outputs):
            return False
        return not named_outside(self._document, value.current())


def _holds_tensor(value: LiveValue) -> bool:
    return bool(value.record.tensor if value.record is not None else value.initializers)


def _tensors(document: Document, node: LiveNode) -> Iterable[Any]:
    """The tensors at a node and in its bodies."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield from (*found.node.inputs, *found.node.outputs)
        for body in found.bodies.values():
            waiting.extend(document.live_graph(body).nodes)
