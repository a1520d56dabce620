"""Weightless models for tests of validators, made from a proto as the document makes them."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnx.parser
from onnx import GraphProto, ModelProto

from onnx_scalpel.document import ids
from onnx_scalpel.document.protos import text
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.weightless import WeightlessModel


def from_text(source: str, folder: Path = Path()) -> WeightlessModel:
    """A model written as ONNX text."""
    return from_proto(onnx.parser.parse_model(source), folder)


def from_file(path: Path) -> WeightlessModel:
    """A file's model; tensors stay where they are."""
    return from_proto(onnx.load(path, load_external_data=False), path.parent)


def from_proto(proto: ModelProto, folder: Path = Path()) -> WeightlessModel:
    """Ids as the document gives them, but for the suffixes of ones that are taken."""
    node_ids: dict[str, list[str]] = {}
    graph_ids: dict[tuple[str, str], str] = {}
    values: dict[str, set[str]] = {}
    parents: dict[str, str] = {}
    pending: list[tuple[str, object]] = [(MAIN_GRAPH, proto.graph)]
    for f in proto.functions:
        pending.append((ids.function_id(text(f.domain), text(f.name), text(f.overload)), f))
    while pending:
        graph_id, graph = pending.pop()
        own = values[graph_id] = set()
        if isinstance(graph, GraphProto):
            own |= {text(v.name) for v in (*graph.input, *graph.output, *graph.value_info, *graph.initializer)}
            own |= {text(s.values.name) for s in graph.sparse_initializer}
        taken: set[str] = set()
        node_ids[graph_id] = []
        for index, node in enumerate(graph.node):  # type: ignore[attr-defined]
            own |= {text(n) for n in (*node.output, *node.input)}
            first = next((text(o) for o in node.output if o), "")
            wanted = ids.node_id(first, text(node.name), text(node.op_type), index, graph_id)
            node_ids[graph_id].append(ids.free_id(wanted, taken))
            taken.add(node_ids[graph_id][-1])
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    body = ids.body_id(node_ids[graph_id][-1], text(attribute.name))
                    graph_ids[(node_ids[graph_id][-1], text(attribute.name))] = body
                    parents[body] = graph_id
                    pending.append((body, attribute.g))

    def value_id(graph_id: str, name: str) -> str | None:
        return ids.value_id(name, graph_id) if name in values.get(graph_id, ()) else None

    return WeightlessModel(proto, folder, node_ids, graph_ids, value_id)
