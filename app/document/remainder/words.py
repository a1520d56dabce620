"""Messages and fields in words: one line each, in the terms of the format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from onnx import TensorProto, TypeProto

from onnx_scalpel.document.attribute_views import shown_float
from onnx_scalpel.document.protos import VALUE_FIELDS, attribute_type, dtype_name, shape_of

BYTES_SHOWN = 64
HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Characters that nobody sees: controls, marks of direction, spaces without width; lone surrogates stand for bytes that are no UTF-8."""


def is_text(value: str | bytes) -> bool:
    """Whether these bytes are UTF-8; protobuf hands out a string field that is none as bytes."""
    try:
        return isinstance(value, str) or bool(value.decode() or True)
    except UnicodeDecodeError:
        return False


def legible(value: str | bytes) -> str:
    """A text for people: bytes that are no UTF-8 as `\\xff`."""
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")


def spelt_out(name: str) -> str:
    """A name with its hidden characters as escapes; '' when it has none but line ends and tabs."""
    if not HIDDEN.search(name):
        return ""
    return HIDDEN.sub(lambda found: _escape(found.group()), name)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte, by surrogateescape
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def bytes_words(data: bytes, shown: int = BYTES_SHOWN) -> str:
    """The text that these bytes are, with escapes for the few that are none; else '12 bytes: 08 01 …'."""
    text = data[:shown].decode("utf-8", "backslashreplace") if len(data) > shown else legible(data)
    odd = len(HIDDEN.findall(text)) + text.count("\\x")
    if data and odd * 8 <= len(text):
        return text + ("…" if len(data) > shown else "")
    more = " …" if len(data) > shown else ""
    return f"{len(data):,} byte{'' if len(data) == 1 else 's'}: {data[:shown].hex(' ')}{more}"


def scalar_words(field: Any, value: Any, shown: int = BYTES_SHOWN) -> str:
    """A number, text or bytes of a field."""
    if field.enum_type is not None:
        named = field.enum_type.values_by_number.get(value)
        return str(value) if named is None else str(named.name)
    if isinstance(value, bytes):
        return bytes_words(value, shown) if field.type == field.TYPE_BYTES else legible(value)
    return str(shown_float(value)) if isinstance(value, float) else str(value)


def type_words(proto: TypeProto) -> str:
    """'sequence of maps from int64 to float32 [N, 4]', 'optional string, any shape', 'opaque type domain.Name'."""
    kind = proto.WhichOneof("value")
    if kind in ("tensor_type", "sparse_tensor_type"):
        tensor = getattr(proto, kind)
        shape = f" {dims_words(shape_of(tensor.shape) or ())}" if tensor.HasField("shape") else ", any shape"
        return f"{'sparse ' if kind[0] == 's' else ''}{dtype_name(tensor.elem_type) or 'no dtype'}{shape}"
    if kind == "sequence_type":
        return f"sequence of {type_words(proto.sequence_type.elem_type)}"
    if kind == "optional_type":
        return f"optional {type_words(proto.optional_type.elem_type)}"
    if kind == "map_type":
        return (
            f"map from {dtype_name(proto.map_type.key_type) or 'no dtype'} to {type_words(proto.map_type.value_type)}"
        )
    if kind == "opaque_type":
        name = [legible(part) for part in (proto.opaque_type.domain, proto.opaque_type.name) if part]
        return f"opaque type {'.'.join(name)}".strip()
    return "no type"


def dims_words(dims: Iterable[int | str | None]) -> str:
    return f"[{', '.join('?' if dim is None else str(dim) for dim in dims)}]"


def _node(proto: Any) -> str:
    operator = ".".join(legible(part) for part in (proto.domain, proto.op_type) if part) or "no operator"
    inputs = ", ".join(legible(name) or "–" for name in proto.input)
    outputs = ", ".join(legible(name) or "–" for name in proto.output)
    return f"{outputs + ' = ' if outputs else ''}{operator}({inputs})"


def _graph(proto: Any) -> str:
    counts = ((len(proto.node), "node"), (len(proto.initializer), "initializer"))
    told = (f"{number:,} {word}{'' if number == 1 else 's'}" for number, word in counts if number)
    return ", ".join(part for part in (legible(proto.name), *told) if part)


def _attribute(proto: Any) -> str:
    kind = attribute_type(proto)
    if proto.ref_attr_name:
        value = f"from {legible(proto.ref_attr_name)}"
    elif kind == "INT":
        value = str(proto.i)
    elif kind == "FLOAT":
        value = str(shown_float(proto.f))
    else:
        value = ""
    return " ".join(part for part in (legible(proto.name), kind if kind in VALUE_FIELDS else "", value) if part)


def _tensor(proto: TensorProto) -> str:
    dtype = dtype_name(proto.data_type) or "no dtype"
    return " ".join(part for part in (legible(proto.name), f"{dtype} {dims_words(proto.dims)}") if part)


_SUMMARIES: dict[str, Callable[[Any], str]] = {
    "StringStringEntryProto": lambda p: f"{legible(p.key)} = {legible(p.value)}",
    "IntIntListEntryProto": lambda p: f"{p.key} = {', '.join(map(str, p.value))}",
    "OperatorSetIdProto": lambda p: f"{legible(p.domain) or 'ai.onnx'} {p.version}",
    "TypeProto": type_words,
    "ValueInfoProto": lambda p: f"{legible(p.name)}: {type_words(p.type)}",
    "NodeProto": _node,
    "GraphProto": _graph,
    "FunctionProto": lambda p: ".".join(legible(part) for part in (p.domain, p.name) if part),
    "AttributeProto": _attribute,
    "TensorProto": _tensor,
    "SparseTensorProto": lambda p: f"{dtype_name(p.values.data_type) or 'no dtype'} {dims_words(p.dims)}",
    "TensorAnnotation": lambda p: legible(p.tensor_name),
    "DeviceConfigurationProto": lambda p: legible(p.name),
    "NodeDeviceConfigurationProto": lambda p: legible(p.configuration_id),
    "ShardingSpecProto": lambda p: legible(p.tensor_name),
}


def summary(message: Any) -> str:
    """One line about a message; '' for a kind that needs none, or is not known here."""
    describe = _SUMMARIES.get(message.DESCRIPTOR.name)
    return "" if describe is None else describe(message)
