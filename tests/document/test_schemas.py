"""Tests of operator schemas and families."""

from __future__ import annotations

import json

import onnx.defs
import pytest

from onnx_scalpel.document.contributed import contributed_operators
from onnx_scalpel.document.families import CUSTOM, MICROSOFT, STANDARD, family
from onnx_scalpel.document.schemas import (
    attribute_schema,
    operator,
    operators,
    plain_text,
    slot_names,
)


def test_every_operator_of_onnx_belongs_to_a_family_by_the_table() -> None:
    names = {schema.name for schema in onnx.defs.get_all_schemas_with_history()}
    assert names - set(STANDARD) == set()


def test_the_table_names_no_standard_operator_that_does_not_exist() -> None:
    names = {schema.name for schema in onnx.defs.get_all_schemas_with_history()}
    assert set(STANDARD) - names == set()


def test_every_operator_of_the_installed_runtime_has_a_family() -> None:
    names = sorted(op_type for _, op_type in contributed_operators())
    assert [n for n in names if family(MICROSOFT, n) == CUSTOM] == ["EPContext", "Snpe"]


@pytest.mark.parametrize(
    ("domain", "op_type", "expected"),
    [
        ("", "Conv", "matmul"),
        ("ai.onnx", "Relu", "activation"),
        ("com.microsoft", "QLinearAdd", "arithmetic"),
        ("com.microsoft", "SomeFutureAttention", "matmul"),
        ("com.microsoft", "QLinearMaxPool", "pooling"),
        ("com.microsoft.nchwc", "Conv", "matmul"),
        ("my.domain", "Conv", "custom"),
        ("", "NoSuchOperator", "custom"),
    ],
)
def test_a_family_says_what_an_operator_computes(domain: str, op_type: str, expected: str) -> None:
    assert family(domain, op_type) == expected


def test_slots_are_those_of_the_opset_that_the_model_imports() -> None:
    assert slot_names("", "Clip", 6).inputs == ("input",)
    assert slot_names("", "Clip", 13).inputs == ("input", "min", "max")


def test_a_variadic_slot_says_so() -> None:
    names = slot_names("", "Concat", 13)
    assert (names.inputs, names.variadic_input, names.variadic_output) == (("inputs",), True, False)


def test_an_operator_newer_than_the_opset_still_has_slot_names() -> None:
    assert operator("", "Gelu", 13) is None
    assert slot_names("", "Gelu", 13).inputs == ("X",)


def test_an_unknown_operator_has_no_slot_names() -> None:
    assert slot_names("my.domain", "Thing", 1).inputs == ()


def test_an_opset_from_the_future_gets_the_newest_schemas() -> None:
    newest = operator("", "Conv")
    assert newest is not None
    assert operator("", "Conv", 9999) == newest


def test_operators_are_those_of_the_imported_domains_only() -> None:
    domains = {view["domain"] for view in operators({"ai.onnx": 17, "com.microsoft": 1})}
    assert domains == {"", "com.microsoft"}


def test_operators_are_json() -> None:
    views = operators({"": 25, "ai.onnx.ml": 5, "ai.onnx.preview.training": 1, "com.microsoft": 1})
    assert json.loads(json.dumps(views, allow_nan=False))[0].keys() == {
        "op_type", "domain", "since", "family", "doc", "deprecated", "inputs", "outputs", "attributes",
    }  # fmt: skip


def test_attributes_have_types_and_defaults() -> None:
    alpha = attribute_schema("", "LeakyRelu", 16, "alpha")
    assert alpha is not None
    assert (alpha.type, alpha.default, alpha.required) == ("FLOAT", 0.01, False)


def test_docs_are_plain_text() -> None:
    assert plain_text("<b>bold</b> `code` [a word](https://example.org) and **more**") == "bold code a word and more"


def test_no_doc_of_an_operator_holds_markup() -> None:
    docs = [view["doc"] for view in operators({"": 25, "ai.onnx.ml": 5})]
    assert [d for d in docs if "<br" in d or "```" in d or "](http" in d] == []
