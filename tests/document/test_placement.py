"""Weights go where they are wanted: inside the model's file, in one data file, in one for each tensor; and nothing is mixed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.numpy_helper
import onnxruntime
import pytest
from msgspec.structs import replace
from onnx import TensorProto

from onnx_scalpel.document import placement
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.placement import SaveOptions
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.document.tensors import make_tensor
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.document.write_model import write_model
from onnx_scalpel.errors import AppError
from tests.document.models import HEAD, rename

TEXT = """g (float[2, 64] x, bool c) => (float[2, 64] y) <float[64] tiny = {1}> {
  k = Constant <value = float[1] {2}> ()
  a = MatMul (x, first)
  b = MatMul (a, second)
  d = If (c) <
    then_branch = t () => (float[2, 64] p) { p = MatMul (b, inner) },
    else_branch = e () => (float[2, 64] q) { q = MatMul (b, first) }
  >
  e = Mul (d, k)
  y = Add (e, packed)
}"""
EVERYWHERE = ("inline", "one-file", "per-tensor")


def weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {name: rng.standard_normal((64, 64), dtype=np.float32) for name in ("first", "second", "inner")}


def model(tmp_path: Path, external: bool = False) -> Path:
    """Weights in the main graph, one in a body, one as typed data, one as the value of a Constant."""
    proto = onnx.parser.parse_model(HEAD + TEXT.replace(" <float[64] tiny = {1}>", ""))
    graph = proto.graph
    inner = next(a for a in graph.node[3].attribute if a.name == "then_branch").g
    for name, array in weights().items():
        (inner if name == "inner" else graph).initializer.append(onnx.numpy_helper.from_array(array, name))
    packed = TensorProto(name="packed", dims=[2, 64, 1][:2], data_type=TensorProto.FLOAT)
    packed.float_data.extend(np.arange(128, dtype=np.float32).tolist())
    graph.initializer.append(packed)
    graph.node[0].attribute[0].t.CopyFrom(onnx.numpy_helper.from_array(np.full((64,), 2, np.float32)))
    path = tmp_path / "model.onnx"
    if external:
        options = {"location": "model.data", "size_threshold": 600, "convert_attribute": True}
        onnx.save(proto, str(path), save_as_external_data=True, **options)
    else:
        path.write_bytes(proto.SerializeToString())
    return path


def tensors_of(path: Path) -> dict[str, bytes]:
    """Every weight of a saved model by its name, as ONNX itself reads them."""
    onnx.checker.check_model(str(path), full_check=True)
    found = onnx.load(str(path))
    inner = next(a for a in found.graph.node[3].attribute if a.name == "then_branch").g
    held = [*found.graph.initializer, *inner.initializer, found.graph.node[0].attribute[0].t]
    return {t.name: onnx.numpy_helper.to_array(t).tobytes() for t in held}


def outputs_of(path: Path) -> list[Any]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    x = np.random.default_rng(2).standard_normal((2, 64), dtype=np.float32)
    return [session.run(None, {"x": x, "c": np.array(c)})[0] for c in (True, False)]


def data_files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and p.suffix != ".onnx")


@pytest.mark.parametrize("external", [False, True], ids=["inside", "outside"])
@pytest.mark.parametrize("weights", EVERYWHERE)
def test_a_model_is_the_same_wherever_its_weights_are_put(tmp_path: Path, weights: str, external: bool) -> None:
    path = model(tmp_path, external)
    target = tmp_path / "saved" / "model.onnx"
    write_model(open_model(path), target, options=SaveOptions(weights, 200))
    assert tensors_of(target) == tensors_of(path)
    for saved, opened in zip(outputs_of(target), outputs_of(path), strict=True):
        np.testing.assert_array_equal(saved, opened)
    assert len(data_files(target.parent)) == {"inline": 0, "one-file": 1, "per-tensor": 5}[weights]
    again = tmp_path / "again" / "model.onnx"
    write_model(open_model(target), again)
    assert again.read_bytes() == target.read_bytes()


def test_what_is_below_the_threshold_stays_inside(tmp_path: Path) -> None:
    target = tmp_path / "saved" / "model.onnx"
    write_model(open_model(model(tmp_path)), target, options=SaveOptions("one-file", 10_000))
    named = {t.name: t.data_location for t in onnx.load(str(target), load_external_data=False).graph.initializer}
    assert named == {"first": TensorProto.EXTERNAL, "second": TensorProto.EXTERNAL, "packed": TensorProto.DEFAULT}


def test_inside_and_out_and_inside_again_gives_the_same_model(tmp_path: Path) -> None:
    path = model(tmp_path)
    out, back = tmp_path / "out" / "m.onnx", tmp_path / "back" / "m.onnx"
    write_model(open_model(path), out, options=SaveOptions("one-file"))
    write_model(open_model(out), back, options=SaveOptions("inline"))
    assert onnx.load(str(back)) == onnx.load(str(path))


def test_data_files_are_called_by_their_content(tmp_path: Path) -> None:
    document = open_model(model(tmp_path))
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders[:2]:
        write_model(document, folder / "m.onnx", options=SaveOptions("one-file"))
    tx = Transaction(document)
    tx.put(replace(tx.value("value:first"), tensor=make_tensor(np.eye(64, dtype=np.float32))))
    write_model(document, folders[2] / "m.onnx", options=SaveOptions("one-file"))
    one, two, three = (data_files(folder) for folder in folders)
    assert one == two != three


def test_a_save_over_another_model_never_touches_the_data_file_that_is_there(tmp_path: Path) -> None:
    path = model(tmp_path, external=True)
    there = tmp_path / "there"
    there.mkdir()
    (there / "model.data").write_bytes(b"another model's weights")
    write_model(open_model(path), there / "model.onnx")
    assert (there / "model.data").read_bytes() == b"another model's weights"
    assert tensors_of(there / "model.onnx") == tensors_of(path)


def test_a_model_that_misses_its_data_file_does_not_get_ours_under_that_name(tmp_path: Path) -> None:
    """If the save was killed after the data file, the old model would have our weights."""
    path = model(tmp_path, external=True)
    there = tmp_path / "there"
    there.mkdir()
    (there / "model.onnx").write_bytes(path.read_bytes())
    write_model(open_model(path), there / "model.onnx", overwrite=True)
    assert not (there / "model.data").exists()
    assert tensors_of(there / "model.onnx") == tensors_of(path)


def test_saving_in_place_leaves_the_data_file_alone(tmp_path: Path) -> None:
    path = model(tmp_path, external=True)
    before = (tmp_path / "model.data").stat()
    document = open_model(path)
    rename(document, "value:a", "hidden")
    assert write_model(document, path, overwrite=True) == [path]
    after = (tmp_path / "model.data").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert onnx.load(str(path)).graph.node[1].output[0] == "hidden"


def test_one_file_that_is_one_already_is_not_written_again(tmp_path: Path) -> None:
    first = tmp_path / "first" / "m.onnx"
    write_model(open_model(model(tmp_path)), first, options=SaveOptions("one-file"))
    document = open_model(first)
    rename(document, "value:a", "hidden")
    assert write_model(document, first, overwrite=True, options=SaveOptions("one-file")) == [first]


@pytest.mark.parametrize("options", [SaveOptions(), SaveOptions("inline"), SaveOptions("one-file", 1 << 30)])
def test_more_than_one_file_can_hold_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: SaveOptions
) -> None:
    document = open_model(model(tmp_path))
    monkeypatch.setattr(placement, "PROTO_LIMIT", 40_000)
    target = tmp_path / "saved" / "m.onnx"
    with pytest.raises(AppError) as asked:
        write_model(document, target, options=options)
    assert (asked.value.code, asked.value.status) == ("choice-needed", 409)
    assert [choice["weights"] for choice in asked.value.choices or ()] == ["one-file", "per-tensor"]
    assert not target.exists()
    write_model(document, target, options=SaveOptions("one-file"))
    assert tensors_of(target) == tensors_of(tmp_path / "model.onnx")


def test_weights_that_are_missing_are_told_before_anything_is_written(tmp_path: Path) -> None:
    document = open_model(model(tmp_path, external=True))
    (tmp_path / "model.data").unlink()
    for weights in EVERYWHERE:
        with pytest.raises(AppError, match=r"model\.data") as refused:
            write_model(document, tmp_path / "saved" / "m.onnx", options=SaveOptions(weights))
        assert refused.value.code == "data-missing"
    assert not (tmp_path / "saved").exists()
    write_model(document, tmp_path / "saved" / "m.onnx")
    assert (tmp_path / "saved" / "m.onnx").read_bytes() == document.path.read_bytes()


def test_what_is_no_way_to_save_is_said_for_each_field() -> None:
    with pytest.raises(AppError) as refused:
        SaveOptions("somewhere", -1)  # type: ignore[arg-type]
    assert set(refused.value.fields or ()) == {"weights", "threshold"}


def test_strings_stay_inside(tmp_path: Path) -> None:
    proto = onnx.parser.parse_model(HEAD + "g (string[1] x) => (string[1] y) { y = Identity (x) }")
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.array(["a" * 5000], object), "w"))
    (tmp_path / "m.onnx").write_bytes(proto.SerializeToString())
    write_model(open_model(tmp_path / "m.onnx"), tmp_path / "s" / "m.onnx", options=SaveOptions("per-tensor", 0))
    assert data_files(tmp_path / "s") == []
    assert (tmp_path / "s" / "m.onnx").read_bytes() == model_bytes(open_model(tmp_path / "m.onnx"))
