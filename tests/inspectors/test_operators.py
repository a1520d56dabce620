"""Operators are counted wherever they are."""

from __future__ import annotations

from onnx_scalpel.inspectors.operators import OperatorInspector
from tests.inspectors.models import branching_model, facts_of, functions_model, inspected

CHAIN = "g (float[2] x) => (float[2] y) { a = Relu(x)\n b = Neg(a)\n c = Relu(b)\n y = Neg(c) }"


def counts(facts: dict) -> dict[str, int]:  # type: ignore[type-arg]
    return {one["op_type"]: one["count"] for one in facts["by_operator"]}


def test_operators_are_counted_most_frequent_first_and_then_in_the_order_they_come() -> None:
    facts = facts_of(OperatorInspector(), CHAIN.replace("c = Relu(b)", "c = Abs(b)"))
    assert list(counts(facts).items()) == [("Neg", 2), ("Relu", 1), ("Abs", 1)]
    assert (facts["nodes"], facts["total_nodes"], facts["kinds"]) == (4, 4, 3)


def test_nodes_of_bodies_are_counted_with_how_deep_they_are() -> None:
    facts = facts_of(OperatorInspector(), branching_model())
    assert (facts["nodes"], facts["total_nodes"], facts["bodies"], facts["depth"]) == (2, 6, 2, 1)
    assert counts(facts)["Mul"] == 2


def test_nodes_of_functions_count_once_however_often_they_are_called() -> None:
    facts = facts_of(OperatorInspector(), functions_model())
    assert (facts["nodes"], facts["total_nodes"]) == (3, 6)
    assert counts(facts) == {"Block": 2, "Wobble": 1, "Neg": 1, "Mul": 1, "Relu": 1}


def test_an_operator_comes_with_its_family() -> None:
    facts = facts_of(OperatorInspector(), functions_model())
    families = {one["op_type"]: one["family"] for one in facts["by_operator"]}
    assert families == {
        "Block": "custom",
        "Wobble": "custom",
        "Neg": "arithmetic",
        "Mul": "arithmetic",
        "Relu": "activation",
    }


def test_edits_are_counted() -> None:
    edit = {"kind": "remove-nodes", "nodes": ["node:b"], "reconnect": True}
    assert facts_of(OperatorInspector(), CHAIN, edit)["total_nodes"] == 3


def test_a_model_without_nodes_is_told_as_such() -> None:
    model = inspected("g (float[2] x) => (float[2] x) { }")
    assert OperatorInspector().tell(OperatorInspector().inspect(model)) == ["no nodes"]
