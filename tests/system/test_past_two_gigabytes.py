"""A model that edits make larger than an .onnx file can be: it is checked and run, asked about when saved, and undo brings every byte back."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.placement import SaveOptions
from onnx_scalpel.document.write_model import write_model
from tests.real_server import running_server
from tests.system.script import Model, Script

WIDE, LAYERS = 4096, 28  # 28 weights of 67 MB
GROWN = [WIDE, 4 * WIDE]  # 268 MB
PATIENCE = 300.0  # seconds
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("past two gigabytes")]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A root with room for gigabytes, that are removed at once."""
    made = Path(tempfile.mkdtemp(prefix="scalpel-large-"))
    yield made
    shutil.rmtree(made)


def inline_model(path: Path) -> Path:
    """1.88 GB of random weights inside one .onnx file; nothing is held in memory."""
    rng = np.random.default_rng(0)
    weights, nodes = [], []
    outside = path.with_name("outside")
    outside.mkdir()
    with (outside / "w.bin").open("wb") as data:
        for i in range(LAYERS):
            weight = TensorProto(name=f"w{i}", data_type=TensorProto.FLOAT, dims=[WIDE, WIDE], raw_data=b"")
            block = ((rng.random((WIDE, WIDE), np.float32) - 0.5) * 0.05).tobytes()
            onnx.external_data_helper.set_external_data(weight, "w.bin", data.tell(), len(block))
            weight.ClearField("raw_data")
            data.write(block)
            weights.append(weight)
            nodes.append(helper.make_node("MatMul", [f"h{i}" if i else "x", f"w{i}"], [f"h{i + 1}"], f"layer {i}"))
    nodes.append(helper.make_node("Tanh", [f"h{LAYERS}"], ["y"], "last"))
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, WIDE]) for name in "xy")
    graph = helper.make_graph(nodes, "large", [x], [y], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    (outside / path.name).write_bytes(model.SerializeToString())
    write_model(open_model(outside / path.name), path, options=SaveOptions("inline"))
    shutil.rmtree(outside)
    return path


def grow(model: Model, number: int, reads: str) -> str:
    """Another weight, and what is computed with it as another output."""
    dims = GROWN if number % 2 == 0 else GROWN[::-1]
    model.edit("add-input", name=f"grown{number}", dtype="float32", shape=dims)
    tensor = {"formula": f"normal(0, 0.01, {number})"}
    model.edit("freeze-input", value=f"value:grown{number}", tensor=tensor)
    model.edit("add-node", op_type="MatMul", inputs=[reads, f"value:grown{number}"], outputs=[f"z{number}"])
    model.edit("add-output", value=f"value:z{number}")
    return f"value:z{number}"


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ran(model: Model) -> dict[str, dict[str, Any]]:
    """The outputs of a run that must succeed, by name."""
    job = model.ended(model.run(), PATIENCE)
    assert job["state"] == "done", job["error"]
    return {output["name"]: output for output in job["result"]["outputs"]}


def run_by_itself(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """What ONNX Runtime alone makes of a saved file."""
    options = ort.SessionOptions()
    options.add_session_config_entry("session.disable_prepacking", "1")
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    x = np.linspace(-1, 1, WIDE, dtype=np.float32).reshape(1, WIDE)
    return dict(zip(names, session.run(names, {"x": x}), strict=True))


def save(model: Model, path: Path, status: int = 200, **options: Any) -> dict[str, Any]:
    answer = model.script.ask("POST", f"{model.route}/save", {"path": str(path), "overwrite": True, **options})
    assert answer.status == status, answer.body[:500]
    told: dict[str, Any] = answer.json()
    return told


def test_an_inline_model_that_grows_past_2_gb_goes_to_data_files_after_asking(folder: Path) -> None:
    root = folder / "root"
    root.mkdir()
    path = inline_model(root / "model.onnx")
    opened, before = digest(path), run_by_itself(path)
    with running_server([root], data_dir=folder / "data") as server:
        model = Script(server).open(path)
        grown = grow(model, 0, "value:y")
        grow(model, 1, grown)
        assert model.checked(PATIENCE)["diagnostics"] == []
        assert ran(model)["y"]["equal"]

        asked = save(model, path, 409)["error"]
        assert asked["code"] == "choice-needed" and "2.4 GB" in asked["message"]
        assert digest(path) == opened, "what asks changes nothing"
        for choice in asked["choices"]:
            save(model, path, **{key: value for key, value in choice.items() if key != "label"})
            onnx.checker.check_model(str(path), full_check=True)
            after = run_by_itself(path)
            assert after.keys() == {"y", "z0", "z1"} and np.array_equal(after["y"], before["y"])
            assert np.isfinite(after["z1"]).all() and np.ptp(after["z1"]) > 0
            assert sum(p.stat().st_size for p in root.rglob("*") if p.is_file()) < 2.45e9, "no old data file stays"
            assert {name: output["equal"] for name, output in ran(model).items()}["y"]

        assert model.undo_all() == 8
        save(model, path, weights="inline")
        assert digest(path) == opened
