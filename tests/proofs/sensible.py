"""A sensible edit of each kind on any model, by chance; and what is done to a model first that has nothing for the kind."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import onnx

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import DTYPE_NUMBERS
from onnx_scalpel.edits.base import edit_types
from tests.proofs import node_edits, structure_edits, value_edits
from tests.proofs.site import NothingHere, Site

EditJson = dict[str, Any]
Maker = Callable[[Site], EditJson]
_PLAIN = ("rename-value", "rename-node", "set-doc", "set-metadata", "insert-node", "set-attribute")


def batch(site: Site) -> EditJson:
    """Edits that do not stand in each other's way: each is of another kind, and nothing is removed."""
    made = (sensible_edit(kind, site) for kind in site.random.sample(_PLAIN, 3))
    edits = [edit for edit in made if edit is not None]
    return {"edits": [site.pick(edits), *edits[1:]]}


MAKERS: dict[str, Maker] = {
    name.replace("_", "-"): maker
    for module in (node_edits, structure_edits, value_edits)
    for name, maker in vars(module).items()
    if name.replace("_", "-") in edit_types()
} | {"batch": batch}


def sensible_edit(kind: str, site: Site) -> EditJson | None:
    """An edit of this kind that makes sense on the model; None when there is nothing for it."""
    try:
        return {"kind": kind, **MAKERS[kind](site)}
    except NothingHere:
        return None


def any_sensible_edit(document: Document, chance: random.Random, kinds: Sequence[str]) -> EditJson | None:
    """An edit of any of these kinds; None when three kinds found nothing."""
    site = Site(document, chance)
    tried = (sensible_edit(chance.choice(kinds), site) for _ in range(3))
    return next((edit for edit in tried if edit is not None), None)


def prepared(
    kind: str, document: Document, proto: onnx.ModelProto, chance: random.Random
) -> onnx.ModelProto | list[EditJson] | None:
    """What gives the model something for an edit of this kind: edits, or another model; None when nothing does."""
    site = Site(document, chance)
    try:
        return _PREPARE[kind](site, proto) if kind in _PREPARE else None
    except NothingHere:
        return None


def _unsorted(_: Site, proto: onnx.ModelProto) -> onnx.ModelProto:
    nodes = list(proto.graph.node)
    if len(nodes) < 2:
        raise NothingHere
    del proto.graph.node[:]
    proto.graph.node.extend(reversed(nodes))
    return proto


def _with_identity(site: Site, _: onnx.ModelProto) -> list[EditJson]:
    return [{"kind": "insert-node", **node_edits.insert_identity(site)}]


def _with_unread(site: Site, _: onnx.ModelProto) -> list[EditJson]:
    value = site.value(lambda v: site.is_float(v.id))
    return [{"kind": "add-node", "op_type": "Neg", "graph": value.graph, "inputs": [value.id]}]


def _with_another_output(site: Site, _: onnx.ModelProto) -> list[EditJson]:
    value = site.value(lambda v: v.graph == site.document.main.id and bool(site.type_of(v.id)[0]))
    node = {"kind": "add-node", "op_type": "Identity", "inputs": [value.id], "outputs": ["another"]}
    return [node, {"kind": "add-output", "value": "value:another"}]


def _with_another_input(site: Site, _: onnx.ModelProto) -> list[EditJson]:
    """An input of the type of one that is there, where there is one."""
    given = [v for v in site.inputs if v.dtype and v.type is None]
    dtype, shape = (given[0].dtype, given[0].shape) if given else ("float32", (2, 3))
    shown = None if shape is None else list(shape)
    return [{"kind": "add-input", "name": "another", "dtype": dtype, "shape": shown}]


def _with_a_dim(site: Site, _: onnx.ModelProto) -> list[EditJson]:
    value = site.pick(v for v in site.inputs if v.shape and v.dtype and v.type is None)
    return [{"kind": "set-value-type", "value": value.id, "shape": value_edits.open_dim(value.shape)}]


def _with_a_weight(site: Site, _: onnx.ModelProto) -> list[EditJson]:
    return [{"kind": "freeze-input", **value_edits.freeze_input(site)}]


def _with_an_initializer(site: Site, _: onnx.ModelProto) -> list[EditJson]:
    try:
        return [{"kind": "initializer-to-constant", **structure_edits.initializer_to_constant(site)}]
    except NothingHere:
        frozen = value_edits.freeze_input(site)
        return [{"kind": "freeze-input", **frozen}, {"kind": "initializer-to-constant", "values": [frozen["value"]]}]


def _with_a_function(site: Site, _: onnx.ModelProto) -> list[EditJson]:
    return [{"kind": "make-function", **structure_edits.make_function(site)}]


def _with_a_branch(site: Site, proto: onnx.ModelProto) -> onnx.ModelProto:
    """A model in which an If chooses between two ways to make what the last node makes."""
    nodes = proto.graph.node
    if not nodes or not all(nodes[-1].output) or any(a.HasField("g") for a in nodes[-1].attribute):
        raise NothingHere
    types = {
        value: site.type_of(f"value:{value}")
        for value in nodes[-1].output
        if site.document.has("value", f"value:{value}")
    }
    known = [(name, DTYPE_NUMBERS[dtype], shape) for name, (dtype, shape) in types.items() if dtype in DTYPE_NUMBERS]
    if len(known) != len(nodes[-1].output) or any(t.name == "condition" for t in proto.graph.input):
        raise NothingHere
    branches = {}
    for branch in ("then_branch", "else_branch"):
        inner = onnx.NodeProto()
        inner.CopyFrom(nodes[-1])
        inner.name = branch
        del inner.output[:]
        inner.output.extend(f"{name}/{branch}" for name, _, _ in known)
        outputs = [
            onnx.helper.make_tensor_value_info(f"{n}/{branch}", d, None if s is None else list(s)) for n, d, s in known
        ]
        branches[branch] = onnx.helper.make_graph([inner], branch, [], outputs)
    choice = onnx.helper.make_node("If", ["condition"], list(nodes[-1].output), "choice", **branches)
    nodes.pop()
    nodes.append(choice)
    proto.graph.input.append(onnx.helper.make_tensor_value_info("condition", onnx.TensorProto.BOOL, []))
    return proto


def _with_a_loose_node(site: Site, _: onnx.ModelProto) -> list[EditJson]:
    value = site.value(lambda v: site.is_float(v.id) and site.is_read(v.id) and not site.is_listed(v.id))
    return [{"kind": "add-node", "op_type": "Abs", "graph": value.graph, "inputs": [value.id]}]


_PREPARE: dict[str, Callable[[Site, onnx.ModelProto], onnx.ModelProto | list[EditJson]]] = {
    "sort-nodes": _unsorted,
    "remove-nodes": _with_identity,
    "simplify": _with_identity,
    "add-output": _with_identity,
    "remove-unused": _with_unread,
    "remove-branch": _with_another_output,
    "remove-output": _with_another_output,
    "reorder-io": _with_another_output,
    "remove-input": _with_another_input,
    "connect": _with_another_input,
    "replace-uses": _with_another_input,
    "splice-node": _with_a_loose_node,
    "rename-dim": _with_a_dim,
    "set-tensor": _with_a_weight,
    "promote-to-input": _with_a_weight,
    "initializer-to-constant": _with_a_weight,
    "cast-tensor": _with_a_weight,
    "constant-to-initializer": _with_an_initializer,
    "inline-function": _with_a_function,
    "extract-body": _with_a_branch,
}
