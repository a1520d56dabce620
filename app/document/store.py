"""Tensor data that edits made, as files named by their content: deltas and the journal hold a digest, saving streams the file."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Collection, Iterable
from pathlib import Path

from onnx_scalpel.document.disk import sync_folder
from onnx_scalpel.errors import AppError

STORED_FROM = 64 << 10  # bytes; smaller tensors travel inside their record
LOCATION = "scalpel:sha256/"  # how a proto refers to a stored tensor; no path of a model may have a colon there
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DIGESTS = re.compile(rb"[0-9a-f]{64}")


class TensorStore:
    """A folder of files `<sha256>`. Without one it makes a temporary folder when something is put in, which goes with it."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where the files are; made when it is asked for the first time."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="scalpel-tensors-"))
            weakref.finalize(self, _remove, self._folder, os.getpid())
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder

    def add(self, data: bytes | memoryview) -> str:
        """Keep the data; its digest. It is on the disk, synced, when this returns. AppError `disk-full`, `cannot-write`."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.folder / digest
        if target.exists() and target.stat().st_size == len(data):
            return digest
        partial = target.with_name(f"{digest}.{os.getpid()}.part")
        try:
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
            sync_folder(self.folder)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise _cannot_keep(error) from error
        return digest

    def add_pieces(self, pieces: Iterable[bytes]) -> str:
        """Keep data that comes in pieces, too large for the memory; its digest. As `add`."""
        hashed = hashlib.sha256()
        partial = self.folder / f"{secrets.token_hex(8)}.part"
        try:
            with partial.open("wb") as file:
                for piece in pieces:
                    hashed.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.folder / hashed.hexdigest())
            sync_folder(self.folder)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise _cannot_keep(error) from error
        return hashed.hexdigest()

    def path(self, digest: str) -> Path:
        """The file of a digest. AppError `external-data` when there is none."""
        found = None if self._folder is None or not _DIGEST.fullmatch(digest) else self._folder / digest
        if found is None or not found.is_file():
            raise AppError(
                "external-data",
                "the data of a tensor that an edit made is gone",
                hint="undo the edit that made it, or make it again",
            )
        return found

    def located(self, location: str) -> Path | None:
        """The file that a proto's location means; None for a location of the model's own."""
        return self.path(location.removeprefix(LOCATION)) if location.startswith(LOCATION) else None

    def has(self, digest: str) -> bool:
        return self._folder is not None and (self._folder / digest).is_file()

    def sweep(self, keep: Collection[str]) -> None:
        """Remove every file but these: what jobs left whose result nobody took."""
        if self._folder is None or not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if path.name not in keep:
                path.unlink(missing_ok=True)


def digests_in(data: bytes) -> set[str]:
    """The digests that an encoded delta may name, and perhaps others."""
    return {found.decode() for found in _DIGESTS.findall(data)}


def _cannot_keep(error: OSError) -> AppError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return AppError("disk-full", "there is no room for a tensor of this edit", hint="free some room", status=423)
    return AppError("cannot-write", "a tensor of this edit cannot be kept", hint="look at the data folder's rights")


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # a fork's copy of the store is not the store
        shutil.rmtree(folder, ignore_errors=True)
