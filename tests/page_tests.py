"""Tests of the page's own code over snapshots that are made here from models."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.views import snapshot_columns
from onnx_scalpel.errors import AppError
from tests.shared_models import REPOSITORY


def write_snapshots(models: Iterable[tuple[str, Path]], folder: Path) -> None:
    """A snapshot of each model under its name; files that are no model are left out."""
    for name, path in models:
        try:
            document = open_model(path)
        except AppError:
            continue  # no model
        (folder / name).write_bytes(snapshot_columns(document, {}, 0))


def page_test(test: str, snapshots: Path) -> str:
    """Runs one test of the page, which must pass, on a folder of snapshots; gives what it printed."""
    vitest = REPOSITORY / "static" / "node_modules" / "vitest" / "vitest.mjs"
    done = subprocess.run(
        [str(Path(sys.executable).with_name("node")), str(vitest), "run", test, "--disable-console-intercept"],
        cwd=REPOSITORY / "static",
        env={**os.environ, "SCALPEL_SNAPSHOTS": str(snapshots)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    return done.stdout
