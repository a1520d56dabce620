"""Random edits that a person would regret: they may be refused, and what they leave behind need not be a good model."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from onnx_scalpel.document.document import Document
from tests.proofs.site import NothingHere, Site

EditJson = dict[str, Any]


def careless_edit(document: Document, chance: random.Random) -> EditJson | None:
    """None when the model has nothing for it."""
    site = Site(document, chance)
    try:
        return site.pick(_CARELESS)(site)
    except NothingHere:
        return None


def _remove_nodes(site: Site) -> EditJson:
    return {"kind": "remove-nodes", "nodes": [site.node().id for _ in range(site.pick([1, 2, 5]))]}


def _remove_branch(site: Site) -> EditJson:
    return {"kind": "remove-branch", "node": site.node().id, "direction": site.pick(["up", "down"]), "outputs": "leave"}


def _disconnect(site: Site) -> EditJson:
    node = site.node(lambda n: any(n.inputs))
    return {"kind": "disconnect", "node": node.id, "slot": site.random.randrange(len(node.inputs))}


def _connect(site: Site) -> EditJson:
    return {"kind": "connect", "node": site.node().id, "slot": site.pick([0, 1, 2]), "value": site.value().id}


def _rename(site: Site) -> EditJson:
    return {
        "kind": "rename-value",
        "value": site.value().id,
        "name": site.pick(["x", "y", "a", site.value().name or "b"]),
    }


def _replace_node(site: Site) -> EditJson:
    return {
        "kind": "replace-node",
        "node": site.node().id,
        "op_type": site.pick(["Softmax", "Concat", "If", "Identity"]),
    }


def _set_type(site: Site) -> EditJson:
    shape = site.pick([None, [], ["N", 2], [None, 3, 1]])
    return {
        "kind": "set-value-type",
        "value": site.value().id,
        "dtype": site.pick(["float32", "int64"]),
        "shape": shape,
    }


def _add_output(site: Site) -> EditJson:
    return {"kind": "add-output", "value": site.value().id, "dtype": "float32"}


def _replace_uses(site: Site) -> EditJson:
    return {"kind": "replace-uses", "value": site.value().id, "with": site.value().id}


def _insert_node(site: Site) -> EditJson:
    return {"kind": "insert-node", "op_type": site.pick(["Transpose", "Shape", "Flatten"]), "value": site.value().id}


def _set_attribute(site: Site) -> EditJson:
    value, kind = site.pick([(1, "INT"), ([1, 0], "INTS"), ("text", "STRING"), (0.5, "FLOAT")])
    name = site.pick(["axis", "perm", "note"])
    return {"kind": "set-attribute", "node": site.node().id, "attribute": name, "value": value, "type": kind}


_CARELESS: tuple[Callable[[Site], EditJson], ...] = (
    *(_remove_nodes, _remove_branch, _disconnect, _connect, _rename, _replace_node),
    *(_set_type, _add_output, _replace_uses, _insert_node, _set_attribute),
)
