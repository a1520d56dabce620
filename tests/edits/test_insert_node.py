"""Tests of insert-node."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from tests.laws import HEADER, check_edit, check_rejected, document_of, model_file, name_of

CHAIN = "g (float[1,3] x) => (float[1,3] y) { a = Relu(x)\n y = Neg(a) }"
FORK = "g (float[3] x) => (float[3] y, float[3] z) { a = Relu(x)\n y = Neg(a)\n z = Abs(a) }"
CAPTURE = """g (bool c, float[3] x) => (float[3] y) {
  a = Relu(x)
  y = If (c) <then_branch = t () => (float[3] p) { p = Abs(a) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
}"""


def insert(value: str, op_type: str = "Sigmoid", **more: Any) -> dict[str, Any]:
    return {"kind": "insert-node", "op_type": op_type, "domain": "", "value": value, **more}


def wires(graph: onnx.GraphProto) -> list[str]:
    return [f"{','.join(n.output)} = {n.op_type}({','.join(n.input)})" for n in graph.node]


def test_it_stands_on_the_wire_right_behind_its_producer() -> None:
    checked = check_edit(CHAIN, insert("value:a"))
    assert wires(checked.proto.graph) == ["a = Relu(x)", "a_Sigmoid = Sigmoid(a)", "y = Neg(a_Sigmoid)"]
    assert checked.applied.created == ["value:a_Sigmoid", "node:a_Sigmoid"]
    assert checked.applied.title == "Inserted Sigmoid after a"


def test_every_consumer_reads_it_unless_some_are_named() -> None:
    assert wires(check_edit(FORK, insert("value:a")).proto.graph)[2:] == ["y = Neg(a_Sigmoid)", "z = Abs(a_Sigmoid)"]
    some = check_edit(FORK, insert("value:a", consumers=["node:z"])).proto.graph
    assert wires(some)[2:] == ["y = Neg(a)", "z = Abs(a_Sigmoid)"]


def test_one_slot_of_a_consumer_can_be_named() -> None:
    model = "g (float[3] x) => (float[3] y) { y = Mul(x, x) }"
    checked = check_edit(model, insert("value:x", consumers=[{"node": "node:y", "slot": 1}]))
    assert wires(checked.proto.graph) == ["x_Sigmoid = Sigmoid(x)", "y = Mul(x,x_Sigmoid)"]


def test_a_graph_output_keeps_its_name_and_its_maker_makes_a_new_value() -> None:
    checked = check_edit(CHAIN, insert("value:y"))
    assert wires(checked.proto.graph)[1:] == ["y_Sigmoid = Neg(a)", "y = Sigmoid(y_Sigmoid)"]
    assert checked.document.graph("graph:").outputs == ("value:y",)


def test_a_graph_output_that_is_also_read_goes_through_the_node_for_all() -> None:
    model = "g (float[3] x) => (float[3] a, float[3] y) { a = Relu(x)\n y = Neg(a) }"
    assert wires(check_edit(model, insert("value:a")).proto.graph) == [
        "a_Sigmoid = Relu(x)",
        "a = Sigmoid(a_Sigmoid)",
        "y = Neg(a)",
    ]


def test_named_consumers_leave_a_graph_output_as_it_is() -> None:
    model = "g (float[3] x) => (float[3] a, float[3] y) { a = Relu(x)\n y = Neg(a) }"
    checked = check_edit(model, insert("value:a", consumers=["node:y"]))
    assert wires(checked.proto.graph) == ["a = Relu(x)", "a_Sigmoid = Sigmoid(a)", "y = Neg(a_Sigmoid)"]


def test_the_graph_as_consumer_means_its_output_alone() -> None:
    model = "g (float[3] x) => (float[3] a, float[3] y) { a = Relu(x)\n y = Neg(a) }"
    checked = check_edit(model, insert("value:a", consumers=["graph:"]))
    assert wires(checked.proto.graph) == ["a_Sigmoid = Relu(x)", "a = Sigmoid(a_Sigmoid)", "y = Neg(a_Sigmoid)"]


def test_the_first_input_of_the_graph_can_get_a_node() -> None:
    assert wires(check_edit(CHAIN, insert("value:x")).proto.graph)[:2] == [
        "x_Sigmoid = Sigmoid(x)",
        "a = Relu(x_Sigmoid)",
    ]


def test_a_graph_input_that_is_an_output_too_cannot_hand_its_name_on() -> None:
    model = "g (float[3] x) => (float[3] x) { }"
    assert check_rejected(model, insert("value:x"), says="its name cannot go to the new node").hint


def test_an_initializer_that_is_an_output_hands_its_tensor_on() -> None:
    model = "g (float[3] x) => (float[3] w, float[3] y) <float[3] w = {1, 2, 3}> { y = Neg(x) }"
    graph = check_edit(model, insert("value:w")).proto.graph
    assert graph.initializer[0].name == "w_Sigmoid"
    assert "w = Sigmoid(w_Sigmoid)" in wires(graph)


def test_a_reader_inside_a_body_follows() -> None:
    graph = check_edit(CAPTURE, insert("value:a")).proto.graph
    assert wires(graph)[:2] == ["a = Relu(x)", "a_Sigmoid = Sigmoid(a)"]
    assert graph.node[2].attribute[0].g.node[0].input[0] == "a_Sigmoid"


def test_an_input_read_only_in_bodies_gets_its_node_before_the_node_with_the_body() -> None:
    model = """g (bool c, float[3] x) => (float[3] z) {
      y = If (c) <then_branch = t () => (float[3] p) { p = Abs(x) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
      z = Relu(y)
    }"""
    graph = check_edit(model, insert("value:x")).proto.graph
    assert [n.op_type for n in graph.node] == ["Sigmoid", "If", "Relu"]


def test_a_node_can_be_inserted_inside_a_body() -> None:
    graph = check_edit(CAPTURE, insert("value:p@y.then_branch")).proto.graph
    body = graph.node[1].attribute[0].g
    assert wires(body) == ["p_Sigmoid = Abs(a)", "p = Sigmoid(p_Sigmoid)"]


def test_on_a_wire_from_outside_it_can_stand_in_the_body_that_reads_it() -> None:
    graph = check_edit(CAPTURE, insert("value:a", graph="graph:node:y.then_branch")).proto.graph
    assert wires(graph)[:1] == ["a = Relu(x)"]
    assert len(graph.node) == 2
    assert wires(graph.node[1].attribute[0].g) == ["a_Sigmoid = Sigmoid(a)", "p = Abs(a_Sigmoid)"]


def test_in_a_body_only_what_reads_the_value_there_reads_the_node() -> None:
    model = CAPTURE.replace("a = Relu(x)", "a = Relu(x)\n w = Abs(a)")
    graph = check_edit(model, insert("value:x", graph="graph:node:y.else_branch")).proto.graph
    assert wires(graph)[:2] == ["a = Relu(x)", "w = Abs(a)"]
    assert wires(graph.node[2].attribute[1].g) == ["x_Sigmoid = Sigmoid(x)", "r = Neg(x_Sigmoid)"]


@pytest.mark.parametrize(
    ("value", "body", "more"),
    [
        ("value:x", "graph:node:y.else_branch", {"consumers": ["node:a"]}),  # a consumer that is not in there
        ("value:y", "graph:node:y.then_branch", {}),  # nothing in there reads it
        ("value:p@y.then_branch", "graph:", {}),  # a body's value is not seen from outside
    ],
)
def test_a_body_that_cannot_hold_it_is_refused(value: str, body: str, more: dict[str, Any]) -> None:
    check_rejected(CAPTURE, insert(value, graph=body, **more))


def test_further_inputs_come_from_anywhere_upstream() -> None:
    model = "g (float[3] x, float[3] k) => (float[3] y) { a = Relu(x)\n b = Neg(k)\n y = Abs(a) }"
    checked = check_edit(model, insert("value:a", "Add", extra_inputs=["value:b"]))
    assert wires(checked.proto.graph)[2:] == ["a_Add = Add(a,b)", "y = Abs(a_Add)"]


def test_nodes_are_sorted_when_a_further_input_comes_late_in_the_file() -> None:
    model = "g (float[3] x, float[3] k) => (float[3] y) { a = Relu(x)\n y = Abs(a)\n b = Neg(k) }"
    checked = check_edit(model, insert("value:a", "Add", extra_inputs=["value:b"]))
    assert wires(checked.proto.graph) == ["a = Relu(x)", "b = Neg(k)", "a_Add = Add(a,b)", "y = Abs(a_Add)"]


def test_a_cycle_is_refused() -> None:
    check_rejected(CHAIN, insert("value:a", "Add", extra_inputs=["value:y"]), says="cycle")


def test_a_cycle_over_a_body_is_refused() -> None:
    check_rejected(CAPTURE, insert("value:a", "Add", extra_inputs=["value:y"]), says="cycle")


def test_a_node_before_a_body_s_output_cannot_read_what_its_holder_makes() -> None:
    check_rejected(CAPTURE, insert("value:p@y.then_branch", "Add", extra_inputs=["value:y"]), says="cycle")


def test_readers_move_behind_what_a_further_input_comes_from() -> None:
    model = "g (float[3] x) => (float[3] y, float[3] z) { a = Relu(x)\n y = Neg(a)\n z = Sin(x) }"
    graph = check_edit(model, insert("value:a", "Add", extra_inputs=["value:z"])).proto.graph
    assert wires(graph) == ["a = Relu(x)", "z = Sin(x)", "a_Add = Add(a,z)", "y = Neg(a_Add)"]


def test_a_function_cannot_come_to_call_itself() -> None:
    model = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]> g (float[3] x) => (float[3] y) { y = my.twice(x) }
        <domain: "my", opset_import: ["" : 21]> twice (i) => (o) { h = Add(i, i)
          o = Relu(h) }"""
    check_rejected(model, {**insert("value:h@my::twice:", "twice"), "domain": "my"}, says="would call itself")


def test_a_value_of_a_body_cannot_be_a_further_input_outside() -> None:
    edit = insert("value:a", "Add", extra_inputs=["value:p@y.then_branch"])
    assert check_rejected(CAPTURE, edit, "wrong-parameters").fields


def test_missing_inputs_are_a_wrong_field() -> None:
    error = check_rejected(CHAIN, insert("value:a", "Add"), "wrong-parameters")
    assert error.fields == {"extra_inputs": "Add also needs B"}


def test_too_many_inputs_are_a_wrong_field() -> None:
    error = check_rejected(CHAIN, insert("value:a", extra_inputs=["value:x"]), "wrong-parameters")
    assert error.fields == {"extra_inputs": "Sigmoid takes at most 1 inputs, with the value"}


def test_a_missing_attribute_is_a_wrong_field() -> None:
    error = check_rejected(CHAIN, insert("value:a", "Cast"), "wrong-parameters")
    assert error.fields == {"attributes": "to is needed"}


def test_attributes_take_their_types_from_the_operator() -> None:
    node = check_edit(CHAIN, insert("value:a", "LeakyRelu", attributes={"alpha": 1})).proto.graph.node[1]
    assert (node.attribute[0].type, node.attribute[0].f) == (onnx.AttributeProto.FLOAT, 1.0)


def test_an_operator_that_does_not_exist_is_refused_with_its_neighbour() -> None:
    assert (
        check_rejected(CHAIN, insert("value:a", "Sigmoit"), says="no operator Sigmoit").hint == "did you mean Sigmoid?"
    )


def test_an_operator_of_a_later_opset_is_refused() -> None:
    error = check_rejected('<ir_version: 8, opset_import: ["" : 13]>' + CHAIN, insert("value:a", "Gelu"))
    assert error.message == "Gelu is not in opset 13 of ai.onnx"


def test_an_unknown_domain_is_imported_in_the_same_edit() -> None:
    checked = check_edit(CHAIN, {**insert("value:a", "Magic"), "domain": "my.domain", "attributes": {"power": 3}})
    assert [(o.domain, o.version) for o in checked.proto.opset_import] == [("", 21), ("my.domain", 1)]
    assert checked.proto.graph.node[1].domain == "my.domain"
    assert checked.applied.title == "Inserted Magic after a and imported my.domain 1"


def test_the_other_name_of_the_standard_domain_is_the_same_domain() -> None:
    checked = check_edit(CHAIN, {**insert("value:a"), "domain": "ai.onnx"})
    assert len(checked.proto.opset_import) == 1


def test_a_node_that_must_have_more_outputs_gets_them() -> None:
    model = "g (float[1,3] x) => (float[1,3] y) <int64[1] k = {2}> { a = Relu(x)\n y = Neg(a) }"
    node = check_edit(model, insert("value:a", "TopK", extra_inputs=["value:k"])).proto.graph.node[1]
    assert list(node.output) == ["a_TopK", "a_TopK_Indices"]


def test_a_taken_name_gets_a_number() -> None:
    model = "g (float[3] x) => (float[3] y) { a = Relu(x)\n a_Sigmoid = Abs(a)\n y = Neg(a_Sigmoid) }"
    assert wires(check_edit(model, insert("value:a")).proto.graph)[1] == "a_Sigmoid_2 = Sigmoid(a)"


def test_a_value_that_nothing_reads_is_refused() -> None:
    model = "g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Neg(x) }"
    check_rejected(model, insert("value:a"), says="nothing reads a")


def test_a_consumer_that_does_not_read_the_value_is_refused() -> None:
    check_rejected(FORK, insert("value:x", consumers=["node:z"]), says="does not read x")


@pytest.mark.parametrize(
    ("op_type", "attributes", "declared"),
    [
        ("Relu", {}, ("FLOAT", [1, 3])),
        ("Cast", {"to": 10}, ("FLOAT16", [1, 3])),
        ("Transpose", {"perm": [1, 0]}, ("FLOAT", [3, 1])),
        ("IsNaN", {}, ("BOOL", [1, 3])),
        ("Shape", {}, ("INT64", None)),
        ("Flatten", {}, ("FLOAT", None)),
    ],
)
def test_the_declared_type_of_an_output_is_corrected_where_it_would_be_wrong(
    op_type: str, attributes: dict[str, Any], declared: tuple[str, list[int] | None]
) -> None:
    output = check_edit(CHAIN, insert("value:y", op_type, attributes=attributes)).proto.graph.output[0].type.tensor_type
    shape = [d.dim_value for d in output.shape.dim] if output.HasField("shape") else None
    assert (onnx.TensorProto.DataType.Name(output.elem_type), shape) == declared


def test_value_info_behind_a_change_of_type_is_dropped() -> None:
    model = onnx.parser.parse_model(HEADER + CHAIN.replace("=> (float[1,3] y) {", "=> (float[1,3] y) <float[1,3] a> {"))
    assert len(model.graph.value_info) == 1
    assert len(check_edit(model, insert("value:x", "Relu")).proto.graph.value_info) == 1
    assert len(check_edit(model, insert("value:x", "Cast", attributes={"to": 10})).proto.graph.value_info) == 0


def test_a_replay_finds_the_same_ids_and_names_after_an_undo_in_between() -> None:
    path = model_file(CHAIN)
    document = open_model(path)
    first = apply_edit(document, parse_edit(insert("value:a")))
    second = apply_edit(document, parse_edit(insert("value:a")))
    # undoing the first alone conflicts; undo both, then redo what the second one did on the bare model
    document.apply(second.delta.inverse())
    document.apply(first.delta.inverse())
    third = apply_edit(document, parse_edit(insert("value:a")))
    assert third.created != first.created
    assert model_bytes(document) == model_bytes_after(path, third.created)


def model_bytes_after(path: Any, creates: list[str]) -> bytes:
    document = open_model(path)
    apply_edit(document, parse_edit(insert("value:a")), creates)
    return model_bytes(document)


def test_ids_to_create_must_be_free() -> None:
    document = document_of(CHAIN)
    with pytest.raises(Exception, match="exists already"):
        apply_edit(document, parse_edit(insert("value:a")), ["value:x"])
    assert name_of(document, "value:x") == "x"


def test_an_identity_of_a_sequence_is_refused_where_the_opset_has_none() -> None:
    model = """<ir_version: 7, opset_import: ["" : 11]> g (float[3] x, int64 i) => (float[3] y) {
      s = SequenceConstruct(x, x)
      y = SequenceAt(s, i)
    }"""
    edit = insert("value:s", "Identity")
    assert "does not take seq(tensor(" in check_rejected(model, edit).message


def test_an_operator_that_takes_no_opaque_type_is_refused_on_one() -> None:
    model = onnx.parser.parse_model(f"{HEADER} g (float[3] x) => (float[3] y) {{ y = lab.Ponder (x) }}")
    model.opset_import.add(domain="lab", version=1)
    model.graph.input[0].type.opaque_type.name = "Secret"
    assert "does not take opaque(Secret)" in check_rejected(model, insert("value:x", "Identity")).message
    check_edit(model, {**insert("value:x", "Ponder"), "domain": "lab"})


def test_an_operator_that_is_another_one_in_the_models_opset_is_refused_inside_a_function() -> None:
    model = """<ir_version: 10, opset_import: ["" : 21, "c" : 1]> g (float[3] x) => (float[3] y) { y = c.F (x) }
      <domain: "c", opset_import: ["" : 17]> F (x) => (y) { t = Relu(x)
        y = Abs(t) }"""
    onnx.checker.check_model(onnx.parser.parse_model(model))
    error = check_rejected(model, insert("value:t@c::F:", "Identity"), says="Identity is another one in opset 17")
    assert "op_type" in (error.fields or {})
    onnx.checker.check_model(check_edit(model, insert("value:t@c::F:", "Neg")).proto)
