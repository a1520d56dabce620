"""Edits worked out in jobs: those that take long, and previews of any; the session goes on meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from onnx_scalpel.document.delta import decode_delta, encode_delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.edits.base import Edit, apply_edit, edit_types, parse_edit
from onnx_scalpel.edits.value_types import has_to_infer
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.files import SCRATCH_FOLDER, mapped_bytes
from onnx_scalpel.session.job_list import Asked, JobList, state_of
from onnx_scalpel.session.previews import (
    COMPARE_LIMITS,
    Previewed,
    allowing_difference,
    compare,
    preview,
    uncompared,
)
from onnx_scalpel.session.session import Author, Session, WorkedOut, creates_of

EDIT_LIMITS = Limits(cpu_seconds=900, wall_seconds=1800, memory_bytes=6 << 30, file_bytes=16 << 30)
PREVIEWS_KEPT = 8
Answer = Callable[[Any], None]  # hears the result or the AppError
Hold = Callable[[str, Callable[[], dict[str, Any]], Answer], None]
"""Makes a revision in the session, durable, tells everyone and answers."""


def takes_long(data: Any, document: Document) -> bool:
    """Whether this edit's JSON names an edit that is applied in a job, or holds one: because it says so, or because it asks
    for a type that has to be inferred first."""
    if not isinstance(data, Mapping):
        return False
    found = edit_types().get(str(data.get("kind")))
    asks = found is not None and found.asks_types and has_to_infer(document, str(data.get("value")))
    if asks or (found is not None and found.takes_long(data, document)):
        return True
    inside = data.get("edits")
    return isinstance(inside, list) and any(_takes_long_inside(one, document) for one in inside)


def _takes_long_inside(data: Any, document: Document) -> bool:
    """The same for an edit in a batch: those before it may change types."""
    if not isinstance(data, Mapping):
        return False
    found = edit_types().get(str(data.get("kind")))
    return found is not None and (found.asks_types or found.takes_long(data, document))


def limits_for(document: Document) -> Limits:
    """What a job that works an edit of this model out may use."""
    return replace(EDIT_LIMITS, mapped_bytes=2 * mapped_bytes(document))


class EditJobs:
    """Works edits out in forked children and lets the session adopt what they found."""

    def __init__(self, session: Session, children: Children, jobs: JobList, hold: Hold) -> None:
        self._session = session
        self._children = children
        self._jobs = jobs
        self._hold = hold
        self._limits = limits_for(session.document)
        self._compare_limits = replace(COMPARE_LIMITS, mapped_bytes=self._limits.mapped_bytes)
        self._waiting: dict[tuple[str, str], list[Answer]] = {}  # by author and client: who waits for an edit
        self._previews: dict[str, Previewed] = {}
        self._scratch = session.folder / SCRATCH_FOLDER
        shutil.rmtree(self._scratch, ignore_errors=True)

    def defers(self, who: Author, data: Any) -> bool:
        """Whether this edit is to be worked out in a job; others are done at once."""
        if (
            not takes_long(data, self._session.document)
            or self._session.history.known(who.author, who.client) is not None
        ):
            return False
        return self._kept(data) is None

    def submit_now(self, who: Author, data: dict[str, Any]) -> dict[str, Any]:
        """Apply an edit that needs no job, or what its preview worked out; the message of its revision."""
        kept = self._kept(data)
        return self._session.submit(who, data) if kept is None else self._session.adopt(who, kept)

    def submit(self, who: Author, data: dict[str, Any], answer: Answer) -> None:
        """Work an edit out and apply it; asked again with the same client id, the same work answers both."""
        key = (who.author, who.client)
        if key in self._waiting:
            self._waiting[key].append(answer)
            return
        self._session.require_writable()
        edit, creates = parse_edit(data), creates_of(data)
        job = self._jobs.new("edit", who.author)
        self._waiting[key] = [answer]

        def finish(result: Any) -> None:
            failed = result if isinstance(result, AppError) else None
            told = None if failed else {"revision": result["revision"], "report": result.get("report", {})}
            self._jobs.end(job, "failed" if failed else "done", told, failed)
            for one in self._waiting.pop(key):
                one(result)

        def on_end(outcome: JobOutcome) -> None:
            if outcome.error is not None:
                self._jobs.end(job, state_of(outcome), None, None if outcome.status == "cancelled" else outcome.error)
                finish(outcome.error)
            else:
                work = _worked_out(job.revision, edit, outcome.result)
                self._hold("edit", lambda: self._session.adopt(who, work), finish)

        document = self._session.document
        self._start(job, lambda progress: work_out(document, edit, creates, progress), self._limits, on_end)

    def preview(self, data: dict[str, Any]) -> str:
        """Work an edit out without applying it; the job's id. Its result is a PreviewResult."""
        edit, creates = parse_edit(data), creates_of(data)
        session, document, inferred = self._session, self._session.document, self._session.inferred
        job = self._jobs.new("preview")

        def on_worked_out(outcome: JobOutcome) -> None:
            if outcome.error is not None:
                self._jobs.end(job, state_of(outcome), None, None if outcome.status == "cancelled" else outcome.error)
                return
            found = outcome.result
            if session.revision != job.revision:
                return self._previewed(job, edit, found, uncompared("the model was changed meanwhile"))
            delta = decode_delta(found["delta"])
            on_compared = partial(self._compared, job, edit, found)
            self._start(job, lambda progress: compare(document, delta, progress), self._compare_limits, on_compared)

        self._start(
            job, lambda progress: preview(document, edit, creates, inferred, progress), self._limits, on_worked_out
        )
        return job.id

    def _compared(self, job: Asked, edit: Edit, found: dict[str, Any], outcome: JobOutcome) -> None:
        if outcome.status == "cancelled":
            self._jobs.end(job, "cancelled", None, None)
        elif outcome.error is not None:
            self._previewed(job, edit, found, uncompared(outcome.error.message))
        else:
            self._previewed(job, edit, found, outcome.result)

    def _previewed(self, job: Asked, edit: Edit, found: dict[str, Any], compared: dict[str, Any]) -> None:
        """Keep what accepting needs, the newest few only, and tell the rest."""
        allowed = allowing_difference(edit, compared)
        self._previews[job.id] = Previewed(edit, _worked_out(job.revision, allowed, found))
        for old in list(self._previews)[:-PREVIEWS_KEPT]:
            del self._previews[old]
        told = {key: value for key, value in found.items() if key not in ("delta", "created")}
        told["delta"] = told.pop("delta_view")
        self._jobs.end(job, "done", {"edit": edit.to_json(), **told, **compared}, None)

    def _kept(self, data: Mapping[str, Any]) -> WorkedOut | None:
        """What the preview worked out that this edit accepts; None when it is gone, or was of another edit."""
        kept = self._previews.get(str(data.get("preview", "")))
        if kept is None or parse_edit(data) not in (kept.edit, parse_edit(kept.work.edit)):
            return None
        return kept.work

    def _start(
        self,
        job: Asked,
        work: Callable[[Progress], Any],
        limits: Limits,
        on_end: Callable[[JobOutcome], None],
    ) -> None:
        """Fork a child for a job, with a folder for its temporary files that goes when it ends."""
        document, folder = self._session.document, self._scratch / job.id
        folder.mkdir(parents=True, exist_ok=True)

        def ended(outcome: JobOutcome) -> None:
            shutil.rmtree(folder, ignore_errors=True)
            on_end(outcome)

        job.running = self._children.start(
            work,
            limits,
            folder=document.folder,
            readable=tuple({document.path.parent, document.folder}),
            on_end=ended,
            on_progress=lambda: self._jobs.heard(job),
            scratch=folder,
            writable=(document.file.store.folder,),
        )
        self._jobs.tell(job)


def work_out(document: Document, edit: Edit, creates: Sequence[str], progress: Progress) -> dict[str, Any]:
    """Runs in the child."""
    applied = apply_edit(document, edit, creates, progress)
    return {
        "delta": encode_delta(applied.delta),
        "created": applied.created,
        "title": applied.title,
        "report": applied.report,
    }


def _worked_out(revision: int, edit: Edit, found: dict[str, Any]) -> WorkedOut:
    return WorkedOut(
        revision, edit.to_json(), decode_delta(found["delta"]), tuple(found["created"]), found["title"], found["report"]
    )
