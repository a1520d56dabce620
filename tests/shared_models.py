"""Where the large collection of models lies, for tests that read it; they skip where it is missing."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def shared_folder(name: str) -> Path:
    """`models` or `scripts` of the collection beside the repository (or in $SCALPEL_SHARED); skips the test if it is not there."""
    base = Path(os.environ.get("SCALPEL_SHARED", REPOSITORY.parent / "shared"))
    folder = base / name
    if not folder.is_dir():
        pytest.skip(f"the collection of {name} is not on this machine")
    return folder


def shared_models() -> Path:
    return shared_folder("models")


def shared_model(relative: str) -> Path:
    """One model of the collection, as in `real/silero-vad__silero_vad.onnx`."""
    path = shared_models() / relative
    if not path.is_file():
        pytest.skip(f"the collection has no {relative}")
    return path


def model_paths(*folders: str) -> list[Path]:
    """Every .onnx file below these folders, for parametrised tests; empty where the collection is missing (collected, not run)."""
    base = Path(os.environ.get("SCALPEL_SHARED", REPOSITORY.parent / "shared")) / "models"
    return sorted(p for folder in folders for p in (base / folder).rglob("*.onnx"))


def manifest() -> list[dict[str, str]]:
    """The rows of the collection's MANIFEST.csv."""
    with (shared_models() / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
