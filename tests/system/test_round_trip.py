"""What goes in comes out: downloads, forward edits and their way back, undo, recipes replayed headless, byte for byte."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.real_server import command
from tests.shared_models import shared_model
from tests.system.script import Model, Script, opened

pytestmark = pytest.mark.xdist_group("round trip")
MODELS = [
    "real/silero-vad__silero_vad.onnx",
    "real/magika__standard_v3_3.onnx",
    "real/windows-machine-learni__SqueezeNet_fp16.onnx",
    "real/qonnx__quant_model.onnx",
    "real/onnx2c__treeensembleclassifier.onnx",
    "exported/gpt2_depth12_kvcache_legacy_op17.onnx",
    "exported/lstm_tagger_legacy_op14.onnx",
    "exported/scripted_loop_if_gru_op13.onnx",
    "exported/resnet50_int8_qdq.onnx",
    "exported/unoptimized_dynamo_functions.onnx",
    "exported/bert_fused_com_microsoft.onnx",
    "odd/all_attribute_types.onnx",
    "odd/nested_28_levels.onnx",
    "odd/unknown_protobuf_fields.onnx",
    "odd/shadowed_subgraph_names.onnx",
    "odd/unicode_names.onnx",
    "odd/sparse_initializer.onnx",
]
WITH_DATA = ["exported/extdata_mlp/model.onnx", "odd/ext_two_files/model.onnx"]
REPLAYED = [
    "real/silero-vad__silero_vad.onnx",
    "exported/scripted_loop_if_gru_op13.onnx",
    "exported/unoptimized_dynamo_functions.onnx",
    "odd/unicode_names.onnx",
]


def files_of(path: Path) -> dict[str, bytes]:
    """A model with its data files, by their names in a zip."""
    return {p.relative_to(path.parent).as_posix(): p.read_bytes() for p in path.parent.rglob("*") if p.is_file()}


def apply(recipe: Path, *models: Path, output: Path) -> None:
    ended = subprocess.run(
        [*command(), "apply", str(recipe), *map(str, models), "-o", str(output)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended


def recipe_file(folder: Path, recipe: dict[str, Any]) -> Path:
    path = folder / "recipe.json"
    path.write_text(json.dumps(recipe), encoding="utf-8")
    return path


def some_values(model: Model) -> list[dict[str, Any]]:
    """Named values of the main graph from its start, middle and end; if possible, ones whose names no body uses too."""
    snapshot = model.snapshot
    names = [value["name"] for value in snapshot["values"]]
    values = [v for v in snapshot["values"] if v["graph"] == snapshot["graphs"][0]["id"] and v["name"]]
    values = [v for v in values if names.count(v["name"]) == 1] or values[:1]
    return list({v["id"]: v for v in (values[0], values[len(values) // 2], values[-1])}.values())


def wire(model: Model) -> str:
    """The id of a value that a node of the main graph makes and another one takes."""
    snapshot = model.snapshot
    nodes = [node for node in snapshot["nodes"] if node["graph"] == snapshot["graphs"][0]["id"]]
    made = {value for node in nodes for value in node["outputs"] if value}
    taken = [value for node in nodes for value in node["inputs"] if value in made]
    given = {value["id"] for value in snapshot["values"] if value["kind"] == "input"}
    found: list[str] = [*taken, *(value for node in nodes for value in node["inputs"] if value in given)]
    return found[len(found) // 2]


def work(model: Model) -> None:
    """Edits of every kind there is so far, some taken back on the way, that leave a model other than it was."""
    first = some_values(model)[0]
    made = model.edit("insert-node", op_type="Identity", domain="", value=wire(model), attributes={})["created"]
    model.edit("insert-node", op_type="Identity", domain="", value=wire(model), attributes={})
    model.undo()
    again = model.edit("insert-node", op_type="Identity", domain="", value=wire(model), attributes={})["created"]
    nodes = [made_id for made_id in (*made, *again) if made_id.startswith("node:")]
    model.edit("rename-node", node=nodes[0], name="mine – ü")
    model.edit("rename-value", value=first["id"], name="first of all")
    model.edit("remove-nodes", nodes=[nodes[1]], reconnect=True)
    model.edit("rename-value", value=first["id"], name="first again")
    model.undo()


@pytest.mark.parametrize("name", MODELS)
def test_what_was_not_changed_in_the_end_comes_back_byte_for_byte(script: Script, name: str) -> None:
    path = shared_model(name)
    original = path.read_bytes()
    with opened(script, path) as model:
        assert model.download() == original
        for value in some_values(model):
            model.edit("rename-value", value=value["id"], name="another name")
            assert model.download() != original
            model.edit("rename-value", value=value["id"], name=value["name"])
            assert model.download() == original
        assert not model.summary["unsaved"]
        model.edit("insert-node", op_type="Identity", domain="", value=wire(model), attributes={})
        assert model.download() != original
        model.undo()
        assert model.download() == original
        work(model)
        changed = model.download()
        count = model.undo_all()
        assert model.download() == original
        for _ in range(count):
            model.redo()
        assert model.download() == changed


@pytest.mark.parametrize("name", WITH_DATA)
def test_a_model_with_data_files_comes_back_with_them(script: Script, name: str) -> None:
    path = shared_model(name)
    files = files_of(path)
    with opened(script, path) as model:
        assert model.download_files() == files
        work(model)
        changed = model.download_files()
        assert {name: data for name, data in changed.items() if name != path.name} == {
            name: data for name, data in files.items() if name != path.name
        }
        assert changed[path.name] != files[path.name]
        model.undo_all()
        assert model.download_files() == files


def test_what_was_uploaded_with_its_data_file_comes_back(script: Script) -> None:
    path = shared_model("exported/extdata_mlp/model.onnx")
    files = files_of(path)
    model = script.uploaded(*files.items())
    model.edit("rename-value", value=some_values(model)[0]["id"], name="another name")
    model.undo()
    assert model.download_files() == files
    model.close()


@pytest.mark.parametrize("name", MODELS[::4])
def test_a_saved_model_equals_its_download(script: Script, folder: Path, name: str) -> None:
    with opened(script, shared_model(name)) as model:
        work(model)
        target = folder / "saved.onnx"
        script.post(f"{model.route}/save", {"path": str(target), "overwrite": True})
        assert target.read_bytes() == model.download()
        assert not model.summary["unsaved"]
        with opened(script, target) as again:
            assert again.download() == target.read_bytes()


def test_an_empty_recipe_gives_every_byte_back(tmp_path: Path) -> None:
    recipe = recipe_file(tmp_path, {"format": 1, "edits": []})
    models = [shared_model(name) for name in MODELS]
    apply(recipe, *models, output=tmp_path / "out")
    for path in models:
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes(), path.name
    with_data = shared_model(WITH_DATA[0])
    apply(recipe, with_data, output=tmp_path / "data" / with_data.name)
    assert files_of(tmp_path / "data" / with_data.name) == files_of(with_data)


@pytest.mark.parametrize("name", [*REPLAYED, WITH_DATA[1]])
def test_a_recipe_replayed_headless_gives_what_the_session_gave(script: Script, tmp_path: Path, name: str) -> None:
    path = shared_model(name)
    with opened(script, path) as model:
        work(model)
        recipe = script.get(f"{model.route}/recipe")
        expected = model.download_files() if name in WITH_DATA else {path.name: model.download()}
    assert len(recipe["edits"]) == 5
    output = tmp_path / "out" / path.name
    output.parent.mkdir()
    apply(recipe_file(tmp_path, recipe), path, output=output)
    assert files_of(output) == expected
