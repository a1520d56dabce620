"""What a page shows of a tensor: its type, its statistics and a piece of its values, in numbers that JSON can carry."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from onnx_scalpel.document.attribute_views import SAFE_INTEGER, TEXT_SHOWN
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.records import TensorRef
from onnx_scalpel.edits.constants import constant_tensor
from onnx_scalpel.edits.literals import WrongLiteralError
from onnx_scalpel.edits.tensor_literals import written_tensor
from onnx_scalpel.errors import AppError
from onnx_scalpel.inspectors.placing import place_of
from onnx_scalpel.inspectors.tensor_reading import Reader, reader
from onnx_scalpel.inspectors.tensor_statistics import Progress, Statistics, statistics

VALUES_LIMIT = 10_000
USUAL_COUNT = 256


@dataclass(frozen=True)
class Piece:
    """Which values: `rows` times `count` of them; each row begins `stride` elements after the one before it."""

    start: int = 0
    count: int = USUAL_COUNT
    rows: int = 1
    stride: int = 0

    def wrong(self, elements: int) -> dict[str, str]:
        """What is wrong with each number, for a tensor of so many elements."""
        fields: dict[str, str] = {}
        if not 0 <= self.start < max(elements, 1):
            fields["start"] = f"a whole number from 0 to {max(elements - 1, 0)}"
        if not 1 <= self.count <= VALUES_LIMIT:
            fields["count"] = f"a whole number from 1 to {VALUES_LIMIT}"
        if self.rows < 1 or ("count" not in fields and self.rows * self.count > VALUES_LIMIT):
            fields["rows"] = f"from 1, and at most {VALUES_LIMIT} values in all"
        if self.stride < 0 or (self.rows > 1 and self.stride > max(elements, 1)):
            fields["stride"] = f"a whole number from 0 to {elements}"
        return fields


def tensor_of(document: Document, node: str, attribute: str) -> TensorRef:
    """The tensor in a node's attribute; `name[2]` for one of a list. AppError `no-such-tensor`."""
    for name, held in document.node(node).attributes.items():
        items = held.value if isinstance(held.value, tuple) else (held.value,)
        for index, item in enumerate(items):
            shown = f"{printable(name)}[{index}]" if isinstance(held.value, tuple) else printable(name)
            if shown == attribute and isinstance(item, TensorRef):
                return item
    raise AppError("no-such-tensor", f"the node has no tensor {attribute}", subjects=(node,), status=404)


def initializer_of(document: Document, value: str) -> TensorRef:
    """The tensor of an initializer, or of what a Constant node makes. AppError `no-such-tensor`."""
    tensor = constant_tensor(document, document.value(value))
    if tensor is None:
        hint = "only initializers and constants have a tensor"
        raise AppError("no-such-tensor", "the value has no tensor", subjects=(value,), hint=hint, status=404)
    return tensor


def formula_tensor(document: Document, value: str, literal: Mapping[str, Any]) -> TensorRef:
    """What {formula, dtype?, shape?} would make of a value. AppError `wrong-parameters`."""
    record = document.value(value)
    current = constant_tensor(document, record)
    dtype, shape = (current.dtype, current.shape) if current else (record.dtype, record.shape)
    try:
        return written_tensor(document, literal, current, dtype, shape)
    except WrongLiteralError as error:
        line = str(error)
    raise AppError("wrong-parameters", "the formula cannot be worked out", fields={"formula": line}, status=422)


def tensor_view(document: Document, ref: TensorRef, piece: Piece, whole: bool, progress: Progress) -> dict[str, Any]:
    """Type, place, the piece of values, and with `whole` the statistics of all elements. AppError: its data cannot be had."""
    source = reader(document, ref)
    wrong = piece.wrong(source.elements)
    if wrong:
        raise AppError("wrong-parameters", "there are no such values in the tensor", fields=wrong, status=422)
    place = place_of(document, ref)
    view: dict[str, Any] = {
        "dtype": ref.dtype,
        "shape": list(ref.shape),
        "elements": source.elements if source.elements <= SAFE_INTEGER else str(source.elements),
        "bytes": ref.nbytes or place.inline,
        "sparse": ref.sparse,
        "location": None if place.location is None else printable(place.location),
        "start": piece.start,
        "rows": piece.rows,
        "values": _values(source, piece),
    }
    if whole:
        view |= _safe_statistics(statistics(source, progress))
    return view


def _values(source: Reader, piece: Piece) -> list[Any]:
    found: list[Any] = []
    for row in range(piece.rows):
        start = piece.start + row * (piece.stride or piece.count)
        if start >= source.elements:
            break
        found += [json_value(value) for value in source.read(start, piece.count)]
    return found


def _safe_statistics(found: Statistics) -> dict[str, Any]:
    told = vars(found).copy()
    for name in ("minimum", "maximum", "mean", "std"):
        told[name] = None if told[name] is None else json_value(told[name])
    return told


def json_value(value: Any) -> Any:
    """A number, truth value or text for JSON: what JSON has no number for becomes text ('NaN', '9007199254740993', '1+2j')."""
    if isinstance(value, str):
        return value if len(value) <= TEXT_SHOWN else f"{value[:TEXT_SHOWN]}…"
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, complex | np.complexfloating):
        return f"{value.real:g}{value.imag:+g}j"
    if isinstance(value, int | np.integer):
        return int(value) if -SAFE_INTEGER <= value <= SAFE_INTEGER else str(int(value))
    if not isinstance(value, float | np.floating) and np.dtype(type(value)).name.startswith(("int", "uint")):
        return int(value)  # packed integers of ml_dtypes
    number = float(value)
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    return number if isinstance(value, float) else float(str(value))
