"""Domains are sorted, and operators that nobody knows are named."""

from __future__ import annotations

import onnx

from onnx_scalpel.inspectors.domains import DomainInspector
from tests.inspectors.models import facts_of, functions_model
from tests.laws import HEADER


def test_domains_are_standard_own_or_custom() -> None:
    facts = facts_of(DomainInspector(), functions_model())
    assert {one["domain"]: one["kind"] for one in facts["domains"]} == {
        "": "standard",
        "local": "functions of this model",
        "strange": "custom",
    }


def test_an_operator_of_an_unknown_domain_is_unknown_and_its_nodes_are_named() -> None:
    facts = facts_of(DomainInspector(), functions_model())
    assert [(one["op_type"], one["nodes"]) for one in facts["unknown"]] == [("Wobble", ["node:y"])]


def test_an_operator_that_the_opset_does_not_have_yet_is_unknown() -> None:
    model = onnx.parser.parse_model(HEADER.replace("21", "10") + "g (float[2] x) => (float[2] y) { y = Gelu(x) }")
    assert facts_of(DomainInspector(), model)["unknown"][0]["why"] == "opset 10 has no such operator"


def test_the_operators_of_onnx_runtime_are_known() -> None:
    text = '<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>'
    model = onnx.parser.parse_model(text + "g (float[2] x) => (float[2] y) { y = com.microsoft.FastGelu(x) }")
    facts = facts_of(DomainInspector(), model)
    assert facts["unknown"] == [] and facts["domains"][1]["kind"] == "ONNX Runtime"


def test_the_other_name_of_the_standard_domain_is_standard() -> None:
    model = onnx.parser.parse_model(HEADER + "g (float[2] x) => (float[2] y) { y = Neg(x) }")
    model.graph.node[0].domain = "ai.onnx"
    assert facts_of(DomainInspector(), model)["unknown"] == []
