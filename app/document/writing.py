"""Writing single fields of protos: texts, opset imports, descriptions of values; what did not change is left alone."""

from __future__ import annotations

from typing import Any

from onnx import OperatorSetIdProto, ValueInfoProto

from onnx_scalpel.document.live import LiveValue
from onnx_scalpel.document.protos import dtype_number, set_pairs, set_shape, set_text, text
from onnx_scalpel.document.records import FunctionFacts, ModelRecord, ValueRecord
from onnx_scalpel.errors import AppError


def write_text(target: Any, field: str, was: str, now: str) -> None:
    """Set a string field if it changed; an empty one is taken away."""
    if was == now:
        return
    if now:
        set_text(target, field, now)
    else:
        target.ClearField(field)


def write_opsets(target: Any, was: ModelRecord | FunctionFacts | None, now: ModelRecord | FunctionFacts) -> None:
    """Opset imports: those that stay keep their proto, also whether they spell out an empty domain."""
    if was is not None and was.opset_imports == now.opset_imports:
        return
    kept = {text(o.domain): OperatorSetIdProto.FromString(o.SerializeToString()) for o in target.opset_import}
    del target.opset_import[:]
    for domain, version in now.opset_imports:
        opset = target.opset_import.add()
        if domain in kept:
            opset.CopyFrom(kept[domain])
        else:
            set_text(opset, "domain", domain)
        if opset.version != version:
            opset.version = version


def write_info(target: ValueInfoProto, value: LiveValue, known: bool) -> None:
    """A ValueInfoProto of a value; a `known` one comes from the file and only what differs from it is written."""
    if text(target.name) != value.name or not known:
        set_text(target, "name", value.name)
    record = value.current()
    first = value.first if known else None
    if first is None:
        _write_type(target, record)
        write_text(target, "doc_string", "", record.doc)
        if record.metadata:
            set_pairs(target, "metadata_props", record.metadata)
        return
    if (first.dtype, first.shape, first.type) != (record.dtype, record.shape, record.type):
        _write_type(target, record)
    write_text(target, "doc_string", first.doc, record.doc)
    if first.metadata != record.metadata:
        set_pairs(target, "metadata_props", record.metadata)


def _write_type(target: ValueInfoProto, record: ValueRecord) -> None:
    dtype, shape = record.dtype, record.shape
    if record.type is not None:
        target.type.ParseFromString(record.type.proto)
        return
    if not dtype and shape is None and record.tensor is not None:
        dtype, shape = record.tensor.dtype, record.tensor.shape
    if not dtype and shape is None:
        target.ClearField("type")
        return
    tensor = target.type.tensor_type
    try:
        number = dtype_number(dtype)
    except (KeyError, ValueError) as error:
        raise AppError("unknown-dtype", f"{dtype} is no dtype", subjects=(record.id,)) from error
    if tensor.elem_type != number or not tensor.HasField("elem_type"):
        tensor.elem_type = number
    if shape is None:
        tensor.ClearField("shape")
    else:
        tensor.shape.SetInParent()
        set_shape(tensor.shape, shape)
