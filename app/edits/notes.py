"""Notes on the canvas: finding one, what it may hold, and how a sentence names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NoteRecord
from onnx_scalpel.edits.base import wrong_parameters
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import AppError

LONGEST_NOTE = 10_000  # characters


def note_of(document: Document, note_id: str) -> NoteRecord:
    """The note with this id. AppError `no-such-note`."""
    found = document.record("note", note_id)
    if isinstance(found, NoteRecord):
        return found
    hint = "it may have been removed"
    raise AppError("no-such-note", f"there is no note {note_id}", subjects=(note_id,), hint=hint, status=404)


def checked_text(text: str, kind: str) -> str:
    """The text of a note. Raises AppError for an empty or a very long one."""
    if not text.strip():
        raise wrong_parameters({"text": "must not be empty"}, kind)
    if len(text) > LONGEST_NOTE:
        raise wrong_parameters({"text": f"is longer than {LONGEST_NOTE:,} characters"}, kind)
    return text


def spots(beside: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, float]]:
    """What a note is beside, as its record has it."""
    return {key: (x, y) for key, (x, y) in beside.items()}


def note_words(text: str) -> str:
    """The beginning of a note, in quotes."""
    first = " ".join(text.split())
    return f"“{shown(first)}”" if len(first) <= 40 else f"“{first[:38]}…”"
