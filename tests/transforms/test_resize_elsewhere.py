"""Resize-inputs in bodies and functions, in models of old opsets, and behind what nothing infers."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from tests.laws import check_edit
from tests.transforms.resizing import dims, model, resize


def test_constants_in_a_body_are_mended() -> None:
    text = """g (float[1,2,3] x, bool c) => (float[1,6] y) {
      y = If (c) <
        then_branch = t () => (float[1,6] p) <int64[2] a = {1, 6}> { p = Reshape(x, a) },
        else_branch = e () => (float[1,6] q) <int64[2] b = {1, 6}> { n = Neg(x)
 q = Reshape(n, b) }>
    }"""
    checked = check_edit(text, resize(x=["N", 2, 3]))
    assert [m["operator"] for m in checked.applied.report["mended"]] == ["Reshape", "Reshape"]
    assert dims(checked.proto.graph.output[0]) == ["N", 6]


def test_a_state_of_a_loop_that_starts_as_zeros_gets_the_batch() -> None:
    text = """g (float[2,3] x, int64 n) => (float[2,3] y) {
      y = Loop (n, , zeros) <body = b (int64 i, bool c, float[2,3] s) => (bool d, float[2,3] t) {
        d = Identity(c)
        t = Add(s, x)
      }>
    }"""
    checked = check_edit(model(text, zeros=np.zeros((2, 3), "f4")), resize(x=[5, 3]))
    assert dims(checked.proto.graph.output[0]) == [5, 3]


def test_constants_in_a_function_are_mended_in_the_function() -> None:
    text = """<ir_version: 10, opset_import: ["" : 21, "local" : 1]>
    g (float[1,2,3] x) => (float[1,6] y) { y = local.flat(x) }
    <domain: "local", opset_import: ["" : 21]>
    flat (a) => (b) { s = Constant <value = int64[2] {1, 6}> ()
 b = Reshape(a, s) }"""
    checked = check_edit(onnx.parser.parse_model(text), resize(x=["N", 2, 3]))
    target = checked.proto.functions[0].node[0].attribute[0].t
    assert onnx.numpy_helper.to_array(target).tolist() == [0, 6]


def test_a_target_in_an_old_opset_is_an_attribute() -> None:
    proto = onnx.parser.parse_model(
        '<ir_version: 3, opset_import: ["" : 9]> g (float[1,8] x) => (float[1,5] y) {'
        "y = Slice <starts = [3], ends = [8], axes = [1]> (x) }"
    )
    checked = check_edit(proto, resize(x=[1, 12]))
    assert dims(checked.proto.graph.output[0]) == [1, 9]


def test_shapes_computed_by_nodes_that_nobody_needs_any_more_go() -> None:
    text = """g (float[1,2,3] x) => (float[1,6] y) {
      a = Unsqueeze(one, zero)
      s = Concat <axis = 0> (a, six)
      y = Reshape(x, s)
    }"""
    proto = model(text, one=np.array(1), zero=np.array([0]), six=np.array([6]))
    assert [n.op_type for n in check_edit(proto, resize(x=["N", 2, 3])).proto.graph.node] == ["Reshape"]


@pytest.mark.parametrize(
    ("shape", "output"),
    [([2, 4], [2, 4]), (["B", 4], ["B", 4]), (["N", "K"], ["N", "K"])],
    ids=["fixed", "named", "open"],
)
def test_an_output_behind_what_nothing_infers_keeps_a_shape(shape: list[int | str], output: list[int | str]) -> None:
    text = """g (float[N,4] x) => (float[N,4] y) <float s = {0.5}, uint8 z = {3}> {
      q = QuantizeLinear(x, s, z)
      c = com.microsoft.QLinearConcat <axis = 1> (s, z, q, s, z)
      y = DequantizeLinear(c, s, z)
    }"""
    before = onnx.parser.parse_model('<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>\n' + text)
    checked = check_edit(before, resize(x=shape))
    onnx.checker.check_model(checked.proto)
    found = checked.proto.graph.output[0]
    assert [d.dim_value if d.HasField("dim_value") else d.dim_param for d in found.type.tensor_type.shape.dim] == output


OLD = """<ir_version: 3, opset_import: ["" : OPSET]>
    g (float[1,2,4] x, int64[2] target) => (float[1,8] y, float[1,8] z) <int64[2] target = {1, 8}> { NODES }"""


def test_in_an_old_model_an_initializer_that_is_an_input_too_is_mended_where_it_is() -> None:
    text = OLD.replace("NODES", "y = Reshape(x, target)").replace(", float[1,8] z", "").replace("OPSET", "7")
    before = onnx.parser.parse_model(text)
    onnx.checker.check_model(before, full_check=True)
    after = check_edit(before, resize(x=[2, 2, 4])).proto
    onnx.checker.check_model(after, full_check=True)
    assert [i.name for i in after.graph.input] == ["x", "target"]
    assert [n.op_type for n in after.graph.node] == ["Reshape"]


@pytest.mark.parametrize(("opset", "made"), [("9", ["Constant"]), ("7", ["Constant", "Cast"])])
def test_a_constant_that_is_made_in_an_old_model_is_a_node_because_initializers_are_inputs_there(
    opset: str, made: list[str]
) -> None:
    text = OLD.replace("NODES", "y = Reshape(x, target)\n z = Reshape(y, target)").replace("OPSET", opset)
    before = onnx.parser.parse_model(text)
    onnx.checker.check_model(before, full_check=True)
    after = check_edit(before, resize(x=[2, 2, 4])).proto
    onnx.checker.check_model(after, full_check=True)
    assert [i.name for i in after.graph.input] == ["x", "target"]
    assert [n.op_type for n in after.graph.node][: len(made)] == made
