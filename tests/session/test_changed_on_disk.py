"""A session notices when another program changes its file, keeps what it was, and never writes over that unasked."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.client import SessionClient
from tests.session.conftest import CHAIN, Sessions, write_text_model

OTHER = CHAIN.replace("Tanh", "Sigmoid")
ALICE = "alice"


def rename(client: SessionClient, value: str, name: str) -> None:
    client.edit({"kind": "rename-value", "value": value, "name": name}, ALICE)


def large_model(path: Path, seed: int) -> Path:
    """A model beyond what is read whole, so that its weights stay in the mapped file."""
    weights = np.random.default_rng(seed).standard_normal((2200, 2200)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], "mm")],
        "large",
        [helper.make_tensor_value_info("x", 1, [1, 2200])],
        [helper.make_tensor_value_info("y", 1, [1, 2200])],
        [numpy_helper.from_array(weights, "w")],
    )
    written = path.with_suffix(".new")
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), str(written))
    written.replace(path)
    return path


def test_everyone_hears_that_the_file_was_changed_and_that_it_was_put_back(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    before = chain.read_bytes()
    assert client.summary()["changed_on_disk"] is False
    write_text_model(OTHER, chain)
    heard.wait("session", lambda s: s["changed_on_disk"])
    chain.write_bytes(before)
    heard.wait("session", lambda s: not s["changed_on_disk"])


def test_a_file_that_was_only_touched_is_the_same_file(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    os.utime(chain, (1_000_000_000, 1_000_000_000))
    assert client.summary()["changed_on_disk"] is False


def test_a_changed_file_is_not_saved_over_unless_that_is_said(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    rename(client, "value:a", "hidden")
    write_text_model(OTHER, chain)
    with pytest.raises(AppError) as refused:
        client.save(chain, overwrite=True)
    assert (refused.value.code, refused.value.status) == ("changed-on-disk", 409)
    assert [choice["label"] for choice in refused.value.choices or ()] == [
        "Save as…",
        "Overwrite anyway",
        "Reload and replay my edits",
    ]
    assert onnx.load(chain).graph.node[2].op_type == "Sigmoid"
    client.save(chain, overwrite=True, anyway=True)
    saved = onnx.load(chain)
    assert [saved.graph.node[0].output[0], saved.graph.node[2].op_type] == ["hidden", "Tanh"]
    assert client.summary()["changed_on_disk"] is False


def test_a_file_that_was_saved_to_is_watched_from_then_on(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    rename(client, "value:a", "hidden")
    mine = chain.with_name("mine.onnx")
    client.save(mine)
    write_text_model(OTHER, chain)
    assert client.summary()["changed_on_disk"] is False
    write_text_model(OTHER, mine)
    assert client.summary()["changed_on_disk"] is True
    with pytest.raises(AppError, match="changed"):
        client.save(mine, overwrite=True)


def test_a_file_that_was_taken_away_can_be_saved_again_only_when_that_is_said(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    rename(client, "value:a", "hidden")
    chain.unlink()
    with pytest.raises(AppError) as refused:
        client.save(chain, overwrite=True)
    assert "Reload and replay my edits" not in [choice["label"] for choice in refused.value.choices or ()]
    client.save(chain, overwrite=True, anyway=True)
    assert onnx.load(chain).graph.node[0].output[0] == "hidden"


def test_a_session_whose_file_was_replaced_is_recovered_with_its_edits(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    rename(client, "value:a", "hidden")
    write_text_model(OTHER, chain)
    heard.wait("session", lambda s: s["changed_on_disk"])
    client.close()
    again, _ = sessions.open(chain)
    assert again.summary()["changed_on_disk"] is True
    mine = chain.with_name("mine.onnx")
    again.save(mine)
    assert [node.op_type for node in onnx.load(mine).graph.node] == ["Relu", "Add", "Tanh"]
    assert onnx.load(mine).graph.node[0].output[0] == "hidden"


def test_large_weights_survive_another_file_in_their_place_and_nothing_is_mixed_when_they_do_not(
    sessions: Sessions, tmp_path: Path
) -> None:
    path = large_model(tmp_path / "large.onnx", 1)
    weights = onnx.load(path).graph.initializer[0].raw_data
    client, _ = sessions.open(path)
    rename(client, "value:y", "out")
    large_model(path, 2)  # renamed into place
    client.save(tmp_path / "mine.onnx")
    assert onnx.load(tmp_path / "mine.onnx").graph.initializer[0].raw_data == weights
    other, _ = sessions.open(tmp_path / "mine.onnx", "s2")
    rename(other, "value:out", "y")
    with (tmp_path / "mine.onnx").open("r+b") as file:  # written over in place
        file.seek(9_000_000)
        file.write(b"\xff" * 1000)
    for target in (tmp_path / "copy.onnx", tmp_path / "mine.onnx"):
        with pytest.raises(AppError) as refused:
            other.save(target, overwrite=True, anyway=True)
        assert refused.value.code == "weights-changed"
    assert not (tmp_path / "copy.onnx").exists()


def test_changed_data_files_count_as_changes_of_the_file(sessions: Sessions, tmp_path: Path) -> None:
    model = onnx.parser.parse_model(CHAIN)
    array = np.arange(4, dtype=np.float32)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(array, "bias"))
    path = tmp_path / "outside.onnx"
    onnx.save(model, str(path), save_as_external_data=True, location="w.bin", size_threshold=0)
    client, _ = sessions.open(path)
    (tmp_path / "w.bin").write_bytes((array + 1).tobytes())
    assert client.summary()["changed_on_disk"] is True
    with pytest.raises(AppError) as refused:
        client.write_model(tmp_path / "copy.onnx")
    assert refused.value.code == "weights-changed"
    (tmp_path / "w.bin").unlink()


def test_the_original_is_the_model_as_it_was_opened_whatever_became_of_the_file(
    sessions: Sessions, chain: Path
) -> None:
    client, _ = sessions.open(chain)
    fresh = client.original()
    rename(client, "value:a", "hidden")
    client.save(chain, overwrite=True)
    write_text_model(OTHER, chain)
    assert client.original() == fresh
    assert b"hidden" not in fresh and b"Tanh" in fresh


def test_only_edits_that_the_file_does_not_hold_are_made_again(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    rename(client, "value:a", "first_out")
    client.edit({"kind": "rename-node", "node": "node:a", "name": "relu"}, ALICE)
    client.save(chain, overwrite=True)
    rename(client, "value:a", "again")
    client.edit({"kind": "rename-node", "node": "node:a", "name": "later"}, ALICE)
    told = client.unsaved_edits()
    # in the saved file both are called by the value's new name
    assert [(step["edit"]["value"] if "value" in step["edit"] else step["edit"]["node"]) for step in told] == [
        "value:first_out",
        "node:first_out",
    ]
    for _ in range(3):
        client.undo(ALICE)
    (lost,) = client.unsaved_edits()
    assert lost["edit"] is None and lost["title"].startswith("Undid: ")


def test_everything_that_stands_is_made_again_when_nothing_was_saved(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    rename(client, "value:a", "hidden")
    rename(client, "value:b", "gone")
    client.undo(ALICE)
    (step,) = client.unsaved_edits()
    assert (step["edit"]["value"], step["edit"]["name"], step["author"]) == ("value:a", "hidden", ALICE)
