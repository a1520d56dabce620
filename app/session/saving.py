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
from onnx_scalpel.document.data_files import require_data
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.endings import text_form
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.files import data_files, keep_base, sync_folder
from onnx_scalpel.session.journal import JournalFull
from onnx_scalpel.session.recovery import resting_on
from onnx_scalpel.session.refusals import disk_full
from onnx_scalpel.session.session import Session
from onnx_scalpel.session.watching import Watch

log = logging.getLogger(__name__)
SAVE_LIMITS = Limits(cpu_seconds=600, wall_seconds=1800, memory_bytes=4 << 30)
Answer = Callable[[Any], None]  # hears the result or the AppError


class Saving:
    """Writes the session's model to files."""

    def __init__(
        self, session: Session, children: Children, watch: Watch, tell: Callable[[], None], mapped_bytes: int
    ) -> None:
        """`tell` lets everyone know how the session stands to its file."""
        self._session = session
        self._children = children
        self._watch = watch
        self._tell = tell
        self._limits = replace(SAVE_LIMITS, mapped_bytes=2 * mapped_bytes)

    def write_model(self, target: Path, alone: bool, answer: Answer) -> None:
        """Write the model as it is now to a new file, and its data files unless it is wanted `alone`; `answer` hears the
        paths of all files written, the model's first. AppError `data-missing` in the job unless it is wanted `alone`."""
        document = self._session.document
        self._watch.require_weights()
        self._start(lambda progress: _write_out(document, target, alone), target.parent, answer, answer)

    def save(self, target: Path, overwrite: bool, anyway: bool, answer: Answer) -> None:
        """Write the model as it is now to `target`; `answer` hears {"path", "revision", "unsaved"}.

        AppError `changed-on-disk` unless `anyway`, when the session's own file is not the one any more that was opened
        or saved last; `weights-changed` when the weights are gone with it.
        """
        session = self._session
        if target.exists() and not overwrite:
            raise AppError(
                "file-exists", f"{target.name} exists already", hint="choose another name, or overwrite it", status=409
            )
        if not target.parent.is_dir():
            raise AppError("no-such-folder", "the folder to save to does not exist", status=404)
        document, content = session.document, (session.fingerprint, session.revision)
        target = target.resolve()  # a link keeps pointing to what it points to
        if any(target == path.resolve() for path in data_files(document).values()):
            raise AppError(
                "data-file", f"{target.name} holds this model's weights", hint="choose another name", status=409
            )
        own = target == self._watch.path.resolve()
        if own and not anyway:
            self._watch.require_unchanged()
        self._watch.require_weights()
        form = text_form(target.name)
        beside = own or target == document.path.resolve() or form != ""
        written = target.with_name(f".{target.stem}.{secrets.token_hex(4)}.part") if beside else target

        def finish(_: Any) -> None:
            try:
                if own and not anyway:
                    self._watch.require_unchanged()  # while it was written, too
                if beside:
                    self._take_the_place(written, target)
            except JournalFull:
                return fail(disk_full())
            except AppError as error:
                return fail(error)
            except OSError as error:
                return fail(_cannot_write(target, error))
            self._remember(content, target)
            return answer({"path": str(target), "revision": session.revision, "unsaved": session.unsaved})

        def fail(error: Any) -> None:
            if beside:
                written.unlink(missing_ok=True)
            answer(error)

        self._start(lambda progress: _write(document, written, overwrite, form=form), target.parent, finish, fail)

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

    def _remember(self, content: tuple[bytes, int], target: Path) -> None:
        """Note in the journal what is saved, and tell everyone. Without room for the note the file is saved all the same."""
        session, (fingerprint, revision) = self._session, content
        try:
            session.saved(fingerprint, target)
            session.journal.put(file=self._watch.settle(target, revision))
            session.commit()
        except JournalFull:
            log.warning("no room to note that session %s was saved", session.id)
        self._tell()

    def keep_the_opened(self) -> None:
        """Another program took the opened file's place: keep what was read of it, so that this session can be recovered."""
        if self._watch.intact() or self._watch.lost_weights() is not None:
            return
        try:
            self._rest_on_a_copy()
        except (JournalFull, OSError):
            log.warning("the opened file of session %s could not be kept", self._session.id, exc_info=True)

    def _take_the_place(self, written: Path, target: Path) -> None:
        """Put the new file where the former one is; the opened one stays in the session's folder, where references find it."""
        if target == self._session.document.path.resolve():
            self._rest_on_a_copy()
        if target.exists():
            shutil.copymode(target, written)
        written.replace(target)
        sync_folder(target.parent)

    def _rest_on_a_copy(self) -> None:
        session, file = self._session, self._session.document.file
        before = (file.path, file.folder)
        try:
            keep_base(session.document, session.folder, intact=self._watch.intact())
            session.journal.put(**resting_on(session.document), file=self._watch.kept())
            session.commit()
        except BaseException:
            file.path, file.folder = before
            raise
        self._watch.rests_elsewhere()


def _write_out(document: Document, target: Path, alone: bool) -> list[str]:
    """Runs in the child: nobody is given a model without its weights who does not know it."""
    if not alone:
        try:
            require_data(save.weightless(document), "the model cannot be had with its weights")
        except AppError as error:
            structure = {"label": "Without the weights", "alone": True}
            raise AppError(error.code, error.message, hint=error.hint, choices=[structure], status=409) from error
    return _write(document, target, False, alone)


def _write(document: Document, target: Path, overwrite: bool, alone: bool = False, form: str = "") -> list[str]:
    """Runs in the child."""
    try:
        return [str(path) for path in save.write_model(document, target, overwrite=overwrite, alone=alone, form=form)]
    except OSError as error:
        raise _cannot_write(target, error) from error


def _cannot_write(target: Path, error: OSError) -> AppError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return AppError("disk-full", f"there is no room for {target.name}; nothing was changed", status=423)
    reason = (error.strerror or "it cannot be written").lower()
    return AppError("cannot-write", f"{target.name} was not written: {reason}", hint="choose another place")
