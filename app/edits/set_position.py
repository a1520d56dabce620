"""The edit set-position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import PlaceRecord, Spot
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.parameters import AnyNameParam, NodeParam, PlaceParam
from onnx_scalpel.edits.signatures import called


class SetPosition(Edit):
    """Give a node a place on the canvas, which it keeps until it is forgotten.

    `x` and `y` are where its left upper corner stands, in CSS pixels at zoom 1, measured from that of the open scope that
    `within` names by its path; without one, from where the layout puts the graph's first node. It counts where the node is shown
    in that scope, and where the graph runs in that direction: the layouts from top to bottom ("down") and from left to right
    ("right") have little in common. Places are kept with the session and seen by all who look at it; no model and no recipe holds
    them.
    """

    title, acts_on, arranges = "Set position", "node", True

    node: NodeParam
    x: PlaceParam
    y: PlaceParam
    within: AnyNameParam = ""
    direction: Literal["down", "right"] = "down"

    def apply(self, tx: Transaction) -> None:
        node = tx.node(self.node)
        known = tx.document.record("place", node.id)
        place = known if isinstance(known, PlaceRecord) else PlaceRecord(node.id, node.graph)
        tx.put(replace(place, **{self.direction: Spot(self.x, self.y, self.within)}))

    def describe(self, document: Document) -> str:
        return f"Moved {called(document.node(self.node))}"

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[SetPosition]) -> str:
        return f"Moved {len(edits)} nodes"
