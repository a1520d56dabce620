"""Models as text, exactly as onnx reads and writes them: protobuf text, JSON, ONNX text. Parsers may crash: call these in a job."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any, NoReturn

import onnx
import onnx.numpy_helper
import onnx.parser
from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.text_format import ParseError
from onnx import TensorProto
from onnx.serialization import registry

from onnx_scalpel.document.endings import WORDS, text_form
from onnx_scalpel.document.sniff import HEAD, is_text
from onnx_scalpel.document.weightless import tensors_in
from onnx_scalpel.errors import AppError

TEXT_LIMIT = 256 << 20  # bytes; what a parser is given
BINARY_LIMIT = 64 << 20  # bytes; what is written as text
_ONNX = {
    "textproto": re.compile(rb"^\s*(?:ir_version\s*:|opset_import\s*[:{<])", re.MULTILINE),
    "json": re.compile(rb'"(?:ir_?version|opset_?import)"\s*:', re.IGNORECASE),
    "onnxtxt": re.compile(rb"ir_version\s*:"),
}
_UNREADABLE = (
    *(ParseError, onnx.parser.ParseError, ValueError, UnicodeError, TypeError, OverflowError),
    *(IndexError, RuntimeError),  # ONNX's parser, of numbers too large for it
)
_PLACES = (
    re.compile(r"^(?P<line>\d+):(?P<column>\d+)\s*:"),  # protobuf text
    re.compile(r"line:? (?P<line>\d+),? column:? (?P<column>\d+)"),  # JSON, ONNX text
)
_FIELD = re.compile(r'(?:has no field named|no field named) "([^"]{1,80})"')


def text_form_of(path: Path) -> str:
    """The form of a file that holds a model as text, by its ending, unless it holds no text at all; '' for the binary form."""
    form = text_form(path.name)
    if not form:
        return ""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        return ""  # whoever opens it says why
    return form if head and is_text(head) else ""


def read_text(form: str, text: bytes, name: str) -> bytes:
    """The model that a text stands for, in the binary form. AppError `bad-text` with line and column for a model that cannot be
    read, `json-text` or `textproto` for a file of something else, `nested-too-deep`, `too-large`."""
    if len(text) > TEXT_LIMIT:
        raise _too_large(name, f"the text is larger than {TEXT_LIMIT >> 20} MiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # onnxtxt is experimental, it says
            proto = registry.get(form).deserialize_proto(text.removeprefix(b"\xef\xbb\xbf"), onnx.ModelProto())
        if not (proto.HasField("graph") and (proto.ir_version or proto.opset_import)):
            _refuse(form, text, name, "")
        binary: bytes = proto.SerializeToString()
        onnx.ModelProto().ParseFromString(binary)  # what is nested too deep can be written, but not read
    except (RecursionError, EncodeError, DecodeError) as error:
        message = f"'{name}' nests its parts too deep to be read"
        raise AppError("nested-too-deep", message, hint="no ONNX tool reads this: flatten its bodies") from error
    except _UNREADABLE as error:
        _refuse(form, text, name, str(error))
    except Exception as error:
        if type(error).__module__.startswith("google.protobuf"):  # the JSON reader has errors of its own
            _refuse(form, text, name, str(error))
        raise
    return binary


def write_text(form: str, binary: bytes) -> bytes:
    """A model as text, which was read again and found to be the same. AppError `text-loses` when the form cannot hold all of
    it, `too-large`."""
    if len(binary) > BINARY_LIMIT:
        raise too_large_as_text()
    proto = onnx.ModelProto()
    proto.ParseFromString(binary)
    try:
        text: bytes = registry.get(form).serialize_proto(proto)
        again = read_text(form, text, "the text")
    except Exception as error:  # whatever a library has against it: the form does not hold this model
        raise _loses(form, "") from error
    back = onnx.ModelProto()
    back.ParseFromString(again)
    if form == "onnxtxt":
        proto, back = _normal(proto), _normal(back)
    if back.SerializeToString(deterministic=True) != proto.SerializeToString(deterministic=True):
        raise _loses(form, _first_difference(proto, back))
    return text


def _refuse(form: str, text: bytes, name: str, said: str) -> NoReturn:
    """Say where a model's text goes wrong, or that it is no model's."""
    if not _ONNX[form].search(text):
        code = {"json": "json-text", "textproto": "textproto", "onnxtxt": "plain-text"}[form]
        hint = "choose the .onnx file, or a model that onnx wrote as text"
        raise AppError(code, f"'{name}' is {WORDS[form]}, but no ONNX model", hint=hint)
    place = next((found for pattern in _PLACES if (found := pattern.search(said))), None)
    where = f" at line {place['line']}, column {place['column']}" if place else ""
    field = _FIELD.search(said)
    what = f": there is no field {field[1]!r}" if field else ""
    message = f"'{name}' cannot be read as {WORDS[form]}{where}{what}"
    raise AppError("bad-text", message, hint="mend the text there, or write it again with onnx.save")


def _too_large(name: str, why: str) -> AppError:
    return AppError("too-large", f"{name}: {why}", hint="use the binary form, an .onnx file", status=413)


def too_large_as_text() -> AppError:
    """A model beyond BINARY_LIMIT is not written as text."""
    return _too_large("this model", f"models up to {BINARY_LIMIT >> 20} MiB are written as text")


def _loses(form: str, what: str) -> AppError:
    part = f": {what} would not come back" if what else ""
    hint = "save it as .onnx" if form != "onnxtxt" else "save it as .onnx, or as .textproto, which holds everything"
    return AppError("text-loses", f"{WORDS[form]} cannot hold all of this model{part}", hint=hint)


def _normal(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with what ONNX text writes in one way only: tensors as raw bytes, no empty texts."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for tensor in tensors_in(copy):
        if tensor.data_location != TensorProto.EXTERNAL and tensor.data_type != TensorProto.STRING:
            _as_raw(tensor)
    _clear_empty(copy)
    return copy


def _as_raw(tensor: TensorProto) -> None:
    try:
        raw = onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor)).raw_data
    except (ValueError, TypeError, KeyError, RuntimeError):
        return  # compared as it is
    for field in ("float_data", "int32_data", "int64_data", "double_data", "uint64_data"):
        tensor.ClearField(field)
    tensor.raw_data = raw


def _clear_empty(message: Message) -> None:
    waiting: list[Any] = [message]
    while waiting:
        part = waiting.pop()
        for field, value in part.ListFields():
            if field.message_type is not None:
                waiting += value if field.is_repeated else [value]
            elif not field.is_repeated and value in ("", b""):
                part.ClearField(field.name)


def _first_difference(one: Message, other: Message) -> str:
    """The path of the first field that differs: `graph.node[3].doc_string`."""
    path = ""
    while True:
        step = _differing(one, other)
        if step is None:
            return path.removeprefix(".")
        name, place, inner = step
        path += f".{name}" + ("" if place is None else f"[{place}]")
        if inner is None:
            return path.removeprefix(".")
        one, other = inner


def _differing(one: Any, other: Any) -> tuple[str, int | None, tuple[Any, Any] | None] | None:
    for field in one.DESCRIPTOR.fields:
        here, there = getattr(one, field.name), getattr(other, field.name)
        if field.message_type is None:
            if here != there:
                return field.name, None, None
        elif not field.is_repeated:
            if one.HasField(field.name) != other.HasField(field.name):
                return field.name, None, None
            if here.SerializeToString() != there.SerializeToString():
                return field.name, None, (here, there)
        elif len(here) != len(there):
            return field.name, None, None
        else:
            for place, (a, b) in enumerate(zip(here, there, strict=True)):
                if a.SerializeToString() != b.SerializeToString():
                    return field.name, place, (a, b)
    return None
