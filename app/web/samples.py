"""The sample models that come with the package, as sample_models/index.json describes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from onnx_scalpel.errors import AppError


class Samples:
    """Sample models by name; read from the package at every request, there are few."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def shown(self) -> list[dict[str, Any]]:
        """[{"name", "file", "title", "shows", "nodes", "bytes"}]; empty where the package has no samples."""
        index = self._folder / "index.json"
        if not index.is_file():
            return []
        samples: list[dict[str, Any]] = json.loads(index.read_text(encoding="utf-8"))["samples"]
        return [sample for sample in samples if (self._folder / sample["file"]).is_file()]

    def path(self, name: str) -> Path:
        """The file of a sample, named by its name or file name. AppError 404: there is none."""
        for sample in self.shown():
            if name in (sample["name"], sample["file"]):
                return self._folder / str(sample["file"])
        raise AppError(
            "no-such-sample", f"there is no sample {name!r}", hint="take one from the list of samples", status=404
        )
