"""After a save over the opened file the session rests on the new one: undo goes back past it, after restarts too, and no copy stays."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.client import SessionClient
from tests.session.conftest import Heard, Sessions

ANN = "ann"
WIDE = 1500  # 9 MB each: two of them are more than what is read whole
SHAPES = {"first": (WIDE, WIDE), "second": (WIDE, WIDE), "small": (WIDE,)}


def large_model(path: Path, outside: tuple[str, ...] = ()) -> Path:
    """Two large weights and a small one; those `outside` in a data file."""
    rng = np.random.default_rng(0)
    held = [numpy_helper.from_array(rng.standard_normal(s, dtype=np.float32), n) for n, s in SHAPES.items()]
    nodes = [
        helper.make_node("MatMul", ["x", "first"], ["a"], "one"),
        helper.make_node("MatMul", ["a", "second"], ["b"], "two"),
        helper.make_node("Add", ["b", "small"], ["y"], "three"),
    ]
    x, y = (helper.make_tensor_value_info(name, 1, [1, WIDE]) for name in "xy")
    model = helper.make_model(
        helper.make_graph(nodes, "large", [x], [y], held), opset_imports=[helper.make_opsetid("", 17)], ir_version=9
    )
    with (path.parent / "w.bin").open("wb") as data:
        for tensor in model.graph.initializer:
            if tensor.name in outside:
                onnx.external_data_helper.set_external_data(tensor, "w.bin", data.tell(), len(tensor.raw_data))
                data.write(tensor.raw_data)
                tensor.ClearField("raw_data")
    if not outside:
        (path.parent / "w.bin").unlink()
    path.write_bytes(model.SerializeToString())
    return path


def rename(value: str, name: str) -> dict[str, Any]:
    return {"kind": "rename-value", "value": value, "name": name}


def set_second() -> dict[str, Any]:
    return {"kind": "set-tensor", "value": "value:second", "tensor": {"formula": "zeros"}}


def kill(client: SessionClient) -> None:
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL)


def copy_of(client: SessionClient, folder: Path) -> Path:
    """The model as it is now, with the weights inside."""
    folder.mkdir()
    client.write_model(folder / "copy.onnx", weights={"weights": "inline"})
    return folder / "copy.onnx"


def kept_bytes(sessions: Sessions) -> int:
    """What the session's folder takes on the disk, but for the journal."""
    held = [p for p in sessions.folder().rglob("*") if p.is_file() and "journal" not in p.name]
    return sum(path.stat().st_size for path in held)


def same_weights(one: Path, other: Path) -> bool:
    found = [
        {t.name: numpy_helper.to_array(t).tobytes() for t in onnx.load(str(p)).graph.initializer} for p in (one, other)
    ]
    return found[0] == found[1]


def equal_run(client: SessionClient, heard: Heard) -> bool:
    job = client.run({})
    done = heard.wait("job", lambda j: j["job"] == job and j["state"] != "running")
    assert done["state"] == "done", done["error"]
    return bool(done["result"]["outputs"][0]["equal"])


LAYOUTS = {"inside": (), "mixed": ("first", "second"), "outside": ("first", "second", "small")}


@pytest.mark.parametrize("outside", LAYOUTS.values(), ids=LAYOUTS)
def test_undo_goes_back_past_a_save_and_a_restart(sessions: Sessions, tmp_path: Path, outside: tuple[str, ...]) -> None:
    sessions.may_end = True
    folder = tmp_path / "models"
    folder.mkdir()
    path = large_model(folder / "large.onnx", outside)
    before, names = path.read_bytes(), sorted(p.name for p in folder.iterdir())
    client, heard = sessions.open(path)
    client.edit(rename("value:a", "hidden"), ANN)
    client.save(path, overwrite=True)
    first = path.read_bytes()
    client.edit(rename("value:b", "shown"), ANN)
    client.save(path, overwrite=True)
    assert kept_bytes(sessions) < 100_000, "no copy of the weights is kept"
    assert sorted(p.name for p in folder.iterdir()) == names
    assert equal_run(client, heard)
    kill(client)
    assert client.summary()["unsaved"] is False
    assert equal_run(client, heard)
    client.undo(ANN)
    client.save(path, overwrite=True)
    assert path.read_bytes() == first
    client.close()

    again, _ = sessions.open(path)
    again.undo(ANN)
    again.save(path, overwrite=True)
    assert path.read_bytes() == before
    assert again.redo(ANN) and again.redo(ANN)
    assert same_weights(copy_of(again, tmp_path / "redone"), path)


