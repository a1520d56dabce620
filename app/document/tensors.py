"""Tensors by reference: what a reference stands for, its data when somebody needs it, and references to new data."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from msgspec.structs import replace
from numpy.typing import NDArray
from onnx import AttributeProto, SparseTensorProto, TensorProto

from onnx_scalpel.document.live import gs_attribute, make_constant, new_variable
from onnx_scalpel.document.protos import tensor_facts, text, write_attribute
from onnx_scalpel.document.records import Attribute, NodeRecord, Record, TensorRef, ValueRecord
from onnx_scalpel.document.store import LOCATION, STORED_FROM, TensorStore
from onnx_scalpel.errors import AppError

if TYPE_CHECKING:
    from onnx_scalpel.document.document import Document


def tensor_proto(document: Document, ref: TensorRef) -> Any:
    """The TensorProto or SparseTensorProto that a reference stands for; of the opened file: do not change it.

    Its data may be an external reference (relative to the model's folder, or into the model's own file).
    """
    if ref.digest:
        return _stored(ref)
    if not ref.source:
        return (SparseTensorProto if ref.sparse else TensorProto).FromString(ref.proto)
    found = _source(document, ref.source)
    if found is None:
        raise AppError(
            "no-such-tensor", f"the tensor of {ref.source} is not in this model", subjects=(ref.source,), status=404
        )
    return found


def keep_large(store: TensorStore, ref: TensorRef) -> TensorRef:
    """The reference itself, or one to the store when it carries much data."""
    if ref.digest or ref.source or ref.sparse or len(ref.proto) < STORED_FROM:
        return ref
    proto = TensorProto.FromString(ref.proto)
    if proto.data_type == TensorProto.STRING or proto.data_location == TensorProto.EXTERNAL:
        return ref
    if not proto.HasField("raw_data"):
        try:
            array = onnx.numpy_helper.to_array(proto)
            proto = TensorProto.FromString(onnx.numpy_helper.from_array(array).SerializeToString())
        except (ValueError, TypeError, KeyError):
            return ref  # data that does not fit the shape: a check says so
    if len(proto.raw_data) < STORED_FROM:
        return ref
    digest = store.add(proto.raw_data)
    proto.ClearField("raw_data")
    return replace(ref, proto=proto.SerializeToString(), digest=digest)


def require_data(store: TensorStore, record: Record | None) -> None:
    """AppError `external-data` when the store lacks a tensor of this record."""
    held: list[object] = []
    if isinstance(record, ValueRecord):
        held.append(record.tensor)
    elif isinstance(record, NodeRecord):
        held += (attribute.value for attribute in record.attributes.values())
    for ref in held:
        if isinstance(ref, TensorRef) and ref.digest:
            store.path(ref.digest)


def _stored(ref: TensorRef) -> TensorProto:
    proto = TensorProto.FromString(ref.proto)
    proto.data_location = TensorProto.EXTERNAL
    for key, value in (("location", LOCATION + ref.digest), ("offset", "0"), ("length", str(ref.nbytes))):
        proto.external_data.add(key=key, value=value)
    return proto


def _source(document: Document, source: str) -> Any:
    """The opened file's tensor: of a value, or of a node's or function's attribute (`<id>.<attribute>`, `…[2]` in a list)."""
    value = document.opened("value", source)
    if value is not None and value.initializers:
        return value.initializers[0]
    at = source.rfind(".")
    while at > 0:
        owner, name = source[:at], source[at + 1 :]
        node = document.opened("node", owner)
        graph = document.opened("graph", owner) if node is None else None
        if node is not None and node.origin is not None:
            return _in_attributes(node.origin.attribute, name)
        if graph is not None and graph.is_function and graph.proto is not None:
            return _in_attributes(graph.proto.attribute_proto, name)
        at = source.rfind(".", 0, at)
    return None


