"""Tests of remove-unused."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from tests.laws import HEADER, check_edit

DEAD = """g (float[3] x, float[3] k) => (float[3] y) <float[3] w = {1, 2, 3}, float[3] v = {4, 5, 6}, float[3] b> {
  a = Relu(x)
  b = Mul(k, w)
  c = Add(b, v)
  y = Mul(a, v)
}"""
BODIES = """g (bool c, float[3] x) => (float[3] y) {
  a = Relu(x)
  b = Neg(x)
  u = If (c) <then_branch = t () => (float[3] p) { p = Abs(b) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
  y = If (c) <then_branch = t2 () => (float[3] m) { m = Abs(a)
      n = Sin(m) }, else_branch = e2 () => (float[3] o) { o = Neg(x) }>
}"""
FUNCTIONS = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x) => (float[3] y) { y = my.outer(x) }
  <domain: "my", opset_import: ["" : 21, "my" : 1]> outer (i) => (o) { o = my.inner(i)
    h = Sin(i) }
  <domain: "my", opset_import: ["" : 21]> inner (i) => (o) { o = Relu(i) }
  <domain: "my", opset_import: ["" : 21, "my" : 1]> nobody (i) => (o) { h = my.inner(i)
    o = Neg(h) }"""


def unused(**more: Any) -> dict[str, Any]:
    return {"kind": "remove-unused", **more}


def made(graph: onnx.GraphProto | onnx.FunctionProto) -> list[str]:
    return [node.output[0] for node in graph.node]


def test_nodes_that_no_output_needs_go_with_their_tensors() -> None:
    checked = check_edit(DEAD, unused())
    graph = checked.proto.graph
    assert made(graph) == ["a", "y"]
    assert [tensor.name for tensor in graph.initializer] == ["v"]
    assert [value.name for value in graph.input] == ["x", "k"]
    assert len(graph.value_info) == 0
    assert checked.applied.title == "Removed unused: 2 nodes, 1 initializer"
    assert checked.applied.report == {
        "nodes": 2, "operators": {"Mul": 1, "Add": 1}, "initializers": 1, "bytes": 12, "inputs": 0, "functions": 0,
    }  # fmt: skip
    onnx.checker.check_model(checked.proto, full_check=True)


def test_initializers_can_stay() -> None:
    checked = check_edit(DEAD, unused(initializers=False))
    assert [tensor.name for tensor in checked.proto.graph.initializer] == ["w", "v"]


def test_what_a_needed_body_reads_is_needed() -> None:
    checked = check_edit(BODIES, unused())
    assert made(checked.proto.graph) == ["a", "y"]
    assert made(checked.proto.graph.node[1].attribute[0].g) == ["m"]
    assert checked.applied.report["nodes"] == 3


def test_a_node_with_one_output_in_use_stays_whole() -> None:
    model = "g (float[4] x) => (float[2] y) { y, z = Split<num_outputs = 2>(x) }"
    assert check_edit(model, unused()).applied.delta.is_empty


def test_a_node_without_outputs_stays_with_what_it_reads() -> None:
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21, "my" : 1]>' + DEAD)
    model.graph.node.add(op_type="Print", domain="my", input=["c"])
    assert check_edit(model, unused()).applied.delta.is_empty


def test_a_body_that_holds_a_node_without_outputs_stays() -> None:
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21, "my" : 1]>' + BODIES)
    model.graph.node[2].attribute[0].g.node.add(op_type="Print", domain="my", input=["p"])
    assert made(check_edit(model, unused()).proto.graph) == ["a", "b", "u", "y"]


def test_functions_are_cleaned_and_those_that_nothing_calls_go_when_asked() -> None:
    kept = check_edit(FUNCTIONS, unused()).proto.functions
    assert [made(function) for function in kept] == [["o"], ["o"], ["h", "o"]]
    checked = check_edit(FUNCTIONS, unused(functions=True))
    assert [function.name for function in checked.proto.functions] == ["outer", "inner"]
    assert checked.applied.title == "Removed unused: 1 node, 1 function"


def test_tensors_that_are_inputs_or_outputs_or_named_elsewhere_stay() -> None:
    model = onnx.parser.parse_model(HEADER + "g (float[3] x, float[3] w) => (float[3] y, float[3] v) { y = Relu(x) }")
    for name in ("w", "v", "scale", "nothing"):
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.zeros(3, np.float32), name))
    annotation = model.graph.quantization_annotation.add(tensor_name="x")
    annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="scale")
    left = check_edit(model, unused()).proto.graph.initializer
    assert [tensor.name for tensor in left] == ["w", "v", "scale"]


def test_inputs_that_nothing_reads_go_when_asked() -> None:
    model = DEAD.replace("(float[3] x, float[3] k)", "(float[3] x, float[3] k, float[3] u)")
    checked = check_edit(model, unused(inputs=True))
    assert [value.name for value in checked.proto.graph.input] == ["x"]
    assert checked.applied.title == "Removed unused: 2 nodes, 1 initializer, 2 inputs"


def test_an_input_that_is_an_output_too_stays() -> None:
    model = "g (float[3] x, float[3] k) => (float[3] y, float[3] k) { y = Relu(x) }"
    assert check_edit(model, unused(inputs=True)).applied.delta.is_empty


def test_an_input_goes_with_its_default() -> None:
    model = "g (float[3] x, float[3] w) => (float[3] y) <float[3] w = {1, 2, 3}> { y = Relu(x) }"
    graph = check_edit(model, unused(inputs=True)).proto.graph
    assert (len(graph.input), len(graph.initializer)) == (1, 0)


def test_a_model_without_anything_unused_stays_as_it_is() -> None:
    checked = check_edit("g (float[3] x) => (float[3] y) { y = Relu(x) }", unused())
    assert checked.applied.delta.is_empty
    assert checked.applied.title == "Removed nothing: all is used"
