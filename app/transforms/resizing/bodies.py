"""If, Loop and Scan on the walk; and the order in which a graph's nodes can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TypeProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.transforms.resizing.facts import Fact, tensor_fact, tensor_type, unknown
from onnx_scalpel.transforms.resizing.steps import Step

if TYPE_CHECKING:
    from onnx_scalpel.transforms.resizing.walking import Walk


def holder(document: Document, node_id: str) -> str:
    """The node of the main graph that holds this one in its bodies; '' for a node of a function."""
    node = document.live_node(node_id)
    while node.graph.owner:
        node = document.live_node(node.graph.owner)
    return node.id if node.graph.id == MAIN_GRAPH else ""


def in_order(document: Document, graph_id: str) -> list[str]:
    """The nodes of a graph, each behind what it reads; as they stand where that is so. A cycle is left out."""
    graph = document.live_graph(graph_id)
    waiting: dict[str, list[LiveNode]] = {}
    missing: dict[str, int] = {}
    done: list[str] = []
    made: set[str] = set()
    for node in graph.nodes:
        lacking = {p.live.id for t in _read(document, node) for p in t.inputs if p.live.graph is graph} - made
        lacking.discard(node.id)
        for producer in lacking:
            waiting.setdefault(producer, []).append(node)
        missing[node.id] = len(lacking)
        ready = [node] if not lacking else []
        while ready:
            current = ready.pop()
            done.append(current.id)
            made.add(current.id)
            for reader in waiting.pop(current.id, ()):
                missing[reader.id] -= 1
                if not missing[reader.id]:
                    ready.append(reader)
    return done


def _read(document: Document, node: LiveNode) -> Iterable[Any]:
    """The tensors that a node reads, its bodies included."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield from current.node.inputs
        for body in current.bodies.values():
            graph = document.live_graph(body)
            pending.extend(graph.nodes)
            yield from graph.gs.outputs


def _body(step: Step, name: str) -> str:
    attribute = step.attributes.get(name)
    return attribute.value if attribute is not None and isinstance(attribute.value, str) else ""


def _walk_body(walk: Walk, body: str, step: Step, feeds: Sequence[Fact]) -> list[Fact]:
    graph = walk.document.graph(body)
    for value, fact in zip(graph.inputs, feeds, strict=False):
        walk.keep(value, fact)
    for node in in_order(walk.document, body):
        walk.visit(node, step.call)
    return [walk.fact(value) for value in graph.outputs]


def _if(walk: Walk, step: Step) -> list[Fact]:
    condition = step.fact(0)
    taken = (
        [None if condition is None or c is None else bool(c.reshape(-1)[0]) for c in condition.data]
        if condition
        else []
    )
    results = {}
    for name, wanted in (("then_branch", True), ("else_branch", False)):
        body = _body(step, name)
        was = list(walk.active)
        walk.active = [on and taken[at] in (None, wanted) for at, on in enumerate(was)]
        results[wanted] = _walk_body(walk, body, step, ()) if body and any(walk.active) else None
        walk.active = was
    yes, no = results[True], results[False]
    if yes is None or no is None:
        return list(yes or no or [unknown(walk.width) for _ in step.node.outputs])
    return [_merged(taken, a, b) for a, b in zip(yes, no, strict=False)]


def _merged(taken: Sequence[bool | None], yes: Fact, no: Fact) -> Fact:
    types, data = [], []
    for at, branch in enumerate(taken):
        if branch is not None:
            chosen = yes if branch else no
            types.append(chosen.types[at])
            data.append(chosen.data[at])
        else:
            types.append(_common(yes.types[at], no.types[at]))
            data.append(None)
    return Fact(tuple(types), tuple(data))


def _common(one: TypeProto | None, other: TypeProto | None) -> TypeProto | None:
    """What two types agree in."""
    if one is None or other is None or one.WhichOneof("value") != "tensor_type":
        return None
    merged = TypeProto()
    merged.CopyFrom(one)
    mine, theirs = one.tensor_type, other.tensor_type
    if not mine.HasField("shape") or not theirs.HasField("shape") or len(mine.shape.dim) != len(theirs.shape.dim):
        merged.tensor_type.ClearField("shape")
        return merged
    for at, (a, b) in enumerate(zip(mine.shape.dim, theirs.shape.dim, strict=True)):
        if a.dim_value != b.dim_value:
            merged.tensor_type.shape.dim[at].ClearField("value")
    return merged


