"""The page's scopes on every model of the collection: snapshots are made here, and the page's own code reads them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.page_tests import page_test, write_snapshots
from tests.shared_models import shared_models


def test_scopes_keep_their_laws_on_every_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared_models()
    models = ((str(path.relative_to(folder)).replace(os.sep, "_"), path) for path in sorted(folder.rglob("*.onnx")))
    write_snapshots(models, tmp_path)
    said = page_test("src/scopes/models.test.ts", tmp_path)
    with capsys.disabled():
        print("\n" + "\n".join(line for line in said.splitlines() if " boxes of " in line))
