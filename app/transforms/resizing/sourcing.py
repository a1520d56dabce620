"""Where a run can look up the size of a dim: at a value that has it, or by a little arithmetic on one that nearly has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from onnx_scalpel.document.document import Document
from onnx_scalpel.edits.scopes import enclosing_graphs
from onnx_scalpel.transforms.resizing.facts import Fact
from onnx_scalpel.transforms.resizing.vectors import Vector, divided, varies


@dataclass(frozen=True)
class Axis:
    """The size of an axis of a value."""

    value: str
    axis: int


@dataclass(frozen=True)
class Sum:
    """A size computed from another by an operator and a number, or from two by Mul."""

    operator: Literal["Add", "Mul", "Div"]
    left: Source
    right: Source | int


Source: TypeAlias = Axis | Sum


class Sources:
    """The axes of all values by their sizes at the probes, earliest first."""

    def __init__(self, document: Document, facts: Mapping[str, Fact], order: Mapping[str, int]) -> None:
        self._document = document
        self._order = order
        self._axes: dict[Vector, list[Axis]] = {}
        for value in sorted((v for v in facts if v in order), key=lambda v: order[v]):
            for axis, vector in enumerate(facts[value].vectors or ()):
                if varies(vector):
                    self._axes.setdefault(vector, []).append(Axis(value, axis))

    def find(self, vector: Vector, node: str) -> Source | None:
        """How a node that stands before `node` can compute the size; None when it cannot."""
        reach = self._reach(node)
        direct = reach.get(vector)
        if direct is not None:
            return direct
        for other, axis in reach.items():
            found = _from_one(vector, other, axis)
            if found is not None:
                return found
        for other, axis in reach.items():
            quotient = divided(vector, other)
            if quotient is not None and quotient in reach:
                return Sum("Mul", axis, reach[quotient])
        return None

    def _reach(self, node: str) -> dict[Vector, Axis]:
        """For each size the earliest axis that the node can see."""
        record = self._document.node(node)
        graphs = {graph.id for graph in enclosing_graphs(self._document, record.graph)}
        before = min((self._order[o] for o in record.outputs if o in self._order), default=len(self._order))
        found: dict[Vector, Axis] = {}
        for vector, axes in self._axes.items():
            for axis in axes:
                if self._order[axis.value] < before and self._document.value(axis.value).graph in graphs:
                    found[vector] = axis
                    break
        return found


def _from_one(vector: Vector, other: Vector, axis: Axis) -> Source | None:
    quotient = divided(vector, other)
    if quotient is not None and not varies(quotient):
        return Sum("Mul", axis, quotient[0])
    quotient = divided(other, vector)
    if quotient is not None and not varies(quotient):
        return Sum("Div", axis, quotient[0])
    distance = {a - b for a, b in zip(vector, other, strict=True)}
    return Sum("Add", axis, distance.pop()) if len(distance) == 1 else None
