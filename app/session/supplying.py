"""Data files that a model lacks: supplied by somebody, or put beside it on the disk meanwhile; known to every process of the session."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from onnx_scalpel.document.data_files import DataFile, data_files_of
from onnx_scalpel.document.disk import sync_folder
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.source import safe_location
from onnx_scalpel.errors import AppError, one_line
from onnx_scalpel.session.checks import Checks
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.files import DATA_FOLDER
from onnx_scalpel.session.journal import JournalFull
from onnx_scalpel.session.loop import Loop
from onnx_scalpel.session.rebasing import resting_on
from onnx_scalpel.session.refusals import disk_full
from onnx_scalpel.session.session import Session
from onnx_scalpel.session.watching import EVERY_SECONDS, Watch

LEFT_SHOWN = 50


@dataclass(frozen=True)
class Offered:
    """A file that somebody has: its name, perhaps with folders before it, and where it lies."""

    name: str
    path: Path
    size: int


class Supplying:
    """Takes in data files of one session, and looks for those that are missing."""

    def __init__(self, session: Session, checks: Checks, watch: Watch, children: Children, loop: Loop) -> None:
        self._session = session
        self._checks = checks
        self._watch = watch
        self._children = children
        self._loop = loop
        for path in session.document.file.supplied.values():
            children.allow(path.parent)
        self._seen = self._look()
        self._later()

    def supply(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Take the files of {path: name} that are needed, moving them into the session's folder; the others stay.

        {"taken": [{"name", "location", "bytes"}], "left": [{"name", "message"}]}. AppError `not-needed`, `wrong-size` when
        none is taken; `disk-full`.
        """
        offered = [Offered(name, Path(path), Path(path).stat().st_size) for path, name in names.items()]
        chosen, left = match(self._needed(), offered)
        if not chosen:
            raise _nothing_taken(left)
        folder = self._session.folder / DATA_FOLDER
        placed: dict[str, Path] = {}
        for location, one in chosen.items():
            placed[location] = folder / safe_location(location)
            _move(one.path, placed[location])
        self._adopt(placed)
        taken = [{"name": o.name, "location": printable(where), "bytes": o.size} for where, o in chosen.items()]
        return {"taken": taken, "left": left[:LEFT_SHOWN]}

    def look(self) -> None:
        """See whether files that are missing are on the disk by now, or changed."""
        before, self._seen = self._seen, self._look()
        if all(before.get(location, facts) == facts for location, facts in self._seen.items()):
            return
        found = {}
        for file in self._checks.missing:
            beside = self._watch.path.parent / file.location
            if _size(self._session.document.file.find(file.location)) is None and _size(beside) is not None:
                found[file.location] = beside  # the document rests on a copy in another folder
        self._adopt(found)

    def _adopt(self, placed: Mapping[str, Path]) -> None:
        """Let the session know data files, durably, and have everything that depends on them looked at again."""
        session, file = self._session, self._session.document.file
        before = file.supplied
        file.supplied = {**before, **placed}
        try:
            kept = {location: str(path) for location, path in file.supplied.items()}
            session.journal.put(supplied=kept, **resting_on(session.document))
            session.commit()
        except JournalFull:
            file.supplied = before
            raise disk_full() from None
        for path in placed.values():
            self._children.allow(path.parent)
        self._watch.rests_on_more()
        self._seen = self._look()
        self._checks.data_changed(tuple(f for f in self._needed() if f.is_short))

    def _needed(self) -> tuple[DataFile, ...]:
        """What the model needs now, as the last check found it, and what the opened one does."""
        file = self._session.document.file
        needed = {f.location: f for f in (*opened_files(self._session.document), *self._checks.missing)}
        return tuple(_now(f, file.find(f.location)) for f in needed.values())

    def _look(self) -> dict[str, tuple[int | None, int | None]]:
        """The sizes of what is missing where the model would have it, and beside the file that the user knows."""
        file, beside = self._session.document.file, self._watch.path.parent
        missing = [f.location for f in self._checks.missing]
        return {location: (_size(file.find(location)), _size(beside / location)) for location in missing}

    def _later(self) -> None:
        self._loop.call_later(EVERY_SECONDS, self._tick)

    def _tick(self) -> None:
        self._later()
        if self._checks.missing:
            self.look()


def opened_files(document: Document) -> tuple[DataFile, ...]:
    """The data files of the model as it was opened."""
    return data_files_of(document.file.outside, document.file.find)


def match(files: Sequence[DataFile], offered: Sequence[Offered]) -> tuple[dict[str, Offered], list[dict[str, str]]]:
    """Which offered file is which missing one: by the path that the model names, or by its last part where that is one
    file's only. And the others, each with what is wrong with it."""
    chosen: dict[str, Offered] = {}
    left: list[dict[str, str]] = []
    for one in offered:
        why = ""
        meant = _meant(files, one.name)
        short = [file for file in meant if file.is_short and file.location not in chosen]
        if not meant:
            why = f"no tensor of this model is in a file {_last(one.name)}"
        elif not short:
            why = f"{_last(one.name)} is there already"
        elif len(short) > 1:
            why = f"{_last(one.name)} may be {' or '.join(file.location for file in short[:3])}: drop their folder"
        elif one.size < short[0].needed:
            why = (
                f"{_last(one.name)} has {one.size:,} bytes, and the model needs {short[0].needed:,}: it is another file"
            )
        else:
            chosen[short[0].location] = one
        if why:
            left.append({"name": one.name, "message": one_line(why)})
    return chosen, left


def _meant(files: Iterable[DataFile], name: str) -> list[DataFile]:
    """The files that a name may be: with the longest path in common, else with the same last part."""
    parts = _parts(name)
    same = [file for file in files if _parts(file.location)[-1:] == parts[-1:]]
    exact = [file for file in same if parts[-len(_parts(file.location)) :] == _parts(file.location)]
    return exact or same


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]


def _last(name: str) -> str:
    return PurePosixPath(name).name


def _now(file: DataFile, path: Path | None) -> DataFile:
    return DataFile(file.location, file.tensors, file.bytes, file.needed, _size(path))


def _size(path: Path | None) -> int | None:
    try:
        return path.stat().st_size if path is not None and path.is_file() else None
    except (OSError, ValueError):
        return None


def _move(source: Path, target: Path) -> None:
    """Put a file into its place, whole or not at all."""
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = target.with_name(f"{target.name}.part")
        shutil.move(source, partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise AppError(
            "disk-full", "the data file cannot be kept", hint="free some room on the server's disk", status=423
        ) from error


def _nothing_taken(left: Sequence[Mapping[str, str]]) -> AppError:
    if len(left) == 1:
        message = left[0]["message"]
    else:
        message = f"none of these {len(left)} files is one that the model lacks" if left else "no file was sent"
    return AppError("not-needed", message, hint="the problems panel names the files that are missing")
