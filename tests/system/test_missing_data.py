"""A model without its weights opens, is edited and saved, says what it lacks, and is whole once that is supplied."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from tests.document.models import split_model
from tests.real_server import Answer, command, running_server
from tests.system.script import Model, Script, eventually

pytestmark = pytest.mark.xdist_group("missing data")


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A model with all its data files."""
    return split_model(tmp_path / "whole")


def bare(folder: Path, whole: Path, name: str) -> Path:
    """The same model without them, in a folder of its own below the server's root."""
    (folder / name).mkdir()
    shutil.copy(whole, folder / name / whole.name)
    return folder / name / whole.name


def data_of(whole: Path) -> dict[str, bytes]:
    return {name: (whole.parent / name).read_bytes() for name in ("w.bin", "deep/b.bin")}


def supply(model: Model, *files: tuple[str, bytes]) -> Answer:
    return model.script.send(f"{model.route}/data-files", *files)


def missing(model: Model) -> list[str]:
    return [file["location"] for file in model.summary["missing"]["files"]]


def ran(model: Model) -> dict[str, Any]:
    return model.ended(model.run(dims={"N": 2}))


def test_a_structure_opens_and_says_which_files_it_needs(script: Script, folder: Path, whole: Path) -> None:
    model = script.open(bare(folder, whole, "says"))
    told = model.summary["missing"]
    assert (told["count"], told["tensors"], told["bytes"]) == (2, 3, 96)
    assert told["files"][0] == {"location": "w.bin", "tensors": 2, "bytes": 80, "needed": 80, "size": None}
    found = [d for d in model.checked()["diagnostics"] if d["code"] == "external-missing-file"]
    assert len(found) == 2
    assert "deep/b.bin" in found[1]["message"]


def test_it_is_edited_checked_and_saved_with_its_references_byte_for_byte(
    script: Script, folder: Path, whole: Path
) -> None:
    path = bare(folder, whole, "edited")
    model = script.open(path)
    model.edit("rename-value", value="value:h", name="hidden")
    model.edit("remove-nodes", nodes=["node:y"], reconnect=False)
    assert "output-not-produced" in {d["code"] for d in model.checked()["diagnostics"]}  # checks go on
    model.undo_all()
    assert script.post(f"{model.route}/save", {"overwrite": True})["unsaved"] is False
    assert path.read_bytes() == whole.read_bytes()
    alone = script.ask("GET", f"{model.route}/model?alone=1")
    assert alone.body == whole.read_bytes()


@pytest.mark.parametrize("what", ["run", "simplify", "download"])
def test_what_needs_the_weights_says_in_one_line_which_are_missing(
    script: Script, folder: Path, whole: Path, what: str
) -> None:
    model = script.open(bare(folder, whole, f"needs-{what}"))
    if what == "run":
        error = script.ask("POST", f"{model.route}/run", {}).error
    elif what == "simplify":
        error = model.refused("simplify")
    else:
        error = script.ask("GET", f"{model.route}/model").error
        assert error["choices"] == [{"label": "Without the weights", "alone": True}]
    assert error["code"] == "data-missing"
    assert error["message"].endswith(": 2 data files are missing: w.bin, b.bin")


def test_files_that_are_supplied_are_seen_at_once_and_after_a_restart(
    tmp_path: Path, folder: Path, whole: Path
) -> None:
    path, data = bare(tmp_path, whole, "restart"), data_of(whole)
    with running_server([tmp_path], data_dir=tmp_path / "data") as server:
        model = Script(server).open(path)
        answer = supply(model, ("w.bin", data["w.bin"]))
        assert answer.status == 200
        assert answer.json()["taken"] == [{"name": "w.bin", "location": "w.bin", "bytes": 80}]
        assert missing(model) == ["deep/b.bin"]
        assert supply(model, ("b.bin", data["deep/b.bin"])).status == 200
        assert missing(model) == []
        assert model.checked()["diagnostics"] == []
        first = ran(model)
        assert first["state"] == "done", first
        assert sorted(p.name for p in path.parent.iterdir()) == [path.name]  # nothing is put beside the user's file
    with running_server([tmp_path], data_dir=tmp_path / "data") as server:
        again = Model(Script(server), model.id)
        assert missing(again) == []
        assert again.checked()["diagnostics"] == []
        assert ran(again)["result"]["outputs"][0]["mean"] == first["result"]["outputs"][0]["mean"]
        files = again.download_files()
        assert files == {path.name: whole.read_bytes(), **data}


