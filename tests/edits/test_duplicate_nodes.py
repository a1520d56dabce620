"""Tests of duplicate-nodes."""

from __future__ import annotations

from typing import Any

import onnx

from tests.laws import Checked, check_edit, check_rejected
from tests.outputs import outputs_of

CHAIN = """<ir_version: 10, opset_import: ["" : 21]>
g (float[3] x, bool c) => (float[3] y) <float[3] w = {1, 2, 3}, float[3] a> {
  [first] a = Relu(x)
  [second] b = Mul(a, w)
  y = If (c) <then_branch = t () => (float[3] p) <float[3] v = {4, 5, 6}> { q = Neg(b)
                p = Mul(q, v) },
              else_branch = e () => (float[3] r) { r = Add(b, w) }> }"""
HANDED_OUT = """<ir_version: 10, opset_import: ["" : 21]>
g (float[3] x, bool c) => (float[3] y) {
  a = Relu(x)
  y = If (c) <then_branch = t () => (float[3] a) { b = Neg(a) }, else_branch = e () => (float[3] r) { r = Neg(a) }> }"""


def duplicating(*nodes: str, **more: Any) -> dict[str, Any]:
    return {"kind": "duplicate-nodes", "nodes": list(nodes), **more}


def wires(checked: Checked) -> list[tuple[list[str], list[str]]]:
    return [(list(node.input), list(node.output)) for node in checked.proto.graph.node]


def test_copies_are_wired_among_each_other_and_read_what_the_originals_read() -> None:
    checked = check_edit(CHAIN, duplicating("node:a", "node:b"))
    assert wires(checked)[2:4] == [(["x"], ["a_copy"]), (["a_copy", "w"], ["b_copy"])]
    assert [node.name for node in checked.proto.graph.node][2:4] == ["first_copy", "second_copy"]
    onnx.checker.check_model(checked.proto, full_check=True)


def test_what_the_model_computes_stays_the_same() -> None:
    checked = check_edit(CHAIN, duplicating("node:a", "node:b", "node:y"))
    feed = {"x": [1, -2, 3], "c": True}
    assert [o.tolist() for o in outputs_of(checked.proto, feed)] == [
        o.tolist() for o in outputs_of(onnx.parser.parse_model(CHAIN), feed)
    ]


def test_bodies_are_copied_with_their_own_initializers() -> None:
    checked = check_edit(CHAIN, duplicating("node:b", "node:y"))
    copy = checked.proto.graph.node[-1]
    then = next(a.g for a in copy.attribute if a.name == "then_branch")
    assert [i.name for i in then.initializer] == ["v"]
    assert list(then.node[0].input) == ["b_copy"]


def test_without_its_inputs_a_copy_keeps_the_initializers_only() -> None:
    checked = check_edit(CHAIN, duplicating("node:b", keep_inputs=False))
    assert wires(checked)[2] == (["", "w"], ["b_copy"])


def test_a_second_copy_gets_a_number() -> None:
    edits = [duplicating("node:a", suffix="_two"), duplicating("node:a", suffix="_two")]
    checked = check_edit(CHAIN, {"kind": "batch", "edits": edits})
    assert sorted(node.name for node in checked.proto.graph.node if node.op_type == "Relu") == [
        "first",
        "first_two",
        "first_two_2",
    ]


def test_nodes_of_a_body_are_copied_there_and_those_of_a_chosen_owner_only_with_it() -> None:
    inside = "node:q@y.then_branch"
    then = next(a.g for a in check_edit(CHAIN, duplicating(inside)).proto.graph.node[-1].attribute if a.name[0] == "t")
    assert [list(node.output) for node in then.node] == [["q"], ["q_copy"], ["p"]]
    both = check_edit(CHAIN, duplicating(inside, "node:y"))
    original, copy = both.proto.graph.node[-2:]
    assert [len(next(a.g for a in n.attribute if a.name[0] == "t").node) for n in (original, copy)] == [2, 2]


def test_a_declared_type_goes_along() -> None:
    checked = check_edit(CHAIN, duplicating("node:a"))
    assert "a_copy" in [info.name for info in checked.proto.graph.value_info]


def test_a_body_that_hands_out_what_is_to_be_left_open_is_refused() -> None:
    check_rejected(HANDED_OUT, duplicating("node:y", keep_inputs=False), says="hands out")
    check_edit(HANDED_OUT, duplicating("node:y"))
