"""Between protobuf messages and parts of records: names, types, tensors and attributes, exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import prod
from typing import Any

import onnx
from google.protobuf.unknown_fields import UnknownFieldSet
from onnx import AttributeProto, NodeProto, SparseTensorProto, TensorProto, TypeProto

from onnx_scalpel.document.records import Attribute, AttributeItem, Pairs, Shape, TensorRef, TypeRef
from onnx_scalpel.document.wire import delimited

DTYPE_NAMES: dict[int, str] = {n: name.lower() for name, n in TensorProto.DataType.items() if n}
DTYPE_NAMES |= {TensorProto.FLOAT: "float32", TensorProto.DOUBLE: "float64"}
DTYPE_NUMBERS: dict[str, int] = {name: n for n, name in DTYPE_NAMES.items()}
ATTRIBUTE_TYPES: dict[int, str] = {n: name for name, n in AttributeProto.AttributeType.items()}
_BITS = {
    "complex128": 128,
    "complex64": 64,
    "float64": 64,
    "int64": 64,
    "uint64": 64,
    "float32": 32,
    "int32": 32,
    "uint32": 32,
}
_BITS |= {"float16": 16, "bfloat16": 16, "int16": 16, "uint16": 16, "int4": 4, "uint4": 4, "float4e2m1": 4}
_BITS |= {"int2": 2, "uint2": 2, "float6e2m3": 6, "float6e3m2": 6}

LARGEST = 2**63 - 1  # what a faulty shape may claim at most

GraphIdOf = Callable[[str, int | None], str]
"""The id of the graph in an attribute: its name, and its place in a list of graphs."""


def text(value: str | bytes) -> str:
    """A string field; bytes that are no UTF-8 (which protobuf hands out as bytes) by surrogateescape."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")


def texts(values: Sequence[str | bytes]) -> tuple[str, ...]:
    return tuple([v if type(v) is str else text(v) for v in values])


def set_text(message: Any, field: str, value: str) -> None:
    """Set a string field, also to bytes that are no UTF-8."""
    try:
        setattr(message, field, value)
    except (UnicodeEncodeError, ValueError):
        message.ClearField(field)
        message.MergeFromString(_text_field(message, field, value))


def set_texts(message: Any, field: str, values: Sequence[str]) -> None:
    """Set a repeated string field, also to bytes that are no UTF-8."""
    message.ClearField(field)
    for value in values:
        try:
            getattr(message, field).append(value)
        except (UnicodeEncodeError, ValueError):
            message.MergeFromString(_text_field(message, field, value))


def _text_field(message: Any, field: str, value: str) -> bytes:
    return delimited(message.DESCRIPTOR.fields_by_name[field].number, value.encode("utf-8", "surrogateescape"))


def pairs(entries: Sequence[Any]) -> Pairs:
    return tuple([(text(e.key), text(e.value)) for e in entries])


def set_pairs(message: Any, field: str, values: Pairs) -> None:
    """Set a list of keys and values; entries that stay keep what else they hold."""
    entries = getattr(message, field)
    del entries[len(values) :]
    for index, (key, value) in enumerate(values):
        entry = entries[index] if index < len(entries) else entries.add()
        if text(entry.key) != key or not entry.HasField("key"):
            set_text(entry, "key", key)
        if text(entry.value) != value or not entry.HasField("value"):
            set_text(entry, "value", value)


def rest_of(node: NodeProto) -> bytes:
    """What a copy of the node needs beside its record, as a NodeProto; empty for nearly all nodes."""
    if not node.device_configurations and not len(UnknownFieldSet(node)):
        return b""
    rest = NodeProto()
    rest.CopyFrom(node)
    for field in ("name", "op_type", "domain", "overload", "doc_string", "attribute", "metadata_props"):
        rest.ClearField(field)
    data: bytes = rest.SerializeToString()
    return data


def dtype_name(number: int) -> str:
    """'float32' …; '' for none, 'unknown(99)' for a number that ONNX does not define."""
    return DTYPE_NAMES.get(number) or (f"unknown({number})" if number else "")


def dtype_number(name: str) -> int:
    """The TensorProto.DataType of a dtype name; 0 for ''. KeyError when there is none."""
    if not name:
        return 0
    return int(name[8:-1]) if name.startswith("unknown(") else DTYPE_NUMBERS[name]


