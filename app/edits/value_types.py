"""The type that an edit has to write down for a value: its tensor's, the declared one, else the inferred one."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.inference import infer_types
from onnx_scalpel.document.protos import DTYPE_NUMBERS, declared_type
from onnx_scalpel.document.records import MAIN_GRAPH, Shape, TypeRef, ValueRecord
from onnx_scalpel.document.runtime_types import runtime_type
from onnx_scalpel.document.save import weightless
from onnx_scalpel.edits.base import wrong_parameters
from onnx_scalpel.edits.flow import carries_type
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import ChoiceNeeded

OFFERED_DTYPES = ("float32", "float16", "bfloat16", "int64", "int32", "int8", "uint8", "bool", "string")


def typed(document: Document, value: ValueRecord, asked: str | None, kind: str) -> ValueRecord:
    """The value with its type; the shape may stay unknown. `asked` is the dtype that a person gave, `kind` the edit's.

    Infers the types of the whole model when the document does not know this one (`has_to_infer`). Raises ChoiceNeeded when
    nothing says the dtype (behind operators without a schema).
    """
    if asked is not None and asked not in DTYPE_NUMBERS:
        raise wrong_parameters({"dtype": f"must be one of {', '.join(DTYPE_NUMBERS)}"}, kind)
    found = _known(document, value)
    if found.dtype and asked is not None and asked != found.dtype:
        raise wrong_parameters({"dtype": f"must be {found.dtype}, or be left out"}, kind)
    if found.dtype or asked is not None:
        return replace(found, dtype=found.dtype or asked)
    raise ChoiceNeeded(
        f"nothing says the dtype of {shown(value.name)}",
        [{"label": dtype, "dtype": dtype} for dtype in OFFERED_DTYPES],
        subjects=(value.id,),
        hint="say it with dtype, or declare it with set-value-type",
    )


def _known(document: Document, value: ValueRecord) -> ValueRecord:
    if value.tensor is not None:
        return replace(value, dtype=value.tensor.dtype, shape=value.tensor.shape, type=None)
    if value.type is not None or (value.dtype and value.shape is not None):
        return value
    dtype, shape, kind = _inferred(document, value)
    return value if value.dtype and value.dtype != dtype else replace(value, dtype=dtype, shape=shape, type=kind)


def has_to_infer(document: Document, value_id: str) -> bool:
    """Whether asking for the type of a value means to infer it first, which takes long and may crash."""
    if not document.has("value", value_id):
        return False
    value = document.value(value_id)
    if value.tensor is not None or value.type is not None or (value.dtype and value.shape is not None):
        return False
    return not (document.types_current and _is_whole(document.inferred.get(value_id)))


def _inferred(document: Document, value: ValueRecord) -> tuple[str, Shape, TypeRef | None]:
    """The type that a session inferred, else ONNX's inference, and where that stops the runtime's."""
    found = document.inferred.get(value.id) if document.types_current else None
    if found is not None and _is_whole(found):
        return (*found, None)
    model = weightless(document)
    dtype, shape, kind = found[0] if found else "", found[1] if found else None, None
    if not document.types_current or (dtype and dtype not in DTYPE_NUMBERS):
        proto = infer_types(model).all.get(value.id)
        dtype, shape, kind = ("", None, None) if proto is None else declared_type(proto)
    if kind is None and shape is None and value.graph == MAIN_GRAPH:
        real = runtime_type(model, value.name)
        dtype, shape = real if real[0] and dtype in ("", real[0]) else (dtype, shape)
    return dtype, shape, kind


def _is_whole(found: tuple[str, Shape] | None) -> bool:
    return found is not None and found[0] in DTYPE_NUMBERS and found[1] is not None


def unlisted(document: Document, value: ValueRecord) -> ValueRecord:
    """The value as it is to be put when a list of inputs or outputs may have lost it: what it declares gets its place.

    Graph inputs and outputs carry their type and their documentation, a tensor needs no type beside its own, and
    value_info lists the rest.
    """
    if carries_type(document, value):
        return value
    if value.tensor is not None:
        return replace(value, dtype="", shape=None, type=None, declared=False)
    said = value.dtype or value.shape is not None or value.type is not None or value.doc or value.metadata
    return replace(value, declared=bool(said))


def type_words(value: ValueRecord) -> str:
    """A type for a sentence: 'float32 N×3', 'int64', 'float32 scalar'."""
    if value.shape is None:
        return value.dtype
    return f"{value.dtype} {shape_words(value.shape)}"


def shape_words(shape: tuple[int | str | None, ...]) -> str:
    """Dims for a sentence."""
    return "×".join("?" if dim is None else str(dim) for dim in shape) or "scalar"
