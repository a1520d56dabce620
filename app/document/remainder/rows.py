"""The fields of a message as rows: those that nothing else shows, whatever they are, unknown ones included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from google.protobuf.unknown_fields import UnknownFieldSet

from onnx_scalpel.document.remainder.words import BYTES_SHOWN, bytes_words, is_text, scalar_words, summary

TEXT_SHOWN = 400  # characters
LIST_SHOWN = 32  # items
_GROUP = 3
_WIRE_TYPES = {0: "number", 1: "64 bits", 2: "bytes", 5: "32 bits"}
Fields = Mapping[str, frozenset[str]]
"""Names of fields by the name of their message."""


class Row(NamedTuple):
    """One line: how deep it is indented, the field's name, what is in it, and whether that is cut."""

    depth: int
    name: str
    text: str
    cut: bool = False


class Elsewhere(NamedTuple):
    """What other parts of a page show. `shown`: fields that they show, into whose messages one looks for more; `whole`: fields
    whose messages are looked at on their own."""

    shown: Fields
    whole: Fields = {}  # noqa: RUF012 - a tuple's default is never written to


def _names(**fields: str) -> Fields:
    return {message: frozenset(names.split()) for message, names in fields.items()}


TYPE_FIELDS = _names(
    TensorShapeProto="dim",
    Dimension="dim_value dim_param",
    Tensor="elem_type shape",
    SparseTensor="elem_type shape",
    Sequence="elem_type",
    Optional="elem_type",
    Map="key_type value_type",
    Opaque="domain name",
    TypeProto="tensor_type sparse_tensor_type sequence_type optional_type map_type opaque_type",
)
IN_SUMMARY = Elsewhere(
    {
        **TYPE_FIELDS,
        **_names(
            StringStringEntryProto="key value",
            IntIntListEntryProto="key value",
            OperatorSetIdProto="domain version",
            ValueInfoProto="name type",
            NodeProto="input output op_type domain",
            GraphProto="name",
            FunctionProto="domain name",
            AttributeProto="name type i f ref_attr_name",
            TensorProto="name dims data_type",
            SparseTensorProto="dims",
            TensorAnnotation="tensor_name",
            DeviceConfigurationProto="name",
            NodeDeviceConfigurationProto="configuration_id",
            ShardingSpecProto="tensor_name",
        ),
    }
)
"""What `words.summary` says of a message already."""


class Walk:
    """Makes rows. `whole`: no text is cut."""

    def __init__(self, whole: bool = False) -> None:
        self._whole = whole

    def all_of(self, name: str, message: Any, depth: int = 0) -> Iterator[Row]:
        """A message that nothing else shows: its summary, and below it what that does not say."""
        yield self.row(depth, name, summary(message))
        yield from self.rest_of(message, IN_SUMMARY, depth + 1)

    def rest_of(self, message: Any, elsewhere: Elsewhere, depth: int = 0, path: str = "") -> Iterator[Row]:
        """What is left of a message: fields that are not shown elsewhere, texts that cannot be shown as they are, unknown fields.
        Names begin with `path`, which says where in the subject's own message the field is."""
        kind = message.DESCRIPTOR.name
        shown, whole = elsewhere.shown.get(kind, frozenset()), elsewhere.whole.get(kind, frozenset())
        for field, content in message.ListFields():
            if field.name in whole:
                continue
            if field.message_type is None:
                if field.name not in shown or _is_illegible(field, content):
                    yield self._scalars(depth, path + field.name, field, content)
                continue
            for index, item in enumerate(content if field.is_repeated else [content]):
                name = f"{path}{field.name}[{index}]" if field.is_repeated and len(content) > 1 else path + field.name
                if field.name in shown:
                    yield from self.rest_of(item, elsewhere, depth, f"{name}.")
                else:
                    yield from self.all_of(name, item, depth)
        yield from self._unknown(UnknownFieldSet(message), depth, path)

    def row(self, depth: int, name: str, text: str) -> Row:
        """A row, its text cut where not the whole is wanted."""
        if self._whole or len(text) <= TEXT_SHOWN:
            return Row(depth, name, text)
        return Row(depth, name, f"{text[:TEXT_SHOWN]}… ({len(text):,} characters)", True)

    def _scalars(self, depth: int, name: str, field: Any, content: Any) -> Row:
        items = content if field.is_repeated else [content]
        shown = items if self._whole else items[:LIST_SHOWN]
        row = self.row(depth, name, ", ".join(scalar_words(field, item, self._limit(item)) for item in shown))
        if len(shown) < len(items):
            text = row.text[:TEXT_SHOWN].rstrip("…")
            return Row(depth, name, f"{text}, … ({len(items):,} in all)", True)
        return row._replace(cut=row.cut or any(isinstance(i, bytes) and len(i) > self._limit(i) for i in shown))

    def _limit(self, data: object) -> int:
        """How many bytes of this are shown."""
        return len(data) if self._whole and isinstance(data, bytes) else BYTES_SHOWN

    def _unknown(self, unknown: Iterable[Any], depth: int, path: str = "") -> Iterator[Row]:
        """Fields that this version of ONNX does not define: number, wire type, and the beginning of their bytes."""
        for field in unknown:
            name, data = f"{path}field {field.field_number}", field.data
            if field.wire_type == _GROUP:
                yield self.row(depth, name, "not defined by ONNX, group")
                yield from self._unknown(data, depth + 1)
                continue
            kind = _WIRE_TYPES[field.wire_type]
            words = f"0x{data:x} = {data}" if kind.endswith("bits") else str(data)
            if isinstance(data, bytes):
                words = bytes_words(data, self._limit(data))
                words = words if words.startswith(f"{len(data):,} byte") else f"{len(data):,} bytes, {words}"
            row = self.row(depth, name, f"not defined by ONNX, {kind}: {words}")
            yield row._replace(cut=row.cut or (isinstance(data, bytes) and len(data) > self._limit(data)))


def _is_illegible(field: Any, content: Any) -> bool:
    """Whether a text has bytes that are no UTF-8, which other parts of a page show as U+FFFD."""
    if field.type not in (field.TYPE_STRING, field.TYPE_BYTES) or field.name == "raw_data":
        return False
    return not all(is_text(item) for item in (content if field.is_repeated else [content]))
