"""The edit set-value-type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import DTYPE_NUMBERS
from onnx_scalpel.document.records import ValueRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.flow import carries_type
from onnx_scalpel.edits.parameters import DtypeParam, ShapeParam, ValueParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import EditRejected


class SetValueType(Edit):
    """Declare the dtype or the shape of a value. A dim is a number, a name, or unknown; without a shape the rank is unknown.

    What is not given stays as it is. Declarations downstream that may be wrong now are dropped; inference finds them again.
    """

    title, acts_on = "Set type", "value"

    value: ValueParam
    dtype: DtypeParam | None = None
    shape: ShapeParam = None

    def apply(self, tx: Transaction) -> None:
        value = tx.value(self.value)
        if value.tensor is not None:
            raise EditRejected(
                f"{shown(value.name)} is an initializer: its type is that of its tensor",
                subjects=(value.id,),
                hint="declare the type of an input, an output or an intermediate value",
            )
        after = self._declared(value)
        listed = carries_type(tx.document, value)
        after = replace(after, declared=value.declared if listed else True)
        if after == value:
            return
        tx.put(after)
        readers = {reader for reader, _ in tx.document.consumers(value.id)}
        drop_declared_types(tx, [o for reader in readers for o in tx.node(reader).outputs if o])

    def _declared(self, value: ValueRecord) -> ValueRecord:
        given = self.model_fields_set
        wrong: dict[str, str] = {}
        if self.dtype is not None and self.dtype not in DTYPE_NUMBERS:
            wrong["dtype"] = f"must be one of {', '.join(DTYPE_NUMBERS)}"
        if self.dtype is None and "shape" not in given:
            wrong["dtype"] = "is needed, or a shape"
        elif self.dtype is None and not value.dtype:
            wrong["dtype"] = f"is needed: {shown(value.name)} declares none so far"
        elif self.dtype is None and value.type is not None:
            wrong["dtype"] = f"is needed: a {value.type.text} has no shape"
        if wrong:
            raise wrong_parameters(wrong, self.kind)
        changes: dict[str, Any] = {"dtype": self.dtype, "type": None} if self.dtype is not None else {}
        if "shape" in given:
            changes["shape"] = None if self.shape is None else tuple(self.shape)
        return replace(value, **changes)

    def describe(self, document: Document) -> str:
        return f"Declared {shown(document.value(self.value).name)} as {self._in_words()}"

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[SetValueType]) -> str:
        said = {edit._in_words() for edit in edits}
        return f"Declared {len(edits)} values" + (f" as {said.pop()}" if len(said) == 1 else "")

    def _in_words(self) -> str:
        said = [self.dtype] if self.dtype is not None else []
        if "shape" in self.model_fields_set:
            said.append(
                "of unknown rank"
                if self.shape is None
                else "×".join("?" if d is None else str(d) for d in self.shape) or "a scalar"
            )
        return " ".join(said)
