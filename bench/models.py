"""The models that the bench opens: transformer-like graphs of 1k, 10k and 50k nodes, made once."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SIZES = {"1k": 1_000, "10k": 10_000, "50k": 50_000}


def scripts() -> Path | None:
    """The folder with make_huge_graph.py beside the repository (or in $SCALPEL_SHARED); None where it is missing."""
    folder = Path(os.environ.get("SCALPEL_SHARED", REPOSITORY.parent / "shared")) / "scripts"
    return folder if (folder / "make_huge_graph.py").is_file() else None


def huge_graph(size: str) -> Path | None:
    """A llama-like graph of about `SIZES[size]` nodes; None where the script that makes it is missing."""
    folder = scripts()
    if folder is None:
        return None
    path = Path(tempfile.gettempdir()) / "scalpel-bench" / f"huge_{size}.onnx"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(folder / "make_huge_graph.py"), str(SIZES[size]), str(path), "--share-weights"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path
