"""A saved model without its weights, with what a validator needs to say which node or value it means."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

import onnx
from onnx import GraphProto, NodeProto, TensorProto

from onnx_scalpel.document.protos import dtype_name, nbytes_of, text
from onnx_scalpel.document.store import LOCATION, TensorStore
from onnx_scalpel.errors import AppError

PROTO_LIMIT = (2 << 30) - (1 << 20)  # bytes; what protobuf can serialize


class Apart(NamedTuple):
    """Tensor data that libraries do not find in the model's folder: in an edit's file, or in one that somebody supplied."""

    path: Path
    offset: int
    length: int


@dataclass(frozen=True)
class WeightlessModel:
    """What validators and runs work on.

    `proto` holds every tensor above about 1 KB that came from a file as an external reference; references are relative
    to `folder` (for an inline model: into the .onnx file itself). `node_ids[graph_id][i]` is the id of node i of
    that graph in `proto` order; `value_id(graph_id, name)` finds a visible value's id, outer graphs included.
    `graph_ids` maps a body to its id: `graph_ids[(node_id, attribute)]`; the main graph is `graph:`. Large tensors that
    edits made are references too, into `store`, and `supplied` says where else than in `folder` the file of a location is:
    libraries get `runnable` or `checkable` instead of `proto`.
    """

    proto: onnx.ModelProto
    folder: Path
    node_ids: dict[str, list[str]]
    graph_ids: dict[tuple[str, str], str]
    value_id: Callable[[str, str], str | None]
    store: TensorStore | None = None
    supplied: Mapping[str, Path] = field(default_factory=dict)

    def find(self, location: str) -> Path | None:
        """Where the data file of a location has to be; None when it may not be followed."""
        known = self.supplied.get(location)
        if known is not None:
            return known
        return self.folder / location if is_safe(location) else None

    def apart(self, tensor: TensorProto) -> Apart | None:
        """Where a tensor's data is when it is not in the model's folder; None when it is, or inside the proto."""
        if not tensor.external_data:
            return None
        digest = stored_digest(tensor)
        if digest:
            return None if self.store is None else Apart(self.store.path(digest), 0, _length(tensor))
        entries = external_entries(tensor) if self.supplied else {}
        path = self.supplied.get(entries.get("location", ""))
        if path is None:
            return None
        length = number(entries.get("length", ""))
        if length < 0:
            length = nbytes_of(dtype_name(tensor.data_type), list(tensor.dims))
        return Apart(path, max(number(entries.get("offset", "0")), 0), length)

    def runnable(self, given: Container[str] = ()) -> onnx.ModelProto:
        """The proto with the data inside that is apart; initializers of the main graph that are `given` by name stay
        references. AppError `too-large-to-run` when no proto can hold the others."""
        apart = dict(self._apart_but(self.proto, given))
        if not apart:
            return self.proto
        if self.proto.ByteSize() + sum(data.length for data in apart.values()) > PROTO_LIMIT:
            raise AppError(
                "too-large-to-run",
                "the tensors that edits made are too large to run the model from memory",
                hint="save the model and open the saved file",
            )
        proto = onnx.ModelProto()
        proto.CopyFrom(self.proto)
        for place, tensor in enumerate(tensors_in(proto)):
            data = apart.get(place)
            if data is not None:
                _unlink(tensor)
                with data.path.open("rb") as file:
                    file.seek(data.offset)
                    tensor.raw_data = file.read(data.length)
        return proto

    def checkable(self) -> onnx.ModelProto:
        """The proto with empty tensors in place of those whose data is apart, or missing: a library that only asks whether
        there is data need not read it, and need not stop at it."""
        files: dict[str, bool] = {}
        empty = {place for place, tensor in enumerate(tensors_in(self.proto)) if self._is_away(tensor, files)}
        if not empty:
            return self.proto
        proto = onnx.ModelProto()
        proto.CopyFrom(self.proto)
        for place, tensor in enumerate(tensors_in(proto)):
            if place in empty:
                _unlink(tensor)
                tensor.ClearField("dims")
                tensor.dims.append(0)
        return proto

    def _is_away(self, tensor: TensorProto, files: dict[str, bool]) -> bool:
        """Whether a tensor's data is apart, or in a file that is not there; `files` remembers which are."""
        if tensor.data_location != TensorProto.EXTERNAL:
            return False
        if stored_digest(tensor):
            return True
        location = external_entries(tensor).get("location", "")
        if location not in files:
            path = self.find(location)
            files[location] = location in self.supplied or (path is not None and not path.exists())
        return files[location]

    def _apart_but(self, proto: onnx.ModelProto, given: Container[str]) -> Iterator[tuple[int, Apart]]:
        """Tensors whose data is apart, by their place in `tensors_in`, without the given ones."""
        main = len(proto.graph.initializer)  # they come first
        for place, tensor in enumerate(tensors_in(proto)):
            data = self.apart(tensor)
            if data is not None and not (place < main and tensor.name in given):
                yield place, data


def stored_tensors(proto: onnx.ModelProto) -> Iterator[TensorProto]:
    """The tensors of a proto whose data is in a store."""
    return (tensor for tensor in tensors_in(proto) if tensor.external_data and stored_digest(tensor))


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


def weights_in(proto: onnx.ModelProto) -> Iterator[TensorProto]:
    """The tensors whose data runtimes also look for in files: dense initializers and the values of Constants, in every graph."""
    graphs: list[GraphProto] = [proto.graph, *(g for t in proto.training_info for g in (t.initialization, t.algorithm))]
    nodes: list[NodeProto] = [node for function in proto.functions for node in function.node]
    while graphs or nodes:
        for graph in graphs:
            yield from graph.initializer
            nodes.extend(graph.node)
        graphs = []
        for node in nodes:
            for attribute in node.attribute:
                if node.op_type == "Constant" and attribute.HasField("t"):
                    yield attribute.t
                if attribute.HasField("g"):
                    graphs.append(attribute.g)
                graphs.extend(attribute.graphs)
        nodes = []


def _length(tensor: TensorProto) -> int:
    return next((int(e.value) for e in tensor.external_data if e.key == "length"), 0)


def external_entries(tensor: Any) -> dict[str, str]:
    """location, offset, length … of an external tensor."""
    return {text(entry.key): text(entry.value) for entry in tensor.external_data}


def number(value: str) -> int:
    """A decimal number of external_data; -1 for what is none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else -1


def is_safe(location: str) -> bool:
    """Whether a location is a relative path that stays in its folder."""
    path = PurePosixPath(location)
    bad = not location or "\0" in location or "\\" in location or bool(PureWindowsPath(location).drive)
    return not bad and not path.is_absolute() and ".." not in path.parts


def _unlink(tensor: TensorProto) -> None:
    tensor.ClearField("external_data")
    tensor.ClearField("data_location")
