"""Receives model files: each part of the form goes straight to its own file on the disk, under a safe name."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import IO

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.formats import main_of
from onnx_scalpel.web.security import too_large

FILES_LIMIT = 1000  # parts of one form: a model and its data files
TEXT_LIMIT = 1 << 20  # bytes of fields that are no files
NAME_LIMIT = 255  # bytes of one name on usual file systems
SPARE = 64 << 20  # bytes that stay free on the disk


def safe_name(name: str) -> PurePosixPath:
    """The relative path under which an uploaded file is stored: what the form says if that stays in the folder.

    Folders in it are kept, because external data may lie in one. AppError 400: it leads elsewhere or is no name.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if len(name) > 1 and name[1] == ":":  # C:\models\net.onnx
        parts = parts[-1:]
    good = all(part.isprintable() and len(part.encode("utf-8", "replace")) <= NAME_LIMIT for part in parts)
    if not parts or len(parts) > 8 or not good or ".." in parts or name.startswith("/"):
        raise AppError("bad-file-name", "an uploaded file has a name that cannot be kept", hint="rename the file")
    return PurePosixPath(*parts)


class Upload:
    """One upload into a folder of its own, which is made here and is the caller's to remove."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[IO[bytes]] = []
        self._names: list[PurePosixPath] = []

    def receive(self, request: Request) -> Path:
        """Store every file of the form and return the model among them. AppError: no file, bad names, no room."""
        needed = request.content_length or 0
        self._folder.mkdir(parents=True)
        if shutil.disk_usage(self._folder).free < needed + SPARE:
            raise AppError(
                "disk-full", "the server's disk has no room for this file", hint="free some space", status=423
            )
        parser = FormDataParser(self._stream, max_form_memory_size=TEXT_LIMIT, max_form_parts=FILES_LIMIT, silent=False)
        try:
            parser.parse(request.stream, request.mimetype, request.content_length, request.mimetype_params)
        except RequestEntityTooLarge as error:
            raise too_large(request.max_content_length or 0) from error
        except ValueError as error:
            raise AppError(
                "bad-form", "the form cannot be read", hint="send multipart/form-data with `file`"
            ) from error
        finally:
            for stream in self._open:
                stream.close()
        return self._folder / self._model()

    def _stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Where the parser writes one file."""
        name = safe_name(filename or "")
        if name in self._names:
            raise AppError("bad-form", f"two files are named {name}", hint="send each file once")
        target = self._folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            stream = target.open("x+b")
        except (FileExistsError, NotADirectoryError) as error:
            raise AppError("bad-form", f"{name} is both a file and a folder", hint="send each file once") from error
        self._names.append(name)
        self._open.append(stream)
        return stream

    def _model(self) -> PurePosixPath:
        """The .onnx file, or the one that leads to the others."""
        if not self._names:
            raise AppError("no-file", "the form has no file", hint="send the model as the part `file`")
        models = [name for name in self._names if name.suffix.lower() == ".onnx"]
        if len(models) > 1:
            hint = "send one model with the data files it refers to"
            raise AppError("several-models", f"the form has {len(models)} models", hint=hint)
        return main_of(self._names)


def _disk_full() -> AppError:
    return AppError("disk-full", "the server's disk has no room for this file", hint="free some space", status=423)
