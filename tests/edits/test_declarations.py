"""Which declarations of types an edit keeps: all that still follow, and none that ONNX's inference contradicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.laws import check_edit, document_of

CONV = """g (float[1,3,N,8] x, float[4,3,3,3] w, float[4,3,1,1] small) => (y)
  <float[1,4,a,8] c, float[1,4,a,8] d, float[1,4,1,1] e, float[1,4] f> {
  c = Conv<pads = [1, 1, 1, 1]>(x, w)
  d = Relu(c)
  e = GlobalAveragePool(d)
  f = Flatten(e)
  y = Neg(f) }"""


def put(node: str, attribute: str, value: Any) -> dict[str, Any]:
    return {"kind": "set-attribute", "node": node, "attribute": attribute, "value": value}


def declared(proto: onnx.ModelProto) -> list[str]:
    return [info.name for info in proto.graph.value_info]


def test_what_is_behind_the_place_where_types_are_the_same_again_stays() -> None:
    assert declared(check_edit(CONV, put("node:c", "strides", [2, 2])).proto) == ["e", "f"]


def test_nothing_is_dropped_when_the_attribute_says_the_same_in_other_words() -> None:
    model = "g (float[2,N,5] x) => (y) <float[N,5] a, float[N,5] b> { i = Constant<value_int = 1>()\n a = Gather<axis = 0>(x, i)\n b = Neg(a)\n y = Abs(b) }"
    assert declared(check_edit(model, put("node:a", "axis", -3)).proto) == ["a", "b"]


def test_a_declaration_that_follows_stays_where_a_wire_goes_elsewhere() -> None:
    model = (
        "g (float[2,N] x, float[2,N] z) => (y) <float[2,N] a, float[2,N] b> { a = Relu(x)\n b = Neg(a)\n y = Abs(b) }"
    )
    edit = {"kind": "connect", "node": "node:a", "slot": 0, "value": "value:z"}
    assert declared(check_edit(model, edit).proto) == ["a", "b"]


def test_dims_that_nobody_knows_are_only_the_same_on_the_same_value() -> None:
    model = "g (float[2,?] x, float[2,?] z) => (y) <float[2,?] a, float[2,?] b, float[2] c> { a = Relu(x)\n b = Neg(a)\n c = ReduceMax<keepdims = 0>(b, one)\n y = Abs(c) }"
    edit = {"kind": "connect", "node": "node:a", "slot": 0, "value": "value:z"}
    model = f'<ir_version: 10, opset_import: ["" : 21]>{model}'
    assert declared(check_edit(model, edit).proto)[:2] == ["a", "b"], "they leave that dim open"


def test_a_type_that_is_not_declared_is_worked_out_from_above() -> None:
    model = "g (float[2,8] x, float[8,4] w, float[8,4] v) => (y) <float[2,4] b> { h = Relu(x)\n k = Neg(h)\n a = MatMul(k, w)\n b = Abs(a)\n y = Exp(b) }"
    edit = {"kind": "connect", "node": "node:a", "slot": 1, "value": "value:v"}
    assert declared(check_edit(model, edit).proto) == ["b"]


def test_the_target_of_a_reshape_decides_what_is_behind_it() -> None:
    model = onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 21]> g (float[2,6] x) => (y) <float[3,4] a, float[3,4] b> '
        "{ a = Reshape(x, to)\n b = Relu(a)\n y = Neg(b) }"
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array([3, 4]), "to"))
    same = {"kind": "set-tensor", "value": "value:to", "tensor": {"dtype": "int64", "shape": [2], "data": [-1, 4]}}
    other = {"kind": "set-tensor", "value": "value:to", "tensor": {"dtype": "int64", "shape": [2], "data": [4, 3]}}
    assert declared(check_edit(model, same).proto) == ["a", "b"]
    assert declared(check_edit(model, other).proto) == []


def test_a_body_keeps_its_output_types_while_what_it_captures_keeps_its_type() -> None:
    model = """g (bool go, float[1,3,8,8] x, float[3,3,3,3] w) => (float[N,3,a,b] y) {
      c = Conv<pads = [1, 1, 1, 1]>(x, w)
      y = If(go)<then_branch = t () => (float[1,3,8,8] s) { s = Neg(c) }, else_branch = e () => (float[1,3,8,8] r) { r = Abs(c) }>
    }"""
    checked = check_edit(model, put("node:c", "auto_pad", "SAME_UPPER"))
    outputs = [a.g.output[0] for node in checked.proto.graph.node if node.op_type == "If" for a in node.attribute]
    assert [value.HasField("type") for value in outputs] == [True, True]


def test_behind_an_operator_that_nobody_knows_declarations_are_the_authors() -> None:
    model = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]> g (float[2,3] x) => (y) <float[3,2] a, float[7] m> {
      a = Transpose(x)
      m = my.Op(a)
      y = Neg(m) }"""
    assert declared(check_edit(model, put("node:a", "perm", [0, 1])).proto) == ["m"]


