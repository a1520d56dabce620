"""Tests of remove-nodes."""

from __future__ import annotations

from typing import Any

import onnx

from onnx_scalpel.errors import AppError
from tests.laws import HEADER, check_edit, check_rejected

CHAIN = "g (float[3] x) => (float[3] y) { a = Relu(x)\n b = Abs(a)\n y = Neg(b) }"
WEIGHTED = "g (float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> { a = Add(w, x)\n y = Neg(a) }"
JOIN = "g (float[3] x, float[3] k) => (float[3] y) { a = Relu(x)\n b = Add(a, k)\n y = Neg(b) }"
BRANCHES = """g (bool c, float[3] x) => (float[3] z) {
  a = Relu(x)
  y = If (c) <then_branch = t () => (float[3] p) { q = Neg(a)
 p = Abs(q) }, else_branch = e () => (float[3] r) { r = Abs(a) }>
  z = Neg(y)
}"""


def remove(*nodes: str, reconnect: bool = True, **more: Any) -> dict[str, Any]:
    return {"kind": "remove-nodes", "nodes": list(nodes), "reconnect": reconnect, **more}


def wires(graph: onnx.GraphProto) -> list[str]:
    return [f"{','.join(n.output)} = {n.op_type}({','.join(n.input)})" for n in graph.node]


def test_readers_are_joined_to_what_flowed_through() -> None:
    checked = check_edit(CHAIN, remove("node:b"))
    assert wires(checked.proto.graph) == ["a = Relu(x)", "y = Neg(a)"]
    assert checked.applied.title == "Deleted Abs and reconnected"


def test_without_reconnecting_readers_are_left_with_inputs_that_nothing_makes() -> None:
    checked = check_edit(CHAIN, remove("node:b", reconnect=False))
    assert wires(checked.proto.graph) == ["a = Relu(x)", "y = Neg(b)"]
    assert checked.document.producer("value:b") is None


def test_values_that_nobody_knows_any_more_are_dropped() -> None:
    checked = check_edit(CHAIN, remove("node:a", "node:b", "node:y", reconnect=False))
    assert set(checked.document.value_ids()) == {"value:x", "value:y"}


def test_a_chain_goes_at_once() -> None:
    assert wires(check_edit(CHAIN, remove("node:b", "node:a")).proto.graph) == ["y = Neg(x)"]


def test_a_graph_output_keeps_its_name() -> None:
    checked = check_edit(CHAIN, remove("node:y"))
    assert wires(checked.proto.graph) == ["a = Relu(x)", "y = Abs(a)"]
    assert checked.document.graph("graph:").outputs == ("value:y",)


def test_what_also_reads_the_value_reads_it_under_the_name_of_the_output() -> None:
    model = "g (float[3] x) => (float[3] y, float[3] z) { a = Relu(x)\n y = Neg(a)\n z = Abs(a) }"
    assert wires(check_edit(model, remove("node:y")).proto.graph) == ["y = Relu(x)", "z = Abs(y)"]


def test_an_output_cannot_become_an_input() -> None:
    error = check_rejected("g (float[3] x) => (float[3] y) { y = Relu(x) }", remove("node:y"), says="which is an input")
    assert "Identity" in error.hint


def test_an_output_cannot_become_another_output() -> None:
    model = "g (float[3] x) => (float[3] a, float[3] y) { a = Relu(x)\n y = Neg(a) }"
    check_rejected(model, remove("node:y"), says="which is another output")


def test_initializers_do_not_flow_and_stay_when_nothing_reads_them() -> None:
    graph = check_edit(WEIGHTED, remove("node:a")).proto.graph
    assert wires(graph) == ["y = Neg(x)"]
    assert [t.name for t in graph.initializer] == ["w"]


def test_of_two_equal_inputs_a_person_chooses() -> None:
    error = check_rejected(JOIN, remove("node:b"), "choice-needed")
    assert error.status == 409
    assert error.choices == [
        {"label": "a", "through": {"node:b": "value:a"}},
        {"label": "k float32 3", "through": {"node:b": "value:k"}},
    ]


def test_long_names_to_choose_among_are_cut_where_they_can_be_told_apart() -> None:
    path = "/text_model/encoder/layers.11/self_attn/{}_proj/MatMul_output_0"
    q, k = path.format("query"), path.format("key")
    model = f'g (float[3] "{q}", float[3] "{k}") => (float[3] y) {{ b = Add("{q}", "{k}")\n y = Relu(b) }}'
    error = check_rejected(model, remove("node:b"), "choice-needed")
    labels = [choice["label"] for choice in error.choices or ()]
    assert ["query_proj" in label for label in labels] == [True, False]
    assert ["key_proj" in label for label in labels] == [False, True]


def test_the_choice_is_a_parameter() -> None:
    checked = check_edit(JOIN, remove("node:b", through={"node:b": "value:k"}))
    assert wires(checked.proto.graph) == ["a = Relu(x)", "y = Neg(k)"]


