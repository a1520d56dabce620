"""Tests of add-note."""

from __future__ import annotations

import pytest

from onnx_scalpel.document.records import NoteRecord
from onnx_scalpel.document.save import model_bytes
from tests.laws import check_edit, check_rejected, model_file

CHAIN = "g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Neg(a) }"


def test_a_note_is_kept_beside_the_model_which_stays_byte_for_byte() -> None:
    checked = check_edit(CHAIN, {"kind": "add-note", "text": "why Relu?\n<b>ask</b>", "x": 10, "y": 20})
    assert checked.document.notes() == [NoteRecord("note:1", "graph:", 10.0, 20.0, "why Relu?\n<b>ask</b>")]
    assert checked.applied.created == ["note:1"]
    assert model_bytes(checked.document) == model_file(CHAIN).read_bytes()


def test_a_note_is_measured_from_the_node_that_it_is_near() -> None:
    edits = [
        {"kind": "add-note", "text": "first", "x": 1, "y": 2, "near": "node:a", "creates": ["note:1"]},
        {"kind": "set-note", "note": "note:1", "x": 3, "near": "node:y"},
    ]
    [note] = check_edit(CHAIN, {"kind": "batch", "edits": edits}).document.notes()
    assert (note.near, note.x, note.y) == ("node:y", 3.0, 2.0)
    check_rejected(CHAIN, {"kind": "add-note", "text": "first", "near": "node:b"}, code="no-such-node")


def test_a_note_remembers_what_else_it_is_beside_until_it_is_moved() -> None:
    beside = {"node:y": [1, -40], "scope:block": [5, 6.5]}
    add = {"kind": "add-note", "text": "first", "near": "node:a", "beside": beside, "creates": ["note:1"]}
    [note] = check_edit(CHAIN, add).document.notes()
    assert note.beside == {"node:y": (1.0, -40.0), "scope:block": (5.0, 6.5)}
    for change, left in (
        ({"text": "second"}, note.beside),
        ({"x": 9}, {}),
        ({"x": 9, "beside": {"b": [0, 0]}}, {"b": (0.0, 0.0)}),
    ):
        edits = [add, {"kind": "set-note", "note": "note:1", **change}]
        [changed] = check_edit(CHAIN, {"kind": "batch", "edits": edits}).document.notes()
        assert changed.beside == left


@pytest.mark.parametrize(("text", "says"), [("  ", "empty"), ("x" * 10_001, "longer")])
def test_a_note_says_something_and_not_too_much(text: str, says: str) -> None:
    check_rejected(CHAIN, {"kind": "add-note", "text": text}, code="wrong-parameters", says=says)
