"""The model's own functions."""

from __future__ import annotations

from onnx_scalpel.inspectors.functions import FunctionInspector
from tests.inspectors.models import facts_of, functions_model


def test_a_function_is_listed_with_its_nodes_and_calls() -> None:
    facts = facts_of(FunctionInspector(), functions_model())
    assert facts["count"] == 1
    only = facts["functions"][0]
    assert (only["domain"], only["name"], only["nodes"], only["calls"]) == ("local", "Block", 3, 2)
    assert (only["inputs"], only["outputs"]) == (1, 1)


def test_its_graph_can_be_entered() -> None:
    assert facts_of(FunctionInspector(), functions_model())["functions"][0]["graph"] == "graph:local::Block:"


def test_a_model_without_functions_has_nothing_to_tell() -> None:
    facts = facts_of(FunctionInspector(), "g (float[2] x) => (float[2] y) { y = Neg(x) }")
    assert FunctionInspector().tell(facts) == []
