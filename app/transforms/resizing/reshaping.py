"""The rule of Reshape: the target that was written for the old size, so that it means the same at every size."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

from onnx_scalpel.document.records import Attribute
from onnx_scalpel.transforms.resizing.plan import BlockedError, Item, Items, words_of
from onnx_scalpel.transforms.resizing.steps import Step
from onnx_scalpel.transforms.resizing.vectors import Tastes, Vector, align, varies

if TYPE_CHECKING:
    from onnx_scalpel.transforms.resizing.walking import Walk

# other ways to read a constant target than the usual one, by the question that they answer
_WAYS = {
    "last place of size 1 grows": Tastes(units_first=False),
    "inner part of a split dim grows": Tastes(outer_varies=False),
}
_USUAL = "first place of size 1 grows"
_TURNS = "batch moved by a reshape"


def reshape(walk: Walk, step: Step) -> None:
    """Mend the target where a dim that changes is written into it as a number."""
    data, target = step.fact(0), step.fact(1)
    ins = data.vectors if data is not None else None
    old_style = step.version < 5
    if old_style:
        raw = [(n,) * walk.width for n in step.integers("shape") or []]
    else:
        raw = (target.numbers() if target is not None else None) or []
    if ins is None or (not raw and not (target is not None and target.numbers() == [])):
        return
    keeps_zero = step.integer("allowzero", 0) == 1
    present = [reshaped([v[at] for v in ins], [v[at] for v in raw], keeps_zero) for at in range(walk.width)]
    first = present[0]
    if first is None or not any(varies(v) for v in (*ins, *raw)):
        return
    if _turned(walk, step, ins, first):
        return
    fitting = [p for p in present if p is not None]
    as_it_is = list(zip(*fitting, strict=True)) if len(fitting) == walk.width else None
    dynamic = any(varies(v) for v in raw)
    wanted = _wanted(walk, ins, first, as_it_is)
    if wanted is None or wanted == as_it_is or (dynamic and as_it_is is not None):
        return
    items = _items(walk, ins, wanted, [v[0] for v in raw], keeps_zero)
    before = [v[0] for v in raw]
    walk.plan.note(step.id, "Reshape target", words_of(tuple(before), str), words_of(items, walk.name))
    if old_style:
        if not all(isinstance(item, int) for item in items):
            raise BlockedError(
                step.id, "its target would depend on several sizes", "convert the model to opset 5 first"
            )
        walk.plan.set_attribute(step.id, "shape", Attribute("INTS", tuple(i for i in items if isinstance(i, int))))
    else:
        walk.plan.set_slot(step.id, 1, Items(items))


def _wanted(
    walk: Walk, ins: Sequence[Vector], first: Sequence[int], as_it_is: list[Vector] | None
) -> list[Vector] | None:
    """The dims that come out at every probe; None to leave the node alone."""
    readings = {_USUAL: align(ins, first, walk.known)}
    readings |= {question: align(ins, first, walk.known, taste) for question, taste in _WAYS.items()}
    known = [reading for reading in readings.values() if reading is not None]
    if not known:
        return as_it_is
    # what the author wrote counts where it is one of the readings: a -1 says which place of size 1 grows
    first_choice = as_it_is if as_it_is in known else known[0]
    for question, reading in readings.items():
        if reading is not None and reading != first_choice and walk.choices.choose(question, 2) == 1:
            return reading
    return first_choice


def _turned(walk: Walk, step: Step, ins: Sequence[Vector], first: Sequence[int]) -> bool:
    """Whether the node is made a Transpose: it moves a batch of 1 past another dim, which a Reshape can only do at size 1."""
    moving = [axis for axis, v in enumerate(ins) if v[0] == 1 and varies(v)]
    if len(moving) != 1 or len(ins) != len(first) or step.version < 5:
        return False
    rest = [v[0] for axis, v in enumerate(ins) if axis != moving[0]]
    places = [at for at in range(len(first)) if first[at] == 1 and [*first[:at], *first[at + 1 :]] == rest]
    if not places or moving[0] in places or walk.choices.choose(_TURNS, 2) == 0:
        return False
    order = [axis for axis in range(len(ins)) if axis != moving[0]]
    order.insert(places[0], moving[0])
    walk.plan.note(step.id, "Reshape that moves the batch", list(first), f"Transpose {order}")
    walk.plan.operators[step.id] = "Transpose"
    for name in step.node.attributes:
        walk.plan.set_attribute(step.id, name, None)
    walk.plan.set_attribute(step.id, "perm", Attribute("INTS", tuple(order)))
    walk.plan.set_slot(step.id, 1, None)
    return True


def reshaped(sizes: Sequence[int], target: Sequence[int], keeps_zero: bool) -> tuple[int, ...] | None:
    """The dims that Reshape makes; None where it fails."""
    dims = [sizes[at] if n == 0 and not keeps_zero and at < len(sizes) else n for at, n in enumerate(target)]
    total, known = prod(sizes), prod(n for n in dims if n != -1)
    if dims.count(-1) > 1 or any(n < -1 for n in dims):
        return None
    if -1 in dims:
        if known == 0 or total % known:
            return None
        dims[dims.index(-1)] = total // known
    return tuple(dims) if prod(dims) == total else None


def _items(
    walk: Walk, ins: Sequence[Vector], wanted: Sequence[Vector], raw: Sequence[int], keeps_zero: bool
) -> tuple[Item, ...]:
    """The target: 0 where a dim passes through, -1 for one that does not, and numbers as they were."""
    items: list[Item | None] = []
    for at, vector in enumerate(wanted):
        passes = at < len(ins) and ins[at] == vector and not keeps_zero
        if varies(vector):
            items.append(0 if passes else None)
        else:
            items.append(raw[at] if raw[at] != -1 and (raw[at] != 0 or passes) else vector[0])
    pending = [at for at, item in enumerate(items) if item is None]
    written = list(raw).index(-1) if -1 in raw else -1
    if written >= 0 and not walk.keeps_open and not varies(wanted[written]):
        items[written] = -1  # it may stand for a dim that is open and of one size at all probes
    elif pending:
        sourceless = [at for at in pending if not walk.has_source(wanted[at])]
        inferred = next(
            (at for at in (*sourceless, *(p for p in pending if raw[p] == -1)) if at in pending), pending[0]
        )
        items[inferred] = -1
    elif -1 in raw and not varies(wanted[list(raw).index(-1)]):
        items[list(raw).index(-1)] = -1
    return tuple(vector if item is None else item for item, vector in zip(items, wanted, strict=True))


def flatten(walk: Walk, step: Step) -> None:
    """Remember which dims a Flatten joins."""
    data = step.fact(0)
    ins = data.vectors if data is not None else None
    if ins:
        axis = step.integer("axis", 1) % (len(ins) + 1)
        for part in (ins[:axis], ins[axis:]):
            joined = [p for v in part for p in walk.known.parts(v) if p != (1,) * walk.width]
            product = tuple(prod(v[at] for v in part) for at in range(walk.width))
            walk.known.join(product, joined)
