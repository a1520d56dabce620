"""Receives model files: each part of the form goes straight to its own file on the disk, under a safe name; zips are unpacked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from onnx_scalpel.document.endings import BINARY, is_model_name, text_form
from onnx_scalpel.errors import AppError
from onnx_scalpel.web.archives import SPARE, member_names, unpack
from onnx_scalpel.web.formats import main_of
from onnx_scalpel.web.names import safe_name
from onnx_scalpel.web.security import too_large

FILES_LIMIT = 10_000  # parts of one form: a model and its data files
TEXT_LIMIT = 1 << 20  # bytes of fields that are no files
CHOICES_SHOWN = 50
ZIP = ".zip"


class Upload:
    """One upload into a folder of its own, which is made here and is the caller's to remove.

    `names` are the files below the folder; `wanted` is which model the form says is meant, or ''.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[IO[bytes]] = []
        self.names: list[PurePosixPath] = []
        self.wanted = ""

    def receive(self, request: Request) -> None:
        """Store every file of the form. AppError: no file, bad names, no room."""
        needed = request.content_length or 0
        self._folder.mkdir(parents=True)
        if shutil.disk_usage(self._folder).free < needed + SPARE:
            raise _disk_full()
        parser = FormDataParser(self._stream, max_form_memory_size=TEXT_LIMIT, max_form_parts=FILES_LIMIT, silent=False)
        try:
            _, fields, _ = parser.parse(
                request.stream, request.mimetype, request.content_length, request.mimetype_params
            )
        except RequestEntityTooLarge as error:
            raise too_large(request.max_content_length or 0) from error
        except ValueError as error:
            raise AppError(
                "bad-form", "the form cannot be read", hint="send multipart/form-data with `file`"
            ) from error
        finally:
            for stream in self._open:
                stream.close()
        if not self.names:
            raise AppError("no-file", "the form has no file", hint="send the model as the part `file`")
        self.wanted = fields.get("model", "")

    def sync(self) -> None:
        """Have the files on the disk, so that nobody waits for it later."""
        for name in self.names:
            with (self._folder / name).open("rb") as file:
                os.fsync(file.fileno())

    def take(self, archive: Path, limit: int) -> None:
        """Have a zip archive of the disk unpacked here as if it had been sent."""
        folder = self._folder / archive.name
        folder.mkdir(parents=True)
        self.names = [PurePosixPath(archive.name) / inside for inside in unpack(archive, folder, limit)]

    def unpack(self, limit: int, *, data: bool = False) -> None:
        """Put what is in zip archives in their place, each in a folder of its name. A lone one without a model stays, unless
        `data` files are expected: it may be another program's."""
        alone = len(self.names) == 1 and not data
        for name in [n for n in self.names if n.suffix.lower() == ZIP]:
            packed = self._folder / name
            if alone and not holds_model(packed):
                continue
            aside = self._aside()
            packed.rename(aside)
            packed.mkdir()
            self.names.remove(name)
            self.names += [name / inside for inside in unpack(aside, packed, limit, packed.name)]
            aside.unlink()

    def _aside(self) -> Path:
        """A name that no file has."""
        number = 0
        while (free := self._folder / f"{number}.part").exists():
            number += 1
        return free

    def _stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Where the parser writes one file."""
        name = safe_name(filename or "")
        if name in self.names:
            raise AppError("bad-form", f"two files are named {name}", hint="send each file once")
        target = self._folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            stream = target.open("x+b")
        except (FileExistsError, NotADirectoryError) as error:
            raise AppError("bad-form", f"{name} is both a file and a folder", hint="send each file once") from error
        self.names.append(name)
        self._open.append(stream)
        return stream


def holds_model(archive: Path) -> bool:
    """Whether a zip archive holds a file that is a model by its name. AppError for one that cannot be read at all."""
    return any(_rank(name) < 2 for name in member_names(archive))


def models_among(names: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """The files that may be the model: those that say so best by their names, in order."""
    best = min(map(_rank, names), default=0)
    return sorted(name for name in names if _rank(name) == best) if best < 2 else []


def chosen(names: Sequence[PurePosixPath], wanted: str, upload: str) -> PurePosixPath:
    """The model among files that belong together. AppError `choice-needed` (409) when there are several and none is
    `wanted`; each choice names the `upload` they are kept under, and the `model`. `no-such-model` for one that is not there."""
    models = models_among(names)
    if wanted:
        found = next((name for name in names if _shown(name) == wanted or str(name) == wanted), None)
        if found is None:
            raise AppError("no-such-model", "there is no such file among those that were sent", status=404)
        return found
    if len(models) > 1:
        choices = [{"label": _shown(name), "upload": upload, "model": str(name)} for name in models[:CHOICES_SHOWN]]
        message = f"{len(models)} models are in it: which one should be opened?"
        raise AppError("choice-needed", message, hint="choose one; the others stay out", choices=choices, status=409)
    return models[0] if models else main_of(names)


def _rank(name: PurePosixPath) -> int:
    """How sure a name is that of a model: 0 binary, 1 text, 2 anything else."""
    if name.suffix.lower() == BINARY:
        return 0
    return 1 if is_model_name(name.name) and text_form(name.name) else 2


def _shown(name: PurePosixPath) -> str:
    """A file's path as its sender knows it: without the folder that a lone archive was unpacked into."""
    return (
        str(PurePosixPath(*name.parts[1:]))
        if len(name.parts) > 1 and name.parts[0].lower().endswith(ZIP)
        else str(name)
    )


def _disk_full() -> AppError:
    return AppError("disk-full", "the server's disk has no room for this file", hint="free some space", status=423)
