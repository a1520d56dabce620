"""The copy of a model that an engine gets to see: what has to stay is an output, and what engines trip over is mended."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Any

import onnx
import onnx.shape_inference
from onnx import GraphProto, ModelProto, NodeProto, ValueInfoProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import set_text, text, texts
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.schemas import normal_domain


class Preparation:
    """Changes the proto that is written for an engine; the document stays as it is.

    `kept` values become outputs, so that an engine leaves them. Inputs with a default value become plain inputs unless
    `fold_defaults`: an engine would take them for constants. Engines that check first refuse models that run: unsorted
    nodes, outputs without a shape, a graph without a name, initializers that are no inputs in IR version 3, domains that
    are not imported and the standard domain's other name are put right.
    """

    def __init__(self, document: Document, kept: Sequence[str], fold_defaults: bool) -> None:
        graph = document.graph(MAIN_GRAPH)
        self._kept = [document.value(v).name for v in kept if v not in (*graph.outputs, *graph.inputs)]
        with_default = [v for v in graph.inputs if document.value(v).tensor is not None]
        asked = document.model().ir_version >= 4 and not fold_defaults  # before, every weight had to be an input
        self.fed = {document.value(v).name for v in with_default} if asked else set()

    def change(self, proto: ModelProto) -> None:
        """Make it so."""
        graph = proto.graph
        for name in self._kept:
            info = graph.output.add()
            set_text(info, "name", name)
        for tensors in (graph.initializer, graph.sparse_initializer):
            for index in reversed(range(len(tensors))):
                if text(getattr(tensors[index], "values", tensors[index]).name) in self.fed:
                    del tensors[index]
        if not graph.name:
            graph.name = "graph"
        listed = {text(info.name) for info in graph.input}
        if proto.ir_version < 4 and any(text(tensor.name) not in listed for tensor in graph.initializer):
            proto.ir_version = 4
        for message in (*proto.opset_import, *nodes_in(graph)):
            if message.domain and not normal_domain(text(message.domain)):
                message.domain = ""  # libraries know the standard domain by this name only
        imported = {text(entry.domain) for entry in proto.opset_import}
        for domain in sorted({text(node.domain) for node in nodes_in(graph)} - imported):
            proto.opset_import.add(domain=domain, version=1)
        sort_graph(graph)
        _complete_types(proto)


def _complete_types(proto: ModelProto) -> None:
    """Say the type of outputs that have none, or no shape."""
    incomplete = [info for info in proto.graph.output if not _is_complete(info)]
    if not incomplete:
        return
    try:
        inferred = onnx.shape_inference.infer_shapes(proto, data_prop=True).graph
    except (ValueError, RuntimeError, TypeError, onnx.shape_inference.InferenceError):
        return  # the engine will say what it thinks of that
    found = {text(info.name): info for info in (*inferred.value_info, *inferred.output) if _is_complete(info)}
    found |= {text(info.name): info for info in inferred.input}
    for info in incomplete:
        known = found.get(text(info.name))
        kind = info.type.WhichOneof("value")
        if known is not None and kind in (None, known.type.WhichOneof("value")):
            info.type.CopyFrom(known.type)


def _is_complete(info: ValueInfoProto) -> bool:
    kind = info.type.WhichOneof("value")
    return kind is not None and (kind != "tensor_type" or info.type.tensor_type.HasField("shape"))


def sort_graph(graph: GraphProto) -> None:
    """Put nodes, in bodies too, behind what they read; a graph that is in order stays as it is, and one with a cycle too."""
    for node in graph.node:
        for body in bodies_of(node):
            sort_graph(body)
    nodes = list(graph.node)
    makers = {name: place for place, node in enumerate(nodes) for name in texts(node.output) if name}
    needs = [{makers[name] for name in _read(node) if name in makers} - {place} for place, node in enumerate(nodes)]
    if all(max(needed, default=-1) < place for place, needed in enumerate(needs)):
        return
    readers: dict[int, list[int]] = {}
    for place, needed in enumerate(needs):
        for maker in needed:
            readers.setdefault(maker, []).append(place)
    left = [len(needed) for needed in needs]
    ready = [place for place, count in enumerate(left) if not count]
    order: list[int] = []
    while ready:
        place = heapq.heappop(ready)
        order.append(place)
        for reader in readers.get(place, ()):
            left[reader] -= 1
            if not left[reader]:
                heapq.heappush(ready, reader)
    if len(order) == len(nodes):
        ordered = [NodeProto.FromString(nodes[place].SerializeToString()) for place in order]
        del graph.node[:]
        graph.node.extend(ordered)


def _read(node: NodeProto) -> Iterator[str]:
    """What a node and everything in its bodies reads, by name."""
    yield from texts(node.input)
    for body in bodies_of(node):
        yield from (text(info.name) for info in body.output)
        for inner in body.node:
            yield from _read(inner)


def bodies_of(node: Any) -> Iterator[GraphProto]:
    """The graphs in a node's attributes."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def nodes_in(graph: GraphProto) -> Iterator[NodeProto]:
    """The nodes of a graph and of the bodies in it."""
    waiting = [graph]
    while waiting:
        for node in waiting.pop().node:
            yield node
            waiting.extend(bodies_of(node))
