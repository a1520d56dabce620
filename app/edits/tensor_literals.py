"""Every way to write a tensor down: element by element, as bytes, by a formula, or as the one that stands with some cells changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import Shape, TensorRef
from onnx_scalpel.document.tensors import make_tensor, read_array
from onnx_scalpel.edits.constants import constant_tensor
from onnx_scalpel.edits.formulas import WrongFormulaError
from onnx_scalpel.edits.literals import LARGEST_TENSOR, WrongLiteralError, tensor_from_literal
from onnx_scalpel.edits.tensor_formulas import tensor_from_formula

MOST_CELLS = 10_000
HEAVY = 16 << 20  # bytes of a tensor whose making, hashing and keeping is felt


def gives_much(data: Mapping[str, Any], document: Document) -> bool:
    """Whether an edit's parameters, not validated yet, give their `value` a `tensor` that takes long to make."""
    value_id = data.get("value")
    if not isinstance(value_id, str) or not document.has("value", value_id):
        return False
    value = document.value(value_id)
    current = constant_tensor(document, value)
    return is_heavy(data.get("tensor"), current, value.shape if current is None else current.shape)


def is_heavy(literal: Any, current: TensorRef | None, shape: Shape) -> bool:
    """Whether the tensor of a literal, not validated yet, takes long to make; `current` and `shape` as for `written_tensor`."""
    if not isinstance(literal, Mapping):
        return False
    dims = literal.get("shape", shape) if "formula" in literal else ()
    known = [dim for dim in dims if isinstance(dim, int)] if isinstance(dims, (list, tuple)) else []
    held = 0 if current is None else current.nbytes
    return max(4 * math.prod(known), held, len(str(literal.get("base64", ""))) * 3 // 4) > HEAVY


def written_tensor(
    document: Document,
    literal: Mapping[str, Any],
    current: TensorRef | None,
    dtype: str,
    shape: Shape,
) -> TensorRef:
    """The tensor that is written as {dtype, shape, data}, {dtype, shape, base64}, {formula, dtype?, shape?}, or {cells}.

    `current` is what stands: x in a formula, and what cells are changed of; `dtype` and `shape` are a formula's where it
    says none. Raises WrongLiteralError, whose text is the line for the field.
    """
    if "cells" in literal:
        return _with_cells(document, literal, current)
    if "formula" not in literal:
        return tensor_from_literal(literal)
    try:
        return tensor_from_formula(document, literal, current, dtype, shape)
    except WrongFormulaError as error:
        raise WrongLiteralError(str(error)) from None


def _with_cells(document: Document, literal: Mapping[str, Any], current: TensorRef | None) -> TensorRef:
    """What stands, with other elements in some places: {cells: [{at: [0, 3], value: 1.5}]}."""
    cells = literal["cells"]
    if set(literal) != {"cells"} or not isinstance(cells, list) or not 0 < len(cells) <= MOST_CELLS:
        raise WrongLiteralError(f"of cells needs a list of at most {MOST_CELLS} of them, and nothing beside it")
    if current is None:
        raise WrongLiteralError("of cells needs a tensor that stands already")
    if current.sparse or math.prod(current.shape) > LARGEST_TENSOR:
        raise WrongLiteralError("of cells needs a dense tensor of at most 67 million elements")
    places = tuple(
        np.array(axis, dtype=np.int64) for axis in zip(*[_place(c, current.shape) for c in cells], strict=True)
    )
    values = [cell["value"] for cell in cells]
    changed = tensor_from_literal({"dtype": current.dtype, "shape": [len(cells)], "data": values})
    array = read_array(document, current).copy()
    array[places] = read_array(document, changed) if array.ndim else read_array(document, changed)[-1]
    return make_tensor(array)


def _place(cell: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    if not isinstance(cell, Mapping) or set(cell) != {"at", "value"} or not isinstance(cell["at"], list):
        raise WrongLiteralError("has a cell that is no {at, value}")
    at = cell["at"]
    whole = all(isinstance(index, int) and not isinstance(index, bool) for index in at)
    if not whole or len(at) != len(shape) or not all(0 <= i < dim for i, dim in zip(at, shape, strict=True)):
        raise WrongLiteralError(f"has no cell {at} in its shape {list(shape)}")
    return tuple(at)
