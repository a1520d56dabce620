"""Which revisions stand: undo and redo of several authors."""

from __future__ import annotations

import pytest

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.history import History, How, Revision


def did(history: History, author: str, how: How = "edit") -> int:
    target = None
    if how == "undo":
        target = history.next_undo(author).number
    elif how == "redo":
        target = history.next_redo(author).number
    number = history.head + 1
    history.add(Revision(number, how, target, "k", "t", author, author, f"c{number}", "now"))
    return number


def standing(history: History) -> list[int]:
    return [revision.number for revision in history.standing()]


def test_an_undo_takes_its_authors_newest_standing_edit() -> None:
    history = History()
    did(history, "ann")
    did(history, "ben")
    did(history, "ann")
    did(history, "ann", "undo")
    assert standing(history) == [1, 2]
    did(history, "ann", "undo")
    assert standing(history) == [2]
    with pytest.raises(AppError) as refused:
        history.next_undo("ann")
    assert (refused.value.code, refused.value.status) == ("nothing-to-undo", 409)


def test_a_redo_brings_back_what_was_undone_last() -> None:
    history = History()
    for _ in range(3):
        did(history, "ann")
    did(history, "ann", "undo")
    did(history, "ann", "undo")
    did(history, "ann", "redo")
    assert standing(history) == [1, 2]
    did(history, "ann", "undo")
    assert standing(history) == [1]


def test_what_was_redone_stands_on_what_others_did_meanwhile() -> None:
    history = History()
    did(history, "ann")
    did(history, "ann")
    did(history, "ann", "undo")
    did(history, "ben")
    did(history, "ann", "redo")
    assert standing(history) == [1, 4, 2]


def test_a_new_edit_ends_what_its_author_could_redo_and_nobody_elses() -> None:
    history = History()
    for author in ("ann", "ben"):
        did(history, author)
        did(history, author, "undo")
    did(history, "ann")
    with pytest.raises(AppError, match="nothing of yours to redo"):
        history.next_redo("ann")
    assert history.next_redo("ben").number == 3


def test_the_history_before_a_revision_knows_nothing_of_it() -> None:
    history = History()
    did(history, "ann")
    did(history, "ann", "undo")
    earlier = history.without(2)
    assert standing(earlier) == [1]
    assert earlier.known("ann", "c2") is None


def test_undone_edits_are_marked_in_the_view() -> None:
    history = History()
    did(history, "ann")
    did(history, "ann")
    did(history, "ann", "undo")
    assert [(entry["revision"], entry["undone"]) for entry in history.view(10)] == [(1, False), (2, True)]
