"""Tests of disconnect."""

from __future__ import annotations

from typing import Any

import onnx

from tests.laws import check_edit, check_rejected


def disconnect(node: str, slot: int) -> dict[str, Any]:
    return {"kind": "disconnect", "node": node, "slot": slot}


def wires(graph: onnx.GraphProto) -> list[str]:
    return [f"{','.join(n.output)} = {n.op_type}({','.join(n.input)})" for n in graph.node]


CLIP = "g (float[3] x, float l, float h) => (float[3] y) { y = Clip(x, l, h) }"


def test_an_optional_slot_in_between_becomes_empty() -> None:
    checked = check_edit(CLIP, disconnect("node:y", 1))
    assert wires(checked.proto.graph) == ["y = Clip(x,,h)"]
    assert checked.applied.title == "Disconnected input min of Clip"


def test_empty_slots_at_the_end_are_cut_off() -> None:
    model = "g (float[3] x, float h) => (float[3] y) { y = Clip(x, , h) }"
    assert wires(check_edit(CLIP, disconnect("node:y", 2)).proto.graph) == ["y = Clip(x,l)"]
    assert wires(check_edit(model, disconnect("node:y", 2)).proto.graph) == ["y = Clip(x)"]


def test_an_input_that_the_operator_needs_becomes_empty_too() -> None:
    model = "g (float[3] x, float[3] k) => (float[3] y) { y = Sub(x, k) }"
    assert wires(check_edit(model, disconnect("node:y", 0)).proto.graph) == ["y = Sub(,k)"]
    assert wires(check_edit(model, disconnect("node:y", 1)).proto.graph) == ["y = Sub(x)"]


def test_the_inputs_of_an_operator_of_any_number_close_up() -> None:
    model = "g (float[3] x, float[3] k) => (float[9] y) { y = Concat<axis = 0>(x, k, x) }"
    assert wires(check_edit(model, disconnect("node:y", 1)).proto.graph) == ["y = Concat(x,x)"]


def test_the_state_of_a_loop_does_not_close_up() -> None:
    model = """g (int64 m, bool c, float[3] a, float[3] b) => (float[3] y, float[3] z) {
      y, z = Loop(m, c, a, b) <body = t (int64 i, bool k, float[3] p, float[3] q) => (bool l, float[3] r, float[3] s)
        { l = Identity(k)
          r = Relu(p)
          s = Neg(q) }> }"""
    assert wires(check_edit(model, disconnect("node:y", 2)).proto.graph) == ["y,z = Loop(m,c,,b)"]


def test_a_custom_operator_keeps_the_places_of_its_inputs() -> None:
    model = '<ir_version: 10, opset_import: ["" : 21, "my" : 1]> g (float[3] x, float[3] k) => (float[3] y) { y = my.Op(x, k) }'
    assert wires(check_edit(model, disconnect("node:y", 0)).proto.graph) == ["y = Op(,k)"]


def test_a_slot_that_reads_nothing_is_refused() -> None:
    model = "g (float[3] x, float h) => (float[3] y) { y = Clip(x, , h) }"
    check_rejected(model, disconnect("node:y", 1), says="nothing is connected")
    error = check_rejected(model, disconnect("node:y", 3), "wrong-parameters")
    assert error.fields == {"slot": "is behind the 3 inputs that the node has"}


def test_declared_types_that_no_longer_follow_are_dropped() -> None:
    model = "g (float[3] x, float[2,3] l) => (y) <float[2,3] a> { a = Max(x, l)\n y = Relu(a) }"
    assert len(check_edit(model, disconnect("node:a", 1)).proto.graph.value_info) == 0


def test_a_value_that_nothing_made_goes_with_its_last_reader() -> None:
    model = "g (float[3] x) => (float[3] y) { y = Add(x, gone) }"
    assert not check_edit(model, disconnect("node:y", 1)).document.has("value", "value:gone")
