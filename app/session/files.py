"""The files that a session rests on: which they are, and telling whether they are still the same."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import msgspec

from onnx_scalpel.document.data_files import data_files_of
from onnx_scalpel.document.disk import sync_folder
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.source import safe_location
from onnx_scalpel.errors import AppError

BASE_FOLDER = "base"  # in a session's folder: the opened model without its weights, after a save took its file's place
DATA_FOLDER = "data"  # … data files that somebody supplied
TENSORS_FOLDER = "tensors"  # … the data of large tensors that edits made
SCRATCH_FOLDER = "scratch"  # … the temporary files of its jobs
_HASHED_WHOLE = 16 << 20  # bytes; of a larger file the ends are hashed, and its time must match too
_HASHED_END = 1 << 20
MAPPED_LIMIT = 1 << 42  # bytes; what a reference claims beyond that is no file's size


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
    needed = sum(max(found.size or 0, found.needed) for found in data_files_of(file.outside, file.find))
    there = sum(path.stat().st_size for path in (document.path, *data_files(document).values()) if path.is_file())
    return there + min(needed, MAPPED_LIMIT)


def write_synced(data: bytes, target: Path) -> None:
    """Write bytes so that the file is whole or not there."""
    partial = target.with_name(f"{target.name}.part")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)
    sync_folder(target.parent)
