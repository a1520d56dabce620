"""The edit set-note."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NoteSpot
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.notes import checked_text, note_of, note_words, spots
from onnx_scalpel.edits.parameters import BesideParam, NodeParam, NoteParam, PlaceParam, TextParam


class SetNote(Edit):
    """Give a note another text, or another place: measured from the node which it is near, see add-note.

    What it was beside is forgotten with its old place. The place counts where the graph runs in this direction; the one that it
    has in the other stays.
    """

    title, acts_on, arranges = "Set note", "graph", True

    note: NoteParam
    text: TextParam | None = None
    x: PlaceParam | None = None
    y: PlaceParam | None = None
    near: NodeParam | None = None
    beside: BesideParam | None = None
    direction: Literal["down", "right"] = "down"

    def apply(self, tx: Transaction) -> None:
        note = note_of(tx.document, self.note)
        text = note.text if self.text is None else checked_text(self.text, self.kind)
        elsewhere = self.direction != note.direction
        place = note.turned or NoteSpot(0.0, 0.0) if elsewhere else note
        x, y = (old if new is None else new for old, new in ((place.x, self.x), (place.y, self.y)))
        near = place.near if self.near is None else tx.node(self.near).id
        moved = (x, y, near) != (place.x, place.y, place.near)
        beside = spots(self.beside or {}) if moved or self.beside is not None else place.beside
        if not elsewhere:
            tx.put(replace(note, text=text, x=x, y=y, near=near, beside=beside))
        else:
            is_put = any(one is not None for one in (self.x, self.y, self.near, self.beside))
            tx.put(replace(note, text=text, turned=NoteSpot(x, y, near, beside) if is_put else note.turned))

    def describe(self, document: Document) -> str:
        note = note_of(document, self.note)
        if self.text is None:
            return f"Moved the note {note_words(note.text)}"
        return f"Changed the note {note_words(note.text)}"