def test_the_tensor_that_an_input_is_frozen_to_decides_what_is_behind_it() -> None:
    model = "g (float[2,6] x, int64[2] to) => (y) <float[3,4] a, float[3,4] b> { a = Reshape(x, to)\n b = Relu(a)\n y = Neg(b) }"
    for data, kept in (([3, -1], ["a", "b"]), ([4, 3], [])):
        tensor = {"dtype": "int64", "shape": [2], "data": data}
        for kind in ("freeze-input", "remove-input"):
            assert declared(check_edit(model, {"kind": kind, "value": "value:to", "tensor": tensor}).proto) == kept


def test_another_opset_drops_what_its_operators_contradict() -> None:
    model = """<ir_version: 10, opset_import: ["" : 15]> g (float[2,3,4] x) => (y) <float[2,3,4] a, int64[2] s, int64[2] t>
      { a = Relu(x)\n s = Shape<start = 1>(a)\n t = Neg(s)\n y = Abs(t) }"""
    edit = {"kind": "set-opset-import", "domain": ""}
    assert declared(check_edit(model, {**edit, "version": 13}).proto) == ["a"]
    assert declared(check_edit(model, {**edit, "version": 21}).proto) == ["a", "s", "t"]


def test_an_operator_with_one_type_makes_that_whatever_it_reads() -> None:
    model = "g (float[2] x) => (y) <float[2] a, float[2] b> { a = Neg(x)\n b = Abs(a)\n y = Neg(b) }"
    edit = {"kind": "replace-node", "node": "node:b", "op_type": "Not"}
    assert declared(check_edit(model, edit).proto) == ["a"]


def test_a_split_that_says_too_few_outputs_loses_their_types_and_nothing_else() -> None:
    model = """g (float[6] x) => (y) <float[2] a, float[2] b, float[2] d> { a, b, d = Split<num_outputs = 3>(x)
      e = Add(a, b)
      y = Add(e, d) }"""
    assert declared(check_edit(model, put("node:a", "num_outputs", 2)).proto) == []
    assert declared(check_edit(model, put("node:a", "axis", -1)).proto) == ["a", "b", "d"]


@pytest.mark.parametrize("value", ["value:p@a.then_branch", "value:o@my::f:"])
def test_an_operator_on_what_a_body_or_a_function_hands_out_decides_what_is_behind(value: str) -> None:
    model = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
      g (bool c, float[2,3] x) => (y) <float[2,3] a, float[2,3] b, float[2,3] d> {
        a = If (c) <then_branch = t () => (float[2,3] p) { p = Abs(x) }, else_branch = e () => (float[2,3] r) { r = Neg(x) }>
        b = my.f(a)
        d = Neg(b)
        y = Abs(d) }
      <domain: "my", opset_import: ["" : 21]> f (i) => (o) { o = Relu(i) }"""
    edit = {"kind": "insert-node", "op_type": "Cast", "value": value, "attributes": {"to": 7}}
    assert declared(check_edit(model, edit).proto) == (["a"] if "my::" in value else [])


@pytest.mark.parametrize("node", ["node:h@a.then_branch", "node:h@my::f:"])
def test_removing_a_cast_in_a_body_or_a_function_gives_nothing_back_that_is_behind_it(node: str) -> None:
    model = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
      g (bool c, float[2,3] x, int64[2,3] z) => (y) <float[2,3] a, float[2,3] b, float[2,3] d> {
        a = If (c) <then_branch = t () => (float[2,3] p) { h = Cast<to = 1>(z)\n p = Abs(h) }, else_branch = e () => (float[2,3] r) { r = Neg(x) }>
        b = my.f(z)
        d = Add(a, b)
        y = Abs(d) }
      <domain: "my", opset_import: ["" : 21]> f (i) => (o) { h = Cast<to = 1>(i)\n o = Abs(h) }"""
    checked = check_edit(model, {"kind": "remove-nodes", "nodes": [node], "reconnect": True})
    assert declared(checked.proto) == (["a"] if "my::" in node else ["b"])


def test_the_branch_that_stays_decides_what_is_behind_the_if() -> None:
    model = """g (float[2,3] x, float[4,3] z) => (y) <float[4,3] d> {
      c = Constant<value = bool {1}>()
      a = If (c) <then_branch = t () => (float[2,3] p) { p = Abs(x) }, else_branch = e () => (float[4,3] r) { r = Neg(z) }>
      d = Neg(a)
      y = Abs(d) }"""
    assert declared(check_edit(model, {"kind": "extract-body", "node": "node:a"}).proto) == []


