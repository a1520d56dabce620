"""The edit set-note."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.notes import checked_text, note_of, note_words, spots
from onnx_scalpel.edits.parameters import BesideParam, NodeParam, NoteParam, PlaceParam, TextParam


class SetNote(Edit):
    """Give a note another text, or another place: measured from the node which it is near, see add-note.

    What it was beside is forgotten with its old place.
    """

    title, acts_on, arranges = "Set note", "graph", True

    note: NoteParam
    text: TextParam | None = None
    x: PlaceParam | None = None
    y: PlaceParam | None = None
    near: NodeParam | None = None
    beside: BesideParam | None = None

    def apply(self, tx: Transaction) -> None:
        note = note_of(tx.document, self.note)
        text = note.text if self.text is None else checked_text(self.text, self.kind)
        x, y = (old if new is None else new for old, new in ((note.x, self.x), (note.y, self.y)))
        near = note.near if self.near is None else tx.node(self.near).id
        moved = (x, y, near) != (note.x, note.y, note.near)
        beside = spots(self.beside or {}) if moved or self.beside is not None else note.beside
        tx.put(replace(note, text=text, x=x, y=y, near=near, beside=beside))

    def describe(self, document: Document) -> str:
        note = note_of(document, self.note)
        if self.text is None:
            return f"Moved the note {note_words(note.text)}"
        return f"Changed the note {note_words(note.text)}"