def test_the_whole_model_runs_as_it_does_with_its_files_beside_it(script: Script, folder: Path, whole: Path) -> None:
    beside = folder / "beside"
    shutil.copytree(whole.parent, beside)
    expected = ran(script.open(beside / whole.name))["result"]["outputs"]
    model = script.open(bare(folder, whole, "apart"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in data_of(whole).items():
            archive.writestr(name, content)
    assert supply(model, ("weights.zip", packed.getvalue())).status == 200
    assert ran(model)["result"]["outputs"] == expected
    values = script.get(f"{model.route}/values/value:b/tensor?start=0&count=4")["values"]
    assert values == [16, 17, 18, 19]
    made = model.edit("set-tensor", value="value:b", tensor={"formula": "x * 2"})
    assert made["revision"] == 1


def test_files_that_do_not_fit_are_told_and_change_nothing(script: Script, folder: Path, whole: Path) -> None:
    model = script.open(bare(folder, whole, "wrong"))
    short = supply(model, ("w.bin", b"only this"))
    assert (short.status, short.error["code"]) == (400, "not-needed")
    assert short.error["message"] == "w.bin has 9 bytes, and the model needs 80: it is another file"
    assert supply(model, ("notes.txt", b"no weights")).error["message"].startswith("no tensor of this model")
    both = supply(model, ("notes.txt", b"no weights"), ("b.bin", data_of(whole)["deep/b.bin"])).json()
    assert [one["name"] for one in both["left"]] == ["notes.txt"]
    assert missing(model) == ["w.bin"]


def test_a_file_that_is_cut_off_is_replaced_by_the_whole_one(script: Script, folder: Path, whole: Path) -> None:
    path = bare(folder, whole, "cut")
    shutil.copytree(whole.parent / "deep", path.parent / "deep")
    (path.parent / "w.bin").write_bytes(data_of(whole)["w.bin"][:70])
    model = script.open(path)
    assert model.summary["missing"]["files"][0]["size"] == 70
    error = script.ask("POST", f"{model.route}/run", {}).error
    assert error["message"] == "the model cannot be run: its data file w.bin is too short (70 of 80 bytes)"
    assert supply(model, ("w.bin", data_of(whole)["w.bin"])).status == 200
    assert ran(model)["state"] == "done"
    assert (path.parent / "w.bin").stat().st_size == 70  # the user's file is left alone


def test_files_that_are_put_beside_the_model_are_noticed(script: Script, folder: Path, whole: Path) -> None:
    path = bare(folder, whole, "noticed")
    model = script.open(path)
    model.checked()
    for name, content in data_of(whole).items():
        (path.parent / name).parent.mkdir(exist_ok=True)
        (path.parent / name).write_bytes(content)
    eventually(lambda: missing(model) == [], "the files are not noticed")
    assert model.checked()["diagnostics"] == []
    assert model.summary["changed_on_disk"] is False
    assert ran(model)["state"] == "done"


def test_the_files_may_also_come_after_edits_and_saves(script: Script, folder: Path, whole: Path) -> None:
    path = bare(folder, whole, "later")
    model = script.open(path)
    model.edit("rename-value", value="value:h", name="hidden")
    script.post(f"{model.route}/save", {"overwrite": True})
    model.edit("rename-value", value="value:h", name="later")
    for name, content in data_of(whole).items():
        assert supply(model, (name, content)).status == 200
    assert ran(model)["state"] == "done"
    script.post(f"{model.route}/save", {"overwrite": True})
    saved = onnx.load(str(path))
    assert [v.name for v in saved.graph.initializer] == ["w", "b", "c"]
    assert np.frombuffer(saved.graph.initializer[2].raw_data, dtype=np.float32).tolist() == [2, 2, 2, 2]
    model.undo_all()
    assert ran(model)["state"] == "done"


def test_a_copy_without_its_weights_refers_to_them_as_before(script: Script, folder: Path, whole: Path) -> None:
    model = script.open(bare(folder, whole, "copied"))
    target = folder / "copied" / "copy.onnx"
    script.post(f"{model.route}/save", {"path": str(target)})
    assert target.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "set-tensor", "value": "value:b", "tensor": {"formula": "x * 2"}},
        {"kind": "resize-inputs", "shapes": {"x": [3, 4]}},
        {"kind": "simplify", "engine": "onnxruntime-basic"},
        {"kind": "cast-tensor", "values": ["value:w"], "to": "float16", "mismatch": "cast"},
    ],
    ids=lambda edit: str(edit["kind"]),
)
def test_an_edit_that_needs_the_data_is_refused_in_one_line(
    script: Script, folder: Path, whole: Path, edit: dict[str, Any]
) -> None:
    name = f"edit-{edit['kind']}-{len(edit)}"
    model = script.open(bare(folder, whole, name))
    error = model.refused(**edit)
    print(error["code"], error["message"], "|", error["hint"])
    assert "b.bin" in error["message"] or "w.bin" in error["message"]
    assert model.summary["revision"] == 0
    for file, content in data_of(whole).items():
        assert supply(model, (file, content)).status == 200
    assert model.edit(**edit)["revision"] == 1