def test_where_operators_do_not_fit_the_dtype_is_that_of_the_first_input_as_inference_has_it() -> None:
    model = """g (float[1,3,4,4] x, float[3,3,1,1] w) => (y) <float[1,3,4,4] a, float[1,3,4,4] c, float[3,16] r> {
      to = Constant<value_ints = [3, 16]>()
      a = Relu(x)
      c = Conv(a, w)
      d = Add(c, x)
      r = Reshape(d, to)
      y = Neg(r) }"""
    edit = {"kind": "insert-node", "op_type": "Cast", "value": "value:a", "attributes": {"to": 7}}
    assert declared(check_edit(model, edit).proto) == ["a"]


CALLING = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[2,3] x) => (y) <float[2,3] a, float[2,3] b, float[2,3] c> { a = my.outer(x)
    b = Neg(a)
    c = Abs(x)
    y = Add(b, c) }
  <domain: "my", opset_import: ["" : 21, "my" : 1]> outer (i) => (o) { h = my.inner(i)
    o = Relu(h) }
  <domain: "my", opset_import: ["" : 21]> inner (i) => (o) { h = Cast<to = 1>(i)
    o = Neg(h) }"""


def test_what_a_function_computes_decides_what_is_behind_its_calls() -> None:
    inside = put("node:h@my::inner:", "to", 10)
    assert declared(check_edit(CALLING, inside).proto) == ["c"]
    given = {"kind": "set-value-type", "value": "value:x", "dtype": "float64"}
    assert declared(check_edit(CALLING, given).proto) == []


CHAIN = """g (float[2,6] x, int64[1] n) => (y) <float[2,6] a, int64[2] s, int64[1] f, int64[2] to, float[2,6] r> {
  one = Constant<value_ints = [0]>()
  six = Constant<value_ints = [6]>()
  a = Identity(x)
  s = Shape(a)
  f = Gather(s, one)
  to = Concat<axis = 0>(f, six)
  r = Reshape(x, to)
  y = Neg(r) }"""


def test_numbers_that_come_to_a_shape_on_a_way_of_the_same_types_decide_too() -> None:
    tensor = {"dtype": "int64", "shape": [1], "data": [4]}
    constant = {"kind": "set-tensor", "value": "value:six", "tensor": tensor}
    assert declared(check_edit(CHAIN, constant).proto) == ["a", "s", "f", "to"]
    assert declared(check_edit(CHAIN, put("node:six", "value_ints", [4])).proto) == ["a", "s", "f", "to"]
    assert declared(check_edit(CHAIN, put("node:f", "axis", -1)).proto) == ["a", "s", "f", "to"]  # nobody can tell


def test_the_shape_of_another_value_decides_what_is_reshaped_to_it() -> None:
    other = {"kind": "set-value-type", "value": "value:x", "shape": [3, 6]}
    assert declared(check_edit(CHAIN, other).proto) == ["s", "f", "to"]


UNARY = ("Relu", "Neg", "Transpose", "Flatten", "Shape", "GlobalAveragePool", "Softmax", "Identity")
PUTS = (("perm", [1, 0, 2]), ("perm", [0, 2, 1]), ("axis", 0), ("axis", 1), ("axis", -1), ("start", 1), ("end", 2))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(UNARY), min_size=2, max_size=7), st.integers(0, 6), st.sampled_from(PUTS))
def test_no_declaration_that_stays_contradicts_what_inference_finds(
    operators: list[str], place: int, edit: tuple[str, Any]
) -> None:
    lines = [f"v{i + 1} = {op}(v{i})" for i, op in enumerate(operators)]
    text = f"g (float[2,3,N] v0) => (v{len(operators)}) {{ " + "\n".join(lines) + " }"
    bare = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 21]> {text}')
    declaring = onnx.shape_inference.infer_shapes(bare, data_prop=True)
    document = document_of(declaring)
    try:
        node = f"node:v{place % len(operators) + 1}"
        apply_edit(document, parse_edit(put(node, *edit)))
    except AppError:
        return
    after = onnx.load_from_string(model_bytes(document))
    kept = {info.name: info.type for info in after.graph.value_info}
    del after.graph.value_info[:]
    del after.graph.output[0].type.tensor_type.shape.dim[:]
    found = onnx.shape_inference.infer_shapes(after, data_prop=True)
    follows = {info.name: info.type for info in found.graph.value_info}
    for name, said in kept.items():
        if name in follows and not any("unk__" in d.dim_param for d in follows[name].tensor_type.shape.dim):
            assert said == follows[name]
