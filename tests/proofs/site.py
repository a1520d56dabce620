"""Where a random edit is made: an open model, chance, and what a careful person knows about the model before editing it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TypeVar

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.inference import infer_types, shape_of_type
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.records import MAIN_GRAPH, NodeRecord, Shape, ValueRecord
from onnx_scalpel.document.save import weightless
from onnx_scalpel.document.schemas import OperatorSchema, operator
from onnx_scalpel.edits.scopes import opset_version

Item = TypeVar("Item")
LOOKED_AT = 400  # nodes or values of a large model among which one is searched
FLOATS = ("float32", "float64", "float16")


class NothingHere(Exception):
    """The model has nothing that an edit of this kind would make sense on."""


class Site:
    """`random` may be hypothesis's own, so that what it chose is made simpler when something fails."""

    def __init__(self, document: Document, chance: random.Random) -> None:
        self.document = document
        self.random = chance

    def pick(self, options: Iterable[Item]) -> Item:
        """One of these; NothingHere when there is none."""
        listed = list(options)
        if not listed:
            raise NothingHere
        return self.random.choice(listed)

    def node(self, fits: Callable[[NodeRecord], bool] = lambda _: True) -> NodeRecord:
        """A node at any depth that fits."""
        return self.pick(node for node in self.nodes if fits(node))

    def value(self, fits: Callable[[ValueRecord], bool] = lambda _: True) -> ValueRecord:
        """A value at any depth that fits."""
        return self.pick(value for value in self.values if fits(value))

    @cached_property
    def nodes(self) -> list[NodeRecord]:
        ids = [node for graph in self.document.graph_ids() for node in self.document.node_ids(graph)]
        return [self.document.node(node) for node in self._some(ids)]

    @cached_property
    def values(self) -> list[ValueRecord]:
        return [self.document.value(value) for value in self._some(self.document.value_ids())]

    @property
    def inputs(self) -> list[ValueRecord]:
        """The main graph's, without those that are initializers as well."""
        found = (self.document.value(value) for value in self.document.graph(MAIN_GRAPH).inputs)
        return [value for value in found if value.tensor is None]

    @property
    def outputs(self) -> list[str]:
        """The main graph's."""
        return list(self.document.graph(MAIN_GRAPH).outputs)

    def type_of(self, value_id: str) -> tuple[str, Shape]:
        """Dtype and shape: the tensor's, declared ones, else inferred ones."""
        if not value_id:
            return "", None
        value = self.document.value(value_id)
        if value.tensor is not None:
            return value.tensor.dtype, value.tensor.shape
        if value.dtype and value.shape is not None:
            return value.dtype, value.shape
        dtype, shape = self._inferred.get(value_id, ("", None))
        return value.dtype or dtype, value.shape if value.shape is not None else shape

    def same_type(self, one: str, other: str) -> bool:
        """Whether both are known to be of one type, with every dim known."""
        a, b = self.type_of(one), self.type_of(other)
        return bool(a[0]) and a[1] is not None and None not in a[1] and a == b

    def is_float(self, value_id: str) -> bool:
        return self.type_of(value_id)[0] in FLOATS

    def schema(self, node: NodeRecord) -> OperatorSchema | None:
        return operator(node.domain, node.op_type, opset_version(self.document, node.graph, node.domain))

    def is_read(self, value_id: str) -> bool:
        return bool(self.document.live_value(value_id).tensor.outputs)

    def is_listed(self, value_id: str) -> bool:
        return self.document.live_value(value_id).listed > 0

    def earlier(self, node_id: str) -> list[str]:
        """Values of the node's graph that are there before it: inputs, initializers, what nodes before it make."""
        live: LiveNode = self.document.live_node(node_id)
        graph = live.graph
        given = [v.id for v in graph.names.values() if v.is_input or v.current().tensor is not None]
        before = graph.nodes[max(0, graph.place(live) - LOOKED_AT) : graph.place(live)]
        return [*given[:LOOKED_AT], *(output for node in before for output in node.outputs() if output)]

    def fresh(self, stem: str = "made") -> str:
        """A name that nothing has."""
        return f"{stem}/{self.random.randrange(10**6)}"

    @cached_property
    def _inferred(self) -> dict[str, tuple[str, Shape]]:
        return {key: shape_of_type(proto) for key, proto in infer_types(weightless(self.document)).all.items()}

    def _some(self, ids: Sequence[str]) -> list[str]:
        return list(ids) if len(ids) <= LOOKED_AT else self.random.sample(list(ids), LOOKED_AT)
