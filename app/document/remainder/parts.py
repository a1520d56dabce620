"""The parts of the edited model that belong to one subject, and what the rest of a page shows of each."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

from onnx import AttributeProto, SparseTensorProto, TensorProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveGraph, LiveValue
from onnx_scalpel.document.protos import (
    DTYPE_NAMES,
    VALUE_FIELDS,
    attribute_type,
    declared_type,
    nbytes_of,
    pairs,
    text,
)
from onnx_scalpel.document.records import MODEL_ID, ValueRecord
from onnx_scalpel.document.remainder.rows import TYPE_FIELDS, Elsewhere
from onnx_scalpel.document.remainder.standing import Standing
from onnx_scalpel.document.remainder.words import legible
from onnx_scalpel.document.store import LOCATION
from onnx_scalpel.document.weightless import external_entries

NAME_SHOWN = 80  # characters
ENTRY = {"StringStringEntryProto": frozenset({"key", "value"}), "OperatorSetIdProto": frozenset({"domain", "version"})}
_DATA_FIELDS = {
    TensorProto.FLOAT: "float_data",
    TensorProto.COMPLEX64: "float_data",
    TensorProto.DOUBLE: "double_data",
    TensorProto.COMPLEX128: "double_data",
    TensorProto.INT64: "int64_data",
    TensorProto.UINT32: "uint64_data",
    TensorProto.UINT64: "uint64_data",
    TensorProto.STRING: "string_data",
}
_MODEL = "ir_version opset_import producer_name producer_version domain model_version doc_string graph metadata_props functions"
_NODE = "input output name op_type domain overload attribute doc_string metadata_props"


class Part(NamedTuple):
    """A message about a subject. `elsewhere` None: nothing else shows any of it."""

    name: str
    message: Any
    elsewhere: Elsewhere | None


def parts_of(standing: Standing, subject: str) -> Iterator[Part]:
    """Every message about the model (`model:`), a graph, a node or a value. AppError `no-such-value`."""
    document = standing.document
    if subject == MODEL_ID:
        yield Part("", standing.proto, _shown("ModelProto", _MODEL, whole="graph functions"))
    elif document.has("graph", subject):
        yield from _of_graph(standing, document.live_graph(subject))
    elif document.has("node", subject):
        yield from _of_node(standing, subject)
    else:
        yield from _of_value(standing, document.live_value(subject))


def _shown(message: str, fields: str, whole: str = "", **more: frozenset[str]) -> Elsewhere:
    return Elsewhere({message: frozenset(fields.split()), **ENTRY, **more}, {message: frozenset(whole.split())})


def _of_graph(standing: Standing, live: LiveGraph) -> Iterator[Part]:
    message = standing.graph(live)
    if live.is_function:
        whole = "node value_info"
        fields = f"name domain overload input output doc_string metadata_props {whole}"
        yield Part("", message, _shown("FunctionProto", fields, whole))
    else:
        whole = "node initializer sparse_initializer input output value_info"
        yield Part("", message, _shown("GraphProto", f"name doc_string metadata_props {whole}", whole))
    for info in message.value_info:
        if live.visible(text(info.name)) is None:
            yield Part("value_info", info, None)


def _of_node(standing: Standing, node_id: str) -> Iterator[Part]:
    live = standing.document.live_node(node_id)
    message = standing.node(live)
    yield Part("", message, _shown("NodeProto", _NODE, whole="attribute"))
    seen: set[str] = set()
    for attribute in message.attribute:
        name = text(attribute.name)
        shown = legible(attribute.name)[:NAME_SHOWN]
        yield Part(
            f"attribute {shown}", attribute, None if name in seen else attribute_elsewhere(standing.document, attribute)
        )
        seen.add(name)


def attribute_elsewhere(document: Document, attribute: AttributeProto) -> Elsewhere:
    """What a node's panel shows of an attribute: its value, as its type says; of a tensor what a tensor is shown by."""
    kind = attribute_type(attribute)
    fields = {"name", "type"}
    whole: dict[str, frozenset[str]] = {}
    if attribute.ref_attr_name:
        fields.add("ref_attr_name")
    elif kind in VALUE_FIELDS and not kind.startswith("TYPE_PROTO"):  # a type's text says nothing of its shapes
        fields.add(VALUE_FIELDS[kind])
        if kind in ("GRAPH", "GRAPHS"):
            whole["AttributeProto"] = frozenset({VALUE_FIELDS[kind]})
    if kind.startswith("SPARSE"):
        held = attribute.sparse_tensors if kind.endswith("S") else [attribute.sparse_tensor]
        tensors = [sparse.values if _shows_sparse(sparse) else TensorProto() for sparse in held]
    else:
        tensors = list(attribute.tensors) if kind == "TENSORS" else [attribute.t]
    common = frozenset.intersection(*(tensor_fields(document, t) for t in tensors)) if tensors else frozenset()
    return Elsewhere(
        {
            **ENTRY,
            "AttributeProto": frozenset(fields),
            "TensorProto": common,
            "SparseTensorProto": frozenset({"dims", "values"}),
        },
        whole,
    )


