"""Models as text are opened, edited and saved like any other; hostile text ends a child and nothing else."""

from __future__ import annotations

import json
import subprocess
import warnings
from pathlib import Path

import onnx
import onnx.parser
import pytest
from google.protobuf import text_format
from onnx.serialization import registry

from tests.document.models import BRANCHES, HEAD, split_model
from tests.real_server import command, running_server
from tests.system.script import Heartbeat, Model, Script, eventually

pytestmark = pytest.mark.xdist_group("text models")
ENDINGS = {"textproto": ".textproto", "json": ".json", "onnxtxt": ".onnxtxt"}
RENAME = {"value": "value:h", "name": "hidden"}


def text_of(form: str) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text: bytes = registry.get(form).serialize_proto(onnx.parser.parse_model(HEAD + BRANCHES))
    return text


def read(path: Path) -> onnx.ModelProto:
    """The model as onnx itself reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return onnx.load(path)


@pytest.mark.parametrize("form", ENDINGS)
def test_a_text_model_is_edited_and_saved_as_text(script: Script, folder: Path, form: str) -> None:
    path = folder / f"edited{ENDINGS[form]}"
    path.write_bytes(text_of(form))
    model = script.open(path)
    assert {d["severity"] for d in model.checked()["diagnostics"]} <= {"info"}
    model.edit("rename-value", **RENAME)
    assert script.ask("POST", f"{model.route}/save", {}).error["code"] == "file-exists"  # never unasked
    saved = script.post(f"{model.route}/save", {"overwrite": True})
    assert (saved["path"], saved["unsaved"]) == (path.name, False)
    assert read(path).graph.node[0].output[0] == "hidden"
    model.undo_all()
    script.post(f"{model.route}/save", {"overwrite": True})
    assert path.read_bytes() == text_of(form)  # also its layout: it says what it said


@pytest.mark.parametrize("form", ENDINGS)
def test_a_text_model_becomes_an_onnx_file_and_back(script: Script, folder: Path, form: str) -> None:
    model = script.uploaded((f"net{ENDINGS[form]}", text_of(form)))
    binary, text = folder / f"{form}.onnx", folder / f"again{ENDINGS[form]}"
    for target in (binary, text):
        script.post(f"{model.route}/save", {"path": str(target), "overwrite": True})
    assert (
        binary.read_bytes()
        == registry.get(form).deserialize_proto(text_of(form), onnx.ModelProto()).SerializeToString()
    )
    assert text.read_bytes() == text_of(form)
    assert model.download() == binary.read_bytes()


def test_comments_stay_where_nothing_was_edited(script: Script, folder: Path) -> None:
    path = folder / "comments.textproto"
    text = b"# by hand\n" + text_of("textproto").replace(b'name: "branches"', b'name:   "branches"  # the graph')
    path.write_bytes(text)
    model = script.open(path)
    model.edit("rename-value", **RENAME)
    model.undo()
    script.post(f"{model.route}/save", {"path": str(folder / "copy.textproto"), "overwrite": True})
    assert (folder / "copy.textproto").read_bytes() == text


def test_a_text_model_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "net.textproto"
    path.write_bytes(text_of("textproto"))
    with running_server([tmp_path], data_dir=tmp_path / "data") as server:
        model = Script(server).open(path)
        model.edit("rename-value", **RENAME)
    path.write_bytes(b"# changed by another program\n" + path.read_bytes())
    with running_server([tmp_path], data_dir=tmp_path / "data") as server:
        script = Script(server)
        again = Model(script, model.id)
        assert "hidden" in [value["name"] for value in again.snapshot["values"]]
        assert again.summary["changed_on_disk"] is True
        assert script.ask("POST", f"{again.route}/save", {"overwrite": True}).error["code"] == "changed-on-disk"
        job = again.ended(again.run())
        assert job["state"] == "done", job
        assert all(output["equal"] for output in job["result"]["outputs"])


def test_a_text_model_that_changed_on_disk_is_reloaded_with_the_edits(script: Script, folder: Path) -> None:
    path = folder / "reloaded.textproto"
    path.write_bytes(text_of("textproto"))
    model = script.open(path)
    model.edit("rename-value", **RENAME)
    path.write_bytes(b"# another program was here\n" + path.read_bytes())
    eventually(lambda: bool(model.summary["changed_on_disk"]))
    answer = script.post(f"{model.route}/reload", {"replay": True})
    assert (answer["applied"], answer["failed"]) == (1, [])
    report = script.get(f"/api/sessions/{answer['session']}/report")
    assert (report["identity"]["file"], report["identity"]["file_bytes"]) == (path.name, path.stat().st_size)


def test_a_text_model_has_data_files_beside_it(script: Script, folder: Path) -> None:
    whole = split_model(folder / "texts")
    path = whole.with_suffix(".textproto")
    path.write_text(text_format.MessageToString(onnx.load(whole, load_external_data=False)), encoding="utf-8")
    model = script.open(path)
    assert model.checked()["diagnostics"] == []
    model.edit("rename-value", value="value:h", name="hidden")
    script.post(f"{model.route}/save", {"overwrite": True})
    assert {t.external_data[0].value for t in onnx.load(path, load_external_data=False).graph.initializer} == {
        "w.bin",
        "deep/b.bin",
    }
    assert model.ended(model.run(dims={"N": 1}))["state"] == "done"


def test_a_model_that_the_form_cannot_hold_is_refused_and_nothing_is_written(script: Script, folder: Path) -> None:
    model = script.uploaded(("net.textproto", text_of("textproto")))
    model.edit("set-doc", subject="graph:", text="a note that ONNX text has no place for")
    target = folder / "loses.onnxtxt"
    error = script.ask("POST", f"{model.route}/save", {"path": str(target)}).error
    assert (error["code"], error["hint"]) == (
        "text-loses",
        "save it as .onnx, or as .textproto, which holds everything",
    )
    assert list(folder.glob("*loses*")) == []


DEEP = 60_000
HOSTILE = {
    "deep.onnxtxt": b'<ir_version: 8, opset_import: ["" : 17]>\ng (float[1] x) => (float[1] y) {\n'
    + b"y = If <then_branch = g () => (float[1] y) {" * DEEP,
    "types.onnxtxt": b'<ir_version: 8, opset_import: ["" : 17]>\ng (' + b"seq(" * 1_000_000,
    "deep.json": b'{"ir_version": 8, "graph": ' + b"[" * DEEP,
    "objects.json": b'{"ir_version": 8, "graph": ' + b'{"node": [{"attribute": [{"g": ' * DEEP,
    "deep.textproto": b"ir_version: 8\ngraph { " + b"node { attribute { g { " * DEEP,
    "unknown.textproto": b"ir_version: 8\n" + b"unknown { " * DEEP,
    "number.json": b'{"ir_version": ' + b"9" * 1_000_000 + b"}",
    "wrong.textproto": b"ir_version: 8\ngraph { nodes { } }",
    "package.json": json.dumps({"name": "a package", "version": "1.0"}).encode(),
    "empty.json": b"{}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_one_line_and_the_server_goes_on(script: Script, name: str) -> None:
    with Heartbeat(script.server) as heart:
        answer = script.upload((name, HOSTILE[name]))
    assert answer.status == 400, answer.body[:300]
    print(name, answer.error["code"], answer.error["message"])
    assert answer.error["message"].isprintable()
    assert name in answer.error["message"]
    assert heart.wrong == []


def test_other_formats_are_still_shown_by_netron(script: Script) -> None:
    caffe = b'name: "tiny"\ninput: "data"\nlayer { name: "r" type: "ReLU" bottom: "data" top: "out" }\n'
    shown = script.send("/api/sessions?view=1", ("tiny.prototxt", caffe))
    assert (shown.status, shown.json()["format"]) == (201, "Caffe")
    refused = script.send("/api/sessions?view=1", ("package.json", HOSTILE["package.json"]))
    assert refused.error["message"] == "'package.json' is JSON, but no ONNX model"


def scalpel(*arguments: object) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run([*command(), *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended


@pytest.mark.parametrize("form", ENDINGS)
def test_the_commands_take_text(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"net{ENDINGS[form]}"
    path.write_bytes(text_of(form))
    assert "If" in scalpel("inspect", path).stdout
    assert scalpel("check", path, "--run").returncode == 0
    recipe, empty = tmp_path / "recipe", tmp_path / "empty"
    recipe.write_text(json.dumps({"format": 1, "edits": [{"kind": "rename-value", **RENAME}]}), encoding="utf-8")
    empty.write_text(json.dumps({"format": 1, "edits": []}), encoding="utf-8")
    for target in (f"out{ENDINGS[form]}", "out.onnx"):
        ended = scalpel("apply", recipe, path, "-o", tmp_path / target)
        assert ended.returncode == 0, ended
        assert read(tmp_path / target).graph.node[0].output[0] == "hidden"
    assert scalpel("apply", empty, path, "-o", tmp_path / f"same{ENDINGS[form]}").returncode == 0
    assert (tmp_path / f"same{ENDINGS[form]}").read_bytes() == path.read_bytes()


def test_a_crash_of_a_parser_is_a_line_of_the_command(tmp_path: Path) -> None:
    path = tmp_path / "deep.onnxtxt"
    path.write_bytes(HOSTILE["deep.onnxtxt"])
    ended = scalpel("check", path)
    assert ended.returncode == 1
    assert "'deep.onnxtxt' cannot be read as ONNX text" in ended.stderr + ended.stdout
