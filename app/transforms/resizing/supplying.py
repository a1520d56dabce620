"""Where a node needs one input to be as large as another: what makes that input is asked to grow along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.transforms.resizing.constants import content_of, regrown
from onnx_scalpel.transforms.resizing.plan import (
    AgainError,
    BlockedError,
    FollowError,
    Fresh,
    Item,
    Items,
    LostProbeError,
    words_of,
)
from onnx_scalpel.transforms.resizing.steps import Step
from onnx_scalpel.transforms.resizing.vectors import Vector, varies

if TYPE_CHECKING:
    from onnx_scalpel.transforms.resizing.walking import Rule, Walk

_FARTHEST = 100  # nodes between an axis and the input that it comes from

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
    if ask(walk, value, wanted):
        raise AgainError(_maker(walk, value))
    # nothing can be done: the node itself will say so


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


def _maker(walk: Walk, value: str) -> str:
    producer = walk.document.producer(value)
    return producer.node if producer is not None else ""


def ask(walk: Walk, value: str, wanted: Mapping[int, Vector]) -> bool:
    """Ask what makes a value to make it larger; whether anything was mended. Mends are marked for a walk from there."""
    producer = walk.document.producer(value)
    if producer is None:
        return _ask_owner(walk, value, wanted)
    step = walk.steps.get(producer.node)
    fact = walk.facts.get(value)
    if step is None or fact is None or fact.vectors is None or normal_domain(step.domain):
        return False
    if producer.slot and step.op_type not in ("Split",):
        return False
    handler = _ASKED.get(step.op_type)
    if handler is not None and handler(walk, step, wanted):
        return True
    if step.op_type in _ALIGNED:
        return _ask_aligned(walk, step, wanted, len(fact.vectors))
    return False


def _ask_owner(walk: Walk, value: str, wanted: Mapping[int, Vector]) -> bool:
    """What a Loop or Scan hands into its body comes from an input of its own."""
    graph = walk.document.graph(walk.document.value(value).graph)
    owner = walk.steps.get(graph.owner)
    if owner is None or value not in graph.inputs or owner.op_type not in ("Loop", "Scan"):
        return False
    slot = graph.inputs.index(value)
    states = len(owner.facts) - owner.integer("num_scan_inputs", 0) if owner.op_type == "Scan" else len(owner.facts)
    if slot >= states or (owner.op_type == "Loop" and slot < 2):
        return False
    return _pass_on(walk, owner, slot, dict(wanted))


def _ask_aligned(walk: Walk, step: Step, wanted: Mapping[int, Vector], rank: int) -> bool:
    slots = [0] if step.op_type in _FIRST_ONLY else range(len(step.facts))
    done = False
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
            done = _pass_on(walk, step, slot, mine) or done
    return done


def _pass_on(walk: Walk, step: Step, slot: int, wanted: Wanted) -> bool:
    """Make an input of a node further up larger."""
    try:
        before = walk.plan.size()
        supply(walk, step, slot, wanted, broadcasts=False)
    except AgainError:
        pass
    else:
        if walk.plan.size() == before:
            return False
        raise AgainError(step.id)
    return True


def _set_items(walk: Walk, step: Step, slot: int, wanted: Mapping[int, Vector], what: str) -> bool:
    """Write dims into a list of sizes, one for each axis."""
    fact = step.fact(slot)
    numbers = fact.numbers() if fact is not None else None
    if numbers is None or walk.plan.has_slot(step.id, slot) or any(axis >= len(numbers) for axis in wanted):
        return False
    items: list[Item] = [v if varies(v) else v[0] for v in numbers]
    for axis, vector in wanted.items():
        if items[axis] != vector[0]:
            return False
        items[axis] = vector
    walk.plan.note(step.id, what, words_of(tuple(v[0] for v in numbers), str), words_of(tuple(items), walk.name))
    walk.place(step, slot, Items(tuple(items), (fact.dtype if fact else "") or "int64"))
    raise AgainError(step.id)


def _ask_expand(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    return _set_items(walk, step, 1, wanted, "Expand shape")


def _ask_constant_of_shape(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    return _set_items(walk, step, 0, wanted, "ConstantOfShape shape")


def _ask_tile(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    fact = step.fact(0)
    whole = fact is not None and fact.vectors is not None and all(fact.vectors[a][0] == 1 for a in wanted)
    return whole and _set_items(walk, step, 1, wanted, "Tile repeats")


def _ask_reshape(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    """Where the dim passes through a Reshape as it is, the Reshape's rule follows once its input has grown."""
    data, made = step.fact(0), walk.facts.get(step.node.outputs[0])
    if data is None or data.vectors is None or made is None or made.vectors is None:
        return False
    mine: Wanted = {}
    for axis, vector in wanted.items():
        inside = [v[0] for v in made.vectors[:axis]]
        places = [
            at
            for at, v in enumerate(data.vectors)
            if v[0] == vector[0] and not varies(v) and _product(v[0] for v in data.vectors[:at]) == _product(inside)
        ]
        if not places:
            return False
        mine[places[0]] = vector
    return _pass_on(walk, step, 0, mine)


