"""A job on a model outside of any session: what the commands use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from onnx_scalpel.document.document import Document
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.child import fork_job
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.session.files import mapped_bytes
from onnx_scalpel.session.texts import open_any


def open_named(path: Path) -> Document:
    """The model in the file that somebody named. AppError: it is not there, or no model."""
    if not path.is_file():
        raise AppError("no-such-file", f"there is no file {path}", hint="give the path of an .onnx file")
    return open_any(path)


def in_child(work: Callable[[Progress], Any], document: Document, limits: Limits, other: Document | None = None) -> Any:
    """The result of work in a limited child in the model's folder; AppError says how it failed."""
    mapped = mapped_bytes(document) + (0 if other is None else mapped_bytes(other))
    readable = () if other is None else (other.folder.resolve(),)
    job = fork_job(work, replace(limits, mapped_bytes=2 * mapped), cwd=document.folder.resolve(), readable=readable)
    outcome = job.wait()
    if outcome.error is not None:
        raise outcome.error
    return outcome.result
