"""Inputs made up for a run: of the right dtype and shape, seeded, and of values that such an input usually has."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx.helper

from onnx_scalpel.document.ort import onnxruntime
from onnx_scalpel.document.protos import LARGEST, declared_type, dtype_name, dtype_number, nbytes_of
from onnx_scalpel.document.records import MAIN_GRAPH, Shape
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import AppError
from onnx_scalpel.validators.dims import InputFacts, evaluate, input_facts
from onnx_scalpel.validators.walk import quote

INPUT_LIMIT = 1 << 30  # bytes of one generated input
RANK_LIMIT = 64  # dims that an array can have
_WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "twice")
_NATIVE = "fiubcSU?"  # kinds of NumPy dtypes that the runtime takes as they are


@dataclass(frozen=True)
class Generated:
    """One input's data. `how` says in a few words how it was made."""

    name: str
    value: str
    dtype: str
    shape: tuple[int, ...]
    how: str
    data: Any

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype, "shape": list(self.shape), "how": self.how}


def generate(model: WeightlessModel, dims: Mapping[str, int], seed: int) -> list[Generated]:
    """Data for every input that has no default. AppError `cannot-make-input`, `input-too-large`."""
    return [_make(model, facts, dims, seed) for facts in input_facts(model)]


def _make(model: WeightlessModel, facts: InputFacts, dims: Mapping[str, int], seed: int) -> Generated:
    value = model.value_id(MAIN_GRAPH, facts.name) or facts.name
    random = np.random.default_rng([seed, zlib.crc32(value.encode("utf-8", "surrogateescape"))])
    kind = facts.type.WhichOneof("value")
    if kind == "optional_type":
        return Generated(facts.name, value, facts.dtype, (), "left out (it is optional)", None)
    if kind == "sequence_type" and facts.type.sequence_type.elem_type.HasField("tensor_type"):
        tensor = facts.type.sequence_type.elem_type.tensor_type
        shape = _shape(declared_type(facts.type.sequence_type.elem_type)[1], facts.name, dims)
        _require_small(facts, value, dtype_name(tensor.elem_type), shape)
        items = [_values(dtype_name(tensor.elem_type), shape, facts, random)[0] for _ in range(2)]
        return Generated(facts.name, value, facts.dtype, (2,), "a sequence of 2 tensors", items)
    if kind != "tensor_type":
        message = (
            f"No data can be made up for the input {quote(facts.name)}: its type is {facts.dtype or 'not declared'}"
        )
        subjects = (value,) if value.startswith("value:") else ()
        raise AppError(
            "cannot-make-input", message, subjects=subjects, hint="only tensors and sequences of them can be made up"
        )
    shape = _shape(facts.shape, facts.name, dims)
    _require_small(facts, value, facts.dtype, shape)
    data, how = _values(facts.dtype, shape, facts, random)
    return Generated(facts.name, value, facts.dtype, shape, how, data)


def _require_small(facts: InputFacts, value: str, dtype: str, shape: tuple[int, ...]) -> None:
    """AppError `input-too-large`, also for what is empty but has dims or a rank that no array can have."""
    counted = "int64" if dtype == "string" else dtype
    needed, bound = nbytes_of(counted, shape), nbytes_of(counted, [dim or 1 for dim in shape])
    if len(shape) <= RANK_LIMIT and needed <= INPUT_LIMIT and bound < LARGEST:
        return
    size = f"{needed:,} bytes" if needed > INPUT_LIMIT else "dims that no array can have"
    message = f"The input {quote(facts.name)} would take {size}"
    raise AppError("input-too-large", message, subjects=(value,), hint="choose smaller dims")


def _shape(shape: Shape, name: str, dims: Mapping[str, int]) -> tuple[int, ...]:
    if shape is None:
        return (1,)
    return tuple(_size(dim, f"{name}:{axis}", dims) for axis, dim in enumerate(shape))