@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "promote-to-input", "value": "value:b"},
        {"kind": "initializer-to-constant", "values": ["value:b"]},
        {"kind": "infer-shapes"},
        {"kind": "name-nodes"},
        {"kind": "rename-dim", "old": "N", "new": "batch"},
    ],
    ids=lambda edit: str(edit["kind"]),
)
def test_an_edit_that_needs_no_data_is_made(script: Script, folder: Path, whole: Path, edit: dict[str, Any]) -> None:
    model = script.open(bare(folder, whole, f"free-{edit['kind']}"))
    assert model.edit(**edit)["revision"] == 1
    model.undo_all()
    assert script.ask("GET", f"{model.route}/model?alone=1").body == whole.read_bytes()


def test_the_files_are_known_to_a_process_that_is_started_again(script: Script, folder: Path, whole: Path) -> None:
    before = script.session_pids()
    model = script.open(bare(folder, whole, "killed"))
    for name, content in data_of(whole).items():
        assert supply(model, (name, content)).status == 200
    (pid,) = script.session_pids() - before
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: bool(script.session_pids() - before - {pid}))
    assert missing(model) == []
    assert ran(model)["state"] == "done"


def large_inside(path: Path) -> None:
    """Give the model a large tensor in its own file, too: it then rests on two files, and on others after a save."""
    model = onnx.load(path, load_external_data=False)
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.ones((64, 64), np.float32), "big"))
    model.graph.node.append(onnx.helper.make_node("Identity", ["big"], ["copy"]))
    model.graph.output.append(onnx.helper.make_tensor_value_info("copy", onnx.TensorProto.FLOAT, [64, 64]))
    path.write_bytes(model.SerializeToString())


@pytest.mark.parametrize("how", ["supplied", "put beside it"])
def test_a_model_with_large_tensors_inside_takes_its_files_in_after_a_save(
    script: Script, folder: Path, whole: Path, how: str
) -> None:
    large_inside(whole)
    path = bare(folder, whole, f"inside {how}")
    model = script.open(path)
    model.edit("rename-value", value="value:h", name="hidden")
    script.post(f"{model.route}/save", {"overwrite": True})
    for name, content in data_of(whole).items():
        if how == "supplied":
            assert supply(model, (name, content)).status == 200
        else:
            (path.parent / name).parent.mkdir(exist_ok=True)
            (path.parent / name).write_bytes(content)
    eventually(lambda: missing(model) == [])
    assert model.checked()["diagnostics"] == []
    assert all(output["equal"] for output in ran(model)["result"]["outputs"])
    model.undo_all()
    assert ran(model)["state"] == "done"
    assert model.download_files()[path.name] == whole.read_bytes()


def test_the_commands_name_the_files_that_are_missing(tmp_path: Path, whole: Path) -> None:
    path = bare(tmp_path, whole, "commands")

    def scalpel(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command(), *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
        )

    ended = scalpel("check", path, "--run")
    assert ended.returncode == 1
    assert "the model cannot be run: 2 data files are missing: w.bin, b.bin" in ended.stderr
    assert "'deep/b.bin', which is not there (1 tensor, 16 bytes)" in ended.stdout
    assert "w.bin: 2 tensors, 80 B; the file is missing" in scalpel("inspect", path).stdout
    (tmp_path / "recipe.json").write_text('{"format": 1, "edits": []}', encoding="utf-8")
    assert scalpel("apply", tmp_path / "recipe.json", path, "-o", tmp_path / "out.onnx").returncode == 0
    assert (tmp_path / "out.onnx").read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("weights", ["inline", "one-file", "per-tensor"])
def test_weights_that_are_missing_cannot_be_put_elsewhere(
    script: Script, folder: Path, whole: Path, weights: str
) -> None:
    model = script.open(bare(folder, whole, f"put-{weights}"))
    target = folder / f"put-{weights}" / "copy.onnx"
    error = script.ask("POST", f"{model.route}/save", {"path": str(target), "weights": weights}).error
    assert error["code"] == "data-missing"
    assert error["message"] == "the weights cannot be put elsewhere: 2 data files are missing: w.bin, b.bin"
    assert not target.exists()
