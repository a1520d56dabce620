"""The model's inputs as a run needs to know them, and the sizes that must be chosen before it can start."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from onnx import NodeProto, TypeProto

from onnx_scalpel.document.protos import declared_type, text
from onnx_scalpel.document.records import MAIN_GRAPH, Shape
from onnx_scalpel.document.weightless import WeightlessModel

_IMAGE_SIDE = 224  # pixels: divisible by 32, which most networks want
_TOKENS = 8
_SAMPLES = 512  # of sound
_PASSED_THROUGH = {"Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Clip"}
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


@dataclass(frozen=True)
class InputFacts:
    """An input that must be fed. `table_rows`: rows of the table it indexes, 0 when it indexes none;
    `longest_axis`: the longest known axis of another input; `channels`: what the convolution it feeds expects."""

    name: str
    type: TypeProto
    dtype: str
    shape: Shape
    table_rows: int = 0
    longest_axis: int = 0
    channels: int = 0


def input_facts(model: WeightlessModel) -> list[InputFacts]:
    """Inputs of the main graph that have no default value, in order."""
    graph = model.proto.graph
    sizes = {text(t.name): list(t.dims) for t in graph.initializer}
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.HasField("t") and node.output:
                sizes[text(node.output[0])] = list(attribute.t.dims)
    sparse = {text(s.values.name) for s in graph.sparse_initializer}
    defaulted = {text(t.name) for t in graph.initializer} | sparse
    fed = [i for i in graph.input if text(i.name) not in defaulted]
    users: dict[str, list[NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(text(name), []).append(node)
    axes = [d for i in fed for d in (declared_type(i.type)[1] or ())[1:] if isinstance(d, int)]
    found: list[InputFacts] = []
    for info in fed:
        name = text(info.name)
        dtype, shape, _ = declared_type(info.type)
        rows = _table_rows(name, users, sizes) if dtype in ("int32", "int64") else 0
        facts = InputFacts(
            name, info.type, dtype, shape, rows, max(axes, default=_TOKENS), _channels(name, users, sizes)
        )
        found.append(facts)
    return found


def open_dims(model: WeightlessModel) -> dict[str, int]:
    """Sizes that the inputs leave open, by name ('batch', or 'input:axis' for a dim without a name), each with a suggestion.

    A dim that is written as a sum of others ('past + 1') follows from them and is not asked for.
    """
    facts = input_facts(model)
    names = {d for f in facts for d in f.shape or () if isinstance(d, str)}
    found: dict[str, int] = {}
    for fact in facts:
        for axis, dim in enumerate(fact.shape or ()):
            if isinstance(dim, int) and dim >= 0:
                continue
            parts = _parts(dim) if isinstance(dim, str) else None
            if isinstance(dim, str) and parts and dim not in parts:
                keys = sorted(parts - names)  # what the sum is made of, unless an input has it as a dim of its own
            else:
                keys = [dim if isinstance(dim, str) else f"{fact.name}:{axis}"]
            for key in keys:
                found.setdefault(key, _suggestion(key, fact, axis))
    _add_up(found, facts)
    return found


def dims_of_data(model: WeightlessModel, shapes: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """The open sizes of this model that data of these shapes fix (by value id): keys as of `open_dims`."""
    found: dict[str, int] = {}
    for fact in input_facts(model):
        given = shapes.get(model.value_id(MAIN_GRAPH, fact.name) or "", ())
        if fact.shape is None or len(given) != len(fact.shape):
            continue
        for axis, (dim, size) in enumerate(zip(fact.shape, given, strict=True)):
            if not isinstance(dim, int) or dim < 0:
                found.setdefault(dim if isinstance(dim, str) else f"{fact.name}:{axis}", size)
    return found


def dims_like(model: WeightlessModel, other: WeightlessModel) -> dict[str, int]:
    """A size for every open dim of this model: as large as the other's inputs where it has them too, else a suggestion."""
    suggested = open_dims(other)
    shapes: dict[str, list[int]] = {}
    for fact in input_facts(other):
        dims = [suggested.get(f"{fact.name}:{axis}", 1) if d is None else d for axis, d in enumerate(fact.shape or ())]
        sizes = [evaluate(d, suggested) if isinstance(d, str) else d for d in dims]
        shapes[other.value_id(MAIN_GRAPH, fact.name) or ""] = [1 if size is None else size for size in sizes]
    own = open_dims(model)
    return {**own, **{name: size for name, size in dims_of_data(model, shapes).items() if name in own and size >= 0}}


