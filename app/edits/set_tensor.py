"""The edit set-tensor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import Attribute, NodeRecord, TensorRef, ValueRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.tensors import make_tensor, read_array
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.flow import carries_type, drop_declared_types
from onnx_scalpel.edits.formulas import WrongFormulaError
from onnx_scalpel.edits.literals import WrongLiteralError, tensor_from_literal
from onnx_scalpel.edits.parameters import TensorParam, ValueParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.tensor_formulas import stored_as, tensor_from_formula
from onnx_scalpel.edits.value_types import shape_words
from onnx_scalpel.errors import ChoiceNeeded, EditRejected


class SetTensor(Edit):
    """Give an initializer, or what a Constant node makes, other values.

    The tensor is {dtype, shape, data}, {dtype, shape, base64}, or {formula} with an optional dtype and shape: `zeros`,
    `ones`, `eye`, `arange`, `full(0.5)`, `normal(mean, deviation, seed)`, `uniform(low, high, seed)`, and calculations
    with `x`, the tensor as it is. A tensor of another dtype or shape is asked about: `mismatch` says whether it is
    converted to what stands, or takes its place as it is.
    """

    title, acts_on = "Set tensor", "value"

    value: ValueParam
    tensor: TensorParam
    mismatch: Literal["convert", "replace"] | None = None

    def apply(self, tx: Transaction) -> None:
        value = tx.value(self.value)
        maker = _constant_node(tx.document, value)
        current = value.tensor if maker is None else _held(maker)
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
        was, now = (f"{ref.dtype} {shape_words(ref.shape)}" for ref in (current, new))
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
            if isinstance(self.tensor, Mapping) and "formula" in self.tensor:
                return tensor_from_formula(document, self.tensor, current, current.dtype, current.shape)
            return tensor_from_literal(self.tensor)
        except (WrongLiteralError, WrongFormulaError) as error:
            raise wrong_parameters({"tensor": str(error)}, self.kind) from None

    def describe(self, document: Document) -> str:
        name = shown(document.value(self.value).name)
        formula = self.tensor.get("formula") if isinstance(self.tensor, Mapping) else None
        return f"Set the values of {name} to {formula}" if isinstance(formula, str) else f"Set the values of {name}"


def _constant_node(document: Document, value: ValueRecord) -> NodeRecord | None:
    """The Constant node that makes the value, when no initializer holds it."""
    found = document.producer(value.id) if value.tensor is None else None
    if found is None:
        return None
    node = document.node(found.node)
    return node if node.op_type == "Constant" and normal_domain(node.domain) == "" else None


def _held(node: NodeRecord) -> TensorRef | None:
    """The tensor that a Constant node makes, whichever of its attributes says it."""
    for name, attribute in node.attributes.items():
        if isinstance(attribute.value, TensorRef):
            return attribute.value
        if attribute.ref or attribute.value is None:
            continue
        kind = name.removeprefix("value_")
        if kind in ("int", "ints", "float", "floats"):
            dtype = np.int64 if kind.startswith("int") else np.float32
            return make_tensor(np.array(attribute.value, dtype=dtype))
    return None


def _same(document: Document, one: TensorRef, other: TensorRef) -> bool:
    if (one.dtype, one.shape) != (other.dtype, other.shape) or one.sparse:
        return False
    return read_array(document, one).tobytes() == read_array(document, other).tobytes()
