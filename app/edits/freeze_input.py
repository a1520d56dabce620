"""The edit freeze-input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.input_constants import become_constant, fitting_tensor, require_input
from onnx_scalpel.edits.parameters import TensorParam, ValueParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.signatures import refuse_in_body
from onnx_scalpel.edits.tensor_literals import gives_much


class FreezeInput(Edit):
    """Give an input a value for good: it becomes an initializer with this tensor, and nobody feeds it any more.

    The tensor is written as {dtype, shape, data}, {dtype, shape, base64}, or {formula} (as in `zeros` or `full(0.5)`) with a
    shape where the input leaves dims open; it has to be of the type that the input declares. An input of a local
    function becomes a Constant in it. In models of an IR version before 4, where every initializer is an input
    as well, it stays listed; runtimes do not ask for it.
    """

    title, acts_on = "Freeze input", "value"

    value: ValueParam
    tensor: TensorParam

    @classmethod
    def takes_long(cls, data: Mapping[str, Any], document: Document) -> bool:
        return gives_much(data, document)

    def apply(self, tx: Transaction) -> None:
        value = tx.value(self.value)
        require_input(tx.document, value)
        refuse_in_body(tx.document, tx.graph(value.graph), "inputs")
        become_constant(tx, value, fitting_tensor(tx.document, value, self.tensor, self.kind))

    def describe(self, document: Document) -> str:
        return f"Froze the input {shown(document.value(self.value).name)}"
