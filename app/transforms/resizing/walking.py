"""The walk: every node in the order of data, its types at all probes, and the mends that its operator's rule asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from onnx import NodeProto, TypeProto

from onnx_scalpel.document import ids
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import MAIN_GRAPH, Attribute
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.edits.scopes import opset_version
from onnx_scalpel.transforms.resizing import bodies
from onnx_scalpel.transforms.resizing.computing import compute, knows
from onnx_scalpel.transforms.resizing.evaluating import NodeFailedError, compute_outputs, infer_outputs, is_random
from onnx_scalpel.transforms.resizing.facts import SMALL, Array, Fact, tensor_fact, tensor_type, unknown
from onnx_scalpel.transforms.resizing.plan import (
    BlockedError,
    Choices,
    Floats,
    Fresh,
    Items,
    LostProbeError,
    Plan,
    as_array,
)
from onnx_scalpel.transforms.resizing.probes import Probe
from onnx_scalpel.transforms.resizing.steps import Step, constant_fact, make_step, proto_of, tensor_fact_of
from onnx_scalpel.transforms.resizing.vectors import Known, Vector

Rule: TypeAlias = Callable[["Walk", Step], None]
_DEEPEST = 40  # calls of functions within functions


class Walk:
    """One walk over a document that is not changed; what has to be mended goes into the plan."""

    def __init__(
        self,
        document: Document,
        probes: Sequence[Probe],
        plan: Plan,
        choices: Choices,
        rules: Mapping[str, Rule],
        names: Mapping[Vector, str],
    ) -> None:
        self.document = document
        self.probes = probes
        self.plan = plan
        self.choices = choices
        self.width = len(probes)
        self.known = Known()
        self.facts: dict[str, Fact] = {}
        self.order: dict[str, int] = {}  # by value id: when it was made
        self.steps: dict[str, Step] = {}  # by node id, as they were last looked at
        self.asked: dict[str, set[int]] = {}  # by node: slots that nodes further down asked to be mended
        self.active = [True] * self.width
        self.names = names
        self.free = False  # no size is written as a number
        self.keeps_open = True  # every dim that stays open has several sizes at the probes
        self._rules = rules
        self._sequence: list[str] = []
        self._place: dict[str, int] = {}
        self._versions: dict[tuple[str, str], int] = {}
        self._functions = _functions(document)
        self._depth = 0
        self._current = ""
        self._decided: dict[str, object] = {}  # by node of a function: what its rule decided at the call before

    def run(self, start: str = "") -> None:
        """Walk from the node `start` (the beginning without one). Raises what plan.py defines."""
        if not self._sequence:
            self._sequence = bodies.in_order(self.document, MAIN_GRAPH)
            self._place = {node: at for at, node in enumerate(self._sequence)}
            self._feed()
        self.active, self._depth = [True] * self.width, 0
        self._decided.clear()
        for node in self._sequence[self._place.get(bodies.holder(self.document, start), 0) if start else 0 :]:
            self.visit(node, {})

    def number(self, vector: Vector) -> int | None:
        """The size that a dim has after the edit; None when it stays open then, or is to be looked up all the same."""
        if self.free:
            return None
        new = {vector[at] for at, probe in enumerate(self.probes) if probe.needed and at}
        return new.pop() if len(new) == 1 else None

    def most(self, vector: Vector) -> int:
        """The largest size of a dim at the probes that the model must take."""
        return max(size for size, probe in zip(vector, self.probes, strict=True) if probe.needed)

    def name(self, vector: Vector) -> str:
        """A dim for people: its number, else the name of the input's dim that it is, else that it varies."""
        number = self.number(vector)
        return str(number) if number is not None else self.names.get(vector, "…")

    def has_source(self, vector: Vector) -> bool:
        """Whether a dim of this size was met, so that a run can look it up."""
        return vector in self.known.vectors

    def _feed(self) -> None:
        for value_id in self.document.graph(MAIN_GRAPH).inputs:
            value = self.document.value(value_id)
            if value.tensor is not None:
                continue
            shapes = [probe.shapes.get(value_id) for probe in self.probes]
            known = [shape for shape in shapes if shape is not None]
            full = len(known) == self.width and value.type is None and value.dtype
            self.keep(value_id, tensor_fact(value.dtype, known) if full else unknown(self.width))

    def place(self, step: Step, slot: int, mend: Items | Floats | Fresh) -> None:
        """Mend a slot of the node that is looked at, or, because that asks for it, of one further up."""
        self.plan.set_slot(step.id, slot, mend)
        if step.id != self._current:
            self.asked.setdefault(step.id, set()).add(slot)

    def keep(self, value_id: str, fact: Fact) -> None:
        """Remember what is known of a value."""
        if not value_id:
            return
        self.facts[value_id] = fact
        self.order.pop(value_id, None)
        self.order[value_id] = len(self.order)
        for vector in fact.vectors or ():
            self.known.meet(vector)

    def fact(self, value_id: str) -> Fact:
        """What is known of a value; initializers are looked at when somebody asks."""
        found = self.facts.get(value_id)
        if found is None:
            tensor = self.document.value(value_id).tensor
            found = unknown(self.width) if tensor is None else tensor_fact_of(self.document, tensor, self.width)
            if tensor is not None:
                self.facts[value_id] = found
        return found

    def facts_of(self, step: Step) -> list[Fact | None]:
        """What the node's inputs are, with the mends."""
        found: list[Fact | None] = [self.fact(value) if value else None for value in step.node.inputs]
        for slot, mend in self.plan.slots.get(step.id, {}).items():
            found += [None] * (slot + 1 - len(found))
            found[slot] = None if mend is None else self._mended(mend)
        while found and found[-1] is None:
            found.pop()
        return found

    def _mended(self, mend: Items | Floats | Fresh) -> Fact:
        if isinstance(mend, Items):
            arrays = [as_array(mend, at) for at in range(self.width)]
            return tensor_fact(mend.dtype, [a.shape for a in arrays], arrays)
        if isinstance(mend, Floats):
            content = np.array(mend.items, np.float32)
            return tensor_fact("float32", [content.shape] * self.width, [content] * self.width, constant=True)
        return tensor_fact(mend.dtype, [tuple(v[at] for v in mend.shape) for at in range(self.width)])

    def visit(self, node_id: str, call: Mapping[str, Attribute]) -> None:
        """Look at one node: its rule first, then what it makes."""
        live = self.document.live_node(node_id)
        version = self._version(live.graph.id, live.node.domain or "")
        self.plan.forget(node_id, self.asked.get(node_id, ()))
        step = make_step(self.document, self.plan, node_id, version, call)
        step.facts = self.facts_of(step)
        self.steps[node_id] = step
        function = self._functions.get((step.domain, step.op_type, step.node.overload))
        if function is not None:
            made = self._call(function, step)
        elif step.node.op_type in bodies.OPERATORS and not step.domain:
            made = bodies.OPERATORS[step.op_type](self, step)
        elif step.op_type == "Constant" and not step.domain:
            made = [constant_fact(self.document, step, self.width) or unknown(self.width)]
        else:
            rule = self._rules.get(step.op_type) if not step.domain and all(self.active) else None
            if rule is not None:
                self._current = node_id
                rule(self, step)
                self._agree(node_id, live.graph.is_function)
                step = make_step(self.document, self.plan, node_id, version, call)
                step.facts = self.facts_of(step)
                self.steps[node_id] = step
            made = self.evaluate(step)
        for value, fact in zip(step.node.outputs, made, strict=False):
            self.keep(value, fact)

    def _agree(self, node_id: str, in_function: bool) -> None:
        """A node of a function is mended once, for all calls."""
        if in_function or self._depth:
            decided = repr((self.plan.slots.get(node_id), self.plan.attributes.get(node_id)))
            if self._decided.setdefault(node_id, decided) != decided:
                raise BlockedError(
                    node_id,
                    "it belongs to a function that is called with several sizes",
                    "inline the function first",
                )

    def _version(self, graph: str, domain: str) -> int:
        key = graph, domain
        if key not in self._versions:
            self._versions[key] = opset_version(self.document, graph, domain) or 1
        return self._versions[key]

    def _call(self, function: str, step: Step) -> list[Fact]:
        graph = self.document.graph(function)
        if self._depth >= _DEEPEST:
            return [unknown(self.width) for _ in step.node.outputs]
        self._depth += 1
        for value, fact in zip(graph.inputs, step.facts, strict=False):
            self.keep(value, fact or unknown(self.width))
        attributes = {**(graph.function.defaults if graph.function else {}), **step.attributes}
        for node in bodies.in_order(self.document, function):
            self.visit(node, attributes)
        self._depth -= 1
        return [self.fact(value) for value in graph.outputs]

    def evaluate(self, step: Step) -> list[Fact]:
        """What the node makes at every probe. BlockedError, LostProbeError: its inputs do not fit at one of them."""
        constant = step.is_constant() and not is_random(step.op_type)
        proto = proto_of(self.document, step)
        made = [self._at_probe(step, proto, at) for at in range(1 if constant else self.width)]
        if constant:
            made *= self.width
        return [
            Fact(tuple(types[place] for types, _ in made), tuple(contents[place] for _, contents in made), constant)
            for place in range(len(step.node.outputs))
        ]

    def _at_probe(self, step: Step, proto: NodeProto, at: int) -> tuple[list[TypeProto | None], list[Array | None]]:
        count = len(step.node.outputs)
        types = {f"i{k}": t for k, f in enumerate(step.facts) if f is not None and (t := f.types[at]) is not None}
        data = {f"i{k}": d for k, f in enumerate(step.facts) if f is not None and (d := f.data[at]) is not None}
        try:
            found = infer_outputs(proto, step.version, types, data)
        except NodeFailedError as error:
            if not at:
                step.odd = True
            if step.odd:
                return [None] * count, [None] * count
            if self.active[at] and at and self.probes[at].needed:
                raise BlockedError(step.id, f"{error}: {_shapes_text(step, at)}") from error
            if self.active[at] and at:
                raise LostProbeError(at) from error
            return [None] * count, [None] * count
        made = self._content(step, proto, at, found)
        contents: list[Array | None] = [*(made or ()), *[None] * (count - len(made or ()))]
        for place, content in enumerate(contents):
            if content is not None and step.node.outputs[place]:
                found[place] = _typed(found[place], content)
        return found, contents

    def _content(self, step: Step, proto: NodeProto, at: int, types: Sequence[TypeProto | None]) -> list[Array] | None:
        """What the node makes, where it is small and follows from what is known."""
        first = step.fact(0)
        if step.op_type in ("Shape", "Size") and not step.domain and first is not None:
            shape = first.shapes[at]
            if shape is None:
                return None
            if step.op_type == "Size":
                return [np.array(int(np.prod(shape, dtype=np.int64)), np.int64)]
            return [np.array(shape[step.integer("start", 0) : step.integer("end", len(shape))], np.int64)]
        feeds = [None if f is None else f.data[at] for f in step.facts]
        if any(f is not None and d is None for f, d in zip(step.facts, feeds, strict=True)):
            return None
        if any(_elements(t) > SMALL for t in types):
            return None
        if not knows(step):
            return compute_outputs(proto, step.version, feeds)
        try:
            with np.errstate(all="ignore"):
                return compute(step, feeds)
        except (ValueError, IndexError, TypeError, KeyError, OverflowError):
            return None  # inputs that do not fit: inference says so


