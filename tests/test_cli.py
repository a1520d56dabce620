"""The command line as a user types it: what it writes, what it says and how it ends."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.session.recipe import build_recipe, digest_of
from tests.laws import HEADER, model_file
from tests.shared_models import model_paths

MODEL = "g (float[1,3] x) => (float[1,3] y) { a = Relu(x)\n y = Neg(a) }"
EMPTY: dict[str, Any] = {"format": 1, "edits": []}
RENAME = {"kind": "rename-value", "value": "value:a", "name": "features"}


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def scalpel(*arguments: object, cwd: Path | None = None) -> Ended:
    """Run the command as a process."""
    command = [sys.executable, "-m", "onnx_scalpel", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=cwd, check=False)
    assert "Traceback" not in ended.stderr, ended.stderr
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def recipe_file(folder: Path, *edits: dict[str, Any]) -> Path:
    path = folder / "recipe.json"
    path.write_text(json.dumps({"format": 1, "edits": list(edits)}), encoding="utf-8")
    return path


def test_apply_replays_the_edits(tmp_path: Path) -> None:
    ended = scalpel("apply", recipe_file(tmp_path, RENAME), model_file(MODEL), "-o", tmp_path / "out.onnx")
    assert ended.code == 0 and "(1 edit)" in ended.out
    assert onnx.load(tmp_path / "out.onnx").graph.node[0].output[0] == "features"


def test_an_empty_recipe_saves_the_model_byte_for_byte(tmp_path: Path) -> None:
    model = model_file(MODEL)
    assert scalpel("apply", recipe_file(tmp_path), model, "-o", tmp_path / "out.onnx").code == 0
    assert (tmp_path / "out.onnx").read_bytes() == model.read_bytes()


@pytest.mark.parametrize("path", model_paths("odd", "exported/extdata_mlp"), ids=lambda p: p.name)
def test_odd_models_survive_an_empty_recipe_byte_for_byte(path: Path, tmp_path: Path) -> None:
    from onnx_scalpel.cli_apply import apply_recipe

    assert apply_recipe(recipe_file(tmp_path), [path], tmp_path / "out.onnx", overwrite=False)
    assert (tmp_path / "out.onnx").read_bytes() == path.read_bytes()


def test_apply_stops_at_the_first_edit_that_does_not_fit_and_writes_nothing(tmp_path: Path) -> None:
    wrong = {"kind": "rename-value", "value": "value:a", "name": "x"}
    ended = scalpel("apply", recipe_file(tmp_path, RENAME, wrong), model_file(MODEL), "-o", tmp_path / "out.onnx")
    assert ended.code == 1
    assert "edit 2 of 2 (rename-value) does not fit: the name x is taken" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not (tmp_path / "out.onnx").exists()


def test_apply_names_every_edit_that_is_wrong_in_itself(tmp_path: Path) -> None:
    ended = scalpel(
        "apply", recipe_file(tmp_path, RENAME, {"kind": "rename-valu"}), model_file(MODEL), "-o", tmp_path / "out.onnx"
    )
    assert ended.code == 1
    assert "edit 2 of 2: there is no edit 'rename-valu' (did you mean rename-value?)" in ended.err


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"edits": []}',
        '{"format": 2, "edits": []}',
        '{"format": 1}',
        "\udc00",
        f"[{'9' * 5000}]",
        "[" * 9999,
    ],
)
def test_what_is_no_recipe_is_one_line(content: str, tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    ended = scalpel("apply", path, model_file(MODEL), "-o", tmp_path / "out.onnx")
    assert ended.code == 1 and len(ended.err.splitlines()) == 1


def test_several_models_and_folders_go_into_a_folder_and_are_told_one_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "one.onnx").write_bytes(model_file(MODEL).read_bytes())
    (folder / "two.onnx").write_bytes(model_file("g (float[3] x) => (float[3] y) { y = Neg(x) }").read_bytes())
    ended = scalpel("apply", recipe_file(tmp_path, RENAME), folder, "-o", tmp_path / "out")
    assert ended.code == 1
    assert (tmp_path / "out" / "deep" / "one.onnx").exists() and not (tmp_path / "out" / "two.onnx").exists()
    assert "two.onnx: edit 1 of 1" in ended.err and "one.onnx ->" in ended.out


def test_a_model_is_not_overwritten_unasked(tmp_path: Path) -> None:
    model = model_file(MODEL)
    before = model.read_bytes()
    ended = scalpel("apply", recipe_file(tmp_path, RENAME), model, "-o", model)
    assert ended.code == 1 and "--overwrite" in ended.err
    assert model.read_bytes() == before
    assert scalpel("apply", recipe_file(tmp_path, RENAME), model, "-o", model, "--overwrite").code == 0
    assert model.read_bytes() != before


def test_a_recipe_of_a_session_gives_the_same_model_and_the_same_ids(tmp_path: Path) -> None:
    model = model_file(MODEL)
    document = open_model(model)
    edits = [
        {"kind": "insert-node", "op_type": "Sigmoid", "domain": "", "value": "value:a"},
        {"kind": "rename-value", "value": "value:a_Sigmoid", "name": "squashed"},
    ]
    made = [{**e, "creates": apply_edit(document, parse_edit(e)).created} for e in edits]
    path = tmp_path / "recipe.json"
    recipe = build_recipe("model", digest_of(open_model(model)), made)
    assert recipe["model"] == {"name": "model", "sha256": hashlib.sha256(model.read_bytes()).hexdigest()}
    assert recipe["edits"][0]["creates"] == ["value:a_Sigmoid", "node:a_Sigmoid"]
    path.write_text(json.dumps(recipe), encoding="utf-8")
    assert scalpel("apply", path, model, "-o", tmp_path / "out.onnx").code == 0
    assert [n.output[0] for n in onnx.load(tmp_path / "out.onnx").graph.node] == ["a", "squashed", "y"]


def test_weights_go_where_the_command_says(tmp_path: Path) -> None:
    model = tmp_path / "m.onnx"
    text = "g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) }"
    model.write_bytes(model_file(text).read_bytes())
    (tmp_path / "recipe.json").write_text('{"format": 1, "edits": []}', encoding="utf-8")
    out = tmp_path / "out" / "m.onnx"
    done = scalpel("apply", tmp_path / "recipe.json", model, "-o", out, "--weights", "one-file", "--threshold", "0")
    assert done.code == 0
    assert len(list(out.parent.glob("scalpel-*.data"))) == 1
    (held,) = onnx.load(str(out)).graph.initializer
    assert onnx.numpy_helper.to_array(held).tolist() == [1, 2]


def test_edits_that_take_long_are_applied_and_told_on_stderr(tmp_path: Path) -> None:
    wordy = model_file("g (float[2] x) => (float[2] y) { a = Identity(x)  y = Relu(a) }")
    ended = scalpel("apply", recipe_file(tmp_path, {"kind": "simplify"}, RENAME), wordy, "-o", tmp_path / "out.onnx")
    assert ended.code == 1 and "edit 2 of 2" in ended.err, "there is no value to rename any more"
    ended = scalpel("apply", recipe_file(tmp_path, {"kind": "simplify"}), wordy, "-o", tmp_path / "out.onnx")
    assert ended.code == 0 and ended.out.count("\n") == 1, ended
    assert [node.op_type for node in onnx.load(tmp_path / "out.onnx").graph.node] == ["Relu"]


def test_a_long_edit_that_is_refused_is_one_line(tmp_path: Path) -> None:
    ended = scalpel("apply", recipe_file(tmp_path, {"kind": "simplify"}), model_file(MODEL), "-o", tmp_path / "o.onnx")
    assert ended.code == 1 and "finds nothing to simplify" in ended.err
    assert not (tmp_path / "o.onnx").exists()


def test_check_is_quiet_about_a_good_model() -> None:
    ended = scalpel("check", model_file(MODEL))
    assert (ended.code, ended.err) == (0, "") and "no problems found" in ended.out


def test_check_fails_on_errors_and_says_them() -> None:
    broken = onnx.parser.parse_model(HEADER + MODEL)
    broken.graph.node[1].input[0] = "nowhere"
    ended = scalpel("check", model_file(broken))
    assert ended.code == 1 and "nowhere" in ended.out


def test_check_json_is_for_programs() -> None:
    model = model_file(MODEL)
    report = json.loads(scalpel("check", model, "--run", "--json").out)
    assert report["ok"] is True and report["model"] == str(model)
    assert report["run"]["outputs"][0]["name"] == "y"


def test_a_mistyped_command_is_told_with_the_commands_there_are(tmp_path: Path) -> None:
    ended = scalpel("chek", tmp_path / "model.onnx")
    assert (
        ended.code == 2
        and "there is no command or file 'chek'; commands: apply, check, edits, inspect, serve" in ended.err
    )


def test_check_against_another_model_calls_it_by_its_name() -> None:
    other = model_file(MODEL.replace("[1,3]", "[2,3]"))
    ended = scalpel("check", model_file(MODEL), "--against", other)
    assert ended.code == 1 and f"the input 'x' of {Path(other).name} got data of its own" in ended.out


def test_check_against_another_model_compares_outputs(tmp_path: Path) -> None:
    same, other = model_file(MODEL), model_file(MODEL.replace("Neg", "Abs"))
    assert scalpel("check", same, "--against", model_file(MODEL)).code == 0
    ended = scalpel("check", same, "--against", other)
    assert ended.code == 1 and "differs from" in ended.out


def test_a_size_for_a_named_dim_can_be_given() -> None:
    model = model_file(MODEL.replace("[1,3]", "[N,3]"))
    report = json.loads(scalpel("check", model, "--run", "--dim", "N=5", "--json").out)
    assert report["run"]["outputs"][0]["shape"] == [5, 3]
    assert scalpel("check", model, "--run", "--dim", "N").code == 2
    unknown = scalpel("check", model, "--run", "--dim", "M=5")
    assert unknown.code == 1 and "no input has a dim 'M'" in unknown.err and "named dims: N" in unknown.err
    assert scalpel("check", model, "--run", "--dim", "N=" + "9" * 5000).code == 2


def test_a_crash_of_the_runtime_is_a_line() -> None:
    """Attention without heads divides by nothing in ONNX Runtime, which kills the process that holds it."""
    shape = [1, 4, 8]
    values = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, shape) for n in ("q", "k", "v")]
    node = onnx.helper.make_node("Attention", ["q", "k", "v"], ["y"], q_num_heads=0, kv_num_heads=0)
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    graph = onnx.helper.make_graph([node], "g", values, [output])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 23)], ir_version=10)
    ended = scalpel("check", model_file(model), "--run")
    assert ended.code == 1
    assert len(ended.err.splitlines()) <= 1


def test_what_is_no_model_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    page = tmp_path / "page.onnx"
    page.write_text("<!doctype html><html></html>", encoding="utf-8")
    for command in (["check", page], ["apply", recipe_file(tmp_path), page, "-o", tmp_path / "out.onnx"]):
        ended = scalpel(*command)
        assert ended.code == 1 and len(ended.err.splitlines()) == 1 and "HTML" in ended.err


@pytest.mark.parametrize("arguments", [["check"], ["apply", "recipe.json"], ["edits", "--nonsense"], ["--port", "x"]])
def test_what_cannot_be_a_command_is_exit_code_2(arguments: Sequence[str]) -> None:
    assert scalpel(*arguments).code == 2


def test_edits_lists_the_catalogue() -> None:
    assert "rename-value" in scalpel("edits").out
    entries = json.loads(scalpel("edits", "--json").out)
    assert {"kind", "title", "acts_on", "schema"} <= entries[0].keys()


def test_the_version_is_told() -> None:
    assert re.search(r"\d+\.\d+\.\d+", scalpel("--version").out)


def test_a_model_that_is_not_there_is_not_served(tmp_path: Path) -> None:
    ended = scalpel(tmp_path / "none.onnx", "--no-browser", "--data-dir", tmp_path)
    assert ended.code == 1 and "there is no file" in ended.err


def test_serve_is_what_happens_without_a_command(tmp_path: Path) -> None:
    model = model_file(MODEL)
    command = [sys.executable, "-m", "onnx_scalpel", str(model), "--no-browser", "--data-dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[A-Za-z0-9_-]+\n", line)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    assert process.returncode == 0


def test_serving_imports_nothing_that_reads_models() -> None:
    code = (
        "import sys; from onnx_scalpel.cli import main; import onnx_scalpel.web.serve; "
        "print([m for m in ('onnx', 'onnxruntime', 'onnx_graphsurgeon') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_applying_to_a_large_model_needs_no_memory_for_its_weights(tmp_path: Path) -> None:
    weights = np.zeros((64, 1024, 256), np.float32)  # 64 MB
    tensor = onnx.numpy_helper.from_array(weights, "w")
    model = onnx.parser.parse_model(HEADER + "g (float[64,1024,256] x) => (float[64,1024,256] y) { y = Add(x, w) }")
    model.graph.initializer.append(tensor)
    path = model_file(model)
    start = time.monotonic()
    rename = {"kind": "rename-value", "value": "value:w", "name": "bias"}
    assert scalpel("apply", recipe_file(tmp_path, rename), path, "-o", tmp_path / "out.onnx").code == 0
    assert time.monotonic() - start < 20
    saved = onnx.load(tmp_path / "out.onnx")
    assert saved.graph.initializer[0].name == "bias"
    assert onnx.numpy_helper.to_array(saved.graph.initializer[0]).shape == weights.shape


def test_inspect_tells_what_a_model_is_made_of() -> None:
    ended = scalpel("inspect", model_file(MODEL))
    assert (ended.code, ended.err) == (0, "")
    assert "2 nodes of 2 kinds" in ended.out and "in  x" in ended.out and "float32 1×3" in ended.out


def test_inspect_json_is_the_whole_report() -> None:
    model = model_file(MODEL)
    report = json.loads(scalpel("inspect", model, "--json").out)
    assert report["model"] == str(model)
    assert report["operators"]["nodes"] == 2 and report["cost"]["known"] is True
    assert {"identity", "provenance", "interface", "weights", "domains", "functions", "external", "safety"} <= set(
        report
    )


@pytest.mark.parametrize("command", ["inspect", "check"])
def test_what_is_no_model_is_one_line_and_json_where_that_is_asked_for(command: str, tmp_path: Path) -> None:
    (tmp_path / "page.onnx").write_text("<!doctype html><html></html>", encoding="utf-8")
    ended = scalpel(command, tmp_path / "page.onnx", "--json")
    assert ended.code == 1 and len(ended.err.splitlines()) == 1
    assert "HTML page" in json.loads(ended.out)["error"]["message"]
    assert scalpel(command, tmp_path / "page.onnx").out == ""


def test_inspect_tells_the_rest_when_inference_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that hangs or crashes costs what it would have told, and nothing else."""
    from onnx_scalpel import cli_inspect
    from onnx_scalpel.document.load import open_model

    monkeypatch.setattr(cli_inspect, "inspect", lambda *_: os.kill(os.getpid(), signal.SIGSEGV))
    report = cli_inspect._report(open_model(model_file(MODEL)))
    assert report["operators"]["nodes"] == 2
    assert report["cost"]["known"] is False and "SIGSEGV" in report["cost"]["why"]
