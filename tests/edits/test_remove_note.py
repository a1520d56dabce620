"""Tests of remove-note."""

from __future__ import annotations

from tests.laws import check_edit, check_rejected

CHAIN = "g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Neg(a) }"


def test_a_note_is_taken_away_and_its_id_is_not_used_again() -> None:
    one = {"kind": "add-note", "text": "first", "creates": ["note:1"]}
    edits = [one, {"kind": "remove-note", "note": "note:1"}, {"kind": "add-note", "text": "second"}]
    [note] = check_edit(CHAIN, {"kind": "batch", "edits": edits}).document.notes()
    assert (note.id, note.text) == ("note:1~2", "second")


def test_a_note_that_is_not_there_cannot_be_removed() -> None:
    check_rejected(CHAIN, {"kind": "remove-note", "note": "note:1"}, code="no-such-note")
