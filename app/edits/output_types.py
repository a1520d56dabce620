"""What is said of a value's type when another operator makes it: kept or corrected where that is certain, else dropped."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.protos import DTYPE_NUMBERS, dtype_name
from onnx_scalpel.document.records import Attribute, NodeRecord, Shape, ValueRecord
from onnx_scalpel.document.schemas import OperatorSchema, normal_domain, operator
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.declarations import type_that_follows
from onnx_scalpel.edits.flow import keeps_shape, keeps_type
from onnx_scalpel.edits.scopes import opset_version
from onnx_scalpel.edits.slot_types import in_words, slot_of

# operators that, given the same inputs and attributes, make values of one type
_ALIKE = (
    "Add Sub Mul Div Pow Mod Max Min Mean Sum PRelu",
    "Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor",
    "BitwiseAnd BitwiseOr BitwiseXor BitShift",
    "MaxPool AveragePool LpPool",
    "GlobalAveragePool GlobalMaxPool GlobalLpPool",
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare",
    "ArgMax ArgMin",
    "RandomNormalLike RandomUniformLike",
    "IsNaN IsInf",
)
_FAMILIES = {op_type: family for family in _ALIKE for op_type in family.split()}


def makes_same_types(one: NodeRecord, other: NodeRecord) -> bool:
    """Whether two nodes surely make first outputs of one type, whatever reads them."""
    if keeps_type(one) and keeps_type(other):
        return one.inputs[:1] == other.inputs[:1]
    alike = _FAMILIES.get(one.op_type)
    standard = normal_domain(one.domain) == normal_domain(other.domain) == ""
    same_wires = (one.inputs, one.attributes) == (other.inputs, other.attributes)
    return standard and alike is not None and alike == _FAMILIES.get(other.op_type) and same_wires


def typed_output(value: ValueRecord, node: NodeRecord, dtype: str) -> ValueRecord:
    """The graph output as the new node makes it: its declared type corrected where that is certain, else without a shape."""
    if not value.dtype or value.type is not None or keeps_type(node):
        return value
    shape = value.shape
    if not keeps_shape(node):
        shape = _permuted(shape, node.attributes.get("perm")) if node.op_type == "Transpose" else None
    target = node.attributes.get("to")
    if node.op_type == "Cast" and target and isinstance(target.value, int):
        dtype = dtype_name(target.value)
    return replace(value, shape=shape, dtype=dtype or value.dtype)


def replaced_output(tx: Transaction, value: ValueRecord, before: NodeRecord, after: NodeRecord) -> ValueRecord:
    """A graph output of a node that is of another operator now: what is certain of its type, else its dtype and no shape."""
    if value.type is not None or not value.dtype:
        return value
    first = value.id == after.outputs[0]
    source = after.inputs[0] if after.inputs and first else ""
    shape = type_that_follows(tx, source)[1] if source else None
    if not keeps_shape(after):
        turned = first and normal_domain(after.domain) == "" and after.op_type == "Transpose"
        shape = _permuted(shape, after.attributes.get("perm")) if turned else None
    elif shape is None and keeps_shape(before) and before.inputs[:1] == after.inputs[:1]:
        shape = value.shape
    return replace(value, shape=shape, dtype=_dtype(tx, after, after.outputs.index(value.id)) or value.dtype)


def _dtype(tx: Transaction, node: NodeRecord, place: int) -> str:
    """The dtype of an output, as far as the operator and the inputs say; '' when they do not."""
    target = node.attributes.get("to")
    if normal_domain(node.domain) == "" and node.op_type == "Cast" and target and isinstance(target.value, int):
        return dtype_name(target.value)
    schema = operator(node.domain, node.op_type, opset_version(tx.document, node.graph, node.domain))
    slot = slot_of(schema.outputs, place) if schema is not None else None
    if schema is None or slot is None:
        return ""
    if len(slot.types) == 1:
        said = {in_words(slot.types[0])}
    else:
        inputs = [v for at, v in enumerate(node.inputs) if v and _parameter(schema, at) == slot.parameter != ""]
        said = {type_that_follows(tx, value_id)[0] for value_id in inputs}
    return next((dtype for dtype in said if dtype in DTYPE_NUMBERS), "")


def _parameter(schema: OperatorSchema, place: int) -> str:
    slot = slot_of(schema.inputs, place)
    return slot.parameter if slot is not None else ""


def _permuted(shape: Shape, perm: Attribute | None) -> Shape:
    """A shape as Transpose changes it; None when that cannot be said."""
    if shape is None:
        return None
    if perm is None:
        return tuple(reversed(shape))
    order = perm.value if isinstance(perm.value, tuple) else ()
    if sorted(order, key=str) != sorted(range(len(shape)), key=str):
        return None
    return tuple(shape[int(axis)] for axis in order if isinstance(axis, int))
