"""The jobs that a session has running, tied to its loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from onnx_scalpel.jobs.child import Job, fork_job
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.loop import Loop, Timer

_TICK = 0.1  # seconds between two looks at a job's time and memory


class Running:
    """One job of a session: calls `on_progress` when it says something new and `on_end` once."""

    def __init__(
        self, loop: Loop, job: Job, on_end: Callable[[JobOutcome], None], on_progress: Callable[[], None] | None
    ) -> None:
        self._loop = loop
        self._job = job
        self._on_end = on_end
        self._on_progress = on_progress
        self._told = job.progress
        self._over = False
        self._descriptor = loop.watch(job, self._look)
        self._timer: Timer = loop.call_later(_TICK, self._tick)

    @property
    def progress(self) -> tuple[float | None, str]:
        return self._job.progress

    def cancel(self) -> None:
        """Kill it; `on_end` hears of it now."""
        self._job.cancel()
        self._look()

    def _tick(self) -> None:
        self._timer = self._loop.call_later(_TICK, self._tick)
        self._look()

    def _look(self) -> None:
        if self._over:
            return
        outcome = self._job.poll()
        if self._job.progress != self._told:
            self._told = self._job.progress
            if self._on_progress is not None:
                self._on_progress()
        if outcome is not None:
            self._over = True
            self._timer.cancel()
            self._loop.unwatch(self._descriptor)
            self._on_end(outcome)


class Children:
    """Starts jobs on the document as it is at that moment: a fork sees it unchanged whatever is edited meanwhile."""

    def __init__(self, loop: Loop, readable: Sequence[Path] = ()) -> None:
        self._loop = loop
        self._readable = list(readable)  # what every job may read

    def allow(self, folder: Path) -> None:
        """Let every job from now on read this folder, too."""
        if folder not in self._readable:
            self._readable.append(folder)

    def start(
        self,
        work: Callable[[Progress], Any],
        limits: Limits,
        *,
        folder: Path,
        on_end: Callable[[JobOutcome], None],
        on_progress: Callable[[], None] | None = None,
        readable: Sequence[Path] = (),
        scratch: Path | None = None,
        writable: Sequence[Path] = (),
    ) -> Running:
        """Fork a job that works in `folder`; it may write below `scratch` and `writable` only."""
        allowed = (*self._readable, *readable)
        job = fork_job(work, limits, cwd=folder, readable=allowed, scratch=scratch, writable=writable)
        return Running(self._loop, job, on_end, on_progress)
