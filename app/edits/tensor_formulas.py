"""Tensors that a formula says: {formula, dtype, shape}."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import DTYPE_NUMBERS
from onnx_scalpel.document.records import TensorRef
from onnx_scalpel.document.tensors import make_tensor, read_array
from onnx_scalpel.edits.formulas import WrongFormulaError, evaluate
from onnx_scalpel.edits.literals import LARGEST_TENSOR, WrongLiteralError, tensor_shape


def tensor_from_formula(
    document: Document,
    literal: Mapping[str, Any],
    current: TensorRef | None,
    dtype: str,
    shape: tuple[int | str | None, ...] | None,
) -> TensorRef:
    """The tensor; `current` is its x, `dtype` and `shape` stand where the literal says none.

    Raises WrongLiteralError, WrongFormulaError.
    """
    if not set(literal) <= {"formula", "dtype", "shape"}:
        raise WrongLiteralError("with a formula has a dtype and a shape at most")
    formula, wanted, dims = literal["formula"], literal.get("dtype", dtype), literal.get("shape", shape)
    if not isinstance(formula, str):
        raise WrongLiteralError("has a formula that is no text")
    if not isinstance(wanted, str) or wanted not in DTYPE_NUMBERS or wanted == "string" or wanted.startswith("complex"):
        raise WrongFormulaError(f"cannot be worked out as {str(wanted)[:40]}")
    dims = tensor_shape(dims)
    array = None
    if re.search(r"\bx\b", formula):
        if current is None:
            raise WrongFormulaError("calculates with x, but there is no tensor yet")
        if math.prod(current.shape) > LARGEST_TENSOR:
            raise WrongFormulaError("calculates with x, which has more than 67 million elements")
        held = read_array(document, current)
        array = held if held.dtype.kind in "iufb" else held.astype(np.float64) if current.dtype != "string" else None
    return stored_as(evaluate(formula, dims, array), wanted)


def stored_as(array: NDArray[Any], dtype: str) -> TensorRef:
    """The array in this dtype; whole numbers are rounded to and kept in range."""
    kind = onnx.helper.tensor_dtype_to_np_dtype(DTYPE_NUMBERS[dtype])
    if array.dtype.kind not in "biufc":  # one of the small types, which cannot be cast to each other
        array = array.astype(np.float64)
    with np.errstate(all="ignore"):
        if dtype.startswith(("int", "uint")) and array.dtype.kind in "iuf":
            array = _in_range(array, dtype)
        return make_tensor(array.astype(kind))


def _in_range(array: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Whole numbers that the integer dtype can hold, each the nearest."""
    bits, signed = int(dtype.lstrip("uint")), dtype[0] == "i"
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    if array.dtype.kind != "f":
        known = np.iinfo(array.dtype)
        return array.clip(max(low, known.min), min(high, known.max))
    array = np.nan_to_num(np.rint(array.astype(np.float64)), nan=0.0)
    beyond = array >= float(high)  # the largest whole numbers of 64 bits are none of float64's
    whole = np.int64 if signed else np.uint64
    return np.where(beyond, whole(high), np.where(beyond, 0.0, np.maximum(array, low)).astype(whole))
