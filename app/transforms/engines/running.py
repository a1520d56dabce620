"""Runs an engine on a file and tells its failures apart: refused, at its limit, or nothing of ours."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from onnx_scalpel.errors import EditRejected
from onnx_scalpel.transforms.engines.by_onnxruntime import simplify_with_onnxruntime
from onnx_scalpel.transforms.engines.by_onnxsim import simplify_with_onnxsim
from onnx_scalpel.transforms.engines.by_onnxslim import simplify_with_onnxslim

Engine = Callable[[Path, Path, bool], None]
"""Reads the model at the first path, with its weights, writes the result to the second; only standard operators when true."""

ENGINES: dict[str, Engine] = {
    "onnxsim": simplify_with_onnxsim,
    "onnxruntime-basic": simplify_with_onnxruntime,
    "onnxslim": simplify_with_onnxslim,
}
_MEMORY = ("bad_alloc", "bad allocation", "failed to allocate memory", "cannot allocate memory", "unable to allocate")


def run_engine(name: str, model: Path, result: Path, standard_only: bool) -> None:
    """Simplify a file. EditRejected `engine-failed`; MemoryError when the engine ran out of memory, or went on without it."""
    words = result.with_suffix(".words")
    try:
        with _said_into(words):
            ENGINES[name](model, result, standard_only)
    except MemoryError:
        raise
    except Exception as error:
        if _speaks_of_memory(str(error)):
            raise MemoryError(str(error)) from error
        raise _failed(name) from error
    if _speaks_of_memory(words.read_text(encoding="utf-8", errors="replace")):
        raise MemoryError(f"{name} skipped what did not fit into memory")  # it would say that nothing can be done
    if not result.is_file():
        raise _failed(name)


def _failed(name: str) -> EditRejected:
    others = " or ".join(other for other in ENGINES if other != name)
    return EditRejected(
        f"{name} could not simplify this model", code="engine-failed", hint=f"check the model first, or choose {others}"
    )


def _speaks_of_memory(text: str) -> bool:
    lowered = text.lower()
    return any(phrase in lowered for phrase in _MEMORY)


@contextlib.contextmanager
def _said_into(path: Path) -> Iterator[None]:
    """What libraries print meanwhile, from C++ too, goes into a file."""
    kept = [(number, os.dup(number)) for number in (1, 2)]
    with path.open("wb") as file:
        try:
            for number, _ in kept:
                os.dup2(file.fileno(), number)
            yield
        finally:
            for number, before in kept:
                os.dup2(before, number)
                os.close(before)
