"""Writing models: the edited proto in pieces, the weights straight from the opened file, and files that are whole or not there."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from onnx import ModelProto, TensorProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.endings import text_form
from onnx_scalpel.document.keeping import keep_encoding
from onnx_scalpel.document.overlay import Overlay
from onnx_scalpel.document.source import safe_location
from onnx_scalpel.document.store import LOCATION
from onnx_scalpel.document.text_forms import BINARY_LIMIT, too_large_as_text, write_text
from onnx_scalpel.document.weightless import (
    PROTO_LIMIT,
    WeightlessModel,
    external_entries,
    stored_digest,
    stored_tensors,
    tensors_in,
)
from onnx_scalpel.document.wire import Piece, Range, Restorer, Stored
from onnx_scalpel.errors import AppError

CHUNK = 1 << 23  # bytes copied at a time
ChangeProto = Callable[[ModelProto], None]
NEW_DATA = re.compile(r"scalpel-[0-9a-f]{16}\.data")
_NEEDLE = b"\x0a\x08location"  # every external tensor has it; most models have none


@dataclass(frozen=True)
class SavedParts:
    """A model to be written: its .onnx file in pieces, and the data files beside it (relative name -> where it is now)."""

    document: Document
    pieces: list[Piece]
    data_files: dict[str, tuple[Path, ...]]  # several files become one, one after the other

    @property
    def name(self) -> str:
        return self.document.path.name

    @property
    def size(self) -> int:
        """Bytes of the .onnx file."""
        return sum(len(piece) if isinstance(piece, bytes) else piece.length for piece in self.pieces)

    def chunks(self) -> Iterator[bytes]:
        """The .onnx file's bytes, a few megabytes at a time."""
        for piece in self.pieces:
            if isinstance(piece, Range):
                for start in range(piece.offset, piece.offset + piece.length, CHUNK):
                    yield self.document.file.read(Range(start, min(CHUNK, piece.offset + piece.length - start)))
            elif isinstance(piece, Stored):
                yield from _chunks_of([self.document.file.data_path(piece.location)])
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
    return WeightlessModel(
        overlay.proto,
        document.folder,
        node_ids,
        graph_ids,
        document.value_named,
        document.file.store,
        document.file.supplied,
    )


def model_parts(document: Document, change: ChangeProto | None = None) -> SavedParts:
    """The edited model, ready to be written or zipped. Raises AppError `external-data` for a data file outside the model's folder."""
    proto = Overlay(document).proto
    if change is not None:
        change(proto)
    new_file = _put_beside(document, proto)
    data = proto.SerializeToString()
    if document.file.wire is not None and change is None:
        data = keep_encoding(document.file.wire, document.file.proto, proto)
    files = _data_files(document, proto, new_file) if _NEEDLE in data else {}
    stored = LOCATION if LOCATION.encode() in data else ""
    return SavedParts(document, Restorer(data, document.path.name, document.file.cut, stored).run(), files | new_file)


def model_bytes(document: Document) -> bytes:
    """The edited model's .onnx file."""
    return b"".join(model_parts(document).chunks())


def write_model(
    document: Document,
    target: Path,
    *,
    overwrite: bool = False,
    alone: bool = False,
    change: ChangeProto | None = None,
    form: str = "",
) -> list[Path]:
    """Write the edited model and its data files, unless it is wanted `alone`; each file appears whole, the .onnx file
    last. The paths that were written, the .onnx file first. `change` may alter what is written, for a library's eyes; `form`
    is a text form that it is written in.

    Raises AppError `file-exists` (409) unless `overwrite`, `external-data`, or `cannot-write`.
    """
    parts = model_parts(document, change)
    copies = {} if alone else {target.parent / name: source for name, source in parts.data_files.items()}
    copies = {to: sources for to, sources in copies.items() if not _same(to, sources)}
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
        for to, sources in copies.items():
            to.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(to, _chunks_of(sources))
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(target, iter([_as_text(parts, form)]) if form else parts.chunks())
    except OSError as error:
        raise AppError(
            "cannot-write",
            f"{target.name} cannot be written: {error.strerror}",
            hint="check the folder's rights and free space",
        ) from error
    return [target, *copies]


def _as_text(parts: SavedParts, form: str) -> bytes:
    """The model as text: the very text that it was read from, if that says the same."""
    if parts.size > BINARY_LIMIT:
        raise too_large_as_text()
    binary, file = b"".join(parts.chunks()), parts.document.file
    if file.text is not None and text_form(file.text.name) == form and binary == file.data:
        return file.text.read_bytes()
    return write_text(form, binary)


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


def _chunks_of(sources: Iterable[Path]) -> Iterator[bytes]:
    for source in sources:
        with source.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk


def _same(one: Path, sources: tuple[Path, ...]) -> bool:
    """Whether a file is there already: the source itself, or what an earlier save made of stored tensors (its name is a hash)."""
    try:
        if NEW_DATA.fullmatch(one.name):
            return one.stat().st_size == sum(source.stat().st_size for source in sources)
        return len(sources) == 1 and one.samefile(sources[0])
    except OSError:
        return False


def _put_beside(document: Document, proto: ModelProto) -> dict[str, tuple[Path, ...]]:
    """Where the opened model keeps weights in data files, or no .onnx file can hold all: one new data file for the tensors that
    edits made. They refer to it by name then; otherwise they go into the .onnx file."""
    tensors = list(stored_tensors(proto))
    if not tensors:
        return {}
    inside = document.path.stat().st_size + sum(int(external_entries(t)["length"]) for t in tensors)
    elsewhere = any(_is_elsewhere(document, t) for t in tensors_in(document.file.proto))
    if inside < PROTO_LIMIT and not elsewhere:
        return {}
    digests = list(dict.fromkeys(stored_digest(tensor) for tensor in tensors))
    name = f"scalpel-{hashlib.sha256(''.join(digests).encode()).hexdigest()[:16]}.data"
    paths = tuple(document.file.store.path(digest) for digest in digests)
    starts = dict(zip(digests, accumulate((path.stat().st_size for path in paths), initial=0), strict=False))
    for tensor in tensors:
        offset = starts[stored_digest(tensor)]
        for entry in tensor.external_data:
            if entry.key in ("location", "offset"):
                entry.value = name if entry.key == "location" else str(offset)
    return {name: paths}


def _is_elsewhere(document: Document, tensor: TensorProto) -> bool:
    """Whether a tensor of the opened file has its data in a data file."""
    if tensor.data_location != TensorProto.EXTERNAL:
        return False
    return document.file.own_range(external_entries(tensor)) is None


def _data_files(document: Document, proto: ModelProto, but: Container[str]) -> dict[str, tuple[Path, ...]]:
    """The data files that tensors refer to; one that is missing is missing in the copy too, and a diagnostic says so."""
    found: dict[str, tuple[Path, ...]] = {}
    for tensor in tensors_in(proto):
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        entries = external_entries(tensor)
        location = entries.get("location", "")
        if location in found or location in but or document.file.own_range(entries) is not None:
            continue
        if location.startswith(LOCATION):
            continue  # goes into the .onnx file
        relative = safe_location(location)
        path = document.file.data_path(location)
        if path.is_file():
            found[str(relative)] = (path,)
    return found
