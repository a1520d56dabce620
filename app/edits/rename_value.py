"""The edit rename-value."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.following import defined_in_training
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.parameters import NameParam, ValueParam
from onnx_scalpel.edits.scopes import holder_of_name, may_be_shadowed_again, opened_name, shown
from onnx_scalpel.errors import EditRejected


class RenameValue(Edit):
    """Give a value another name. What makes it and what reads it keep their links, in bodies too."""

    title, acts_on = "Rename value", "value"

    value: ValueParam
    name: NameParam

    def apply(self, tx: Transaction) -> None:
        value = tx.value(self.value)
        if value.name == self.name:
            return
        holder = holder_of_name(tx.document, value.graph, self.name, but=value.id)
        if holder is not None and not may_be_shadowed_again(tx.document, value, self.name):
            where = "" if tx.value(holder).graph == value.graph else " in a graph around or inside this one"
            raise EditRejected(
                f"the name {shown(self.name)} is taken{where}", subjects=(holder,), hint="pick a name that is free"
            )
        proto = tx.document.file.proto
        named = value.graph == MAIN_GRAPH and self.name != opened_name(tx.document, value.id)
        if named and proto.training_info and self.name in defined_in_training(proto):
            raise EditRejected(
                f"the name {shown(self.name)} is taken in the training info",
                subjects=(value.id,),
                hint="pick a name that is free",
            )
        tx.put(replace(value, name=self.name))

    def describe(self, document: Document) -> str:
        return f"Renamed {shown(document.value(self.value).name)} to {shown(self.name)}"

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[RenameValue]) -> str:
        return f"Renamed {len(edits)} values"
