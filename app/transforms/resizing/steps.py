"""One node on the walk: its operator, attributes and inputs as they are with the mends, and the constants it may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import NodeProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import nbytes_of, write_attribute
from onnx_scalpel.document.records import Attribute, NodeRecord, TensorRef
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.tensors import read_array, tensor_proto
from onnx_scalpel.errors import AppError
from onnx_scalpel.transforms.resizing.facts import SMALL, Array, Fact, content_fact, tensor_fact
from onnx_scalpel.transforms.resizing.plan import Plan

_READ_BYTES = 1 << 16
_BODIES = ("GRAPH", "GRAPHS")


@dataclass
class Step:
    """A node with the facts of its inputs by slot (None: an empty slot). `attributes` have no references any more."""

    node: NodeRecord
    op_type: str
    domain: str
    version: int
    attributes: dict[str, Attribute]
    facts: list[Fact | None]
    call: Mapping[str, Attribute] = field(default_factory=dict)
    odd: bool = False  # inference does not understand it at the old size either: a branch that is never taken, perhaps

    @property
    def id(self) -> str:
        return self.node.id

    def fact(self, slot: int) -> Fact | None:
        return self.facts[slot] if slot < len(self.facts) else None

    def integer(self, name: str, otherwise: int) -> int:
        found = self.attributes.get(name)
        return found.value if found is not None and isinstance(found.value, int) else otherwise

    def integers(self, name: str) -> list[int] | None:
        found = self.attributes.get(name)
        if found is None or not isinstance(found.value, tuple):
            return None
        return [int(v) for v in found.value if isinstance(v, int)]

    def text(self, name: str, otherwise: str) -> str:
        found = self.attributes.get(name)
        return found.value if found is not None and isinstance(found.value, str) else otherwise

    def is_constant(self) -> bool:
        return all(f is None or f.constant for f in self.facts)


def make_step(document: Document, plan: Plan, node_id: str, version: int, call: Mapping[str, Attribute]) -> Step:
    """The step of a node, its facts still to come. `call` are the attributes of the function call that it is part of."""
    node = document.node(node_id)
    attributes = {}
    for name, attribute in node.attributes.items():
        meant = call.get(attribute.ref) if attribute.ref else attribute
        if meant is not None:
            attributes[name] = meant
    for name, mended in plan.attributes.get(node_id, {}).items():
        attributes.pop(name, None)
        if mended is not None:
            attributes[name] = mended
    op_type = plan.operators.get(node_id, node.op_type)
    return Step(node, op_type, normal_domain(node.domain), version, attributes, [], call)


def proto_of(document: Document, step: Step) -> NodeProto:
    """The node as a proto whose slots are called i0, i1 … and o0, o1 …; without bodies."""
    proto = NodeProto(op_type=step.op_type, domain=step.domain)
    proto.input.extend(f"i{at}" if fact is not None else "" for at, fact in enumerate(step.facts))
    proto.output.extend(f"o{at}" if name else "" for at, name in enumerate(step.node.outputs))
    for name, attribute in step.attributes.items():
        if attribute.type not in _BODIES:
            write_attribute(proto.attribute.add(), name, attribute, lambda ref: tensor_proto(document, ref), _no_graph)
    return proto


def _no_graph(_: str) -> Any:
    raise AppError("no-graph", "a body is not evaluated like this")


def tensor_fact_of(document: Document, ref: TensorRef, width: int) -> Fact:
    """What is known of a constant: its content too where it is small."""
    array = small_array(document, ref)
    if array is not None and array.shape == ref.shape:
        return content_fact(ref.dtype, [array] * width, constant=True)
    return tensor_fact(ref.dtype, [ref.shape] * width, constant=True)


def small_array(document: Document, ref: TensorRef) -> Array | None:
    if ref.dtype not in _READ or int(np.prod(ref.shape, dtype=object)) > SMALL:
        return None
    if nbytes_of(ref.dtype, ref.shape) > _READ_BYTES:
        return None
    try:
        return read_array(document, ref)
    except AppError:
        return None  # a faulty tensor: other checks tell it


_READ_NAMES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64"
_READ = frozenset(_READ_NAMES.split())


def constant_fact(document: Document, step: Step, width: int) -> Fact | None:
    """What a Constant node holds; None for kinds of content that nothing follows."""
    for name, attribute in step.attributes.items():
        value = attribute.value
        if name == "value" and isinstance(value, TensorRef):
            return tensor_fact_of(document, value, width)
        if name in ("value_int", "value_ints"):
            return content_fact("int64", [np.array(value, np.int64)] * width, constant=True)
        if name in ("value_float", "value_floats"):
            return content_fact("float32", [np.array(value, np.float32)] * width, constant=True)
    return None
