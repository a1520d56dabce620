"""Tensors that stand in the model: of an initializer, or what a Constant node makes."""

from __future__ import annotations

import numpy as np

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NodeRecord, TensorRef, ValueRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.tensors import make_tensor


def constant_tensor(document: Document, value: ValueRecord) -> TensorRef | None:
    """The tensor that the value always is; None where no initializer and no Constant node says it."""
    maker = constant_node(document, value)
    return value.tensor if maker is None else held_tensor(maker)


def constant_node(document: Document, value: ValueRecord) -> NodeRecord | None:
    """The Constant node that makes the value, when no initializer holds it."""
    found = document.producer(value.id) if value.tensor is None else None
    if found is None:
        return None
    node = document.node(found.node)
    return node if node.op_type == "Constant" and normal_domain(node.domain) == "" else None


def held_tensor(maker: NodeRecord) -> TensorRef | None:
    """The tensor that a Constant node makes, whichever of its attributes says it."""
    for name, attribute in maker.attributes.items():
        if isinstance(attribute.value, TensorRef):
            return attribute.value
        if attribute.ref or attribute.value is None:
            continue
        kind = name.removeprefix("value_")
        if kind in ("int", "ints", "float", "floats"):
            dtype = np.int64 if kind.startswith("int") else np.float32
            return make_tensor(np.array(attribute.value, dtype=dtype))
    return None
