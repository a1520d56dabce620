"""What is known about a value at every probe: its type and shape, and its content where it is small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from onnx import TypeProto

from onnx_scalpel.document.protos import declared_type, dtype_number
from onnx_scalpel.transforms.resizing.vectors import Vector, varies

Array = np.ndarray[Any, Any]
SMALL = 1 << 12  # elements of a tensor whose content is followed


@dataclass(frozen=True)
class Fact:
    """By probe: the type (None: unknown) and the content (None: unknown, or too large). `constant`: no input reaches it."""

    types: tuple[TypeProto | None, ...]
    data: tuple[Array | None, ...]
    constant: bool = False

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...] | None, ...]:
        """By probe: the sizes, None unless all are known."""
        return tuple(_shape(proto) for proto in self.types)

    @cached_property
    def vectors(self) -> list[Vector] | None:
        """The dims at all probes; None unless every one is known and the rank stays the same."""
        shapes = [shape for shape in self.shapes if shape is not None]
        if len(shapes) < len(self.shapes) or len({len(shape) for shape in shapes}) != 1:
            return None
        return list(zip(*shapes, strict=True))

    @property
    def dtype(self) -> str:
        return "" if self.types[0] is None else declared_type(self.types[0])[0]

    def numbers(self) -> list[Vector] | None:
        """The content as vectors, one for each element; None where it is unknown, no list of integers, or changes its length."""
        arrays = [a for a in self.data if a is not None]
        if len(arrays) < len(self.data) or len({a.shape for a in arrays}) != 1 or arrays[0].ndim > 1:
            return None
        if any(a.dtype.kind not in "iu" for a in arrays):
            return None
        return list(zip(*([int(n) for n in a.reshape(-1)] for a in arrays), strict=True))

    def changes(self) -> bool:
        """Whether any dim is another one at another probe."""
        return self.vectors is None or any(varies(v) for v in self.vectors)


def _shape(proto: TypeProto | None) -> tuple[int, ...] | None:
    shape = None if proto is None else declared_type(proto)[1]
    if shape is None or not all(isinstance(d, int) and d >= 0 for d in shape):
        return None
    return tuple(int(d) for d in shape if isinstance(d, int))


def unknown(width: int) -> Fact:
    return Fact((None,) * width, (None,) * width)


def tensor_type(dtype: str, shape: Sequence[int]) -> TypeProto:
    proto = TypeProto()
    proto.tensor_type.elem_type = dtype_number(dtype)
    proto.tensor_type.shape.SetInParent()
    for size in shape:
        proto.tensor_type.shape.dim.add().dim_value = size
    return proto


def tensor_fact(
    dtype: str, shapes: Sequence[Sequence[int]], data: Sequence[Array | None] | None = None, *, constant: bool = False
) -> Fact:
    """A tensor whose shapes are known."""
    types = tuple(tensor_type(dtype, shape) for shape in shapes)
    return Fact(types, tuple(data) if data is not None else (None,) * len(types), constant)


def content_fact(dtype: str, arrays: Sequence[Array], *, constant: bool = False) -> Fact:
    """A tensor whose content is known."""
    return tensor_fact(dtype, [a.shape for a in arrays], arrays, constant=constant)
