"""Constants that were made for the old size: what they hold, and the pattern by which they can be made anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx.helper

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import nbytes_of, write_attribute
from onnx_scalpel.document.records import MAIN_GRAPH, Attribute, NodeRecord, TensorRef
from onnx_scalpel.document.tensors import full_tensor, read_array, tensor_proto
from onnx_scalpel.edits.scopes import opset_imports
from onnx_scalpel.errors import AppError
from onnx_scalpel.transforms.resizing.evaluating import run_constant
from onnx_scalpel.transforms.resizing.facts import Array, Fact
from onnx_scalpel.transforms.resizing.plan import Fresh
from onnx_scalpel.transforms.resizing.vectors import Vector

_LARGEST = 1 << 26  # bytes of a constant that is looked into
_MOST_NODES = 64  # of a computed constant


def content_of(document: Document, value: str) -> Array | None:
    """What a constant holds, computed by the runtime where nodes make it; None where that is too much or does not work."""
    record = document.value(value)
    tensor = record.tensor
    producer = document.producer(value)
    if tensor is None and producer is not None:
        maker = document.node(producer.node)
        held = maker.attributes.get("value")
        if maker.op_type == "Constant" and held is not None and isinstance(held.value, TensorRef):
            tensor = held.value
    if tensor is not None:
        if nbytes_of(tensor.dtype, tensor.shape) > _LARGEST:
            return None
        try:
            return read_array(document, tensor)
        except AppError:
            return None
    return None if producer is None else _computed(document, value)


def _computed(document: Document, value: str) -> Array | None:
    """The content of a value that nodes make of constants alone."""
    nodes: dict[str, NodeRecord] = {}
    tensors: dict[str, TensorRef] = {}
    pending = [value]
    while pending:
        current = pending.pop()
        record, producer = document.value(current), document.producer(current)
        if record.tensor is not None:
            tensors[current] = record.tensor
        elif producer is not None and producer.node not in nodes:
            node = document.node(producer.node)
            if len(nodes) >= _MOST_NODES or any(a.type.startswith("GRAPH") or a.ref for a in node.attributes.values()):
                return None
            nodes[node.id] = node
            pending += [i for i in node.inputs if i]
        elif producer is None:
            return None
    if sum(t.nbytes for t in tensors.values()) > _LARGEST:
        return None
    return _run(document, value, sorted(nodes.values(), key=lambda n: (n.graph, n.order)), tensors)


def _run(document: Document, value: str, nodes: list[NodeRecord], tensors: Mapping[str, TensorRef]) -> Array | None:
    try:
        held = {name: full_tensor(document, ref) for name, ref in tensors.items()}
        protos = [_proto(document, node) for node in nodes]
    except AppError:
        return None
    for name, tensor in held.items():
        tensor.name = name
    graph = onnx.helper.make_graph(
        protos, "constant", [], [onnx.ValueInfoProto(name=value)], initializer=list(held.values())
    )
    imports = [onnx.helper.make_opsetid(d, v) for d, v in opset_imports(document, MAIN_GRAPH).items()]
    return run_constant(onnx.helper.make_model(graph, opset_imports=imports, ir_version=10))


def _proto(document: Document, node: NodeRecord) -> onnx.NodeProto:
    proto = onnx.NodeProto(op_type=node.op_type, domain=node.domain)
    proto.input.extend(node.inputs)
    proto.output.extend(node.outputs)
    for name, attribute in node.attributes.items():
        _write(document, proto, name, attribute)
    return proto


def _write(document: Document, proto: onnx.NodeProto, name: str, attribute: Attribute) -> None:
    def data(ref: TensorRef) -> Any:
        return tensor_proto(document, ref) if ref.sparse else full_tensor(document, ref)

    write_attribute(proto.attribute.add(), name, attribute, data, lambda _: None)


def regrown(value: str, fact: Fact, array: Array, wanted: Mapping[int, Vector], *, broadcasts: bool) -> Fresh | None:
    """The constant for other sizes of these axes, where it has a pattern that says how it goes on."""
    vectors = fact.vectors
    if vectors is None or array.size == 0 or array.dtype.kind not in "iufb":
        return None
    shape = [wanted.get(axis, vector) for axis, vector in enumerate(vectors)]
    single = array
    for axis in wanted:
        single = single.take([0], axis=axis)
    if _same(array, single):
        grown = [(1,) * len(v) if axis in wanted and broadcasts else v for axis, v in enumerate(shape)]
        return Fresh("uniform", value, fact.dtype, tuple(grown), tuple(wanted), single)
    if len(wanted) == 1 and array.dtype.kind in "iuf":
        return _range(value, fact, array, shape, next(iter(wanted)))
    if len(wanted) == 2:
        return _triangle(value, fact, array, shape, wanted)
    return None


def _same(array: Array, other: Array) -> bool:
    return bool(np.array_equal(array, np.broadcast_to(other, array.shape), equal_nan=array.dtype.kind == "f"))


def _range(value: str, fact: Fact, array: Array, shape: list[Vector], axis: int) -> Fresh | None:
    """A constant that counts along one axis (0, 1, 2 …, or in one of its columns), whatever it is along the others."""
    first = array.take([0], axis=axis)
    step = array.take([min(1, array.shape[axis] - 1)], axis=axis) - first
    count = np.arange(array.shape[axis]).reshape([-1 if at == axis else 1 for at in range(array.ndim)])
    sizes = np.unique(step)
    if array.shape[axis] < 2 or np.count_nonzero(sizes) != 1:
        return None
    counts = array.dtype.kind == "f" and array.size == array.shape[axis] > 3 and not first.any() and sizes[0] == 1
    if array.dtype not in (np.int64, np.int32) and not counts:
        return None  # a weight that happens to rise by equal steps says nothing about further ones
    if not np.array_equal(array, (first + step * count).astype(array.dtype)):
        return None
    uniform = sizes[0] if len(sizes) == 1 else step
    return Fresh("range", value, fact.dtype, tuple(shape), (axis,), first, (uniform,))


def _triangle(value: str, fact: Fact, array: Array, shape: list[Vector], wanted: Mapping[int, Vector]) -> Fresh | None:
    """One number on and below the diagonal of two axes, another above it: a causal mask."""
    rows, columns = sorted(wanted)
    if array.shape[rows] != array.shape[columns] or array.size != array.shape[rows] ** 2 or array.shape[rows] < 3:
        return None
    square = array.reshape(array.shape[rows], array.shape[columns])
    low, high = square[1, 0], square[0, 1]
    ideal = np.where(np.tri(len(square), dtype=bool), low, high)
    if not _same(square, ideal) or wanted[rows] != wanted[columns]:
        return None
    return Fresh("triangle", value, fact.dtype, tuple(shape), (rows, columns), None, (low, high))
