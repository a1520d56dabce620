"""Files of other formats that somebody looks at, by id: no process stands behind them, their bytes only go to Netron's page."""

from __future__ import annotations

import re
import secrets
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.formats import ANOTHER_FORMAT, format_of
from onnx_scalpel.web.recent import read_json, write_json
from onnx_scalpel.web.roots import Roots

VIEWING_ID = re.compile(r"v[0-9a-f]{24}")
UPLOAD_AGE = 7 * 86400.0  # seconds that uploaded files are kept


@dataclass(frozen=True)
class Viewing:
    """A file to look at. `source` is `path` or `upload`."""

    id: str
    name: str
    path: Path
    format: str
    source: str


class Viewings:
    """All of them; thread-safe. `folder/<id>.json` says what a viewing is of, `folder/<id>/` holds uploaded files."""

    def __init__(self, folder: Path, roots: Roots) -> None:
        self._folder = folder
        self._roots = roots
        self._lock = threading.Lock()

    def instead_of(self, refusal: AppError, path: Path) -> str:
        """The format of a file that was refused as a model but can be looked at. Raises the refusal if it cannot."""
        found = format_of(path) if refusal.code in ANOTHER_FORMAT else None
        if found is None:
            raise refusal
        return found

    def of_path(self, path: Path, format: str) -> Viewing:
        """The viewing of a file below the roots; the same one for the same file."""
        with self._lock:
            for record in self._folder.glob("v*.json"):
                known = self._read(record.stem)
                if known is not None and (known.path, known.source) == (path, "path"):
                    return known
            return self._keep(Viewing(_new_id(), path.name, path, format, "path"))

    def of_upload(self, received: Path, main: PurePosixPath, format: str) -> Viewing:
        """The viewing of files that were received into a folder, which becomes the viewing's own."""
        viewing = _new_id()
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            received.rename(self._folder / viewing)
            return self._keep(Viewing(viewing, main.name, self._folder / viewing / main, format, "upload"))

    def has(self, viewing_id: str) -> bool:
        """Whether there is such a viewing."""
        return bool(VIEWING_ID.fullmatch(viewing_id)) and (self._folder / f"{viewing_id}.json").exists()

    def find(self, viewing_id: str) -> Viewing:
        """AppError 404: there is none, or its file is gone; 403: outside what this server may open."""
        viewing = self._read(viewing_id) if VIEWING_ID.fullmatch(viewing_id) else None
        if viewing is None or not viewing.path.is_file():
            raise AppError("no-such-view", "that file is not here any more", hint="open it again", status=404)
        if not self._allowed(viewing, viewing.path):
            hint = "start it with --root FOLDER to open files there"
            raise AppError(
                "outside-roots", "that file is outside the folders this server may use", hint=hint, status=403
            )
        return viewing

    def file(self, viewing: Viewing, name: str) -> Path:
        """The file itself, or one beside it that belongs to it. AppError 404, also for what leads elsewhere."""
        missing = AppError("no-such-file", "there is no such file beside it", status=404)
        parts = PurePosixPath(name).parts
        if not name.isprintable() or name.startswith("/") or any(part.startswith(".") for part in parts):
            raise missing
        folder = viewing.path.parent
        try:
            path = (folder / name).resolve()
            inside = path.is_relative_to(folder.resolve()) and self._allowed(viewing, path) and path.is_file()
        except (OSError, RuntimeError):
            inside = False
        if not inside:
            raise missing
        return path

    def shown(self, viewing: Viewing) -> dict[str, Any]:
        """What a page is told."""
        path = self._roots.show(viewing.path) if viewing.source == "path" else ""
        about = {"view": viewing.id, "name": viewing.name, "path": path, "format": viewing.format}
        return about | {"page": f"/v/{viewing.id}"}

    def close(self, viewing_id: str) -> None:
        """Forget a viewing, and its uploaded files. AppError 404."""
        if not VIEWING_ID.fullmatch(viewing_id) or self._read(viewing_id) is None:
            raise AppError("no-such-view", "that file is not open", status=404)
        with self._lock:
            (self._folder / f"{viewing_id}.json").unlink(missing_ok=True)
            shutil.rmtree(self._folder / viewing_id, ignore_errors=True)

    def sweep(self) -> None:
        """Remove uploaded files that were last looked at long ago."""
        for record in self._folder.glob("v*.json"):
            if time.time() - record.stat().st_mtime > UPLOAD_AGE:
                record.unlink()
                shutil.rmtree(self._folder / record.stem, ignore_errors=True)

    def _allowed(self, viewing: Viewing, path: Path) -> bool:
        if viewing.source == "upload":
            return path.resolve().is_relative_to((self._folder / viewing.id).resolve())
        return self._roots.contains(path.resolve())

    def _keep(self, viewing: Viewing) -> Viewing:
        record = {"name": viewing.name, "path": str(viewing.path), "format": viewing.format, "source": viewing.source}
        write_json(self._folder / f"{viewing.id}.json", record)
        return viewing

    def _read(self, viewing_id: str) -> Viewing | None:
        record = read_json(self._folder / f"{viewing_id}.json")
        if not isinstance(record, dict):
            return None
        return Viewing(viewing_id, record["name"], Path(record["path"]), record["format"], record["source"])


def _new_id() -> str:
    return f"v{secrets.token_hex(12)}"
