"""Tests of initializer-to-constant."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from tests.laws import check_edit, check_rejected
from tests.outputs import assert_computes_the_same, outputs_of
from tests.shared_models import shared_model

MODEL = """<ir_version: 10, opset_import: ["" : 21]>
g (float[3] x, bool c) => (float[3] y) <float[3] w = {1, 2, 3}, float[3] u = {4, 5, 6}> {
  a = Neg(x)
  b = Mul(a, w)
  y = If (c) <then_branch = t () => (float[3] p) <float[3] v = {7, 8, 9}> { p = Add(b, v) },
              else_branch = e () => (float[3] q) { q = Add(b, u) }> }"""


def converting(*values: str) -> dict[str, Any]:
    return {"kind": "initializer-to-constant", "values": list(values)}


def test_a_constant_before_its_first_reader_makes_what_the_initializer_held() -> None:
    checked = check_edit(MODEL, converting("value:w"))
    assert [node.op_type for node in checked.proto.graph.node] == ["Neg", "Constant", "Mul", "If"]
    constant = checked.proto.graph.node[1]
    assert numpy_helper.to_array(constant.attribute[0].t).tolist() == [1, 2, 3]
    assert (list(constant.output), [t.name for t in checked.proto.graph.initializer]) == (["w"], ["u"])
    assert checked.applied.title == "Made a Constant of w"
    onnx.checker.check_model(checked.proto, full_check=True)
    assert_computes_the_same(onnx.parser.parse_model(MODEL), checked.proto)


def test_several_in_one_edit_also_what_only_a_body_reads_or_holds() -> None:
    checked = check_edit(MODEL, converting("value:w", "value:u", "value:v@y.then_branch"))
    assert [node.op_type for node in checked.proto.graph.node] == ["Neg", "Constant", "Mul", "Constant", "If"]
    assert list(checked.proto.graph.initializer) == []
    assert_computes_the_same(onnx.parser.parse_model(MODEL), checked.proto)


def test_there_and_back_gives_the_same_tensors_and_texts() -> None:
    proto = onnx.parser.parse_model(MODEL)
    proto.graph.initializer[0].doc_string = "weights"
    proto.graph.initializer[0].metadata_props.add(key="from", value="here")
    once = check_edit(proto, converting("value:w")).proto
    assert once.graph.node[1].doc_string == "weights"
    twice = check_edit(once, {"kind": "constant-to-initializer", "values": ["value:w"]}).proto
    assert sorted(t.SerializeToString() for t in twice.graph.initializer) == sorted(
        t.SerializeToString() for t in proto.graph.initializer
    )
    assert [n.op_type for n in twice.graph.node] == [n.op_type for n in proto.graph.node]


def test_a_declared_type_stays() -> None:
    proto = onnx.parser.parse_model(MODEL)
    proto.graph.value_info.append(onnx.helper.make_tensor_value_info("w", 1, [3]))
    assert [info.name for info in check_edit(proto, converting("value:w")).proto.graph.value_info] == ["w"]


def test_an_input_with_a_default_is_refused_and_one_that_is_only_listed_is_not() -> None:
    proto = onnx.parser.parse_model(MODEL)
    proto.graph.input.append(onnx.helper.make_tensor_value_info("w", 1, [3]))
    check_rejected(proto, converting("value:w"), says="only what it is by default")
    proto.ir_version = 3
    proto.graph.input.append(onnx.helper.make_tensor_value_info("u", 1, [3]))
    checked = check_edit(proto, converting("value:w"))
    assert [i.name for i in checked.proto.graph.input] == ["x", "c", "u"]


def test_what_a_constant_of_the_opset_cannot_hold_is_refused() -> None:
    proto = onnx.parser.parse_model(MODEL.replace('"" : 21', '"" : 18'))
    tensor = onnx.helper.make_tensor("f8", onnx.TensorProto.FLOAT8E4M3FN, [1], [1.0])
    proto.graph.initializer.append(tensor)
    check_rejected(proto, converting("value:f8"), says="a Constant of opset 18 cannot hold float8e4m3fn")


def test_what_the_training_info_changes_stays_an_initializer() -> None:
    proto = onnx.load(shared_model("odd/training_info.onnx"))
    names = {binding.value for info in proto.training_info for binding in info.update_binding}
    names |= {binding.key for info in proto.training_info for binding in info.update_binding}
    named = next(t.name for t in proto.graph.initializer if t.name in names)
    check_rejected(proto, converting(f"value:{named}"), says="training info")


def test_a_sparse_tensor_becomes_a_sparse_constant() -> None:
    proto = onnx.load(shared_model("odd/sparse_initializer.onnx"))
    name = proto.graph.sparse_initializer[0].values.name
    checked = check_edit(proto, converting(f"value:{name}"))
    assert "sparse_value" in [a.name for n in checked.proto.graph.node for a in n.attribute]
    back = check_edit(checked.proto, {"kind": "constant-to-initializer", "values": [f"value:{name}"]}).proto
    assert back.graph.sparse_initializer[0].values.name == name


@pytest.mark.parametrize(
    "name",
    ["bert_base_depth12_dynamo_op20", "mobilenetv3_dynamo_op18", "resnet50_int8_qdq", "scripted_loop_if_gru_op13"],
)
def test_every_initializer_of_a_real_model_made_a_constant_changes_no_output(name: str) -> None:
    path = shared_model(f"exported/{name}.onnx")
    proto = onnx.load(path)
    checked = check_edit(proto, converting(*[f"value:{t.name}" for t in proto.graph.initializer]))
    assert not checked.proto.graph.initializer
    for one, other in zip(outputs_of(path.read_bytes()), outputs_of(checked.proto), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_initializer_that_hides_an_outer_value_stays_because_a_node_may_not() -> None:
    hiding = MODEL.replace("v = {7, 8, 9}", "w = {7, 8, 9}").replace("Add(b, v)", "Add(b, w)")
    onnx.checker.check_model(onnx.parser.parse_model(hiding))
    check_rejected(hiding, converting("value:w@y.then_branch"), says="hides an outer value")
