"""Renaming and renaming back, as two edits, leaves every model of the collection byte for byte what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import AppliedEdit, apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.shared_models import model_paths, shared_models

FREE = "a name that no model has"


def renamed(document: Document, value: str, name: str) -> AppliedEdit:
    return apply_edit(document, parse_edit({"kind": "rename-value", "value": value, "name": name}))


def rename_and_back(document: Document) -> bool:
    """Does it to the first value that allows both; False when no value does (its name is there twice, or there is none)."""
    for value in document.value_ids():
        name = document.value(value).name
        try:
            there = renamed(document, value, FREE)
        except AppError:
            continue
        try:
            renamed(document, value, name)
            return True
        except AppError:
            document.apply(there.delta.inverse())
    return False


@pytest.mark.parametrize("folder", ["real", "exported", "odd"])
def test_renaming_a_value_and_renaming_it_back_gives_the_opened_bytes(folder: str) -> None:
    shared_models()
    changed, without = [], []
    paths: list[Path] = model_paths(folder)
    for path in paths:
        document = open_model(path)
        if not rename_and_back(document):
            without.append(path.name)
        if model_bytes(document) != path.read_bytes():
            changed.append(path.name)
    print(f"{folder}: {len(paths)} models, {len(without)} without a value to rename: {without}")
    assert changed == []
    assert len(without) <= len(paths) // 20
