"""Two models held against each other: field by field, and by what they compute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper


def node_facts(node: onnx.NodeProto) -> dict[str, Any]:
    """Every field of a node; of bodies every field too, but what type they declare, which the checker judges."""
    attributes = {}
    for one in node.attribute:
        value = helper.get_attribute_value(one)
        attributes[one.name] = graph_facts(value) if isinstance(value, onnx.GraphProto) else (one.type, value)
    return {
        "name": node.name,
        "op": (node.domain, node.op_type),
        "wires": (list(node.input), list(node.output)),
        "attributes": attributes,
    }


def graph_facts(graph: onnx.GraphProto) -> dict[str, Any]:
    return {
        "name": graph.name,
        "nodes": [node_facts(node) for node in graph.node],
        "inputs": [value.name for value in graph.input],
        "outputs": [value.name for value in graph.output],
        "tensors": {t.name: numpy_helper.to_array(t).tolist() for t in graph.initializer},
    }


def assert_same(found: onnx.ModelProto, expected: onnx.ModelProto) -> None:
    assert graph_facts(found.graph) == graph_facts(expected.graph)
    for ours, theirs in ((found.graph.input, expected.graph.input), (found.graph.output, expected.graph.output)):
        assert [value.type for value in ours] == [value.type for value in theirs]
    assert {(one.domain, one.version) for one in found.opset_import} == {
        (one.domain, one.version) for one in expected.opset_import
    }
    assert found.ir_version == expected.ir_version


def outputs_of(model: onnx.ModelProto, feed: Mapping[str, Any]) -> list[Any]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return list(session.run(None, feed))


def assert_outputs_equal(found: onnx.ModelProto, expected: onnx.ModelProto, feeds: Iterable[Mapping[str, Any]]) -> None:
    for feed in feeds:
        for ours, theirs in zip(outputs_of(found, feed), outputs_of(expected, feed), strict=True):
            np.testing.assert_array_equal(ours, theirs)