def test_weights_that_only_the_former_file_had_come_back_by_undo(sessions: Sessions, tmp_path: Path) -> None:
    sessions.may_end = True
    path = large_model(tmp_path / "large.onnx")
    before = path.read_bytes()
    client, heard = sessions.open(path)
    client.edit(set_second(), ANN)
    client.save(path, overwrite=True)
    one = WIDE * WIDE * 4
    assert 2 * one <= kept_bytes(sessions) < 2 * one + 100_000, "the new and the old weight are kept, not the file"
    kill(client)
    client.undo(ANN)
    client.write_model(tmp_path / "copy.onnx")
    assert (tmp_path / "copy.onnx").read_bytes() == before
    assert equal_run(client, heard)
    client.save(path, overwrite=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("weights", ["inline", "one-file", "per-tensor"])
@pytest.mark.parametrize("outside", LAYOUTS.values(), ids=LAYOUTS)
def test_weights_may_move_in_place_and_undo_still_goes_back(
    sessions: Sessions, tmp_path: Path, outside: tuple[str, ...], weights: str
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    path = large_model(folder / "large.onnx", outside)
    client, heard = sessions.open(path)
    opened = copy_of(client, tmp_path / "opened").read_bytes()
    client.edit(rename("value:a", "hidden"), ANN)
    client.save(path, overwrite=True, weights={"weights": weights})
    onnx.checker.check_model(str(path))
    assert equal_run(client, heard)
    client.edit(rename("value:b", "shown"), ANN)
    client.save(path, overwrite=True)  # as the file has them now
    client.close()
    if weights == "inline":
        (folder / "w.bin").unlink(missing_ok=True)  # nothing needs it any more

    again, heard = sessions.open(path)
    assert equal_run(again, heard)
    again.undo(ANN)
    again.undo(ANN)
    assert copy_of(again, tmp_path / "undone").read_bytes() == opened
    again.save(path, overwrite=True)
    assert same_weights(path, tmp_path / "undone" / "copy.onnx")
    external = [t for t in onnx.load(str(path), load_external_data=False).graph.initializer if t.data_location]
    assert len(external) == (0 if weights == "inline" else 3)


def test_a_structure_save_writes_no_data_file_again(sessions: Sessions, tmp_path: Path) -> None:
    path = large_model(tmp_path / "large.onnx")
    client, _ = sessions.open(path)
    client.edit(rename("value:a", "hidden"), ANN)
    client.save(path, overwrite=True, weights={"weights": "one-file"})
    (data,) = tmp_path.glob("scalpel-*.data")
    before = data.stat()
    client.edit(rename("value:b", "shown"), ANN)
    client.save(path, overwrite=True)
    assert (data.stat().st_ino, data.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(tmp_path.glob("scalpel-*.data")) == [data]


def test_another_file_in_its_place_does_not_take_the_weights_away(sessions: Sessions, tmp_path: Path) -> None:
    path = large_model(tmp_path / "large.onnx")
    client, heard = sessions.open(path)
    client.edit(rename("value:a", "hidden"), ANN)
    client.save(path, overwrite=True)
    saved = path.read_bytes()
    (tmp_path / "other").write_bytes(b"something else")
    (tmp_path / "other").replace(path)
    heard.wait("session", lambda s: s["changed_on_disk"])
    client.close()
    again, _ = sessions.open(path)
    again.save(tmp_path / "mine.onnx")
    assert (tmp_path / "mine.onnx").read_bytes() == saved


def test_a_save_that_must_ask_changes_nothing(sessions: Sessions, tmp_path: Path) -> None:
    path = large_model(tmp_path / "large.onnx")
    before = path.read_bytes()
    client, _ = sessions.open(path)
    client.edit(rename("value:a", "hidden"), ANN)
    with pytest.raises(AppError) as refused:
        client.save(path, overwrite=True, weights={"weights": "somewhere"})
    assert (refused.value.code, refused.value.status) == ("wrong-parameters", 422)
    assert path.read_bytes() == before and client.summary()["unsaved"] is True


def test_a_save_that_is_given_up_leaves_nothing(sessions: Sessions, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    path = large_model(tmp_path / "models" / "large.onnx")
    hole = TensorProto(
        name="unread", data_type=TensorProto.FLOAT, dims=[100_000_000], data_location=TensorProto.EXTERNAL
    )
    hole.raw_data = b""
    onnx.external_data_helper.set_external_data(hole, "hole.bin", 0, 400_000_000)
    hole.ClearField("raw_data")
    model = onnx.load(str(path))
    model.graph.initializer.append(hole)
    path.write_bytes(model.SerializeToString())
    os.truncate(os.open(path.parent / "hole.bin", os.O_CREAT | os.O_WRONLY), 400_000_000)  # takes a while to be read
    before = path.stat()
    client, heard = sessions.open(path)
    client.edit(rename("value:a", "hidden"), ANN)
    failed: list[AppError] = []

    def save() -> None:
        try:
            client.save(path, overwrite=True, weights={"weights": "one-file"}, author=ANN)
        except AppError as error:
            failed.append(error)

    saving = threading.Thread(target=save)
    saving.start()
    job = heard.wait("job", lambda j: j["kind"] == "save" and j["author"] == ANN)
    client.cancel(job["job"])
    saving.join()
    assert [error.code for error in failed] == ["job-cancelled"]
    after = path.stat()
    assert (before.st_ino, before.st_size) == (after.st_ino, after.st_size)
    assert sorted(found.name for found in path.parent.iterdir()) == ["hole.bin", "large.onnx"]
    assert client.summary()["unsaved"] is True


def set_first(value: int) -> dict[str, Any]:
    return {"kind": "set-tensor", "value": "value:first", "tensor": {"formula": f"full({value})"}}


def test_data_files_of_earlier_saves_go_when_nothing_speaks_of_them(sessions: Sessions, tmp_path: Path) -> None:
    path = large_model(tmp_path / "large.onnx", LAYOUTS["outside"])
    client, _ = sessions.open(path)
    names = []
    for value in range(3):
        client.edit(set_first(value), ANN)
        client.save(path, overwrite=True)
        (new,) = tmp_path.glob("scalpel-*.data")
        names.append(new.name)
    assert len(set(names)) == 3
    onnx.checker.check_model(str(path))
    for _ in range(3):
        client.undo(ANN)
    client.save(path, overwrite=True)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["large.onnx", "w.bin"]


def test_data_files_that_another_model_or_session_speaks_of_stay(sessions: Sessions, tmp_path: Path) -> None:
    path = large_model(tmp_path / "large.onnx", LAYOUTS["outside"])
    client, _ = sessions.open(path)
    kept = []
    for value in range(3):
        client.edit(set_first(value), ANN)
        client.save(path, overwrite=True)
        (new,) = set(tmp_path.glob("scalpel-*.data")) - set(kept)
        kept.append(new)
        if value == 0:
            (tmp_path / "other.onnx").write_bytes(path.read_bytes())
        if value == 1:
            other, _ = sessions.open(path, "s2")
            other.edit(rename("value:a", "hidden"), "ben")
            other.close()  # its journal stays
    assert all(file.exists() for file in kept)
    onnx.checker.check_model(str(tmp_path / "other.onnx"))
