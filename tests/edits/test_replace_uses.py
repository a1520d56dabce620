"""Tests of replace-uses."""

from __future__ import annotations

from typing import Any

import onnx

from tests.laws import check_edit, check_rejected

FORK = "g (float[3] x) => (float[3] y, float[3] z) { a = Relu(x)\n b = Sin(x)\n y = Neg(a)\n z = Add(a, b) }"
CAPTURE = """g (bool c, float[3] x) => (float[3] y) {
  a = Relu(x)
  b = Sin(x)
  y = If (c) <then_branch = t () => (float[3] p) { p = Abs(a) }, else_branch = e () => (float[3] r) { r = Neg(a) }>
}"""
OUTPUT = "g (float[3] x) => (float[3] y, float[3] z) { y = Relu(x)\n a = Sin(x)\n b = Neg(a)\n z = Abs(y) }"


def uses(value: str, other: str, *consumers: Any) -> dict[str, Any]:
    data = {"kind": "replace-uses", "value": value, "with": other}
    return {**data, "consumers": list(consumers)} if consumers else data


def wires(graph: onnx.GraphProto) -> list[str]:
    return [f"{','.join(n.output)} = {n.op_type}({','.join(n.input)})" for n in graph.node]


def test_everything_that_read_it_reads_the_other_value() -> None:
    checked = check_edit(FORK, uses("value:a", "value:b"))
    assert wires(checked.proto.graph)[2:] == ["y = Neg(b)", "z = Add(b,b)"]
    assert checked.applied.title == "Replaced a by b"


def test_some_consumers_can_be_named() -> None:
    assert wires(check_edit(FORK, uses("value:a", "value:x", "node:y")).proto.graph)[2:] == [
        "y = Neg(x)",
        "z = Add(a,b)",
    ]
    slot = {"node": "node:z", "slot": 1}
    assert wires(check_edit(FORK, uses("value:b", "value:x", slot)).proto.graph)[3] == "z = Add(a,x)"


def test_readers_in_bodies_follow() -> None:
    graph = check_edit(CAPTURE, uses("value:a", "value:b")).proto.graph
    assert [a.g.node[0].input[0] for a in graph.node[2].attribute] == ["b", "b"]


def test_a_graph_output_keeps_its_name_and_is_made_by_the_other_node() -> None:
    graph = check_edit(OUTPUT, uses("value:y", "value:b")).proto.graph
    assert wires(graph) == ["y_before = Relu(x)", "a = Sin(x)", "y = Neg(a)", "z = Abs(y)"]
    assert [output.name for output in graph.output] == ["y", "z"]


def test_the_graph_as_consumer_means_its_output_alone() -> None:
    graph = check_edit(OUTPUT, uses("value:y", "value:b", "graph:")).proto.graph
    assert wires(graph) == ["y_before = Relu(x)", "a = Sin(x)", "y = Neg(a)", "z = Abs(y_before)"]


def test_named_consumers_leave_a_graph_output_as_it_is() -> None:
    graph = check_edit(OUTPUT, uses("value:y", "value:b", "node:z")).proto.graph
    assert wires(graph) == ["y = Relu(x)", "a = Sin(x)", "b = Neg(a)", "z = Abs(b)"]


def test_what_is_computed_from_an_output_can_take_its_place() -> None:
    model = "g (float[3] x) => (float[3] y) { y = Relu(x)\n b = Neg(y) }"
    graph = check_edit(model, uses("value:y", "value:b", "graph:")).proto.graph
    assert wires(graph) == ["y_before = Relu(x)", "y = Neg(y_before)"]


def test_an_initializer_can_become_the_output() -> None:
    model = "g (float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> { y = Relu(x)\n b = Neg(w) }"
    graph = check_edit(model, uses("value:y", "value:w")).proto.graph
    assert wires(graph) == ["y_before = Relu(x)", "b = Neg(y)"]
    assert [tensor.name for tensor in graph.initializer] == ["y"]


def test_the_output_gets_the_type_of_the_other_value() -> None:
    model = "g (float[3] x) => (float[3] y) <int64[1] s> { y = Relu(x)\n s = Shape(x) }"
    output = check_edit(model, uses("value:y", "value:s")).proto.graph.output[0].type.tensor_type
    assert (output.elem_type, output.shape.dim[0].dim_value) == (onnx.TensorProto.INT64, 1)


def test_two_names_for_one_output_are_refused() -> None:
    check_rejected(OUTPUT, uses("value:y", "value:z", "graph:"), says="which is another output")
    check_rejected(OUTPUT, uses("value:y", "value:x"), says="which is an input")


def test_a_consumer_that_feeds_the_other_value_is_refused() -> None:
    model = "g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Abs(a) }"
    assert "consumers" not in check_rejected(model, uses("value:x", "value:a"), says="cycle").message
    fork = "g (float[3] x) => (float[3] y, float[3] z) { a = Relu(x)\n y = Abs(a)\n z = Neg(x) }"
    assert "name the consumers" in check_rejected(fork, uses("value:x", "value:a"), says="cycle").hint
    assert wires(check_edit(fork, uses("value:x", "value:a", "node:z")).proto.graph)[2] == "z = Neg(a)"


def test_readers_move_behind_what_makes_the_other_value() -> None:
    model = "g (float[3] x) => (float[3] y, float[3] z) { a = Relu(x)\n y = Neg(a)\n z = Sin(x)\n b = Cos(z) }"
    graph = check_edit(model, uses("value:a", "value:b")).proto.graph
    assert wires(graph) == ["a = Relu(x)", "z = Sin(x)", "b = Cos(z)", "y = Neg(b)"]


def test_a_reader_outside_a_body_cannot_read_what_is_inside() -> None:
    check_rejected(CAPTURE, uses("value:x", "value:p@y.then_branch"), says="cannot be seen")


def test_a_type_that_does_not_fit_is_refused() -> None:
    model = "g (float[3] x, bool[3] k) => (float[3] y) { y = Sqrt(x) }"
    check_rejected(model, uses("value:x", "value:k"), says="Sqrt does not take bool")
    both = "g (float[3] x, int64[3] k) => (float[3] y) { y = Add(x, x) }"
    assert wires(check_edit(both, uses("value:x", "value:k")).proto.graph) == ["y = Add(k,k)"]


def test_a_value_that_nothing_made_is_gone_when_nothing_reads_it() -> None:
    model = "g (float[3] x) => (float[3] y) { y = Add(gone, x) }"
    assert not check_edit(model, uses("value:gone", "value:x")).document.has("value", "value:gone")


def test_a_value_that_nothing_reads_has_no_uses() -> None:
    check_rejected(
        "g (float[3] x) => (float[3] y) { y = Neg(x)\n a = Sin(x) }", uses("value:a", "value:x"), says="nothing reads a"
    )
    check_rejected(FORK, uses("value:a", "value:a"), "wrong-parameters")


def test_the_parameter_is_called_with() -> None:
    error = check_rejected(FORK, {"kind": "replace-uses", "value": "value:a", "with": "value:none"}, "no-such-value")
    assert error.subjects == ("value:none",)


def test_a_slot_that_reads_something_else_is_refused() -> None:
    slot = {"node": "node:z", "slot": 1}
    check_rejected(FORK, uses("value:a", "value:x", slot), says="consumer 1 does not read a")
    check_rejected(FORK, uses("value:a", "value:x", {"node": "node:none", "slot": 0}), "no-such-node")
