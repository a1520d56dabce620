"""Whether a batch gives what its samples give on their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.transforms.resizing.baseline import Baseline, equal
from onnx_scalpel.transforms.resizing.request import Request
from onnx_scalpel.transforms.resizing.vectors import Vector
from onnx_scalpel.transforms.resizing.walking import Walk
from onnx_scalpel.validators.inputs import Generated
from onnx_scalpel.validators.runtime import LoadedModel

_CHUNKS = 4  # of a batch that are compared with runs of their own

Outputs = dict[str, Any]


class Samples:
    """One batch at one probe: the dim, and what the mended model made of `inputs`."""

    def __init__(
        self, baseline: Baseline, walk: Walk, request: Request, batch: Vector, at: int, inputs: Sequence[Generated]
    ) -> None:
        self._baseline = baseline
        self._walk = walk
        self._request = request
        self._batch = batch
        self._at = at
        self._inputs = inputs

    def agree(self, made: Outputs, reference: LoadedModel) -> bool | None:
        """Whether `reference`, a model of the old batch, makes the same of the samples; None where nothing can be compared.

        AppError when it does not run.
        """
        old, new = self._batch[0], self._batch[self._at]
        starts = list(range(0, new, old))
        if len(starts) > _CHUNKS:
            starts = [*starts[: _CHUNKS - 2], starts[len(starts) // 2], starts[-1]]
        compared = False
        for start in starts:
            rows = [(start + k) % new for k in range(old)]
            fed = self._taken(rows)
            if fed is None:
                return None
            found = self._same_rows(made, reference.run(fed), rows)
            if found is False:
                return False
            compared = compared or found is True
        return True if compared else None

    def _taken(self, rows: Sequence[int]) -> list[Generated] | None:
        """The inputs with these samples only."""
        found = []
        for one in self._inputs:
            dims = self._request.before.get(one.value, ())
            axes = [
                axis
                for axis in range(len(dims))
                if self._request.vector(self._walk.probes, one.value, axis) == self._batch
            ]
            data = one.data
            if axes and not isinstance(data, np.ndarray):
                return None
            for axis in axes[:1]:
                data = np.take(data, rows, axis=axis)
            shape = np.shape(data) if axes else one.shape
            found.append(Generated(one.name, one.value, one.dtype, shape, one.how, data))
        return found

    def _same_rows(self, made: Outputs, alone: Outputs, rows: Sequence[int]) -> bool | None:
        """Whether the outputs agree in these samples; None where no output has samples that can be told."""
        told: bool | None = None
        for value in self._walk.document.graph(MAIN_GRAPH).outputs:
            name = self._walk.document.value(value).name
            whole, part = made.get(name), alone.get(name)
            if not isinstance(whole, np.ndarray) or not isinstance(part, np.ndarray):
                continue
            picked = self._picked(value, whole, part, rows)
            if picked is None or name in self._baseline.known_random:
                continue
            if not equal(picked, part):
                if name in self._baseline.random():
                    continue
                return False
            told = True
        return told

    def _picked(self, value: str, whole: Any, part: Any, rows: Sequence[int]) -> Any:
        """The samples' part of an output; all of it where it has no batch; None where that cannot be told."""
        old, new = self._batch[0], self._batch[self._at]
        fact = self._walk.facts.get(value)
        if fact is not None and fact.vectors is not None:
            places = [(axis, v) for axis, v in enumerate(fact.vectors) if self._walk.known.parts(v)[0] == self._batch]
            if not places:
                return whole
            axis, vector = places[0]
            each = vector[self._at] // new
        elif whole.ndim and part.ndim and (whole.shape[0], part.shape[0]) == (new, old):
            axis, each = 0, 1
        else:
            return None
        return np.take(whole, [row * each + k for row in rows for k in range(each)], axis=axis)
