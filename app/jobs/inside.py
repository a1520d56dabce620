"""What runs on the child's side of a job: the work, its progress, and the one answer it sends."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from onnx_scalpel.errors import AppError, one_line
from onnx_scalpel.jobs.frames import write_frame
from onnx_scalpel.jobs.outcome import speaks_of_memory

_REPORT_EVERY = 0.05  # seconds between two reports of progress in the same phase


class Progress:
    """Tells the waiting side how far the work is: `progress(0.5, "running the model")`; None means unknown."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._last_text = ""
        self._last_time = 0.0

    def __call__(self, fraction: float | None, text: str = "") -> None:
        now = time.monotonic()
        if text == self._last_text and now - self._last_time < _REPORT_EVERY:
            return
        self._last_text, self._last_time = text, now
        write_frame(self._descriptor, msgspec.msgpack.encode(("progress", fraction, one_line(text))))


def run_inside(work: Callable[[Progress], Any], descriptor: int) -> NoReturn:
    """Do the work, send its result or what went wrong, and exit without any clean-up that belongs to the parent."""
    try:
        answer = msgspec.msgpack.encode(("done", work(Progress(descriptor))))
    except AppError as error:
        answer = msgspec.msgpack.encode(("refused", error.to_json(), error.status))
    except BaseException as error:  # noqa: BLE001 - the process boundary: everything is reported, nothing is dropped
        text = traceback.format_exc()[-8000:]
        kind = "memory" if isinstance(error, MemoryError) or speaks_of_memory(str(error)) else "broken"
        answer = msgspec.msgpack.encode((kind, text))
    write_frame(descriptor, answer)
    os._exit(0)
