"""Tests of add-node."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from tests.laws import HEADER, check_edit, check_rejected

CHAIN = "g (float[1,3] x) => (float[1,3] y) { a = Relu(x)\n y = Neg(a) }"
CAPTURE = """g (bool c, float[3] x) => (float[3] y, float[3] z) {
  a = Relu(x)
  y = If (c) <then_branch = t () => (float[3] p) { p = Abs(a) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
  z = Sin(x)
}"""
FUNCTION = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x) => (float[3] y) { y = my.two(x) }
  <domain: "my", opset_import: ["" : 21]> two (i) => (o, p) { o = Relu(i)
    p = Neg(i) }
  <domain: "my", opset_import: ["" : 21, "my" : 1]> outer (i) => (o) { o, p = my.two(i) }"""


def add(op_type: str, *inputs: str, **more: Any) -> dict[str, Any]:
    return {"kind": "add-node", "op_type": op_type, "inputs": list(inputs), **more}


def wires(graph: onnx.GraphProto) -> list[str]:
    return [f"{','.join(n.output)} = {n.op_type}({','.join(n.input)})" for n in graph.node]


def test_it_stands_behind_what_it_reads() -> None:
    checked = check_edit(CHAIN, add("Sigmoid", "value:a"))
    assert wires(checked.proto.graph) == ["a = Relu(x)", "Sigmoid_Y = Sigmoid(a)", "y = Neg(a)"]
    assert checked.applied.created == ["value:Sigmoid_Y", "node:Sigmoid_Y"]
    assert checked.applied.title == "Added Sigmoid"
    onnx.checker.check_model(checked.proto, full_check=True)


def test_it_may_stand_unconnected() -> None:
    checked = check_edit(CHAIN, add("Conv", name="conv"))
    assert wires(checked.proto.graph)[2] == "conv_Y = Conv()"
    assert checked.node_called("conv_Y").inputs == ()


def test_empty_slots_stay_before_others_and_not_at_the_end() -> None:
    assert "Add_C = Add(,a)" in wires(check_edit(CHAIN, add("Add", "", "value:a", "", "")).proto.graph)


def test_the_operator_says_which_outputs_it_makes() -> None:
    assert "TopK_Values,TopK_Indices = TopK()" in wires(check_edit(CHAIN, add("TopK")).proto.graph)
    assert "p,TopK_Indices = TopK()" in wires(check_edit(CHAIN, add("TopK", outputs=["p"])).proto.graph)


def test_optional_outputs_are_made_when_they_are_named() -> None:
    model = CHAIN
    lstm = add("LSTM", outputs=["", "last"], attributes={"hidden_size": 4})
    assert ",last = LSTM()" in wires(check_edit(model, lstm).proto.graph)
    assert "Dropout_output = Dropout(x)" in wires(check_edit(model, add("Dropout", "value:x")).proto.graph)
    assert "d,m = Dropout(x)" in wires(check_edit(model, add("Dropout", "value:x", outputs=["d", "m"])).proto.graph)


def test_an_operator_of_any_number_of_outputs_makes_as_many_as_are_said() -> None:
    named = add("Split", "value:x", outputs=["l", "m", "r"], attributes={"num_outputs": 3})
    assert "l,m,r = Split(x)" in wires(check_edit(CHAIN, named).proto.graph)
    counted = check_edit(CHAIN, add("Split", "value:x", attributes={"num_outputs": 2}))
    assert "Split_output_0,Split_output_1 = Split(x)" in wires(counted.proto.graph)


def test_an_unknown_operator_is_added_with_its_domain() -> None:
    checked = check_edit(CHAIN, add("Ponder", "value:a", "value:x", domain="my.lab", outputs=["p", "q"]))
    assert "p,q = Ponder(a,x)" in wires(checked.proto.graph)
    assert [(o.domain, o.version) for o in checked.proto.opset_import] == [("", 21), ("my.lab", 1)]
    assert checked.applied.title == "Added Ponder and imported my.lab 1"
    alone = check_edit(CHAIN, add("Ponder", domain="my.lab"))
    assert "Ponder_output_0 = Ponder()" in wires(alone.proto.graph)


def test_an_operator_of_the_runtime_brings_its_domain() -> None:
    checked = check_edit(CHAIN, add("FusedMatMul", "value:a", "value:x", domain="com.microsoft"))
    assert "FusedMatMul_Y = FusedMatMul(a,x)" in wires(checked.proto.graph)
    assert checked.proto.opset_import[1].domain == "com.microsoft"


def test_a_local_function_is_called_with_its_outputs() -> None:
    checked = check_edit(FUNCTION, add("two", "value:x", domain="my"))
    assert "two_o,two_p = two(x)" in wires(checked.proto.graph)
    check_rejected(FUNCTION, add("two", "value:x", "value:x", domain="my"), "wrong-parameters")


def test_a_function_cannot_call_itself() -> None:
    check_rejected(FUNCTION, add("outer", domain="my", graph="graph:my::two:"), says="outer would call itself")
    check_rejected(FUNCTION, add("two", domain="my", graph="graph:my::two:"), says="two would call itself")
    check_edit(FUNCTION, add("two", domain="my", graph="graph:my::outer:"))


def test_it_can_be_added_to_a_body_and_to_a_function() -> None:
    body = "graph:node:y.then_branch"
    checked = check_edit(CAPTURE, add("Exp", "value:p@y.then_branch", graph=body))
    assert wires(checked.proto.graph.node[1].attribute[0].g) == ["p = Abs(a)", "Exp_output = Exp(p)"]
    assert checked.applied.title == "Added Exp to t"
    function = check_edit(FUNCTION, add("Exp", "value:o@my::two:", graph="graph:my::two:")).proto.functions[0]
    assert wires(function) == ["o = Relu(i)", "Exp_output = Exp(o)", "p = Neg(i)"]


def test_the_domain_is_imported_by_the_function_too() -> None:
    proto = check_edit(FUNCTION, add("Ponder", domain="lab", graph="graph:my::two:")).proto
    assert [o.domain for o in proto.functions[0].opset_import] == ["", "lab"]
    assert [o.domain for o in proto.opset_import] == ["", "my", "lab"]


def test_in_a_body_it_sees_what_is_around_and_the_holder_moves_behind_it() -> None:
    checked = check_edit(CAPTURE, add("Exp", "value:z", graph="graph:node:y.then_branch"))
    assert [node.op_type for node in checked.proto.graph.node] == ["Relu", "Sin", "If"]


def test_in_a_body_it_cannot_read_what_the_holder_makes() -> None:
    check_rejected(CAPTURE, add("Exp", "value:y", graph="graph:node:y.then_branch"), says="cycle")


def test_what_it_cannot_see_is_a_wrong_field() -> None:
    error = check_rejected(CAPTURE, add("Exp", "value:p@y.then_branch"), "wrong-parameters")
    assert error.fields == {"inputs": "item 1: p cannot be seen from the graph of the node"}


def test_more_inputs_than_the_operator_takes_are_a_wrong_field() -> None:
    error = check_rejected(CHAIN, add("Relu", "value:a", "value:x"), "wrong-parameters")
    assert error.fields == {"inputs": "Relu takes at most 1"}


def test_more_outputs_than_the_operator_makes_are_a_wrong_field() -> None:
    error = check_rejected(CHAIN, add("Relu", outputs=["p", "q"]), "wrong-parameters")
    assert error.fields == {"outputs": "Relu makes at most 1"}


def test_a_type_that_the_slot_does_not_take_is_refused() -> None:
    model = "g (int64[3] x, float[3] k) => (float[3] y) { y = Neg(k) }"
    check_rejected(model, add("Sqrt", "value:x"), says="Sqrt does not take int64")
    check_rejected(model, add("Mul", "value:x", "value:k"), says="of one type")


@pytest.mark.parametrize("names", [["y"], ["p", "p"]])
def test_names_of_outputs_must_be_free(names: list[str]) -> None:
    code = "wrong-parameters" if len(names) == 2 else "edit-rejected"
    check_rejected(CHAIN, add("TopK", outputs=names), code)


def test_an_operator_that_does_not_exist_is_refused() -> None:
    assert check_rejected(CHAIN, add("Rellu"), says="has no operator Rellu").hint == "did you mean Relu?"
    check_rejected(CHAIN, add("Upsample"), says="deprecated")


def test_attributes_that_the_operator_needs_are_asked_for() -> None:
    error = check_rejected(CHAIN, add("Concat", "value:a", "value:x"), "wrong-parameters")
    assert error.fields == {"attributes": "axis is needed"}


def test_a_name_may_be_empty_or_repeat() -> None:
    assert check_edit(CHAIN, add("Exp", name="")).proto.graph.node[2].name == ""


def test_a_second_one_gets_names_of_its_own() -> None:
    model = "g (float[3] x) => (float[3] Exp_output) { [Exp] Exp_output = Exp(x) }"
    checked = check_edit(model, add("Exp", "value:x"))
    assert [node.name for node in checked.proto.graph.node] == ["Exp", "Exp_2"]


def test_an_if_comes_with_branches_that_can_be_run() -> None:
    checked = check_edit(CAPTURE, add("If", "value:c", name="choice", outputs=["u", "v"]))
    node = next(n for n in checked.proto.graph.node if n.name == "choice")
    assert [[n.op_type for n in a.g.node] for a in node.attribute] == [["Constant"] * 2] * 2
    onnx.checker.check_model(checked.proto, full_check=True)


def test_a_loop_comes_with_a_body_that_passes_its_state_on() -> None:
    model = "g (int64 m, bool c, float[3] x) => (float[3] y) { y = Relu(x) }"
    checked = check_edit(model, add("Loop", "value:m", "value:c", "value:x", outputs=["u", "v"]))
    body = next(n for n in checked.proto.graph.node if n.op_type == "Loop").attribute[0].g
    assert [len(body.input), len(body.output), len(body.node)] == [3, 3, 3]
    onnx.checker.check_model(checked.proto, full_check=True)


@pytest.mark.parametrize("op_type", ["If", "Loop"])
def test_an_operator_with_bodies_can_be_added_unconnected_and_inside_a_body(op_type: str) -> None:
    check_edit(CHAIN, add(op_type))
    check_edit(CAPTURE, add(op_type, graph="graph:node:y.else_branch"))


def test_a_scan_comes_with_a_body() -> None:
    model = "g (float[3] x, float[2,3] s) => (float[3] y) { y = Relu(x) }"
    scan = add("Scan", "value:x", "value:s", outputs=["u", "v"], attributes={"num_scan_inputs": 1})
    onnx.checker.check_model(check_edit(model, scan).proto, full_check=True)


def test_a_standard_operator_is_named_as_every_tool_knows_it() -> None:
    model = onnx.parser.parse_model(HEADER + CHAIN)
    model.opset_import[0].domain = "ai.onnx"
    checked = check_edit(model, add("Sigmoid", "value:a", domain="ai.onnx"))
    assert [node.domain for node in checked.proto.graph.node] == ["", "", ""]
    onnx.checker.check_model(checked.proto)


def test_a_map_is_no_input_of_an_operator_of_tensors() -> None:
    model = onnx.parser.parse_model(HEADER + "g (float[3] x, seq(map(int64, float)) m) => (float[3] y) { y = Relu(x) }")
    edit = {"kind": "add-node", "op_type": "Identity", "inputs": ["value:m"]}
    assert "does not take" in check_rejected(model, edit).message
