"""Types of what one node makes, from the types of what it reads: ONNX's inference of a single operator, cheap enough for an edit."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import onnx.checker
import onnx.defs
import onnx.shape_inference
from onnx import NodeProto, TensorProto, TypeProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import set_text, write_attribute
from onnx_scalpel.document.records import NodeRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.tensors import tensor_proto

_FAILURES = (
    onnx.checker.ValidationError,
    onnx.shape_inference.InferenceError,
    KeyError,
    RuntimeError,
    TypeError,
    UnicodeError,
    ValueError,
)
_CRASHES = frozenset({"GatherND"})  # inference of these reads beyond what faulty attributes allow
UNKNOWN = TypeProto()


@functools.lru_cache(maxsize=4096)
def inferable(domain: str, op_type: str, version: int | None) -> Any:
    """The onnx.defs schema by which the types of an operator can be inferred; None when there is none."""
    name = normal_domain(domain)
    if op_type in _CRASHES:
        return None
    try:
        schema = onnx.defs.get_schema(op_type, version or onnx.defs.onnx_opset_version(), name)
    except (onnx.defs.SchemaError, TypeError):  # a version may be larger than any that it can be asked for
        return None
    return schema if schema.has_type_and_shape_inference_function else None


def output_types(
    document: Document,
    node: NodeRecord,
    version: int | None,
    inputs: Sequence[TypeProto | None],
    data: Mapping[int, TensorProto],
) -> list[TypeProto | None]:
    """The type of each output of a node (None: it cannot be told) from those of its inputs by slot, and the data of those that
    are small constants. `version` is the opset of the node's domain. A node with bodies is never told."""
    nothing: list[TypeProto | None] = [None] * len(node.outputs)
    schema = inferable(node.domain, node.op_type, version)
    held = node.attributes.values()
    if schema is None or _crashes(node) or any(a.ref or a.type in ("GRAPH", "GRAPHS", "UNDEFINED") for a in held):
        return nothing
    try:
        proto = _proto(document, node)
        types = {f"i{slot}": inputs[slot] or UNKNOWN for slot, value in enumerate(node.inputs) if value}
        tensors = {f"i{slot}": tensor for slot, tensor in data.items()}
        imports = [onnx.helper.make_opsetid(normal_domain(node.domain), version or schema.since_version)]
        found = onnx.shape_inference.infer_node_outputs(schema, proto, types, tensors, opset_imports=imports)
    except _FAILURES:
        found = {}  # what it read does not fit
    told = [found.get(f"o{slot}") for slot in range(len(node.outputs))]
    return [
        _dtype_alone(schema, inputs, slot) if one is None or one.WhichOneof("value") is None else one
        for slot, one in enumerate(told)
    ]


def _dtype_alone(schema: Any, inputs: Sequence[TypeProto | None], slot: int) -> TypeProto | None:
    """An output's dtype where the schema says that it is the one of an input: of the first, as inference goes about it."""
    if slot >= len(schema.outputs):
        return None
    parameter = schema.outputs[slot].type_str
    if len(schema.outputs[slot].types) == 1:
        return None
    for formal, given in zip(schema.inputs, inputs, strict=False):
        if formal.type_str == parameter and given is not None and given.tensor_type.elem_type:
            return TypeProto(tensor_type=TypeProto.Tensor(elem_type=given.tensor_type.elem_type))
    return None


def _crashes(node: NodeRecord) -> bool:
    """Whether ONNX's inference of the node reads beyond a list: it does where a Split has more outputs than it says."""
    said = node.attributes.get("num_outputs")
    return node.op_type == "Split" and said is not None and said.value != len(node.outputs)


def _proto(document: Document, node: NodeRecord) -> NodeProto:
    """The node with slots for names."""
    proto = NodeProto(op_type=node.op_type)
    proto.input.extend([f"i{slot}" if value else "" for slot, value in enumerate(node.inputs)])
    proto.output.extend([f"o{slot}" if value else "" for slot, value in enumerate(node.outputs)])
    if normal_domain(node.domain):
        set_text(proto, "domain", node.domain)
    for name, attribute in node.attributes.items():
        write_attribute(proto.attribute.add(), name, attribute, lambda ref: tensor_proto(document, ref), _no_graph)
    return proto


def _no_graph(_: str) -> Any:
    raise KeyError("a node with bodies")
