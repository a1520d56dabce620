"""Many edits at random by one or several: each is done or refused in one clear line, and undoing all gives the file's bytes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.real_server import Answer
from tests.shared_models import model_paths
from tests.system.random_edits import RandomEdits
from tests.system.script import Model, Script, opened
from tests.system.test_bad_files import assert_clear
from tests.system.test_hostile import written

pytestmark = pytest.mark.xdist_group("random edits")
OWN_IDS = re.compile(
    r"(?:graph|node|value|onnx[.a-z]*):\S*"
)  # may hold `::`, as those of functions and names that PyTorch gives do
REFUSED = {400, 404, 409, 422}
SEEN_AGAIN = 20  # edits until a new snapshot says which ids there are
BRANCHES = """
<ir_version: 10, opset_import: ["" : 21, "own" : 1]>
branches (bool c, float[N, 3] x, float[3] q) => (float[N, 3] y, float[N, 3] z)
<float[3] w = {1, 2, 3}, int64[2] to = {-1, 3}>
{
  [first] a = Add (x, w)
  [second] b = own.twice (a)
  [third] y = If (c) <then_branch = t () => (float[N, 3] p) { p = Mul (b, q) },
    else_branch = e () => (float[N, 3] r) { s = Abs (a)  r = Neg (s) }>
  [fourth] z = Reshape (b, to)
}
<opset_import: ["" : 21], domain: "own">
twice (v) => (d) { k = Identity (v)  d = Add (k, v) }
"""


def assert_answered(answer: Answer, asked: Any) -> None:
    assert answer.status == 200 or answer.status in REFUSED, (asked, answer.body[:500])
    if answer.status != 200:
        assert_clear(OWN_IDS.sub("it", answer.error["message"]))


def make_edits(script: Script, model: Model, seed: str, count: int) -> None:
    edits = RandomEdits(script.get("/api/edits"), model.snapshot, seed)
    for number in range(1, count + 1):
        if number % SEEN_AGAIN == 0:
            edits.see(model.snapshot)
        edit = edits.any()
        assert_answered(script.ask("POST", f"{model.route}/edits", edit), edit)


@pytest.mark.parametrize("seed", ["one", "two"])
def test_edits_at_random_are_done_or_refused_and_undone(script: Script, folder: Path, seed: str) -> None:
    with opened(script, written(folder, f"random-{seed}", BRANCHES)) as model:
        before, pids = model.download(), script.session_pids()
        make_edits(script, model, seed, 100)
        model.undo_all()
        assert model.download() == before
        assert script.session_pids() == pids


def test_what_several_did_and_undid_survives_a_crash_and_can_be_undone_to_the_last(
    script: Script, folder: Path
) -> None:
    with opened(script, written(folder, "several", BRANCHES)) as model:
        before = model.download()
        edits = RandomEdits(script.get("/api/edits"), model.snapshot, "several")
        authors = ("ann", "ben", "cem")
        for number in range(100):
            if number % SEEN_AGAIN == 0:
                edits.see(model.snapshot)
            action = "edits" if edits.chance(0.5) else "undo" if edits.chance(0.6) else "redo"
            answer = act(script, model, action, authors[number % 3], edits.any() if action == "edits" else None)
            assert_answered(answer, action)
            if answer.status == 409 and answer.error["code"] == "conflict":
                assert answer.error["subjects"]
        edited = model.download()
        for pid in script.session_pids():
            psutil.Process(pid).kill()
        assert model.summary["state"] == "ready"  # asked again of the next process
        assert model.download() == edited
        while any(act(script, model, "undo", author).status == 200 for author in authors):
            pass
        assert model.download() == before


def act(script: Script, model: Model, action: str, author: str, body: Any = None) -> Answer:
    return script.ask("POST", f"{model.route}/{action}", body, {"X-Scalpel-Participant": author})


@pytest.mark.long
@pytest.mark.parametrize("path", model_paths("bad", "odd", "real", "exported"), ids=lambda path: path.stem)
def test_edits_at_random_on_every_model_of_the_collection(script: Script, path: Path) -> None:
    answer = script.ask("POST", "/api/sessions", {"path": str(path)})
    if answer.status != 201:
        return assert_clear(answer.error["message"])
    model = Model(script, answer.json()["session"])
    before = script.ask("GET", f"{model.route}/model").body
    make_edits(script, model, path.stem, 80)
    model.undo_all()
    if not before.startswith(b"PK"):  # an archive carries its time
        assert script.ask("GET", f"{model.route}/model").body == before
    model.close()
