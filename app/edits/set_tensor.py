"""The edit set-tensor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import Attribute, TensorRef, ValueRecord
from onnx_scalpel.document.tensors import read_array
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.constants import constant_node, held_tensor
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.flow import carries_type
from onnx_scalpel.edits.literals import WrongLiteralError
from onnx_scalpel.edits.parameters import TensorParam, ValueParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.tensor_formulas import stored_as
from onnx_scalpel.edits.tensor_literals import gives_much, written_tensor
from onnx_scalpel.errors import ChoiceNeeded, EditRejected


class SetTensor(Edit):
    """Give an initializer, or what a Constant node makes, other values.

    The tensor is {dtype, shape, data}, {dtype, shape, base64}, or {formula} with an optional dtype and shape: `zeros`,
    `ones`, `eye`, `arange`, `full(0.5)`, `normal(mean, deviation, seed)`, `uniform(low, high, seed)`, and calculations
    with `x`, the tensor as it is; or {cells}, a list of {at, value}, which leaves the others as they are. A tensor of another dtype or shape is asked about: `mismatch` says whether it is
    converted to what stands, or takes its place as it is.
    """

    title, acts_on = "Set tensor", "value"

    value: ValueParam
    tensor: TensorParam
    mismatch: Literal["convert", "replace"] | None = None

    @classmethod
    def takes_long(cls, data: Mapping[str, Any], document: Document) -> bool:
        return gives_much(data, document)

    def apply(self, tx: Transaction) -> None:
        value = tx.value(self.value)
        maker = constant_node(tx.document, value)
        current = value.tensor if maker is None else held_tensor(maker)
        if current is None:
            raise EditRejected(
                f"{shown(value.name)} is no initializer and no constant",
                subjects=(value.id,),
                hint="freeze an input to give it a tensor",
            )
        new = self._fitted(tx.document, value, current)
        if _same(tx.document, current, new):
            return
        if maker is None:
            self._set_initializer(tx, value, new)
        else:
            held = {name: kept for name, kept in maker.attributes.items() if not name.startswith(("value", "sparse"))}
            tx.put(replace(maker, attributes={**held, "value": Attribute("TENSOR", new)}))
            self._mend_declared(tx, value, current, new)
        if (new.dtype, new.shape) != (current.dtype, current.shape) or new.dtype in ("int64", "int32"):
            # integers may be shapes, axes and sizes: what follows from them is found again by inference
            readers = {reader for reader, _ in tx.document.consumers(value.id)}
            drop_declared_types(tx, [o for reader in readers for o in tx.node(reader).outputs if o])

    def _set_initializer(self, tx: Transaction, value: ValueRecord, new: TensorRef) -> None:
        listed = value.declared or carries_type(tx.document, value)
        typed = replace(value, dtype=new.dtype, shape=new.shape) if listed and value.dtype else value
        tx.put(replace(typed, tensor=new))

    def _mend_declared(self, tx: Transaction, value: ValueRecord, current: TensorRef, new: TensorRef) -> None:
        if value.dtype and (new.dtype, new.shape) != (current.dtype, current.shape):
            tx.put(replace(value, dtype=new.dtype, shape=new.shape))

    def _fitted(self, document: Document, value: ValueRecord, current: TensorRef) -> TensorRef:
        """The new tensor, converted to the dtype and shape that stand where that was the answer."""
        new = self._new(document, current)
        if (new.dtype, new.shape) == (current.dtype, current.shape) or self.mismatch == "replace":
            return new
        convertible = math.prod(new.shape) == math.prod(current.shape) and "string" not in (new.dtype, current.dtype)
        if self.mismatch == "convert":
            if not convertible:
                raise wrong_parameters(
                    {"tensor": f"has {math.prod(new.shape)} elements where {math.prod(current.shape)} are needed"},
                    self.kind,
                )
            return stored_as(read_array(document, new).reshape(current.shape), current.dtype)
        was, now = (f"{ref.dtype}[{', '.join(map(str, ref.shape))}]" for ref in (current, new))
        choices: list[dict[str, Any]] = [{"label": f"Make it {now}", "mismatch": "replace"}]
        if convertible:
            choices.insert(0, {"label": f"Convert the new values to {was}", "mismatch": "convert"})
        raise ChoiceNeeded(
            f"{shown(value.name)} is {was}, the new tensor is {now}",
            choices,
            subjects=(value.id,),
            hint="say which: mismatch = convert or replace",
        )

    def _new(self, document: Document, current: TensorRef) -> TensorRef:
        try:
            return written_tensor(document, self.tensor, current, current.dtype, current.shape)
        except WrongLiteralError as error:
            raise wrong_parameters({"tensor": str(error)}, self.kind) from None

    def describe(self, document: Document) -> str:
        name = shown(document.value(self.value).name)
        match self.tensor:
            case {"cells": [{"at": list() as at, "value": int() | float() | str() as one}]}:
                return f"Set [{', '.join(map(str, at))}] of {name} to {one}"
            case {"cells": list() as cells}:
                return f"Set {len(cells)} elements of {name}"
            case {"formula": str() as formula}:
                return f"Set the values of {name} to {formula}"
        return f"Set the values of {name}"


def _same(document: Document, one: TensorRef, other: TensorRef) -> bool:
    if (one.dtype, one.shape) != (other.dtype, other.shape) or one.sparse:
        return False
    return read_array(document, one).tobytes() == read_array(document, other).tobytes()
