"""What operators demand of the sizes of their inputs, where inference does not say it or somebody could still grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from onnx_scalpel.transforms.resizing.asking import Wanted, supply
from onnx_scalpel.transforms.resizing.plan import BlockedError, LostProbeError
from onnx_scalpel.transforms.resizing.steps import Step
from onnx_scalpel.transforms.resizing.vectors import Vector, varies

if TYPE_CHECKING:
    from onnx_scalpel.transforms.resizing.walking import Rule, Walk


def broadcast(walk: Walk, step: Step) -> None:
    """Operators that broadcast: a constant side that has the old size has to grow."""
    shapes = [None if f is None else f.vectors for f in step.facts]
    if any(f is not None and s is None for f, s in zip(step.facts, shapes, strict=True)):
        return
    _broadcast(walk, step, list(range(len(shapes))), shapes, 0)


def _broadcast(
    walk: Walk, step: Step, slots: Sequence[int], shapes: Sequence[list[Vector] | None], skipped: int
) -> None:
    """`skipped`: axes at the end that do not broadcast."""
    rank = max((len(s) for s in shapes if s is not None), default=0)
    demands: dict[int, Wanted] = {}
    for back in range(1 + skipped, rank + 1):
        dims = {slot: shapes[slot][-back] for slot in slots if shapes[slot] and len(shapes[slot] or ()) >= back}  # type: ignore[index]
        growing = [v for v in dims.values() if varies(v)]
        if not growing:
            continue
        vector = growing[0]
        for slot, dim in dims.items():
            if not varies(dim) and dim[0] == vector[0] != 1:
                demands.setdefault(slot, {})[len(shapes[slot] or ()) - back] = vector
    for slot, wanted in demands.items():
        supply(walk, step, slot, wanted, broadcasts=True)


def matmul(walk: Walk, step: Step) -> None:
    """Outer dims of both sides broadcast; the inner ones have to be the same."""
    a, b = (f.vectors if f is not None else None for f in (step.fact(0), step.fact(1)))
    if not a or not b:
        return
    _broadcast(walk, step, (0, 1), [a, b], 2)
    inner = a[-1], b[-2] if len(b) > 1 else b[-1]
    if varies(inner[0]) and not varies(inner[1]) and inner[0][0] == inner[1][0]:
        supply(walk, step, 1, {max(len(b) - 2, 0): inner[0]}, broadcasts=False)
    elif varies(inner[1]) and not varies(inner[0]) and inner[0][0] == inner[1][0]:
        supply(walk, step, 0, {len(a) - 1: inner[1]}, broadcasts=False)


def gemm(walk: Walk, step: Step) -> None:
    """The inner dims have to be the same, which inference does not check in every opset."""
    a, b = (f.vectors if f is not None else None for f in (step.fact(0), step.fact(1)))
    if not a or not b or len(a) != 2 or len(b) != 2:
        return
    one = a[0 if step.integer("transA", 0) else 1]
    other = b[1 if step.integer("transB", 0) else 0]
    for at, (mine, its) in enumerate(zip(one, other, strict=True)):
        if at and mine != its and one[0] == other[0]:
            if not walk.probes[at].needed:
                raise LostProbeError(at)
            raise BlockedError(step.id, f"its weight takes {its} features, {mine} would come in")


def concat(walk: Walk, step: Step) -> None:
    """All inputs have the same dims but on the axis on which they are joined."""
    shapes = [f.vectors if f is not None else None for f in step.facts]
    if any(s is None for s in shapes) or len({len(s) for s in shapes if s is not None}) != 1:
        return
    known = [s for s in shapes if s is not None]
    axis = step.integer("axis", 0) % max(len(known[0]), 1)
    demands: dict[int, Wanted] = {}
    for place in range(len(known[0])):
        growing = [s[place] for s in known if varies(s[place])]
        for slot, shape in enumerate(known):
            if place != axis and growing and not varies(shape[place]) and shape[place][0] == growing[0][0]:
                demands.setdefault(slot, {})[place] = growing[0]
    for slot, wanted in demands.items():
        supply(walk, step, slot, wanted, broadcasts=False)


def recurrent(walk: Walk, step: Step) -> None:
    """The states that an LSTM, GRU or RNN starts from have the batch of its sequence."""
    first = step.fact(0)
    ins = first.vectors if first is not None else None
    if ins is None or len(ins) != 3:
        return
    batch_first = step.integer("layout", 0) == 1
    batch = ins[0] if batch_first else ins[1]
    states = (4, 5, 6) if step.op_type == "LSTM" else (4, 5)
    if not varies(batch):
        _sequence_follows(walk, step, batch, batch_first)
        return
    for slot in states:
        state = step.fact(slot)
        dims = state.vectors if state is not None else None
        axis = 0 if slot == 4 or batch_first else 1
        if dims is not None and axis < len(dims) and not varies(dims[axis]) and dims[axis][0] == batch[0]:
            supply(walk, step, slot, {axis: batch}, broadcasts=False)


def _sequence_follows(walk: Walk, step: Step, batch: Vector, batch_first: bool) -> None:
    """A state that grows asks the sequence to grow along."""
    state = step.fact(5)
    dims = state.vectors if state is not None else None
    axis = 0 if batch_first else 1
    if dims is not None and len(dims) == 3 and varies(dims[axis]) and dims[axis][0] == batch[0]:
        supply(walk, step, 0, {axis: dims[axis]}, broadcasts=False)


def grid_sample(walk: Walk, step: Step) -> None:
    """The grid has the batch of what is sampled."""
    shapes = [f.vectors if f is not None else None for f in step.facts[:2]]
    if all(shapes) and shapes[0] and shapes[1]:
        one, other = shapes[0][0], shapes[1][0]
        if varies(one) and not varies(other) and one[0] == other[0]:
            supply(walk, step, 1, {0: one}, broadcasts=False)


_BROADCASTS = """
    Add And BitShift Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or PRelu Pow Sub Sum Where Xor
"""
DEMANDS: dict[str, Rule] = {
    **dict.fromkeys(_BROADCASTS.split(), broadcast),
    "MatMul": matmul,
    "Gemm": gemm,
    "Concat": concat,
    **dict.fromkeys(("LSTM", "GRU", "RNN"), recurrent),
    "GridSample": grid_sample,
}
