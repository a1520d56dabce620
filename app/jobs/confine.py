"""What a freshly forked child does to itself before it touches a model: no ties, no signals, no privileges."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from onnx_scalpel.jobs import landlock

_PR_SET_PDEATHSIG = 1
NO_NEW_PRIVILEGES = 38


def die_with_parent(parent: int) -> None:
    """Ask the kernel for SIGKILL when the parent's thread that started us ends; exit at once if it is gone already."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def prctl(option: int, argument: int) -> None:
    """Call prctl where it exists (Linux); elsewhere a channel's end of file ends the child instead."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)
    if call is None:
        return
    if call(option, ctypes.c_ulong(argument), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) failed")


def cut_ties(parent: int, keep: Iterable[int], *, stdout: int, stderr: int) -> None:
    """Right after a fork: own process group, dies with its parent, default signals, only the descriptors in `keep`.

    Standard input becomes /dev/null; `stdout` and `stderr` name descriptors that take their places.
    """
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) not in (signal.SIG_DFL, signal.SIG_IGN, None):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # Python raises BrokenPipeError instead
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # … and OSError for a file beyond its limit
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.setpgid(0, 0)
    die_with_parent(parent)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(stdout if stdout >= 0 else null, 1)
    os.dup2(stderr if stderr >= 0 else null, 2)
    sys.stdout = open(1, "w", closefd=False, errors="replace")  # noqa: SIM115 - whatever they were before
    sys.stderr = open(2, "w", closefd=False, errors="replace", buffering=1)  # noqa: SIM115
    close_others({0, 1, 2, *keep})
    gc.freeze()  # what was inherited stays shared: no collection touches its pages


def close_others(keep: set[int]) -> None:
    """Close every descriptor that is not in `keep`."""
    start = 0
    for descriptor in sorted(keep):
        if start < descriptor:  # an empty range would mean every descriptor
            os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, max(start + 1, os.sysconf("SC_OPEN_MAX")))


def drop_privileges(readable: Sequence[Path], writable: Sequence[Path]) -> bool:
    """No new privileges; and, where the kernel has Landlock, no files but these and no network. True when it has."""
    prctl(NO_NEW_PRIVILEGES, 1)
    return landlock.restrict(readable, writable)
