"""Makes an input as large as a node needs it: anew in its place, or by asking what makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import TYPE_CHECKING

from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.transforms.resizing.constants import content_of, regrown
from onnx_scalpel.transforms.resizing.origins import axes_of, origin_of
from onnx_scalpel.transforms.resizing.plan import AgainError, FollowError, Fresh, Item, Items, words_of
from onnx_scalpel.transforms.resizing.steps import Step
from onnx_scalpel.transforms.resizing.vectors import Vector, varies

if TYPE_CHECKING:
    from onnx_scalpel.transforms.resizing.walking import Walk

Wanted = dict[int, Vector]
"""Axes of a value that have to be as large as these dims."""

# operators whose output has the axes of each of their inputs, aligned at the last one
_ALIGNED_NAMES = """
    Abs Add And Cast CastLike Ceil Clip Cos Div Dropout Equal Erf Exp Expand Floor Greater GreaterOrEqual Identity IsInf
    IsNaN Less LessOrEqual Log Max Min Mod Mul Neg Not Or Pow Reciprocal Relu Round Sigmoid Sign Sin Softmax Sqrt Sub
    Sum Tanh Trilu Where Xor CumSum LayerNormalization
"""
_FIRST_ONLY_NAMES = "Cast CastLike Clip CumSum Dropout LayerNormalization Trilu Expand"
_ALIGNED, _FIRST_ONLY = frozenset(_ALIGNED_NAMES.split()), frozenset(_FIRST_ONLY_NAMES.split())


def supply(walk: Walk, step: Step, slot: int, wanted: Wanted, *, broadcasts: bool) -> None:
    """Make an input as large as wanted: anew in this slot, or further up (AgainError, FollowError)."""
    fact = step.fact(slot)
    value = step.node.inputs[slot] if slot < len(step.node.inputs) else ""
    if fact is None or not value or fact.vectors is None or walk.plan.has_slot(step.id, slot):
        return
    if value in walk.document.graph(MAIN_GRAPH).inputs and not fact.constant:
        axis, vector = next(iter(wanted.items()))
        raise FollowError(value, axis, vector)
    shape = [wanted.get(axis, vector) for axis, vector in enumerate(fact.vectors)]
    before = "×".join(str(v[0]) for v in fact.vectors)
    after = "×".join(walk.name(v) for v in shape)
    if all(fact.vectors[axis][0] == 1 for axis in wanted):
        for axis, vector in wanted.items():
            origin = None if fact.constant else origin_of(walk, value, axis)
            if origin is not None:
                raise FollowError(*origin, vector)
        walk.place(step, slot, Fresh("expand", value, fact.dtype, tuple(shape), tuple(wanted)))
        walk.plan.note(step.id, f"input {slot + 1} expanded", before, after)
        return
    if fact.constant:
        array = content_of(walk.document, value)
        made = None if array is None else regrown(value, fact, array, wanted, broadcasts=broadcasts)
        if made is not None:
            walk.place(step, slot, made)
            walk.plan.note(step.id, f"constant input {slot + 1} ({made.kind})", before, after)
            return
    ask(walk, value, wanted)  # where that returns nothing can be done, and the node itself will say so


def ask(walk: Walk, value: str, wanted: Mapping[int, Vector]) -> None:
    """Ask what makes a value to make it larger; AgainError or FollowError when something was mended for that."""
    producer = walk.document.producer(value)
    if producer is None:
        _ask_owner(walk, value, wanted)
        return
    step = walk.steps.get(producer.node)
    fact = walk.facts.get(value)
    if step is None or fact is None or fact.vectors is None or step.domain or producer.slot:
        return
    handler = _ASKED.get(step.op_type)
    if handler is not None:
        handler(walk, step, wanted)
    if step.op_type in _ALIGNED:
        _ask_aligned(walk, step, wanted, len(fact.vectors))


def _ask_owner(walk: Walk, value: str, wanted: Mapping[int, Vector]) -> None:
    """What a Loop or Scan hands into its body comes from an input of its own."""
    graph = walk.document.graph(walk.document.value(value).graph)
    owner = walk.steps.get(graph.owner)
    if owner is None or value not in graph.inputs or owner.op_type not in ("Loop", "Scan"):
        return
    slot = graph.inputs.index(value)
    states = len(owner.facts) - owner.integer("num_scan_inputs", 0) if owner.op_type == "Scan" else len(owner.facts)
    if slot >= states or (owner.op_type == "Loop" and slot < 2):
        return
    _pass_on(walk, owner, slot, dict(wanted))


def _ask_aligned(walk: Walk, step: Step, wanted: Mapping[int, Vector], rank: int) -> None:
    slots = [0] if step.op_type in _FIRST_ONLY else range(len(step.facts))
    for slot in slots:
        fact = step.fact(slot)
        if fact is None or fact.vectors is None:
            continue
        shift = rank - len(fact.vectors)
        mine = {
            axis - shift: v
            for axis, v in wanted.items()
            if axis >= shift and fact.vectors[axis - shift][0] == v[0] != 1 and not varies(fact.vectors[axis - shift])
        }
        if mine:
            _pass_on(walk, step, slot, mine)


def _pass_on(walk: Walk, step: Step, slot: int, wanted: Wanted) -> None:
    """Make an input of a node further up larger; AgainError when that was done. Other inputs that lag behind then ask for it."""
    before = walk.plan.size()
    supply(walk, step, slot, wanted, broadcasts=False)
    if walk.plan.size() > before:
        raise AgainError(step.id)


def _set_items(walk: Walk, step: Step, slot: int, wanted: Mapping[int, Vector], what: str) -> None:
    """Write dims into a list of sizes, one for each axis."""
    fact = step.fact(slot)
    numbers = fact.numbers() if fact is not None else None
    if numbers is None or walk.plan.has_slot(step.id, slot) or any(axis >= len(numbers) for axis in wanted):
        return
    items: list[Item] = [v if varies(v) else v[0] for v in numbers]
    for axis, vector in wanted.items():
        if items[axis] != vector[0]:
            return
        items[axis] = vector
    walk.plan.note(step.id, what, words_of(tuple(v[0] for v in numbers), str), words_of(tuple(items), walk.name))
    walk.place(step, slot, Items(tuple(items), (fact.dtype if fact else "") or "int64"))
    raise AgainError(step.id)


def _ask_expand(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    _set_items(walk, step, 1, wanted, "Expand shape")


def _ask_constant_of_shape(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    _set_items(walk, step, 0, wanted, "ConstantOfShape shape")


def _ask_tile(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    fact = step.fact(0)
    whole = fact is not None and fact.vectors is not None and all(fact.vectors[a][0] == 1 for a in wanted)
    if whole:
        _set_items(walk, step, 1, wanted, "Tile repeats")


def _ask_reshape(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    """Where the dim passes through a Reshape as it is, the Reshape's rule follows once its input has grown."""
    data, made = step.fact(0), walk.facts.get(step.node.outputs[0])
    if data is None or data.vectors is None or made is None or made.vectors is None:
        return
    mine: Wanted = {}
    for axis, vector in wanted.items():
        inside = [v[0] for v in made.vectors[:axis]]
        places = [
            at
            for at, v in enumerate(data.vectors)
            if v[0] == vector[0] and not varies(v) and prod(v[0] for v in data.vectors[:at]) == prod(inside)
        ]
        if not places:
            return
        mine[places[0]] = vector
    _pass_on(walk, step, 0, mine)


