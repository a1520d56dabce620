"""Tests of set-metadata."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from tests.edits.test_set_doc import MODEL, SUBJECTS
from tests.laws import check_edit, check_rejected, model_file


def metadata(subject: str, key: str, value: str | None) -> dict[str, Any]:
    return {"kind": "set-metadata", "subject": subject, "key": key, "value": value}


def with_entries(*pairs: tuple[str, str]) -> onnx.ModelProto:
    model = onnx.parser.parse_model(MODEL)
    for key, value in pairs:
        model.metadata_props.add(key=key, value=value)
    return model


def entries(model: onnx.ModelProto) -> list[tuple[str, str]]:
    return [(p.key, p.value) for p in model.metadata_props]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_an_entry_can_be_made_and_removed_anywhere(subject: str) -> None:
    checked = check_edit(MODEL, metadata(subject, "origin", "a lab"))
    assert b"a lab" in checked.proto.SerializeToString()
    assert checked.applied.title == f"Set origin in the metadata of {SUBJECTS[subject]}"
    onnx.checker.check_model(checked.proto, full_check=True)
    path = model_file(MODEL)
    document = open_model(path)
    for value in ("a lab", None):
        apply_edit(document, parse_edit(metadata(subject, "origin", value)))
    assert model_bytes(document) == path.read_bytes()


def test_an_entry_keeps_its_place() -> None:
    model = with_entries(("a", "1"), ("b", "2"), ("c", "3"))
    assert entries(check_edit(model, metadata("model:", "b", "new")).proto) == [("a", "1"), ("b", "new"), ("c", "3")]


def test_repeated_keys_become_one() -> None:
    model = with_entries(("a", "1"), ("b", "2"), ("a", "3"))
    assert entries(check_edit(model, metadata("model:", "a", "")).proto) == [("a", ""), ("b", "2")]
    checked = check_edit(model, metadata("model:", "a", None))
    assert entries(checked.proto) == [("b", "2")]
    assert checked.applied.title == "Removed a from the metadata of the model"


def test_an_entry_that_is_not_there_cannot_be_removed() -> None:
    assert (
        check_rejected(with_entries(("a", "1")), metadata("model:", "b", None), says="no entry b").hint == "there are a"
    )
