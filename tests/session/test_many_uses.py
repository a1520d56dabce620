"""Rewirings of many uses among several authors, in the journal, and under a job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from onnx_scalpel.document.delta import Change, Delta, Rewire
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from onnx_scalpel.session.meanwhile import refuse_changed
from onnx_scalpel.session.previews import preview
from onnx_scalpel.session.recovery import Opening, open_session
from onnx_scalpel.session.session import Author, Session
from tests.laws import document_of
from tests.session.conftest import write_text_model

READERS = 80
FAN = f"""<ir_version: 8, opset_import: ["" : 17]>
fan (float[3] x) => (float[3] y) {{
  t = Relu(x) {" ".join(f"a{i} = Neg(t)" for i in range(READERS))} y = Add(a0, a1)
}}"""
REPLACE = {"kind": "replace-uses", "value": "value:t", "with": "value:x"}


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    path = write_text_model(FAN, tmp_path / "fan.onnx")
    return Opening("s", path.name, path, tmp_path / "session")


@pytest.fixture
def session(opening: Opening) -> Session:
    return open_session(opening).session


def who(name: str, session: Session) -> Author:
    return Author(name, name.title(), f"{session.revision}")


def do(session: Session, author: str, edit: dict[str, Any]) -> dict[str, Any]:
    message = session.submit(who(author, session), edit)
    session.commit()
    return message


def undo(session: Session, author: str) -> dict[str, Any]:
    message = session.undo(who(author, session))
    session.commit()
    return message


def test_everyone_hears_of_it_in_one_line_and_undo_is_its_inverse(session: Session, opening: Opening) -> None:
    (change,) = do(session, "ann", REPLACE)["delta"]
    assert (change["table"], change["id"], change["after"]["value"]) == ("uses", "value:t", "value:x")
    (back,) = undo(session, "ann")["delta"]
    assert (back["id"], back["after"]["value"], back["after"]["nodes"]) == (
        "value:x",
        "value:t",
        change["after"]["nodes"],
    )
    assert not session.unsaved
    assert model_bytes(session.document) == opening.path.read_bytes()
    session.redo(who("ann", session))
    assert session.unsaved


def test_it_is_there_again_after_a_restart_and_can_be_undone(session: Session, opening: Opening) -> None:
    do(session, "ann", REPLACE)
    do(session, "ann", {"kind": "rename-node", "node": "node:a7", "name": "seven"})
    edited = model_bytes(session.document)
    session.journal.close()
    again = open_session(opening)
    assert again.recovered == 2
    assert model_bytes(again.session.document) == edited
    assert again.session.fingerprint == session.fingerprint
    undo(again.session, "ann")
    undo(again.session, "ann")
    assert model_bytes(again.session.document) == opening.path.read_bytes()
    assert not again.session.unsaved


def test_what_another_author_connected_since_is_a_conflict_that_names_them(session: Session) -> None:
    do(session, "ann", REPLACE)
    do(session, "ben", {"kind": "connect", "node": "node:a7", "slot": 0, "value": "value:t"})
    with pytest.raises(AppError) as refused:
        undo(session, "ann")
    assert (refused.value.code, refused.value.subjects) == ("conflict", ("node:a7",))
    assert "Ben changed the same things since" in refused.value.message


def test_a_reader_that_another_author_removed_is_a_conflict(session: Session) -> None:
    do(session, "ann", REPLACE)
    do(session, "ben", {"kind": "remove-nodes", "nodes": ["node:a7"]})
    with pytest.raises(AppError, match="Ben changed the same things since"):
        undo(session, "ann")


def test_a_name_that_another_author_gave_a_reader_stays(session: Session) -> None:
    do(session, "ann", REPLACE)
    do(session, "ben", {"kind": "rename-node", "node": "node:a7", "name": "seven"})
    undo(session, "ann")
    node = session.document.node("node:a7")
    assert (node.name, node.inputs) == ("seven", ("value:t",))


def test_a_cycle_that_the_undo_would_make_is_a_conflict(session: Session) -> None:
    do(session, "ann", REPLACE)
    do(session, "ben", {"kind": "connect", "node": "node:t", "slot": 0, "value": "value:a7"})
    edited = model_bytes(session.document)
    with pytest.raises(AppError, match="cannot be undone"):
        undo(session, "ann")
    assert model_bytes(session.document) == edited


def test_a_job_that_began_before_a_rewiring_is_refused_unless_it_was_taken_back() -> None:
    rewire = Rewire("value:t", "value:x", ("node:a", "node:b"), (0, 0))
    there, back = Delta((), (rewire,)), Delta((), (rewire.inverse(),))
    refuse_changed([there, back])
    refuse_changed([there, back, there, back])
    for since in ([there], [there, back, there]):
        with pytest.raises(AppError) as refused:
            refuse_changed(since)
        assert refused.value.subjects == ("node:a", "node:b")


def test_a_job_is_refused_where_rewirings_and_changes_of_one_node_alternate() -> None:
    rewire = Rewire("value:t", "value:x", ("node:t", "node:b"), (0, 0))
    node = document_of(FAN).node("node:t")
    change = Delta((Change("node", node.id, node, node),))
    with pytest.raises(AppError) as refused:
        refuse_changed([Delta((), (rewire,)), change, Delta((), (rewire.inverse(),))])
    assert refused.value.subjects == ("node:t",)


def test_a_preview_counts_the_readers() -> None:
    document = document_of(FAN)
    found = preview(document, parse_edit(REPLACE), (), {}, lambda *_: None)
    assert found["changes"]["nodes"] == {"added": 0, "removed": 0, "changed": READERS}


def test_a_replay_gives_the_same(session: Session) -> None:
    do(session, "ann", REPLACE)
    (edit,) = session.journal.edits([1])
    document = document_of(FAN)
    apply_edit(document, parse_edit(edit))
    assert model_bytes(document) == model_bytes(session.document)
