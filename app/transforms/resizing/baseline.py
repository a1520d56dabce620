"""The model as it is, run once before anything changes: what a resized one is compared with."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations, product
from math import prod
from typing import Any

import numpy as np
import onnx

from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import AppError, EditRejected
from onnx_scalpel.validators.compare import difference
from onnx_scalpel.validators.dims import open_dims
from onnx_scalpel.validators.inputs import generate
from onnx_scalpel.validators.runtime import LoadedModel

SEED = 0
_NEAR = 1e-3  # of the largest number: what other orders of summation may make of the same thing
_REPEATS = 4  # runs that show whether an output is random
_SEARCHING = 30  # seconds of looking for sizes that a model takes
_WRITTEN_SIZES = 12  # sizes from the model's own constants that are tried
_USUAL_SIZES = (1, 2, 3, 4, 8, 9, 10, 16, 24, 32, 48, 64, 80, 96, 112, 128, 160, 224, 256, 320, 384, 416, 480, 512, 640)
_LARGEST_SIZE = 1 << 12
_MOST_DIMS = 8  # elements of a constant that may be a list of sizes


class Baseline:
    """The model as it is, run once at its old size. `dims` are sizes at which it runs, for dims that its inputs leave open."""

    def __init__(self, model: WeightlessModel, hints: Mapping[str, int]) -> None:
        """`hints`: sizes that open dims will surely take, if the model runs at all."""
        self._model = model
        self._hints = hints
        self._random: set[str] | None = None
        self.dims = open_dims(model)
        try:
            self.loaded = LoadedModel(model)
            try:
                self.inputs = generate(model, self.dims, SEED)
                self.outputs = self.loaded.run(self.inputs)
            except AppError:
                found = next((dims for dims in self._other_sizes() if self.runs(dims)), None)
                if found is None:
                    raise
                self.dims = found
                self.inputs = generate(model, self.dims, SEED)
                self.outputs = self.loaded.run(self.inputs)
        except AppError as error:
            raise EditRejected(
                f"the model does not run here as it is, so a resize cannot be proved: {error.message}",
                subjects=error.subjects,
                hint="mend what keeps it from running first, or declare the size with Set type",
            ) from error

    def runs(self, dims: Mapping[str, int]) -> bool:
        """Whether it runs with these sizes of its open dims."""
        try:
            self.loaded.run(generate(self._model, dims, SEED))
        except AppError:
            return False
        return True

    def _other_sizes(self) -> Iterator[dict[str, int]]:
        """Sizes for models that say they take any but do not: first those that are written in them, then usual ones."""
        written = (int(n) for t in _small_tensors(self._model) for n in t.reshape(-1) if 1 <= n <= _LARGEST_SIZE)
        sizes = [size for size, _ in Counter(written).most_common(_WRITTEN_SIZES)]
        sizes = list(dict.fromkeys((*sizes, *_USUAL_SIZES)))
        names = list(self.dims)
        alone = [{**self.dims, name: size} for name in names for size in sizes]
        first = sizes[:_WRITTEN_SIZES]
        pairs = [
            {**self.dims, one: a, other: b}
            for one, other in combinations(names, 2)
            for a, b in product(first, repeat=2)
        ]
        yield {**self.dims, **self._hints}
        until = time.monotonic() + _SEARCHING
        for dims in (*sorted(alone, key=lambda d: prod(d.values())), *sorted(pairs, key=lambda d: prod(d.values()))):
            if time.monotonic() > until:
                return
            yield dims

    def loose(self, names: Collection[str]) -> dict[str, tuple[int, int]]:
        """Two other sizes for each of these open dims that can have any: for all at once, else for those that can alone."""
        wanted = {name: _other_pair(name, self.dims[name]) for name in names if name in self.dims}
        if self._takes(wanted):
            return wanted
        alone = {name: pair for name, pair in wanted.items() if self._takes({name: pair})}
        return alone if self._takes(alone) else {}

    def _takes(self, pairs: Mapping[str, tuple[int, int]]) -> bool:
        return all(self.runs({**self.dims, **{n: pair[at] for n, pair in pairs.items()}}) for at in (0, 1))

    @property
    def known_random(self) -> set[str]:
        """Those of them that were found so far."""
        return self._random or set()

    def random(self) -> set[str]:
        """Outputs that are not the same each time, because of random operators."""
        if self._random is None:
            again = [self.loaded.run(self.inputs) for _ in range(_REPEATS)]
            self._random = {n for n, data in self.outputs.items() if not all(equal(a[n], data) for a in again)}
        return self._random


def _other_pair(name: str, size: int) -> tuple[int, int]:
    batch = size < 4 or "batch" in name.lower() or name.endswith(":0")
    return (size + 2, size + 1) if batch else (size + size // 2, 2 * size)


def _small_tensors(model: WeightlessModel) -> Iterator[np.ndarray[Any, Any]]:
    """Constants that may hold sizes: those that are targets and bounds."""
    held = list(model.proto.graph.initializer)
    held += [a.t for n in model.proto.graph.node if n.op_type == "Constant" for a in n.attribute if a.HasField("t")]
    for tensor in held:
        whole = tensor.data_type == onnx.TensorProto.INT64 and len(tensor.dims) <= 1 and sum(tensor.dims) <= _MOST_DIMS
        if whole and tensor.data_location != onnx.TensorProto.EXTERNAL:
            yield onnx.numpy_helper.to_array(tensor)


def equal(one: Any, other: Any) -> bool:
    """Equal as far as numbers of this kind can be: within the tolerance, or within a thousandth of the largest number."""
    if one is None or other is None:
        return one is other
    if difference(one, other, "")["equal"]:
        return True
    if not isinstance(one, np.ndarray) or not isinstance(other, np.ndarray) or one.shape != other.shape:
        return False
    if one.dtype.kind != "f" or not (np.isfinite(one) == np.isfinite(other)).all():
        return False
    finite = np.isfinite(other)
    a, b = one[finite].astype("f8"), other[finite].astype("f8")
    return bool(np.abs(a - b).max(initial=0) <= _NEAR * np.abs(b).max(initial=0))
