"""Work on many models in child processes: one that crashes or hangs is one line of the result, and the rest goes on."""

from __future__ import annotations

import faulthandler
import gc
import multiprocessing
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import IO, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
TURN = 40  # items until the child is replaced, with all the memory that it holds


@dataclass(frozen=True)
class Ended:
    """What came instead of a result."""

    how: str


@dataclass(frozen=True)
class Told(Generic[Result]):
    """An item's result."""

    result: Result


def each_apart(
    work: Callable[[Item], Result], items: Sequence[Item], seconds: float = 300
) -> Iterator[tuple[Item, Told[Result] | Ended]]:
    """Each item with what `work` makes of it, in order; an item gets `seconds` of wall time, generously: machines are shared."""
    forking = multiprocessing.get_context("fork")
    place = 0
    while place < len(items):
        ours, theirs = forking.Pipe(duplex=False)
        with tempfile.TemporaryFile() as where:
            child = forking.Process(
                target=_work, args=(work, items[place : place + TURN], theirs, seconds * 0.95, where), daemon=True
            )
            child.start()
            theirs.close()
            for item in items[place : place + TURN]:
                place += 1
                told = _told(ours, child, seconds, where)
                yield item, told
                if isinstance(told, Ended) and not child.is_alive():
                    break
            child.join()
        ours.close()


def _told(
    ours: Connection, child: multiprocessing.process.BaseProcess, seconds: float, where: IO[bytes]
) -> Told[Result] | Ended:
    if not ours.poll(seconds):
        child.kill()
        child.join()
        where.seek(0)
        return Ended(f"no answer in {seconds:.0f} s; it was in {where.read().decode()}")
    try:
        told: Told[Result] | Ended = ours.recv()
    except EOFError:
        child.join()
        return Ended(f"the process ended with {child.exitcode}")
    return told


def _work(
    work: Callable[[Item], Result], items: Sequence[Item], theirs: Connection, patience: float, where: IO[bytes]
) -> None:
    gc.freeze()
    for item in items:
        faulthandler.dump_traceback_later(patience, file=where)
        try:
            told: Told[Result] | Ended = Told(work(item))
        except Exception:  # noqa: BLE001 - whatever it is, it is told
            told = Ended(traceback.format_exc(limit=-6))
        theirs.send(told)
