"""Tests of replace-node."""

from __future__ import annotations

from typing import Any

import onnx

from tests.laws import HEADER, check_edit, check_rejected

CHAIN = "g (float[1,3] x) => (float[1,3] y) <float[1,3] a> { [one] a = Relu(x)\n [two] y = Neg(a) }"
BRANCHES = """g (bool c, float[3] x) => (float[3] y) {
  y = If (c) <then_branch = t () => (float[3] p) { q = Abs(x)
    p = If (c) <then_branch = tt () => (float[3] m) { m = Abs(q) }, else_branch = te () => (float[3] n) { n = Neg(x) }> },
  else_branch = e () => (float[3] r) { r = Neg(x) }> }"""
FUNCTION = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x) => (float[3] y) { y = LeakyRelu<alpha = 0.5>(x) }
  <domain: "my", opset_import: ["" : 21]> scaled <alpha> (i, j) => (o, p) { o = LeakyRelu<alpha: float = @alpha>(i)
    p = Neg(j) }"""


def swap(node: str, op_type: str, **attributes: Any) -> dict[str, Any]:
    return {"kind": "replace-node", "node": node, "op_type": op_type, "attributes": attributes}


def wires(graph: onnx.GraphProto) -> list[str]:
    return [f"{','.join(n.output)} = {n.op_type}({','.join(n.input)})" for n in graph.node]


def test_the_name_the_outputs_and_the_wires_stay() -> None:
    checked = check_edit(CHAIN, swap("node:a", "LeakyRelu", alpha=0.3))
    node = checked.proto.graph.node[0]
    assert wires(checked.proto.graph)[0] == "a = LeakyRelu(x)"
    assert (node.name, round(node.attribute[0].f, 6)) == ("one", 0.3)
    assert [change.id for change in checked.applied.delta.changes] == ["node:a"]
    assert checked.applied.title == "Replaced the Relu one by LeakyRelu"


def test_inputs_beyond_what_the_operator_takes_are_dropped() -> None:
    model = "g (float[3] x, float[3] k) => (float[3] y) { y = Add(x, k) }"
    assert wires(check_edit(model, swap("node:y", "Relu")).proto.graph) == ["y = Relu(x)"]


def test_inputs_that_it_needs_may_be_missing() -> None:
    assert wires(check_edit(CHAIN, swap("node:a", "Add")).proto.graph)[0] == "a = Add(x)"


def test_attributes_that_both_have_stay_and_others_go() -> None:
    model = """g (float[1,1,4,4] x) => (float[1,1,2,2] y)
      { y = MaxPool<kernel_shape = [2, 2], strides = [2, 2], storage_order = 0>(x) }"""
    checked = check_edit(model, swap("node:y", "AveragePool", count_include_pad=1))
    assert {a.name for a in checked.proto.graph.node[0].attribute} == {"kernel_shape", "strides", "count_include_pad"}


def test_an_attribute_of_another_type_does_not_stay() -> None:
    model = '<ir_version: 10, opset_import: ["" : 21, "my" : 1]> g (float[3] x) => (float[3] y) { y = my.Op<alpha = 1, b = 2>(x) }'
    assert len(check_edit(model, swap("node:y", "LeakyRelu")).proto.graph.node[0].attribute) == 0


def test_attributes_that_it_needs_are_asked_for() -> None:
    error = check_rejected(CHAIN, swap("node:a", "Cast"), "wrong-parameters")
    assert error.fields == {"attributes": "to is needed"}


def test_an_output_in_use_that_it_does_not_make_is_refused() -> None:
    model = "g (float[4] x) => (float[2] y, float[2] z) { y, z = Split<num_outputs = 2>(x) }"
    error = check_rejected(model, swap("node:y", "Relu"), says="Relu makes one output, and z is in use")
    assert error.subjects == ("node:y", "value:z")


def test_an_output_that_nothing_uses_goes() -> None:
    model = "g (float[3] x) => (float[3] y) { y, mask = Dropout(x) }"
    checked = check_edit(model, swap("node:y", "Identity"))
    assert wires(checked.proto.graph) == ["y = Identity(x)"]
    assert not checked.document.has("value", "value:mask")


def test_an_output_that_it_must_make_is_added() -> None:
    checked = check_edit(CHAIN, swap("node:a", "TopK"))
    assert wires(checked.proto.graph)[0] == "a,one_Indices = TopK(x)"
    assert checked.applied.created == ["value:one_Indices"]


def test_a_custom_operator_takes_everything_and_brings_its_domain() -> None:
    checked = check_edit(CHAIN, {**swap("node:a", "Ponder", deep=1), "domain": "lab"})
    assert (checked.proto.graph.node[0].domain, checked.proto.opset_import[1].domain) == ("lab", "lab")


def test_a_local_function_keeps_the_attributes_that_it_has() -> None:
    checked = check_edit(FUNCTION, {**swap("node:y", "scaled"), "domain": "my"})
    assert wires(checked.proto.graph) == ["y,scaled_p = scaled(x)"]
    assert [a.name for a in checked.proto.graph.node[0].attribute] == ["alpha"]
    check_rejected(FUNCTION, {**swap("node:o@my::scaled:", "scaled"), "domain": "my"}, says="would call itself")


def test_bodies_that_it_does_not_have_go() -> None:
    checked = check_edit(BRANCHES, swap("node:y", "Identity"))
    assert wires(checked.proto.graph) == ["y = Identity(c)"]
    assert checked.document.graph_ids() == ("graph:",)


def test_a_node_in_a_body_is_replaced() -> None:
    checked = check_edit(BRANCHES, swap("node:r@y.else_branch", "Abs"))
    assert checked.document.node("node:r@y.else_branch").op_type == "Abs"


def test_declared_types_stay_where_they_are_surely_true() -> None:
    model = "g (float[3] x, float[1] k) => (float[3] y) <float[3] a> { a = Add(x, k)\n y = Mul(a, k) }"
    for node in ("node:a", "node:y"):
        proto = check_edit(model, swap(node, "Sub")).proto
        assert proto.graph.value_info[0].type.tensor_type.shape.dim[0].dim_value == 3
        assert proto.graph.output[0].type.tensor_type.shape.dim[0].dim_value == 3


def test_declared_types_that_may_be_wrong_are_dropped() -> None:
    proto = check_edit(CHAIN, swap("node:a", "Transpose")).proto
    assert len(proto.graph.value_info) == 0


def test_the_type_of_a_graph_output_is_corrected_where_it_is_certain() -> None:
    equal = "g (float[3] x, float[3] k) => (float[3] y) { y = Add(x, k) }"
    tensor = check_edit(equal, swap("node:y", "Equal")).proto.graph.output[0].type.tensor_type
    assert (tensor.elem_type, tensor.HasField("shape")) == (onnx.TensorProto.BOOL, False)
    cast = "g (float[3] x) => (int64[3] y) { y = Cast<to = 7>(x) }"
    tensor = check_edit(cast, swap("node:y", "Relu")).proto.graph.output[0].type.tensor_type
    assert (tensor.elem_type, tensor.shape.dim[0].dim_value) == (onnx.TensorProto.FLOAT, 3)
    turned = "g (float[2,3] x) => (float[2,3] y) { y = Relu(x) }"
    dims = check_edit(turned, swap("node:y", "Transpose")).proto.graph.output[0].type.tensor_type.shape.dim
    assert [dim.dim_value for dim in dims] == [3, 2]


def test_the_same_operator_changes_nothing() -> None:
    assert check_edit(CHAIN, swap("node:a", "Relu")).applied.delta.is_empty


def test_metadata_stays_with_the_node() -> None:
    model = onnx.parser.parse_model(HEADER + CHAIN)
    model.graph.node[0].metadata_props.add(key="k", value="v")
    assert check_edit(model, swap("node:a", "Tanh")).proto.graph.node[0].metadata_props[0].value == "v"


def test_an_operator_that_does_not_exist_is_refused() -> None:
    check_rejected(CHAIN, swap("node:a", "Tanhh"), says="has no operator Tanhh")
