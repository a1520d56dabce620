"""The files that a session rests on: telling whether they are still the same, and keeping them when a save takes their place."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from pathlib import Path

import msgspec

from onnx_scalpel.document.data_files import data_files_of
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.source import safe_location
from onnx_scalpel.document.wire import Buffer
from onnx_scalpel.errors import AppError

BASE_FOLDER = "base"  # in a session's folder: the opened file, after a save took its place
DATA_FOLDER = "data"  # … data files that somebody supplied
TENSORS_FOLDER = "tensors"  # … the data of large tensors that edits made
SCRATCH_FOLDER = "scratch"  # … the temporary files of its jobs
_HASHED_WHOLE = 16 << 20  # bytes; of a larger file the ends are hashed, and its time must match too
_HASHED_END = 1 << 20
MAPPED_LIMIT = 1 << 42  # bytes; what a reference claims beyond that is no file's size
_CHUNK = 8 << 20  # bytes written at a time


class FileIdentity(msgspec.Struct, frozen=True):
    """Enough to tell that a file is still the one that was opened. `digest` is of the whole of a small file."""

    size: int
    mtime_ns: int
    digest: str

    def matches(self, other: FileIdentity) -> bool:
        same = (self.size, self.digest) == (other.size, other.digest)
        return same and (self.size <= _HASHED_WHOLE or self.mtime_ns == other.mtime_ns)


def identify(path: Path) -> FileIdentity:
    """The identity of a file as it is now. OSError when it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        facts = os.fstat(file.fileno())
        if facts.st_size <= _HASHED_WHOLE:
            digest.update(file.read())
        else:
            digest.update(file.read(_HASHED_END))
            file.seek(-_HASHED_END, os.SEEK_END)
            digest.update(file.read())
    return FileIdentity(facts.st_size, facts.st_mtime_ns, digest.hexdigest())


def data_files(document: Document) -> dict[str, Path]:
    """The data files of the opened model, whatever edits made of it: relative name -> where it is. Missing ones are left out."""
    found: dict[str, Path] = {}
    for location in document.file.locations:
        with contextlib.suppress(AppError):  # outside the model's folder: the check says so
            path = document.file.data_path(location)
            if path.is_file():
                found[str(safe_location(location))] = path
    return found


def mapped_bytes(document: Document) -> int:
    """How much counts in a job's address space when it maps the model's files, missing ones included: they may come later."""
    file = document.file
    needed = sum(max(found.size or 0, found.needed) for found in data_files_of(file.proto, file.find))
    return document.path.stat().st_size + min(needed, MAPPED_LIMIT)


def keep_base(document: Document, folder: Path, *, intact: bool) -> None:
    """Let the document, its references and a recovery rest on a copy in the session's `folder`, as another file takes
    the place of the opened one. `intact`: the opened file is still there; else the copy is made from what was read of it.

    Data files stay where they are unless the opened file holds weights too: references have one folder only.
    """
    kept = folder / BASE_FOLDER / document.path.name
    if document.path == kept:
        return
    kept.parent.mkdir(exist_ok=True)
    kept.unlink(missing_ok=True)
    if intact:
        link_or_copy(document.path, kept)
    else:
        write_synced(document.file.data, kept)
    if document.file.cut:
        for name, path in data_files(document).items():
            target = kept.parent / name
            target.parent.mkdir(parents=True, exist_ok=True)
            copy_synced(path, target)  # a link would make other programs refuse the user's own file
    if document.file.cut or not document.file.locations:
        document.file.folder = kept.parent
    document.file.path = kept


def link_or_copy(source: Path, target: Path) -> None:
    """The same content under another name; a link where the file system can, as the old name is about to get another file."""
    try:
        os.link(source, target)
    except OSError:
        copy_synced(source, target)
    sync_folder(target.parent)


def copy_synced(source: Path, target: Path) -> None:
    """Copy a file, its times included, so that it is whole or not there."""
    partial = target.with_name(f"{target.name}.part")
    shutil.copy2(source, partial)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)


def write_synced(data: Buffer, target: Path) -> None:
    """Write bytes, perhaps mapped ones, so that the file is whole or not there."""
    partial = target.with_name(f"{target.name}.part")
    with partial.open("wb") as file:
        for start in range(0, len(data), _CHUNK):
            file.write(data[start : start + _CHUNK])
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
