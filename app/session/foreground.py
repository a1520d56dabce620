"""Edits that take long, for a command that waits: in a limited child all the same, so that a crash or hang is one line."""

from __future__ import annotations

import select
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from onnx_scalpel.document.delta import decode_delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.edits.base import AppliedEdit, Edit, apply_edit
from onnx_scalpel.jobs.child import Job, fork_job
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.edit_jobs import limits_for, takes_long, work_out

QUIET_SECONDS = 1.0  # what is done by then need not be told
_TICK = 0.1
Told = Callable[[str], None]


def apply_patiently(document: Document, edit: Edit, creates: Sequence[str], told: Told) -> AppliedEdit:
    """Apply an edit to the document; `told` hears what is going on when it takes more than a second. AppError as `apply_edit`."""
    if not takes_long(edit.to_json(), document):
        return apply_edit(document, edit, creates)
    folder = document.folder
    with tempfile.TemporaryDirectory() as scratch:
        job = fork_job(
            lambda progress: work_out(document, edit, creates, progress),
            limits_for(document),
            cwd=folder,
            readable=(document.path.parent,),
            scratch=Path(scratch),
            writable=(document.file.store.folder,),
        )
        try:
            outcome = _wait(job, told)
        except BaseException:
            job.cancel()
            raise
    if outcome.error is not None:
        raise outcome.error
    found = outcome.result
    delta = decode_delta(found["delta"])
    document.apply(delta)
    return AppliedEdit(delta, found["created"], found["title"], found["report"])


def _wait(job: Job, told: Told) -> JobOutcome:
    started, said = time.monotonic(), ""
    while (outcome := job.poll()) is None:
        _, text = job.progress
        if text and text != said and time.monotonic() - started > QUIET_SECONDS:
            said = text
            told(text)
        select.select([job], [], [], _TICK)
    return outcome