def shape_of(shape: Any) -> Shape:
    """A TensorShapeProto's dims."""
    dims: list[int | str | None] = []
    for dim in shape.dim:
        kind = dim.WhichOneof("value")
        dims.append(dim.dim_value if kind == "dim_value" else text(dim.dim_param) or None if kind else None)
    return tuple(dims)


def set_shape(shape: Any, dims: tuple[int | str | None, ...]) -> None:
    """Write dims; those that stay keep their denotation."""
    del shape.dim[len(dims) :]
    current = shape_of(shape) or ()
    for index, size in enumerate(dims):
        dim = shape.dim[index] if index < len(shape.dim) else shape.dim.add()
        if index < len(current) and current[index] == size:
            continue
        dim.ClearField("dim_value")
        dim.ClearField("dim_param")
        if isinstance(size, int):
            dim.dim_value = size
        elif size is not None:
            set_text(dim, "dim_param", size)


def type_text(proto: TypeProto) -> str:
    """A type as people write it: 'tensor(float32)', 'seq(map(int64, tensor(float32)))', 'optional(…)', 'opaque(domain.Name)'."""
    kind = proto.WhichOneof("value")
    if kind in ("tensor_type", "sparse_tensor_type"):
        return f"{'sparse_' if kind[0] == 's' else ''}tensor({dtype_name(getattr(proto, kind).elem_type)})"
    if kind == "sequence_type":
        return f"seq({type_text(proto.sequence_type.elem_type)})"
    if kind == "optional_type":
        return f"optional({type_text(proto.optional_type.elem_type)})"
    if kind == "map_type":
        return f"map({dtype_name(proto.map_type.key_type)}, {type_text(proto.map_type.value_type)})"
    if kind == "opaque_type":
        return f"opaque({'.'.join(t for t in (text(proto.opaque_type.domain), text(proto.opaque_type.name)) if t)})"
    return "?"


def declared_type(proto: TypeProto) -> tuple[str, Shape, TypeRef | None]:
    """dtype, shape and, for what is no dense tensor, the type itself."""
    kind = proto.WhichOneof("value")
    if kind is None:
        return "", None, None
    if kind == "tensor_type":
        tensor = proto.tensor_type
        return dtype_name(tensor.elem_type), shape_of(tensor.shape) if tensor.HasField("shape") else None, None
    name = type_text(proto)
    return name, None, TypeRef(name, proto.SerializeToString())


