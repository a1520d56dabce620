"""Edits of inputs, outputs and facts about a model, drawn for tests of sequences; any of them may be refused."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from onnx_scalpel.document.document import Document

NAMES = st.sampled_from(["a", "b", "x", "new", "p", "i2"])
DIMS = st.sampled_from(["N", "C", "K"])
TENSORS = st.sampled_from(
    [
        {"dtype": "float32", "shape": [3], "data": [1, 2, 3]},
        {"dtype": "float32", "shape": [1, 3], "data": [1, 2, 3]},
        {"dtype": "bool", "data": True},
        {"dtype": "float32", "shape": [2], "data": [1, 2]},
    ]
)
KINDS = [
    "add-input",
    "add-output",
    "add-output",
    "remove-input",
    "remove-output",
    "remove-output",
    "reorder-io",
    "promote-to-input",
    "promote-to-input",
    "freeze-input",
    "freeze-input",
    "rename-dim",
    "set-doc",
    "set-metadata",
    "set-model-info",
    "set-opset-import",
]


def interface_edit(draw: st.DrawFn, document: Document) -> dict[str, Any]:
    """An edit on things that are there."""
    kind = draw(st.sampled_from(KINDS))
    graph = document.graph(draw(st.sampled_from(document.graph_ids())))
    if kind in ("add-output", "remove-input", "remove-output", "promote-to-input", "freeze-input"):
        return {"kind": kind, **_on_value(draw, document, kind)}
    if kind == "add-input":
        shape = draw(st.one_of(st.none(), st.lists(st.one_of(DIMS, st.integers(0, 3)), max_size=2)))
        return {"kind": kind, "name": draw(NAMES), "dtype": "float32", "shape": shape, "graph": graph.id}
    if kind == "reorder-io":
        lists = {"inputs": graph.inputs, "outputs": graph.outputs}
        chosen = {side: draw(st.permutations(values)) for side, values in lists.items() if values}
        return {"kind": kind, "graph": graph.id, **chosen}
    if kind == "rename-dim":
        return {"kind": kind, "old": draw(DIMS), "new": draw(DIMS)}
    if kind in ("set-doc", "set-metadata"):
        nodes = [node for found in document.graph_ids() for node in document.node_ids(found)]
        subject = draw(st.sampled_from(["model:", *document.graph_ids(), *nodes, *document.value_ids()]))
        if kind == "set-doc":
            return {"kind": kind, "subject": subject, "text": draw(st.sampled_from(["", "about", "über\nit"]))}
        value = draw(st.sampled_from([None, "", "one"]))
        return {"kind": kind, "subject": subject, "key": draw(st.sampled_from("kl")), "value": value}
    if kind == "set-model-info":
        return {"kind": kind, "producer": draw(NAMES), "ir_version": draw(st.integers(3, 11))}
    domain = draw(st.sampled_from(["", "ai.onnx", "my", "elsewhere"]))
    return {"kind": kind, "domain": domain, "version": draw(st.one_of(st.none(), st.integers(18, 22)))}


def _on_value(draw: st.DrawFn, document: Document, kind: str) -> dict[str, Any]:
    values = document.value_ids()
    edit: dict[str, Any] = {"value": draw(st.sampled_from(values)) if values else "value:none"}
    if kind in ("add-output", "promote-to-input") and draw(st.booleans()):
        edit["dtype"] = "float32"
    if kind == "promote-to-input":
        edit["keep_default"] = draw(st.booleans())
    if kind == "freeze-input" or (kind == "remove-input" and draw(st.booleans())):
        edit["tensor"] = draw(TENSORS)
    return edit
