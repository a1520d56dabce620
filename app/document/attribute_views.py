"""How attributes are shown: numbers and texts as JSON, long ones cut, tensors, graphs and types as short texts."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
import onnx
from onnx import SparseTensorProto, TensorProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.records import Attribute, TensorRef, TypeRef
from onnx_scalpel.document.tensors import tensor_proto

SAFE_INTEGER = 2**53  # beyond this a browser's number loses digits; such integers travel as text
LIST_SHOWN = 64  # items
TEXT_SHOWN = 1000  # characters
TENSOR_SHOWN = 8  # elements
ROW_SHOWN = 4  # elements of a tensor that has one row of its node
KEY_LENGTH = 12  # digits


def attribute_view(document: Document, attribute: Attribute, whole: bool = False) -> dict[str, Any]:
    """An AttributeView; `whole`: not cut."""
    value, cut = _value(document, attribute, whole)
    view: dict[str, Any] = {"type": attribute.type, "value": value}
    if cut:
        view["cut"] = True
    content = "".join(content_key(v) for v in _items(attribute) if isinstance(v, TensorRef))
    if content:
        view["content"] = content
    if attribute.ref:
        view["ref"] = printable(attribute.ref)
    return view


def content_key(ref: TensorRef) -> str:
    """Differs when a tensor's data does; '' for data of the opened file."""
    if ref.digest:
        return ref.digest[:KEY_LENGTH]
    return hashlib.sha256(ref.proto).hexdigest()[:KEY_LENGTH] if ref.proto else ""


def _items(attribute: Attribute) -> tuple[object, ...]:
    return attribute.value if isinstance(attribute.value, tuple) else (attribute.value,)


def _value(document: Document, attribute: Attribute, whole: bool) -> tuple[Any, bool]:
    value = attribute.value
    if isinstance(value, tuple):
        shown = value if whole else value[:LIST_SHOWN]
        items = [_item(document, attribute.type[:-1], v, whole) for v in shown]
        return [item for item, _ in items], len(shown) < len(value) or any(cut for _, cut in items)
    return _item(document, attribute.type, value, whole)


def _item(document: Document, kind: str, value: Any, whole: bool) -> tuple[Any, bool]:
    if value is None:
        return None, False
    if kind == "INT":
        return (value if -SAFE_INTEGER <= value <= SAFE_INTEGER else str(value)), False
    if kind == "FLOAT":
        return shown_float(value), False
    if kind == "STRING":
        cut = not whole and len(value) > TEXT_SHOWN
        return printable(value[:TEXT_SHOWN] if cut else value), cut
    if isinstance(value, TensorRef):
        return tensor_text(document, value), False
    if isinstance(value, TypeRef):
        return printable(value.text), False
    return _graph_text(document, value), False


def shown_float(value: float) -> float | str:
    """The shortest number that is this float32; what JSON has no number for as text."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    short = float(str(np.float32(value))) if abs(value) < 3e38 else value
    return short


def _graph_text(document: Document, graph_id: str) -> str:
    if not document.has("graph", graph_id):
        return "graph"
    return f"graph {printable(document.graph(graph_id).name)}".strip()


def tensor_text(document: Document, ref: TensorRef) -> str:
    """'float32[3, 4]', with the elements of a small one: 'int64[2]: 1, -1'."""
    text = f"{'sparse ' if ref.sparse else ''}{ref.dtype or '?'}[{', '.join(map(str, ref.shape))}]"
    if ref.sparse or math.prod(ref.shape) > TENSOR_SHOWN or ref.dtype not in _SHOWN:
        return text
    shown = _elements(tensor_proto(document, ref))
    return f"{text}: {shown}" if shown else text


def few_elements(proto: TensorProto | SparseTensorProto, dtype: str) -> str:
    """The elements of a scalar or short list that is at hand: '1, -1'; '' for all other tensors."""
    if isinstance(proto, SparseTensorProto) or len(proto.dims) > 1 or dtype not in _SHOWN:
        return ""
    return _elements(proto) if math.prod(proto.dims) <= ROW_SHOWN else ""


def _elements(proto: TensorProto) -> str:
    """'1, -1'; '' for data that is elsewhere, or does not fit the shape: a check says so."""
    if proto.data_location == TensorProto.EXTERNAL:
        return ""
    try:
        elements = onnx.numpy_helper.to_array(proto).reshape(-1).tolist()
    except (ValueError, TypeError):
        return ""
    return ", ".join(str(shown_float(e)) if isinstance(e, float) else str(e) for e in elements)


_SHOWN = {"float32", "float64", "float16", "bool"} | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}
