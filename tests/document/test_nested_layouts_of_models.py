"""Nested layouts of the page on models of the collection: snapshots are made here, and the page's own code lays them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.page_tests import page_test, write_snapshots
from tests.shared_models import REPOSITORY, shared_models

MOST_BYTES = 8_000_000  # the laws try every edge against every box


def test_nested_layouts_keep_their_laws_on_every_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = (shared_models() / "exported", shared_models() / "real", REPOSITORY / "sample_models")
    found = ((folder, path) for folder in folders for path in sorted(folder.rglob("*.onnx")))
    write_snapshots(((f"{f.name}_{p.name}", p) for f, p in found if p.stat().st_size <= MOST_BYTES), tmp_path)
    said = page_test("src/scene/models.test.ts", tmp_path)
    with capsys.disabled():
        print("\n" + "\n".join(line for line in said.splitlines() if "nested layouts of" in line))
