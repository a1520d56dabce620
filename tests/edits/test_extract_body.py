"""Tests of extract-body."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from tests.laws import Checked, check_edit, check_rejected
from tests.outputs import assert_computes_the_same, outputs_of

HEAD = '<ir_version: 10, opset_import: ["" : 21]>'
BRANCHES = (
    HEAD
    + """
g (float[3] x, bool c) => (float[3] y, float[3] z) <float[3] w = {1, 2, 3}> {
  a = Relu(x)
  y, z = If (c) <
    then_branch = t () => (float[3] p, float[3] w2) { q = Neg(a)
      p = If (c) <then_branch = tt () => (float[3] m) { m = Mul(q, w) },
                  else_branch = te () => (float[3] n) { n = Identity(x) }>
      w2 = Abs(w) },
    else_branch = e () => (float[3] r, float[3] v) <float[3] v = {4, 5, 6}> { r = Sub(a, v) }> }"""
)
LOOP = (
    HEAD
    + """
g (float[2] x) => (float[2] y, float[1,2] s, int64[1] i) <int64 one = {1}, bool yes = {1}> {
  y, s, i = Loop (one, yes, x) <body = b (int64 at, bool go, float[2] state) => (bool on, float[2] next, float[2] each, int64 it) {
    on = Not(go)
    next = Add(state, state)
    each = Neg(next)
    it = Identity(at) }> }"""
)


def extracting(node: str, **more: Any) -> dict[str, Any]:
    return {"kind": "extract-body", "node": node, **more}


def kinds(checked: Checked) -> list[str]:
    return [node.op_type for node in checked.proto.graph.node]


@pytest.mark.parametrize(("attribute", "condition"), [("then_branch", True), ("else_branch", False)])
def test_a_branch_takes_the_place_of_the_node_and_what_it_makes_keeps_its_names(
    attribute: str, condition: bool
) -> None:
    checked = check_edit(BRANCHES, extracting("node:y", attribute=attribute))
    assert "If" not in kinds(checked) or attribute == "then_branch"
    assert [o.name for o in checked.proto.graph.output] == ["y", "z"]
    onnx.checker.check_model(checked.proto, full_check=True)
    feed = {"x": [1, -2, 3], "c": condition}
    before, after = outputs_of(onnx.parser.parse_model(BRANCHES), feed), outputs_of(checked.proto, feed)
    assert [o.tolist() for o in before] == [o.tolist() for o in after]
    assert checked.applied.title == f"Put the {attribute} of If in its place"


def test_a_body_inside_the_branch_comes_along() -> None:
    checked = check_edit(BRANCHES, extracting("node:y", attribute="then_branch"))
    assert kinds(checked) == ["Relu", "Neg", "If", "Abs"]


def test_an_initializer_of_the_branch_moves_out_and_is_handed_out_by_an_identity() -> None:
    checked = check_edit(BRANCHES, extracting("node:y", attribute="else_branch"))
    assert [t.name for t in checked.proto.graph.initializer] == ["w", "v"]
    assert kinds(checked) == ["Relu", "Sub", "Identity"]


def test_a_branch_inside_a_branch_is_put_into_it() -> None:
    checked = check_edit(BRANCHES, extracting("node:p@y.then_branch", attribute="else_branch"))
    branch = next(a.g for n in checked.proto.graph.node for a in n.attribute if a.name == "then_branch")
    assert [node.op_type for node in branch.node] == ["Neg", "Identity", "Abs"]
    onnx.checker.check_model(checked.proto, full_check=True)


def test_a_constant_condition_chooses() -> None:
    text = BRANCHES.replace("{1, 2, 3}>", "{1, 2, 3}, bool k = {0}>").replace("If (c) <\n", "If (k) <\n")
    checked = check_edit(text, extracting("node:y"))
    assert kinds(checked) == ["Relu", "Sub", "Identity"]
    assert_computes_the_same(onnx.parser.parse_model(text), checked.proto)


def test_a_computed_condition_and_one_that_may_be_overridden_are_asked_about() -> None:
    error = check_rejected(BRANCHES, extracting("node:y"), "choice-needed", "only you can say")
    assert error.choices == [
        {"label": "Keep then_branch: 3 nodes", "attribute": "then_branch"},
        {"label": "Keep else_branch: 1 node", "attribute": "else_branch"},
    ]
    proto = onnx.parser.parse_model(BRANCHES)
    proto.graph.initializer.append(onnx.helper.make_tensor("c", onnx.TensorProto.BOOL, [], [True]))
    check_rejected(proto, extracting("node:y"), "choice-needed")


def test_names_that_other_bodies_have_are_not_hidden_from_them() -> None:
    text = (
        HEAD
        + """g (float[3] x, bool c) => (float[3] y, float[3] z) {
      y = If (c) <then_branch = t () => (float[3] p) { q = Neg(x)  p = Abs(q) },
                  else_branch = e () => (float[3] r) { r = Abs(x) }>
      z = If (c) <then_branch = t2 () => (float[3] p2) { q = Exp(x)  p2 = Abs(q) },
                  else_branch = e2 () => (float[3] r2) { r2 = Abs(x) }> }"""
    )
    checked = check_edit(text, extracting("node:y", attribute="then_branch"))
    assert [o for n in checked.proto.graph.node for o in n.output] == ["If/q", "y", "z"]
    onnx.checker.check_model(checked.proto, full_check=True)


def test_the_branch_of_an_if_in_a_function_makes_constants_of_its_initializers() -> None:
    text = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
    g (float[3] x, bool c) => (float[3] y) { y = my.f(x, c) }
    <domain: "my", opset_import: ["" : 21]> f (i, c) => (o) {
      o = If (c) <then_branch = t () => (float[3] p) <float[3] v = {4, 5, 6}> { p = Add(i, v) },
                  else_branch = e () => (float[3] q) { q = Neg(i) }> }"""
    checked = check_edit(text, extracting("node:o@my::f:", attribute="then_branch"))
    assert [node.op_type for node in checked.proto.functions[0].node] == ["Constant", "Add"]
    assert outputs_of(checked.proto, {"x": [1, 1, 1], "c": False})[0].tolist() == [5, 6, 7]


