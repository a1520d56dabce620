"""What somebody should know before they trust a model."""

from __future__ import annotations

from pathlib import Path

import onnx

from onnx_scalpel.inspectors.safety import SafetyInspector
from tests.inspectors.models import facts_of, functions_model
from tests.inspectors.test_external_files import external
from tests.laws import HEADER

PLAIN = "g (float[2] x) => (float[2] y) { y = Neg(x) }"


def codes(model: str | Path | onnx.ModelProto) -> list[str]:
    return [note["code"] for note in facts_of(SafetyInspector(), model)["notes"]]


def test_a_plain_model_has_no_notes() -> None:
    assert codes(PLAIN) == []


def test_a_data_file_outside_of_the_folder_is_noted(tmp_path: Path) -> None:
    notes = facts_of(SafetyInspector(), external(tmp_path, "../../etc/passwd"))["notes"]
    assert [(note["code"], note["subjects"]) for note in notes] == [("external-path", ["value:w"])]


def test_a_tensor_that_claims_more_than_it_has_is_noted() -> None:
    model = onnx.parser.parse_model(HEADER + PLAIN)
    model.graph.initializer.append(onnx.TensorProto(name="w", data_type=1, dims=[1 << 40], raw_data=b"1234"))
    assert codes(model) == ["huge-tensor"]


def test_a_value_of_many_gigabytes_is_noted() -> None:
    assert codes("g (float[2] x) => (float[100000,100000] y) { y = Expand(x, x) }") == ["huge-value"]


def test_custom_operators_are_noted_with_their_nodes() -> None:
    notes = facts_of(SafetyInspector(), functions_model())["notes"]
    assert [(note["code"], note["subjects"]) for note in notes] == [("custom-operator", ["node:y"])]


def test_loops_and_compiled_code_are_noted() -> None:
    text = '<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>'
    body = "g (float[2] x) => (float[2] y) { y = com.microsoft.EPContext(x) }"
    assert codes(onnx.parser.parse_model(text + body)) == ["opaque-operator"]
    loop = "g (int64 n, bool c) => (int64 n) { l = Loop(n, c) <body = b (int64 i, bool k) => (bool o) { o = Identity(k) }> }"
    assert "loops" in codes(loop)


def test_paths_of_the_machine_that_made_it_are_noted() -> None:
    model = onnx.parser.parse_model(HEADER + PLAIN)
    model.graph.node[0].doc_string = 'File "/home/somebody/project/net.py", line 3'
    notes = facts_of(SafetyInspector(), model)["notes"]
    assert [note["code"] for note in notes] == ["paths-inside"] and "/home/somebody/project/net.py" in notes[0][
        "message"
    ]
