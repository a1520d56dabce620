"""What each operator's constants say about sizes: bounds, sizes, counts and kernels that were written for the old one."""

from __future__ import annotations

from math import floor, log, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from onnx_scalpel.document.records import Attribute
from onnx_scalpel.transforms.resizing.asking import supply
from onnx_scalpel.transforms.resizing.constants import content_of
from onnx_scalpel.transforms.resizing.demands import DEMANDS
from onnx_scalpel.transforms.resizing.facts import Fact
from onnx_scalpel.transforms.resizing.plan import BlockedError, Floats, Fresh, Item, Items, words_of
from onnx_scalpel.transforms.resizing.reshaping import flatten, reshape
from onnx_scalpel.transforms.resizing.steps import Step
from onnx_scalpel.transforms.resizing.vectors import Vector, divided, varies

if TYPE_CHECKING:
    from onnx_scalpel.transforms.resizing.walking import Rule, Walk

END = 2**63 - 1
_FAR = 2**31 - 1  # what exporters write for "to the end"


def put(walk: Walk, step: Step, slot: int, name: str, items: tuple[Item, ...], what: str, before: Any) -> None:
    """Put items where the operator takes them: into a slot, or (`slot` -1) into an attribute."""
    walk.plan.note(step.id, what, words_of(tuple(before), str), words_of(items, walk.name))
    if slot >= 0:
        fact = step.fact(slot)
        dtype = (fact.dtype if fact is not None else "") or "int64"
        furthest = int(np.iinfo(np.dtype(dtype)).max)
        fitting = tuple(min(item, furthest) if isinstance(item, int) else item for item in items)
        walk.plan.set_slot(step.id, slot, Items(fitting, dtype))
        return
    numbers = [item if isinstance(item, int) else walk.number(item) for item in items]
    if any(n is None for n in numbers):
        raise BlockedError(
            step.id, f"its {name} would depend on a size that is not fixed", "convert the model to a newer opset first"
        )
    walk.plan.set_attribute(step.id, name, Attribute("INTS", tuple(int(n) for n in numbers if n is not None)))


def constants(step: Step, slot: int, name: str) -> tuple[int, list[int]] | None:
    """Integers that are the same at every probe: the slot they are in (-1 for an attribute) and what they are."""
    if name in step.attributes:
        return -1, step.integers(name) or []
    fact = step.fact(slot)
    numbers = fact.numbers() if fact is not None else None
    if numbers is None or any(varies(v) for v in numbers):
        return None
    return slot, [v[0] for v in numbers]


def slice_rule(walk: Walk, step: Step) -> None:
    """Bounds that are the old size, or near it, count from the end."""
    data = step.fact(0)
    ins = data.vectors if data is not None else None
    starts, ends = constants(step, 1, "starts"), constants(step, 2, "ends")
    if ins is None or starts is None or ends is None or not any(varies(v) for v in ins):
        return
    count = len(starts[1])
    axes = constants(step, 3, "axes")
    steps = constants(step, 4, "steps")
    on = axes[1] if axes is not None else list(range(count))
    strides = steps[1] if steps is not None else [1] * count
    if not len(ends[1]) == len(on) == len(strides) == count:
        return
    first: list[Item] = list(starts[1])
    last: list[Item] = list(ends[1])
    for at, (axis, stride) in enumerate(zip(on, strides, strict=True)):
        vector = ins[axis % len(ins)]
        if varies(vector):
            first[at], last[at] = _bounds(walk, vector, starts[1][at], ends[1][at], stride)
    if last != ends[1]:
        put(walk, step, ends[0], "ends", tuple(last), "Slice ends", ends[1])
    if first != starts[1]:
        put(walk, step, starts[0], "starts", tuple(first), "Slice starts", starts[1])


def _bounds(walk: Walk, vector: Vector, start: int, end: int, stride: int) -> tuple[Item, Item]:
    size = vector[0]
    if stride < 0:
        return (-1 if start == size - 1 else start), end
    half = _part_of(vector, start, end)
    if half is not None and walk.choices.choose("parts", 2) == 0:
        return half
    first: Item = start
    last: Item = end
    if size <= end < min(_FAR, 4 * max(vector)):  # one that is far beyond every size means the end already
        last = END
    elif size / 2 < end < size and size > 1 and walk.choices.choose("slice", 2) == 0:
        last = end - size
    if size / 2 < start < size and walk.choices.choose("slice", 2) == 0:
        first = start - size
    return first, last


