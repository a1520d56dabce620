"""Tests of operator schemas and families."""

from __future__ import annotations

import json

import onnx
import onnx.defs
import pytest

from onnx_scalpel.document.contributed import contributed_operators
from onnx_scalpel.document.described import described_operators
from onnx_scalpel.document.families import CUSTOM, MICROSOFT, STANDARD, family
from onnx_scalpel.document.schemas import (
    attribute_schema,
    operator,
    operators,
    plain_text,
    runs_here,
    slot_names,
)


def test_every_operator_of_onnx_belongs_to_a_family_by_the_table() -> None:
    names = {schema.name for schema in onnx.defs.get_all_schemas_with_history()}
    assert names - set(STANDARD) == set()


def test_the_table_names_no_standard_operator_that_does_not_exist() -> None:
    names = {schema.name for schema in onnx.defs.get_all_schemas_with_history()}
    assert set(STANDARD) - names == set()


def test_every_operator_of_the_installed_runtime_has_a_family() -> None:
    every = sorted(contributed_operators())
    assert [name for domain, name in every if family(domain, name) == CUSTOM] == ["EPContext", "Snpe"]


def test_every_operator_of_the_installed_netron_has_a_family() -> None:
    described = described_operators(but=())
    assert len(described) > 350
    assert sorted(name for domain, name in described if family(domain, name) == CUSTOM) == ["EPContext", "Snpe"]


def newer_than_the_runtime() -> list[str]:
    """Operators of com.microsoft that Netron describes and the runtime here lacks; other pins than ours may have none."""
    newer = sorted(name for domain, name in described_operators(contributed_operators()) if domain == MICROSOFT)
    assert "ConvStateReplay" in newer
    return newer


def test_an_operator_that_the_runtime_lacks_is_known_by_its_description() -> None:
    for name in newer_than_the_runtime():
        schema = operator(MICROSOFT, name, 1)
        assert schema is not None and schema.doc and schema.inputs and all(slot.doc for slot in schema.inputs)
        assert slot_names(MICROSOFT, name, 1).inputs == tuple(slot.name for slot in schema.inputs)
        assert not runs_here(MICROSOFT, name) and runs_here(MICROSOFT, "Gelu")
    names = {view["op_type"] for view in operators({"": 21, MICROSOFT: 1})}
    assert {*newer_than_the_runtime(), "Gelu", "FusedConv"} <= names


def test_an_attribute_that_the_runtime_lacks_says_so() -> None:
    described, here = described_operators(but=()), contributed_operators()
    newer = [
        (domain, name, attribute.name)
        for (domain, name), forms in described.items()
        for form in forms
        for own in here.get((domain, name), ())
        if own.since == form.since
        for attribute in form.attributes
        if own.attribute(attribute.name) is None
    ]
    assert (MICROSOFT, "GroupQueryAttention", "q_norm_epsilon") in newer
    for domain, name, attribute in newer:
        found = attribute_schema(domain, name, 1, attribute)
        assert found is not None and found.doc.startswith("Newer than the ONNX Runtime here") and not found.required


def test_layouts_of_the_runtime_have_slots_of_the_opset_that_is_imported() -> None:
    old, new = operator("com.ms.internal.nhwc", "Resize", 11), operator("com.ms.internal.nhwc", "Resize")
    assert old is not None and new is not None and old.since <= 11 < new.since
    assert slot_names("com.microsoft.nchwc", "Conv", 1).inputs[:2] == ("X", "W")


def test_a_plugin_in_the_standard_domain_is_explained_but_not_offered() -> None:
    assert operator("", "EfficientNMS_TRT", 17) is None
    assert slot_names("ai.onnx", "EfficientNMS_TRT", 17).inputs == ("boxes", "scores", "anchors")
    view = next(one for one in operators({"": 17}) if one["op_type"] == "EfficientNMS_TRT")
    assert view["deprecated"] and view["family"] == "pooling" and view["doc"]


def test_types_and_attributes_of_descriptions_are_those_of_onnx() -> None:
    forms = [form for forms in described_operators(but=()).values() for form in forms]
    kinds = {attribute.type for form in forms for attribute in form.attributes}
    assert kinds <= set(onnx.AttributeProto.AttributeType.keys()) - {"UNDEFINED"}
    types = {word for form in forms for slot in (*form.inputs, *form.outputs) for word in slot.types}
    assert {"tensor(float)", "tensor(float16)", "tensor(int32)", "seq(tensor(float))"} <= types


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
