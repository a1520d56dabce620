"""Files that are whole or not there: written beside their place, synced and renamed; copied without passing through this process."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

CHUNK = 1 << 25  # bytes copied at a time; between two, progress is told
SMALL = 1 << 16  # bytes; less is gathered before it is written
SWEEP_AGE = 60.0  # seconds; a younger part may be between its last byte and its place
_PART = re.compile(r"\.scalpel-[0-9a-f]{8}-[0-9a-f]{8}\.part")
_NO_COPY_RANGE = frozenset({errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EBADF})
Copied = Callable[[int], None]  # hears how many more bytes are written


def nothing(_: int) -> None:
    """For those who do not want to hear."""


def new_writing() -> str:
    """What all parts of one writing have in their names."""
    return secrets.token_hex(4)


def part_beside(target: Path, writing: str) -> Path:
    """A new name in the target's folder that `sweep_parts` knows."""
    return target.with_name(f".scalpel-{writing}-{secrets.token_hex(4)}.part")


class Part:
    """A file that is being written beside its place, and is gone unless `finish` was called. OSError when it cannot be written."""

    def __init__(self, path: Path, copied: Copied = nothing) -> None:
        self.path = path
        self.size = 0
        self._copied = copied
        self._small = bytearray()  # gathered until it is worth a write
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(OSError):  # some file systems cannot; sweepers leave young parts alone
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._finished = False

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes, perhaps mapped ones."""
        self.size += len(data)
        if len(data) < SMALL:
            self._small += data
            if len(self._small) < CHUNK:
                return
            data = b""
        self._flush()
        self._put(memoryview(data))

    def _flush(self) -> None:
        small, self._small = self._small, bytearray()
        self._put(memoryview(small))

    def _put(self, view: memoryview) -> None:
        while view:
            count = os.write(self._descriptor, view[:CHUNK])
            self._copied(count)
            view = view[count:]

    def pad(self, alignment: int) -> int:
        """Append zeros up to a multiple of `alignment`; where that is."""
        self.write(bytes(-self.size % alignment))
        return self.size

    def copy(self, source: int, offset: int, length: int) -> None:
        """Append bytes of another open file. EOFError when it ends before."""
        self._flush()
        end = offset + length
        while offset < end:
            count = self._copy_some(source, offset, min(CHUNK, end - offset))
            if not count:
                raise EOFError("the source ends too early")
            self.size += count
            self._copied(count)
            offset += count

    def _copy_some(self, source: int, offset: int, length: int) -> int:
        try:
            return os.copy_file_range(source, self._descriptor, length, offset_src=offset)
        except (AttributeError, OSError) as error:
            if isinstance(error, OSError) and error.errno not in _NO_COPY_RANGE:
                raise
        piece = memoryview(os.pread(source, length, offset))
        written = 0
        while written < len(piece):
            written += os.write(self._descriptor, piece[written:])
        return written

    def finish(self) -> None:
        """Make it durable under the name it has."""
        self._flush()
        os.fsync(self._descriptor)
        self._finished = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
        if not self._finished or error is not None:
            self.path.unlink(missing_ok=True)


def take_place(part: Path, target: Path) -> None:
    """Give a finished part its name; whoever looks sees the old file or the new one. It keeps the rights of the old one."""
    if target.exists():
        shutil.copymode(target, part)
    else:
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
    part.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those around it, durably."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in reversed(missing):
        sync_folder(one.parent)


def sweep_parts(folder: Path) -> None:
    """Remove what saves left that were killed; parts that somebody is writing stay."""
    for part in _parts(folder):
        with contextlib.suppress(OSError):
            _sweep(part)


def remove_parts(folder: Path, writing: str) -> None:
    """Remove what one writing left whose process was stopped."""
    for part in _parts(folder):
        if part.name.startswith(f".scalpel-{writing}-"):
            part.unlink(missing_ok=True)


def _parts(folder: Path) -> list[Path]:
    try:
        return [folder / entry.name for entry in os.scandir(folder) if _PART.fullmatch(entry.name)]
    except OSError:
        return []  # whoever wants to write there will be told


def _sweep(part: Path) -> None:
    if time.time() - part.stat().st_mtime < SWEEP_AGE:
        return
    descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        part.unlink()
    finally:
        os.close(descriptor)
