"""The report and the tensors of a session, over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import onnx.parser
import pytest

from tests.web.live import LiveServer


def test_the_report_says_what_the_model_is_made_of(server: LiveServer, session: str) -> None:
    answer = server.get(f"/api/sessions/{session}/report")
    assert answer.status == 200
    report = answer.json()
    assert report["revision"] == 0 and report["operators"]["nodes"] == 2
    assert report["cost"]["macs"] == 12 and report["weights"]["parameters"] == 12


def test_the_report_follows_edits(server: LiveServer, session: str) -> None:
    before = server.get(f"/api/sessions/{session}/report").json()
    assert server.get(f"/api/sessions/{session}/report").json() == before
    edit = {"kind": "insert-node", "op_type": "Neg", "domain": "", "value": "value:h"}
    server.post(f"/api/sessions/{session}/edits", edit)
    after = server.get(f"/api/sessions/{session}/report").json()
    assert (after["revision"], after["operators"]["nodes"]) == (1, 3)


def test_the_values_of_an_initializer_come_with_statistics(server: LiveServer, session: str) -> None:
    answer = server.get(f"/api/sessions/{session}/values/{quote('value:w', safe='')}/tensor?start=1&count=2")
    assert answer.status == 200
    tensor = answer.json()
    assert (tensor["dtype"], tensor["shape"], tensor["elements"]) == ("float32", [4, 3], 12)
    assert tensor["values"] == [1.0, 2.0] and tensor["maximum"] == 11.0


def test_only_values_are_read_when_only_they_are_asked_for(server: LiveServer, session: str) -> None:
    tensor = server.get(
        f"/api/sessions/{session}/values/value:w/tensor?start=3&count=2&rows=2&stride=3&statistics=no"
    ).json()
    assert tensor["values"] == [3.0, 4.0, 6.0, 7.0] and "mean" not in tensor


def test_a_long_one_can_be_followed_as_a_job(server: LiveServer, session: str) -> None:
    answer = server.get(f"/api/sessions/{session}/values/value:w/tensor?wait=no")
    assert answer.status == 202
    ended = server.finished_job(answer.json()["job"])
    assert (ended["kind"], ended["state"], ended["result"]["maximum"]) == ("tensor", "done", 11.0)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=-1", "start"),
        ("start=12", "start"),
        ("start=x", "start"),
        ("start=" + "9" * 30, "start"),
        ("count=0", "count"),
        ("count=99999", "count"),
        ("rows=0", "rows"),
        ("stride=1.5", "stride"),
        ("statistics=maybe", "statistics"),
        ("wait=maybe", "wait"),
    ],
)
def test_a_wrong_range_is_refused_with_its_field(server: LiveServer, session: str, query: str, field: str) -> None:
    answer = server.get(f"/api/sessions/{session}/values/value:w/tensor?{query}")
    assert answer.status == 422 and list(answer.error["fields"]) == [field]


def test_what_has_no_tensor_is_not_found(server: LiveServer, session: str) -> None:
    for place in ("values/value:x/tensor", "values/value:none/tensor", "nodes/node:h/attributes/value/tensor"):
        assert server.get(f"/api/sessions/{session}/{place}").status == 404


def test_the_tensor_of_an_attribute_is_shown_too(server: LiveServer, session: str) -> None:
    model = b'<ir_version: 8, opset_import: ["" : 17]> g (float[2] x) => (float[2] y) { c = Constant <value = float[2] {1, 2}> () y = Add(x, c) }'

    opened = server.upload(("c.onnx", onnx.parser.parse_model(model.decode()).SerializeToString())).json()["session"]
    answer = server.get(f"/api/sessions/{opened}/nodes/node:c/attributes/value/tensor")
    assert answer.json()["values"] == [1.0, 2.0]
    server.ask("DELETE", f"/api/sessions/{opened}")


def test_external_data_is_read_beside_the_model(server: LiveServer) -> None:
    session = server.open({"path": "external.onnx"})
    tensor = server.get(f"/api/sessions/{session}/values/value:w/tensor").json()
    assert (tensor["location"], tensor["maximum"]) == ("w.bin", 11.0)
    server.ask("DELETE", f"/api/sessions/{session}")


def test_a_formula_is_tried_without_an_edit(server: LiveServer, session: str) -> None:
    place = f"/api/sessions/{session}/values/value:w/tensor"
    tried = server.get(f"{place}?formula={quote('x * 2')}&count=3").json()
    assert (tried["shape"], tried["values"], tried["maximum"]) == ([4, 3], [1.0, 2.0, 4.0], 22.0)
    assert server.get(f"{place}?formula=ones&dtype=int64&shape=2,2").json()["values"] == [1, 1, 1, 1]
    assert server.get(place).json()["maximum"] == 11.0


@pytest.mark.parametrize(
    ("query", "field"),
    [("formula=q%2B1", "formula"), ("formula=ones&shape=a", "shape"), ("formula=ones&dtype=f", "formula")],
)
def test_a_formula_that_cannot_be_worked_out_is_refused_at_its_field(
    server: LiveServer, session: str, query: str, field: str
) -> None:
    answer = server.get(f"/api/sessions/{session}/values/value:w/tensor?{query}")
    assert answer.status == 422 and list(answer.json()["error"]["fields"]) == [field]


def content_of_weights(delta: list[dict[str, Any]]) -> str | None:
    return next(change["after"].get("content") for change in delta if change["id"] == "value:w")


def test_other_data_has_another_key_and_the_old_one_after_undo(server: LiveServer, session: str) -> None:
    def post(what: str, body: dict[str, Any]) -> str | None:
        return content_of_weights(server.post(f"/api/sessions/{session}/{what}", body).json()["delta"])

    edit = {"kind": "set-tensor", "value": "value:w", "tensor": {"formula": "x + 1"}}
    first, second = post("edits", edit), post("edits", edit)
    assert first and second and first != second
    assert post("undo", {}) == first
    assert post("undo", {}) is None


def test_what_has_no_form_of_its_own_is_told_as_rows(server: LiveServer) -> None:
    model = onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 21]> m (float[2] x) => (float[2] y) { y = Relu(x) }'
    )
    model.graph.input[0].type.denotation = "<b>IMAGE</b>"
    for index in range(60):
        model.training_info.add().initialization_binding.add(key=f"w{index}", value="v" * 1000)
    session = server.upload(("told.onnx", model.SerializeToString())).json()["session"]
    ask = f"/api/sessions/{session}/more"
    rows = server.get(f"{ask}?subject=value:x").json()["rows"]
    assert rows == [{"depth": 0, "name": "input.type.denotation", "text": "<b>IMAGE</b>"}]
    first = server.get(f"{ask}?subject=model:").json()
    assert (len(first["rows"]), first["next"], first["rows"][1]["cut"]) == (40, 40, True)
    rest = server.get(f"{ask}?subject=model:&start=40&count=500&whole=yes").json()
    assert (len(rest["rows"]), rest["next"]) == (80, None)
    assert rest["rows"][1] == {"depth": 1, "name": "initialization_binding", "text": "w20 = " + "v" * 1000}
    assert server.get(f"{ask}?subject=value:nothing").status == 404
    wrong = server.get(f"{ask}?subject=model:&start=x&whole=maybe")
    assert (wrong.status, set(wrong.error["fields"])) == (422, {"start", "whole"})


def test_what_has_a_name_longer_than_an_address_can_be_asked_about(server: LiveServer) -> None:
    long = "n" * 1_100_000
    model = onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 21]> m (float[2] x) => (float[2] y) '
        "<float[2] w = {1, 2}> { c = Constant <value = float[2] {3, 4}> () s = Add(x, w) y = Add(s, c) }"
    )
    model.graph.initializer[0].name = model.graph.node[1].input[1] = "w" + long
    model.graph.node[0].output[0] = model.graph.node[2].input[1] = long
    model.graph.node[0].metadata_props.add(key="who", value="me")
    session = server.upload(("long.onnx", model.SerializeToString())).json()["session"]
    base, node = f"/api/sessions/{session}", server.snapshot(session)["nodes"][0]["id"]
    assert long in node
    assert server.post(f"{base}/metadata", {"subject": node}).json() == {"metadata": [{"key": "who", "value": "me"}]}
    assert server.post(f"{base}/more", {"subject": node, "start": 0, "count": 5}).status == 200
    assert server.post(f"{base}/attribute", {"node": node, "attribute": "value"}).json()["type"] == "TENSOR"
    made = server.post(f"{base}/tensor", {"node": node, "attribute": "value", "statistics": "no"})
    held = server.post(f"{base}/tensor", {"value": f"value:w{long}", "start": 1, "count": 1, "formula": "x * 2"})
    assert (made.json()["values"], held.json()["values"]) == ([3.0, 4.0], [4.0])
    wrong = server.post(f"{base}/tensor", {"value": ["w"], "start": None})
    assert (wrong.status, set(wrong.error["fields"])) == (422, {"value", "start"})
    server.ask("DELETE", base)
