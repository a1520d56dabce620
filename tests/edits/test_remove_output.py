"""Tests of remove-output."""

from __future__ import annotations

import onnx
import onnxruntime as ort
import pytest

from tests.laws import check_edit, check_rejected

MODEL = "g (float[3] x) => (float[3] y, float[3] a) <float[3] w = {1, 2, 3}> { a = Add(x, w)\n y = Neg(a) }"
BRANCHES = """g (bool c, float[3] x) => (float[3] y) {
  y, z = If (c) <
    then_branch = t () => (float[3] p, float[3] q) { q = Neg(x)
      p = Abs(q) },
    else_branch = e () => (float[3] r, float[3] s) { r = Neg(x)
      s = Identity(r) }>
}"""
LOOP = """g (int64 n, bool c, float[3] x) => (float[3] y) {
  y, all = Loop (n, c, x) <body = b (int64 i, bool k, float[3] v) => (bool k2, float[3] w, float[3] each) {
    k2 = Identity(k)
    w = Add(v, v)
    each = Neg(w) }>
}"""
SCAN = """g (float[3] s, float[5,3] x) => (float[3] y) {
  y, one, two = Scan <num_scan_inputs = 1, scan_output_axes = [0, 1], body = b (float[3] v, float[3] e) =>
    (float[3] w, float[3] m, float[3] n) { w = Add(v, e)
    m = Neg(e)
    n = Abs(e) }> (s, x)
}"""
FUNCTION = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x) => (float[3] y) { first, second = my.both(x)
    y = Neg(second) }
  <domain: "my", opset_import: ["" : 21]> both (i) => (o, p) { o = Add(i, i)
    p = Relu(o) }"""


def remove(value: str, **more: str) -> dict[str, str]:
    return {"kind": "remove-output", "value": value, **more}


def valid(proto: onnx.ModelProto) -> onnx.ModelProto:
    onnx.checker.check_model(proto, full_check=True)
    ort.InferenceSession(proto.SerializeToString())
    return proto


def test_the_value_stays_and_keeps_what_is_declared_about_it() -> None:
    checked = check_edit(MODEL, remove("value:a"))
    graph = valid(checked.proto).graph
    assert [o.name for o in graph.output] == ["y"]
    assert [v.name for v in graph.value_info] == ["a"]
    assert checked.applied.title == "Removed the output a"


def test_an_initializer_that_was_an_output_needs_no_declaration() -> None:
    model = MODEL.replace("float[3] a)", "float[3] w)")
    graph = valid(check_edit(model, remove("value:w")).proto).graph
    assert ([o.name for o in graph.output], len(graph.value_info)) == (["y"], 0)


def test_the_last_output_stays() -> None:
    model = MODEL.replace(", float[3] a)", ")")
    assert "another value" in check_rejected(model, remove("value:y"), says="only output").hint


def test_what_is_no_output_cannot_be_removed_from_them() -> None:
    check_rejected(MODEL.replace(", float[3] a)", ")"), remove("value:a"), says="a is no output")


def test_an_unread_output_of_an_if_goes_from_both_branches() -> None:
    graph = valid(check_edit(BRANCHES, remove("value:q@y.then_branch")).proto).graph
    assert list(graph.node[0].output) == ["y"]
    assert [[o.name for o in a.g.output] for a in graph.node[0].attribute] == [["p"], ["r"]]


def test_an_output_of_an_if_that_is_read_stays() -> None:
    error = check_rejected(BRANCHES, remove("value:p@y.then_branch"), says="hands it out as y")
    assert error.subjects == ("node:y", "value:y")


def test_a_scan_output_of_a_loop_goes_with_its_slot() -> None:
    node = valid(check_edit(LOOP, remove("value:each@y.body")).proto).graph.node[0]
    assert (list(node.output), [o.name for o in node.attribute[0].g.output]) == (["y"], ["k2", "w"])


@pytest.mark.parametrize("value", ["value:k2@y.body", "value:w@y.body"])
def test_what_a_loop_carries_on_stays(value: str) -> None:
    check_rejected(LOOP, remove(value), says="carries it from one round to the next")


def test_the_axes_of_a_scan_lose_their_place_too() -> None:
    node = valid(check_edit(SCAN, remove("value:m@y.body")).proto).graph.node[0]
    assert list(node.output) == ["y", "two"]
    assert [list(a.ints) for a in node.attribute if a.name == "scan_output_axes"] == [[1]]
    check_rejected(SCAN, remove("value:w@y.body"), says="carries it")


def test_a_custom_operator_says_itself_what_its_bodies_give() -> None:
    model = '<ir_version: 10, opset_import: ["" : 21, "my" : 1]>' + BRANCHES.replace("= If (c)", "= my.choose (c)")
    check_rejected(model, remove("value:q@y.then_branch"), says="says what its bodies give")


def test_an_output_of_a_function_goes_from_its_calls() -> None:
    proto = valid(check_edit(FUNCTION, remove("value:o@my::both:")).proto)
    assert (list(proto.functions[0].output), list(proto.graph.node[0].output)) == (["p"], ["second"])
    check_rejected(FUNCTION, remove("value:p@my::both:"), says="hands it out as second")


def test_a_body_may_hand_out_a_value_from_around_it() -> None:
    model = BRANCHES.replace("(float[3] p, float[3] q)", "(float[3] p, float[3] x)")
    valid(check_edit(model, remove("value:x")).proto)
    check_rejected(model, remove("value:x", graph="graph:"), "wrong-parameters", "does not list x")
