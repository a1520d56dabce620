"""Saving gives every byte back that nobody edited: over the whole collection, one-feature probes and a large graph."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.errors import AppError
from tests.document.models import rename
from tests.shared_models import model_paths, shared_folder, shared_models

REFUSED_EXTERNAL = {"ext_absolute", "ext_device", "ext_nul_in_path", "ext_traversal", "ext_windows_path"}


def check_identity(path: Path) -> list[str]:
    """What does not come back: unedited, after a rename and its way back as two edits, after a removal and its undo."""
    opened, document = path.read_bytes(), open_model(path)
    faults = [] if model_bytes(document) == opened else ["unedited"]
    values = document.value_ids()
    for value_id in {values[0], values[len(values) // 2], values[-1]} if values else ():
        name = document.value(value_id).name
        rename(document, value_id, "another_name")
        if model_bytes(document) == opened and name:
            faults.append(f"{value_id}: the rename is missing")
        rename(document, value_id, name)
        if model_bytes(document) != opened:
            faults.append(f"{value_id}: renamed and back")
    remove_some(document)
    return faults if model_bytes(document) == opened else [*faults, "removed and undone"]


def remove_some(document: Document) -> None:
    """Remove the first nodes and what nothing uses then, and take it back with the inverse delta."""
    tx = Transaction(document)
    for node_id in [n for n in document.node_ids() if not document.body_ids(n)][:3]:
        tx.drop("node", node_id)
    tx.drop_unused(document.value_ids()[:50])
    document.apply(tx.delta().inverse())


def test_every_model_of_the_collection_comes_back_byte_for_byte() -> None:
    shared_models()
    paths = model_paths("real", "exported", "odd")
    faults = {path.name: found for path in paths if (found := check_identity(path))}
    print(f"\n{len(paths) - len(faults)} of {len(paths)} models identical; exceptions: {faults or 'none'}")
    assert len(paths) > 150
    assert not faults


def is_model(path: Path) -> bool:
    try:
        open_model(path)
    except AppError:
        return False
    return True


def test_broken_models_that_are_models_come_back_too() -> None:
    shared_models()
    paths = [p for p in model_paths("bad") if p.stem not in REFUSED_EXTERNAL and is_model(p)]
    faults = {path.name: found for path in paths if (found := check_identity(path))}
    print(f"\n{len(paths) - len(faults)} of {len(paths)} broken models identical; exceptions: {faults or 'none'}")
    assert len(paths) > 20
    assert not faults


@pytest.mark.parametrize("name", sorted(REFUSED_EXTERNAL))
def test_a_model_whose_data_is_outside_its_folder_opens_but_its_data_is_not_copied(name: str) -> None:
    document = open_model(shared_models() / "bad" / f"{name}.onnx")
    with pytest.raises(AppError, match="data file") as caught:
        model_bytes(document)
    assert caught.value.code == "external-data"


def test_one_feature_probes_come_back_byte_for_byte(tmp_path: Path) -> None:
    script = shared_folder("scripts") / "make_probe_models.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, capture_output=True)
    paths = sorted(tmp_path.glob("*.onnx"))
    faults = {path.name: found for path in paths if (found := check_identity(path))}
    print(f"\n{len(paths) - len(faults)} of {len(paths)} probes identical; exceptions: {faults or 'none'}")
    assert len(paths) == 69
    assert not faults


def test_a_graph_of_a_thousand_nodes_comes_back_byte_for_byte(tmp_path: Path) -> None:
    script = shared_folder("scripts") / "make_huge_graph.py"
    path = tmp_path / "huge.onnx"
    subprocess.run([sys.executable, script, "1000", path, "--value-info"], check=True, capture_output=True)
    assert check_identity(path) == []
