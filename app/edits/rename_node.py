"""The edit rename-node."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.parameters import AnyNameParam, NodeParam
from onnx_scalpel.edits.scopes import shown


class RenameNode(Edit):
    """Give a node another name. ONNX allows names that repeat or are empty, and so does this."""

    title, acts_on = "Rename node", "node"

    node: NodeParam
    name: AnyNameParam

    def apply(self, tx: Transaction) -> None:
        tx.put(replace(tx.node(self.node), name=self.name))

    def describe(self, document: Document) -> str:
        node = document.node(self.node)
        before = shown(node.name, f"a {shown(node.op_type)} without a name")
        return f"Renamed {before} to {shown(self.name)}" if self.name else f"Took the name of {before} away"

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[RenameNode]) -> str:
        return f"Renamed {len(edits)} nodes"
