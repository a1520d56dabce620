"""The list of files that were opened last, kept as one JSON file."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from onnx_scalpel.web.roots import Roots

KEPT = 20


class RecentFiles:
    """Newest first. Shown are those that still exist below the roots of this server."""

    def __init__(self, file: Path, roots: Roots) -> None:
        self._file = file
        self._roots = roots
        self._lock = threading.Lock()

    def add(self, path: Path) -> None:
        """Put a file that was opened by its path on top."""
        with self._lock:
            kept = [entry for entry in self._read() if entry["path"] != str(path)]
            entry = {"path": str(path), "at": datetime.now(UTC).isoformat(timespec="seconds")}
            write_json(self._file, [entry, *kept][:KEPT])

    def shown(self) -> list[dict[str, Any]]:
        """[{"name", "path", "at", "bytes"}], paths relative to their root."""
        found = []
        for entry in self._read():
            path = Path(entry["path"])
            if path.is_file() and path == path.resolve() and self._roots.contains(path):
                shown = {"name": path.name, "path": self._roots.show(path), "at": entry["at"]}
                found.append(shown | {"bytes": path.stat().st_size})
        return found

    def _read(self) -> list[dict[str, str]]:
        """What the file holds; a file that is missing or damaged is an empty list."""
        entries = read_json(self._file)
        if not isinstance(entries, list):
            return []
        return [entry for entry in entries if isinstance(entry, dict) and {"path", "at"} <= entry.keys()]


def read_json(file: Path) -> Any:
    """The content of a JSON file of ours; None when it is missing or damaged."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def write_json(file: Path, data: Any) -> None:
    """Replace a JSON file of ours in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}")
    beside.write_text(json.dumps(data, ensure_ascii=True), encoding="utf-8")
    beside.replace(file)
