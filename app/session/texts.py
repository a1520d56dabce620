"""Opening a model that is text: it is read in a limited child, because parsers crash, and becomes a binary file in a folder of ours."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from dataclasses import replace
from pathlib import Path

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.endings import WORDS, binary_name, text_form
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.placement import AS_OPENED, SaveOptions
from onnx_scalpel.document.store import TensorStore
from onnx_scalpel.document.text_forms import TEXT_LIMIT, read_text, text_form_of
from onnx_scalpel.document.write_model import write_model
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.child import fork_job
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.session.files import mapped_bytes

TEXT_LIMITS = Limits(cpu_seconds=45, wall_seconds=55, memory_bytes=4 << 30, file_bytes=1 << 30)

SAVE_TEXT_LIMITS = Limits(cpu_seconds=120, wall_seconds=300, memory_bytes=6 << 30)


def read_into(path: Path, form: str, folder: Path) -> Path:
    """Put a text model into `folder`: as it is, and in the binary form, whose path is given. AppError: it cannot be read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept, target = folder / path.name, folder / binary_name(path.name)
    job = fork_job(
        lambda _: _convert(path, form, kept, target), TEXT_LIMITS, cwd=path.parent, readable=(folder,), scratch=folder
    )
    outcome = job.wait()
    if outcome.error is None:
        return target
    for left in (kept, target):
        left.unlink(missing_ok=True)
    if outcome.status == "failed":
        raise outcome.error
    how = {"timed-out": "that takes too long", "out-of-memory": "that takes too much memory"}
    why = how.get(outcome.status, "the parser crashed on it")
    message = f"'{path.name}' cannot be read as {WORDS[form]}: {why}"
    raise AppError("text-too-hard", message, hint="use the binary form, an .onnx file") from outcome.error


def open_read(binary: Path, text: Path, folder: Path, store: TensorStore | None = None) -> Document:
    """The model that `read_into` made of `text`; its data files lie in `folder`."""
    document = open_model(binary, store, whole=True)
    document.file.text, document.file.folder = text, folder
    return document


def open_any(path: Path) -> Document:
    """A model in any form, outside of any session."""
    form = text_form_of(path)
    if not form:
        return open_model(path)
    folder = Path(tempfile.mkdtemp(prefix="scalpel-text-"))
    try:
        binary = read_into(path.resolve(), form, folder)
        document = open_read(binary, folder / path.resolve().name, path.resolve().parent)
    except BaseException:
        shutil.rmtree(folder)
        raise
    weakref.finalize(document.file, _remove, folder, os.getpid())
    return document


def write_anyhow(document: Document, target: Path, options: SaveOptions = AS_OPENED) -> None:
    """Write a model outside of any session, in the form that the target's ending says; as text in a child."""
    form = text_form(target.name)
    if not form:
        write_model(document, target, overwrite=True, options=options)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    readable = (document.folder, document.path.parent, document.file.store.folder)
    job = fork_job(
        lambda _: [
            str(path) for path in write_model(document, target.resolve(), overwrite=True, form=form, options=options)
        ],
        replace(SAVE_TEXT_LIMITS, mapped_bytes=2 * mapped_bytes(document)),
        cwd=document.folder,
        readable=readable,
        scratch=target.parent.resolve(),
    )
    outcome = job.wait()
    if outcome.error is not None:
        raise outcome.error


def _convert(path: Path, form: str, kept: Path, target: Path) -> None:
    """Runs in the child."""
    with path.open("rb") as file:
        text = file.read(TEXT_LIMIT + 1)
    target.write_bytes(read_text(form, text, path.name))
    kept.write_bytes(text)


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # a fork's copy of the document is not the document
        shutil.rmtree(folder, ignore_errors=True)