def nbytes_of(dtype: str, shape: Sequence[int]) -> int:
    """Bytes that a tensor of this dtype and shape takes; 0 for strings and what is unknown or impossible."""
    if dtype == "string" or dtype not in DTYPE_NUMBERS or any(d < 0 for d in shape):
        return 0
    return min((prod(shape) * _BITS.get(dtype, 8) + 7) // 8, LARGEST)


def tensor_facts(tensor: TensorProto | SparseTensorProto, source: str = "") -> TensorRef:
    """A reference to a tensor by its source; without one it carries the tensor, nameless."""
    sparse = isinstance(tensor, SparseTensorProto)
    values = tensor.values if sparse else tensor
    dtype = dtype_name(values.data_type)
    shape = tuple(tensor.dims)
    nbytes = nbytes_of(dtype, values.dims)
    if source:
        return TensorRef(dtype, shape, nbytes, source=source, sparse=sparse)
    copy = type(tensor)()
    copy.CopyFrom(tensor)
    (copy.values if sparse else copy).ClearField("name")
    return TensorRef(dtype, shape, nbytes, proto=copy.SerializeToString(), sparse=sparse)


_BESIDE_DATA = ("name", "doc_string", "metadata_props")  # what a tensor has besides type, shape and data
VALUE_FIELDS = {  # by attribute type: the field of an AttributeProto that holds the value
    "FLOAT": "f",
    "INT": "i",
    "STRING": "s",
    "TENSOR": "t",
    "GRAPH": "g",
    "SPARSE_TENSOR": "sparse_tensor",
    "TYPE_PROTO": "tp",
    "FLOATS": "floats",
    "INTS": "ints",
    "STRINGS": "strings",
    "TENSORS": "tensors",
    "GRAPHS": "graphs",
    "SPARSE_TENSORS": "sparse_tensors",
    "TYPE_PROTOS": "type_protos",
}


def attribute_type(proto: AttributeProto) -> str:
    """The attribute's type; models of IR 1 leave it out, then by what is there."""
    if proto.type:
        return ATTRIBUTE_TYPES[proto.type]
    for name, field in VALUE_FIELDS.items():
        if proto.HasField(field) if name[-1] != "S" else len(getattr(proto, field)):
            return name
    return "UNDEFINED"


def read_attribute(proto: AttributeProto, graph_id: GraphIdOf, source: str) -> Attribute:
    """The attribute as a record; `source` names the tensors in it ('<node id>.<attribute>'); without one it carries them."""
    kind, ref, doc = attribute_type(proto), text(proto.ref_attr_name), text(proto.doc_string)
    if ref or kind == "UNDEFINED":
        return Attribute(kind, ref=ref, doc=doc)
    value = getattr(proto, VALUE_FIELDS[kind])
    if kind in ("INT", "FLOAT"):
        return Attribute(kind, value, doc=doc)
    if kind in ("INTS", "FLOATS"):
        return Attribute(kind, tuple(value), doc=doc)
    name = text(proto.name)
    if not kind.endswith("S"):
        return Attribute(kind, _item(kind, value, partial(graph_id, name, None), source), doc=doc)
    items = (_item(kind[:-1], v, partial(graph_id, name, i), source and f"{source}[{i}]") for i, v in enumerate(value))
    return Attribute(kind, tuple(items), doc=doc)


def _item(kind: str, value: Any, graph_id: Callable[[], str], source: str) -> AttributeItem:
    if kind == "STRING":
        return text(value)
    if kind in ("TENSOR", "SPARSE_TENSOR"):
        return tensor_facts(value, source)
    if kind == "TYPE_PROTO":
        return TypeRef(type_text(value), value.SerializeToString())
    return graph_id()


def write_attribute(
    proto: AttributeProto,
    name: str,
    attribute: Attribute,
    tensor: Callable[[TensorRef], Any],
    graph: Callable[[str], Any],
) -> None:
    """Make `proto` say what the record says; its other fields stay. `tensor` and `graph` give the protos of references."""
    if not proto.name:
        set_text(proto, "name", name)
    proto.type = AttributeProto.AttributeType.Value(attribute.type)
    if text(proto.doc_string) != attribute.doc:
        set_text(proto, "doc_string", attribute.doc)
    held = proto.t if attribute.type == "TENSOR" and proto.HasField("t") else None
    for field in ("ref_attr_name", *(f for f in VALUE_FIELDS.values() if f != "t" or held is None)):
        proto.ClearField(field)
    if held is not None and isinstance(attribute.value, TensorRef):
        put_data(held, tensor(attribute.value))
        return
    if attribute.ref:
        set_text(proto, "ref_attr_name", attribute.ref)
        return
    if attribute.type == "UNDEFINED":
        return
    field, value = VALUE_FIELDS[attribute.type], attribute.value
    if isinstance(value, tuple):
        getattr(proto, field).extend(_plain(v, attribute.type[:-1], tensor, graph) for v in value)
    elif isinstance(value, int | float) or attribute.type == "STRING":
        setattr(proto, field, _plain(value, attribute.type, tensor, graph))
    elif value is not None:
        getattr(proto, field).CopyFrom(_plain(value, attribute.type, tensor, graph))


def put_data(target: TensorProto, source: TensorProto) -> None:
    """Give a tensor the type, shape and data of another one; its name, docs and whatever else it says stay."""
    part = TensorProto()
    part.CopyFrom(source)
    for field in _BESIDE_DATA:
        part.ClearField(field)
    part.DiscardUnknownFields()
    for field in TensorProto.DESCRIPTOR.fields:
        if field.name not in _BESIDE_DATA:
            target.ClearField(field.name)
    target.MergeFrom(part)


def _plain(value: Any, kind: str, tensor: Callable[[TensorRef], Any], graph: Callable[[str], Any]) -> Any:
    if isinstance(value, TensorRef):
        return tensor(value)
    if isinstance(value, TypeRef):
        return TypeProto.FromString(value.proto)
    if kind == "GRAPH":
        return graph(value)
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value


def opset_pairs(entries: Sequence[onnx.OperatorSetIdProto]) -> tuple[tuple[str, int], ...]:
    return tuple([(text(e.domain), e.version) for e in entries])
