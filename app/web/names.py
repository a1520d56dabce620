"""The names under which received files are stored: relative paths that stay in their folder."""

from __future__ import annotations

from pathlib import PurePosixPath

from onnx_scalpel.errors import AppError

NAME_LIMIT = 255  # bytes of one name on usual file systems
DEEPEST = 16  # folders within folders


def safe_name(name: str) -> PurePosixPath:
    """The relative path under which a received file is stored: what its sender says if that stays in the folder.

    Folders in it are kept, because external data may lie in one. AppError 400: it leads elsewhere or is no name.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if len(name) > 1 and name[1] == ":":  # C:\models\net.onnx
        parts = parts[-1:]
    good = all(part.isprintable() and len(part.encode("utf-8", "replace")) <= NAME_LIMIT for part in parts)
    if not parts or len(parts) > DEEPEST or not good or ".." in parts or name.startswith("/"):
        raise AppError("bad-file-name", "an uploaded file has a name that cannot be kept", hint="rename the file")
    return PurePosixPath(*parts)
