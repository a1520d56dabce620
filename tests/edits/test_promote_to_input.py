"""Tests of promote-to-input."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from tests.laws import HEADER, Checked, check_edit, check_rejected

MODEL = """g (float[N,3] x) => (float[N,3] y) <float[3] w = {1, 2, 3}> {
  a = Add(x, w)
  b = Relu(a)
  y = Neg(b)
}"""
SHARED = """g (float[4] x, int64[1] k) => (float[2] y, float[4] z) {
  r = Relu(x)
  v, i = TopK(r, k)
  f = Cast<to = 1>(i)
  y = Add(v, f)
  z = Neg(x)
}"""
CONSTANT = "g (float[3] x) => (float[3] y) { c = Constant<value = float[3] {1, 2, 3}>()\n y = Add(x, c) }"
BODY = """g (bool c, float[3] x) => (float[3] y) {
  a = Abs(x)
  d = Not(c)
  v = If (d) <then_branch = t () => (float[3] p) { p = Neg(a) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
  y = Relu(v)
}"""
FUNCTION = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x) => (float[3] y) { y = my.twice(x) }
  <domain: "my", opset_import: ["" : 21]> twice (i) => (o) { h = Add(i, i)
    o = Neg(h) }"""


def promote(value: str, **more: Any) -> dict[str, Any]:
    return {"kind": "promote-to-input", "value": value, **more}


def names(checked: Checked) -> tuple[list[str], list[str], list[str]]:
    """Inputs, initializers, operators."""
    graph = checked.proto.graph
    return [i.name for i in graph.input], [t.name for t in graph.initializer], [n.op_type for n in graph.node]


def valid(checked: Checked) -> ort.InferenceSession:
    onnx.checker.check_model(checked.proto, full_check=True)
    return ort.InferenceSession(checked.proto.SerializeToString())


def test_an_initializer_becomes_an_input_of_its_type() -> None:
    checked = check_edit(MODEL, promote("value:w"))
    assert names(checked)[:2] == (["x", "w"], [])
    session = valid(checked)
    assert (session.get_inputs()[1].type, session.get_inputs()[1].shape) == ("tensor(float)", [3])
    assert checked.applied.title == "Promoted w to an input"


def test_its_tensor_may_stay_as_a_default() -> None:
    checked = check_edit(MODEL, promote("value:w", keep_default=True))
    assert names(checked)[:2] == (["x", "w"], ["w"])
    session = valid(checked)
    assert [i.name for i in session.get_overridable_initializers()] == ["w"]
    ones = np.ones((1, 3), np.float32)
    assert session.run(None, {"x": ones})[0].tolist() == [[-2, -3, -4]]
    assert session.run(None, {"x": ones, "w": ones[0]})[0].tolist() == [[-2, -2, -2]]


def test_a_default_can_be_taken_away() -> None:
    model = MODEL.replace("(float[N,3] x)", "(float[N,3] x, float[3] w)")
    assert names(check_edit(model, promote("value:w")))[:2] == (["x", "w"], [])
    check_rejected(model, promote("value:w", keep_default=True), says="w is an input already")
    check_rejected(model, promote("value:x"), says="x is an input already")


def test_before_ir_4_there_are_no_defaults() -> None:
    model = onnx.parser.parse_model('<ir_version: 3, opset_import: ["" : 8]>' + MODEL)
    check_rejected(model, promote("value:w", keep_default=True), says="before IR version 4")
    assert names(check_edit(model, promote("value:w")))[:2] == (["x", "w"], [])


def test_what_only_computed_the_value_is_deleted() -> None:
    checked = check_edit(MODEL, promote("value:b"))
    assert names(checked) == (["x", "b"], ["w"], ["Neg"])
    info = checked.proto.graph.input[1].type.tensor_type
    assert [d.dim_param or d.dim_value for d in info.shape.dim] == ["N", 3]
    assert checked.applied.title == "Promoted b to an input, and deleted 2 nodes that only computed it"
    valid(checked)


def test_what_serves_something_else_stays() -> None:
    checked = check_edit(SHARED, promote("value:v", dtype="float32"))
    assert names(checked)[2] == ["Relu", "TopK", "Cast", "Add", "Neg"]
    assert list(checked.proto.graph.node[1].output) == ["v_TopK", "i"]
    valid(checked)


def test_bodies_go_with_their_node_and_what_they_captured() -> None:
    checked = check_edit(BODY, promote("value:v"))
    assert names(checked) == (["c", "x", "v"], [], ["Relu"])
    valid(checked)


def test_what_a_constant_node_makes_may_be_the_default() -> None:
    checked = check_edit(CONSTANT, promote("value:c", keep_default=True))
    assert names(checked) == (["x", "c"], ["c"], ["Add"])
    valid(checked)
    assert names(check_edit(CONSTANT, promote("value:c")))[:2] == (["x", "c"], [])


def test_what_is_computed_has_no_default() -> None:
    error = check_rejected(MODEL, promote("value:a", keep_default=True), "wrong-parameters")
    assert error.fields == {"keep_default": "a is computed: it has no tensor to keep"}


def test_a_value_that_nothing_makes_becomes_an_input() -> None:
    model = onnx.parser.parse_model(HEADER + MODEL)
    del model.graph.node[0]
    check_rejected(model, promote("value:a"), "choice-needed", "nothing says the dtype of a")
    assert names(check_edit(model, promote("value:a", dtype="float32")))[0] == ["x", "a"]


def test_the_inputs_of_a_body_are_what_its_node_hands_in() -> None:
    check_rejected(BODY, promote("value:p@v.then_branch"), says="fixed by If")


def test_calls_of_a_function_would_lack_the_input() -> None:
    error = check_rejected(FUNCTION, promote("value:h@my::twice:"), says="1 node calls the function twice")
    assert error.subjects == ("node:y",)
    unused = FUNCTION.replace("my.twice(x)", "Neg(x)")
    assert list(check_edit(unused, promote("value:h@my::twice:")).proto.functions[0].input) == ["i", "h"]
