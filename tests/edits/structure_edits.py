"""Edits that move parts of a model (constants, functions, bodies), drawn for tests of sequences; any of them may be refused."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from onnx_scalpel.document.document import Document
from onnx_scalpel.edits.functions import function_called_by

NAMES = st.sampled_from(["part", "block", "twice", "ü"])
KINDS = (
    *("constant-to-initializer", "initializer-to-constant", "cast-tensor", "inline-function", "inline-function"),
    *("make-function", "make-function", "extract-body"),
)


def structure_edit(draw: st.DrawFn, document: Document) -> dict[str, Any]:
    """An edit on things that are there, most often of a kind that fits them."""
    kind = draw(st.sampled_from(KINDS))
    nodes = [document.node(node) for graph in document.graph_ids() for node in document.node_ids(graph)]
    if kind in ("inline-function", "extract-body"):
        fitting = [
            n.id for n in nodes if (n.op_type == "If" if kind == "extract-body" else function_called_by(document, n))
        ]
        node = draw(st.sampled_from(fitting or [n.id for n in nodes] or ["node:none"]))
        if kind == "inline-function":
            return {"kind": kind, "node": node, "keep_function": draw(st.booleans())}
        return {"kind": kind, "node": node, "attribute": draw(st.sampled_from(["then_branch", "else_branch"]))}
    if kind == "make-function":
        chosen = draw(st.sampled_from(document.graph_ids()))
        inside = document.node_ids(chosen) or ("node:none",)
        first = draw(st.integers(0, len(inside) - 1))
        part = list(inside[first : first + draw(st.integers(1, 3))])
        return {
            "kind": kind,
            "nodes": part,
            "name": draw(NAMES),
            "domain": draw(st.sampled_from(["my", "local", "own"])),
        }
    values = list(document.value_ids())
    if kind == "constant-to-initializer":
        values = [n.outputs[0] for n in nodes if n.op_type == "Constant" and n.outputs] or values
    else:
        values = [value for value in values if document.value(value).tensor is not None] or values
    edit = {"kind": kind, "values": draw(st.lists(st.sampled_from(values or ["value:none"]), min_size=1, max_size=2))}
    if kind == "cast-tensor":
        edit |= {
            "to": draw(st.sampled_from(["float16", "float64", "int8"])),
            "mismatch": draw(st.sampled_from(["cast", "replace"])),
        }
    return edit
