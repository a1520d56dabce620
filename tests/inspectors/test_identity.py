"""What a model says about itself."""

from __future__ import annotations

from pathlib import Path

import onnx

from onnx_scalpel.inspectors.identity import IdentityInspector
from onnx_scalpel.inspectors.inspected import Inspected
from onnx_scalpel.session.texts import open_any
from tests.inspectors.models import facts_of
from tests.laws import HEADER


def test_the_fields_of_the_model_are_told() -> None:
    model = onnx.parser.parse_model(HEADER + "net (float[2] x) => (float[2] y) { y = Neg(x) }")
    model.producer_name, model.producer_version, model.doc_string = "maker", "3", "for tests"
    model.metadata_props.add(key="author", value="somebody")
    facts = facts_of(IdentityInspector(), model)
    assert (facts["graph"], facts["ir_version"], facts["producer"], facts["doc"]) == ("net", 10, "maker", "for tests")
    assert facts["opset_imports"] == [{"domain": "", "version": 21}]
    assert facts["metadata"] == [{"key": "author", "value": "somebody"}]
    assert facts["file_bytes"] == model.ByteSize()


def test_the_file_of_a_model_as_text_is_the_text(tmp_path: Path) -> None:
    onnx.save(
        onnx.parser.parse_model(HEADER + "net (float[2] x) => (float[2] y) { y = Neg(x) }"), tmp_path / "net.json"
    )
    document = open_any(tmp_path / "net.json")
    facts = IdentityInspector().inspect(Inspected(document, document.file.proto))
    assert (facts["file"], facts["file_bytes"]) == ("net.json", (tmp_path / "net.json").stat().st_size)


def test_text_of_a_model_stays_one_line() -> None:
    model = onnx.parser.parse_model(HEADER + "net (float[2] x) => (float[2] y) { y = Neg(x) }")
    model.doc_string = "one\ntwo\x1b[31m"
    lines = IdentityInspector().tell(facts_of(IdentityInspector(), model))
    assert "says: one two [31m" in lines
