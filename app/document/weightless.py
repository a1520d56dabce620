"""A saved model without its weights, with what a validator needs to say which node or value it means."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from onnx import GraphProto, NodeProto, TensorProto

from onnx_scalpel.document.store import LOCATION, TensorStore
from onnx_scalpel.errors import AppError

PROTO_LIMIT = (2 << 30) - (1 << 20)  # bytes; what protobuf can serialize


@dataclass(frozen=True)
class WeightlessModel:
    """What validators and runs work on.

    `proto` holds every tensor above about 1 KB that came from a file as an external reference; references are relative
    to `folder` (for an inline model: into the .onnx file itself). `node_ids[graph_id][i]` is the id of node i of
    that graph in `proto` order; `value_id(graph_id, name)` finds a visible value's id, outer graphs included.
    `graph_ids` maps a body to its id: `graph_ids[(node_id, attribute)]`; the main graph is `graph:`. Large tensors that
    edits made are references too, into `store`: libraries get `runnable` or `checkable` instead of `proto`.
    """

    proto: onnx.ModelProto
    folder: Path
    node_ids: dict[str, list[str]]
    graph_ids: dict[tuple[str, str], str]
    value_id: Callable[[str, str], str | None]
    store: TensorStore | None = None

    def runnable(self, given: Container[str] = ()) -> onnx.ModelProto:
        """The proto with stored tensors inside; initializers of the main graph that are `given` by name stay references.
        AppError `too-large-to-run` when no proto can hold the others."""
        stored = list(_stored_but(self.proto, given))
        if self.store is None or not stored:
            return self.proto
        if self.proto.ByteSize() + sum(_length(tensor) for tensor in stored) > PROTO_LIMIT:
            raise AppError(
                "too-large-to-run",
                "the tensors that edits made are too large to run the model from memory",
                hint="save the model and open the saved file",
            )
        proto = onnx.ModelProto()
        proto.CopyFrom(self.proto)
        for tensor in _stored_but(proto, given):
            data = self.store.path(stored_digest(tensor)).read_bytes()
            _unlink(tensor)
            tensor.raw_data = data
        return proto

    def checkable(self) -> onnx.ModelProto:
        """The proto with stored tensors as empty ones: a library that asks whether there is data need not read it."""
        if next(stored_tensors(self.proto), None) is None:
            return self.proto
        proto = onnx.ModelProto()
        proto.CopyFrom(self.proto)
        for tensor in stored_tensors(proto):
            _unlink(tensor)
            tensor.ClearField("dims")
            tensor.dims.append(0)
        return proto


def stored_tensors(proto: onnx.ModelProto) -> Iterator[TensorProto]:
    """The tensors of a proto whose data is in a store."""
    return (tensor for tensor in tensors_in(proto) if tensor.external_data and stored_digest(tensor))


def _stored_but(proto: onnx.ModelProto, given: Container[str]) -> Iterator[TensorProto]:
    """The stored tensors without initializers of the main graph that have these names."""
    main = len(proto.graph.initializer)  # they come first
    for place, tensor in enumerate(tensors_in(proto)):
        if tensor.external_data and stored_digest(tensor) and not (place < main and tensor.name in given):
            yield tensor


def stored_digest(tensor: TensorProto) -> str:
    """The digest of a tensor in a store; '' for any other."""
    for entry in tensor.external_data:
        if entry.key == "location" and entry.value.startswith(LOCATION):
            return str(entry.value.removeprefix(LOCATION))
    return ""


def tensors_in(proto: onnx.ModelProto) -> Iterator[TensorProto]:
    """Every tensor of a model, wherever it is."""
    graphs: list[GraphProto] = [proto.graph, *(g for t in proto.training_info for g in (t.initialization, t.algorithm))]
    nodes: list[NodeProto] = [node for function in proto.functions for node in function.node]
    held: list[Any] = [a for function in proto.functions for a in function.attribute_proto]
    while graphs or nodes or held:
        for graph in graphs:
            yield from graph.initializer
            for sparse in graph.sparse_initializer:
                yield from (sparse.values, sparse.indices)
            nodes.extend(graph.node)
        graphs = []
        held.extend(a for node in nodes for a in node.attribute)
        nodes = []
        for attribute in held:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            if attribute.HasField("g"):
                graphs.append(attribute.g)
            graphs.extend(attribute.graphs)
        held = []


def _length(tensor: TensorProto) -> int:
    return next((int(e.value) for e in tensor.external_data if e.key == "length"), 0)


def _unlink(tensor: TensorProto) -> None:
    tensor.ClearField("external_data")
    tensor.ClearField("data_location")
