"""Tensors that stand in the model: of an initializer, or what a Constant node makes."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import tensor_facts
from onnx_scalpel.document.records import Attribute, AttributeValue, NodeRecord, TensorRef, ValueRecord
from onnx_scalpel.document.schemas import normal_domain, operator
from onnx_scalpel.document.tensors import make_tensor
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.operators import import_domain, missing_import
from onnx_scalpel.edits.scopes import free_node_name, opset_version
from onnx_scalpel.edits.slot_types import spelled_type

PLAIN_INITIALIZERS = 4  # the IR version since which an initializer need not be an input as well


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
        if kind in ("string", "strings"):
            return _strings(attribute.value)
    return None


def _strings(said: AttributeValue) -> TensorRef:
    """A tensor of one string, a scalar, or of several."""
    proto = TensorProto(data_type=TensorProto.STRING)
    if isinstance(said, tuple):
        proto.dims.append(len(said))
    for one in said if isinstance(said, tuple) else (said,):
        proto.string_data.append(str(one).encode("utf-8", "surrogateescape"))
    return tensor_facts(proto)


def fixed_tensor(document: Document, value: ValueRecord) -> TensorRef | None:
    """The tensor that the value always is, whoever runs the model: one that an input has by default does not count."""
    overridden = document.is_input(value.id) and document.model().ir_version >= PLAIN_INITIALIZERS
    return None if overridden else constant_tensor(document, value)


def constant_takes(document: Document, graph: str, dtype: str) -> bool:
    """Whether a Constant of the graph's opset can make a dense tensor of the dtype: before opset 9 it makes real numbers only."""
    schema = operator("", "Constant", opset_version(document, graph, ""))
    types = schema.outputs[0].types if schema is not None else ()
    return not types or spelled_type(dtype) in ("", *types)


def put_constant(tx: Transaction, value_id: str, tensor: TensorRef, order: tuple[int, ...]) -> str:
    """Put a Constant node that makes the value; its id."""
    value = tx.value(value_id)
    version = missing_import(tx.document, value.graph, "", "Constant")
    if version is not None:
        import_domain(tx, value.graph, "", version)
    name = free_node_name(tx.document, value.graph, f"{value.name}_Constant")
    node_id = tx.new_node_id(value.graph, value.name, name, "Constant")
    held = Attribute("SPARSE_TENSOR" if tensor.sparse else "TENSOR", tensor)
    attributes = {"sparse_value" if tensor.sparse else "value": held}
    tx.put(NodeRecord(node_id, value.graph, name, "Constant", "", (), (value_id,), attributes, order))
    return node_id
