"""The edit add-note."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import MAIN_GRAPH, NoteRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.notes import checked_text, note_words, spots
from onnx_scalpel.edits.parameters import BesideParam, GraphParam, NodeParam, PlaceParam, TextParam


class AddNote(Edit):
    """Put a note on the canvas of a graph. Notes are kept with the session and seen by all; no model and no recipe holds them.

    `x` and `y` are where its left upper corner stands, in CSS pixels at zoom 1, measured from that of the node which it is near,
    and goes along with; without one, from the graph's first node. `beside` says the same from other nodes, and from a scope as
    "scope:" and its path: the note stays where it was when the nearest node goes. All that counts where the graph runs in this
    direction; in the other one the note stands beside the same node, until set-note says where.
    """

    title, acts_on, arranges = "Add note", "graph", True

    text: TextParam
    x: PlaceParam = 0.0
    y: PlaceParam = 0.0
    graph: GraphParam = MAIN_GRAPH
    near: NodeParam | None = None
    beside: BesideParam = Field(default_factory=dict)
    direction: Literal["down", "right"] = "down"

    def apply(self, tx: Transaction) -> None:
        graph = tx.graph(self.graph).id
        near = "" if self.near is None else tx.node(self.near).id
        text = checked_text(self.text, self.kind)
        tx.put(NoteRecord(tx.new_note_id(), graph, self.x, self.y, text, near, spots(self.beside), self.direction))

    def describe(self, document: Document) -> str:
        return f"Added the note {note_words(self.text)}"
