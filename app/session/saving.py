"""Writing the model: in a job, so that edits go on meanwhile; a save over the opened file lets the session rest on the new one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from onnx_scalpel.document.data_files import require_data
from onnx_scalpel.document.disk import make_folder, new_writing, remove_parts, take_place
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.endings import text_form
from onnx_scalpel.document.placement import THRESHOLD, SaveOptions
from onnx_scalpel.document.same_files import Facts
from onnx_scalpel.document.save import weightless
from onnx_scalpel.document.source import Reference
from onnx_scalpel.document.write_model import Writer, Written, cannot_write, write_model
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.files import BASE_FOLDER, data_files, identify, mapped_bytes
from onnx_scalpel.session.job_list import JobList, state_of
from onnx_scalpel.session.journal import JournalFull
from onnx_scalpel.session.loop import Loop
from onnx_scalpel.session.rebasing import keep_structure, moved_by_save, moved_of, rest_on_saved, resting_on, rows_of
from onnx_scalpel.session.refusals import disk_full
from onnx_scalpel.session.session import Session
from onnx_scalpel.session.tidying import Tidying
from onnx_scalpel.session.watching import Watch, saved_as

log = logging.getLogger(__name__)
SAVE_LIMITS = Limits(cpu_seconds=600, wall_seconds=1800, memory_bytes=4 << 30)
LET_GO_SECONDS = 0.5  # after a save until the former file is let go of: for gigabytes that takes a moment
Answer = Callable[[Any], None]  # hears the result or the AppError


@dataclass(frozen=True)
class Order:
    """A save that was asked for: where to, whether an existing file may go, also when another program changed the session's
    own, and how the weights are written (None: as the session's file has them)."""

    target: Path
    overwrite: bool = False
    anyway: bool = False
    options: SaveOptions | None = None
    author: str = ""  # who hears how far it is


class Saving:
    """Writes the session's model to files."""

    def __init__(
        self, session: Session, loop: Loop, children: Children, watch: Watch, jobs: JobList, tell: Callable[[], None]
    ) -> None:
        """`tell` lets everyone know how the session stands to its file."""
        self._session = session
        self._loop = loop
        self._children = children
        self._watch = watch
        self._jobs = jobs
        self._tell = tell
        self._earlier: Written | None = None
        self._tidying = Tidying(session.folder)
        kept = session.journal.about().get("weights")
        self._options = SaveOptions(**kept) if kept else SaveOptions()  # as the session's file has them

    def write_model(self, order: Order, alone: bool, answer: Answer) -> None:
        """Write the model as it is now to a new file, and its data files unless it is wanted `alone`; `answer` hears the
        paths of all files written, the model's first. AppError `data-missing` in the job unless it is wanted `alone`."""
        document, target, chosen = self._session.document, order.target, order.options or self._options
        self._watch.require_weights()
        self._start(lambda tell: _write(document, target, alone, chosen, tell), order, answer, answer)

    def save(self, order: Order, answer: Answer) -> None:
        """Write the model as it is now; `answer` hears {"path", "revision", "unsaved"}.

        AppError `changed-on-disk` unless `anyway`, when the session's own file is not the one any more that was opened
        or saved last; `weights-changed` when the weights are gone with it; `choice-needed` when one file cannot hold them.
        """
        self._require_possible(order)
        session, document, writing = self._session, self._session.document, new_writing()
        content = (session.fingerprint, session.revision)
        target = order.target.resolve()  # a link keeps pointing to what it points to
        own, rebases = target == self._watch.path.resolve(), target == document.path.resolve()
        options = order.options or self._options
        work = _Work(document, target, options, self._earlier, writing, session.folder if rebases else None)

        def finish(found: dict[str, Any]) -> None:
            try:
                if own and not order.anyway:
                    self._watch.require_unchanged()  # while it was written, too
                self._take_the_place(found, target, content, options)
            except JournalFull:
                return fail(disk_full(), found["new"])
            except AppError as error:
                return fail(error, found["new"])
            except OSError as error:
                return fail(cannot_write(target, error), found["new"])
            return answer({"path": str(target), "revision": session.revision, "unsaved": session.unsaved})

        def fail(error: Any, new: Sequence[str] = ()) -> None:
            remove_parts(target.parent, writing)
            for path in new:
                Path(path).unlink(missing_ok=True)
            answer(error)

        self._start(lambda tell: _write_held(work, tell), order, finish, fail, self._kept_folders(rebases))

    def _require_possible(self, order: Order) -> None:
        target = order.target
        if target.exists() and not order.overwrite:
            raise AppError(
                "file-exists", f"{target.name} exists already", hint="choose another name, or overwrite it", status=409
            )
        if not target.parent.is_dir():
            raise AppError("no-such-folder", "the folder to save to does not exist", status=404)
        if any(target.resolve() == path.resolve() for path in data_files(self._session.document).values()):
            raise AppError(
                "data-file", f"{target.name} holds this model's weights", hint="choose another name", status=409
            )
        if target.resolve() == self._watch.path.resolve() and not order.anyway:
            self._watch.require_unchanged()
        self._watch.require_weights()

    def _kept_folders(self, rebases: bool) -> tuple[Path, ...]:
        """Where a save puts what the session still needs of the file that goes."""
        if not rebases:
            return ()
        base = self._session.folder / BASE_FOLDER
        make_folder(base)
        return (base, self._session.document.file.store.folder)

    def _start(
        self,
        work: Callable[[Progress], Any],
        order: Order,
        done: Answer,
        failed: Answer,
        writable: Sequence[Path] = (),
    ) -> None:
        document, jobs = self._session.document, self._jobs
        job = jobs.new("save", order.author)

        def on_end(outcome: JobOutcome) -> None:
            told = None if outcome.status == "cancelled" else outcome.error
            jobs.end(job, state_of(outcome), None, told)
            if outcome.error is not None:
                failed(outcome.error)
            else:
                done(outcome.result)

        job.running = self._children.start(
            work,
            replace(SAVE_LIMITS, mapped_bytes=2 * mapped_bytes(document)),
            folder=document.folder,
            on_end=on_end,
            on_progress=lambda: jobs.heard(job),
            readable=tuple({document.path.parent, document.folder}),
            scratch=order.target.resolve().parent,
            writable=writable,
        )
        jobs.tell(job)

    def _take_the_place(
        self, found: dict[str, Any], target: Path, content: tuple[bytes, int], options: SaveOptions
    ) -> None:
        """Put the new file where the former one is. Whenever the process ends, the journal fits to the file that is there."""
        session, (fingerprint, revision) = self._session, content
        part, data = Path(found["part"]), [Path(path) for path in found["data"]]
        about = {
            "saved_fingerprint": fingerprint,
            "saved_path": str(target),
            "file": saved_as(target, revision, identify(part), data),
            "weights": msgspec.to_builtins(replace(options, stay=options.external)),
        }
        if found["resting"] is not None:
            about |= found["resting"]
            session.journal.put(next=about)
            session.commit()
        take_place(part, target)
        if found["resting"] is not None:
            former = [rest_on_saved(session.document, moved_of(found["moved"]))]
            self._loop.call_later(LET_GO_SECONDS, former.clear)
            self._watch.rests_elsewhere()
        self._earlier = Written(target, digests=_digests_of(found["digests"]), copies=_copies_of(found["copies"]))
        self._options = SaveOptions(**about["weights"])
        session.saved_fingerprint, session.saved_path = fingerprint, str(target)
        self._watch.settle(target, revision, data)
        try:
            session.journal.put(**about, next=None)
            session.commit()
        except JournalFull:
            log.warning("no room to note that session %s was saved", session.id)
        else:
            self._tidying.made(Path(path) for path in found["new"])
            self._tidying.tidy({*data, *data_files(session.document).values()})
        self._tell()

    def keep_the_opened(self) -> None:
        """Another program took the opened file's place: keep what was read of it, so that this session can be recovered."""
        session, file = self._session, self._session.document.file
        if self._watch.intact() or self._watch.lost_weights() is not None:
            return
        try:
            keep_structure(file, session.folder)
            moved = moved_by_save(file, {})
            rest_on_saved(session.document, moved)
            session.journal.put(**resting_on(session.document), file=self._watch.kept(), next=None)
            session.commit()
            self._watch.rests_elsewhere()
        except (JournalFull, OSError, AppError):
            log.warning("the opened file of session %s could not be kept", session.id, exc_info=True)


@dataclass(frozen=True)
class _Work:
    """What a child is to write, and in which session's folder it keeps what the file to be replaced has."""

    document: Document
    target: Path
    options: SaveOptions
    earlier: Written | None
    writing: str
    keeps_in: Path | None


def save_options(given: Mapping[str, Any] | None) -> SaveOptions | None:
    """From what a request says: {weights, threshold?}, or nothing. AppError `wrong-parameters`."""
    return None if given is None else SaveOptions(given["weights"], given.get("threshold", THRESHOLD))


def _write(document: Document, target: Path, alone: bool, options: SaveOptions, tell: Progress) -> list[str]:
    """Runs in the child: nobody is given a model without its weights who does not know it."""
    if not alone:
        try:
            require_data(weightless(document), "the model cannot be had with its weights")
        except AppError as error:
            structure = {"label": "Without the weights", "alone": True}
            raise AppError(error.code, error.message, hint=error.hint, choices=[structure], status=409) from error
    return [str(path) for path in write_model(document, target, alone=alone, options=options, tell=tell)]


def _write_held(work: _Work, tell: Progress) -> dict[str, Any]:
    """Runs in the child: everything but the .onnx file's last step, which is the session's."""
    document, file = work.document, work.document.file
    writer = Writer(
        document, work.target, None, work.options, tell, work.earlier, work.writing, text_form(work.target.name)
    )
    try:
        written = writer.run(hold=True)
    except AppError as error:
        if error.code == "data-missing":  # it stopped at the first file
            require_data(weightless(document), "the weights cannot be put elsewhere")
        raise
    found = {
        "part": str(written.onnx),
        "data": [str(path) for path in written.data],
        "new": [str(path) for path in written.new],
        "digests": [[*named, digest] for named, digest in written.digests.items()],
        "copies": [[str(there), *facts] for there, facts in written.copies.items()],
        "moved": [],
        "resting": None,
    }
    if work.keeps_in is None:
        return found
    try:
        tell(None, "keeping what undo may need")
        keep_structure(file, work.keeps_in)
        file.rest_on(file.data, file.inode, moved_by_save(file, written.moved))
        return found | {"moved": rows_of(file.moved), "resting": resting_on(document, written.onnx)}
    except BaseException as error:
        for path in (written.onnx, *written.new):
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise cannot_write(work.target, error) from error
        raise


def _digests_of(rows: Iterable[Sequence[Any]]) -> dict[Reference, str]:
    return {Reference(*named): digest for *named, digest in rows}


def _copies_of(rows: Iterable[Sequence[Any]]) -> dict[Path, tuple[Facts, Facts]]:
    return {Path(there): (tuple(one), tuple(other)) for there, one, other in rows}
