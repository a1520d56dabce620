"""The check after each edit: one job at a time on the newest revision; what it finds about an older one is dropped."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import msgspec

from onnx_scalpel.document import save
from onnx_scalpel.document.data_files import DataFile, data_files_of, missing_files
from onnx_scalpel.document.diagnostic import Diagnostic
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.records import Shape
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.children import Children, Running
from onnx_scalpel.session.loop import Loop, Timer
from onnx_scalpel.session.session import Session
from onnx_scalpel.validators.base import LIMIT as FINDINGS_KEPT
from onnx_scalpel.validators.base import check_all, validators
from onnx_scalpel.validators.checker import CheckerValidator

DEBOUNCE_SECONDS = 0.15
LATEST_SECONDS = 1.0  # edits that follow one another delay a check for no longer than this
MISSING_SHOWN = 200  # data files that are named; all are counted
TYPES_SENT = 2_000  # changed types that travel in one event; more are fetched
CHECK_LIMITS = Limits(cpu_seconds=20, memory_bytes=3 << 30, file_bytes=1 << 30)
NODES_PER_SECOND = 5_000  # how much longer a check may take where there is more to look at: a third of its usual pace
WAITING = 3  # a check may take so many times its processor time: other jobs want the processors too
CHECK_NICENESS = 10  # edits and pages come first where processors are few
FIRST_SECONDS = 0.3  # after opening, and for each node: the page draws its first picture meanwhile
FIRST_SECONDS_PER_NODE = 2e-5
Publish = Callable[[str, dict[str, Any]], None]
Inferred = Mapping[str, tuple[str, Shape]]


class Checks:
    """Keeps the findings and the inferred types of the newest checked revision, and tells everyone when they change."""

    def __init__(self, session: Session, loop: Loop, children: Children, publish: Publish, mapped_bytes: int) -> None:
        self._session = session
        self._loop = loop
        self._children = children
        self._publish = publish
        self._limits = replace(CHECK_LIMITS, mapped_bytes=mapped_bytes)
        self._timer: Timer | None = None
        self._asked_at: float | None = None  # when the first edit asked that no check has started for
        self._running: Running | None = None
        self._started_at = 0.0
        self._listeners: list[Callable[[AppError | None], None]] = []
        self.about_session: tuple[Diagnostic, ...] = ()  # findings that no check makes and none removes
        self._found: list[dict[str, Any]] = []
        self.checked_revision = -1
        self._model_since = session.revision  # the revisions since then are all of the same model
        self.types_serial = 0  # grows whenever the inferred types change, or data that was missing is there
        file = session.document.file
        self.missing = tuple(f for f in data_files_of(file.outside, file.find) if f.is_short)

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """The findings of the last check that ended, and those about the session."""
        return [msgspec.to_builtins(d) for d in self.about_session] + self._found

    def data_changed(self, missing: tuple[DataFile, ...]) -> None:
        """Data files came: tell which are still missing, and look at the model again."""
        self.missing = missing
        self.checked_revision = -1  # what was found was found without them
        self.types_serial += 1
        self.check_now()

    def schedule_first(self) -> None:
        """Check a model that was just opened; an edit meanwhile takes this check's place."""
        seconds = FIRST_SECONDS + FIRST_SECONDS_PER_NODE * _node_count(self._session.document)
        self._timer = self._loop.call_later(seconds, self.check_now)

    def arranged(self) -> None:
        """A revision came that changes nothing of the model: what was found is true of it, too."""
        if self.checked_revision >= self._model_since:
            self.checked_revision = self._session.revision
            self._tell("done", self.checked_revision, 0.0)
        elif self._running is None and self._timer is None:
            self.schedule()

    def schedule(self) -> None:
        """Check soon; edits that follow at once share one check."""
        self._model_since = self._session.revision
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
        if self._timer is not None:
            self._timer.cancel()
        delay = min(DEBOUNCE_SECONDS, max(0.0, self._asked_at + LATEST_SECONDS - now))
        self._timer = self._loop.call_later(delay, self.check_now)

    def check_now(self, listener: Callable[[AppError | None], None] | None = None) -> None:
        """Check the newest revision; `listener` hears when a check has ended, with its error if it could not be done."""
        if listener is not None:
            self._listeners.append(listener)
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._asked_at = None, None
        if self._running is not None:
            running, self._running = self._running, None
            running.cancel()
        revision, document, inferred = self._session.revision, self._session.document, self._session.inferred
        self._started_at = time.monotonic()
        self._tell("checking", revision, 0.0)
        self._start(revision, lambda progress: _check(document, inferred, progress), ())

    def _start(self, revision: int, work: Callable[[Progress], Any], trouble: tuple[Diagnostic, ...]) -> None:
        document = self._session.document
        seconds = self._limits.cpu_seconds + _node_count(document) / NODES_PER_SECOND
        self._running = self._children.start(
            work,
            replace(self._limits, cpu_seconds=seconds, wall_seconds=WAITING * seconds),
            folder=document.folder,
            on_end=lambda outcome: self._ended(revision, outcome, trouble),
        )

    def _ended(self, revision: int, outcome: JobOutcome, trouble: tuple[Diagnostic, ...]) -> None:
        if outcome.status == "cancelled":
            return  # a newer one has taken its place
        self._running = None
        if revision < self._model_since:
            return  # a newer one is due
        if outcome.error is not None and not trouble:
            document = self._session.document
            self._start(revision, lambda _: _check_without_libraries(document), (_unchecked(outcome.error),))
            return
        self.checked_revision = revision = self._session.revision  # of the same model
        found = outcome.result or {"diagnostics": [], "types": {}, "missing": []}
        self._found = [msgspec.to_builtins(d) for d in trouble] + found["diagnostics"]
        self.missing = tuple(DataFile(**file) for file in found["missing"])
        self._take_types(revision, found["types"])
        self._session.document.types_current = True
        self._tell("done", revision, time.monotonic() - self._started_at)
        listeners, self._listeners = self._listeners, []
        error = AppError(trouble[0].code, trouble[0].message, hint=trouble[0].hint) if trouble else None
        for listener in listeners:
            listener(error)

    def _take_types(self, revision: int, changed: dict[str, Any]) -> None:
        if not changed:
            return
        self.types_serial += 1
        inferred = self._session.inferred
        told: dict[str, Any] = {}
        for value, found in changed.items():
            if found is None:
                inferred.pop(value, None)
            else:
                dtype, shape = found
                inferred[value] = (dtype, None if shape is None else tuple(shape))
            told[value] = None if found is None else {"dtype": found[0], "shape": found[1]}
        types = told if len(told) <= TYPES_SENT else None
        self._publish("types", {"session": self._session.id, "revision": revision, "types": types})

    def _tell(self, state: str, revision: int, seconds: float) -> None:
        payload = {"session": self._session.id, "revision": revision, "state": state, "seconds": round(seconds, 4)}
        found = {"diagnostics": self.diagnostics, "missing": missing_view(self.missing)}
        self._publish("diagnostics", payload | found)


