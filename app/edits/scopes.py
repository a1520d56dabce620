"""Names and the graphs that see them: what a name would collide with, and which opset a graph speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from onnx_scalpel.document import ids
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import GraphRecord, ValueRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.errors import EditRejected


def enclosing_graphs(document: Document, graph_id: str) -> Iterator[GraphRecord]:
    """The graph itself, then the ones around it, outwards."""
    while graph_id:
        graph = document.graph(graph_id)
        yield graph
        graph_id = graph.parent


def holder_of_name(document: Document, graph_id: str, name: str, but: str = "") -> str | None:
    """A value other than `but` that this name would collide with: of the graph, of one around it, of a body inside."""
    return next((found for found in document.values_called(graph_id, name) if found != but), None)


def refuse_hiding(document: Document, value: ValueRecord) -> None:
    """EditRejected when a graph around the value's own has its name too: an initializer may hide that, what a node makes may not."""
    parent = document.graph(value.graph).parent
    outer = document.value_named(parent, value.name) if parent else None
    if outer is not None:
        raise EditRejected(
            f"{shown(value.name)} hides an outer value of that name, which an initializer may do and a node may not",
            subjects=(value.id, outer),
            hint="rename it first",
        )


def may_be_shadowed_again(document: Document, value: ValueRecord, name: str) -> bool:
    """Whether the file gives the value this name although a graph around or inside its own has it too, and everything that
    reads one of them would still read that one."""
    first = document.live_value(value.id).first
    if first is None or first.name != name:
        return False
    for other in (document.value(found) for found in document.values_called(value.graph, name) if found != value.id):
        if other.graph == value.graph:
            return False
        other_is_outer = any(graph.id == other.graph for graph in enclosing_graphs(document, value.graph))
        outer, inner = (other, value) if other_is_outer else (value, other)
        readers = {document.node(found.node).graph for found in document.consumers(outer.id)}
        readers |= {graph for graph in document.graph_ids() if outer.id in document.graph(graph).outputs}
        if any(around.id == inner.graph for reader in readers for around in enclosing_graphs(document, reader)):
            return False
    return True


def named_outside(document: Document, value: ValueRecord) -> str:
    """Where else the file says this value's name, in parts that no record holds; '' when nowhere. There it follows a rename."""
    names = {value.name, opened_name(document, value.id)}
    annotations = [(graph, "a quantization annotation") for graph in _annotations(document, value.graph)]
    trainings = [(info, "the training info") for info in document.file.proto.training_info]
    for message, place in (*annotations, *trainings):
        if any(word in names for word in _words(message)):
            return place
    return ""


def opened_name(document: Document, value_id: str) -> str:
    """What the opened file calls a value; its name now for one that an edit made."""
    live = document.live_value(value_id)
    return live.name if live.first is None else live.first.name


def named_in_training(document: Document, value: ValueRecord) -> bool:
    """Whether the training info, which stays as the file has it, says the value's name."""
    return any(value.name == word for info in document.file.proto.training_info for word in _words(info))


def _annotations(document: Document, graph_id: str) -> list[Any]:
    proto = document.live_graph(graph_id).proto
    return list(getattr(proto, "quantization_annotation", ()))


def _words(message: Any) -> Iterator[str]:
    """Every text in a message, at any depth."""
    for field, content in message.ListFields():
        items = content if field.is_repeated else [content]
        for item in items:
            if isinstance(item, str):
                yield item
            elif field.message_type is not None:
                yield from _words(item)


def new_value(tx: Transaction, graph_id: str, wanted: str) -> ValueRecord:
    """A value to be put: `wanted` or the next free name, and an id. A replayed id brings back the name it was made from."""
    name = tx.document.free_name(graph_id, wanted)
    made = tx.new_value_id(graph_id, name)
    if made != ids.value_id(name, graph_id):
        before = re.sub(r"~\d+$", "", made).removeprefix("value:").removesuffix(ids.scope_suffix(graph_id))
        if before and before != name and not tx.document.values_called(graph_id, before):
            name = before
    return ValueRecord(made, graph_id, name)


def free_node_name(document: Document, graph_id: str, wanted: str) -> str:
    """`wanted`, or with _2, _3 … the first that no node of the graph has."""
    taken = document.live_graph(graph_id).node_names
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def opset_imports(document: Document, graph_id: str) -> dict[str, int]:
    """What the graph's nodes may use: the function's imports inside a local function, else the model's."""
    outermost = document.live_graph(graph_id)
    while outermost.parent is not None:
        outermost = outermost.parent
    function = outermost.current().function if outermost.is_function else None
    return dict(function.opset_imports if function else document.model().opset_imports)


def opset_version(document: Document, graph_id: str, domain: str) -> int | None:
    """The version that the graph imports of a domain, under either name of the standard one; None when it does not."""
    for found, version in opset_imports(document, graph_id).items():
        if normal_domain(found) == normal_domain(domain):
            return version
    return None


def shown(name: str, otherwise: str = "a value without a name") -> str:
    """A name for a sentence, short enough for one line."""
    if not name:
        return otherwise
    return name if len(name) <= 60 else f"{name[:40]}…{name[-16:]}"


def told_apart(names: Sequence[str]) -> list[str]:
    """Names for a choice among them: where cutting makes two alike, each from a little before the place where they differ."""
    short = [shown(name) for name in names]
    if len(set(short)) == len(set(names)):
        return short
    alike = sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False)))
    start = max(0, alike - 12)
    return [f"…{name[start : start + 57]}…" if len(name) > start + 58 else f"…{name[start:]}" for name in names]
