"""Nested layouts of the page on models of the collection: snapshots are made here, and the page's own code lays them out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.views import snapshot_columns
from onnx_scalpel.errors import AppError
from tests.shared_models import REPOSITORY, shared_models

MOST_BYTES = 8_000_000  # the laws try every edge against every box


def test_nested_layouts_keep_their_laws_on_every_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in (shared_models() / "exported", shared_models() / "real", REPOSITORY / "sample_models"):
        for path in sorted(folder.rglob("*.onnx")):
            if path.stat().st_size > MOST_BYTES:
                continue
            try:
                document = open_model(path)
            except AppError:
                continue  # no model
            (tmp_path / f"{folder.name}_{path.name}").write_bytes(snapshot_columns(document, {}, 0))
    vitest = REPOSITORY / "static" / "node_modules" / "vitest" / "vitest.mjs"
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("node")),
            str(vitest),
            "run",
            "src/scene/models.test.ts",
            "--disable-console-intercept",
        ],
        cwd=REPOSITORY / "static",
        env={**os.environ, "SCALPEL_SNAPSHOTS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    with capsys.disabled():
        print("\n" + "\n".join(line for line in done.stdout.splitlines() if "nested layouts of" in line))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
