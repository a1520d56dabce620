"""Whether files are the same: by their facts, by their place, by their content, or by what they speak of."""

from __future__ import annotations

import mmap
from pathlib import Path

_STEP = 1 << 23  # bytes compared at a time
Facts = tuple[int, int, int, int]  # device, inode, size, time of change


def facts_of(path: Path) -> Facts:
    """What tells that a file is still the one that it was. OSError."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def equal_content(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes. OSError."""
    with one.open("rb") as first, other.open("rb") as second:
        while piece := first.read(_STEP):
            if piece != second.read(_STEP):
                return False
    return True


def mentions(target: Path, name: str) -> bool:
    """Whether a model that is going to be replaced speaks of a file of this name, which would give it other weights."""
    try:
        with target.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data.find(name.encode("utf-8", "surrogateescape")) >= 0
    except (OSError, ValueError):  # not there, or empty
        return False
