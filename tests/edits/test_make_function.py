"""Tests of make-function."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from tests.laws import Checked, check_edit, check_rejected, document_of
from tests.outputs import assert_computes_the_same
from tests.shared_models import shared_model

CHAIN = """<ir_version: 10, opset_import: ["" : 21]>
g (float[3] x, bool c) => (float[3] y) <float[3] w = {1, 2, 3}> {
  a = Relu(x)
  b = Mul(a, w)
  d = Neg(b)
  y = Add(d, a) }"""
BODIES = """<ir_version: 10, opset_import: ["" : 21]>
g (float[3] x, bool c) => (float[3] y) <float[3] w = {1, 2, 3}> {
  a = Relu(x)
  b = If (c) <then_branch = t () => (float[3] p) { q = Neg(a)
                p = Mul(q, w) },
              else_branch = e () => (float[3] r) <float[3] v = {4, 5, 6}> { r = Add(x, v) }>
  y = Abs(b) }"""


def making(*nodes: str, name: str = "part", **more: Any) -> dict[str, Any]:
    return {"kind": "make-function", "nodes": list(nodes), "name": name, **more}


def made(checked: Checked) -> tuple[onnx.NodeProto, onnx.FunctionProto]:
    """The call and the function."""
    function = checked.proto.functions[-1]
    graphs = [checked.proto.graph, *checked.proto.functions]
    graphs += [a.g for graph in graphs for n in graph.node for a in n.attribute if a.HasField("g")]
    return next(n for g in graphs for n in g.node if n.op_type == function.name), function


def test_functions_come_back_in_their_places_when_an_edit_is_taken_back() -> None:
    document = document_of(CHAIN)
    apply_edit(document, parse_edit(making("node:d", "node:y", name="one")))
    apply_edit(document, parse_edit(making("node:a", name="another")))
    before = model_bytes(document)
    call = next(node for node in document.node_ids(MAIN_GRAPH) if document.node(node).op_type == "one")
    inlined = apply_edit(document, parse_edit({"kind": "inline-function", "node": call}))
    document.apply(inlined.delta.inverse())
    assert model_bytes(document) == before


def assert_same_meaning(before: str | onnx.ModelProto, checked: Checked) -> None:
    onnx.checker.check_model(checked.proto, full_check=True)
    assert_computes_the_same(onnx.parser.parse_model(before) if isinstance(before, str) else before, checked.proto)


def test_what_is_read_becomes_inputs_and_what_others_read_becomes_outputs() -> None:
    checked = check_edit(CHAIN, making("node:a", "node:b"))
    call, function = made(checked)
    assert (list(function.input), list(function.output)) == (["x", "w"], ["a", "b"])
    assert (list(call.input), list(call.output), call.domain) == (["x", "w"], ["a", "b"], "local")
    assert [node.op_type for node in checked.proto.graph.node] == ["part", "Neg", "Add"]
    assert checked.applied.title == "Made the function part of 2 nodes"
    assert_same_meaning(CHAIN, checked)


def test_what_only_the_nodes_themselves_read_is_seen_by_nobody_else() -> None:
    checked = check_edit(CHAIN, making("node:b", "node:d"))
    call, function = made(checked)
    assert (list(call.input), list(call.output)) == (["a", "w"], ["d"])
    assert [node.output[0] for node in function.node] == ["b", "d"]
    assert_same_meaning(CHAIN, checked)


def test_the_function_imports_what_its_nodes_use_and_the_model_its_domain() -> None:
    checked = check_edit(CHAIN, making("node:b", domain="my.parts"))
    _, function = made(checked)
    assert [(o.domain, o.version) for o in function.opset_import] == [("", 21)]
    assert [(o.domain, o.version) for o in checked.proto.opset_import] == [("", 21), ("my.parts", 1)]


def test_the_standard_domain_under_its_other_name_is_written_as_runtimes_know_it_in_functions() -> None:
    proto = onnx.load(shared_model("odd/ai_onnx_domain_alias.onnx"))
    checked = check_edit(proto, making("node:a", "node:b"))
    _, function = made(checked)
    assert {node.domain for node in function.node} == {""} == {o.domain for o in function.opset_import}
    assert_computes_the_same(proto, checked.proto)


def test_the_call_stands_behind_what_it_reads_and_before_what_reads_it() -> None:
    """b and y become one node: d, which stands between, has to move before it or behind it."""
    text = CHAIN.replace("y = Add(d, a)", "y = Add(b, b)").replace("=> (float[3] y)", "=> (float[3] y, float[3] d)")
    checked = check_edit(text, making("node:b", "node:y"))
    assert [node.op_type for node in checked.proto.graph.node] == ["Relu", "part", "Neg"]
    assert_same_meaning(text, checked)


def test_nodes_with_bodies_go_with_all_that_their_bodies_capture() -> None:
    checked = check_edit(BODIES, making("node:b"))
    call, function = made(checked)
    assert (set(call.input), list(call.output)) == ({"c", "a", "w", "x"}, ["b"])
    assert [len(a.g.node) for a in function.node[0].attribute] == [2, 1]
    assert_same_meaning(BODIES, checked)


def test_nodes_inside_a_chosen_node_s_body_go_with_it() -> None:
    checked = check_edit(BODIES, making("node:b", "node:q@b.then_branch"))
    assert len(made(checked)[1].node) == 1


def test_a_part_of_a_body_takes_what_lies_around_it_as_inputs() -> None:
    checked = check_edit(BODIES, making("node:q@b.then_branch", "node:p@b.then_branch"))
    call, _ = made(checked)
    assert (list(call.input), list(call.output)) == (["a", "w"], ["p"])
    assert_same_meaning(BODIES, checked)


def test_a_value_that_a_body_outside_reads_is_an_output() -> None:
    checked = check_edit(BODIES, making("node:a"))
    assert list(made(checked)[0].output) == ["a"]
    assert_same_meaning(BODIES, checked)


def test_a_part_of_a_function_passes_references_on() -> None:
    text = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
    g (float[3] x) => (float[3] y) { y = my.scaled <alpha: float = 0.5> (x) }
    <domain: "my", opset_import: ["" : 21]> scaled <alpha, beta: float = 2.0> (i) => (o) {
      h = LeakyRelu <alpha: float = @alpha> (i)
      k = Constant <value_float: float = @beta> ()
      o = Mul(h, k) }"""
    checked = check_edit(text, making("node:h@my::scaled:", "node:k@my::scaled:"))
    call, function = made(checked)
    assert list(function.attribute) == ["alpha", "beta"]
    assert [(a.name, a.ref_attr_name, a.type) for a in call.attribute] == [("alpha", "alpha", 1), ("beta", "beta", 1)]
    assert ("local", 1) in [(o.domain, o.version) for o in checked.proto.functions[0].opset_import]
    assert_same_meaning(text, checked)


