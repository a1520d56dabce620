"""Letting a session rest on the file that a save put in the place of the opened one: what only the old file had is kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_again, own_bytes
from onnx_scalpel.document.source import Extent, ModelFile, Reference
from onnx_scalpel.document.store import LOCATION, TensorStore
from onnx_scalpel.document.wire import Buffer, CutTensor
from onnx_scalpel.errors import AppError
from onnx_scalpel.session.files import BASE_FOLDER, data_files, identify, write_synced

STRUCTURE_FILE = "structure"  # in a session's base folder: the opened model without its weights
_PIECE = 1 << 23  # bytes kept at a time
Row = list[Any]
"""A reference and where it moved to: location, offset, length, twice."""


def keep_structure(file: ModelFile, folder: Path) -> None:
    """Write the opened model without its weights into the session's folder, once. OSError."""
    kept = folder / BASE_FOLDER / STRUCTURE_FILE
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        write_synced(file.structure, kept)


def moved_by_save(file: ModelFile, written: Mapping[Reference, Reference]) -> dict[Reference, Reference]:
    """Where the opened model's bytes are once a file with `written` takes its place. What only the old file has goes into the
    store. AppError `disk-full`, `cannot-write`."""
    moved = dict(file.moved)
    for named in set(file.references()):
        if named in written:
            moved[named] = written[named]
            continue
        with contextlib.suppress(AppError):  # a data file outside the model's folder: nothing of it is ours to keep
            extent = file.extent(named)
            if extent.path is None:
                digest = file.store.add_pieces(_pieces(file, extent))
                moved[named] = Reference(LOCATION + digest, 0, named.length)
    return moved


def _pieces(file: ModelFile, extent: Extent) -> Iterator[bytes]:
    for start in range(0, extent.length, _PIECE):
        yield file.read(Extent(None, extent.offset + start, min(_PIECE, extent.length - start)))


def rows_of(moved: Mapping[Reference, Reference]) -> list[Row]:
    """As plain data."""
    return [[*named, *now] for named, now in moved.items()]


def moved_of(rows: Iterable[Row]) -> dict[Reference, Reference]:
    """From plain data."""
    return {Reference(*row[:3]): Reference(*row[3:]) for row in rows}


def rest_on_saved(document: Document, moved: Mapping[Reference, Reference]) -> Buffer:
    """The file at the document's path is another one now; the bytes of the former one, whose last user pays for letting go of
    it. AppError `cannot-read`."""
    file = document.file
    before, file.moved, former = file.moved, dict(moved), file.data
    try:
        data, inode = own_bytes(file)
        file.rest_on(data, inode, moved)
    except AppError:
        file.moved = before
        raise
    return former


def resting_on(document: Document, part: Path | None = None) -> dict[str, Any]:
    """What a recovery has to know about the files that a document rests on. `part` is the file that is about to take the
    place of the document's own."""
    file = document.file
    rebased = None
    if file.rebased:
        cut = [[offset, *found] for offset, found in file.cut.items()]
        rebased = {"cut": cut, "moved": rows_of(file.moved), "reads_own": file.reads_own}
    own = part or document.path
    return {
        "base": str(document.path),
        "folder": str(document.folder),
        "identity": msgspec.to_builtins(identify(own)) if rebased is None or file.reads_own else None,
        "data": {str(path): [path.stat().st_size, path.stat().st_mtime_ns] for path in data_files(document).values()},
        "rebased": rebased,
    }


def open_rebased(path: Path, session_folder: Path, rebased: Mapping[str, Any], store: TensorStore) -> Document:
    """The document of a session that rests on a saved file. AppError `cannot-read`; OSError when its structure is gone."""
    structure = (session_folder / BASE_FOLDER / STRUCTURE_FILE).read_bytes()
    cut = {offset: CutTensor(*found) for offset, *found in rebased["cut"]}
    return open_again(structure, path, cut, moved_of(rebased["moved"]), store)
