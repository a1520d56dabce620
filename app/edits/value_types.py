"""The type that an edit has to write down for a value: its tensor's, the declared one, else the inferred one."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.inference import infer_types
from onnx_scalpel.document.protos import DTYPE_NUMBERS, declared_type
from onnx_scalpel.document.records import Shape, TypeRef, ValueRecord
from onnx_scalpel.document.save import weightless
from onnx_scalpel.edits.base import wrong_parameters
from onnx_scalpel.edits.flow import carries_type
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import ChoiceNeeded

OFFERED_DTYPES = ("float32", "float16", "bfloat16", "int64", "int32", "int8", "uint8", "bool", "string")


def typed(document: Document, value: ValueRecord, asked: str | None, kind: str) -> ValueRecord:
    """The value with its type; the shape may stay unknown. `asked` is the dtype that a person gave, `kind` the edit's.

    Infers the types of the whole model when what the document knows is about an earlier state. Raises ChoiceNeeded when
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
    dtype, shape, kind = _inferred(document, value.id)
    return value if value.dtype and value.dtype != dtype else replace(value, dtype=dtype, shape=shape, type=kind)


def _inferred(document: Document, value_id: str) -> tuple[str, Shape, TypeRef | None]:
    if document.types_current:
        dtype, shape = document.inferred.get(value_id, ("", None))
        if not dtype or dtype in DTYPE_NUMBERS:
            return dtype, shape, None
    proto = infer_types(weightless(document)).all.get(value_id)
    return ("", None, None) if proto is None else declared_type(proto)


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
