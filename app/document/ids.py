"""Ids of nodes, values and graphs: born once from names, the same whenever the same file is opened."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache

from onnx_scalpel.document.records import MAIN_GRAPH


def printable(name: str) -> str:
    """A name that JSON can carry: bytes that were no UTF-8 (lone surrogates here) become U+FFFD."""
    if name.isascii():
        return name
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in name)


@lru_cache(maxsize=64)  # graphs are read one after another
def scope_suffix(graph_id: str) -> str:
    """What ids inside this graph end with: '' in the main graph, '@OWNER.ATTRIBUTE' in a body, '@DOMAIN::NAME:OVERLOAD' in a function."""
    scope = graph_id.removeprefix(MAIN_GRAPH).removeprefix("node:")
    return f"@{scope}" if scope else ""


def free_id(wanted: str, taken: Container[str]) -> str:
    """`wanted`, or with ~2, ~3 … the first that is free."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}~{number}" in taken:
        number += 1
    return f"{wanted}~{number}"


def value_id(name: str, graph_id: str) -> str:
    """The id that a value of this name wants."""
    return f"value:{printable(name)}{scope_suffix(graph_id)}"


def node_id(first_output: str, name: str, op_type: str, ordinal: int, graph_id: str) -> str:
    """The id that a node wants: from its first output's name, else its own, else its operator and place in the graph."""
    return f"node:{printable(first_output or name or f'{op_type}#{ordinal}')}{scope_suffix(graph_id)}"


def body_id(owner: str, attribute: str, index: int | None = None) -> str:
    """The id of the graph in a node's attribute; `index` for one of a list of graphs."""
    return f"{MAIN_GRAPH}{owner}.{printable(attribute)}" + ("" if index is None else f"[{index}]")


def function_id(domain: str, name: str, overload: str) -> str:
    """The id of a local function."""
    return printable(f"{MAIN_GRAPH}{domain}::{name}:{overload}")
