"""Tests of rename-node."""

from __future__ import annotations

from tests.laws import check_edit, check_rejected

MODEL = "g (float[3] x) => (float[3] y) { [first] a = Relu(x)\n [second] y = Neg(a) }"


def rename(node: str, name: str) -> dict[str, str]:
    return {"kind": "rename-node", "node": node, "name": name}


def test_a_node_gets_the_name() -> None:
    checked = check_edit(MODEL, rename("node:a", "stem"))
    assert checked.proto.graph.node[0].name == "stem"
    assert checked.applied.title == "Renamed first to stem"


def test_a_name_that_another_node_has_is_legal() -> None:
    names = [n.name for n in check_edit(MODEL, rename("node:a", "second")).proto.graph.node]
    assert names == ["second", "second"]


def test_an_empty_name_is_legal() -> None:
    checked = check_edit(MODEL, rename("node:a", ""))
    assert checked.proto.graph.node[0].name == ""
    assert checked.applied.title == "Took the name of first away"


def test_a_node_in_a_body_can_be_renamed() -> None:
    model = """g (bool c, float[3] x) => (float[3] y) {
      y = If (c) <then_branch = t () => (float[3] p) { p = Abs(x) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
    }"""
    graph = check_edit(model, rename("node:p@y.then_branch", "magnitude")).proto.graph
    assert graph.node[0].attribute[0].g.node[0].name == "magnitude"


def test_an_unknown_node_is_not_found() -> None:
    assert check_rejected(MODEL, rename("node:nothing", "b"), "no-such-node").status == 404
