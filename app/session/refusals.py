"""Why a session cannot do what it is asked, whatever the model: its process, its disk, its memory, a bug of ours."""

from __future__ import annotations

from onnx_scalpel.errors import AppError


def open_failed(late: bool, status: str) -> AppError:
    """The process ended (`status`: how) before the model was open; `late`: because it took too long."""
    hint = "the file makes a library fail; nothing else is affected"
    if late:
        return AppError("open-timed-out", "the model took too long to open and was given up", hint=hint)
    return AppError("open-crashed", f"the process that opened the model ended ({status})", hint=hint)


def cancelled() -> AppError:
    """Whoever asked for the model wants it no more."""
    return AppError("cancelled", "opening the model was cancelled", status=409)


def interrupted(op: str) -> AppError:
    """The process ended under a request that is not repeated."""
    return AppError(
        "interrupted",
        f"the session's process ended during {op.replace('_', ' ')}, which was not finished",
        hint="every acknowledged edit is safe; try again, or something else",
        status=409,
    )


def timed_out(op: str, seconds: float) -> AppError:
    """No answer came in time."""
    return AppError(
        "session-timed-out",
        f"no answer to {op.replace('_', ' ')} within {seconds:.0f} seconds; it was given up",
        hint="what was acknowledged is safe; try again",
        status=409,
    )


def lost() -> AppError:
    """The process ended too often to be started again."""
    return AppError(
        "session-lost",
        "the session's process ended again and again and is not started any more; every acknowledged edit is kept",
        hint="open the session again later, or undo the last edit then",
        status=409,
    )


def closed() -> AppError:
    """Nothing is taken any more."""
    return AppError("session-closed", "the session is closed", hint="open the model again", status=404)


def disk_full() -> AppError:
    """Edits are refused: nothing is lost, and freeing room is all it takes."""
    return AppError(
        "read-only",
        "the disk is full: the model can be looked at but not edited; every acknowledged edit is safe",
        hint="free some room where session data is kept, then try again",
        status=423,
    )


def too_large(op: str) -> AppError:
    """The session's memory is bounded, and this went beyond it."""
    code = "open-out-of-memory" if op == "open" else "out-of-memory"
    message = f"{op.replace('_', ' ')} needs more memory than a session may have; nothing was changed"
    return AppError(code, message, hint="make the model smaller, or give the server more memory")


def unsendable() -> AppError:
    """A request holds what no other process could read either."""
    return AppError(
        "wrong-parameters",
        "a text, a number or a list in this request cannot be sent on",
        hint="look for half a character, a number beyond 64 bits, or very deep nesting",
        status=422,
    )


def bug(op: str) -> AppError:
    """A programming error of ours; the log has all of it."""
    message = f"{op.replace('_', ' ')} failed unexpectedly; nothing was changed"
    return AppError("internal-error", message, hint="the server's log says more", status=500)