def evaluate(dim: str, sizes: Mapping[str, int]) -> int | None:
    """The size that a symbolic dim has; sums and products of names are computed. None when a name has no size."""
    if dim in sizes:
        return sizes[dim]
    try:
        result = _compute(ast.parse(dim, mode="eval").body, sizes)
    except (SyntaxError, ValueError, KeyError, ZeroDivisionError, RecursionError):
        return None
    return max(0, result)


def _compute(tree: ast.expr, sizes: Mapping[str, int]) -> int:
    if isinstance(tree, ast.BinOp) and type(tree.op) in _OPERATORS:
        return _OPERATORS[type(tree.op)](_compute(tree.left, sizes), _compute(tree.right, sizes))
    if isinstance(tree, ast.Name):
        return sizes[tree.id]
    if isinstance(tree, ast.Constant) and isinstance(tree.value, int):
        return tree.value
    raise ValueError(f"no sum of sizes: {ast.dump(tree)}")


def _parts(dim: str | None) -> set[str] | None:
    """Names in a dim that is a sum or product of names; None when it is none."""
    if dim is None or len(dim) > 200:
        return None
    try:
        tree = ast.parse(dim, mode="eval").body
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        _compute(tree, dict.fromkeys(names, 2))
    except (SyntaxError, ValueError, KeyError, ZeroDivisionError, RecursionError):
        return None
    return names or None


def _suggestion(key: str, fact: InputFacts, axis: int) -> int:
    words, rank = key.lower(), len(fact.shape or ())
    if "batch" in words or (axis == 0 and rank != 1):
        return 1
    if rank == 3 and axis == 1 and any(word in fact.name.lower() for word in ("state", "hidden", "cell", "h0", "c0")):
        return 1  # a recurrent state: layers × batch × size
    if rank == 2 and fact.dtype.startswith("float"):
        return _SAMPLES
    if "past" in words or "seq" in words or "len" in words or "time" in words:
        return _TOKENS
    if any(side in words for side in ("height", "width")) or key in ("h", "w", "H", "W"):
        return _IMAGE_SIDE
    if "channel" in words or (rank == 4 and axis == 1 and fact.channels):
        return fact.channels or 3
    if rank == 4 and fact.dtype.startswith(("float", "uint8")):
        last = (fact.shape or (None,))[-1]
        channels_last = isinstance(last, int) and last in (1, 3, 4)
        return _IMAGE_SIDE if axis >= 2 or channels_last else 3
    return _TOKENS if rank > 1 else 1


def _add_up(found: dict[str, int], facts: list[InputFacts]) -> None:
    """A total length is what is past and what is new."""
    past = [size for name, size in found.items() if "past" in name.lower()]
    for name in found:
        if "total" in name.lower() and past:
            new = next((s for n, s in found.items() if "seq" in n.lower() and n != name and "past" not in n.lower()), 0)
            ids = [f.shape[1] for f in facts if f.shape and len(f.shape) == 2 and "mask" not in f.name.lower()]
            fixed = next((d for d in ids if isinstance(d, int)), 1)
            found[name] = past[0] + (new or fixed)


def _table_rows(name: str, users: Mapping[str, list[NodeProto]], sizes: Mapping[str, list[int]]) -> int:
    """Rows of the smallest table that this input indexes, directly or behind a Cast or Reshape."""
    pending, seen, rows = [name], {name}, []
    while pending and len(seen) < 200:
        current = pending.pop()
        for node in users.get(current, ()):
            if node.op_type in _PASSED_THROUGH and node.output and text(node.output[0]) not in seen:
                seen.add(text(node.output[0]))
                pending.append(text(node.output[0]))
            if node.op_type == "Gather" and len(node.input) > 1 and text(node.input[1]) == current:
                dims = sizes.get(text(node.input[0]))
                axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
                if dims and -len(dims) <= axis < len(dims) and dims[axis] > 0:
                    rows.append(dims[axis])
    return min(rows, default=0)


def _channels(name: str, users: Mapping[str, list[NodeProto]], sizes: Mapping[str, list[int]]) -> int:
    for node in users.get(name, ()):
        if node.op_type == "Conv" and len(node.input) > 1 and text(node.input[0]) == name:
            dims = sizes.get(text(node.input[1]), [])
            group = next((a.i for a in node.attribute if a.name == "group"), 1)
            if len(dims) > 1:
                return int(dims[1] * group)
    return 0
