"""Which files of this machine the server may open, list and save: those below its roots, and how their paths are shown."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.formats import is_listed

LISTING_LIMIT = 2000  # entries of one folder
PATH_LIMIT, NAME_LIMIT = 4000, 255  # bytes of a path and of one name in it, on usual file systems


class Roots:
    """Folders whose files are open to the user, symbolic links resolved: what a link leads to must lie inside too.

    A path is shown relative to its root. Those of the first root need no prefix; the others are prefixed with the
    name of their root's folder, and such a shown path can be given back.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._roots = [folder.resolve() for folder in folders]
        self._labels: dict[str, Path] = {}
        for root in self._roots[1:]:
            label, number = root.name or "root", 2
            while label in self._labels:
                label, number = f"{root.name}~{number}", number + 1
            self._labels[label] = root

    def contains(self, path: Path) -> bool:
        """Whether a resolved path lies inside a root."""
        return any(path.is_relative_to(root) for root in self._roots)

    def resolve(self, text: str) -> Path:
        """The real path that a user means: absolute, or relative to the first root, or as `show` gave it.

        AppError 403 outside the roots, whether or not anything is there.
        """
        if not _is_path(text):
            raise AppError(
                "bad-path", "that is no path", hint="give a path below one of the server's folders", status=400
            )
        path = Path(text)
        try:
            real = (path if path.is_absolute() else self._from_shown(path)).resolve()
        except (OSError, RuntimeError) as error:  # a loop of links, a name that is too long
            raise AppError("bad-path", "that path cannot be followed", status=400) from error
        if not self.contains(real):
            hint = "start it with --root FOLDER to open files there"
            raise AppError(
                "outside-roots", "that path is outside the folders this server may use", hint=hint, status=403
            )
        return real

    def model_file(self, text: str) -> Path:
        """The regular file that a user means. AppError 403 outside the roots, 404 when it is not there."""
        path = self.resolve(text)
        if path.is_dir():
            raise AppError(
                "is-a-folder", f"{self.show(path) or 'that'} is a folder", hint="pick a file in it", status=400
            )
        if not path.exists():
            raise AppError(
                "no-such-file",
                f"there is no file {self.show(path)}",
                hint="check the path: it has to lie below a folder that the server was started with",
                status=404,
            )
        if not path.is_file():
            raise AppError("not-a-file", f"{self.show(path)} is no regular file", status=400)
        if not os.access(path, os.R_OK):
            raise AppError("unreadable", f"{self.show(path)} may not be read", hint="check its permissions", status=403)
        return path

    def show(self, path: Path) -> str:
        """A path relative to its root, as a user sees it; only the file's name for what lies elsewhere."""
        first, *_ = self._roots
        if path.is_relative_to(first):
            shown = path.relative_to(first)
            return "" if shown == Path() else _text(shown)
        for label, root in self._labels.items():
            if path.is_relative_to(root):
                return _text(Path(label) / path.relative_to(root))
        return _text(Path(path.name))

    def listing(self, text: str) -> dict[str, Any]:
        """Folders and models of one folder, folders first; '' is the first root, which lists the other roots too."""
        folder = self.resolve(text) if text else self._roots[0]
        if not folder.is_dir():
            raise AppError("no-such-folder", f"there is no folder {self.show(folder)}", status=404)
        try:
            entries = [self._entry(Path(item.path)) for item in os.scandir(folder)]
        except PermissionError as error:
            raise AppError("unreadable", f"{self.show(folder)} may not be read", status=403) from error
        found = [entry for entry in entries if entry is not None]
        if folder == self._roots[0]:
            found += [
                {"name": label, "path": label, "folder": True, "bytes": 0}
                for label, root in self._labels.items()
                if root.is_dir()
            ]
        found.sort(key=lambda entry: (not entry["folder"], entry["name"].casefold()))
        return {"path": self.show(folder), "entries": found[:LISTING_LIMIT]}

    def _from_shown(self, path: Path) -> Path:
        direct = self._roots[0] / path
        label = path.parts[0] if path.parts else ""
        if label in self._labels and not (self._roots[0] / label).exists():
            return self._labels[label].joinpath(*path.parts[1:])
        return direct

    def _entry(self, path: Path) -> dict[str, Any] | None:
        """A folder or model as the path field shows it; None for anything else, hidden, or leading outside."""
        if path.name.startswith("."):
            return None
        try:
            real = path.resolve()
            folder = real.is_dir()
            if not self.contains(real) or not (folder or (is_listed(path) and real.is_file())):
                return None
            size = 0 if folder else real.stat().st_size
        except (OSError, RuntimeError):  # it vanished, or links lead in a circle
            return None
        return {"name": _text(Path(path.name)), "path": self.show(path), "folder": folder, "bytes": size}


def _is_path(text: str) -> bool:
    """Whether the system could have such a path."""
    try:
        names = os.fsencode(text).split(b"/")
    except UnicodeEncodeError:
        return False
    return 0 < len(text) <= PATH_LIMIT and "\0" not in text and all(len(name) <= NAME_LIMIT for name in names)


def _text(path: Path) -> str:
    """A path as text that JSON can carry: bytes that are no UTF-8 become U+FFFD."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")
