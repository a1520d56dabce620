"""The edit remove-input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import GraphRecord, ValueRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.constants import PLAIN_INITIALIZERS
from onnx_scalpel.edits.input_constants import become_constant, fitting_tensor, require_input
from onnx_scalpel.edits.parameters import TensorParam, ValueParam
from onnx_scalpel.edits.scopes import named_outside, shown
from onnx_scalpel.edits.signatures import is_read, refuse_in_body, take_from_inputs
from onnx_scalpel.edits.tensor_literals import gives_much
from onnx_scalpel.edits.value_types import unlisted
from onnx_scalpel.errors import EditRejected


class RemoveInput(Edit):
    """Take an input away that nothing reads, or let a constant take the place of one that is read.

    The constant is `tensor`, of the type that the input declares; without it the input's own default, if it has one, which
    then is an initializer that nobody can override. Nodes that call a local function lose the slot of its input.
    """

    title, acts_on = "Remove input", "value"

    value: ValueParam
    tensor: TensorParam | None = None

    @classmethod
    def takes_long(cls, data: Mapping[str, Any], document: Document) -> bool:
        return gives_much(data, document)

    def apply(self, tx: Transaction) -> None:
        value = tx.value(self.value)
        graph = tx.graph(value.graph)
        require_input(tx.document, value)
        refuse_in_body(tx.document, graph, "inputs")
        if not is_read(tx.document, value.id):
            self._drop(tx, graph, value)
        elif self.tensor is not None:
            become_constant(tx, value, fitting_tensor(tx.document, value, self.tensor, self.kind))
        else:
            self._keep_default(tx, graph, value)

    def _drop(self, tx: Transaction, graph: GraphRecord, value: ValueRecord) -> None:
        """Nothing reads it: the value goes, and its default."""
        if self.tensor is not None:
            line = f"is not needed: nothing reads {shown(value.name)}"
            raise wrong_parameters({"tensor": line}, self.kind)
        place = named_outside(tx.document, value)
        if place:
            raise EditRejected(
                f"{shown(value.name)} is also named in {place}",
                subjects=(value.id,),
                hint="freeze it instead: the name stays",
            )
        take_from_inputs(tx, graph, value.id)
        if value.tensor is not None:
            value = replace(value, tensor=None)
            tx.put(value)
        if tx.document.in_use(value.id):  # a faulty model in which a node makes it too
            tx.put(unlisted(tx.document, value))
        else:
            tx.drop(value)

    def _keep_default(self, tx: Transaction, graph: GraphRecord, value: ValueRecord) -> None:
        name = shown(value.name)
        if value.tensor is None:
            readers = tx.document.consumers(value.id)
            what = (
                f"{len(readers)} {'node reads' if len(readers) == 1 else 'nodes read'}" if readers else "an output is"
            )
            raise EditRejected(
                f"{what} {name}: it cannot just go",
                subjects=(value.id, *dict.fromkeys(reader.node for reader in readers)),
                hint="give a constant in its place as tensor, or connect what reads it to another value",
            )
        if tx.model().ir_version < PLAIN_INITIALIZERS:
            raise EditRejected(
                f"{name} has a tensor, and in this IR version every initializer is listed as an input",
                subjects=(value.id,),
                hint="set the IR version to 4 or more first",
            )
        take_from_inputs(tx, graph, value.id)
        tx.put(unlisted(tx.document, value))

    def describe(self, document: Document) -> str:
        value = document.value(self.value)
        kept = " and put a constant in its place" if self.tensor is not None else ""
        if self.tensor is None and value.tensor is not None and is_read(document, value.id):
            kept = " and kept its default as a constant"
        return f"Removed the input {shown(value.name)}{kept}"
