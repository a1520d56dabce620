"""What every inspector looks at: a document, its inferred types and assumed sizes, and ways to walk over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import onnx

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.records import MAIN_GRAPH, Shape, TensorRef

Facts = dict[str, Any]
"""What an inspector found, as JSON."""


class Inspector(Protocol):
    """One file of the shelf: facts for programs, and the same facts as lines for people."""

    name: str
    title: str

    def inspect(self, model: Inspected) -> Facts:
        """Every fact, as JSON."""

    def tell(self, facts: Facts) -> list[str]:
        """The facts as lines of text; none when there is nothing worth a line."""


class Held(NamedTuple):
    """A tensor of the model: the value it belongs to, or the node and attribute that hold it."""

    ref: TensorRef
    graph: str
    value: str = ""
    node: str = ""
    attribute: str = ""

    @property
    def subject(self) -> str:
        return self.value or self.node


@dataclass(frozen=True)
class Inspected:
    """A model under inspection. `types` are inferred (value id -> dtype and shape); `sizes` are assumed for named dims of the
    inputs and for `input:axis`, `derived` for dims that are sums of those. `libraries` is false when inference is to be left out
    because it ended in a crash."""

    document: Document
    proto: onnx.ModelProto
    types: Mapping[str, tuple[str, Shape]] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    derived: Mapping[str, int] = field(default_factory=dict)
    libraries: bool = True

    @cached_property
    def nodes(self) -> list[LiveNode]:
        """Every node: the main graph's, each with its bodies' right behind it, then the functions'."""
        _, _, graphs = self.document.tables()
        found = list(self._below(MAIN_GRAPH))
        for graph in graphs.values():
            if graph.is_function:
                found.extend(self._below(graph.id))
        return found

    @cached_property
    def tensors(self) -> list[Held]:
        """Every initializer of every graph, then every tensor in an attribute."""
        _, values, _ = self.document.tables()
        found = []
        for live in values.values():
            if live.record is None and not live.initializers:
                continue
            tensor = live.current().tensor
            if tensor is not None:
                found.append(Held(tensor, live.graph.id, value=live.id))
        for node in self.nodes:
            if node.record is None and node.origin is not None and not _holds_tensors(node.origin):
                continue
            for name, attribute in node.current().attributes.items():
                held = attribute.value if isinstance(attribute.value, tuple) else (attribute.value,)
                for index, item in enumerate(held):
                    if isinstance(item, TensorRef):
                        place = f"{name}[{index}]" if isinstance(attribute.value, tuple) else name
                        found.append(Held(item, node.graph.id, node=node.id, attribute=place))
        return found

    def _below(self, graph_id: str) -> Iterator[LiveNode]:
        """The nodes of a graph and of its bodies at any depth; a list instead of a recursion, nesting costs no stack."""
        _, _, graphs = self.document.tables()
        waiting = [iter(graphs[graph_id].nodes)]
        while waiting:
            node = next(waiting[-1], None)
            if node is None:
                waiting.pop()
                continue
            yield node
            waiting.extend(iter(graphs[body].nodes) for body in reversed(node.bodies.values()) if body in graphs)


def _holds_tensors(node: onnx.NodeProto) -> bool:
    return any(a.HasField("t") or a.HasField("sparse_tensor") or a.tensors or a.sparse_tensors for a in node.attribute)
