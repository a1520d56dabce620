"""The edit splice-node."""

from __future__ import annotations

from typing import Any

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NodeRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.connect import Connect
from onnx_scalpel.edits.flow import graphs_that_output
from onnx_scalpel.edits.parameters import ConsumersParam, NodeParam, SlotParam, ValueParam
from onnx_scalpel.edits.readers import all_readers
from onnx_scalpel.edits.replace_uses import ReplaceUses
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import EditRejected


class SpliceNode(Edit):
    """Put a node that is there, and that nothing reads, on a wire: it reads the value in one of its slots, and the consumers
    (all of them, or those named) read its first output.

    A graph output keeps its id and name and is made by the node then; what made it so far makes a new value.
    """

    title, acts_on = "Put a node on a wire", "node"

    node: NodeParam
    value: ValueParam
    consumers: ConsumersParam = None
    slot: SlotParam = 0

    def apply(self, tx: Transaction) -> None:
        document, node = tx.document, tx.node(self.node)
        tx.value(self.value)
        output = self._free_output(document, node)
        producer = document.producer(self.value)
        ReplaceUses.model_validate(
            {"value": self.value, "with": output, "consumers": self._consumers(document, node)}
        ).apply(tx)
        # what made a graph output makes a value of another name now
        source = tx.node(producer.node).outputs[producer.slot] if producer else self.value
        Connect(node=node.id, slot=self.slot, value=source).apply(tx)

    def _free_output(self, document: Document, node: NodeRecord) -> str:
        """The node's first output, when nothing reads it. Raises EditRejected."""
        name = shown(node.name or node.op_type)
        output = next((one for one in node.outputs if one), None)
        if output is None:
            raise EditRejected(f"{name} makes no output", subjects=(node.id,), hint="choose a node that makes one")
        if document.consumers(output) or graphs_that_output(document, output):
            raise EditRejected(
                f"something reads what {name} makes already",
                subjects=(node.id, output),
                hint="disconnect that first, or insert a new node on the wire",
            )
        return output

    def _consumers(self, document: Document, node: NodeRecord) -> list[Any]:
        """Those named, else all that read the value but the node itself. Raises EditRejected when there are none."""
        if self.consumers is not None:
            return self.consumers
        readers = all_readers(document, self.value)
        slots = [{"node": reader, "slot": slot} for reader, slot in readers.slots if reader != node.id]
        if not slots and not readers.graphs:
            raise EditRejected(
                f"nothing else reads {shown(document.value(self.value).name)}",
                subjects=(self.value,),
                hint="choose a value that is in use, or connect the node to it",
            )
        return [*slots, *sorted(readers.graphs)]

    def describe(self, document: Document) -> str:
        node = document.node(self.node)
        return f"Put {shown(node.name or node.op_type)} on {shown(document.value(self.value).name)}"
