"""Opening a session: afresh, or from the journal that an earlier process of it left."""

from __future__ import annotations

import contextlib
import gc
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from onnx_scalpel.document.diagnostic import Diagnostic
from onnx_scalpel.document.disk import sweep_parts
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import Told, open_model, tell_nobody
from onnx_scalpel.document.store import LOCATION, TensorStore, digests_in
from onnx_scalpel.document.text_forms import text_form_of
from onnx_scalpel.errors import AppError
from onnx_scalpel.session.files import (
    BASE_FOLDER,
    DATA_FOLDER,
    SCRATCH_FOLDER,
    TENSORS_FOLDER,
    FileIdentity,
    identify,
)
from onnx_scalpel.session.history import History
from onnx_scalpel.session.journal import (
    JOURNAL_FILE,
    Entry,
    Journal,
    JournalDamaged,
    JournalFull,
    remove_journal,
    set_aside,
)
from onnx_scalpel.session.rebasing import open_rebased, resting_on
from onnx_scalpel.session.refusals import disk_full
from onnx_scalpel.session.session import AS_OPENED, Session
from onnx_scalpel.session.texts import open_read, read_into

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opening:
    """Which model to open as which session; `folder` holds the journal."""

    session: str
    name: str
    path: Path
    folder: Path


@dataclass(frozen=True)
class Opened:
    """A session, and what has to be said about how it was opened."""

    session: Session
    findings: tuple[Diagnostic, ...] = ()
    recovered: int = 0  # revisions from the journal


def open_session(opening: Opening, told: Told = tell_nobody) -> Opened:
    """Open the model, and bring it to where its journal ends when it has one. AppError: refused, `file-changed`, `read-only`."""
    known = (opening.folder / JOURNAL_FILE).exists()
    opened = _recover(opening) if known else _open_afresh(opening, told)
    sweep_parts(opening.path.parent)
    gc.collect()
    gc.freeze()  # what was built lives as long as the process: no collection need look at it, no fork copies it
    return opened


def forget_session(folder: Path) -> None:
    """Take away what a session without edits left; what others put into the folder stays."""
    remove_journal(folder)
    for left in (BASE_FOLDER, DATA_FOLDER, TENSORS_FOLDER, SCRATCH_FOLDER):
        shutil.rmtree(folder / left, ignore_errors=True)
    with contextlib.suppress(OSError):  # not empty
        folder.rmdir()


def _open_afresh(opening: Opening, told: Told = tell_nobody) -> Opened:
    document, about = _read(opening, told)
    opening.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        journal = _new_journal(opening, document, about)
    except JournalFull:
        remove_journal(opening.folder)
        raise disk_full() from None
    return Opened(_session(opening, document, journal, {}))


def _read(opening: Opening, told: Told = tell_nobody) -> tuple[Document, dict[str, Any]]:
    """The model, and what else the journal has to know: a text model rests on what was made of it in the session's folder."""
    path = opening.path.resolve()
    form = text_form_of(path)
    if not form:
        return open_model(path, _store(opening), told=told), {}
    identity = msgspec.to_builtins(identify(path))
    folder = opening.folder / BASE_FOLDER
    try:
        binary = read_into(path, form, folder)
    except BaseException:
        forget_session(opening.folder)
        raise
    text = folder / path.name
    file = {"path": str(path), "revision": 0, "identity": identity}
    return open_read(binary, text, path.parent, _store(opening)), {"file": file, "text": str(text)}


def _new_journal(opening: Opening, document: Document, about: Mapping[str, Any]) -> Journal:
    journal = Journal(opening.folder)
    journal.put(
        session=opening.session, name=opening.name, saved_fingerprint=AS_OPENED, **resting_on(document), **about
    )
    journal.commit()
    return journal


def _session(opening: Opening, document: Document, journal: Journal, about: dict[str, Any]) -> Session:
    return Session(
        id=opening.session,
        name=opening.name,
        folder=opening.folder,
        document=document,
        journal=journal,
        history=History(),
        fingerprint=AS_OPENED,
        saved_fingerprint=about.get("saved_fingerprint", AS_OPENED),
        saved_path=about.get("saved_path"),
    )


