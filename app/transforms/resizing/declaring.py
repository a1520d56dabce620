"""Declared types after a resize: of the inputs that were asked for, and of all that is computed from them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.inference import infer_types, shape_of_type
from onnx_scalpel.document.records import MAIN_GRAPH, Shape, ValueRecord
from onnx_scalpel.document.save import weightless
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.flow import carries_type, downstream
from onnx_scalpel.transforms.resizing.probes import Probe
from onnx_scalpel.transforms.resizing.request import Dim, Request
from onnx_scalpel.transforms.resizing.vectors import Vector, varies
from onnx_scalpel.transforms.resizing.walking import Walk


def declare_inputs(tx: Transaction, request: Request) -> None:
    """Give the inputs their new dims."""
    for value_id, dims in request.after.items():
        if dims != request.before[value_id]:
            tx.put(replace(tx.value(value_id), shape=dims))


def declare_rest(tx: Transaction, walk: Walk, request: Request) -> int:
    """Correct what is declared about the values behind the inputs, and drop what cannot be told; how many changed."""
    document = tx.document
    stale = [value for value in map(document.value, _behind(document, walk, request)) if _declares(value)]
    lost = [value for value in stale if walk.facts.get(value.id) is None or walk.facts[value.id].vectors is None]
    inferred = _inferred(tx, stale) if lost else {}
    gone: set[Dim] = {place.old for place in request.places()}
    outputs = set(document.graph(MAIN_GRAPH).outputs)
    count = 0
    for value in stale:
        fact = walk.facts.get(value.id)
        if fact is not None and fact.vectors is not None:
            shape: Shape = _dims(walk, value.shape, fact.vectors, gone)
        else:
            shape = inferred.get(value.id)
            if shape is None and value.id in outputs:  # an output must have one
                shape = _likely(value.shape, request)
        if shape == value.shape:
            continue
        count += 1
        if shape is None and not carries_type(document, value):
            tx.put(replace(value, dtype="", shape=None, declared=False))
        else:
            tx.put(replace(value, shape=shape))
    return count


def _likely(declared: Shape, request: Request) -> Shape:
    """What can be said of a value behind operators that nothing infers: a name means the same everywhere, the rest is open."""
    now: dict[Dim, set[Dim]] = {}
    for place in request.places():
        now.setdefault(place.old, set()).add(place.new)
    fixed = all(isinstance(old, str) for old in now)  # numbers held for any size of the names

    def dim_of(old: Dim) -> Dim:
        if isinstance(old, str):
            new = now.get(old, {old})
            return next(iter(new)) if len(new) == 1 else None
        return old if fixed else None

    return None if declared is None else tuple(map(dim_of, declared))


def _behind(document: Document, walk: Walk, request: Request) -> list[str]:
    """Values that may have another size now: what is computed from the inputs, and what bodies are handed."""
    reached = list(downstream(document, [place.value for place in request.places()]))
    found = [t.live.id for node in reached for t in node.node.outputs if t.live is not None]
    bodies = {body for node in reached for body in node.bodies.values()}
    found += [value for body in bodies for value in document.graph(body).inputs]
    found += [value for value, fact in walk.facts.items() if any(varies(v) for v in fact.vectors or ())]
    found += document.graph(MAIN_GRAPH).outputs
    return [value for value in dict.fromkeys(found) if document.has("value", value) and value not in request.after]


def _declares(value: ValueRecord) -> bool:
    return bool(value.dtype) and value.type is None and value.tensor is None and value.shape is not None


def _inferred(tx: Transaction, stale: list[ValueRecord]) -> dict[str, Shape]:
    """Shapes as inference finds them with nothing stale to believe; the declarations are as before afterwards."""
    for value in stale:
        tx.put(replace(value, shape=None))
    types = infer_types(weightless(tx.document)).following
    for value in stale:
        tx.put(value)
    return {value: shape_of_type(proto)[1] for value, proto in types.items()}


def _dims(walk: Walk, declared: Shape, vectors: list[Vector], gone: set[Dim]) -> tuple[Dim, ...]:
    """A dim that follows the resize says its size or name, every other one stays as the author declared it.

    `gone` are names of dims that have become something else.
    """
    known = declared if declared is not None and len(declared) == len(vectors) else (None,) * len(vectors)
    dims: list[Dim] = []
    for vector, old in zip(vectors, known, strict=True):
        number = walk.number(vector)
        if not varies(vector):
            dims.append(old if known is declared else vector[0])
        elif number is not None:
            dims.append(number)
        else:
            dims.append(walk.names.get(vector, old if isinstance(old, str) and old not in gone else None))
    return tuple(dims)


def names_of(request: Request, probes: Sequence[Probe]) -> dict[Vector, str]:
    """What the inputs' dims are called that are open afterwards."""
    found: dict[Vector, str] = {}
    for value, dims in request.after.items():
        for axis, dim in enumerate(dims):
            vector = request.vector(probes, value, axis)
            if isinstance(dim, str) and varies(vector):
                found.setdefault(vector, dim)
    return found
