"""Declared types after a resize: of the inputs that were asked for, and of all that is computed from them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.inference import infer_types, shape_of_type
from onnx_scalpel.document.records import MAIN_GRAPH, Shape, ValueRecord
from onnx_scalpel.document.save import weightless
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.flow import carries_type, downstream
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
    count = 0
    for value in stale:
        fact = walk.facts.get(value.id)
        if fact is not None and fact.vectors is not None:
            shape: Shape = _dims(walk, value.shape, fact.vectors)
        else:
            shape = inferred.get(value.id)
        if shape == value.shape:
            continue
        count += 1
        if shape is None and not carries_type(document, value):
            tx.put(replace(value, dtype="", shape=None, declared=False))
        else:
            tx.put(replace(value, shape=shape))
    return count


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


def _dims(walk: Walk, declared: Shape, vectors: list[Vector]) -> tuple[Dim, ...]:
    """A dim that follows the resize says its size or name, every other one stays as the author declared it."""
    dims: list[Dim] = []
    for axis, vector in enumerate(vectors):
        old = declared[axis] if declared is not None and len(declared) == len(vectors) else None
        if not varies(vector):
            dims.append(old if declared is not None and len(declared) == len(vectors) else vector[0])
            continue
        number = walk.number(vector)
        dims.append(number if number is not None else walk.names.get(vector))
    return tuple(dims)


def names_of(request: Request, vectors: Mapping[tuple[str, int], Vector]) -> dict[Vector, str]:
    """What the dims of the inputs are called that become open."""
    found: dict[Vector, str] = {}
    for place in request.places():
        if isinstance(place.new, str):
            found.setdefault(vectors[place.value, place.axis], place.new)
    return found