def missing_view(files: Sequence[DataFile]) -> dict[str, Any]:
    """The data files that are missing as a page is told of them: all are counted, the first ones named."""
    return {
        "count": len(files),
        "tensors": sum(file.tensors for file in files),
        "bytes": sum(file.bytes for file in files),
        "files": [asdict(file) | {"location": printable(file.location)} for file in files[:MISSING_SHOWN]],
    }


def _node_count(document: Document) -> int:
    return sum(len(document.node_ids(graph)) for graph in document.graph_ids())


def _check(document: Document, known: Inferred, progress: Progress) -> dict[str, Any]:
    """Runs in the child: the findings, and the types that differ from those already known (None: not inferred any more)."""
    os.nice(CHECK_NICENESS)
    progress(None, "checking the model")
    model = save.weightless(document)
    report = check_all(model)
    changed: dict[str, Any] = {value: None for value in known if value not in report.types}
    for value, (dtype, shape) in report.types.items():
        if known.get(value) != (dtype, shape):
            changed[value] = (dtype, shape)
    diagnostics = [msgspec.to_builtins(d) for d in report.diagnostics]
    return {"diagnostics": diagnostics, "types": changed, "missing": [asdict(f) for f in missing_files(model)]}


def _check_without_libraries(document: Document) -> dict[str, Any]:
    """Runs in the child: what our own validators find about a model that a library cannot bear; no types."""
    model = save.weightless(document)
    found = [
        d for validator in validators() if validator.name != CheckerValidator.name for d in validator.validate(model)
    ]
    diagnostics = [msgspec.to_builtins(d) for d in found[:FINDINGS_KEPT]]
    return {"diagnostics": diagnostics, "types": {}, "missing": [asdict(f) for f in missing_files(model)]}


def _unchecked(error: AppError) -> Diagnostic:
    return Diagnostic(
        severity="error",
        code={"job-timed-out": "check-timed-out", "job-out-of-memory": "check-out-of-memory"}.get(
            error.code, "check-crashed"
        ),
        message=f"The model could not be checked: {error.message}"[:200],
        hint=error.hint,
        validator="session",
    )