def _size(dim: int | str | None, key: str, dims: Mapping[str, int]) -> int:
    if isinstance(dim, int) and dim >= 0:
        return dim
    if isinstance(dim, str):
        found = evaluate(dim, dims)
        return found if found is not None else 1
    return dims.get(key, 1)


def _values(dtype: str, shape: tuple[int, ...], facts: InputFacts, random: np.random.Generator) -> tuple[Any, str]:
    """The array (or the runtime's own value for dtypes NumPy lacks), and how it was made."""
    name = facts.name.lower()
    if dtype == "string":
        words = random.choice(_WORDS, size=shape)
        return np.asarray(words, dtype=object).reshape(shape), "random words"
    if dtype == "bool":
        on = "mask" in name or not shape
        return (np.ones(shape, bool), "all true") if on else (random.random(shape) < 0.5, "random true and false")
    numpy_type = onnx.helper.tensor_dtype_to_np_dtype(dtype_number(dtype))
    if dtype.startswith(("int", "uint")):
        array, how = _integers(dtype, name, shape, facts, random)
        return array.astype(numpy_type), how
    array, how = _floats(dtype, name, shape, random)
    array = array.astype(numpy_type)
    return (array if numpy_type.kind in _NATIVE and dtype != "bfloat16" else _boxed(array, dtype)), how


def _boxed(array: np.ndarray[Any, Any], dtype: str) -> Any:
    """The runtime's own value for a dtype that NumPy only knows by extension."""
    raw = array.view(np.uint16 if array.itemsize == 2 else np.uint8)
    return onnxruntime().OrtValue.ortvalue_from_numpy_with_onnx_type(raw, dtype_number(dtype))


def _integers(
    dtype: str, name: str, shape: tuple[int, ...], facts: InputFacts, random: np.random.Generator
) -> tuple[np.ndarray[Any, Any], str]:
    if "mask" in name:
        return np.ones(shape, np.int64), "ones (a mask)"
    if "position" in name and shape:
        limit = facts.table_rows or 1 << 30
        return np.broadcast_to(np.arange(shape[-1]) % limit, shape).copy(), "0, 1, 2 … (positions)"
    if "token_type" in name or "segment" in name:
        return np.zeros(shape, np.int64), "zeros (token types)"
    if "batch" in name and "ind" in name:
        return np.zeros(shape, np.int64), "zeros (the first of the batch)"
    if name in ("sr", "sample_rate", "sampling_rate"):
        return np.full(shape, 16_000), "16000 (a sample rate)"
    if facts.table_rows:
        return random.integers(0, facts.table_rows, shape), f"random, 0 to {facts.table_rows - 1} (rows of its table)"
    if "len" in name:
        return np.full(shape, max(1, facts.longest_axis)), f"{max(1, facts.longest_axis)} (a length)"
    if dtype == "uint8" and len(shape) >= 3:
        return random.integers(0, 256, shape), "random, 0 to 255 (an image)"
    top = 100 if "id" in name or "token" in name else 10
    top = min(top, 1 << (int(dtype.lstrip("uint") or 8) - 1))
    return random.integers(0, top, shape), f"random, 0 to {top - 1}"


def _floats(
    dtype: str, name: str, shape: tuple[int, ...], random: np.random.Generator
) -> tuple[np.ndarray[Any, Any], str]:
    if "mask" in name:
        return np.ones(shape), "ones (a mask)"
    if any(word in name for word in ("past", "cache", "state", "hidden", "memory")):
        return random.standard_normal(shape) * 0.1, "small random numbers (a state)"
    if dtype.startswith("complex"):
        return random.standard_normal(shape) + 1j * random.standard_normal(shape), "normal random numbers"
    image = len(shape) == 4 and (shape[1] in (1, 3, 4) or shape[3] in (1, 3, 4))
    if image or "image" in name or "pixel" in name:
        return random.random(shape), "random, 0 to 1 (an image)"
    return random.standard_normal(shape), "normal random numbers"
