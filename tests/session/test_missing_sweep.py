"""Real models with their weights in data files: without them they are byte-equal when saved and checked as far as that goes, and
with them supplied they compute what they did."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import onnx
import pytest
from google.protobuf.message import DecodeError

from onnx_scalpel.document.data_files import missing_files, require_data
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes, weightless
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.session.apart import in_child
from onnx_scalpel.validators import runtime
from onnx_scalpel.validators.base import check_all
from tests.shared_models import model_paths

LIMITS = Limits(cpu_seconds=120, wall_seconds=600, memory_bytes=4 << 30)
LARGEST = 30 << 20  # bytes of a model that is taken
AWAY = {"external-missing-file"}


def split(path: Path, folder: Path) -> tuple[Path, Path] | None:
    """The model with its initializers in one data file, but for the small ones, which runtimes want inside; and that file
    elsewhere. None for one that has no such."""
    try:
        model = onnx.load(path)
        options = {"location": "w.bin", "size_threshold": 256, "convert_attribute": False}
        onnx.save_model(model, folder / "split.onnx", save_as_external_data=True, **options)
    except (DecodeError, ValueError, TypeError, OSError, onnx.checker.ValidationError):
        return None
    if not (folder / "w.bin").exists():
        return None
    (folder / "apart").mkdir()
    shutil.move(folder / "w.bin", folder / "apart" / "w.bin")
    return folder / "split.onnx", folder / "apart" / "w.bin"


def checked(document: Document) -> set[str]:
    """The codes of errors."""

    def check(_: Any) -> list[str]:
        return [d.code for d in check_all(weightless(document)).diagnostics if d.severity == "error"]

    return set(in_child(check, document, LIMITS))


def outputs(document: Document) -> list[Any] | str:
    """What a run gives, or why it gives nothing."""

    def work(_: Any) -> dict[str, Any]:
        model = weightless(document)
        return runtime.run(model, None, runtime.RunRequest(dims=runtime.open_dims(model)))

    try:
        ran = in_child(work, document, LIMITS)
    except AppError as error:
        return error.code
    keys = ("name", "shape", "minimum", "maximum", "mean", "nans")
    return [[str(output[key]) for key in keys] for output in ran["outputs"]]


@pytest.mark.long
def test_real_models_without_their_data(tmp_path: Path) -> None:
    step = int(os.environ.get("SCALPEL_EVERY", "1"))
    counts = dict.fromkeys(("models", "run alike", "do not run", "crash"), 0)
    wrong: list[str] = []
    for place, path in enumerate(model_paths("real", "exported")[::step]):
        if path.stat().st_size > LARGEST:
            continue
        folder = tmp_path / str(place)
        folder.mkdir()
        made = split(path, folder)
        if made is None:
            continue
        model, data = made
        counts["models"] += 1
        document = open_model(model)
        if model_bytes(document) != model.read_bytes():
            wrong.append(f"{path.name}: saved with other bytes")
        if [file.location for file in missing_files(weightless(document))] != ["w.bin"]:
            wrong.append(f"{path.name}: the file is not missed")
        try:
            bare = checked(document)
            document.file.supplied["w.bin"] = data
            whole, apart = checked(document), outputs(document)
            shutil.copy(data, folder / "w.bin")
            document.file.supplied.clear()
            beside = outputs(document)
        except AppError as error:
            counts["crash"] += 1
            print(path.name, error.message)
            continue
        require_data(weightless(document))
        if not bare - AWAY <= whole:
            wrong.append(f"{path.name}: without data it has {sorted(bare - AWAY - whole)}")
        if whole & AWAY:
            wrong.append(f"{path.name}: supplied data is still missed")
        if isinstance(beside, str):
            counts["do not run"] += 1
            print(path.name, beside, apart if isinstance(apart, str) else "but runs when supplied")
        elif apart != beside and outputs(open_model(model)) == beside:  # the same each time
            wrong.append(f"{path.name}: outputs differ when its data is supplied ({str(apart)[:80]})")
        else:
            counts["run alike"] += 1
        shutil.rmtree(folder)
    print(counts)
    assert not wrong, "\n".join(wrong)
    assert counts["run alike"] > counts["models"] // 2
