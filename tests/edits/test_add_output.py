"""Tests of add-output."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from onnx_scalpel.document.records import ValueRecord
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.laws import HEADER, Checked, check_edit, check_rejected, document_of

MODEL = """g (float[N,3] x) => (float[N,3] y) <float[3] w = {1, 2, 3}> {
  a = Add(x, w)
  s = Shape(a)
  y = Neg(a)
}"""
BODY = """g (bool c, float[3] x) => (float[3] y) {
  y = If (c) <then_branch = t () => (float[3] p) { q = Neg(x)
    p = Abs(q) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
}"""
FUNCTION = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x) => (float[3] y) { u = my.twice(x)
    y = Neg(u) }
  <domain: "my", opset_import: ["" : 21]> twice (i) => (o) { h = Add(i, i)
    o = Relu(h) }"""


def add(value: str, **more: str) -> dict[str, str]:
    return {"kind": "add-output", "value": value, **more}


def output_of(checked: Checked, place: int = -1) -> tuple[str, str, list[int | str | None] | None]:
    info = checked.proto.graph.output[place]
    tensor = info.type.tensor_type
    dims = [d.dim_value if d.HasField("dim_value") else d.dim_param or None for d in tensor.shape.dim]
    return info.name, onnx.TensorProto.DataType.Name(tensor.elem_type), dims if tensor.HasField("shape") else None


def test_an_intermediate_value_becomes_the_last_output_with_the_inferred_type() -> None:
    checked = check_edit(MODEL, add("value:a"))
    assert output_of(checked) == ("a", "FLOAT", ["N", 3])
    assert checked.applied.title == "Made a an output"
    onnx.checker.check_model(checked.proto, full_check=True)


def test_several_become_outputs_in_one_edit() -> None:
    checked = check_edit(MODEL, {"kind": "batch", "edits": [add("value:a"), add("value:s")]})
    assert output_of(checked, -2)[0] == "a" and output_of(checked)[0] == "s"
    assert checked.applied.title == "Made a and 1 more outputs"


def test_a_type_of_which_only_the_rank_is_known_is_written_as_such() -> None:
    model = "g (float[A,B] x, int64[2] s) => (float[?] y) { r = Reshape(x, s)\n y = Flatten(r) }"
    assert output_of(check_edit(model, add("value:r"))) == ("r", "FLOAT", [None, None])


def test_it_computes_what_the_value_is() -> None:
    session = ort.InferenceSession(check_edit(MODEL, add("value:a")).proto.SerializeToString())
    y, a = session.run(None, {"x": np.ones((2, 3), np.float32)})
    assert np.array_equal(y, -a)
    assert np.array_equal(a, np.array([[2, 3, 4]] * 2, np.float32))


def test_what_was_declared_moves_from_value_info_to_the_output() -> None:
    model = MODEL.replace("<float[3] w = {1, 2, 3}>", "<float[M,3] a, float[3] w = {1, 2, 3}>")
    checked = check_edit(model, add("value:a"))
    assert output_of(checked) == ("a", "FLOAT", ["M", 3])
    assert len(checked.proto.graph.value_info) == 0


def test_an_initializer_and_an_input_can_be_handed_out() -> None:
    assert output_of(check_edit(MODEL, add("value:w"))) == ("w", "FLOAT", [3])
    checked = check_edit(MODEL, add("value:x"))
    assert output_of(checked) == ("x", "FLOAT", ["N", 3])
    ort.InferenceSession(checked.proto.SerializeToString())


def test_a_sequence_is_handed_out_as_a_sequence() -> None:
    model = "g (float[4] x) => (int64 n) { q = SplitToSequence(x)\n n = SequenceLength(q) }"
    kind = check_edit(model, add("value:q")).proto.graph.output[1].type
    assert kind.sequence_type.elem_type.tensor_type.elem_type == onnx.TensorProto.FLOAT


def test_types_that_a_session_inferred_are_used_while_they_are_current() -> None:
    document = document_of(MODEL)
    document.inferred, document.types_current = {"value:a": ("float32", (7, 3))}, True
    apply_edit(document, parse_edit(add("value:a")))
    assert document.value("value:a").shape == (7, 3)


def test_types_of_an_earlier_state_are_inferred_anew() -> None:
    document = document_of(MODEL)
    document.inferred, document.types_current = {"value:a": ("float32", ("N", 3))}, True
    for data in (
        {"kind": "set-value-type", "value": "value:x", "shape": [5, 3]},
        add("value:a"),
    ):
        apply_edit(document, parse_edit(data))
    found: ValueRecord = document.value("value:a")
    assert found.shape == (5, 3)


def test_behind_a_custom_operator_the_dtype_is_asked_for() -> None:
    model = '<ir_version: 10, opset_import: ["" : 21, "my" : 1]>' + MODEL.replace("Add(x, w)", "my.thing(x, w)")
    error = check_rejected(model, add("value:a"), "choice-needed", "nothing says the dtype of a")
    assert error.choices is not None and {"label": "float16", "dtype": "float16"} in error.choices
    checked = check_edit(model, add("value:a", dtype="float16"))
    assert output_of(checked) == ("a", "FLOAT16", None)
    assert checked.applied.title == "Made a an output; nothing says its shape"


def test_behind_operators_of_the_runtime_it_says_the_type() -> None:
    model = '<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>' + MODEL.replace(
        "y = Neg(a)", "u = com.microsoft.Gelu(a)\n v = ReduceSum<keepdims = 0>(u)\n y = Neg(a)"
    )
    assert output_of(check_edit(model, add("value:u"))) == ("u", "FLOAT", ["N", 3])
    assert output_of(check_edit(model, add("value:v"))) == ("v", "FLOAT", [])


@pytest.mark.parametrize(
    ("dtype", "line"), [("float33", "must be one of"), ("int64", "must be float32, or be left out")]
)
def test_a_dtype_that_is_wrong_is_a_wrong_field(dtype: str, line: str) -> None:
    error: AppError = check_rejected(MODEL, add("value:a", dtype=dtype), "wrong-parameters")
    assert error.fields is not None and line in error.fields["dtype"]


def test_an_output_is_not_added_twice() -> None:
    check_rejected(MODEL, add("value:y"), says="y is an output already")


def test_a_value_that_nothing_makes_is_no_output() -> None:
    model = onnx.parser.parse_model(HEADER + MODEL)
    del model.graph.node[0]
    check_rejected(model, add("value:a"), says="nothing makes a")


def test_a_sparse_tensor_is_no_output() -> None:
    model = onnx.parser.parse_model(HEADER + MODEL)
    values = onnx.numpy_helper.from_array(np.array([5], np.float32), "w")
    places = onnx.numpy_helper.from_array(np.array([1], np.int64), "w_places")
    model.graph.sparse_initializer.append(onnx.helper.make_sparse_tensor(values, places, [3]))
    del model.graph.initializer[:]
    assert "Identity" in check_rejected(model, add("value:w"), says="w is a sparse tensor").hint


def test_the_outputs_of_a_body_are_what_its_node_expects() -> None:
    error = check_rejected(BODY, add("value:q@y.then_branch"), says="fixed by If")
    assert error.subjects[0] == "node:y"


def test_each_call_of_a_function_gets_its_new_output() -> None:
    checked = check_edit(FUNCTION, add("value:h@my::twice:"))
    assert list(checked.proto.functions[0].output) == ["o", "h"]
    assert list(checked.proto.graph.node[0].output) == ["u", "u_h"]
    onnx.checker.check_model(checked.proto, full_check=True)
    ort.InferenceSession(checked.proto.SerializeToString())


def test_a_value_in_the_body_of_a_loop_is_collected_over_all_rounds() -> None:
    text = """g (float[2] x) => (float[2] y) <int64 three = {3}> {
      y = Loop (three, , x) <body = b (int64 at, bool go, float[2] state) => (bool on, float[2] next) {
        on = Identity(go)
        twice = Add(state, state)
        next = Neg(twice) }> }"""
    checked = check_edit(text, {"kind": "add-output", "value": "value:twice@y.body"})
    assert list(checked.proto.graph.node[0].output) == ["y", "y_twice"]
    assert checked.applied.title == "Made twice an output, collected by Loop"
    shown = check_edit(checked.proto, {"kind": "add-output", "value": "value:y_twice"}).proto
    found = ort.InferenceSession(shown.SerializeToString()).run(["y_twice"], {"x": np.array([1, 2], np.float32)})[0]
    assert found.tolist() == [[2, 4], [-4, -8], [8, 16]]
