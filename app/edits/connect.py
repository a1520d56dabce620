"""The edit connect."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NodeRecord
from onnx_scalpel.document.schemas import OperatorSchema
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.operators import input_label, slots_of
from onnx_scalpel.edits.parameters import NodeParam, SlotParam, ValueParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.slot_types import check_type, slot_of
from onnx_scalpel.edits.wiring import check_visible, refuse_cycle, settle_order

_FURTHEST = 64  # empty slots that one connection may leave before it


class Connect(Edit):
    """Make an input slot of a node read a value. Slots are counted from 0.

    A slot behind those the node has is added: where an operator takes any number of inputs, right behind the last one; else
    with empty slots before it. The value must be visible where the node stands, must fit the slot, and must not be computed
    from what the node makes. A node that stands before what it then reads moves behind it.
    """

    title, acts_on = "Connect", "node"

    node: NodeParam
    slot: SlotParam
    value: ValueParam

    def apply(self, tx: Transaction) -> None:
        document, node = tx.document, tx.node(self.node)
        tx.value(self.value)
        schema = slots_of(document, node.graph, node.domain, node.op_type, node.overload)
        slot = self._slot(node, schema)
        before = node.inputs[slot] if slot < len(node.inputs) else ""
        if before == self.value:
            return
        check_visible(document, node.graph, self.value, (node.id,))
        check_type(document, schema, node.inputs, slot, self.value, node.id)
        refuse_cycle(document, [node.id], self.value)
        inputs = [*node.inputs, *[""] * (slot + 1 - len(node.inputs))]
        inputs[slot] = self.value
        tx.put(replace(node, inputs=tuple(inputs)))
        settle_order(tx, node.id, self.value)
        drop_declared_types(tx, [output for output in node.outputs if output])
        tx.drop_unused([before])

    def _slot(self, node: NodeRecord, schema: OperatorSchema | None) -> int:
        """The slot that is meant. Raises AppError when the operator has none there."""
        count = len(node.inputs)
        if schema is None:
            if self.slot > count + _FURTHEST:
                raise wrong_parameters({"slot": f"is far behind the {count} inputs that the node has"}, self.kind)
            return self.slot
        slot = slot_of(schema.inputs, self.slot)
        if slot is None:
            most = len(schema.inputs)
            line = f"takes no input {self.slot}: {shown(node.op_type)} has {most}, counted from 0"
            raise wrong_parameters({"slot": line if most else f"{shown(node.op_type)} takes no input"}, self.kind)
        return min(self.slot, max(count, len(schema.inputs) - 1)) if slot.variadic else self.slot

    def describe(self, document: Document) -> str:
        node = document.node(self.node)
        name = shown(document.value(self.value).name)
        return f"Connected {name} to {input_label(document, node, self.slot)} of {shown(node.name or node.op_type)}"
