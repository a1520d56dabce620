"""Which axis of a value comes from which axis of what it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.transforms.resizing.steps import Step

if TYPE_CHECKING:
    from onnx_scalpel.transforms.resizing.walking import Walk

_FARTHEST = 100  # nodes between an axis and the input that it comes from


def origin_of(walk: Walk, value: str, axis: int) -> tuple[str, int] | None:
    """The input's axis of size 1 that an axis of size 1 comes from, as far as that can be seen; None where it is made."""
    for _ in range(_FARTHEST):
        if value in walk.document.graph(MAIN_GRAPH).inputs:
            return value, axis
        producer = walk.document.producer(value)
        step = walk.steps.get(producer.node) if producer is not None else None
        if step is None or normal_domain(step.domain):
            return None
        before = _axis_before(walk, step, value, axis)
        if before is None:
            return None
        value, axis = before
    return None


def _axis_before(walk: Walk, step: Step, value: str, axis: int) -> tuple[str, int] | None:
    made = walk.facts.get(value)
    rank = len(made.vectors or ()) if made is not None else 0
    if step.op_type == "Transpose":
        order = step.integers("perm") or list(range(rank))[::-1]
        return step.node.inputs[0], order[axis]
    if step.op_type in ("Unsqueeze", "Squeeze"):
        axes, first = axes_of(step), step.fact(0)
        if axes is None or first is None or first.vectors is None:
            return None
        longer = max(rank, len(first.vectors))
        kept = [a for a in range(longer) if a not in {x % longer for x in axes}]
        if step.op_type == "Squeeze":
            return step.node.inputs[0], kept[axis]
        return (step.node.inputs[0], kept.index(axis)) if axis in kept else None
    for slot, fact in enumerate(step.facts):
        if fact is None or fact.constant or fact.vectors is None:
            continue
        shift = rank - len(fact.vectors)
        place = axis if axis == 0 and not shift else axis - shift
        if place >= 0 and fact.vectors[place][0] == 1:
            return step.node.inputs[slot], place
    return None


def axes_of(step: Step) -> list[int] | None:
    if "axes" in step.attributes:
        return step.integers("axes")
    fact = step.fact(1)
    numbers = fact.numbers() if fact is not None else None
    return None if numbers is None else [v[0] for v in numbers]
