"""Places and notes of a session: kept over a kill, undone, told in snapshots; and in no model, recipe or question of what is unsaved."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

from tests.session.conftest import Sessions, rename
from tests.session.test_recovery import wait_until_ready

MOVE = {"kind": "set-position", "node": "node:a", "x": 40, "y": 60.5}
NOTE = {"kind": "add-note", "text": "look", "x": 1, "y": 2}


def arrangement(client: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.snapshot("json"))["arrangement"]
    return found


def test_an_arrangement_survives_the_end_of_its_process_and_is_undone(sessions: Sessions, chain: Path) -> None:
    sessions.may_end = True
    client, heard = sessions.open(chain)
    client.edit(MOVE, "ann")
    client.edit(NOTE, "ann")
    pid = client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until_ready(heard)
    assert arrangement(client) == {
        "places": [{"id": "node:a", "graph": "graph:", "down": {"x": 40.0, "y": 60.5}}],
        "notes": [{"id": "note:1", "graph": "graph:", "x": 1.0, "y": 2.0, "text": "look"}],
    }
    client.undo("ann")
    client.undo("ann")
    assert arrangement(client) == {"places": [], "notes": []}


def test_everyone_hears_of_a_move_and_nothing_is_unsaved_by_it(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    client.edit(MOVE, "ann")
    (message,) = heard.of("revision")
    assert message["unsaved"] is False
    assert message["delta"] == [
        {
            "table": "place",
            "id": "node:a",
            "after": {"id": "node:a", "graph": "graph:", "down": {"x": 40.0, "y": 60.5}},
        }
    ]


def test_what_was_found_is_true_of_a_moved_node_without_another_check(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    heard.wait("diagnostics", lambda d: d["state"] == "done" and d["revision"] == 0)
    client.edit(MOVE, "ann")
    heard.wait("diagnostics", lambda d: d["state"] == "done" and d["revision"] == 1)
    client.edit(rename("value:a", "features"), "ann")
    client.edit(NOTE, "ann")  # while the check of the rename is due
    heard.wait("diagnostics", lambda d: d["state"] == "done" and d["revision"] == 3)
    assert client.summary()["checked_revision"] == 3
    checked = [d["revision"] for d in heard.of("diagnostics") if d["state"] == "checking"]
    assert len(checked) == 2  # the model as it was opened, and the renamed one


def test_a_recipe_leaves_the_arrangement_out(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    client.edit(MOVE, "ann")
    client.edit({"kind": "batch", "edits": [MOVE | {"x": 1}, MOVE | {"node": "node:b"}]}, "ann")
    client.edit(rename("value:a", "features"), "ann")
    client.edit(NOTE, "ann")
    assert [edit["kind"] for edit in client.recipe()["edits"]] == ["rename-value"]


def test_an_arrangement_stays_over_a_save(sessions: Sessions, chain: Path, tmp_path: Path) -> None:
    sessions.may_end = True
    client, heard = sessions.open(chain)
    client.edit(MOVE, "ann")
    before = chain.read_bytes()
    client.save(chain, overwrite=True)
    assert chain.read_bytes() == before
    client.edit(rename("value:a", "features"), "ann")
    client.save(chain, overwrite=True)
    pid = client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until_ready(heard)
    assert [place["id"] for place in arrangement(client)["places"]] == ["node:a"]
