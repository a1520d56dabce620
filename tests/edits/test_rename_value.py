"""Tests of rename-value."""

from __future__ import annotations

import onnx

from tests.laws import check_edit, check_rejected

CHAIN = "g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Neg(a) }"
BRANCHES = """g (bool c, float[3] x) => (float[3] y) {
  a = Relu(x)
  y = If (c) <then_branch = t () => (float[3] p) { q = Neg(a)
 p = Abs(q) }, else_branch = e () => (float[3] r) { r = Abs(x) }>
}"""


def rename(value: str, name: str) -> dict[str, str]:
    return {"kind": "rename-value", "value": value, "name": name}


def test_readers_and_maker_follow_the_new_name() -> None:
    graph = check_edit(CHAIN, rename("value:a", "b")).proto.graph
    assert (graph.node[0].output[0], graph.node[1].input[0]) == ("b", "b")


def test_a_graph_input_and_a_graph_output_can_be_renamed() -> None:
    assert check_edit(CHAIN, rename("value:x", "image")).proto.graph.input[0].name == "image"
    assert check_edit(CHAIN, rename("value:y", "logits")).proto.graph.output[0].name == "logits"


def test_an_initializer_can_be_renamed() -> None:
    model = "g (float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> { y = Add(x, w) }"
    graph = check_edit(model, rename("value:w", "bias")).proto.graph
    assert (graph.initializer[0].name, graph.node[0].input[1]) == ("bias", "bias")


def test_a_body_that_reads_the_value_follows() -> None:
    graph = check_edit(BRANCHES, rename("value:a", "features")).proto.graph
    assert graph.node[1].attribute[0].g.node[0].input[0] == "features"


def test_a_value_inside_a_body_can_be_renamed() -> None:
    graph = check_edit(BRANCHES, rename("value:q@y.then_branch", "inner")).proto.graph
    assert [n.output[0] for n in graph.node[1].attribute[0].g.node] == ["inner", "p"]


def test_two_branches_may_use_one_name() -> None:
    check_edit(BRANCHES, rename("value:r@y.else_branch", "q"))


def test_a_name_of_the_same_graph_is_refused() -> None:
    error = check_rejected(CHAIN, rename("value:a", "x"), says="the name x is taken")
    assert error.subjects == ("value:x",)
    assert error.hint


def test_a_name_that_a_body_would_hide_is_refused() -> None:
    check_rejected(BRANCHES, rename("value:a", "q"), says="taken in a graph around or inside")


def test_a_name_in_a_body_that_would_hide_an_outer_one_is_refused() -> None:
    check_rejected(BRANCHES, rename("value:q@y.then_branch", "x"), says="taken in a graph around or inside")


def test_the_name_it_has_already_changes_nothing() -> None:
    assert check_edit(CHAIN, rename("value:a", "a")).applied.delta.is_empty


def test_an_empty_name_is_a_wrong_field() -> None:
    error = check_rejected(CHAIN, rename("value:a", ""), "wrong-parameters")
    assert error.fields == {"name": "must not be empty"}


def test_every_wrong_field_is_named_at_once() -> None:
    error = check_rejected(CHAIN, {"kind": "rename-value", "value": 3, "nme": "b"}, "wrong-parameters")
    assert error.fields == {
        "value": "must be text",
        "name": "is needed",
        "nme": "is no parameter of this edit",
    }


def test_a_name_with_half_a_character_is_a_wrong_field() -> None:
    error = check_rejected(CHAIN, rename("value:a", "\ud800"), "wrong-parameters")
    assert error.fields is not None and "surrogate" in error.fields["name"]


def test_an_unknown_value_is_not_found() -> None:
    assert check_rejected(CHAIN, rename("value:nothing", "b"), "no-such-value").status == 404


def test_a_quantization_annotation_follows() -> None:
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]>' + CHAIN)
    annotation = model.graph.quantization_annotation.add(tensor_name="a")
    annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="x")
    proto = check_edit(model, rename("value:a", "b")).proto
    assert proto.graph.quantization_annotation[0].tensor_name == "b"
    proto = check_edit(model, rename("value:x", "b")).proto
    assert proto.graph.quantization_annotation[0].quant_parameter_tensor_names[0].value == "b"


def test_an_annotation_in_a_body_follows_an_outer_value() -> None:
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]>' + BRANCHES)
    branch = next(a.g for node in model.graph.node for a in node.attribute if a.g.node)
    branch.quantization_annotation.add(tensor_name="x")
    proto = check_edit(model, rename("value:x", "image")).proto
    branch = next(a.g for node in proto.graph.node for a in node.attribute if a.g.node)
    assert branch.quantization_annotation[0].tensor_name == "image"


def test_the_training_info_follows_but_for_what_it_defines_itself() -> None:
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]>' + CHAIN)
    training = model.training_info.add()
    training.algorithm.CopyFrom(
        onnx.parser.parse_graph("step (float[2] own) => (float[2] z, float[2] a) { z = Add(own, a) }")
    )
    training.update_binding.add(key="a", value="z")
    proto = check_edit(model, rename("value:a", "b")).proto
    algorithm = proto.training_info[0].algorithm
    assert (list(algorithm.node[0].input), algorithm.output[1].name) == (["own", "b"], "b")
    assert (proto.training_info[0].update_binding[0].key, proto.training_info[0].update_binding[0].value) == ("b", "z")
    check_rejected(model, rename("value:a", "own"), says="taken in the training info")


def test_the_history_says_both_names() -> None:
    assert check_edit(CHAIN, rename("value:x", "image")).applied.title == "Renamed x to image"


def test_any_unicode_is_a_name() -> None:
    assert check_edit(CHAIN, rename("value:a", "Größe ☃ <b>")).proto.graph.node[0].output[0] == "Größe ☃ <b>"
