"""Tests of set-model-info."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from tests.laws import check_edit, check_rejected

MODEL = "g (float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> { y = Add(x, w) }"
FUNCTION = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
  g (float[3] x) => (float[3] y) { y = my.twice(x) }
  <domain: "my", opset_import: ["" : 21]> twice (i) => (o) { o = Add(i, i) }"""


def info(**what: Any) -> dict[str, Any]:
    return {"kind": "set-model-info", **what}


def test_what_is_given_is_set() -> None:
    checked = check_edit(MODEL, info(producer="lab", version="1.2", domain="org.lab", model_version=7, ir_version=9))
    proto = checked.proto
    assert (proto.producer_name, proto.producer_version, proto.domain) == ("lab", "1.2", "org.lab")
    assert (proto.model_version, proto.ir_version) == (7, 9)
    assert checked.applied.title == (
        "Set the producer to lab, its version to 1.2, the domain to org.lab, the model version to 7, the IR version to 9"
    )
    onnx.checker.check_model(proto)


def test_an_empty_text_takes_an_entry_away() -> None:
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]>' + MODEL)
    model.producer_name = "lab"
    checked = check_edit(model, info(producer=""))
    assert not checked.proto.HasField("producer_name")
    assert checked.applied.title == "Set the producer to nothing"


@pytest.mark.parametrize(
    ("model", "what", "fields"),
    [
        (MODEL, {}, {"producer": "is needed, or another of the fields"}),
        (MODEL, {"ir_version": 2}, {"ir_version": f"must be from 3 to {onnx.IR_VERSION}, the newest known here"}),
        (MODEL, {"ir_version": onnx.IR_VERSION + 1}, None),
        (MODEL, {"ir_version": 3}, {"ir_version": "must be 4 or more: 1 initializer is no input"}),
        (FUNCTION, {"ir_version": 7}, {"ir_version": "must be 8 or more: the model has local functions"}),
        (MODEL, {"model_version": 2**70}, {"model_version": "must fit into 64 bits"}),
        (MODEL, {"version": 3}, {"version": "must be text"}),
    ],
)
def test_what_cannot_be_is_a_wrong_field(model: str, what: dict[str, Any], fields: dict[str, str] | None) -> None:
    error = check_rejected(model, info(**what), "wrong-parameters")
    assert list(error.fields or {}) == list(what or {"producer": 0}) if fields is None else error.fields == fields


def test_initializers_that_are_inputs_allow_ir_3() -> None:
    model = '<ir_version: 4, opset_import: ["" : 8]>' + MODEL.replace("float[3] x)", "float[3] x, float[3] w)")
    onnx.checker.check_model(check_edit(model, info(ir_version=3)).proto)
