"""Weights are counted by what they claim and by what is stored of them."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from onnx_scalpel.inspectors.external_files import ExternalFileInspector
from onnx_scalpel.inspectors.safety import SafetyInspector
from onnx_scalpel.inspectors.tensor_view import Piece, initializer_of, tensor_view
from onnx_scalpel.inspectors.weights import WeightInspector
from tests.inspectors.models import branching_model, facts_of, inspected
from tests.laws import HEADER

LINEAR = "g (float[2,3] x) => (float[2,4] y) <float[3,4] w = {1,2,3,4,5,6,7,8,9,10,11,12}, float[5] unused = {1,2,3,4,5}> { y = MatMul(x, w) }"


def test_parameters_and_bytes_follow_from_the_initializers() -> None:
    facts = facts_of(WeightInspector(), LINEAR)
    assert (facts["initializers"], facts["parameters"], facts["bytes"]) == (2, 17, 68)
    assert facts["stored"] == {"initializers": 68, "attributes": 0, "sparse_attributes": 0, "external": 0}
    assert facts["precision"] == "float32"


def test_initializers_that_nothing_reads_are_named_by_number_and_size() -> None:
    facts = facts_of(WeightInspector(), LINEAR)
    assert (facts["unread"], facts["unread_bytes"], len(facts["unread_values"])) == (1, 20, 1)


def test_initializers_of_bodies_count_as_parameters() -> None:
    facts = facts_of(WeightInspector(), branching_model())
    assert (facts["initializers"], facts["initializers_in_bodies"], facts["parameters"]) == (1, 2, 12)


def test_tensors_in_attributes_are_constants_and_not_parameters() -> None:
    model = "g (float[2] x) => (float[2] y) { c = Constant <value = float[2] {1, 2}> ()\n y = Add(x, c) }"
    facts = facts_of(WeightInspector(), model)
    assert (facts["parameters"], facts["constants"], facts["constant_elements"]) == (0, 1, 2)
    assert facts["stored"]["attributes"] == 8
    assert facts["largest"][0] | {"bytes": 8, "name": "c", "attribute": "value"} == facts["largest"][0]


def test_a_model_of_several_dtypes_is_mixed() -> None:
    model = "g (float[2] x) => (float[2] x) <float[4] w = {1,2,3,4}, int64[4] i = {1,2,3,4}> { }"
    facts = facts_of(WeightInspector(), model)
    assert facts["precision"] == "mixed: int64, float32"
    assert [(one["dtype"], one["bytes"]) for one in facts["by_dtype"]] == [("int64", 32), ("float32", 16)]


def test_large_inline_weights_are_stored_in_the_model_and_not_external() -> None:
    model = onnx.parser.parse_model(HEADER + LINEAR)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.zeros((300, 400), np.float32), "w"))
    facts = facts_of(WeightInspector(), model)
    assert facts["stored"]["initializers"] == 480_020 and facts["stored"]["external"] == 0


def test_weights_in_data_files_are_external(tmp_path: Path) -> None:
    model = onnx.parser.parse_model(HEADER + LINEAR)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.zeros((3, 4), np.float32), "w"))
    onnx.save(model, tmp_path / "m.onnx", save_as_external_data=True, location="m.bin", size_threshold=0)
    facts = facts_of(WeightInspector(), tmp_path / "m.onnx")
    assert facts["bytes"] == 68 and facts["stored"]["external"] == 48


def test_a_sparse_initializer_counts_its_values_and_indices() -> None:
    values = helper.make_tensor("w", onnx.TensorProto.FLOAT, [2], [1.0, 2.0])
    indices = helper.make_tensor("i", onnx.TensorProto.INT64, [2], [1, 5])
    model = onnx.parser.parse_model(HEADER + "g (float[6] x) => (float[6] y) { y = Add(x, w) }")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [6]))
    facts = facts_of(WeightInspector(), model)
    assert (facts["initializers"], facts["sparse_initializers"], facts["parameters"]) == (0, 1, 6)
    assert facts["stored"]["initializers"] == 2 * 4 + 2 * 8


def test_a_quantised_model_says_how() -> None:
    model = """g (float[2] x) => (float[2] y) <float s = {0.5}, uint8 z = {0}> {
        q = QuantizeLinear(x, s, z)
        y = DequantizeLinear(q, s, z) }"""
    assert "QuantizeLinear" in facts_of(WeightInspector(), model)["quantised"]


def test_a_large_tensor_that_an_edit_made_is_one_of_the_model() -> None:
    model = "g (float[200,300] x) => (float[200,300] y) { y = Neg(x) }"
    data = base64.b64encode(np.ones((200, 300), np.float32).tobytes()).decode()
    tensor = {"dtype": "float32", "shape": [200, 300], "base64": data}
    edit = {"kind": "freeze-input", "value": "value:x", "tensor": tensor}
    found = inspected(model, edit)
    facts = WeightInspector().inspect(found)
    assert facts["parameters"] == 60_000 and facts["stored"] == {
        "initializers": 240_000,
        "attributes": 0,
        "sparse_attributes": 0,
        "external": 0,
    }
    assert SafetyInspector().inspect(found)["notes"] == [] and ExternalFileInspector().inspect(found)["count"] == 0
    ref = initializer_of(found.document, "value:x")
    view = tensor_view(found.document, ref, Piece(), True, lambda *_: None)
    assert (view["mean"], view["location"]) == (1.0, None)
