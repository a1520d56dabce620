"""Inputs and outputs as whoever runs the model needs to know them."""

from __future__ import annotations

from onnx_scalpel.inspectors.interface import InterfaceInspector
from tests.inspectors.models import facts_of

MODEL = "g (float[N,3,?] x, float[2] k) => (float y) <float[2] k = {1, 2}> { y = ReduceSum(x) }"


def test_inputs_and_outputs_come_with_their_types() -> None:
    facts = facts_of(InterfaceInspector(), MODEL)
    first = facts["inputs"][0]
    assert (first["name"], first["dtype"], first["shape"]) == ("x", "float32", ["N", 3, None])
    assert [(o["name"], o["shape"]) for o in facts["outputs"]] == [("y", [])]


def test_an_input_with_a_default_need_not_be_fed() -> None:
    facts = facts_of(InterfaceInspector(), MODEL)
    assert [i["default"] for i in facts["inputs"]] == [False, True] and facts["needed"] == 1


def test_open_sizes_are_named() -> None:
    assert facts_of(InterfaceInspector(), MODEL)["dims"] == ["N"]
