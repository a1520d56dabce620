"""Every construct of ONNX survives edits elsewhere and of what carries it, and is shown."""

from __future__ import annotations

import pytest
from onnx import ModelProto

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from tests.constructs.answers import told
from tests.constructs.cases import CONSTRUCTS, Construct
from tests.laws import check_edit, model_file

every_construct = pytest.mark.parametrize("case", CONSTRUCTS, ids=lambda case: case.name)


@every_construct
def test_it_survives_an_edit_elsewhere_and_its_undo(case: Construct) -> None:
    path = model_file(case.model)
    document = open_model(path)
    applied = apply_edit(document, parse_edit({"kind": "set-model-info", "version": "elsewhere"}))
    elsewhere = ModelProto.FromString(path.read_bytes())
    elsewhere.producer_version = "elsewhere"
    assert ModelProto.FromString(model_bytes(document)) == elsewhere
    document.apply(applied.delta.inverse())
    assert model_bytes(document) == path.read_bytes()


@every_construct
def test_an_edit_of_what_carries_it_changes_exactly_what_it_says(case: Construct) -> None:
    expected = ModelProto()
    expected.CopyFrom(case.model)
    case.expected(expected)
    assert expected != case.model
    assert check_edit(case.model, case.edit).proto == expected


@every_construct
def test_it_is_shown_before_and_after_an_edit(case: Construct) -> None:
    document = open_model(model_file(case.model))
    for subject, words in case.seen:
        assert words in told(document, subject), f"{subject} as opened"
    apply_edit(document, parse_edit({"kind": "set-model-info", "version": "elsewhere"}))
    for subject, words in case.seen:
        assert words in told(document, subject), f"{subject} after an edit"
