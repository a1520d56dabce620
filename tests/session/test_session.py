"""One session with its real process: edits, undo, questions, checks, runs."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest

from onnx_scalpel.errors import AppError
from tests.session.conftest import CHAIN, Sessions, insert_identity, name_node, rename, write_text_model


def test_an_edit_is_a_revision_that_everyone_hears_of_before_its_author_is_answered(
    sessions: Sessions, chain: Path
) -> None:
    client, heard = sessions.open(chain)
    answer = client.edit(rename("value:a", "features"), "ann", "Ann", "e1")
    (message,) = heard.of("revision")
    assert answer == {name: message[name] for name in ("revision", "delta", "created")}
    assert (message["revision"], message["author_name"], message["client"], message["how"]) == (1, "Ann", "e1", "edit")
    assert message["unsaved"] is True
    (change,) = [change for change in answer["delta"] if change["table"] == "value"]
    assert change["after"]["name"] == "features"
    assert client.since(0) == [message]
    summary = client.summary()
    assert (summary["revision"], summary["unsaved"], summary["nodes"], summary["state"]) == (1, True, 3, "ready")
    assert [(e["revision"], e["undone"]) for e in summary["history"]] == [(1, False)]


def test_the_same_client_id_is_done_once_and_answered_twice(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    first = client.edit(rename("value:a", "p"), "ann", "Ann", "e1")
    client.edit(rename("value:a", "q"), "ann", "Ann", "e2")
    assert client.edit(rename("value:a", "p"), "ann", "Ann", "e1") == first
    assert client.edit(rename("value:b", "r"), "ben", "Ben", "e1")["revision"] == 3
    assert [message["revision"] for message in heard.of("revision")] == [1, 2, 3]


def test_a_rejected_edit_makes_no_revision(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    for data, status in (
        (rename("value:a", "b"), 400),
        (rename("value:nowhere", "z"), 404),
        ({"kind": "rename-value"}, 422),
        ({"kind": "no-such-edit"}, 422),
        ({"kind": "rename-value", "value": "value:a", "name": "z", "creates": "x"}, 422),
    ):
        with pytest.raises(AppError) as refused:
            client.edit(data, "ann")
        assert refused.value.status == status, data
    assert heard.of("revision") == [] and client.summary()["revision"] == 0


def test_undoing_everything_is_not_unsaved(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    for number in range(4):
        client.edit(name_node("node:a", f"n{number}"), "ann")
    for _ in range(4):
        client.undo("ann")
    assert heard.of("revision")[-1]["unsaved"] is False
    with pytest.raises(AppError) as refused:
        client.undo("ann")
    assert refused.value.code == "nothing-to-undo"
    client.redo("ann")
    last = heard.of("revision")[-1]
    assert (last["how"], last["target"], last["unsaved"]) == ("redo", 1, True)
    assert client.edit(name_node("node:a", "first"), "ben")["revision"] == 10
    assert client.summary()["unsaved"] is False  # the name is what it was when the model was opened


def test_undo_past_what_another_author_changed_is_a_conflict_that_names_it(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    client.edit(name_node("node:a", "ann's"), "ann", "Ann")
    client.edit(name_node("node:b", "ben's"), "ben", "Ben")
    client.edit(name_node("node:a", "ben's too"), "ben", "Ben")
    with pytest.raises(AppError) as refused:
        client.undo("ann", "Ann")
    error = refused.value
    assert (error.code, error.status, error.subjects) == ("conflict", 409, ("node:a",))
    assert "Ben" in error.message
    client.undo("ben", "Ben")
    client.undo("ann", "Ann")
    assert json.loads(client.snapshot("json"))["nodes"][0]["name"] == "first"


def test_undo_does_not_give_a_name_that_somebody_took_meanwhile(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    client.edit(rename("value:a", "features"), "ann", "Ann")
    client.edit(rename("value:b", "a"), "ben", "Ben")
    with pytest.raises(AppError) as refused:
        client.undo("ann")
    assert (refused.value.code, refused.value.subjects) == ("conflict", ("value:b",))


def test_undo_does_not_take_away_what_somebody_uses(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    created = client.edit(insert_identity("value:a"), "ann", "Ann")["created"]
    made = next(found for found in created if found.startswith("value:"))
    client.edit(insert_identity(made), "ben", "Ben")
    before = json.loads(client.snapshot("json"))["nodes"]
    with pytest.raises(AppError) as refused:
        client.undo("ann")
    assert refused.value.code == "conflict" and refused.value.subjects
    assert json.loads(client.snapshot("json"))["nodes"] == before


def test_a_page_that_missed_too_much_is_sent_for_a_snapshot(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    for number in range(5):
        client.edit(name_node("node:a", f"n{number}"), "ann")
    assert [message["revision"] for message in client.since(3)] == [4, 5]
    assert client.since(5) == []
    with pytest.raises(AppError) as refused:
        client.since(6)
    assert refused.value.code == "too-old"


def test_diagnostics_and_types_follow_an_edit(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    heard.wait("diagnostics", lambda d: d["state"] == "done" and d["revision"] == 0)
    types = json.loads(client.types())["types"]
    assert types["value:a"] == {"dtype": "float32", "shape": ["N", 4]}
    answer = client.edit(insert_identity("value:a"), "ann")
    heard.wait("diagnostics", lambda d: d["state"] == "checking" and d["revision"] == 1)
    done = heard.wait("diagnostics", lambda d: d["state"] == "done" and d["revision"] == 1)
    assert not [d for d in done["diagnostics"] if d["severity"] == "error"]
    made = next(found for found in answer["created"] if found.startswith("value:"))
    told = heard.wait("types", lambda t: t["revision"] == 1)
    assert told["types"][made] == {"dtype": "float32", "shape": ["N", 4]}
    assert client.summary()["checked_revision"] == 1


def test_a_burst_of_edits_shares_its_checks(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    for number in range(40):
        client.edit(name_node("node:a", f"n{number}"), "ann")
    heard.wait("diagnostics", lambda d: d["state"] == "done" and d["revision"] == 40)
    assert len([d for d in heard.of("diagnostics") if d["state"] == "checking"]) <= 5


def test_a_check_on_demand_is_a_job(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    job = client.check()
    done = heard.wait("job", lambda j: j["job"] == job and j["state"] == "done")
    assert (done["kind"], client.job(job)) == ("check", done)
    with pytest.raises(AppError) as refused:
        client.job("0")
    assert refused.value.status == 404


def test_a_run_gives_equal_outputs_after_an_identity_was_inserted(sessions: Sessions, fixed: Path) -> None:
    client, heard = sessions.open(fixed)
    client.edit(insert_identity("value:a"), "ann")
    job = client.run({"seed": 7})
    done = heard.wait("job", lambda j: j["job"] == job and j["state"] != "running")
    assert done["state"] == "done", done
    (output,) = done["result"]["outputs"]
    assert (output["name"], output["equal"], output["difference"]) == ("y", True, 0)
    assert done["result"]["seed"] == 7


def test_a_run_asks_for_the_sizes_of_symbolic_dims(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    with pytest.raises(AppError) as refused:
        client.run({})
    error = refused.value
    assert (error.code, error.status) == ("choice-needed", 409)
    assert error.fields is not None and set(error.fields) == {"N"}
    assert error.choices is not None
    job = client.run({"dims": error.choices[0]["dims"]})
    done = heard.wait("job", lambda j: j["job"] == job and j["state"] != "running")
    assert done["state"] == "done"
    with pytest.raises(AppError) as refused:
        client.run({"seed": -1, "dims": {"N": 0}})
    assert refused.value.fields is not None and set(refused.value.fields) == {"seed", "dims.N"}


def test_what_cannot_be_sent_to_the_session_is_refused(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    for name in ("\ud800", 10**30):
        with pytest.raises(AppError) as refused:
            client.edit({"kind": "rename-value", "value": "value:a", "name": name}, "ann")
        assert refused.value.status == 422
    assert client.edit(rename("value:a", "fine"), "ann")["revision"] == 1


def test_the_recipe_holds_the_edits_that_stand(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    client.edit(rename("value:a", "p"), "ann")
    client.edit(insert_identity("value:b"), "ben")
    client.undo("ann")
    recipe = client.recipe()
    assert [edit["kind"] for edit in recipe["edits"]] == ["insert-node"]
    assert recipe["edits"][0]["creates"]


def test_what_the_page_asks_for_is_there(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    assert client.snapshot()[:4] == b"SCLP"
    assert {node["op_type"] for node in json.loads(client.snapshot("json"))["nodes"]} == {"Relu", "Add", "Tanh"}
    assert any(operator["op_type"] == "Conv" for operator in json.loads(client.operators()))
    assert 0 < client.memory() < 2 << 30
    client.edit(
        {"kind": "set-attribute", "node": "node:a", "attribute": "note", "value": "hello", "type": "STRING"}, "ann"
    )
    assert client.attribute("node:a", "note")["value"] == "hello"
    with pytest.raises(AppError) as refused:
        client.attribute("node:a", "nothing")
    assert refused.value.status == 404


def test_a_session_without_edits_leaves_nothing_behind(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    assert sessions.folder().is_dir()
    client.close()
    assert not sessions.folder().exists()
    with pytest.raises(AppError) as refused:
        client.summary()
    assert refused.value.code == "session-closed"


def test_many_sessions_of_one_file_do_not_disturb_each_other(sessions: Sessions, tmp_path: Path) -> None:
    path = write_text_model(CHAIN, tmp_path / "m.onnx")
    first, _ = sessions.open(path, "s1")
    second, _ = sessions.open(path, "s2")
    first.edit(rename("value:a", "p"), "ann")
    assert second.summary()["revision"] == 0


def test_a_model_that_got_a_body_is_saved_and_recovered(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    client.edit({"kind": "add-input", "name": "which", "dtype": "bool", "shape": []}, "ann")
    client.edit({"kind": "add-node", "op_type": "If", "inputs": ["value:which"]}, "ann")
    client.save(chain, overwrite=True)
    assert [a.type for a in onnx.load(str(chain)).graph.node[-1].attribute] == [onnx.AttributeProto.GRAPH] * 2
    assert client.edit({"kind": "sort-nodes"}, "ann")["revision"] == 2  # nothing to sort
    assert client.edit({"kind": "infer-shapes"}, "ann")["revision"] >= 2


def test_a_deleted_node_comes_back_with_its_bodies_after_others_worked_on(sessions: Sessions, tmp_path: Path) -> None:
    path = write_text_model(
        """<ir_version: 8, opset_import: ["" : 17]> g (bool c, float[3] x) => (float[3] y) { y = If (c)
        <then_branch = t () => (float[3] p) { p = Abs(x) }, else_branch = e () => (float[3] r) { r = Neg(x) }> }""",
        tmp_path / "if.onnx",
    )
    before = path.read_bytes()
    client, _ = sessions.open(path)
    client.edit({"kind": "remove-nodes", "nodes": ["node:y"]}, "ann")
    client.edit({"kind": "set-doc", "subject": "model:", "text": "told"}, "ben")
    client.undo("ann")
    client.undo("ben")
    client.save(tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == before
