"""Tests of set-note."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from onnx_scalpel.document.records import NoteRecord, NoteSpot
from tests.laws import check_edit, check_rejected

CHAIN = "g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Neg(a) }"
NOTE = {"kind": "add-note", "text": "first", "x": 1, "y": 2, "creates": ["note:mine"]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"text": "second"}, ("second", 1.0, 2.0)), ({"x": 5, "y": 6}, ("first", 5.0, 6.0))],
)
def test_a_note_gets_another_text_or_place(change: dict[str, Any], expected: tuple[str, float, float]) -> None:
    edits = [NOTE, {"kind": "set-note", "note": "note:mine", **change}]
    [note] = check_edit(CHAIN, {"kind": "batch", "edits": edits}).document.notes()
    assert (note.text, note.x, note.y) == expected


def test_a_place_for_the_other_direction_leaves_the_first_one_alone() -> None:
    turned = {"kind": "set-note", "note": "note:mine", "x": 7, "y": 8, "near": "node:y", "direction": "right"}
    text = {"kind": "set-note", "note": "note:mine", "text": "second", "direction": "right"}
    [note] = check_edit(CHAIN, {"kind": "batch", "edits": [NOTE, turned, text]}).document.notes()
    assert (note.text, note.x, note.y, note.direction) == ("second", 1.0, 2.0, "down")
    assert note.turned == NoteSpot(7.0, 8.0, "node:y")


def test_a_note_of_a_graph_that_ran_to_the_right_gets_a_place_downwards() -> None:
    edits = [{**NOTE, "direction": "right"}, {"kind": "set-note", "note": "note:mine", "x": 7, "y": 8}]
    [note] = check_edit(CHAIN, {"kind": "batch", "edits": edits}).document.notes()
    assert (note.x, note.direction, note.turned) == (1.0, "right", NoteSpot(7.0, 8.0))


def test_a_note_that_was_journalled_without_a_direction_stands_where_the_graph_runs_down() -> None:
    old = msgspec.msgpack.encode(
        {"id": "note:1", "graph": "graph:", "x": 1.0, "y": 2.0, "text": "old", "near": "node:y"}
    )
    assert msgspec.msgpack.decode(old, type=NoteRecord) == NoteRecord("note:1", "graph:", 1.0, 2.0, "old", "node:y")


def test_a_note_that_is_not_there_cannot_be_changed() -> None:
    check_rejected(CHAIN, {"kind": "set-note", "note": "note:1", "text": "x"}, code="no-such-note")
