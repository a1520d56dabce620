"""Tests of connect."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.laws import check_edit, check_rejected, document_of

FORK = "g (float[3] x, float[3] k) => (float[3] y) { a = Relu(x)\n b = Neg(k)\n y = Add(a, k) }"
LATER = """g (float[3] x) => (float[3] y, float[3] z) {
  a = Relu(x)
  b = Neg(a)
  y = Abs(b)
  c = Sin(x)
  z = Cos(c)
}"""
CAPTURE = """g (bool c, float[3] x) => (float[3] y, float[3] z) {
  a = Relu(x)
  y = If (c) <then_branch = t () => (float[3] p) { p = Abs(a) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
  z = Sin(y)
}"""


def connect(node: str, slot: int, value: str) -> dict[str, Any]:
    return {"kind": "connect", "node": node, "slot": slot, "value": value}


def wires(graph: onnx.GraphProto) -> list[str]:
    return [f"{','.join(n.output)} = {n.op_type}({','.join(n.input)})" for n in graph.node]


def test_the_slot_reads_the_value() -> None:
    checked = check_edit(FORK, connect("node:y", 1, "value:b"))
    assert wires(checked.proto.graph)[2] == "y = Add(a,b)"
    assert checked.applied.title == "Connected b to input B of Add"


def test_what_is_connected_already_changes_nothing() -> None:
    assert check_edit(FORK, connect("node:y", 1, "value:k")).applied.delta.is_empty


def test_an_optional_slot_leaves_empty_ones_before_it() -> None:
    model = "g (float[3] x, float m) => (float[3] y) { y = Clip(x) }"
    assert wires(check_edit(model, connect("node:y", 2, "value:m")).proto.graph) == ["y = Clip(x,,m)"]


@pytest.mark.parametrize("slot", [2, 9])
def test_an_operator_of_any_number_of_inputs_gets_one_more(slot: int) -> None:
    model = "g (float[3] x, float[3] k) => (float[9] y) { y = Concat<axis = 0>(x, x) }"
    assert wires(check_edit(model, connect("node:y", slot, "value:k")).proto.graph) == ["y = Concat(x,x,k)"]


def test_a_custom_operator_gets_an_input_at_any_slot() -> None:
    model = '<ir_version: 10, opset_import: ["" : 21, "my" : 1]> g (float[3] x, float[3] k) => (float[3] y) { y = my.Op(x) }'
    assert wires(check_edit(model, connect("node:y", 1, "value:k")).proto.graph) == ["y = Op(x,k)"]
    assert wires(check_edit(model, connect("node:y", 3, "value:k")).proto.graph) == ["y = Op(x,,,k)"]
    error = check_rejected(model, connect("node:y", 60_000, "value:k"), "wrong-parameters")
    assert error.fields == {"slot": "is far behind the 1 inputs that the node has"}


def test_a_local_function_takes_as_many_inputs_as_it_has() -> None:
    model = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
        g (float[3] x, float[3] k) => (float[3] y) { y = my.two(x) }
        <domain: "my", opset_import: ["" : 21]> two (i, j) => (o) { o = Add(i, j) }"""
    checked = check_edit(model, connect("node:y", 1, "value:k"))
    assert wires(checked.proto.graph) == ["y = two(x,k)"]
    assert checked.applied.title == "Connected k to input j of two"
    check_rejected(model, connect("node:y", 2, "value:k"), "wrong-parameters")


def test_a_slot_that_the_operator_lacks_is_a_wrong_field() -> None:
    error = check_rejected(FORK, connect("node:a", 1, "value:k"), "wrong-parameters")
    assert error.fields == {"slot": "takes no input 1: Relu has 1, counted from 0"}


def test_a_node_moves_behind_what_it_reads_now_with_all_that_depends_on_it() -> None:
    graph = check_edit(LATER, connect("node:b", 0, "value:c")).proto.graph
    assert wires(graph) == ["a = Relu(x)", "c = Sin(x)", "b = Neg(c)", "y = Abs(b)", "z = Cos(c)"]


def test_what_makes_the_value_moves_where_that_is_less() -> None:
    model = """g (float[3] x) => (float[3] y, float[3] z) {
      a = Relu(x)
      b = Neg(a)
      y = Abs(b)
      z = Cos(x)
    }"""
    graph = check_edit(model, connect("node:a", 0, "value:z")).proto.graph
    assert wires(graph) == ["z = Cos(x)", "a = Relu(z)", "b = Neg(a)", "y = Abs(b)"]


def test_a_cycle_is_refused() -> None:
    assert "cycle" in check_rejected(LATER, connect("node:a", 0, "value:b")).message
    check_rejected(LATER, connect("node:a", 0, "value:a"), says="cycle")
    check_rejected(LATER, connect("node:a", 0, "value:y"), says="cycle")


def test_what_a_body_reads_and_makes_counts_in_a_cycle() -> None:
    check_rejected(CAPTURE, connect("node:a", 0, "value:y"), says="cycle")
    check_rejected(CAPTURE, connect("node:a", 0, "value:z"), says="cycle")
    check_rejected(CAPTURE, connect("node:p@y.then_branch", 0, "value:y"), says="cycle")
    check_rejected(CAPTURE, connect("node:p@y.then_branch", 0, "value:z"), says="cycle")


def test_a_body_that_hands_out_a_captured_value_counts_in_a_cycle() -> None:
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]>' + CAPTURE)
    body = model.graph.node[1].attribute[0].g
    del body.node[:]
    body.output[0].name = "a"
    check_rejected(model, connect("node:a", 0, "value:z"), says="cycle")


