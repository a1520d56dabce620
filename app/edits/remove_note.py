"""The edit remove-note."""

from __future__ import annotations

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.notes import note_of, note_words
from onnx_scalpel.edits.parameters import NoteParam


class RemoveNote(Edit):
    """Take a note off the canvas."""

    title, acts_on, arranges = "Remove note", "graph", True

    note: NoteParam

    def apply(self, tx: Transaction) -> None:
        tx.drop(note_of(tx.document, self.note))

    def describe(self, document: Document) -> str:
        return f"Removed the note {note_words(note_of(document, self.note).text)}"
