"""Which wires are refused as cycles: exactly those that would be one, whatever order the file's nodes are in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import GraphProto, ModelProto, TensorProto, helper

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ordering import in_order
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.laws import check_edit, document_of


def body(name: str, reads: str) -> GraphProto:
    made = helper.make_tensor_value_info(name, TensorProto.FLOAT, [3])
    return helper.make_graph([helper.make_node("Neg", [reads], [name])], name, [], [made])


def model(count: int, chance: random.Random, mixed: bool) -> ModelProto:
    """Nodes n0, n1 …: each reads what earlier ones make, some of them in the bodies of an If; `mixed`: written in any order."""
    nodes = []
    for i in range(count):
        reads = ["x", *(f"v{j}" for j in range(i))]
        if chance.random() < 0.2:
            then, other = (body(f"{side}{i}", chance.choice(reads)) for side in "te")
            nodes.append(helper.make_node("If", ["c"], [f"v{i}"], f"n{i}", then_branch=then, else_branch=other))
        else:
            nodes.append(helper.make_node("Add", [chance.choice(reads), chance.choice(reads)], [f"v{i}"], f"n{i}"))
    if mixed:
        chance.shuffle(nodes)
    inputs = [
        helper.make_tensor_value_info("c", TensorProto.BOOL, []),
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [3]),
    ]
    outputs = [helper.make_tensor_value_info(f"v{count - 1}", TensorProto.FLOAT, [3])]
    graph = helper.make_graph(nodes, "g", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def feeds(document: Document, source: str, target: str) -> bool:
    """Whether the main graph's node feeds the other, by looking at everything."""
    reads: dict[str, set[str]] = {}
    for node_id in document.node_ids():
        inside = [node_id, *(n for body_id in document.body_ids(node_id) for n in document.node_ids(body_id))]
        values = (v for n in inside for v in document.node(n).inputs if v)
        reads[node_id] = {made.node for v in values if (made := document.producer(v)) is not None}
    waiting, seen = [target], {target}
    while waiting:
        for maker in reads.get(waiting.pop(), ()):
            if maker == source:
                return True
            if maker not in seen:
                seen.add(maker)
                waiting.append(maker)
    return False


@settings(max_examples=120, deadline=None)
@given(st.integers(2, 12), st.randoms(use_true_random=False), st.booleans())
def test_a_wire_is_refused_exactly_when_it_closes_a_cycle(count: int, chance: random.Random, mixed: bool) -> None:
    document = document_of(model(count, chance, mixed))
    for _ in range(12):
        reader, maker = chance.randrange(count), chance.randrange(count)
        node = f"node:v{reader}"
        if document.node(node).op_type == "If":
            continue
        cyclic = reader == maker or feeds(document, node, f"node:v{maker}")
        try:
            apply_edit(document, parse_edit({"kind": "connect", "node": node, "slot": 0, "value": f"value:v{maker}"}))
        except AppError as error:
            assert cyclic, error
        else:
            assert not cyclic


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 10), st.randoms(use_true_random=False), st.booleans())
def test_a_graph_is_in_order_exactly_when_every_node_stands_behind_what_it_reads(
    count: int, chance: random.Random, mixed: bool
) -> None:
    document = document_of(model(count, chance, mixed))
    places = {node: at for at, node in enumerate(document.node_ids())}
    early = [
        node
        for node, at in places.items()
        for inside in (node, *(n for body_id in document.body_ids(node) for n in document.node_ids(body_id)))
        for value in document.node(inside).inputs
        if (made := document.producer(value)) is not None and places.get(made.node, -1) >= at
    ]
    assert in_order(document, document.main) == (not early)


READING = "p = If (c) <then_branch = tt () => (float[3] m) { m = Neg(late) }, else_branch = ee () => (float[3] n) { n = Abs(x) }>"
HANDING = "p = If (c) <then_branch = tt () => (late) { }, else_branch = ee () => (float[3] n) { n = Abs(x) }>"


def choosing(inner: str, *, before: str = "", behind: str = "") -> str:
    return f"""<ir_version: 10, opset_import: ["" : 21]> g (bool c, float[3] x) => (float[3] y) {{ {before}
      y = If (c) <then_branch = t () => (float[3] p) {{ {inner} }}, else_branch = e () => (float[3] r) {{ r = Abs(x) }}>
      {behind} }}"""


@pytest.mark.parametrize("inner", [READING, HANDING])
def test_a_body_in_a_body_that_takes_what_is_made_behind_it_is_out_of_order(inner: str) -> None:
    document = document_of(choosing(inner, behind="late = Relu(x)"))
    assert not in_order(document, document.live_graph(MAIN_GRAPH))
    document = document_of(choosing(inner, before="late = Relu(x)"))
    assert in_order(document, document.live_graph(MAIN_GRAPH))


@pytest.mark.parametrize("inner", [READING, HANDING])
def test_what_a_body_in_a_body_takes_is_written_before_it(inner: str) -> None:
    model = choosing(inner, before="late = Relu(x)", behind="other = Neg(x)")
    edit = {"kind": "make-function", "nodes": ["node:late", "node:other"], "name": "both"}
    checked = check_edit(model, edit)
    assert [node.op_type for node in checked.proto.graph.node] == ["both", "If"]


def test_taking_a_sort_back_puts_what_bodies_hand_out_behind_them_again() -> None:
    document = document_of(choosing(HANDING, behind="late = Relu(x)"))
    sorting = apply_edit(document, parse_edit({"kind": "sort-nodes"}))
    assert in_order(document, document.live_graph(MAIN_GRAPH))
    document.apply(sorting.delta.inverse())
    assert not in_order(document, document.live_graph(MAIN_GRAPH))