def test_a_node_in_a_body_reads_what_is_around_it_and_its_holder_moves() -> None:
    model = CAPTURE.replace("z = Sin(y)", "z = Sin(x)")
    graph = check_edit(model, connect("node:p@y.then_branch", 0, "value:z")).proto.graph
    assert [node.op_type for node in graph.node] == ["Relu", "Sin", "If"]
    assert graph.node[2].attribute[0].g.node[0].input[0] == "z"


def test_nothing_sees_into_a_body() -> None:
    error = check_rejected(CAPTURE, connect("node:z", 0, "value:p@y.then_branch"), says="cannot be seen")
    assert "body" in error.hint
    check_rejected(CAPTURE, connect("node:r@y.else_branch", 0, "value:p@y.then_branch"), says="cannot be seen")


def test_a_type_that_the_slot_does_not_take_is_refused() -> None:
    model = "g (float[3] x, bool[3] k) => (float[3] y) { y = Sqrt(x) }"
    error = check_rejected(model, connect("node:y", 0, "value:k"), says="Sqrt does not take bool")
    assert "Cast" in error.hint


def test_inputs_that_must_be_of_one_type_are_compared() -> None:
    model = "g (float[3] x, int64[3] k) => (float[3] y) { y = Add(x, x) }"
    error = check_rejected(model, connect("node:y", 1, "value:k"), says="needs B and A of one type")
    assert error.subjects == ("node:y", "value:k", "value:x")


def test_inputs_of_types_of_their_own_are_not() -> None:
    model = "g (float[3] x, int64[2] k) => (float[3] y) <int64[1] s = {3}> { y = Reshape(x, s) }"
    assert wires(check_edit(model, connect("node:y", 1, "value:k")).proto.graph) == ["y = Reshape(x,k)"]


def test_declared_types_that_may_be_wrong_now_are_dropped() -> None:
    model = """g (float[3] x, float[4] k) => (y) <float[3] a, float[3] b> { a = Relu(x)
      b = Neg(a)
      y = Abs(b) }"""
    infos = check_edit(model, connect("node:a", 0, "value:k")).proto.graph.value_info
    assert [info.name for info in infos] == []


def test_a_value_that_nothing_made_goes_when_nothing_reads_it_any_more() -> None:
    model = "g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Add(gone, x) }"
    checked = check_edit(model, connect("node:y", 0, "value:a"))
    assert not checked.document.has("value", "value:gone")


def test_a_type_that_was_inferred_counts_while_it_is_current() -> None:
    document = document_of("g (float[3] x, float[3] k) => (float[3] y) { a = Cast <to = 7> (x)\n y = Sqrt(k) }")
    document.inferred, document.types_current = {"value:a": ("int64", (3,))}, True
    with pytest.raises(AppError, match="does not take int64"):
        apply_edit(document, parse_edit(connect("node:y", 0, "value:a")))
    document.types_current = False
    assert not apply_edit(document, parse_edit(connect("node:y", 0, "value:a"))).delta.is_empty
