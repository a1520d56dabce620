"""The edit cast-tensor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import DTYPE_NUMBERS
from onnx_scalpel.document.records import Attribute, NodeRecord, TensorRef, ValueRecord
from onnx_scalpel.document.schemas import operator
from onnx_scalpel.document.tensors import read_array
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.constants import PLAIN_INITIALIZERS, constant_node, constant_tensor, put_constant
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.flow import carries_type, graphs_that_output, place_behind
from onnx_scalpel.edits.literals import LARGEST_TENSOR
from onnx_scalpel.edits.operators import import_domain, missing_import, slots_of
from onnx_scalpel.edits.parameters import DtypeParam, ValuesParam
from onnx_scalpel.edits.scopes import free_node_name, named_outside, new_value, opset_version, refuse_hiding, shown
from onnx_scalpel.edits.slot_types import slot_of, spelled_type
from onnx_scalpel.edits.tensor_formulas import stored_as
from onnx_scalpel.edits.tensor_literals import HEAVY
from onnx_scalpel.edits.value_types import unlisted
from onnx_scalpel.errors import ChoiceNeeded, EditRejected

_AT_A_TIME = 1 << 20  # elements
_UNCASTABLE = ("string", "complex64", "complex128", "float8e8m0")
_LARGEST = {  # of the small floats: Cast keeps what lies beyond at these
    "float8e4m3fn": 448.0,
    "float8e4m3fnuz": 240.0,
    "float8e5m2": 57344.0,
    "float8e5m2fnuz": 57344.0,
    "float6e2m3": 7.5,
    "float6e3m2": 28.0,
    "float4e2m1": 6.0,
}


class CastTensor(Edit):
    """Store initializers, or what Constant nodes make, in another element type, rounded as the operator Cast does.

    Where that changes the type of what is computed from them, or operators may not take it, `mismatch` says what becomes of
    the readers: `cast` keeps everything else as it is (the tensor goes to a value of its own, and a Cast makes the old
    one from it, as before), `replace` lets them read the new type. Values beyond the range of the new type become
    infinite or the nearest that it has; the history says how many.
    """

    title, acts_on = "Cast tensor", "values"

    values: ValuesParam
    to: DtypeParam
    mismatch: Literal["cast", "replace"] | None = None

    @classmethod
    def takes_long(cls, data: Mapping[str, Any], document: Document) -> bool:
        values = data.get("values")
        size = 0
        for value_id in values if isinstance(values, list) else ():
            if isinstance(value_id, str) and document.has("value", value_id):
                tensor = constant_tensor(document, document.value(value_id))
                size += tensor.nbytes if tensor is not None else 0
        return size > HEAVY

    def apply(self, tx: Transaction) -> None:
        document, values = tx.document, list(dict.fromkeys(self.values))
        if self.to not in DTYPE_NUMBERS or self.to in _UNCASTABLE:
            known = ", ".join(dtype for dtype in DTYPE_NUMBERS if dtype not in _UNCASTABLE)
            raise wrong_parameters({"to": f"must be one of {known}"}, self.kind)
        tensors = {value_id: self._tensor(document, tx.value(value_id)) for value_id in values}
        changing = {value_id: tensor for value_id, tensor in tensors.items() if tensor.dtype != self.to}
        if self.mismatch is None and any(not self._surely_fits(document, value_id, changing) for value_id in changing):
            raise ChoiceNeeded(
                f"what reads {self._named(document)} would get {self.to} instead of {self._old(changing)}",
                [
                    {"label": f"Cast it back to {self._old(changing)} for its readers", "mismatch": "cast"},
                    {"label": f"Let its readers get {self.to}", "mismatch": "replace"},
                ],
                subjects=tuple(changing)[:20],
                hint="say which: mismatch = cast or replace",
            )
        beyond = 0
        for value_id, tensor in changing.items():
            array = read_array(document, tensor)
            new = stored_as(_ready(array, self.to), self.to)
            beyond += _count_beyond(array, read_array(document, new))
            if self.mismatch == "cast":
                self._cast_back(tx, tx.value(value_id), tensor, new)
            else:
                _replace(tx, tx.value(value_id), new)
        if self.mismatch != "cast":
            readers = {reader for value_id in changing for reader, _ in document.consumers(value_id)}
            drop_declared_types(tx, [o for reader in sorted(readers) for o in tx.node(reader).outputs if o])
        if beyond:
            tx.title = (
                f"{self.describe(document)}; {beyond} {'value was' if beyond == 1 else 'values were'} out of its range"
            )

    def _tensor(self, document: Document, value: ValueRecord) -> TensorRef:
        tensor = constant_tensor(document, value)
        name = shown(value.name)
        if tensor is None:
            raise EditRejected(
                f"{name} is no initializer and no constant", subjects=(value.id,), hint="insert a Cast on it instead"
            )
        why = ""
        if tensor.sparse:
            why = "is sparse"
        elif tensor.dtype in _UNCASTABLE or tensor.dtype not in DTYPE_NUMBERS:
            why = f"is {tensor.dtype}"
        elif math.prod(tensor.shape) > LARGEST_TENSOR:
            why = "has more than 67 million elements"
        if why:
            raise EditRejected(f"{name} {why}, which cannot be cast here", subjects=(value.id,), hint="leave it out")
        return tensor

    def _surely_fits(self, document: Document, value_id: str, changing: dict[str, TensorRef]) -> bool:
        """Whether everything that reads the value takes the new type and computes values of the same types from it."""
        if graphs_that_output(document, value_id):
            return False
        wanted = spelled_type(self.to)
        for reader, place in document.consumers(value_id):
            node = document.node(reader)
            schema = slots_of(document, node.graph, node.domain, node.op_type, node.overload)
            slot = slot_of(schema.inputs, place) if schema is not None else None
            if schema is None or slot is None or wanted not in slot.types:
                return False
            beside = [slot_of(schema.inputs, at) for at, v in enumerate(node.inputs) if v and v not in changing]
            made = [slot_of(schema.outputs, at) for at in range(len(node.outputs))]
            if slot.parameter and any(s is not None and s.parameter == slot.parameter for s in (*beside, *made)):
                return False
        return True

    def _cast_back(self, tx: Transaction, value: ValueRecord, old: TensorRef, new: TensorRef) -> None:
        """The tensor under a name of its own, and a Cast that makes from it what stood there."""
        document = tx.document
        named = named_outside(document, value)
        if document.is_input(value.id) or named:
            raise EditRejected(
                f"{shown(value.name)} is {'an input' if not named else f'named in {named}'}, so no Cast can make it",
                subjects=(value.id,),
                hint="mismatch = replace lets its readers get the new type",
            )
        self._refuse_uncast(document, value)
        maker = constant_node(document, value)
        if maker is None:
            refuse_hiding(document, value)
        fresh = new_value(tx, value.graph, f"{value.name}_{self.to}")
        plain = maker is None and tx.model().ir_version >= PLAIN_INITIALIZERS
        tx.put(replace(fresh, tensor=new if plain else None))
        if maker is not None:
            tx.drop("node", maker.id)
        readers = [found.node for found in document.consumers(value.id)]
        order = maker.order if maker is not None else place_behind(document, value.graph, (), readers)
        if not plain:
            put_constant(tx, fresh.id, new, order)
        listed = value.declared or carries_type(document, value)
        typed = replace(value, dtype=old.dtype, shape=old.shape) if listed and not value.dtype else value
        tx.put(unlisted(document, replace(typed, tensor=None)))
        version = missing_import(document, value.graph, "", "Cast")
        if version is not None:
            import_domain(tx, value.graph, "", version)
        name = free_node_name(document, value.graph, f"{value.name}_Cast")
        node_id = tx.new_node_id(value.graph, value.name, name, "Cast")
        attributes = {"to": Attribute("INT", DTYPE_NUMBERS[old.dtype])}
        behind = place_behind(document, value.graph, (fresh.id,), readers)
        tx.put(NodeRecord(node_id, value.graph, name, "Cast", "", (fresh.id,), (value.id,), attributes, behind))

    def _refuse_uncast(self, document: Document, value: ValueRecord) -> None:
        """A Cast of the graph's opset has to be able to read the new type."""
        version = opset_version(document, value.graph, "")
        schema = operator("", "Cast", version)
        if schema is not None and spelled_type(self.to) not in schema.inputs[0].types:
            raise EditRejected(
                f"a Cast of opset {version} cannot read {self.to}",
                subjects=(value.id,),
                hint="convert the model to a newer opset first, or mismatch = replace lets its readers get the new type",
            )

    def _old(self, changing: dict[str, TensorRef]) -> str:
        dtypes = {tensor.dtype for tensor in changing.values()}
        return dtypes.pop() if len(dtypes) == 1 else "what it was"

    def _named(self, document: Document) -> str:
        values: Sequence[str] = list(dict.fromkeys(self.values))
        return shown(document.value(values[0]).name) if len(values) == 1 else f"the {len(values)} tensors"

    def describe(self, document: Document) -> str:
        return f"Cast {self._named(document)} to {self.to}"


