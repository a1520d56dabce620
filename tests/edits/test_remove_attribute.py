"""Tests of remove-attribute."""

from __future__ import annotations

from typing import Any

from tests.laws import check_edit, check_rejected


def remove(node: str, attribute: str) -> dict[str, Any]:
    return {"kind": "remove-attribute", "node": node, "attribute": attribute}


LEAKY = "g (float[3] x) => (float[3] y) { y = LeakyRelu<alpha = 0.5>(x) }"


def test_the_attribute_goes_and_its_default_counts() -> None:
    checked = check_edit(LEAKY, remove("node:y", "alpha"))
    assert len(checked.proto.graph.node[0].attribute) == 0
    assert checked.applied.title == "Removed alpha from LeakyRelu, which is 0.01 by default"


def test_one_that_the_operator_needs_stays() -> None:
    model = "g (float[3] x) => (int64[3] y) { y = Cast<to = 7>(x) }"
    assert check_rejected(model, remove("node:y", "to"), says="Cast needs to").hint


def test_one_that_the_node_lacks_is_refused() -> None:
    check_rejected(LEAKY, remove("node:y", "beta"), says="has no attribute beta")


def test_one_of_a_custom_operator_goes() -> None:
    model = '<ir_version: 10, opset_import: ["" : 21, "my" : 1]> g (float[3] x) => (float[3] y) { y = my.Op<a = 1, b = [2]>(x) }'
    checked = check_edit(model, remove("node:y", "a"))
    assert [a.name for a in checked.proto.graph.node[0].attribute] == ["b"]
    assert checked.applied.title == "Removed a from Op"


def test_a_body_goes_with_all_that_is_in_it() -> None:
    model = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]> g (float[3] x) => (float[3] y) { y = my.Op<
      body = t () => (float[3] p) { q = Abs(x)
        p = Neg(q) }>(x) }"""
    assert check_edit(model, remove("node:y", "body")).document.graph_ids() == ("graph:",)


def test_declared_types_that_it_decided_are_dropped() -> None:
    model = """g (float[2,3] x) => (y) <float[3] a, float[3] b> { a = ReduceMax<keepdims = 0, axes = [0]>(x)
      b = Neg(a)
      y = Abs(b) }"""
    model = f'<ir_version: 10, opset_import: ["" : 17]>{model}'
    assert len(check_edit(model, remove("node:a", "keepdims")).proto.graph.value_info) == 0


def test_one_that_stands_for_an_attribute_of_the_function_can_go() -> None:
    model = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
      g (float[3] x) => (float[3] y) { y = my.scaled<alpha = 0.5>(x) }
      <domain: "my", opset_import: ["" : 21]> scaled <alpha> (i) => (o) { o = LeakyRelu<alpha: float = @alpha>(i) }"""
    checked = check_edit(model, remove("node:o@my::scaled:", "alpha"))
    assert len(checked.proto.functions[0].node[0].attribute) == 0