def _shapes_text(step: Step, at: int) -> str:
    """The shapes of the inputs at a probe, for people."""
    shapes = [None if f is None else f.shapes[at] for f in step.facts]
    return ", ".join("?" if s is None else "×".join(map(str, s)) or "scalar" for s in shapes[:6])


def _elements(proto: TypeProto | None) -> int:
    """Elements of a type; 1 where that is not known (then the content itself tells)."""
    if proto is None or proto.WhichOneof("value") != "tensor_type":
        return 1
    return int(np.prod([d.dim_value for d in proto.tensor_type.shape.dim] or [1], dtype=object))


def _typed(proto: TypeProto | None, content: Array) -> TypeProto:
    """The type of what was computed; the dtype stays as it was inferred."""
    if proto is None or not proto.tensor_type.elem_type:
        return tensor_type(str(content.dtype), content.shape)
    fresh = tensor_type("", content.shape)
    fresh.tensor_type.elem_type = proto.tensor_type.elem_type
    return fresh


def _functions(document: Document) -> dict[tuple[str, str, str], str]:
    found = {}
    for graph_id in document.graph_ids():
        if graph_id != MAIN_GRAPH and document.live_graph(graph_id).is_function:
            graph = document.graph(graph_id)
            facts = graph.function
            if facts is not None:
                found[normal_domain(facts.domain), graph.name, facts.overload] = ids.function_id(
                    facts.domain, graph.name, facts.overload
                )
    return {key: graph_id for key, graph_id in found.items() if document.has("graph", graph_id)}
