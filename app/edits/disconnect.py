"""The edit disconnect."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NodeRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.operators import input_label, slots_of
from onnx_scalpel.edits.parameters import NodeParam, SlotParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.slot_types import slot_of
from onnx_scalpel.errors import EditRejected


class Disconnect(Edit):
    """Take the value off an input slot of a node. Slots are counted from 0.

    The slot stays as an empty one, so that those behind it keep their meaning; empty slots at the end are cut off. Where an
    operator takes any number of like inputs (Concat, Sum), the others close up. An input that the operator needs is shown
    as missing until something is connected to it.
    """

    title, acts_on = "Disconnect", "node"

    node: NodeParam
    slot: SlotParam

    def apply(self, tx: Transaction) -> None:
        node = tx.node(self.node)
        if self.slot >= len(node.inputs):
            raise wrong_parameters({"slot": f"is behind the {len(node.inputs)} inputs that the node has"}, self.kind)
        inputs = list(node.inputs)
        if self._closes_up(tx.document, node):
            del inputs[self.slot]
        elif not inputs[self.slot]:
            raise EditRejected(
                "nothing is connected there", subjects=(node.id,), hint="choose a slot that reads a value"
            )
        else:
            inputs[self.slot] = ""
        while inputs and not inputs[-1]:
            inputs.pop()
        tx.put(replace(node, inputs=tuple(inputs)))
        drop_declared_types(tx, [output for output in node.outputs if output])
        tx.drop_unused([node.inputs[self.slot]])

    def _closes_up(self, document: Document, node: NodeRecord) -> bool:
        schema = slots_of(document, node.graph, node.domain, node.op_type, node.overload)
        slot = slot_of(schema.inputs, self.slot) if schema is not None else None
        return slot is not None and slot.variadic and bool(slot.parameter)

    def describe(self, document: Document) -> str:
        node = document.node(self.node)
        return f"Disconnected {input_label(document, node, self.slot)} of {shown(node.name or node.op_type)}"
