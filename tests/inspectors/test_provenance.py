"""Exporters are recognised by what they leave behind."""

from __future__ import annotations

import onnx
import pytest

from onnx_scalpel.inspectors.provenance import ProvenanceInspector
from tests.inspectors.models import facts_of


def model(
    producer: str = "", graph: str = "g", names: tuple[str, ...] = ("a", "b"), weight: str = "w"
) -> onnx.ModelProto:
    """Two nodes in a row, called as an exporter would."""
    first, second = names
    nodes = [
        onnx.helper.make_node("Add", ["x", weight], [f"{first}"], name=first),
        onnx.helper.make_node("Relu", [f"{first}"], [f"{second}"], name=second),
    ]
    values = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [2]) for n in ("x", second)]
    held = onnx.helper.make_tensor(weight, onnx.TensorProto.FLOAT, [2], [1.0, 2.0])
    made = onnx.helper.make_model(onnx.helper.make_graph(nodes, graph, values[:1], values[1:], [held]))
    made.producer_name = producer
    return made


def origin(made: onnx.ModelProto) -> tuple[str, str, str]:
    facts = facts_of(ProvenanceInspector(), made)
    return facts["framework"], facts["exporter"], facts["sure"]


@pytest.mark.parametrize(
    ("producer", "framework", "exporter"),
    [
        ("tf2onnx", "TensorFlow", "tf2onnx"),
        ("keras2onnx", "Keras", "keras2onnx"),
        ("skl2onnx", "scikit-learn", "skl2onnx"),
        ("PaddlePaddle", "PaddlePaddle", "Paddle2ONNX"),
        ("CNTK", "CNTK", "CNTK"),
        ("pytorch", "PyTorch", "torch.onnx"),
    ],
)
def test_a_producer_that_is_known_is_certain(producer: str, framework: str, exporter: str) -> None:
    assert origin(model(producer)) == (framework, exporter, "certain")


def test_torchscript_is_told_by_the_name_of_its_graph() -> None:
    assert origin(model("pytorch", "torch_jit")) == ("PyTorch", "torch.onnx, TorchScript", "certain")


def test_dynamo_is_told_by_the_metadata_of_its_nodes() -> None:
    made = model("pytorch", "main_graph")
    made.graph.node[0].metadata_props.add(key="pkg.torch.onnx.fx_node", value="%add")
    assert origin(made) == ("PyTorch", "torch.onnx, dynamo", "certain")


def test_without_a_producer_names_make_it_likely() -> None:
    made = model(names=("/layer/Add_output_0", "/layer/Relu_output_0"))
    assert origin(made) == ("PyTorch", "torch.onnx, TorchScript", "likely")


def test_a_producer_that_nobody_knows_makes_names_a_guess() -> None:
    made = model("somebody", names=("/layer/Add_output_0", "/layer/Relu_output_0"))
    assert origin(made)[2] == "a guess"


def test_a_tool_that_changes_models_is_no_origin() -> None:
    made = model("onnx.quantize", "torch-jit-export")
    facts = facts_of(ProvenanceInspector(), made)
    assert facts["framework"] == "PyTorch" and facts["tools"] == ["ONNX Runtime's quantiser"]


def test_what_leaves_no_trace_has_no_origin() -> None:
    assert origin(model()) == ("", "", "")


def test_the_reasons_are_told() -> None:
    assert facts_of(ProvenanceInspector(), model("tf2onnx"))["because"] == ["the producer is tf2onnx"]
