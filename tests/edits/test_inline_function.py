"""Tests of inline-function."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.edits.functions import function_called_by
from tests.laws import Checked, check_edit, check_rejected
from tests.outputs import assert_computes_the_same, outputs_of
from tests.shared_models import shared_model

HEAD = '<ir_version: 10, opset_import: ["" : 21, "my" : 1]>'
SCALED = """<domain: "my", opset_import: ["" : 21]> scaled <alpha, beta: float = 2.0> (i) => (o) {
  h = LeakyRelu <alpha: float = @alpha> (i)
  k = Constant <value_float: float = @beta> ()
  o = Mul(h, k) }"""
PICKING = """<domain: "my", opset_import: ["" : 21]> picking (c, i) => (o) {
  h = Abs(i)
  o = If (c) <then_branch = t () => (float[3] p) { q = Neg(h)
                p = Add(q, i) },
              else_branch = e () => (float[3] q) { q = Identity(i) }> }"""


def model(nodes: str, *functions: str, head: str = HEAD) -> str:
    return f"{head} g (float[3] x, bool c) => (float[3] y) {{ {nodes} }} " + "\n".join(functions)


def inlining(node: str, **more: Any) -> dict[str, Any]:
    return {"kind": "inline-function", "node": node, **more}


def kinds(checked: Checked) -> list[str]:
    return [node.op_type for node in checked.proto.graph.node]


def assert_same_meaning(before: str | onnx.ModelProto, checked: Checked) -> None:
    proto = onnx.parser.parse_model(before) if isinstance(before, str) else before
    onnx.checker.check_model(checked.proto, full_check=True)
    assert_computes_the_same(proto, checked.proto)


def test_the_nodes_of_the_function_take_the_place_of_the_call() -> None:
    text = model("a = Abs(x) u = my.scaled <alpha: float = 0.5> (a) y = Neg(u)", SCALED)
    checked = check_edit(text, inlining("node:u"))
    assert kinds(checked) == ["Abs", "LeakyRelu", "Constant", "Mul", "Neg"]
    assert checked.proto.graph.node[3].output == ["u"]
    assert checked.proto.functions == []
    assert checked.applied.title == "Inlined scaled, and removed the function, which nothing else calls"
    assert_same_meaning(text, checked)


def test_references_become_what_the_call_gives_and_what_the_function_has_by_default() -> None:
    checked = check_edit(model("y = my.scaled <alpha: float = 0.25> (x)", SCALED), inlining("node:y"))
    leaky, constant, _ = checked.proto.graph.node
    assert [leaky.attribute[0].f, constant.attribute[0].f] == [0.25, 2.0]
    assert [a.ref_attr_name for n in checked.proto.graph.node for a in n.attribute] == ["", ""]


def test_what_the_call_gives_goes_before_a_default() -> None:
    text = model("y = my.scaled <alpha: float = 0.25, beta: float = 7.0> (x)", SCALED)
    assert check_edit(text, inlining("node:y")).proto.graph.node[1].attribute[0].f == 7


def test_a_reference_to_what_nobody_gives_is_left_out() -> None:
    text = model("y = my.scaled (x)", SCALED)
    checked = check_edit(text, inlining("node:y"))
    assert list(checked.proto.graph.node[0].attribute) == []


def test_a_function_stays_while_something_else_calls_it_or_when_it_is_to() -> None:
    twice = model("u = my.scaled <alpha: float = 0.5> (x) y = my.scaled <alpha: float = 0.1> (u)", SCALED)
    checked = check_edit(twice, inlining("node:u"))
    assert [f.name for f in checked.proto.functions] == ["scaled"]
    assert checked.applied.title == "Inlined scaled"
    assert_same_meaning(twice, checked)
    once = model("y = my.scaled <alpha: float = 0.5> (x)", SCALED)
    assert len(check_edit(once, inlining("node:y", keep_function=True)).proto.functions) == 1


def test_bodies_inside_are_copied_with_what_they_capture() -> None:
    text = model("y = my.picking(c, x)", PICKING)
    assert_same_meaning(text, check_edit(text, inlining("node:y")))


def test_names_that_are_taken_get_the_name_of_the_call_in_front() -> None:
    text = model("h = Neg(x) [first] u = my.picking(c, h) q = Identity(u) y = Add(q, h)", PICKING)
    checked = check_edit(text, inlining("node:u"))
    made = [output for node in checked.proto.graph.node for output in node.output]
    assert made == ["h", "first/h", "u", "q", "y"]
    body = next(a.g for n in checked.proto.graph.node for a in n.attribute if a.name == "then_branch")
    assert [node.output[0] for node in body.node] == ["first/q", "p"]
    assert_same_meaning(text, checked)


def test_inner_names_never_hide_what_a_body_of_the_function_captures() -> None:
    """The body's own q would hide the graph's q, which stands for the input that the body captures."""
    text = model("q = Neg(x) y = my.picking(c, q)", PICKING)
    assert_same_meaning(text, check_edit(text, inlining("node:y")))


def test_new_names_never_hide_what_a_body_beside_the_call_captures() -> None:
    text = model(
        """u = my.picking(c, x)
        y = If (c) <then_branch = t () => (float[3] r) { h = Abs(u)  r = Neg(h) },
                    else_branch = e () => (float[3] s) { s = Neg(u) }>""",
        PICKING,
    )
    checked = check_edit(text, inlining("node:u"))
    assert "picking/h" in [output for node in checked.proto.graph.node for output in node.output]
    assert_same_meaning(text, checked)


def test_calls_inside_the_function_stay_calls_and_keep_what_they_pass_on() -> None:
    outer = """<domain: "my", opset_import: ["" : 21, "my" : 1]> outer <alpha> (i) => (o) {
      h = my.scaled <alpha: float = @alpha> (i)
      o = my.scaled <alpha: float = 0.5, beta: float = 3.0> (h) }"""
    text = model("y = my.outer <alpha: float = 0.1> (x)", SCALED, outer)
    checked = check_edit(text, inlining("node:y"))
    assert kinds(checked) == ["scaled", "scaled"]
    assert_same_meaning(text, checked)


def test_a_call_in_another_function_keeps_references_to_that_function_s_attributes() -> None:
    outer = """<domain: "my", opset_import: ["" : 21, "my" : 1]> outer <slope> (i) => (o) {
      h = my.scaled <alpha: float = @slope> (i)
      o = Neg(h) }"""
    text = model("y = my.outer <slope: float = 0.1> (x)", SCALED, outer)
    checked = check_edit(text, inlining("node:h@my::outer:"))
    leaky = checked.proto.functions[0].node[0]
    assert (leaky.op_type, leaky.attribute[0].ref_attr_name) == ("LeakyRelu", "slope")
    assert_same_meaning(text, checked)


def test_the_overload_that_the_node_names_is_inlined() -> None:
    other = SCALED.replace('"my",', '"my", overload: "neg",').replace("Mul(h, k)", "Neg(h)")
    text = model("y = my.scaled:neg <alpha: float = 0.5> (x)", SCALED, other)
    checked = check_edit(text, inlining("node:y"))
    assert kinds(checked) == ["LeakyRelu", "Constant", "Neg"]
    assert [f.overload for f in checked.proto.functions] == [""]
    assert_same_meaning(text, checked)


def test_a_call_inside_a_body_is_inlined_there() -> None:
    text = model(
        """y = If (c) <then_branch = t () => (float[3] p) { p = my.picking(c, x) },
                       else_branch = e () => (float[3] q) { q = Neg(x) }>""",
        PICKING,
    )
    assert_same_meaning(text, check_edit(text, inlining("node:p@y.then_branch")))


def test_an_input_or_output_handed_on_twice_gets_an_identity() -> None:
    passing = """<domain: "my", opset_import: ["" : 21]> passing (i) => (a, b, c) {
      a = Neg(i)
      b = Identity(a) }"""
    text = model("u, v, w = my.passing(x) s = Add(u, v) y = Add(s, w)", passing)
    proto = onnx.parser.parse_model(text)
    del proto.functions[0].node[1]
    proto.functions[0].output[:] = ["a", "a", "i"]
    checked = check_edit(proto, inlining("node:u"))
    assert kinds(checked) == ["Neg", "Identity", "Identity", "Add", "Add"]
    onnx.checker.check_model(checked.proto, full_check=True)
    assert outputs_of(checked.proto, {"x": [1, 2, 3], "c": True})[0].tolist() == [-1, -2, -3]


def test_outputs_that_the_call_leaves_out_get_names_of_their_own() -> None:
    two = """<domain: "my", opset_import: ["" : 21]> two (i) => (a, b) { a = Neg(i)
      b = Abs(a) }"""
    proto = onnx.parser.parse_model(model("u, y = my.two(x)", two))
    proto.graph.node[0].output[0] = ""
    checked = check_edit(proto, inlining("node:y"))
    assert [list(node.output) for node in checked.proto.graph.node] == [["a"], ["y"]]


def test_an_optional_input_that_the_call_leaves_out_stays_left_out() -> None:
    clipping = """<domain: "my", opset_import: ["" : 21]> clipping (i, low, high) => (o) {
      o = Clip(i, low, high) }"""
    text = model("z = Constant <value_float = 0.0> () y = my.clipping(x, , z)", clipping)
    checked = check_edit(text, inlining("node:y"))
    assert list(checked.proto.graph.node[1].input) == ["x", "", "z"]
    assert_same_meaning(text, checked)


def test_an_input_that_is_needed_and_left_out_refuses() -> None:
    adding = """<domain: "my", opset_import: ["" : 21]> adding (i, j) => (o) { o = Add(i, j) }"""
    error = check_rejected(model("y = my.adding(x)", adding), inlining("node:y"), says="leaves out j")
    assert error.hint == "connect that input first"


def test_opsets_may_differ_where_the_operators_do_not() -> None:
    old = SCALED.replace('["" : 21]', '["" : 17]')
    text = model(
        "y = my.scaled <alpha: float = 0.5> (x)", old.replace("Constant <value_float: float = @beta> ()", "Abs(i)")
    )
    checked = check_edit(text, inlining("node:y"))
    assert_same_meaning(text, checked)


def test_an_operator_that_means_something_else_in_the_model_s_opset_refuses() -> None:
    summing = """<domain: "my", opset_import: ["" : 11]> summing (i) => (o) {
      o = Softmax <axis = 0> (i) }"""
    error = check_rejected(
        model("y = my.summing(x)", summing), inlining("node:y"), says="Softmax in summing is of ai.onnx 11"
    )
    assert "node:o@my::summing:" in error.subjects


def test_a_domain_that_only_the_function_imports_is_imported_by_the_model() -> None:
    using = """<domain: "my", opset_import: ["" : 21, "com.microsoft" : 1]> using (i) => (o) {
      o = com.microsoft.QuickGelu(i) }"""
    text = model("y = my.using(x)", using)
    checked = check_edit(text, inlining("node:y"))
    assert ("com.microsoft", 1) in [(o.domain, o.version) for o in checked.proto.opset_import]
    assert_computes_the_same(onnx.parser.parse_model(text), checked.proto)


def test_a_graph_that_the_call_gives_goes_where_the_function_refers_to_it() -> None:
    text = model("y = my.running(c, x)", PICKING.replace("picking", "running"))
    proto = onnx.parser.parse_model(text)
    inner, call = proto.functions[0].node[1], proto.graph.node[0]
    given = next(a for a in inner.attribute if a.name == "then_branch")
    call.attribute.add().CopyFrom(given)
    call.attribute[0].name = "chosen"
    del call.attribute[0].g.node[:]
    call.attribute[0].g.node.add(op_type="Neg", input=["x"], output=["p"])
    given.ClearField("g")
    given.ref_attr_name = "chosen"
    proto.functions[0].attribute.append("chosen")
    checked = check_edit(proto, inlining("node:y"))
    branch = next(a for n in checked.proto.graph.node for a in n.attribute if a.name == "then_branch")
    assert (branch.ref_attr_name, [list(n.input) for n in branch.g.node]) == ("", [["x"]])
    onnx.checker.check_model(checked.proto, full_check=True)
    assert outputs_of(checked.proto, {"x": [1, 2, 3], "c": True})[0].tolist() == [-1, -2, -3]


def test_declared_types_come_along_without_names_of_dims_that_are_another_scope_s() -> None:
    proto = onnx.parser.parse_model(model("y = my.scaled <alpha: float = 0.5> (x)", SCALED))
    proto.functions[0].value_info.append(onnx.helper.make_tensor_value_info("h", 1, ["N"]))
    checked = check_edit(proto, inlining("node:y"))
    (info,) = checked.proto.graph.value_info
    assert (info.name, info.type.tensor_type.shape.dim[0].WhichOneof("value")) == ("h", None)


def test_a_type_that_the_function_declares_and_this_call_does_not_make_goes() -> None:
    proto = onnx.parser.parse_model(model("y = my.scaled <alpha: float = 0.5> (x)", SCALED))
    proto.functions[0].value_info.append(onnx.helper.make_tensor_value_info("h", 1, [2, 2]))
    checked = check_edit(proto, inlining("node:y"))
    assert list(checked.proto.graph.value_info) == []
    assert_same_meaning(proto, checked)


def test_a_type_that_the_function_declares_behind_an_operator_without_a_schema_stays() -> None:
    custom = '<domain: "my", opset_import: ["" : 21, "other" : 1]> custom (i) => (o) { h = other.What(i) o = Abs(h) }'
    proto = onnx.parser.parse_model(
        model("y = my.custom(x)", custom, head=HEAD.replace(">", "").replace("]", ', "other" : 1]>'))
    )
    proto.functions[0].value_info.append(onnx.helper.make_tensor_value_info("h", 1, [2, 2]))
    checked = check_edit(proto, inlining("node:y"))
    assert [info.name for info in checked.proto.graph.value_info] == ["h"]


def test_what_calls_no_function_and_a_function_s_own_recursion_are_refused() -> None:
    check_rejected(model("y = Neg(x)", SCALED), inlining("node:y"), says="calls no local function")
    looped = """<domain: "my", opset_import: ["" : 21, "my" : 1]> looped (i) => (o) { o = my.looped(i) }"""
    check_rejected(model("y = my.looped(x)", looped), inlining("node:o@my::looped:"), says="stands in the function")


@pytest.mark.parametrize("name", ["odd/functions_with_overloads.onnx", "exported/onnxscript_function_library.onnx"])
def test_a_model_with_all_its_calls_inlined_computes_the_same(name: str) -> None:
    path = shared_model(name)
    flat = with_all_calls_inlined(path)
    proto = onnx.ModelProto.FromString(flat)
    assert list(proto.functions) == []
    onnx.checker.check_model(proto, full_check=True)
    assert_computes_the_same(path.read_bytes(), flat)


def test_all_calls_at_once_leave_no_function() -> None:
    text = model("u = my.scaled <alpha: float = 0.5> (x) y = my.scaled <alpha: float = 0.1> (u)", SCALED)
    checked = check_edit(text, {"kind": "batch", "edits": [inlining("node:u"), inlining("node:y")]})
    assert list(checked.proto.functions) == []
    assert checked.applied.title == "Inlined 2 calls of functions"
    assert_same_meaning(text, checked)


def test_references_inside_bodies_and_tensors_by_default_are_resolved_too() -> None:
    deep = """<domain: "my", opset_import: ["" : 21]> deep <slope, weights> (c, i) => (o) {
      w = Constant <value: tensor = @weights> ()
      o = If (c) <then_branch = t () => (float[3] p) { q = LeakyRelu <alpha: float = @slope> (i)
                    p = Mul(q, w) },
                  else_branch = e () => (float[3] r) { r = Add(i, w) }> }"""
    proto = onnx.parser.parse_model(model("y = my.deep <slope: float = 0.5> (c, x)", deep))
    function = proto.functions[0]
    function.attribute.remove("weights")
    held = onnx.helper.make_tensor("any", onnx.TensorProto.FLOAT, [3], [1.0, 2.0, 3.0])
    function.attribute_proto.append(onnx.helper.make_attribute("weights", held))
    checked = check_edit(proto, inlining("node:y"))
    assert not checked.proto.functions
    assert_same_meaning(proto, checked)


def with_all_calls_inlined(path: Path) -> bytes:
    """The model after inlining every call, those that appear meanwhile too."""
    document = open_model(path)
    for _ in range(10_000):
        every = [node for graph in document.graph_ids() for node in document.node_ids(graph)]
        call = next((node for node in every if function_called_by(document, document.node(node))), None)
        if call is None:
            break
        apply_edit(document, parse_edit(inlining(call)))
    return model_bytes(document)


PASSED_ON = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x) => (float[3] y) { y = my.outer<CALL>(x) }
  <domain: "my", opset_import: ["" : 21, "my" : 1]>
  inner <alpha: float = 0.5> (i) => (o) { o = LeakyRelu<alpha: float = @alpha>(i) }
  <domain: "my", opset_import: ["" : 21, "my" : 1]>
  outer <beta> (i) => (o) { o = my.inner<alpha: float = @beta>(i) }"""


def test_a_default_that_a_call_around_may_fall_back_to_is_not_lost() -> None:
    edit = {"kind": "inline-function", "node": "node:o@my::outer:"}
    error = check_rejected(PASSED_ON.replace("<CALL>", ""), edit, says="alpha")
    assert error.subjects[0] == "node:o@my::outer:"
    checked = check_edit(PASSED_ON.replace("CALL", "beta: float = 0.25"), edit)
    assert checked.proto.functions[0].node[0].attribute[0].ref_attr_name == "beta"