def _recover(opening: Opening) -> Opened:
    entries: list[Entry] = []
    about: dict[str, Any] = {}
    try:
        journal = Journal(opening.folder)
    except JournalFull:
        raise disk_full() from None
    except JournalDamaged:
        return _salvage(opening, about, entries)
    try:
        about = journal.about()
        entries.extend(journal.entries())
    except JournalDamaged:
        _read_what_is_left(journal, entries)
        journal.close()
        return _salvage(opening, about, entries)
    if not about:  # its process ended before the first commit
        journal.close()
        remove_journal(opening.folder)
        return _open_afresh(opening)
    about = _as_it_turned_out(about, journal)
    session = _session(opening, _same_model(opening, about), journal, about)
    applied = _replay(session, entries)
    if applied < len(entries):
        journal.close()
        return _salvage(opening, about, entries[:applied])
    file = session.document.file
    kept = {moved.location.removeprefix(LOCATION) for moved in file.moved.values()}
    file.store.sweep(kept.union(*(digests_in(entry.delta) for entry in entries)))
    return Opened(session, recovered=applied)


def _store(opening: Opening) -> TensorStore:
    return TensorStore(opening.folder / TENSORS_FOLDER)


def _read_what_is_left(journal: Journal, entries: list[Entry]) -> None:
    entries.clear()
    try:
        for entry in journal.entries():
            entries.append(entry)
    except JournalDamaged as damage:
        log.warning("the journal ends early: %s", damage)


def _as_it_turned_out(about: dict[str, Any], journal: Journal) -> dict[str, Any]:
    """A save was about to put a file into its place when the process ended: whether it did, the file itself tells."""
    planned = about.pop("next", None)
    if planned is None:
        return about
    try:
        done = msgspec.convert(planned["file"]["identity"], FileIdentity).matches(
            identify(Path(planned["file"]["path"]))
        )
    except OSError:
        done = False
    found = about | (planned if done else {})
    with contextlib.suppress(JournalFull):  # it is told again the next time
        journal.put(**found, next=None)
        journal.commit()
    return found


def _same_model(opening: Opening, about: dict[str, Any]) -> Document:
    """The model as it was first opened: from its own place, or from what a save left of it."""
    base = Path(about.get("base", opening.path))
    rebased = about.get("rebased")
    try:
        if not _unchanged(base, about):
            raise FileNotFoundError
        folder = Path(about["folder"]) if "folder" in about else base.parent
        if rebased is not None:
            document = open_rebased(base, opening.folder, rebased, _store(opening))
        elif "text" in about:
            document = open_read(base, Path(about["text"]), folder, _store(opening))
        else:
            document = open_model(base, _store(opening))
            document.file.folder = folder
    except FileNotFoundError:
        raise AppError(
            "file-changed",
            f"{opening.name} is not the file any more that this session was opened from; its edits are kept",
            hint="put the earlier file back, or open the model afresh",
            status=409,
        ) from None
    document.file.supplied = {location: Path(path) for location, path in about.get("supplied", {}).items()}
    return document


def _unchanged(base: Path, about: dict[str, Any]) -> bool:
    try:
        if about.get("identity") is not None and not msgspec.convert(about["identity"], FileIdentity).matches(
            identify(base)
        ):
            return False
        facts = [(Path(path).stat(), size, time) for path, (size, time) in about.get("data", {}).items()]
    except FileNotFoundError:
        return False
    return all((found.st_size, found.st_mtime_ns) == (size, time) for found, size, time in facts)


def _replay(session: Session, entries: list[Entry]) -> int:
    """Apply revisions until one does not fit; how many did."""
    for count, entry in enumerate(entries):
        try:
            session.replay(entry)
        except (AppError, ValueError, msgspec.MsgspecError) as error:
            log.warning("revision %d of the journal does not fit: %s", entry.revision.number, error)
            return count
    return len(entries)


def _salvage(opening: Opening, about: dict[str, Any], entries: list[Entry]) -> Opened:
    """A fresh journal from the readable part of a damaged one, which is set aside."""
    document = _same_model(opening, about)
    suffix = "damaged"
    while (opening.folder / f"{JOURNAL_FILE}.{suffix}").exists():
        suffix += "~"
    set_aside(opening.folder, suffix)
    journal = _new_journal(opening, document, {key: about[key] for key in ("text", "file") if key in about})
    session = _session(opening, document, journal, about)
    applied = _replay(session, entries)
    for entry in entries[:applied]:
        journal.add(entry)
    journal.put(**{key: about[key] for key in ("saved_fingerprint", "saved_path", "supplied") if key in about})
    journal.commit()
    lost = Diagnostic(
        severity="warning",
        code="journal-damaged",
        message=f"The record of this session was damaged: {applied} revisions could be read and are here",
        hint="later edits are lost; the damaged record is kept beside the new one",
    )
    return Opened(session, (lost,), applied)