def _product(sizes: object) -> int:
    total = 1
    for size in sizes:  # type: ignore[attr-defined]
        total *= size
    return total


def _ask_rows(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    """The rows of a product are those of its left side."""
    fact, made = step.fact(0), walk.facts.get(step.node.outputs[0])
    rank = len(made.vectors or ()) if made is not None else 0
    same = fact is not None and fact.vectors is not None and len(fact.vectors) == rank
    if not same or rank - 1 in wanted:
        return False
    turned = step.op_type == "Gemm" and step.integer("transA", 0) == 1
    return _pass_on(walk, step, 0, {1 if turned else axis: v for axis, v in wanted.items()})


def _ask_range(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    ends = [f.numbers() if f is not None else None for f in step.facts]
    if any(e is None or len(e) != 1 or varies(e[0]) for e in ends) or walk.plan.has_slot(step.id, 1):
        return False
    start, limit, delta = (e[0][0] for e in ends if e is not None)
    vector = wanted.get(0)
    if vector is None or start or delta != 1 or limit != vector[0]:
        return False
    walk.plan.note(step.id, "Range limit", limit, walk.name(vector))
    fact = step.fact(1)
    walk.place(step, 1, Items((vector,), fact.dtype if fact else "int64", True))
    raise AgainError(step.id)


def _ask_slice(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    """A table that was cut to the old size is cut to the new one, as far as it reaches."""
    data = step.fact(0)
    if data is None or data.vectors is None or step.version < 10 or walk.plan.has_slot(step.id, 2):
        return False
    ends, axes, starts = (f.numbers() if f is not None else None for f in (step.fact(2), step.fact(3), step.fact(1)))
    if ends is None or starts is None:
        return False
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
            return False
    if passed:
        return _pass_on(walk, step, 0, passed)
    walk.plan.note(step.id, "Slice ends", words_of(tuple(e[0] for e in ends), str), words_of(tuple(items), walk.name))
    fact = step.fact(2)
    walk.place(step, 2, Items(tuple(items), fact.dtype if fact else "int64"))
    raise AgainError(step.id)


def _ask_gather(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    data, indices = step.fact(0), step.fact(1)
    if data is None or indices is None or data.vectors is None or indices.vectors is None:
        return False
    axis, rank = step.integer("axis", 0) % len(data.vectors), len(indices.vectors)
    mine = {a - axis: v for a, v in wanted.items() if axis <= a < axis + rank}
    return len(mine) == len(wanted) and _pass_on(walk, step, 1, mine)


def _ask_transpose(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    fact = step.fact(0)
    rank = len(fact.vectors or ()) if fact is not None else 0
    order = step.integers("perm") or list(range(rank))[::-1]
    return _pass_on(walk, step, 0, {order[axis]: v for axis, v in wanted.items()})


def axes_of(step: Step) -> list[int] | None:
    if "axes" in step.attributes:
        return step.integers("axes")
    fact = step.fact(1)
    numbers = fact.numbers() if fact is not None else None
    return None if numbers is None else [v[0] for v in numbers]


def _ask_unsqueeze(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    fact, axes = step.fact(0), axes_of(step)
    if fact is None or fact.vectors is None or axes is None:
        return False
    rank = len(fact.vectors) + len(axes)
    new = {a % rank for a in axes}
    kept = [a for a in range(rank) if a not in new]
    if any(a in new for a in wanted):
        return False
    return _pass_on(walk, step, 0, {kept.index(a): v for a, v in wanted.items()})


def _ask_squeeze(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    fact, axes = step.fact(0), axes_of(step)
    if fact is None or fact.vectors is None or axes is None:
        return False
    gone = {a % len(fact.vectors) for a in axes}
    kept = [a for a in range(len(fact.vectors)) if a not in gone]
    return _pass_on(walk, step, 0, {kept[a]: v for a, v in wanted.items()})


def _ask_concat(walk: Walk, step: Step, wanted: Mapping[int, Vector]) -> bool:
    fact = step.fact(0)
    rank = len(fact.vectors or ()) if fact is not None else 0
    if not rank or step.integer("axis", 0) % rank in wanted:
        return False
    done = False
    for slot in range(len(step.facts)):
        done = _pass_on(walk, step, slot, dict(wanted)) or done
    return done


_ASKED: dict[str, Callable[[Walk, Step, Mapping[int, Vector]], bool]] = {
    "Expand": _ask_expand,
    "ConstantOfShape": _ask_constant_of_shape,
    "Tile": _ask_tile,
    "Range": _ask_range,
    "Slice": _ask_slice,
    "Gather": _ask_gather,
    "Transpose": _ask_transpose,
    "Unsqueeze": _ask_unsqueeze,
    "Squeeze": _ask_squeeze,
    "Concat": _ask_concat,
    "Reshape": _ask_reshape,
    "MatMul": _ask_rows,
    "Gemm": _ask_rows,
}
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
