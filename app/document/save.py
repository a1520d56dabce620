"""Writing models: the edited proto in pieces, the weights straight from the opened file, and files that are whole or not there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from onnx import GraphProto, ModelProto, NodeProto, TensorProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.keeping import keep_encoding
from onnx_scalpel.document.overlay import Overlay
from onnx_scalpel.document.source import external_entries, safe_location
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.document.wire import Range, Restorer
from onnx_scalpel.errors import AppError

CHUNK = 1 << 23  # bytes copied at a time
_NEEDLE = b"\x0a\x08location"  # every external tensor has it; most models have none


@dataclass(frozen=True)
class SavedParts:
    """A model to be written: its .onnx file in pieces, and the data files beside it (relative name -> where it is now)."""

    document: Document
    pieces: list[bytes | Range]
    data_files: dict[str, Path]

    @property
    def name(self) -> str:
        return self.document.path.name

    @property
    def size(self) -> int:
        """Bytes of the .onnx file."""
        return sum(piece.length if isinstance(piece, Range) else len(piece) for piece in self.pieces)

    def chunks(self) -> Iterator[bytes]:
        """The .onnx file's bytes, a few megabytes at a time."""
        for piece in self.pieces:
            if isinstance(piece, Range):
                for start in range(piece.offset, piece.offset + piece.length, CHUNK):
                    yield self.document.file.read(Range(start, min(CHUNK, piece.offset + piece.length - start)))
            else:
                yield piece


def weightless(document: Document) -> WeightlessModel:
    """The edited model without its weights, and ids for what is in it."""
    overlay = Overlay(document)
    _, _, graphs = document.tables()
    node_ids = {
        graph_id: [node.id for node in overlay.orders.get(graph_id, graph.nodes)] for graph_id, graph in graphs.items()
    }
    graph_ids = {}
    for graph in graphs.values():
        if graph.owner:
            for (attribute, index), body in document.live_node(graph.owner).bodies.items():
                graph_ids[graph.owner, attribute if index is None else f"{attribute}[{index}]"] = body
    return WeightlessModel(overlay.proto, document.folder, node_ids, graph_ids, document.value_named)


def model_parts(document: Document) -> SavedParts:
    """The edited model, ready to be written or zipped. Raises AppError `external-data` for a data file outside the model's folder."""
    proto = Overlay(document).proto
    data = proto.SerializeToString()
    if document.file.wire is not None:
        data = keep_encoding(document.file.wire, document.file.proto, proto)
    files = _data_files(document, proto) if _NEEDLE in data else {}
    return SavedParts(document, Restorer(data, document.path.name, document.file.cut).run(), files)


def model_bytes(document: Document) -> bytes:
    """The edited model's .onnx file."""
    return b"".join(model_parts(document).chunks())


def write_model(document: Document, target: Path, *, overwrite: bool = False, alone: bool = False) -> list[Path]:
    """Write the edited model and its data files, unless it is wanted `alone`; each file appears whole, the .onnx file
    last. The paths that were written, the .onnx file first.

    Raises AppError `file-exists` (409) unless `overwrite`, `external-data`, or `cannot-write`.
    """
    parts = model_parts(document)
    copies = {} if alone else {target.parent / name: source for name, source in parts.data_files.items()}
    copies = {to: source for to, source in copies.items() if not _same(to, source)}
    if not overwrite:
        for path in (target, *copies):
            if path.exists() or path.is_symlink():
                raise AppError(
                    "file-exists",
                    f"{path.name} is there already",
                    hint="overwrite it, or choose another name",
                    status=409,
                )
    try:
        for to, source in copies.items():
            to.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as stream:
                _write_whole(to, _chunks_of(stream))
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(target, parts.chunks())
    except OSError as error:
        raise AppError(
            "cannot-write",
            f"{target.name} cannot be written: {error.strerror}",
            hint="check the folder's rights and free space",
        ) from error
    return [target, *copies]


def _write_whole(path: Path, chunks: Iterator[bytes]) -> None:
    """Write beside the target, sync, rename: whatever happens, the old file or the new one is there."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            for chunk in chunks:
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        _copy_mode(path, Path(temporary))
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _copy_mode(path: Path, temporary: Path) -> None:
    """The rights of the file that is replaced, or those that a new file gets."""
    if path.exists():
        shutil.copymode(path, temporary)
        return
    mask = os.umask(0)
    os.umask(mask)
    temporary.chmod(0o666 & ~mask)


def _chunks_of(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _data_files(document: Document, proto: ModelProto) -> dict[str, Path]:
    """The data files that tensors refer to; one that is missing is missing in the copy too, and a diagnostic says so."""
    found: dict[str, Path] = {}
    for tensor in _tensors(proto):
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        entries = external_entries(tensor)
        location = entries.get("location", "")
        if location in found or document.file.own_range(entries) is not None:
            continue
        relative = safe_location(location)
        path = document.file.data_path(location)
        if path.is_file():
            found[str(relative)] = path
    return found


def _tensors(proto: ModelProto) -> Iterator[TensorProto]:
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