def test_calls_of_other_functions_stay_calls() -> None:
    text = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
    g (float[3] x) => (float[3] y) { u = my.twice(x)
      y = my.twice(u) }
    <domain: "my", opset_import: ["" : 21]> twice (i) => (o) { o = Add(i, i) }"""
    checked = check_edit(text, making("node:u", "node:y"))
    assert [(o.domain, o.version) for o in made(checked)[1].opset_import] == [("my", 1)]
    assert_same_meaning(text, checked)


def test_inlining_gives_the_same_nodes_and_names_again() -> None:
    checked = check_edit(BODIES, making("node:a", "node:b"))
    again = check_edit(checked.proto, {"kind": "inline-function", "node": "node:b"})
    before = onnx.parser.parse_model(BODIES)
    assert onnx.printer.to_text(again.proto.graph) == onnx.printer.to_text(before.graph)


def test_declared_types_come_along_where_functions_may_declare_them() -> None:
    proto = onnx.parser.parse_model(CHAIN)
    proto.graph.value_info.append(onnx.helper.make_tensor_value_info("b", 1, [3]))
    _, function = made(check_edit(proto, making("node:b", "node:d")))
    assert [info.name for info in function.value_info] == ["b"]
    proto.ir_version = 9
    _, function = made(check_edit(proto, making("node:b", "node:d")))
    assert list(function.value_info) == []


def test_an_older_model_is_set_to_the_ir_version_that_has_functions() -> None:
    proto = onnx.parser.parse_model(CHAIN)
    proto.ir_version = 6
    checked = check_edit(proto, making("node:b"))
    assert checked.proto.ir_version == 8
    assert checked.applied.title == "Made the function part of 1 node, and set the IR version to 8"
    assert_same_meaning(proto, checked)
    proto.ir_version = 3
    check_rejected(proto, making("node:b"), says="functions need IR version 8")


def test_metadata_that_all_nodes_share_stays_with_the_call() -> None:
    proto = onnx.parser.parse_model(CHAIN)
    for place, node in enumerate(proto.graph.node):
        node.metadata_props.add(key="namespace", value="block/0")
        node.metadata_props.add(key="place", value=str(place))
    call, function = made(check_edit(proto, making("node:b", "node:d")))
    assert [(p.key, p.value) for p in call.metadata_props] == [("namespace", "block/0")]
    assert [len(node.metadata_props) for node in function.node] == [2, 2]


def test_what_records_have_no_field_for_comes_along_under_the_new_names() -> None:
    proto = onnx.parser.parse_model(CHAIN)
    node = proto.graph.node[1]
    node.ClearField("domain")  # which the parser spells out
    node.device_configurations.add(configuration_id="two").sharding_spec.add(tensor_name="b", device=[0, 1])
    node.MergeFromString(b"\xfa\x3f\x03abc")  # field 1023, which ONNX does not define
    _, function = made(check_edit(proto, making("node:b", "node:d")))
    assert function.node[0].SerializeToString(deterministic=True) == node.SerializeToString(deterministic=True)
    inlined = check_edit(
        check_edit(proto, making("node:b", "node:d")).proto, {"kind": "inline-function", "node": "node:d"}
    )
    renamed = check_edit(inlined.proto, {"kind": "rename-value", "value": "value:b", "name": "fresh"}).proto.graph.node[
        1
    ]
    assert renamed.device_configurations[0].sharding_spec[0].tensor_name == "fresh"
    assert b"abc" in renamed.SerializeToString()


def test_a_way_that_leads_out_and_back_in_is_refused_with_the_node_between() -> None:
    error = check_rejected(CHAIN, making("node:b", "node:y"), says="lies between the chosen nodes")
    assert error.subjects[0] == "node:d"
    check_rejected(BODIES, making("node:a", "node:y"), says="lies between")


def test_nodes_of_several_graphs_and_nodes_that_make_nothing_are_refused() -> None:
    check_rejected(BODIES, making("node:a", "node:q@b.then_branch"), says="several graphs")
    proto = onnx.parser.parse_model(CHAIN)
    proto.graph.node.add(op_type="Sink", domain="own", name="sink", input=["a"])
    check_rejected(proto, making("node:sink"), says="make nothing")


def test_a_call_of_an_overload_is_refused_because_runtimes_take_another_one_inside_functions() -> None:
    text = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
    g (float[3] x) => (float[3] y) { u = my.twice:neg(x)
      y = Abs(u) }
    <domain: "my", overload: "neg", opset_import: ["" : 21]> twice (i) => (o) { o = Neg(i) }"""
    check_rejected(text, making("node:u", "node:y"), says="calls the overload neg")


@pytest.mark.parametrize("domain", ["", "ai.onnx", "ai.onnx.ml"])
def test_a_domain_of_standard_operators_is_refused(domain: str) -> None:
    error = check_rejected(CHAIN, making("node:b", domain=domain), "wrong-parameters")
    assert error.fields and "domain" in error.fields


def test_a_name_that_is_taken_is_refused() -> None:
    twice = check_edit(CHAIN, making("node:b")).proto
    error = check_rejected(twice, making("node:d"), says="local has part already")
    assert error.fields and "name" in error.fields


def test_what_an_annotation_names_cannot_go_inside() -> None:
    path = shared_model("odd/quantization_annotation.onnx")
    proto = onnx.load(path)
    named = proto.graph.quantization_annotation[0].tensor_name
    maker = next((n for n in proto.graph.node if named in n.output), None)
    if maker is None:
        pytest.skip("it names no intermediate value")
    readers = [f"node:{n.output[0]}" for n in proto.graph.node if named in n.input]
    check_rejected(proto, making(f"node:{maker.output[0]}", *readers), says="named in")
