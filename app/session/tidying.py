"""Removes data files that earlier saves of this session wrote and that nothing refers to any more: only when that is certain."""

from __future__ import annotations

import mmap
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from onnx_scalpel.document.same_files import Facts, facts_of

SEARCHED = 1 << 30  # bytes; where there is more to search, nothing is removed


class Tidying:
    """Knows what this process wrote. A file goes when it is still that, and no model in its folder and no other session
    speaks of it; a name may be cut in two in a journal, so one half of it is enough to keep the file."""

    def __init__(self, session_folder: Path) -> None:
        self._own = session_folder
        self._made: dict[Path, Facts] = {}

    def made(self, paths: Iterable[Path]) -> None:
        """Note new data files."""
        self._made |= {path: facts_of(path) for path in paths}

    def tidy(self, needed: Collection[Path]) -> list[Path]:
        """Remove what is not `needed`; what was removed."""
        removed = []
        for path, facts in [item for item in self._made.items() if item[0] not in needed]:
            try:
                if facts_of(path) == facts and not self._is_spoken_of(path):
                    path.unlink()
                    removed.append(path)
            except OSError:
                continue  # gone, or out of reach: nothing to tidy
        for path in removed:
            del self._made[path]
        return removed

    def _is_spoken_of(self, path: Path) -> bool:
        stem = path.name.removesuffix(".data").encode()
        halves = (stem[:-8], stem[-8:] + b".data")
        left = SEARCHED
        for other in self._others(path):
            size = other.stat().st_size
            left -= size
            if left < 0:
                return True
            if size and any(_mentions(other, half) for half in halves):
                return True
        return False

    def _others(self, path: Path) -> Iterator[Path]:
        """Files that may speak of a data file: models beside it or around it, and the journals of other sessions."""
        for folder in (path.parent, path.parent.parent):
            yield from (found for found in folder.iterdir() if found.suffix != ".data" and found.is_file())
        for folder in self._own.parent.iterdir():
            if folder != self._own and folder.is_dir():
                yield from (found for found in folder.glob("journal.sqlite*") if found.is_file())


def _mentions(path: Path, sought: bytes) -> bool:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(sought) >= 0