def _without_content(fact: Fact) -> Fact:
    return Fact(fact.types, (None,) * len(fact.types))


def _loop(walk: Walk, step: Step) -> list[Fact]:
    body = _body(step, "body")
    if not body:
        return [unknown(walk.width) for _ in step.node.outputs]
    states = [_without_content(f) if f is not None else unknown(walk.width) for f in step.facts[2:]]
    number = tensor_fact("int64", [()] * walk.width)
    flag = tensor_fact("bool", [()] * walk.width)
    made = _walk_body(walk, body, step, [number, flag, *states])
    after = made[1 : 1 + len(states)]
    steady = [_steady(before, now) for before, now in zip(states, after, strict=False)]
    if any(a is not b for a, b in zip(steady, states, strict=False)):
        made = _walk_body(walk, body, step, [number, flag, *steady])
    trips = step.fact(0)
    counts = [None if trips is None or t is None else int(t.reshape(-1)[0]) for t in trips.data] if trips else []
    scanned = [_stacked(fact, counts or [None] * walk.width, 0) for fact in made[1 + len(states) :]]
    return [*steady, *scanned]


def _steady(before: Fact, after: Fact) -> Fact:
    """A state whose type the body changes is known only as far as the types before and after agree."""
    same = all(a == b for a, b in zip(before.types, after.types, strict=True))
    if same:
        return before
    return Fact(tuple(_common(a, b) for a, b in zip(before.types, after.types, strict=True)), before.data)


def _stacked(fact: Fact, counts: Sequence[int | None], axis: int) -> Fact:
    """What a body hands out in each turn, as one tensor."""
    types: list[TypeProto | None] = []
    for at, shape in enumerate(fact.shapes):
        proto = fact.types[at]
        count = counts[at]
        if shape is None or proto is None or count is None or count < 0 or count > np.iinfo(np.int32).max:
            types.append(None)
            continue
        place = axis % (len(shape) + 1)
        made = tensor_type("", (*shape[:place], count, *shape[place:]))
        made.tensor_type.elem_type = proto.tensor_type.elem_type
        types.append(made)
    return Fact(tuple(types), (None,) * len(types))


def _scan(walk: Walk, step: Step) -> list[Fact]:
    body, count = _body(step, "body"), step.integer("num_scan_inputs", 0)
    nothing = [unknown(walk.width) for _ in step.node.outputs]
    if not body or not count or step.version < 9 or any(f is None for f in step.facts):
        return nothing
    facts = [f for f in step.facts if f is not None]
    states, scanned = [_without_content(f) for f in facts[:-count]], facts[-count:]
    axes = step.integers("scan_input_axes") or [0] * count
    sliced = [_sliced(f, axis) for f, axis in zip(scanned, axes, strict=False)]
    made = _walk_body(walk, body, step, [*states, *sliced])
    lengths = [None if s is None or axes[0] >= len(s) else s[axes[0]] for s in scanned[0].shapes]
    places = step.integers("scan_output_axes") or []
    outs = made[len(states) :]
    stacked = [_stacked(f, lengths, places[at] if at < len(places) else 0) for at, f in enumerate(outs)]
    return [*(_steady(b, a) for b, a in zip(states, made, strict=False)), *stacked]


def _sliced(fact: Fact, axis: int) -> Fact:
    types: list[TypeProto | None] = []
    for proto, shape in zip(fact.types, fact.shapes, strict=True):
        if proto is None or shape is None or not shape:
            types.append(None)
            continue
        place = axis % len(shape)
        made = tensor_type("", (*shape[:place], *shape[place + 1 :]))
        made.tensor_type.elem_type = proto.tensor_type.elem_type
        types.append(made)
    return Fact(tuple(types), (None,) * len(types))


OPERATORS: dict[str, Callable[[Walk, Step], list[Fact]]] = {"If": _if, "Loop": _loop, "Scan": _scan}