def _part_of(vector: Vector, start: int, end: int) -> tuple[Item, Item] | None:
    """The bounds of one of two, three or four equal parts, where they can grow with the dim."""
    size = vector[0]
    end = min(end, size)
    width = end - start
    if width <= 0 or size % width or not 2 <= size // width <= 4 or start % width or size < 8:
        return None
    part = divided(vector, (size // width,) * len(vector))
    if part is None:
        return None
    place = start // width
    first: Item = 0 if not place else tuple(place * n for n in part)
    last: Item = END if end == size else tuple((place + 1) * n for n in part)
    return first, last


def split_rule(walk: Walk, step: Step) -> None:
    """Equal parts stay equal parts; of unequal ones the largest takes the change."""
    data = step.fact(0)
    ins = data.vectors if data is not None else None
    sizes = constants(step, 1, "split")
    if ins is None or sizes is None or not sizes[1]:
        return
    vector = ins[step.integer("axis", 0) % len(ins)]
    if not varies(vector) or sum(sizes[1]) != vector[0]:
        return
    count = len(sizes[1])
    part = divided(vector, (count,) * walk.width)
    if len(set(sizes[1])) == 1 and part is not None:
        items: list[Item] = [part] * count
    else:
        largest = sizes[1].index(max(sizes[1]))
        others = sum(sizes[1]) - max(sizes[1])
        items = list(sizes[1])
        items[largest] = tuple(n - others for n in vector)
    if len(set(sizes[1])) == 1 and part is not None and step.version < 18:
        walk.plan.note(step.id, "Split sizes", words_of(tuple(sizes[1]), str), "equal parts")
        if sizes[0] >= 0:
            walk.plan.set_slot(step.id, 1, None)
        else:
            walk.plan.set_attribute(step.id, "split", None)
        return
    put(walk, step, sizes[0], "split", tuple(items), "Split sizes", sizes[1])


def resize_rule(walk: Walk, step: Step) -> None:
    """Sizes that follow the input, or another map of the same size, grow along."""
    data, sizes = step.fact(0), constants(step, 3, "")
    ins = data.vectors if data is not None else None
    if ins is None or sizes is None or not any(varies(v) for v in ins):
        return
    axes = step.integers("axes") or list(range(len(ins)))
    if len(sizes[1]) != len(axes) or step.text("keep_aspect_ratio_policy", "stretch") != "stretch":
        return
    wanted = [_resized(walk, ins[axis % len(ins)], size) for axis, size in zip(axes, sizes[1], strict=True)]
    if not any(varies(v) for v in wanted):
        return
    scales = [_scale(ins[axis % len(ins)], out) for axis, out in zip(axes, wanted, strict=True)]
    if all(s is not None for s in scales):
        walk.plan.note(
            step.id, "Resize sizes", sizes[1], "scales " + str([round(s, 6) for s in scales if s is not None])
        )
        walk.plan.set_slot(step.id, 2, Floats(tuple(s for s in scales if s is not None)))
        walk.plan.set_slot(step.id, 3, None)
        return
    items = tuple(v if varies(v) else v[0] for v in wanted)
    put(walk, step, 3, "", items, "Resize sizes", sizes[1])


def _resized(walk: Walk, vector: Vector, size: int) -> Vector:
    """What a dim of this size after a Resize is at every probe: in proportion, or as large as a map that was met before."""
    if not varies(vector):
        return (size,) * walk.width
    if size == vector[0]:
        return vector
    exact = all(n * size % vector[0] == 0 for n in vector)
    proportional = tuple(n * size // vector[0] for n in vector) if exact else None
    met = sorted((k for k in reversed(walk.known.vectors) if k[0] == size), key=lambda k: _unlike(vector, k))
    if proportional is not None and (proportional in met or not met):
        return proportional
    options = [*met[:2], *([proportional] if proportional else []), (size,) * walk.width]
    return options[walk.choices.choose("resize", len(options))]


def _unlike(one: Vector, other: Vector) -> float:
    """How differently two dims grow: a height and a width of the same size do."""
    return sum(abs(log((a * other[0]) / max(b * one[0], 1))) for a, b in zip(one, other, strict=True) if a)


def _scale(before: Vector, after: Vector) -> float | None:
    """The factor that gives these sizes at every probe, where a 32-bit float holds it exactly."""
    ratio = after[0] / before[0]
    exact = float(np.float32(ratio)) == ratio and ratio * before[0] == after[0]
    return ratio if exact and all(floor(b * ratio) == a for b, a in zip(before, after, strict=True)) else None


def expand_rule(walk: Walk, step: Step) -> None:
    """The old size in the target of an Expand whose input has the dim already; or in its input, where the target grew."""
    data, target = step.fact(0), step.fact(1)
    ins = data.vectors if data is not None else None
    numbers = target.numbers() if target is not None else None
    if ins is None or numbers is None:
        return
    items: list[Item] = [v if varies(v) else v[0] for v in numbers]
    wanted: dict[int, Vector] = {}
    for back in range(1, min(len(ins), len(items)) + 1):
        vector, number = ins[-back], numbers[-back]
        if varies(vector) and items[-back] == vector[0] != 1:
            items[-back] = 1
        elif varies(number) and not varies(vector) and vector[0] == number[0] != 1:
            wanted[len(ins) - back] = number
    if items != [v if varies(v) else v[0] for v in numbers]:
        put(walk, step, 1, "", tuple(items), "Expand shape", [v[0] for v in numbers])
    if wanted:
        supply(walk, step, 0, wanted, broadcasts=True)


def gather_rule(walk: Walk, step: Step) -> None:
    """The last index, written for the old size, counts from the end; indices of all samples in turn go on counting."""
    data, indices = step.fact(0), step.fact(1)
    ins = data.vectors if data is not None else None
    if ins is None or indices is None:
        return
    vector = ins[step.integer("axis", 0) % len(ins)]
    if not varies(vector):
        return
    numbers = indices.numbers()
    if numbers is None or len(numbers) != 1:
        _all_samples(walk, step, vector, indices)
        return
    last = not varies(numbers[0]) and numbers[0][0] == vector[0] - 1 and vector[0] >= 3
    if last and walk.choices.choose("last index", 2) == 0:
        walk.plan.note(step.id, "Gather index", numbers[0][0], -1)
        walk.plan.set_slot(step.id, 1, Items((-1,), indices.dtype, indices.shapes[0] == ()))


def _all_samples(walk: Walk, step: Step, vector: Vector, indices: Fact) -> None:
    """Constant indices that name every row once, sample after sample: further samples have further rows."""
    batch = walk.known.parts(vector)[0]
    rows = divided(vector, batch)
    shape = indices.shapes[0]
    if not indices.constant or rows is None or varies(rows) or shape is None or prod(shape) != vector[0]:
        return
    axes = [axis for axis, size in enumerate(shape) if size == batch[0]]
    array = content_of(walk.document, step.node.inputs[1]) if axes else None
    if array is None or not np.array_equal(np.sort(array, axis=None), np.arange(vector[0])):
        return
    axis = axes[0]
    count = np.arange(batch[0]).reshape([-1 if at == axis else 1 for at in range(array.ndim)])
    first = array.take([0], axis=axis)
    if np.array_equal(array, first + rows[0] * count):
        grown = [batch if at == axis else (size,) * walk.width for at, size in enumerate(shape)]
        walk.plan.note(step.id, "Gather indices", "×".join(map(str, shape)), "×".join(map(walk.name, grown)))
        value = step.node.inputs[1]
        walk.plan.set_slot(step.id, 1, Fresh("range", value, indices.dtype, tuple(grown), (axis,), first, (rows[0],)))


def pool_rule(walk: Walk, step: Step) -> None:
    """A pool whose kernel covers the whole map is a global one, where only that lets what follows keep its size."""
    data, kernel = step.fact(0), step.integers("kernel_shape")
    ins = data.vectors if data is not None else None
    if ins is None or kernel is None or len(ins) != len(kernel) + 2 or len(step.node.outputs) > 1:
        return
    if not any(varies(v) for v in ins[2:]) or not _covers([v[0] for v in ins[2:]], kernel, step):
        return
    if walk.choices.choose("pool", 2) == 1:
        walk.plan.note(step.id, f"{step.op_type} over the whole map", kernel, f"Global{step.op_type}")
        walk.plan.operators[step.id] = f"Global{step.op_type}"
        for name in step.node.attributes:
            walk.plan.set_attribute(step.id, name, None)


def _covers(sizes: list[int], kernel: list[int], step: Step) -> bool:
    """Whether the one window that there is holds the whole map and nothing of it is padding that counts."""
    rank = len(kernel)
    pads, strides = step.integers("pads") or [0] * 2 * rank, step.integers("strides") or [1] * rank
    if step.text("auto_pad", "NOTSET") not in ("NOTSET", "VALID") or len(pads) != 2 * rank:
        return False
    if (any(pads) and step.integer("count_include_pad", 0)) or any(d != 1 for d in step.integers("dilations") or []):
        return False
    for at, (size, width) in enumerate(zip(sizes, kernel, strict=True)):
        before, after = pads[at], pads[rank + at]
        if width - before < size or size + before + after - width >= strides[at] or size + before + after < width:
            return False
    return True


RULES: dict[str, Rule] = {
    "Reshape": reshape,
    "Flatten": flatten,
    "Slice": slice_rule,
    "Split": split_rule,
    "Resize": resize_rule,
    "Expand": expand_rule,
    "Gather": gather_rule,
    "AveragePool": pool_rule,
    "MaxPool": pool_rule,
    **DEMANDS,
}
