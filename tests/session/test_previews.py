"""Edits that are worked out in jobs: the session goes on, nothing is done twice, and a preview shows what would come."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.client import SessionClient
from tests.session.conftest import NEVER_TIRED, Heard, Sessions, write_text_model

WORDY = """
<ir_version: 10, opset_import: ["" : 17]>
wordy (float[N, 4] x) => (float[N, 4] y)
<float[4] one = {1, 1, 1, 1}, float[4] two = {2, 2, 2, 2}>
{
  [through] a = Identity(x)
  [sum] three = Add(one, two)
  [last] y = Mul(a, three)
}
"""
SIMPLIFY = {"kind": "simplify"}
RENAME = {"kind": "rename-value", "value": "value:a", "name": "b"}


@pytest.fixture
def wordy(tmp_path: Path) -> Path:
    return write_text_model(WORDY, tmp_path / "wordy.onnx")


@pytest.fixture
def fused(tmp_path: Path) -> Path:
    """A convolution and a norm whose fusion makes new weights of 200 KB."""
    model = onnx.parser.parse_model("""
        <ir_version: 10, opset_import: ["" : 17]>
        g (float[1, 32, 9, 9] x) => (float[1, 64, 5, 5] y) {
          c = Conv(x, w)  y = BatchNormalization(c, scale, bias, mean, var)
        }""")
    weights = {"w": np.random.default_rng(0).standard_normal((64, 32, 5, 5), dtype=np.float32)}
    weights |= {name: np.full(64, 1.5, np.float32) for name in ("scale", "bias", "mean", "var")}
    model.graph.initializer.extend(onnx.numpy_helper.from_array(data, name) for name, data in weights.items())
    path = tmp_path / "fused.onnx"
    onnx.save(model, str(path))
    return path


def in_background(call: Callable[[], Any]) -> Future[Any]:
    pool = ThreadPoolExecutor(1)
    future = pool.submit(call)
    pool.shutdown(wait=False)
    return future


def job_of(heard: Heard, kind: str) -> str:
    """The id of a job of this kind, once it runs."""
    job: str = heard.wait("job", lambda job: job["kind"] == kind and job["state"] == "running")["job"]
    return job


def previewed(client: SessionClient, heard: Heard, edit: dict[str, Any]) -> dict[str, Any]:
    """The ended job of a preview."""
    job = client.preview(edit)
    heard.wait("job", lambda told: told["job"] == job and told["state"] != "running")
    return client.job(job)


def saved(client: SessionClient, folder: Path) -> bytes:
    target = folder / f"saved-{len(list(folder.iterdir()))}.onnx"
    client.write_model(target)
    return target.read_bytes()


# edits in jobs


def test_an_edit_that_takes_long_is_answered_when_it_is_journalled(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    answer = client.edit(SIMPLIFY, "ada")
    assert answer["revision"] == 1
    assert answer["report"]["nodes"] == {"before": 3, "after": 1}
    assert heard.of("revision")[0]["report"] == answer["report"]
    done = heard.wait("job", lambda job: job["kind"] == "edit" and job["state"] == "done")
    assert done["result"]["revision"] == 1 and done["progress"] == 1.0


def test_its_progress_is_told_in_words(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    client.edit(SIMPLIFY, "ada")
    told = [job["text"] for job in heard.of("job") if job["kind"] == "edit"]
    assert "simplifying with onnxsim" in told


def test_other_requests_go_on_meanwhile(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    long = in_background(lambda: client.edit(SIMPLIFY, "ada"))
    job = job_of(heard, "edit")
    assert client.edit({"kind": "rename-node", "node": "node:y", "name": "product"}, "bob")["revision"] == 1
    assert client.job(job)["state"] == "running"
    assert long.result(60)["revision"] == 2  # a name that changed meanwhile does not matter, and stays
    nodes = json.loads(client.snapshot("json"))["nodes"]
    assert [(node["name"], node["op_type"]) for node in nodes] == [("product", "Mul")]


def test_a_model_that_changed_meanwhile_is_a_conflict(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    long = in_background(lambda: client.edit(SIMPLIFY, "ada"))
    job_of(heard, "edit")
    client.edit({"kind": "remove-nodes", "nodes": ["node:a"], "reconnect": True}, "bob")
    with pytest.raises(AppError, match="changed meanwhile") as refused:
        long.result(60)
    assert (refused.value.code, refused.value.status) == ("conflict", 409)
    assert client.summary()["revision"] == 1


def test_cancelling_its_job_answers_the_edit(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    long = in_background(lambda: client.edit(SIMPLIFY, "ada"))
    assert client.cancel(job_of(heard, "edit"))["state"] == "cancelled"
    with pytest.raises(AppError) as refused:
        long.result(60)
    assert refused.value.code == "job-cancelled"
    assert client.summary()["revision"] == 0
    assert list((sessions.folder() / "scratch").iterdir()) == []


def test_a_refusal_is_the_jobs_and_the_edits(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    with pytest.raises(AppError) as refused:
        client.edit(SIMPLIFY, "ada")
    assert refused.value.code == "nothing-to-simplify"
    failed = heard.wait("job", lambda job: job["kind"] == "edit" and job["state"] == "failed")
    assert failed["error"]["code"] == "nothing-to-simplify"


def test_the_same_edit_asked_twice_is_worked_out_once(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    asked = [in_background(lambda: client.edit(SIMPLIFY, "ada", client="mine")) for _ in range(2)]
    assert [long.result(60)["revision"] for long in asked] == [1, 1]
    assert client.edit(SIMPLIFY, "ada", client="mine")["revision"] == 1
    assert len({job["job"] for job in heard.of("job") if job["kind"] == "edit"}) == 1


def test_an_edit_whose_session_is_killed_is_worked_out_again(sessions: Sessions, wordy: Path) -> None:
    sessions.may_end = True
    client, heard = sessions.open(wordy, patience=NEVER_TIRED)
    client.edit({"kind": "rename-node", "node": "node:y", "name": "product"}, "ada")
    long = in_background(lambda: client.edit(SIMPLIFY, "ada"))
    job_of(heard, "edit")
    os.kill(client.pid or 0, signal.SIGKILL)
    assert long.result(60)["revision"] == 2
    assert [entry["kind"] for entry in client.summary()["history"]] == ["rename-node", "simplify"]


def test_killed_again_and_again_it_is_done_once(sessions: Sessions, fused: Path, tmp_path: Path) -> None:
    sessions.may_end = True
    client, _ = sessions.open(fused, patience=NEVER_TIRED)
    over = threading.Event()

    def kill() -> None:
        for pause in (0.3, 0.9, 1.2, 1.6):
            if over.wait(pause):
                return
            if client.pid:
                os.kill(client.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    revision = client.edit(SIMPLIFY, "ada")["revision"]
    over.set()
    killer.join()
    assert (revision, client.summary()["revision"]) == (1, 1)
    onnx.checker.check_model(onnx.load_from_string(saved(client, tmp_path)))


# large tensors


def test_undo_and_redo_give_the_bytes_of_before_and_after(sessions: Sessions, fused: Path, tmp_path: Path) -> None:
    client, _ = sessions.open(fused)
    client.edit(SIMPLIFY, "ada")
    simplified = saved(client, tmp_path)
    client.undo("ada")
    assert saved(client, tmp_path) == fused.read_bytes() != simplified
    client.redo("ada")
    assert saved(client, tmp_path) == simplified


def test_a_session_that_is_killed_comes_back_with_its_new_weights(
    sessions: Sessions, fused: Path, tmp_path: Path
) -> None:
    sessions.may_end = True
    client, _ = sessions.open(fused, patience=NEVER_TIRED)
    client.edit(SIMPLIFY, "ada")
    simplified = saved(client, tmp_path)
    os.kill(client.pid or 0, signal.SIGKILL)
    assert client.summary()["revision"] == 1
    assert saved(client, tmp_path) == simplified
    assert (sessions.folder() / "journal.sqlite").stat().st_size < 100_000


def test_what_nobody_took_is_swept_when_the_session_opens_again(sessions: Sessions, fused: Path) -> None:
    client, heard = sessions.open(fused)
    client.edit(SIMPLIFY, "ada")
    tensors = sessions.folder() / "tensors"
    kept = {path.name for path in tensors.iterdir()}
    (tensors / ("0" * 64)).write_bytes(b"of a job that was killed")
    client.close()
    again, _ = sessions.open(fused)
    assert {path.name for path in tensors.iterdir()} == kept
    assert again.summary()["revision"] == 1
    assert heard.states[-1] != "lost"


def test_a_session_without_edits_leaves_nothing_behind(sessions: Sessions, fused: Path) -> None:
    client, heard = sessions.open(fused)
    assert previewed(client, heard, SIMPLIFY)["state"] == "done"
    client.close()
    assert not sessions.folder().exists()


# previews


def test_a_preview_says_what_would_change_and_changes_nothing(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    job = previewed(client, heard, SIMPLIFY)
    result = job["result"]
    assert job["state"] == "done" and result["edit"] == SIMPLIFY
    assert result["title"] == "Simplified the model with onnxsim"
    assert result["changes"]["nodes"] == {"added": 0, "removed": 2, "changed": 1}
    assert [(one["op_type"], one["before"], one["after"]) for one in result["operators"]] == [
        ("Add", 1, 0),
        ("Identity", 1, 0),
    ]
    assert result["totals"] == {
        "nodes": {"before": 3, "after": 1},
        "weight_bytes": {"before": 32, "after": 16},
        "parameters": {"before": 8, "after": 4},
    }
    assert result["outputs"] == [{"name": "y", "difference": 0.0, "equal": True, "note": ""}]
    assert {change["id"] for change in result["delta"] if change["after"] is None} >= {"node:a", "node:three"}
    assert client.summary()["revision"] == 0


def test_the_result_of_a_preview_is_told_to_those_who_ask_only(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    previewed(client, heard, SIMPLIFY)
    assert [job["result"] for job in heard.of("job") if job["kind"] == "preview" and job["state"] == "done"] == [None]


def test_an_accepted_preview_is_not_worked_out_again(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    job = previewed(client, heard, SIMPLIFY)["job"]
    answer = client.edit({**SIMPLIFY, "preview": job}, "ada")
    assert answer["revision"] == 1 and answer["report"]["engine"] == "onnxsim"
    assert [told for told in heard.of("job") if told["kind"] == "edit"] == []
    assert client.recipe()["edits"][0]["kind"] == "simplify"


def test_a_preview_of_another_edit_is_not_taken(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    job = previewed(client, heard, SIMPLIFY)["job"]
    assert client.edit({**RENAME, "preview": job}, "ada")["revision"] == 1
    assert client.summary()["history"][0]["kind"] == "rename-value"


def test_a_preview_that_is_gone_is_worked_out_again(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    assert client.edit({**SIMPLIFY, "preview": "gone"}, "ada")["revision"] == 1
    assert [told for told in heard.of("job") if told["kind"] == "edit"]


def test_a_preview_of_a_model_that_changed_is_a_conflict(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    job = previewed(client, heard, SIMPLIFY)["job"]
    client.edit({"kind": "remove-nodes", "nodes": ["node:a"], "reconnect": True}, "bob")
    with pytest.raises(AppError, match="changed meanwhile") as refused:
        client.edit({**SIMPLIFY, "preview": job}, "ada")
    assert refused.value.status == 409


def test_any_edit_can_be_previewed_with_what_becomes_of_the_outputs(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    edit = {"kind": "insert-node", "op_type": "Neg", "domain": "", "value": "value:a", "attributes": {}}
    result = previewed(client, heard, edit)["result"]
    (output,) = result["outputs"]
    assert output["equal"] is False and output["difference"] > 0
    assert result["changes"]["nodes"]["added"] == 1
    assert client.edit({**edit, "preview": client.preview(edit)}, "ada")["revision"] == 1


def test_outputs_that_cannot_be_compared_are_a_note(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    result = previewed(client, heard, {"kind": "remove-nodes", "nodes": ["node:a"]})["result"]
    assert result["outputs"] is None and result["outputs_note"]


def test_an_edit_that_is_refused_ends_its_preview_with_the_reason(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    job = previewed(client, heard, {**RENAME, "name": "x"})
    assert job["state"] == "failed" and job["error"]["code"] == "edit-rejected"
    with pytest.raises(AppError) as refused:
        client.preview({"kind": "rename-value", "value": "value:a"})
    assert refused.value.status == 422


def test_a_preview_can_be_cancelled(sessions: Sessions, wordy: Path) -> None:
    client, heard = sessions.open(wordy)
    job = client.preview(SIMPLIFY)
    assert client.cancel(job)["state"] == "cancelled"
    assert heard.wait("job", lambda told: told["job"] == job and told["state"] == "cancelled")


def test_who_accepts_what_could_not_be_proved_is_kept_in_the_recipe(sessions: Sessions, tmp_path: Path) -> None:
    text = WORDY.replace('"" : 17', '"" : 17, "mine" : 1').replace("Mul(a, three)", "mine.Own(a, three)")
    client, heard = sessions.open(write_text_model(text, tmp_path / "own.onnx"))
    with pytest.raises(AppError) as refused:
        client.edit(SIMPLIFY, "ada")
    assert refused.value.code == "not-proved"
    job = previewed(client, heard, SIMPLIFY)
    assert job["result"]["outputs"] is None
    assert client.edit({**SIMPLIFY, "preview": job["job"]}, "ada")["revision"] == 1
    assert client.recipe()["edits"][0]["accept_difference"] is True
