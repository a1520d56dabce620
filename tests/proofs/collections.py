"""The models that the proofs go over: the operators' test cases, one-feature probes, real and broken files, and large graphs."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from tests.shared_models import model_paths, shared_folder, shared_models

Item = TypeVar("Item")
STYLES = ("llama", "bert", "moe")


class Collections:
    """Each collection as paths; what a script generates is generated once per run, in a folder that all workers share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def operators(self) -> list[Path]:
        """One model for each test case of the operators that `onnx` has (1,884 with onnx 1.23.2)."""
        return sorted(self._made("make_node_models.py", "operators").glob("*/model.onnx"))

    def probes(self) -> list[Path]:
        """69 models with one feature each that tools often lose."""
        return sorted(self._made("make_probe_models.py", "probes").glob("*.onnx"))

    def shared(self) -> list[Path]:
        """Every .onnx file of the collection: real, exported, odd and broken ones."""
        shared_models()
        return model_paths("real", "exported", "odd", "bad")

    def large(self, nodes: int, style: str, value_info: bool) -> Path:
        """A transformer of about this many nodes."""
        name = f"{style}-{nodes}{'-typed' if value_info else ''}.onnx"
        folder = self._folder / "large"
        folder.mkdir(exist_ok=True)
        options = ["--style", style, *(["--value-info"] if value_info else [])]
        _run("make_huge_graph.py", str(nodes), str(folder / name), *options)
        return folder / name

    def _made(self, script: str, name: str) -> Path:
        folder = self._folder / name
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                unfinished = folder.with_suffix(".unfinished")
                _run(script, str(unfinished))
                unfinished.rename(folder)
        return folder


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """So many of the items, evenly spread, the first and the last among them; all where there are no more."""
    if len(items) <= count:
        return list(items)
    return [items[i * (len(items) - 1) // (count - 1)] for i in range(count)]


def shown_name(path: Path) -> str:
    """A model's name for a report: the operators' test cases are named by their folder."""
    return path.parent.name if path.name == "model.onnx" else path.name


def _run(script: str, *arguments: str) -> None:
    subprocess.run([sys.executable, shared_folder("scripts") / script, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Collections:
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "collections"
    folder.mkdir(exist_ok=True)
    return Collections(folder)