def _replace(tx: Transaction, value: ValueRecord, new: TensorRef) -> None:
    """The new tensor in the place of the old one, with what is declared of its type."""
    maker = constant_node(tx.document, value)
    if maker is not None:
        held = {name: kept for name, kept in maker.attributes.items() if not name.startswith(("value", "sparse"))}
        tx.put(replace(maker, attributes={**held, "value": Attribute("TENSOR", new)}))
    typed = replace(value, dtype=new.dtype) if value.dtype else value
    tx.put(typed if maker is not None else replace(typed, tensor=new))


def _ready(array: NDArray[Any], dtype: str) -> NDArray[Any]:
    """The array as Cast would see it: without fractions for whole numbers, in range where there is nothing beyond it."""
    if dtype == "bool":
        return np.asarray(array != 0)
    if array.dtype.kind not in "biuf":
        array = array.astype(np.float64)
    if dtype.startswith(("int", "uint")) and array.dtype.kind == "f":
        return np.asarray(np.trunc(array))
    most = _LARGEST.get(dtype)
    return array if most is None else np.clip(array.astype(np.float64), -most, most)


def _count_beyond(before: NDArray[Any], after: NDArray[Any]) -> int:
    """How many finite elements lie further from what they were than rounding explains: at least by one, and by a half."""
    if after.dtype == np.bool_:
        return 0
    one, other, count = before.reshape(-1), after.reshape(-1), 0
    for start in range(0, one.size, _AT_A_TIME):
        was, now = (part[start : start + _AT_A_TIME].astype(np.float64) for part in (one, other))
        with np.errstate(all="ignore"):
            apart = np.abs(now - was)
            far = np.isfinite(was) & ((~np.isfinite(now)) | ((apart >= 1) & (apart > np.abs(was) / 2)))
        count += int(np.count_nonzero(far))
    return count
