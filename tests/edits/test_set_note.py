"""Tests of set-note."""

from __future__ import annotations

from typing import Any

import pytest

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


def test_a_note_that_is_not_there_cannot_be_changed() -> None:
    check_rejected(CHAIN, {"kind": "set-note", "note": "note:1", "text": "x"}, code="no-such-note")
