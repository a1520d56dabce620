"""Tests of remove-branch."""

from __future__ import annotations

from typing import Any

import onnx

from tests.laws import check_edit, check_rejected

TREE = """g (float[3] x, float[3] k) => (float[3] y, float[3] z) <float[3] w = {1, 2, 3}, float[3] v = {4, 5, 6}> {
  a = Relu(x)
  b = Mul(a, w)
  c = Constant<value = float[3] {1, 1, 1}>()
  d = Add(b, c)
  y = Neg(d)
  e = Mul(k, v)
  z = Add(e, a)
}"""
JOIN = """g (float[3] x) => (float[3] y) {
  a = Relu(x)
  b = Sin(a)
  c = Cos(b)
  d = Tan(a)
  e = Add(c, d)
  y = Neg(e)
}"""
CAPTURE = """g (bool c, float[3] x) => (float[3] y, float[3] z) {
  a = Relu(x)
  b = Abs(a)
  y = If (c) <then_branch = t () => (float[3] p) { q = Abs(b)
    p = Sin(q) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
  z = Sin(x)
}"""


def remove(node: str, direction: str, outputs: str | None = None) -> dict[str, Any]:
    data = {"kind": "remove-branch", "node": node, "direction": direction}
    return data if outputs is None else {**data, "outputs": outputs}


def left(graph: onnx.GraphProto) -> list[str]:
    return [node.output[0] for node in graph.node]


def test_down_takes_all_that_only_the_node_feeds() -> None:
    checked = check_edit(TREE, remove("node:b", "down", "remove"))
    graph = checked.proto.graph
    assert left(graph) == ["a", "e", "z"]
    assert [output.name for output in graph.output] == ["z"]
    assert checked.applied.title == "Deleted Mul and 3 nodes that only it feeds, with 1 of the outputs"
    onnx.checker.check_model(checked.proto, full_check=True)


def test_constants_and_initializers_of_the_branch_go_with_it() -> None:
    graph = check_edit(TREE, remove("node:b", "down", "remove")).proto.graph
    assert "c" not in left(graph)
    assert [tensor.name for tensor in graph.initializer] == ["v"]


def test_down_stops_at_a_join_with_another_live_parent() -> None:
    checked = check_edit(JOIN, remove("node:b", "down"))
    assert left(checked.proto.graph) == ["a", "d", "e", "y"]
    assert list(checked.proto.graph.node[2].input) == ["c", "d"]
    assert checked.applied.title == "Deleted Sin and 1 node that only it feeds"


def test_a_join_of_two_arms_of_the_branch_belongs_to_it() -> None:
    assert left(check_edit(JOIN, remove("node:a", "down", "leave")).proto.graph) == []


def test_a_join_with_a_graph_input_ends_the_branch() -> None:
    model = "g (float[3] x) => (float[3] y) { a = Relu(x)\n b = Sin(a)\n y = Add(b, x) }"
    assert left(check_edit(model, remove("node:a", "down")).proto.graph) == ["y"]


def test_weights_that_are_inputs_too_are_no_live_parents() -> None:
    model = """<ir_version: 3, opset_import: ["" : 8]> g (float[3] x, float[3] w) => (float[3] y, float[3] z)
      <float[3] w = {1, 2, 3}> { a = Relu(x)
      b = Mul(a, w)
      y = Neg(b)
      z = Sin(x) }"""
    checked = check_edit(model, remove("node:a", "down", "remove"))
    assert left(checked.proto.graph) == ["z"]
    assert [value.name for value in checked.proto.graph.input] == ["x", "w"]


def test_up_takes_all_that_only_feeds_the_node() -> None:
    checked = check_edit(TREE, remove("node:z", "up", "remove"))
    assert left(checked.proto.graph) == ["a", "b", "c", "d", "y"]
    assert checked.applied.title == "Deleted Add and 1 node that only feeds it, with 1 of the outputs"
    assert [value.name for value in checked.proto.graph.input] == ["x", "k"]


def test_up_leaves_what_something_else_reads() -> None:
    checked = check_edit(JOIN, remove("node:c", "up"))
    assert left(checked.proto.graph) == ["a", "d", "e", "y"]


def test_up_leaves_what_is_a_graph_output() -> None:
    model = "g (float[3] x) => (float[3] a, float[3] y) { a = Relu(x)\n b = Sin(a)\n c = Cos(b)\n y = Neg(x) }"
    assert left(check_edit(model, remove("node:c", "up")).proto.graph) == ["a", "y"]


def test_lost_graph_outputs_are_asked_about() -> None:
    error = check_rejected(TREE, remove("node:b", "down"), "choice-needed", says="makes the graph output y")
    assert error.choices == [
        {"label": "Remove y from the outputs", "outputs": "remove"},
        {"label": "Leave y: nothing makes it then", "outputs": "leave"},
    ]


def test_outputs_that_are_left_keep_their_names() -> None:
    graph = check_edit(TREE, remove("node:b", "down", "leave")).proto.graph
    assert [output.name for output in graph.output] == ["y", "z"]
    assert left(graph) == ["a", "e", "z"]


def test_the_last_output_cannot_be_removed() -> None:
    error = check_rejected(JOIN, remove("node:a", "down"), "choice-needed")
    assert [choice["outputs"] for choice in error.choices or ()] == ["leave"]
    check_rejected(JOIN, remove("node:a", "down", "remove"), says="no output any more")


def test_a_body_reads_and_goes_with_the_node_that_holds_it() -> None:
    checked = check_edit(CAPTURE, remove("node:b", "down"))
    assert left(checked.proto.graph) == ["a", "y", "z"], "the If reads x and c too"
    up = check_edit(CAPTURE, remove("node:y", "up", "remove"))
    assert left(up.proto.graph) == ["z"]
    assert len(up.document.graph_ids()) == 1


def test_inside_a_body_its_outputs_can_only_be_left() -> None:
    node = "node:p@y.then_branch"
    error = check_rejected(CAPTURE, remove(node, "up"), "choice-needed")
    assert [choice["outputs"] for choice in error.choices or ()] == ["leave"]
    check_rejected(CAPTURE, remove(node, "up", "remove"), says="cannot be removed")
    body = check_edit(CAPTURE, remove(node, "up", "leave")).proto.graph.node[2].attribute[0].g
    assert (len(body.node), body.output[0].name) == (0, "p")


def test_what_chance_makes_is_alive() -> None:
    model = """g (float[3] x) => (float[3] y) { a = Relu(x)
      r = RandomNormal<shape = [3]>()
      b = Add(a, r)
      y = Neg(b) }"""
    assert left(check_edit(model, remove("node:a", "down")).proto.graph) == ["r", "b", "y"]
