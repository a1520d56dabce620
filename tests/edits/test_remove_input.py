"""Tests of remove-input."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from tests.laws import check_edit, check_rejected

MODEL = """g (float[3] x, float[3] k, int64 unused) => (float[3] y) { a = Add(x, k)
  y = Neg(a) }"""
DEFAULT = """g (float[3] x, float[3] w, float[3] v) => (float[3] y) <float[3] w = {1, 2, 3}, float[3] v = {4, 5, 6}> {
  y = Add(x, w) }"""
OLD = '<ir_version: 3, opset_import: ["" : 8]>' + DEFAULT
BODY = """g (bool c, float[3] x, float[3] k) => (float[3] y) {
  y = If (c) <then_branch = t () => (float[3] p) { p = Neg(k) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
}"""
FUNCTION = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x) => (float[3] y) { y = my.add(x, x, x) }
  <domain: "my", opset_import: ["" : 21]> add (i, j, k) => (o) { o = Add(i, k) }"""
ONES = {"dtype": "float32", "shape": [3], "data": [1, 1, 1]}


def remove(value: str, **more: Any) -> dict[str, Any]:
    return {"kind": "remove-input", "value": value, **more}


def outputs(proto: onnx.ModelProto) -> np.ndarray:
    onnx.checker.check_model(proto, full_check=True)
    found: np.ndarray = ort.InferenceSession(proto.SerializeToString()).run(None, {"x": np.zeros(3, np.float32)})[0]
    return found


def test_an_input_that_nothing_reads_goes() -> None:
    checked = check_edit(MODEL, remove("value:unused"))
    assert [i.name for i in checked.proto.graph.input] == ["x", "k"]
    assert checked.applied.title == "Removed the input unused"


def test_one_that_is_read_stays() -> None:
    error = check_rejected(MODEL, remove("value:k"), says="1 node reads k")
    assert error.subjects == ("value:k", "node:a")
    assert "constant" in error.hint


def test_one_that_a_body_reads_stays() -> None:
    check_rejected(BODY, remove("value:k"), says="1 node reads k")


def test_a_constant_may_take_its_place() -> None:
    checked = check_edit(MODEL, remove("value:k", tensor=ONES))
    assert [i.name for i in checked.proto.graph.input] == ["x", "unused"]
    assert [t.name for t in checked.proto.graph.initializer] == ["k"]


def test_a_constant_for_what_nothing_reads_is_a_wrong_field() -> None:
    error = check_rejected(MODEL, remove("value:unused", tensor=ONES), "wrong-parameters")
    assert error.fields == {"tensor": "is not needed: nothing reads unused"}


def test_a_default_stays_as_a_constant() -> None:
    checked = check_edit(DEFAULT, remove("value:w"))
    assert [i.name for i in checked.proto.graph.input] == ["x", "v"]
    assert len(checked.proto.graph.value_info) == 0
    assert outputs(checked.proto).tolist() == [-1 * -1, 2, 3]
    assert checked.applied.title == "Removed the input w and kept its default as a constant"


def test_a_default_that_nothing_reads_goes_too() -> None:
    graph = check_edit(DEFAULT, remove("value:v")).proto.graph
    assert [t.name for t in graph.initializer] == ["w"]


def test_before_ir_4_an_initializer_that_is_read_stays_an_input() -> None:
    assert "IR version" in check_rejected(OLD, remove("value:w"), says="listed as an input").hint
    graph = check_edit(OLD, remove("value:v")).proto.graph
    assert ([i.name for i in graph.input], [t.name for t in graph.initializer]) == (["x", "w"], ["w"])


def test_calls_of_a_function_lose_the_slot() -> None:
    proto = check_edit(FUNCTION, remove("value:j@my::add:")).proto
    assert (list(proto.functions[0].input), list(proto.graph.node[0].input)) == (["i", "k"], ["x", "x"])
    outputs(proto)


def test_an_input_of_a_function_may_become_a_constant() -> None:
    proto = check_edit(FUNCTION, remove("value:k@my::add:", tensor=ONES)).proto
    assert [n.op_type for n in proto.functions[0].node] == ["Constant", "Add"]
    assert outputs(proto).tolist() == [1, 1, 1]


def test_what_is_no_input_is_refused() -> None:
    check_rejected(MODEL, remove("value:a"), says="a is no input")
