"""The page's scopes on every model of the collection: snapshots are made here, and the page's own code reads them."""

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


def test_scopes_keep_their_laws_on_every_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared_models()
    for path in sorted(folder.rglob("*.onnx")):
        try:
            document = open_model(path)
        except AppError:
            continue  # no model
        name = str(path.relative_to(folder)).replace(os.sep, "_")
        (tmp_path / name).write_bytes(snapshot_columns(document, {}, 0))
    vitest = REPOSITORY / "static" / "node_modules" / "vitest" / "vitest.mjs"
    node = Path(sys.executable).with_name("node")
    done = subprocess.run(
        [str(node), str(vitest), "run", "src/scopes/models.test.ts", "--disable-console-intercept"],
        cwd=REPOSITORY / "static",
        env={**os.environ, "SCALPEL_SNAPSHOTS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    with capsys.disabled():
        print("\n" + "\n".join(line for line in done.stdout.splitlines() if " boxes of " in line))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
