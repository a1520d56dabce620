"""The declared type of a graph output when another node makes it: corrected where that is certain, else without a shape."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.protos import dtype_name
from onnx_scalpel.document.records import Attribute, NodeRecord, Shape, ValueRecord
from onnx_scalpel.edits.flow import keeps_shape, keeps_type


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