def _ask_rows(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    """The rows of a product are those of its left side."""
    fact, made = step.fact(0), walk.facts.get(step.node.outputs[0])
    rank = len(made.vectors or ()) if made is not None else 0
    same = fact is not None and fact.vectors is not None and len(fact.vectors) == rank
    if not same or rank - 1 in wanted:
        return
    turned = step.op_type == "Gemm" and step.integer("transA", 0) == 1
    _pass_on(walk, step, 0, {1 if turned else axis: v for axis, v in wanted.items()})


def _ask_range(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    ends = [f.numbers() if f is not None else None for f in step.facts]
    if any(e is None or len(e) != 1 or varies(e[0]) for e in ends) or walk.plan.has_slot(step.id, 1):
        return
    start, limit, delta = (e[0][0] for e in ends if e is not None)
    vector = wanted.get(0)
    if vector is None or start or delta != 1 or limit != vector[0]:
        return
    walk.plan.note(step.id, "Range limit", limit, walk.name(vector))
    fact = step.fact(1)
    walk.place(step, 1, Items((vector,), fact.dtype if fact else "int64", True))
    raise AgainError(step.id)


def _ask_slice(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    """A table that was cut to the old size is cut to the new one, as far as it reaches."""
    data = step.fact(0)
    if data is None or data.vectors is None or step.version < 10 or walk.plan.has_slot(step.id, 2):
        return
    ends, axes, starts = (f.numbers() if f is not None else None for f in (step.fact(2), step.fact(3), step.fact(1)))
    if ends is None or starts is None:
        return
    on = [a[0] % len(data.vectors) for a in axes] if axes is not None else list(range(len(ends)))
    items: list[Item] = [e if varies(e) else e[0] for e in ends]
    passed: Wanted = {}
    for axis, vector in wanted.items():
        if axis not in on:
            passed[axis] = vector
            continue
        place = on.index(axis)
        start, end = starts[place][0], ends[place][0]
        if end - start == vector[0] and start >= 0 and start + walk.most(vector) <= data.vectors[axis][0]:
            items[place] = tuple(n + start for n in vector)
        else:
            return
    if passed:
        _pass_on(walk, step, 0, passed)
        return
    walk.plan.note(step.id, "Slice ends", words_of(tuple(e[0] for e in ends), str), words_of(tuple(items), walk.name))
    fact = step.fact(2)
    walk.place(step, 2, Items(tuple(items), fact.dtype if fact else "int64"))
    raise AgainError(step.id)


def _ask_gather(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    data, indices = step.fact(0), step.fact(1)
    if data is None or indices is None or data.vectors is None or indices.vectors is None:
        return
    axis, rank = step.integer("axis", 0) % len(data.vectors), len(indices.vectors)
    mine = {a - axis: v for a, v in wanted.items() if axis <= a < axis + rank}
    if len(mine) == len(wanted):
        _pass_on(walk, step, 1, mine)


def _ask_gather_nd(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    indices = step.fact(1)
    rank = len(indices.vectors) - 1 if indices is not None and indices.vectors is not None else 0
    if not step.integer("batch_dims", 0) and all(axis < rank for axis in wanted):
        _pass_on(walk, step, 1, dict(wanted))


def _ask_transpose(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    fact = step.fact(0)
    rank = len(fact.vectors or ()) if fact is not None else 0
    order = step.integers("perm") or list(range(rank))[::-1]
    _pass_on(walk, step, 0, {order[axis]: v for axis, v in wanted.items()})


def _ask_unsqueeze(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    fact, axes = step.fact(0), axes_of(step)
    if fact is None or fact.vectors is None or axes is None:
        return
    rank = len(fact.vectors) + len(axes)
    new = {a % rank for a in axes}
    kept = [a for a in range(rank) if a not in new]
    if any(a in new for a in wanted):
        return
    _pass_on(walk, step, 0, {kept.index(a): v for a, v in wanted.items()})


def _ask_squeeze(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    fact, axes = step.fact(0), axes_of(step)
    if fact is None or fact.vectors is None or axes is None:
        return
    gone = {a % len(fact.vectors) for a in axes}
    kept = [a for a in range(len(fact.vectors)) if a not in gone]
    _pass_on(walk, step, 0, {kept[a]: v for a, v in wanted.items()})


def _ask_concat(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> None:
    fact = step.fact(0)
    rank = len(fact.vectors or ()) if fact is not None else 0
    if not rank or step.integer("axis", 0) % rank in wanted:
        return
    for slot in range(len(step.facts)):
        _pass_on(walk, step, slot, dict(wanted))


_ASKED: dict[str, Callable[[Walk, Step, Mapping[int, Vector]], None]] = {
    "Expand": _ask_expand,
    "ConstantOfShape": _ask_constant_of_shape,
    "Tile": _ask_tile,
    "Range": _ask_range,
    "Slice": _ask_slice,
    "Gather": _ask_gather,
    "GatherND": _ask_gather_nd,
    "Transpose": _ask_transpose,
    "Unsqueeze": _ask_unsqueeze,
    "Squeeze": _ask_squeeze,
    "Concat": _ask_concat,
    "Reshape": _ask_reshape,
    "MatMul": _ask_rows,
    "Gemm": _ask_rows,
}
