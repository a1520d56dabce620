"""The models that the bench opens, made once: transformer-like graphs of 1k, 2k, 10k and 50k nodes, and a dense U-Net."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SIZES = {"1k": 1_000, "2k": 2_000, "10k": 10_000, "50k": 50_000}
DENSE = "dense"
DENSE_NODES = 50_000


def scripts() -> Path | None:
    """The folder with make_huge_graph.py beside the repository (or in $SCALPEL_SHARED); None where it is missing."""
    folder = Path(os.environ.get("SCALPEL_SHARED", REPOSITORY.parent / "shared")) / "scripts"
    return folder if (folder / "make_huge_graph.py").is_file() else None


def model(name: str) -> Path | None:
    """A llama-like graph of about `SIZES[name]` nodes, or the dense U-Net; None where the script that makes it is missing."""
    return dense_graph() if name == DENSE else huge_graph(name)


def huge_graph(size: str) -> Path | None:
    folder = scripts()
    if folder is None:
        return None
    path = _place(f"huge_{size}.onnx")
    if not path.is_file():
        command = [sys.executable, str(folder / "make_huge_graph.py"), str(SIZES[size]), str(path), "--share-weights"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


def dense_graph() -> Path:
    path = _place("dense_unet.onnx")
    if not path.is_file():
        subprocess.run([sys.executable, "-m", "bench.dense_unet", str(DENSE_NODES), str(path)], check=True)
    return path


def _place(name: str) -> Path:
    path = Path(tempfile.gettempdir()) / "scalpel-bench" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