def _in_attributes(attributes: Any, name: str) -> Any:
    for attribute in attributes:
        own = text(attribute.name)
        if own == name:
            return attribute.t if attribute.HasField("t") else attribute.sparse_tensor
        index = name[len(own) + 1 : -1]
        if name == f"{own}[{index}]" and index.isdigit():
            held = attribute.tensors or attribute.sparse_tensors
            return held[int(index)] if int(index) < len(held) else None
    return None


def full_tensor(document: Document, ref: TensorRef) -> TensorProto:
    """A dense tensor with its data inside, nameless. Raises AppError `external-data` when the data cannot be had."""
    proto = tensor_proto(document, ref)
    copy = TensorProto()
    copy.CopyFrom(proto)
    copy.ClearField("name")
    if copy.data_location == TensorProto.EXTERNAL:
        data = document.file.tensor_data(proto)
        if ref.nbytes and len(data) < ref.nbytes:
            raise AppError(
                "external-data", "the data file is shorter than the tensor", hint="the data file may be truncated"
            )
        copy.ClearField("external_data")
        copy.ClearField("data_location")
        copy.raw_data = data
    return copy


def read_array(document: Document, ref: TensorRef) -> NDArray[Any]:
    """A tensor's data as an array; a sparse tensor as the dense one it stands for. Texts are str (bytes that are no UTF-8
    by surrogateescape) in an array of objects.

    Raises AppError `external-data`, or `bad-tensor` when the data does not fit the dtype and shape.
    """
    try:
        if ref.sparse:
            return _dense(tensor_proto(document, ref))
        tensor = full_tensor(document, ref)
        if tensor.data_type == TensorProto.STRING:
            return _texts(tensor)
        array: NDArray[Any] = onnx.numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise AppError("bad-tensor", f"the tensor's data does not fit {ref.dtype} {list(ref.shape)}") from error
    return array


def _texts(tensor: TensorProto) -> NDArray[Any]:
    array = np.empty(len(tensor.string_data), dtype=object)
    array[:] = [text(data) for data in tensor.string_data]
    return array.reshape(tuple(tensor.dims))


def _dense(sparse: SparseTensorProto) -> NDArray[Any]:
    values, indices = onnx.numpy_helper.to_array(sparse.values), onnx.numpy_helper.to_array(sparse.indices)
    dense = np.zeros(tuple(sparse.dims), dtype=values.dtype)
    places = indices if indices.ndim == 1 else np.ravel_multi_index(tuple(indices.T), dense.shape)
    dense.reshape(-1)[places] = values
    return dense


def make_tensor(array: NDArray[Any]) -> TensorRef:
    """A reference that carries this array, texts as `read_array` gives them."""
    if array.dtype == object:
        data = [str(item).encode("utf-8", "surrogateescape") for item in array.reshape(-1)]
        return tensor_facts(TensorProto(data_type=TensorProto.STRING, dims=array.shape, string_data=data))
    return tensor_facts(onnx.numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape)))


def gs_value(document: Document, attribute: Attribute, graph: Callable[[str], Any]) -> Any:
    """An attribute's value as graphsurgeon holds it; `graph` gives the gs.Graph of an id."""
    if attribute.type == "GRAPH" and isinstance(attribute.value, str):
        return graph(attribute.value)
    if attribute.type == "GRAPHS" and isinstance(attribute.value, tuple):
        return [graph(str(g)) for g in attribute.value]
    if attribute.type == "TENSOR" and isinstance(attribute.value, TensorRef):
        tensor = new_variable("")
        make_constant(tensor, tensor_proto(document, attribute.value))
        return tensor
    if attribute.type in ("INT", "FLOAT", "STRING") and not attribute.ref:
        return attribute.value
    if attribute.type in ("INTS", "FLOATS", "STRINGS") and isinstance(attribute.value, tuple):
        return list(attribute.value)
    proto = AttributeProto()
    write_attribute(proto, "", attribute, lambda ref: tensor_proto(document, ref), graph)
    return gs_attribute(proto)
