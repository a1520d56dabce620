"""Writing the model: in a job, so that edits go on meanwhile; saving over the opened file keeps what the session still needs of it."""

from __future__ import annotations

import errno
import logging
import secrets
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from onnx_scalpel.document import save
from onnx_scalpel.document.document import Document
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.checks import Publish
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.files import data_files, keep_base, sync_folder
from onnx_scalpel.session.journal import JournalFull
from onnx_scalpel.session.recovery import resting_on
from onnx_scalpel.session.refusals import disk_full
from onnx_scalpel.session.session import Session

log = logging.getLogger(__name__)
SAVE_LIMITS = Limits(cpu_seconds=600, wall_seconds=1800, memory_bytes=4 << 30)
Answer = Callable[[Any], None]  # hears the result or the AppError


class Saving:
    """Writes the session's model to files."""

    def __init__(self, session: Session, children: Children, publish: Publish, mapped_bytes: int) -> None:
        self._session = session
        self._children = children
        self._publish = publish
        self._limits = replace(SAVE_LIMITS, mapped_bytes=2 * mapped_bytes)

    def write_model(self, target: Path, answer: Answer) -> None:
        """Write the model as it is now to a new file; `answer` hears the paths of all files written, the model's first."""
        document = self._session.document
        self._start(lambda progress: _write(document, target, False), target.parent, answer, answer)

    def save(self, target: Path, overwrite: bool, answer: Answer) -> None:
        """Write the model as it is now to `target`; `answer` hears {"path", "revision", "unsaved"}."""
        session = self._session
        if target.exists() and not overwrite:
            raise AppError(
                "file-exists", f"{target.name} exists already", hint="choose another name, or overwrite it", status=409
            )
        if not target.parent.is_dir():
            raise AppError("no-such-folder", "the folder to save to does not exist", status=404)
        document, fingerprint = session.document, session.fingerprint
        target = target.resolve()  # a link keeps pointing to what it points to
        if any(target == path.resolve() for path in data_files(document).values()):
            raise AppError(
                "data-file", f"{target.name} holds this model's weights", hint="choose another name", status=409
            )
        over_itself = target == document.path.resolve()
        written = target.with_name(f".{target.stem}.{secrets.token_hex(4)}.part") if over_itself else target

        def finish(_: Any) -> None:
            try:
                if over_itself:
                    self._take_the_place(written, target)
            except JournalFull:
                return fail(disk_full())
            except OSError as error:
                return fail(_cannot_write(target, error))
            self._remember(fingerprint, target)
            return answer({"path": str(target), "revision": session.revision, "unsaved": session.unsaved})

        def fail(error: Any) -> None:
            if over_itself:
                written.unlink(missing_ok=True)
            answer(error)

        self._start(lambda progress: _write(document, written, overwrite), target.parent, finish, fail)

    def _start(self, work: Callable[[Progress], Any], folder: Path, done: Answer, failed: Answer) -> None:
        document = self._session.document

        def on_end(outcome: JobOutcome) -> None:
            if outcome.error is not None:
                failed(outcome.error)
            else:
                done(outcome.result)

        readable = tuple({document.path.parent, document.folder})
        self._children.start(
            work, self._limits, folder=document.folder, on_end=on_end, readable=readable, scratch=folder
        )

    def _remember(self, fingerprint: bytes, target: Path) -> None:
        """Note in the journal what is saved, and tell everyone. Without room for the note the file is saved all the same."""
        session = self._session
        try:
            session.saved(fingerprint, target)
            session.commit()
        except JournalFull:
            log.warning("no room to note that session %s was saved", session.id)
        payload = {"session": session.id, "state": "ready", "unsaved": session.unsaved}
        self._publish("session", {**payload, "saved_path": str(target), "revision": session.revision})

    def _take_the_place(self, written: Path, target: Path) -> None:
        """Put the new file where the opened one is; the opened one stays in the session's folder, where references find it."""
        session, file = self._session, self._session.document.file
        before = (file.path, file.folder)
        try:
            keep_base(session.document, session.folder)
            session.journal.put(**resting_on(session.document))
            session.commit()
        except BaseException:
            file.path, file.folder = before
            raise
        shutil.copymode(target, written)
        written.replace(target)
        sync_folder(target.parent)


def _write(document: Document, target: Path, overwrite: bool) -> list[str]:
    """Runs in the child."""
    try:
        return [str(path) for path in save.write_model(document, target, overwrite=overwrite)]
    except OSError as error:
        raise _cannot_write(target, error) from error


def _cannot_write(target: Path, error: OSError) -> AppError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return AppError("disk-full", f"there is no room for {target.name}; nothing was changed", status=423)
    reason = (error.strerror or "it cannot be written").lower()
    return AppError("cannot-write", f"{target.name} was not written: {reason}", hint="choose another place")
