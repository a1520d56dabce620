"""Cutting a fragment out of a model: the chosen nodes with their bodies, the initializers they read and the functions they call."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.records import Attribute, FunctionFacts, NodeRecord, Pairs, TensorRef, TypeRef, ValueRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.edits.branches import tensors_read
from onnx_scalpel.edits.copying import CopiedGraph, copied_graph, copied_nodes
from onnx_scalpel.edits.fragment_tensors import TensorWriter
from onnx_scalpel.edits.fragments import (
    FORMAT,
    LARGEST_FRAGMENT,
    Fragment,
    FragmentAttribute,
    FragmentFunction,
    FragmentGraph,
    FragmentNode,
    FragmentValue,
    Origin,
)
from onnx_scalpel.edits.functions import function_called_by
from onnx_scalpel.edits.literals import SAFE_INTEGER
from onnx_scalpel.edits.scopes import enclosing_graphs, opset_imports
from onnx_scalpel.edits.selections import nodes_of_one_graph
from onnx_scalpel.errors import AppError


def cut_fragment(document: Document, node_ids: Sequence[str], origin: Origin | None = None) -> dict[str, Any]:
    """The fragment of these nodes as JSON. AppError `no-such-node`, `fragment-too-large`; EditRejected for nodes of several graphs.

    What is known of the types of what the nodes read goes along, inferred or declared: it tells what fits where they are put.
    """
    if not node_ids:
        raise AppError("wrong-parameters", "no nodes are named", fields={"nodes": "must name at least one"}, status=422)
    nodes = nodes_of_one_graph(document, node_ids, "what is copied has to be of one")
    writer = _Writer(document)
    copy = copied_nodes(document, nodes)
    *_, outermost = enclosing_graphs(document, nodes[0].graph)
    functions = writer.functions(copy)
    used = {normal_domain(node.domain) for node in copy.every_node()}
    imports = {normal_domain(domain): version for domain, version in opset_imports(document, nodes[0].graph).items()}
    fragment = Fragment(
        FORMAT,
        nodes=[writer.node(node, copy) for node in copy.nodes],
        values={value.id: writer.value(value) for value in copy.values},
        inputs={value.id: writer.input(value) for value in _read_outside(document, copy)},
        functions=functions,
        opset_imports={domain: version for domain, version in imports.items() if domain in used},
        defaults=writer.attributes((outermost.function or FunctionFacts("")).defaults, copy),
        origin=origin,
    )
    data: dict[str, Any] = msgspec.to_builtins(fragment)
    size = len(msgspec.json.encode(data))
    if size > LARGEST_FRAGMENT:
        raise AppError(
            "fragment-too-large",
            f"these nodes are {size >> 20} MB as text, and {LARGEST_FRAGMENT >> 20} MB can be copied at once",
            hint="copy fewer nodes, or duplicate them in place",
            status=413,
        )
    return data


def written_function(document: Document, graph_id: str) -> FragmentFunction:
    """A local function of the document, as a fragment carries it."""
    return _Writer(document).function(graph_id)


def written_copy(document: Document, copy: CopiedGraph) -> FragmentFunction:
    """A copied function, as a fragment carries it."""
    return _Writer(document).copied_function(copy)


def _read_outside(document: Document, copy: CopiedGraph) -> Iterable[ValueRecord]:
    made = {value.id for value in copy.values}
    read = (t.live.id for node in copy.nodes for t in tensors_read(document, document.live_node(node.id)))
    return [document.value(value_id) for value_id in dict.fromkeys(read) if value_id not in made]


class _Writer:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._tensors = TensorWriter(document)

    def value(self, value: ValueRecord) -> FragmentValue:
        return FragmentValue(
            name=printable(value.name),
            dtype=printable(value.dtype),
            shape=None if value.shape is None else [d if not isinstance(d, str) else printable(d) for d in value.shape],
            type="" if value.type is None else _encoded(value.type.proto),
            declared=value.declared,
            tensor=None if value.tensor is None else self._tensors.spec(value.tensor),
            doc=printable(value.doc),
            metadata=_pairs(value.metadata),
        )

    def input(self, value: ValueRecord) -> FragmentValue:
        """A value that is read from outside; an input that has a tensor is one by default only, and goes without it."""
        document = self._document
        if document.is_input(value.id):
            value = msgspec.structs.replace(value, tensor=None)
        if value.tensor is None and not value.dtype and document.types_current:
            dtype, shape = document.inferred.get(value.id, ("", None))
            value = msgspec.structs.replace(value, dtype=dtype, shape=shape)
        return self.value(value)

    def node(self, node: NodeRecord, copy: CopiedGraph) -> FragmentNode:
        return FragmentNode(
            op_type=printable(node.op_type),
            domain=printable(node.domain),
            name=printable(node.name),
            overload=printable(node.overload),
            inputs=list(node.inputs),
            outputs=list(node.outputs),
            attributes=self.attributes(node.attributes, copy),
            doc=printable(node.doc),
            metadata=_pairs(node.metadata),
            rest=_encoded(node.rest),
        )

    def attributes(self, held: dict[str, Attribute], copy: CopiedGraph) -> dict[str, FragmentAttribute]:
        return {
            printable(name): FragmentAttribute(a.type, self._said(a, copy), printable(a.ref), printable(a.doc))
            for name, a in held.items()
        }

    def _said(self, attribute: Attribute, copy: CopiedGraph) -> Any:
        value = attribute.value
        if value is None:
            return None
        if isinstance(value, tuple):
            return [self._item(attribute.type[:-1], item, copy) for item in value]
        return self._item(attribute.type, value, copy)

    def _item(self, kind: str, item: Any, copy: CopiedGraph) -> Any:
        if isinstance(item, TensorRef):
            return self._tensors.spec(item)
        if isinstance(item, TypeRef):
            return _encoded(item.proto)
        if kind == "GRAPH":
            return msgspec.to_builtins(self._graph(copy.bodies[item]))
        if kind == "STRING":
            return item if printable(item) == item else {"base64": _encoded(item.encode("utf-8", "surrogateescape"))}
        return _number(item)

    def _graph(self, copy: CopiedGraph) -> FragmentGraph:
        record = copy.record
        return FragmentGraph(
            name=printable(record.name),
            inputs=list(record.inputs),
            outputs=list(record.outputs),
            values={value.id: self.value(value) for value in copy.values},
            nodes=[self.node(node, copy) for node in copy.nodes],
            doc=printable(record.doc),
            metadata=_pairs(record.metadata),
        )

    def functions(self, copy: CopiedGraph) -> list[FragmentFunction]:
        """Those that are called, and those that these call, each once."""
        found: dict[str, FragmentFunction] = {}
        waiting = [copy]
        while waiting:
            for node in waiting.pop().every_node():
                called = function_called_by(self._document, node)
                if called is not None and called.id not in found:
                    found[called.id] = self.function(called.id)
                    waiting.append(copied_graph(self._document, called.id))
        return list(found.values())

    def function(self, graph_id: str) -> FragmentFunction:
        return self.copied_function(copied_graph(self._document, graph_id))

    def copied_function(self, copy: CopiedGraph) -> FragmentFunction:
        facts = copy.record.function or FunctionFacts("")
        return FragmentFunction(
            graph=self._graph(copy),
            domain=printable(facts.domain),
            overload=printable(facts.overload),
            attributes=[printable(name) for name in facts.attributes],
            defaults=self.attributes(facts.defaults, copy),
            opset_imports={printable(domain): version for domain, version in facts.opset_imports},
        )


def _number(item: Any) -> Any:
    """A number as browsers carry it: what their numbers cannot say is written as text."""
    if isinstance(item, int):
        return item if abs(item) <= SAFE_INTEGER else str(item)
    if not math.isfinite(item):
        return "NaN" if math.isnan(item) else "Infinity" if item > 0 else "-Infinity"
    return "-0.0" if item == 0 and math.copysign(1, item) < 0 else item


def _pairs(metadata: Pairs) -> list[tuple[str, str]]:
    return [(printable(key), printable(value)) for key, value in metadata]


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