def test_a_loop_that_runs_once_gives_its_round_with_what_it_collects_stacked() -> None:
    checked = check_edit(LOOP, extracting("node:y"))
    onnx.checker.check_model(checked.proto, full_check=True)
    assert "Loop" not in kinds(checked)
    assert_computes_the_same(onnx.parser.parse_model(LOOP), checked.proto)
    older = LOOP.replace('"" : 21', '"" : 11')
    assert_computes_the_same(onnx.parser.parse_model(older), check_edit(older, extracting("node:y")).proto)


@pytest.mark.parametrize(
    ("was", "now"),
    [("int64 one = {1}", "int64 one = {2}"), ("bool yes = {1}", "bool yes = {0}"), ("Loop (one,", "Loop (,")],
)
def test_any_other_loop_is_refused(was: str, now: str) -> None:
    check_rejected(LOOP.replace(was, now), extracting("node:y"), says="may run any number of rounds")


def test_a_scan_and_a_node_without_a_body_are_refused() -> None:
    scan = (
        HEAD
        + """g (float[2] s, float[3,2] x) => (float[2] e, float[3,2] o) {
      e, o = Scan <num_scan_inputs = 1, body = b (float[2] a, float[2] i) => (float[2] n, float[2] k) {
        n = Add(a, i)  k = Identity(n) }> (s, x) }"""
    )
    check_rejected(scan, extracting("node:e"), says="is a Scan")
    check_rejected(BRANCHES, extracting("node:a"), says="holds no body")
    check_rejected(BRANCHES, extracting("node:y", attribute="body"), "wrong-parameters")
