"""Tests of reorder-io."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from tests.laws import check_edit, check_rejected

MODEL = """g (float[3] x, int64 n, float[3] w) => (float[3] y, float[3] a) <float[3] w = {1, 2, 3}> { a = Add(x, w)
  y = Neg(a) }"""
FUNCTION = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x, float[3] z) => (float[3] y) { y = my.less(x, z)
    other, = my.less(z) }
  <domain: "my", opset_import: ["" : 21]> less (i, j) => (o, p) { o = Sub(i, j)
    p = Neg(i) }""".replace("y = my.less(x, z)\n    other, = my.less(z)", "y, other = my.less(x, z)")
BODY = """g (bool c, float[3] x) => (float[3] y, float[3] z) {
  y, z = If (c) <then_branch = t () => (float[3] p, float[3] q) { p = Neg(x)
    q = Abs(x) }, else_branch = e () => (float[3] r, float[3] s) { r = Neg(x)
    s = Abs(x) }>
}"""


def reorder(**lists: Any) -> dict[str, Any]:
    return {"kind": "reorder-io", **lists}


def test_inputs_and_outputs_stand_as_they_are_listed() -> None:
    checked = check_edit(MODEL, reorder(inputs=["value:w", "value:n", "value:x"], outputs=["value:a", "value:y"]))
    graph = checked.proto.graph
    assert [[v.name for v in side] for side in (graph.input, graph.output)] == [["w", "n", "x"], ["a", "y"]]
    assert checked.applied.title == "Put the inputs and outputs into another order"
    onnx.checker.check_model(checked.proto, full_check=True)


def test_inputs_with_a_default_may_be_left_out_and_follow() -> None:
    graph = check_edit(MODEL, reorder(inputs=["value:n", "value:x"])).proto.graph
    assert [v.name for v in graph.input] == ["n", "x", "w"]


def test_the_present_order_is_no_change() -> None:
    assert check_edit(MODEL, reorder(outputs=["value:y", "value:a"])).applied.delta.is_empty


def test_calls_of_a_function_keep_their_wires() -> None:
    edit = reorder(
        inputs=["value:j@my::less:", "value:i@my::less:"], outputs=["value:p@my::less:", "value:o@my::less:"]
    )
    proto = check_edit(FUNCTION, edit).proto
    assert (list(proto.graph.node[0].input), list(proto.graph.node[0].output)) == (["z", "x"], ["other", "y"])
    x, z = np.ones(3, np.float32), np.zeros(3, np.float32)
    assert ort.InferenceSession(proto.SerializeToString()).run(["y"], {"x": x, "z": z})[0].tolist() == [1, 1, 1]


def test_what_is_missing_foreign_or_repeated_is_a_wrong_field() -> None:
    error = check_rejected(MODEL, reorder(inputs=["value:x"], outputs=["value:y", "value:y"]), "wrong-parameters")
    assert error.fields == {
        "inputs": "must name every one; n is missing",
        "outputs": "y is named too often, or is not one of the outputs of this graph",
    }


def test_something_has_to_be_given() -> None:
    assert check_rejected(MODEL, reorder(), "wrong-parameters").fields == {"inputs": "is needed, or outputs"}


def test_the_outputs_of_a_body_stand_as_its_node_expects() -> None:
    check_rejected(BODY, reorder(outputs=["value:q@y.then_branch", "value:p@y.then_branch"]), says="fixed by If")
