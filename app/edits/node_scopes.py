"""Scopes of nodes, as the file says them, and names that put a new node on a wire into the scope that holds both of its ends.

The browser reads the same off a file (static/src/scopes): what an exporter wrote, else the name of the node, of what it
makes, of a weight of its own; a node about which none of these says anything is where what it reads comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.exporter_scopes import ExporterScopes
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.protos import pairs

Scope = tuple[str, ...]
"""The parts of a scope, outermost first; () is the graph itself."""

_LONGEST = 600  # characters; a longer name was written by no exporter
_NEAR = 6  # nodes about which nothing is said, one behind the other, that go with what they read from
_NUMBER = re.compile(r"[0-9]+")


def name_on_wire(document: Document, graph: str, value_id: str, readers: Iterable[str], ends: bool, kept: str) -> str:
    """`kept`, or a name like it that says the scope of a new node of the graph between a value's maker and its readers.

    That is the innermost scope that holds the maker and one of the readers, so that a new node stands outside of what only
    one end is in. `ends`: the graph's own output is among the readers. What no name says is left to be as it was.
    """
    value = document.value(value_id)
    if value.tensor is not None:
        return kept
    producer = document.producer(value_id)
    maker = _within(document, document.live_node(producer.node), graph) if producer else None
    reading = [reader for reader in (_within(document, document.live_node(r), graph) for r in readers) if reader]
    from_scope = scope_of(document, maker) if maker else ()
    if maker and maker.node.op == "Constant" and len(reading) == 1 and not ends:  # it is a row of its reader
        from_scope = scope_of(document, reading[0])
    if from_scope is None:
        return kept
    around: Scope = ()
    told = from_scope != ()  # whether this part of the model has scopes at all
    near = [maker] if maker else []
    for reader in dict.fromkeys(reading):
        to_scope = scope_of(document, reader)
        if to_scope is None:
            return kept
        told = told or to_scope != ()
        common = _common(from_scope, to_scope)
        if len(common) > len(around):
            around, near = common, [*near[:1], reader]
        if around == from_scope and told:
            break
    said = scope_in(kept)
    if not told or said == around or (said is None and maker is not None and around == from_scope):
        return kept
    return _named(around, [node.node.name for node in near], kept)


def scope_in(name: str) -> Scope | None:
    """The scope that a name says; None when it has no parts. `encoder/0/Conv` is in ('encoder', 'encoder.0')."""
    if "/" in name:
        parts: list[str] = []
        for part in filter(None, name[:_LONGEST].rpartition("/")[0].split("/")):
            parts.append(f"{parts[-1]}.{part}" if parts and _NUMBER.fullmatch(part) else part)
        return tuple(parts)
    around, dot, last = name[:_LONGEST].rpartition(".")
    if dot and _NUMBER.fullmatch(last):
        around = around.rpartition(".")[0]
    return _dotted(around) or None


def scope_of(document: Document, node: LiveNode) -> Scope | None:
    """The scope of a node; None when the file does not say it."""
    for _ in range(_NEAR):
        said = _said(document, node)
        if said is not None:
            return said
        makers = [found for value in node.inputs() if value and (found := document.producer(value))]
        before = [document.live_node(found.node) for found in makers]
        before = [one for one in before if one.graph is node.graph and one.node.op != "Constant"]
        if not before:
            return None
        node = max(before, key=lambda one: one.order)
    return None


def _said(document: Document, node: LiveNode) -> Scope | None:
    metadata = node.record.metadata if node.record is not None else ()
    if node.record is None and node.origin is not None and node.origin.metadata_props:
        metadata = pairs(node.origin.metadata_props)
    told = ExporterScopes().of(metadata) if metadata else ""
    if told:
        return scope_in(f"{told}/")
    said = scope_in(node.node.name)
    made = next(iter(node.outputs()), "")
    if said is None and made and all(value.id != made for value, _ in node.graph.outputs):
        said = scope_in(document.value(made).name)
    for value_id in node.inputs() if said is None else ():
        weight = document.value(value_id) if value_id else None
        if weight is not None and weight.tensor is not None and len(document.consumers(value_id)) == 1:
            said = said or scope_in(weight.name)
    return said


def _within(document: Document, node: LiveNode, graph: str) -> LiveNode | None:
    """The node itself, or the one of the graph that it is inside of; None: it is outside."""
    while node.graph.id != graph:
        if not node.graph.owner:
            return None
        node = document.live_node(node.graph.owner)
    return node


def _dotted(text: str) -> Scope:
    """A number is said with the part before it: `model.layers.0.mlp` is ('model', 'layers.0', 'mlp')."""
    parts: list[str] = []
    named = False
    for part in filter(None, text.split(".")):
        number = bool(parts) and _NUMBER.fullmatch(part) is not None
        if not number:
            parts.append(part)
        elif named:
            parts[-1] += f".{part}"
        else:
            parts.append(f"{parts[-1]}.{part}")
        named = not number
    return tuple(parts)


def _common(one: Scope, other: Scope) -> Scope:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]


def _named(scope: Scope, names: Iterable[str], kept: str) -> str:
    """The last part of a name in a scope, written as the names around it write that."""
    last = kept.rpartition("/")[2]
    for name in names:
        for mark in "/.":
            tail = last if mark == "/" else last.rpartition(".")[2]
            for cut in re.finditer(re.escape(mark), name[:_LONGEST]):
                found = f"{name[: cut.end()]}{tail}"
                if scope_in(found) == scope:
                    return found
    return f"{'/'.join(scope)}/{last}"
