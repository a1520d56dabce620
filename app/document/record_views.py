"""The JSON view of one node, value or graph, and of the model."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, TypeAlias

import msgspec

from onnx_scalpel.document.attribute_views import ROW_SHOWN, attribute_view, content_key, few_elements
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.live import LiveValue
from onnx_scalpel.document.operator_facts import OperatorFacts
from onnx_scalpel.document.protos import dtype_name, nbytes_of
from onnx_scalpel.document.records import NodeRecord, Shape, ValueRecord
from onnx_scalpel.document.tensors import tensor_proto
from onnx_scalpel.errors import AppError

LARGEST = 2**53  # what a number in a browser can count

View: TypeAlias = dict[str, Any]
Inferred: TypeAlias = Mapping[str, tuple[str, Shape]]


def node_view(document: Document, node_id: str, facts: OperatorFacts | None = None) -> View:
    """A NodeView."""
    live = document.live_node(node_id)
    record: NodeRecord = live.current()
    operator = (facts or OperatorFacts(document)).of(live)
    view: View = {
        "id": record.id,
        "graph": record.graph,
        "name": printable(record.name),
        "op_type": printable(record.op_type),
        "domain": printable(record.domain),
        "family": operator.family,
        "inputs": record.inputs,
        "outputs": record.outputs,
        "input_names": operator.inputs(len(record.inputs)),
        "output_names": operator.outputs(len(record.outputs)),
        "attributes": {printable(name): attribute_view(document, a) for name, a in record.attributes.items()},
        "bodies": document.body_ids(node_id),
    }
    view |= {name: told for name, told in (("overload", operator.overload), ("function", operator.function)) if told}
    if record.doc:
        view["doc"] = printable(record.doc)
    return view


def value_view(document: Document, value_id: str, inferred: Inferred) -> View:
    """A ValueView."""
    live = document.live_value(value_id)
    record: ValueRecord = live.current()
    dtype, shape, guessed = shown_type(record, inferred.get(value_id))
    view: View = {
        "id": record.id,
        "graph": record.graph,
        "name": printable(record.name),
        "dtype": printable(dtype),
        "shape": None if shape is None else [printable(d) if isinstance(d, str) else d for d in shape],
        "kind": document.kind(value_id),
        "inferred": guessed,
        "is_output": live.is_output,
        "bytes": record.tensor.nbytes if record.tensor else 0,
    }
    elements = held_elements(document, record)
    if elements:
        view["elements"] = elements
    content = content_key(record.tensor) if record.tensor else ""
    if content:
        view["content"] = content
    if record.doc:
        view["doc"] = printable(record.doc)
    return view


def held_elements(document: Document, record: ValueRecord) -> str:
    """The elements of a value's small tensor: '1, -1'; '' when it has none, or a larger one."""
    tensor = record.tensor
    if tensor is None or tensor.sparse or len(tensor.shape) > 1 or prod(tensor.shape) > ROW_SHOWN:
        return ""
    return few_elements(tensor_proto(document, tensor), tensor.dtype)


def shown_type(record: ValueRecord, guess: tuple[str, Shape] | None) -> tuple[str, Shape, bool]:
    """dtype and shape to show, and whether inference had to help: the tensor's own, else declared, else inferred."""
    if record.tensor is not None:
        return record.tensor.dtype, record.tensor.shape, False
    dtype, shape = record.dtype, record.shape
    if guess is None or record.type is not None or (dtype and shape is not None):
        return dtype, shape, False
    merged = dtype or guess[0], shape if shape is not None else guess[1]
    return *merged, merged != (dtype, shape)


def graph_view(document: Document, graph_id: str) -> View:
    """A GraphView."""
    record = document.graph(graph_id)
    view: View = {
        "id": record.id,
        "name": printable(record.name),
        "parent": record.parent or None,
        "inputs": record.inputs,
        "outputs": record.outputs,
    }
    if record.function is not None:
        view |= {"domain": printable(record.function.domain), "overload": printable(record.function.overload)}
    if record.doc:
        view["doc"] = printable(record.doc)
    return view


def arrangement_view(document: Document) -> View:
    """What readers arranged for themselves: places of nodes, and notes."""
    return {
        "places": [msgspec.to_builtins(place) for place in document.places()],
        "notes": [msgspec.to_builtins(note) for note in document.notes()],
    }


def model_view(document: Document) -> View:
    """A ModelView; parameters are counted over initializers."""
    record = document.model()
    parameters, weight_bytes = _weights(document)
    functions = []
    for graph_id in document.graph_ids():
        function = document.graph(graph_id).function if document.live_graph(graph_id).is_function else None
        if function is not None:
            name = f"{function.domain}::{document.graph(graph_id).name}"
            functions.append(printable(f"{name}:{function.overload}" if function.overload else name))
    return {
        "name": printable(document.graph(document.main.id).name),
        "ir_version": record.ir_version,
        "producer": printable(record.producer_name),
        "producer_version": printable(record.producer_version),
        "domain": printable(record.domain),
        "model_version": str(record.model_version),
        "opset_imports": [{"domain": printable(d), "version": version} for d, version in record.opset_imports],
        "metadata": [{"key": printable(k), "value": printable(v)} for k, v in record.metadata],
        "functions": functions,
        "doc": printable(record.doc),
        "parameters": parameters,
        "weight_bytes": weight_bytes,
    }


def held_tensor(live: LiveValue) -> tuple[str, tuple[int, ...], int] | None:
    """dtype, shape and bytes of a value's tensor, without making its record."""
    if live.record is not None:
        tensor = live.record.tensor
        return None if tensor is None else (tensor.dtype, tensor.shape, tensor.nbytes)
    if not live.initializers:
        return None
    held = live.initializers[0]
    values = held.values if hasattr(held, "values") else held
    dtype = dtype_name(values.data_type)
    return dtype, tuple(held.dims), nbytes_of(dtype, values.dims)


def _weights(document: Document) -> tuple[int, int]:
    """Elements and bytes of all initializers."""
    _, values, _ = document.tables()
    parameters = weight_bytes = 0
    for live in values.values():
        held = held_tensor(live)
        if held is not None and all(d >= 0 for d in held[1]):
            parameters += prod(held[1])
            weight_bytes += held[2]
    return min(parameters, LARGEST), min(weight_bytes, LARGEST)


def attribute(document: Document, node_id: str, name: str) -> View:
    """The whole of one attribute, as an AttributeView that is not cut. AppError `no-such-attribute`."""
    for own, found in document.node(node_id).attributes.items():
        if printable(own) == name:
            return attribute_view(document, found, whole=True)
    raise AppError("no-such-attribute", f"the node has no attribute {name}", subjects=(node_id,), status=404)