def tensor_fields(document: Document, tensor: TensorProto) -> frozenset[str]:
    """What the view of a tensor shows of its message: type, shape and the data that counts."""
    fields = {"dims", "data_type"}
    if tensor.data_location == TensorProto.EXTERNAL:
        entries = external_entries(tensor)
        own = document.file.own_range(entries) is not None
        if own or entries.get("location", "").startswith(LOCATION):  # it was inside, or will be: the reference is ours
            fields |= {"external_data", "data_location"}
    elif _fits(tensor):
        fields.add(_data_field(tensor))
    return frozenset(fields)


def _data_field(tensor: TensorProto) -> str:
    return "raw_data" if tensor.HasField("raw_data") else _DATA_FIELDS.get(tensor.data_type, "int32_data")


def _fits(tensor: TensorProto) -> bool:
    """Whether the data is what dtype and shape call for; a view shows no other."""
    if tensor.data_type not in DTYPE_NAMES or any(dim < 0 for dim in tensor.dims):
        return False
    dtype, elements, held = DTYPE_NAMES[tensor.data_type], prod(tensor.dims), getattr(tensor, _data_field(tensor))
    if isinstance(held, bytes):
        return dtype != "string" and len(held) == nbytes_of(dtype, tensor.dims)
    packed = nbytes_of(dtype, (8,)) in (2, 4)  # of 2 or 4 bits: several elements in each number
    expected = nbytes_of(dtype, tensor.dims) if packed else elements * (2 if dtype.startswith("complex") else 1)
    return len(held) == expected


def _shows_sparse(sparse: SparseTensorProto) -> bool:
    """Whether a view can show a sparse tensor: as many places as values."""
    places = sparse.indices.dims[0] if sparse.indices.dims else 0
    return _fits(sparse.values) and _fits(sparse.indices) and list(sparse.values.dims) == [places]


def _of_value(standing: Standing, live: LiveValue) -> Iterator[Part]:
    document, record = standing.document, live.current()
    for graph, place, info in _infos(standing, live):
        own = graph is live.graph
        yield Part(place, info, _info_elsewhere(info, record) if own else None)
    yield from _tensors(standing, live, record)
    name = live.name
    for graph in _graphs_that_see(document, live):
        if graph.is_function:
            continue
        for annotation in standing.graph(graph).quantization_annotation:
            named = (text(entry.value) for entry in annotation.quant_parameter_tensor_names)
            if text(annotation.tensor_name) == name or name in named:
                yield Part("quantization_annotation", annotation, None)


def _infos(standing: Standing, live: LiveValue) -> Iterator[tuple[LiveGraph, str, Any]]:
    """The ValueInfoProtos about a value with the graph and the list that each is in; bodies may describe an outer one."""
    for graph in _graphs_that_see(standing.document, live):
        message = standing.graph(graph)
        for place in ("value_info",) if graph.is_function else ("input", "output", "value_info"):
            for info in getattr(message, place):
                if text(info.name) == live.name:
                    yield graph, place, info


def _graphs_that_see(document: Document, live: LiveValue) -> Iterator[LiveGraph]:
    """The value's own graph, then the bodies in it where its name means it."""
    waiting = [live.graph]
    while waiting:
        graph = waiting.pop()
        if graph.visible(live.name) is live:
            yield graph
            waiting.extend(graph.children.values())


def _info_elsewhere(info: Any, record: ValueRecord) -> Elsewhere:
    """A panel shows one type, one doc and one set of metadata of a value; what says otherwise is left."""
    fields = {"name"}
    dtype, shape, kind = declared_type(info.type)
    stands = (record.dtype, record.shape) if record.tensor is None else (record.tensor.dtype, record.tensor.shape)
    if kind is None and (dtype, shape) == stands:
        fields.add("type")
    if text(info.doc_string) == record.doc:
        fields.add("doc_string")
    if pairs(info.metadata_props) == record.metadata:
        fields.add("metadata_props")
    return Elsewhere(
        {**ENTRY, **TYPE_FIELDS, "TypeProto": frozenset({"tensor_type"}), "ValueInfoProto": frozenset(fields)}
    )


def _tensors(standing: Standing, live: LiveValue, record: ValueRecord) -> Iterator[Part]:
    """The initializers of a value's name: one is shown, a faulty file may have more."""
    if live.graph.is_function:
        return
    message, first = standing.graph(live.graph), record.tensor is not None
    for place in ("initializer", "sparse_initializer"):
        if record.tensor is None and not live.initializers:
            continue
        for tensor in getattr(message, place):
            values = tensor.values if place == "sparse_initializer" else tensor
            if text(values.name) == live.name:
                shown = values if values is tensor or _shows_sparse(tensor) else TensorProto()
                yield Part(
                    place, tensor, _tensor_elsewhere(standing.document, shown, values, record) if first else None
                )
                first = False


def _tensor_elsewhere(document: Document, shown: TensorProto, values: TensorProto, record: ValueRecord) -> Elsewhere:
    fields = {"name", *tensor_fields(document, shown)}
    if text(values.doc_string) == record.doc:
        fields.add("doc_string")
    if pairs(values.metadata_props) == record.metadata:
        fields.add("metadata_props")
    return Elsewhere({**ENTRY, "TensorProto": frozenset(fields), "SparseTensorProto": frozenset({"dims", "values"})})
