"""Tests of constant-to-initializer."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from tests.laws import check_edit, check_rejected
from tests.outputs import assert_computes_the_same, outputs_of

MODEL = """<ir_version: 10, opset_import: ["" : 21]>
g (float[3] x, bool c) => (float[3] y) {
  k = Constant <value = float[3] {1, 2, 3}> ()
  m = Constant <value_float = 2.0> ()
  a = Mul(x, k)
  b = Mul(a, m)
  y = If (c) <then_branch = t () => (float[3] p) { o = Constant <value_floats = [4.0, 5.0, 6.0]> ()
                p = Add(b, o) },
              else_branch = e () => (float[3] q) { q = Add(b, k) }> }"""


def converting(*values: str) -> dict[str, Any]:
    return {"kind": "constant-to-initializer", "values": list(values)}


def test_the_node_goes_and_its_tensor_stays_under_the_same_name() -> None:
    checked = check_edit(MODEL, converting("value:k"))
    (tensor,) = checked.proto.graph.initializer
    assert (tensor.name, numpy_helper.to_array(tensor).tolist()) == ("k", [1, 2, 3])
    assert [node.op_type for node in checked.proto.graph.node] == ["Constant", "Mul", "Mul", "If"]
    assert checked.applied.title == "Made the initializer k of a Constant"
    onnx.checker.check_model(checked.proto, full_check=True)
    assert_computes_the_same(onnx.parser.parse_model(MODEL), checked.proto)


def test_several_become_initializers_in_one_edit_also_inside_a_body() -> None:
    checked = check_edit(MODEL, converting("value:k", "value:m", "value:o@y.then_branch", "value:k"))
    branch = next(a.g for n in checked.proto.graph.node for a in n.attribute if a.name == "then_branch")
    assert [t.name for t in (*checked.proto.graph.initializer, *branch.initializer)] == ["k", "m", "o"]
    assert checked.applied.title == "Made 3 initializers of Constants"
    assert_computes_the_same(onnx.parser.parse_model(MODEL), checked.proto)


@pytest.mark.parametrize(
    ("attribute", "dtype", "shape"),
    [
        ("value_int = 3", onnx.TensorProto.INT64, []),
        ("value_ints = [3, 4]", onnx.TensorProto.INT64, [2]),
        ("value_float = 1.5", onnx.TensorProto.FLOAT, []),
        ('value_string = "ü"', onnx.TensorProto.STRING, []),
        ('value_strings = ["a", "b"]', onnx.TensorProto.STRING, [2]),
    ],
)
def test_whatever_attribute_says_it_the_tensor_is_the_one_that_it_means(
    attribute: str, dtype: int, shape: list[int]
) -> None:
    text = f'<ir_version: 10, opset_import: ["" : 21]> g () => (y) {{ k = Constant <{attribute}> () y = Identity(k) }}'
    proto = onnx.parser.parse_model(text)
    proto.graph.output[0].type.tensor_type.elem_type = dtype
    checked = check_edit(proto, converting("value:k"))
    (tensor,) = checked.proto.graph.initializer
    assert (tensor.data_type, list(tensor.dims)) == (dtype, shape)
    assert np.array_equal(outputs_of(proto)[0], outputs_of(checked.proto)[0])


def test_what_is_declared_and_said_of_it_stays() -> None:
    proto = onnx.parser.parse_model(MODEL)
    proto.graph.value_info.append(onnx.helper.make_tensor_value_info("k", 1, [3], doc_string="of the value"))
    proto.graph.node[1].doc_string = "of the node"
    proto.graph.node[1].metadata_props.add(key="from", value="here")
    checked = check_edit(proto, converting("value:k", "value:m"))
    assert [info.doc_string for info in checked.proto.graph.value_info] == ["of the value"]
    other = next(t for t in checked.proto.graph.initializer if t.name == "m")
    assert (other.doc_string, [(p.key, p.value) for p in other.metadata_props]) == ("of the node", [("from", "here")])


def test_a_graph_output_may_be_an_initializer() -> None:
    text = '<ir_version: 10, opset_import: ["" : 21]> g () => (float y) { y = Constant <value_float = 2.0> () }'
    checked = check_edit(text, converting("value:y"))
    assert outputs_of(checked.proto)[0] == 2


def test_before_ir_version_4_it_is_an_input_as_well() -> None:
    proto = onnx.parser.parse_model(MODEL.replace("ir_version: 10", "ir_version: 3"))
    checked = check_edit(proto, converting("value:k"))
    assert [i.name for i in checked.proto.graph.input] == ["x", "c", "k"]
    onnx.checker.check_model(checked.proto)
    check_rejected(proto, converting("value:o@y.then_branch"), says="before IR version 4")


def test_a_function_a_computed_value_and_an_initializer_are_refused() -> None:
    text = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
    g (float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> { u = my.f(x) y = Add(u, w) }
    <domain: "my", opset_import: ["" : 21]> f (i) => (o) { k = Constant <value_float = 1.0> () o = Add(i, k) }"""
    check_rejected(text, converting("value:k@my::f:"), says="can have no initializers")
    check_rejected(text, converting("value:u"), says="made by no Constant")
    check_rejected(text, converting("value:w"), says="an initializer already")