def test_an_answer_that_the_node_does_not_read_is_a_wrong_field() -> None:
    assert check_rejected(JOIN, remove("node:b", through={"node:b": "value:x"}), "wrong-parameters").fields
    assert check_rejected(JOIN, remove("node:b", through={"node:y": "value:b"}), "wrong-parameters").fields


def test_several_questions_are_asked_one_after_another() -> None:
    model = "g (float[3] x, float[3] k) => (float[3] y) { a = Add(x, k)\n b = Mul(a, k)\n y = Neg(b) }"
    edit = remove("node:a", "node:b")
    for _ in range(2):
        error = check_rejected(model, edit, "choice-needed")
        assert error.choices is not None
        edit = {**edit, "through": error.choices[0]["through"]}
    assert wires(check_edit(model, edit).proto.graph) == ["y = Neg(x)"]


def test_a_shape_that_is_computed_does_not_flow_through_a_reshape() -> None:
    model = "g (float[3] x, int64[1] s) => (float[3] y) { a = Identity(s)\n b = Reshape(x, a)\n y = Neg(b) }"
    assert wires(check_edit(model, remove("node:b")).proto.graph)[1] == "y = Neg(x)"


def test_declared_types_tell_inputs_apart() -> None:
    model = "g (float[3] x, float[1] k) => (float[3] y) <float[3] b> { b = Add(k, x)\n y = Neg(b) }"
    assert wires(check_edit(model, remove("node:b")).proto.graph) == ["y = Neg(x)"]


def test_all_outputs_of_a_split_become_its_input() -> None:
    model = "g (float[4] x) => (float[2] y, float[2] z) { a, b = Split<num_outputs = 2>(x)\n y = Neg(a)\n z = Abs(b) }"
    assert wires(check_edit(model, remove("node:a")).proto.graph) == ["y = Neg(x)", "z = Abs(x)"]


def test_an_output_of_another_type_has_nothing_that_flows_to_it() -> None:
    model = (
        "g (float[4] x) => (float[2] y, int64[2] z) <int64[1] k = {2}> { a, b = TopK(x, k)\n y = Neg(a)\n z = Abs(b) }"
    )
    check_rejected(model, remove("node:a"), says="like its output b")
    check_edit(model, remove("node:a", reconnect=False))


def test_a_node_with_bodies_goes_with_all_that_is_in_them() -> None:
    checked = check_edit(BRANCHES, remove("node:y", reconnect=False))
    assert checked.document.graph_ids() == ("graph:",)
    assert not any("@" in value for value in checked.document.value_ids())


def test_nothing_flows_through_an_if() -> None:
    check_rejected(BRANCHES, remove("node:y"), says="nothing flows through If")


def test_a_reader_inside_a_body_is_joined_too() -> None:
    graph = check_edit(BRANCHES, remove("node:a")).proto.graph
    assert [a.g.node[0].input[0] for a in graph.node[0].attribute] == ["x", "x"]


def test_a_node_inside_a_body_can_go() -> None:
    graph = check_edit(BRANCHES, remove("node:q@y.then_branch")).proto.graph
    assert wires(graph.node[1].attribute[0].g) == ["p = Abs(a)"]


def test_a_node_and_a_node_in_its_body_can_be_chosen_together() -> None:
    check_edit(BRANCHES, remove("node:y", "node:q@y.then_branch", reconnect=False))


def test_the_output_of_a_body_cannot_be_a_captured_value() -> None:
    check_rejected(BRANCHES, remove("node:r@y.else_branch"), says="made elsewhere")


def test_nodes_that_feed_each_other_are_refused() -> None:
    model = onnx.parser.parse_model(HEADER + CHAIN)
    model.graph.node[0].input[0] = "b"
    check_rejected(model, remove("node:a", "node:b"), says="feed each other")
    check_edit(model, remove("node:a", "node:b", reconnect=False))


def test_a_node_without_inputs_has_nothing_that_flows() -> None:
    model = "g () => (float[1] y) { a = Constant<value_float = 1.0>()\n y = Neg(a) }"
    check_rejected(model, remove("node:a"), says="nothing flows through Constant")


def test_value_info_behind_a_cast_is_dropped_with_it() -> None:
    model = """g (float[3] x) => (float[3] y) <float16[3] a, float16[3] b> {
      a = Cast<to = 10>(x)
      b = Relu(a)
      y = Cast<to = 1>(b)
    }"""
    assert len(check_edit(model, remove("node:a")).proto.graph.value_info) == 0
    assert len(check_edit(model, remove("node:b")).proto.graph.value_info) == 1


def test_a_name_that_repeats_does_no_harm() -> None:
    model = "g (float[3] x) => (float[3] y) { [n] a = Relu(x)\n [n] b = Relu(a)\n [n] y = Relu(b) }"
    assert wires(check_edit(model, remove("node:b")).proto.graph) == ["a = Relu(x)", "y = Relu(a)"]


def test_an_empty_list_is_a_wrong_field() -> None:
    error: AppError = check_rejected(CHAIN, remove(), "wrong-parameters")
    assert error.fields == {"nodes": "must name at least one"}
