"""How a job ended, told from its exit status and its last words."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any, Literal

from onnx_scalpel.errors import AppError

Status = Literal["done", "crashed", "timed-out", "out-of-memory", "cancelled", "failed"]

_CRASHES = {
    signal.SIGSEGV: "it touched memory that is not its own",
    signal.SIGFPE: "an impossible division",
    signal.SIGABRT: "it gave up on itself",
    signal.SIGBUS: "a mapped file is shorter than it was",
    signal.SIGILL: "an instruction this processor does not have",
    signal.SIGTRAP: "it gave up on itself",
}
_OUT_OF_MEMORY = (
    "bad_alloc",
    "bad allocation",
    "failed to allocate memory",
    "cannot allocate memory",
    "unable to allocate",
    "out of memory",
)


@dataclass(frozen=True)
class JobOutcome:
    """How a job ended. `result` is there when `status` is done, `error` otherwise; `peak_bytes` is the largest resident size."""

    status: Status
    result: Any = None
    error: AppError | None = None
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_bytes: int = 0


def speaks_of_memory(text: str) -> bool:
    """True when a library's words mean that memory ran out."""
    lowered = text.lower()
    return any(phrase in lowered for phrase in _OUT_OF_MEMORY)


def exit_text(status: int) -> str:
    """A wait status in words: `killed by SIGSEGV`, `exit 1`."""
    if status < 0:
        try:
            return f"killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"killed by signal {-status}"
    return f"exit {status}"


def verdict(status: int, last_words: str, doing: str) -> tuple[Status, AppError]:
    """What the exit of a job means that sent no result; `status` is negative for a signal, `doing` what it was at."""
    while_doing = f" while it was {doing}" if doing else ""
    if status == -signal.SIGXCPU:
        return "timed-out", timed_out("processor time", while_doing)
    if status == -signal.SIGKILL or (status == -signal.SIGABRT and speaks_of_memory(last_words)):
        return "out-of-memory", out_of_memory(while_doing)
    if status < 0:
        cause = _CRASHES.get(signal.Signals(-status), "")
        name = exit_text(status).removeprefix("killed by ")
        message = f"The process that looks at the model crashed ({name}{': ' + cause if cause else ''}){while_doing}"
        hint = "the model makes a library fail; your work is safe: undo the last edit or look at the node it was at"
        return "crashed", AppError("job-crashed", message, hint=hint)
    message = f"The process that looks at the model ended without an answer ({exit_text(status)}){while_doing}"
    return "crashed", AppError("job-crashed", message, hint="try again; your work is safe")


def timed_out(what: str, while_doing: str = "") -> AppError:
    """The error of a job that used up its time."""
    hint = "the model may loop for very long or be very large; your work is safe"
    return AppError("job-timed-out", f"Stopped: the {what} allowed was used up{while_doing}", hint=hint)


def out_of_memory(while_doing: str = "") -> AppError:
    """The error of a job that used up its memory."""
    hint = "the model needs more memory than a job may have: make its inputs smaller, or look for a tensor that grows"
    return AppError("job-out-of-memory", f"Stopped: the memory allowed was used up{while_doing}", hint=hint)
