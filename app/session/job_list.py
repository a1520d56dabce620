"""The jobs that somebody asked for, by id: their states, progress and results, told to everyone as they change."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.checks import Publish
from onnx_scalpel.session.children import Running
from onnx_scalpel.session.session import Session

JOBS_KEPT = 50  # ended jobs whose results can still be asked for
AT_ONCE = 6  # jobs with a process of their own
QUIET = frozenset({"preview", "tensor"})  # kinds whose results may be large: they are asked for, not told to everyone


class Asked(msgspec.Struct):
    """What is told about one job, and the child that does it (None: nobody can be stopped for it, or it is over)."""

    id: str
    kind: str
    revision: int
    state: str = "running"
    progress: float | None = None
    text: str = ""
    result: Any = None
    error: dict[str, Any] | None = None
    running: Any = None  # Running | None
    author: str = ""  # whose edit it works out

    def message(self, session: str) -> dict[str, Any]:
        told = ("kind", "revision", "state", "progress", "text", "result", "error", "author")
        return {"session": session, "job": self.id, **{name: getattr(self, name) for name in told}}


class JobList:
    """The jobs of one session, oldest first."""

    def __init__(self, session: Session, publish: Publish) -> None:
        self._session = session
        self._publish = publish
        self._jobs: dict[str, Asked] = {}

    def new(self, kind: str, author: str = "") -> Asked:
        """A job on the model as it is now; nobody hears of it before `tell`. AppError `too-many-jobs`."""
        working = sum(j.state == "running" and j.kind != "check" for j in self._jobs.values())
        if working >= AT_ONCE and kind != "check":  # one check serves all who ask
            message = f"{working} jobs are running on this model already"
            raise AppError("too-many-jobs", message, hint="wait until one ends, or cancel it", status=429)
        job = Asked(secrets.token_hex(8), kind, self._session.revision, author=author)
        ended = [j.id for j in self._jobs.values() if j.state != "running"]
        for old in ended[: max(0, len(ended) - JOBS_KEPT + 1)]:
            del self._jobs[old]
        self._jobs[job.id] = job
        return job

    def forget(self, job: Asked) -> None:
        """Take away a job that never began."""
        del self._jobs[job.id]

    def heard(self, job: Asked) -> None:
        """Its child said how far it is."""
        if isinstance(job.running, Running):
            job.progress, job.text = job.running.progress
            self.tell(job)

    def end(self, job: Asked, state: str, result: Any, error: AppError | None) -> None:
        """Note how a job ended, once."""
        if job.state != "running":
            return
        job.state, job.result, job.running = state, result, None
        job.progress = 1.0 if state == "done" else job.progress
        job.error = None if error is None else error.to_json()
        self.tell(job)

    def tell(self, job: Asked) -> None:
        """Tell everyone how a job stands."""
        message = job.message(self._session.id)
        self._publish("job", {**message, "result": None} if job.kind in QUIET else message)

    def message(self, job_id: str) -> dict[str, Any]:
        """The state of a job; AppError `no-such-job`."""
        return self._find(job_id).message(self._session.id)

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Stop a job that still runs; its state."""
        job = self._find(job_id)
        if job.state == "running" and isinstance(job.running, Running):
            job.running.cancel()
        elif job.state == "running":
            self.end(job, "cancelled", None, None)  # the check goes on for everyone, nobody waits for it here
        return job.message(self._session.id)

    def _find(self, job_id: str) -> Asked:
        if job_id not in self._jobs:
            raise AppError("no-such-job", "there is no such job", hint="jobs end with their session", status=404)
        return self._jobs[job_id]


def state_of(outcome: JobOutcome) -> str:
    """How a job is said to have ended: done, cancelled or failed."""
    return outcome.status if outcome.status in ("done", "cancelled") else "failed"
