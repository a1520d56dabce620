"""Attribute values as people and recipes write them, and the attributes that they mean."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from onnx_scalpel.document.protos import DTYPE_NUMBERS, nbytes_of, tensor_facts
from onnx_scalpel.document.records import Attribute, AttributeItem, TensorRef

SETTABLE = ("FLOAT", "INT", "STRING", "TENSOR", "FLOATS", "INTS", "STRINGS", "TENSORS")
"""Types of attributes that can be written down as a literal."""
SAFE_INTEGER = 2**53
_MOST_DIGITS = 20  # of a number of 64 bits, its sign included
INT64 = range(-(2**63), 2**63)
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
MOST_DIMS = 64  # that a tensor can have here
LARGEST_TENSOR = 1 << 26  # elements; a literal is typed or pasted, not a model's weights


class WrongLiteralError(ValueError):
    """A literal that does not say what the attribute needs; its text is the line for the field."""


def attribute_from_literal(kind: str, value: Any, doc: str = "") -> Attribute:
    """The attribute of this type (one of SETTABLE) that a JSON value says. Raises WrongLiteralError."""
    if kind not in SETTABLE:
        raise WrongLiteralError(f"an attribute of type {kind} cannot be written down here")
    if not kind.endswith("S"):
        return Attribute(kind, _item(kind, value), doc=doc)
    if not isinstance(value, list):
        raise WrongLiteralError("must be a list")
    items: list[AttributeItem] = []
    for place, item in enumerate(value):
        try:
            items.append(_item(kind[:-1], item))
        except WrongLiteralError as error:
            raise WrongLiteralError(f"item {place + 1} {error}") from None
    return Attribute(kind, tuple(items), doc=doc)


def type_of_literal(value: Any) -> str:
    """The type that a literal without a schema means: what can be seen from it; '' when that is not enough."""
    if isinstance(value, bool) or value is None:
        return ""
    for python, kind in ((int, "INT"), (float, "FLOAT"), (str, "STRING")):
        if isinstance(value, python):
            return kind
    if isinstance(value, Mapping):
        return "TENSOR" if "dtype" in value else ""
    kinds = {type_of_literal(item) for item in value}
    if kinds == {"INT", "FLOAT"}:
        return "FLOATS"
    return f"{kinds.pop()}S" if len(kinds) == 1 and "" not in kinds else ""


def _item(kind: str, value: Any) -> AttributeItem:
    if kind == "TENSOR":
        return tensor_from_literal(value)
    if kind == "STRING":
        if not isinstance(value, str):
            raise WrongLiteralError("must be text")
        return value
    return _integer(value) if kind == "INT" else _float(value)


def _integer(value: Any) -> int:
    value = _spelled_out(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongLiteralError("must be a whole number")
    if value not in INT64:
        raise WrongLiteralError("must fit into 64 bits")
    return value


def _spelled_out(value: Any) -> Any:
    """The number in a text of digits that the JSON of browsers cannot carry as a number; anything else as it is."""
    if not isinstance(value, str) or not value.removeprefix("-").isdecimal():
        return value
    if len(value) > _MOST_DIGITS:
        raise WrongLiteralError("has too many digits for 64 bits")
    return int(value) if abs(int(value)) > SAFE_INTEGER else value


def _float(value: Any) -> float:
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise WrongLiteralError("must be a number")
    try:
        with np.errstate(over="ignore"):
            single = float(np.float32(value))
    except OverflowError:  # a whole number of hundreds of digits
        single = math.inf
    if math.isinf(single):
        raise WrongLiteralError("is too large for a 32-bit float")
    return single


def tensor_from_literal(value: Any) -> TensorRef:
    """A tensor from {dtype, shape, data}, data nested or flat, or {dtype, shape, base64} of little-endian bytes."""
    if not isinstance(value, Mapping) or not {"dtype"} < set(value) <= {"dtype", "shape", "data", "base64"}:
        raise WrongLiteralError("must be a tensor: {dtype, shape, data} or {dtype, shape, base64}")
    dtype = value["dtype"]
    if not isinstance(dtype, str) or dtype not in DTYPE_NUMBERS:
        raise WrongLiteralError(f"has no known dtype; as in {', '.join(('float32', 'int64', 'bool', 'string'))}")
    if ("data" in value) == ("base64" in value):
        raise WrongLiteralError("needs data or base64, one of them")
    proto = onnx.TensorProto(data_type=DTYPE_NUMBERS[dtype])
    if "base64" in value:
        _fill_from_base64(proto, dtype, value)
    else:
        _fill_from_data(proto, dtype, value)
    return tensor_facts(proto)


def _fill_from_base64(proto: onnx.TensorProto, dtype: str, value: Mapping[str, Any]) -> None:
    if dtype == "string":
        raise WrongLiteralError("of strings needs data, not base64")
    if "shape" not in value:
        raise WrongLiteralError("in base64 needs a shape")
    shape = tensor_shape(value["shape"])
    try:
        raw = base64.b64decode(value["base64"], validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise WrongLiteralError("is no base64") from None
    if len(raw) != nbytes_of(dtype, shape):
        raise WrongLiteralError(f"has {len(raw)} bytes where {dtype} {list(shape)} has {nbytes_of(dtype, shape)}")
    proto.dims.extend(shape)
    proto.raw_data = raw


def _fill_from_data(proto: onnx.TensorProto, dtype: str, value: Mapping[str, Any]) -> None:
    nested: list[Any] = []
    found = _flatten(value["data"], nested)
    shape = tensor_shape(value["shape"]) if "shape" in value else found
    if shape is None:
        raise WrongLiteralError("has rows of unequal length")
    if math.prod(shape) != len(nested):
        raise WrongLiteralError(f"has {len(nested)} elements where {list(shape)} has {math.prod(shape)}")
    proto.dims.extend(shape)
    if dtype == "string":
        if not all(isinstance(item, str) for item in nested):
            raise WrongLiteralError("of dtype string must hold text")
        proto.string_data.extend(item.encode() for item in nested)
        return
    numpy_dtype = onnx.helper.tensor_dtype_to_np_dtype(proto.data_type)
    array: np.ndarray[Any, Any] = np.array([_element(dtype, item) for item in nested], dtype=_wide(dtype)).reshape(
        shape
    )
    with np.errstate(over="ignore"):
        proto.raw_data = onnx.numpy_helper.from_array(array.astype(numpy_dtype)).raw_data


def _flatten(data: Any, into: list[Any]) -> tuple[int, ...] | None:
    """Put the elements of nested lists into `into`; their shape, None when rows are of unequal length."""
    if not isinstance(data, list):
        into.append(data)
        return ()
    shapes = {_flatten(item, into) for item in data}
    if len(shapes) > 1 or None in shapes:
        return None
    return (len(data), *(shapes.pop() or ())) if shapes else (0,)


def tensor_shape(value: Any) -> tuple[int, ...]:
    """The shape of a tensor that is written down. Raises WrongLiteralError."""
    listed = isinstance(value, (list, tuple)) and len(value) <= MOST_DIMS
    whole = listed and all(isinstance(d, int) and not isinstance(d, bool) and d >= 0 for d in value)
    if not whole or math.prod(value) > LARGEST_TENSOR:
        raise WrongLiteralError("needs a shape of whole numbers, at most 67 million elements")
    return tuple(value)


def _wide(dtype: str) -> type:
    """A numpy type that holds every element of the dtype before it is narrowed."""
    if dtype == "bool":
        return np.bool_
    return {"i": np.int64, "u": np.uint64, "c": np.complex128}.get(dtype[0], np.float64)


def _element(dtype: str, value: Any) -> Any:
    if dtype == "bool":
        if not isinstance(value, bool):
            raise WrongLiteralError("of dtype bool must hold true and false")
        return value
    if dtype.startswith(("int", "uint")):
        value = _spelled_out(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise WrongLiteralError(f"of dtype {dtype} must hold whole numbers")
        bits = int(dtype.lstrip("uint"))
        low, high = (0, 2**bits) if dtype[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        if not low <= value < high:
            raise WrongLiteralError(f"holds {value}, which is beyond {dtype}")
        return value
    if dtype.startswith("complex"):
        raise WrongLiteralError("of complex numbers needs base64")
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise WrongLiteralError(f"of dtype {dtype} must hold numbers")
    try:
        return float(value)
    except OverflowError:
        raise WrongLiteralError(f"holds a number that is beyond {dtype}") from None
