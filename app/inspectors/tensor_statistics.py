"""Statistics of a tensor in one pass for the numbers and one for the histogram, a chunk at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onnx_scalpel.inspectors.tensor_reading import Reader, SparseReader

BINS = 32
Progress = Callable[[float | None, str], None]


@dataclass
class Statistics:
    """What is known of all elements. `minimum` and so on are of the finite ones; None where there are none, or for text.
    `edges` are the histogram's ends; whole numbers of a small range have a bar each, half a step to both sides."""

    minimum: Any = None
    maximum: Any = None
    mean: float | None = None
    std: float | None = None
    zeros: int | None = None
    nans: int = 0
    infinities: int = 0
    histogram: list[int] = field(default_factory=list)
    edges: list[float] = field(default_factory=list)


@dataclass
class _Moments:
    """Count, mean and squared distance, put together chunk by chunk (Chan's formula)."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, count: int, mean: float, squares: float) -> None:
        if not count:
            return
        total, apart = self.count + count, mean - self.mean
        self.squares += squares + apart * apart * self.count * count / total
        self.mean += apart * count / total
        self.count = total


def statistics(tensor: Reader, progress: Progress) -> Statistics:
    """Read every element once, and once more where a histogram makes sense."""
    found = Statistics()
    if tensor.elements == 0:
        return found
    kinds = tensor.read(0, 1).dtype.kind
    if kinds == "O":
        return found
    moments = _Moments()
    found.zeros = 0
    with np.errstate(all="ignore"):
        for start, chunk in tensor.chunks():
            progress(0.6 * start / tensor.elements, "reading the tensor")
            _take_in(found, moments, chunk)
        if isinstance(tensor, SparseReader) and tensor.unlisted:
            found.zeros += tensor.unlisted
            moments.add(tensor.unlisted, 0.0, 0.0)
            found.minimum = 0 if found.minimum is None else min(found.minimum, 0)
            found.maximum = 0 if found.maximum is None else max(found.maximum, 0)
        if moments.count and kinds != "c":
            found.mean = moments.mean
            found.std = math.sqrt(moments.squares / moments.count) if moments.squares >= 0 else None
            _bars(found, tensor, progress)
    return found


def _take_in(found: Statistics, moments: _Moments, chunk: NDArray[Any]) -> None:
    assert found.zeros is not None
    if chunk.dtype.kind == "c":
        found.zeros += int(np.count_nonzero(chunk == 0))
        found.nans += int(np.count_nonzero(np.isnan(chunk)))
        found.infinities += int(np.count_nonzero(np.isinf(chunk)))
        return
    numbers = _numbers(chunk)
    found.zeros += numbers.size - int(np.count_nonzero(numbers))
    if numbers.dtype.kind == "f":
        finite = np.isfinite(numbers)
        if not finite.all():
            found.nans += int(np.count_nonzero(np.isnan(numbers)))
            found.infinities += int(np.count_nonzero(np.isinf(numbers)))
            numbers = numbers[finite]
    if not numbers.size:
        return
    low, high = numbers.min(), numbers.max()  # NumPy's own, which know how they are written
    found.minimum = low if found.minimum is None else min(found.minimum, low)
    found.maximum = high if found.maximum is None else max(found.maximum, high)
    wide = numbers.astype(np.float64)
    mean = float(wide.mean())
    wide -= mean
    moments.add(wide.size, mean, float(np.dot(wide, wide)))


def _numbers(chunk: NDArray[Any]) -> NDArray[Any]:
    """As a dtype that NumPy computes with: what has fewer than 32 bits or is no native number becomes float32 or int64."""
    kind, size = chunk.dtype.kind, chunk.dtype.itemsize
    if kind == "f" and size >= 4:
        return chunk
    if kind in "iu" and chunk.dtype.isbuiltin == 1:
        return chunk
    if kind == "b":
        return chunk.astype(np.uint8)
    if kind == "f":
        return chunk.astype(np.float32)
    name = chunk.dtype.name
    return chunk.astype(np.int64) if name.startswith(("int", "uint")) else chunk.astype(np.float32)


def _bars(found: Statistics, tensor: Reader, progress: Progress) -> None:
    """Count the finite elements into bars between minimum and maximum."""
    low, high = float(found.minimum), float(found.maximum)
    whole = _numbers(tensor.read(0, 1)).dtype.kind in "iu"
    bins = BINS
    if whole and high - low < BINS:
        bins, low, high = int(high - low) + 1, low - 0.5, high + 0.5
    elif low == high:
        room = max(abs(low) * 1e-3, 1e-6)
        low, high = low - room, high + room
    width = high - low
    if not math.isfinite(width) or width <= 0:
        return
    counts = np.zeros(bins, dtype=np.int64)
    for start, chunk in tensor.chunks():
        progress(0.6 + 0.4 * start / tensor.elements, "counting its elements")
        numbers = _numbers(chunk)
        if numbers.dtype.kind == "f":
            numbers = numbers[np.isfinite(numbers)]
        places = ((numbers.astype(np.float64) - low) * (bins / width)).astype(np.int64)
        counts += np.bincount(np.clip(places, 0, bins - 1), minlength=bins)
    if isinstance(tensor, SparseReader):
        counts[min(max(int((0 - low) * (bins / width)), 0), bins - 1)] += tensor.unlisted
    found.histogram, found.edges = counts.tolist(), [low, high]
