"""Jobs that look at the model because somebody asked: running it, and checking it on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from onnx_scalpel.document import save
from onnx_scalpel.document.data_files import require_data
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import as_opened
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.checks import Checks
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.job_list import JobList, state_of
from onnx_scalpel.session.session import Session
from onnx_scalpel.validators import runtime

RUN_LIMITS = Limits(cpu_seconds=60, memory_bytes=4 << 30, file_bytes=1 << 30)
LONGEST_RUN = 3600  # seconds of processor time that may be asked for
WAITING = 3  # a run may take so many times its processor time: other jobs want the processors too
READY = "running the model"  # the first progress of a run: nothing is missing in what was asked


class Runs:
    """Starts checks and runs of one session as jobs of its list."""

    def __init__(self, session: Session, children: Children, checks: Checks, jobs: JobList, mapped_bytes: int) -> None:
        self._session = session
        self._children = children
        self._checks = checks
        self._jobs = jobs
        self._limits = replace(RUN_LIMITS, mapped_bytes=2 * mapped_bytes)  # the model and the one it is compared with

    def check(self) -> str:
        """Check the model now; the job's id."""
        job = self._jobs.new("check")
        self._checks.check_now(lambda error: self._jobs.end(job, "failed" if error else "done", None, error))
        self._jobs.tell(job)
        return job.id

    def run(self, request: dict[str, Any], answer: Callable[[str | AppError], None]) -> None:
        """Run the model and the one that was opened on the same inputs.

        `answer` hears the job's id once the request is known to be complete, or else what is wrong with it:
        `choice-needed` when sizes of symbolic dims are missing.
        """
        asked, seconds = _parse(request)
        limits = replace(self._limits, cpu_seconds=seconds, wall_seconds=WAITING * seconds)
        job = self._jobs.new("run")
        answered = False

        def on_progress() -> None:
            nonlocal answered
            self._jobs.heard(job)  # first: whoever has its id must hear of its end, even if this process is killed now
            if not answered:
                answered = True
                answer(job.id)

        def on_end(outcome: JobOutcome) -> None:
            if not answered and outcome.error is not None and outcome.status == "failed":
                self._jobs.forget(job)
                answer(outcome.error)
                return
            state = state_of(outcome)
            self._jobs.end(job, state, outcome.result, None if state == "cancelled" else outcome.error)
            if not answered:
                answer(job.id)

        document = self._session.document
        job.running = self._children.start(
            lambda progress: _run(document, asked, progress),
            limits,
            folder=document.folder,
            readable=(document.path.parent,),
            on_end=on_end,
            on_progress=on_progress,
        )


def _parse(request: dict[str, Any]) -> tuple[runtime.RunRequest, int]:
    """What to run, and how many seconds of processor time it may take. AppError `wrong-parameters` with all fields at once."""
    seed, dims = request.get("seed", 0), request.get("dims") or {}
    seconds = request.get("seconds", int(RUN_LIMITS.cpu_seconds))
    fields: dict[str, str] = {}
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= LONGEST_RUN:
        fields["seconds"] = f"a whole number from 1 to {LONGEST_RUN}"
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        fields["seed"] = "a whole number from 0 to 4294967295"
    if not isinstance(dims, dict):
        fields["dims"] = "sizes by the names of dims"
    else:
        for name, size in dims.items():
            if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= 2**31:
                fields[f"dims.{name}"] = "a whole number, 1 or more"
    if fields:
        raise AppError("wrong-parameters", "the run cannot start like this", fields=fields, status=422)
    return runtime.RunRequest(seed=seed, dims=dims), seconds


def _run(document: Document, request: runtime.RunRequest, progress: Progress) -> dict[str, Any]:
    """Runs in the child: the model as it is, and as it was opened."""
    model = save.weightless(document)
    require_data(model)
    if not runtime.open_dims(model).keys() <= request.dims.keys():
        return runtime.run(model, None, request)  # it asks for the sizes that are missing
    progress(None, READY)
    return runtime.run(model, save.weightless(as_opened(document)), request)
