"""Routes about files: the edited model as a download or saved below a root, folders, recent files, samples."""

from __future__ import annotations

import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.wsgi import FileWrapper

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.errors import json_body, wrong_parameters
from onnx_scalpel.web.openapi import BYTES, TEXT, describe
from onnx_scalpel.web.parts import Parts
from onnx_scalpel.web.sessions import Session

PIECE = 1 << 20  # bytes read at once
SAVE_SCHEMA = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "below a root; without it: where the model was opened"},
        "overwrite": {"type": "boolean", "default": False},
    },
}
PATH_PARAMETER = {"name": "path", "in": "query", "schema": {"type": "string", "default": ""}}


def files_routes(parts: Parts) -> Blueprint:
    """Everything that moves models between the server's disk and the user."""
    routes = Blueprint("files", __name__, url_prefix="/api")

    @routes.get("/sessions/<session_id>/model")
    @describe("The edited model; a zip with its data files when it has external data", media=[BYTES, "application/zip"])
    def model(session_id: str) -> Response:
        return _download(parts, parts.sessions.find(session_id))

    @routes.post("/sessions/<session_id>/save")
    @describe(
        "Save the edited model to a path below a root; an existing file is kept unless `overwrite` is true",
        body=SAVE_SCHEMA,
        body_needed=False,
        answer={"path": TEXT},
    )
    def save(session_id: str) -> dict[str, Any]:
        session = parts.sessions.find(session_id)
        target, overwrite = _target(parts, session, json_body(needed=False))
        answer = session.client.save(target, overwrite)
        return answer | _shown_paths(parts, answer) | {"path": parts.roots.show(target)}

    @routes.get("/files")
    @describe("Folders and models below the roots", parameters=[PATH_PARAMETER])
    def files() -> dict[str, Any]:
        return parts.roots.listing(request.args.get("path", ""))

    @routes.get("/recent")
    @describe("Models that were opened by their path, newest first")
    def recent() -> dict[str, Any]:
        return {"recent": parts.recent.shown()}

    @routes.get("/samples")
    @describe("The sample models and what each shows")
    def samples() -> dict[str, Any]:
        return {"samples": parts.samples.shown()}

    return routes


def _target(parts: Parts, session: Session, data: dict[str, Any]) -> tuple[Path, bool]:
    """Where to save, and whether an existing file may be replaced. AppError 403 outside the roots, 409, 422."""
    path, overwrite = data.get("path"), data.get("overwrite", False)
    if not isinstance(overwrite, bool):
        raise wrong_parameters(overwrite="true or false")
    if path is None and session.opened.source == "path":
        target = session.opened.path
    elif isinstance(path, str) and path:
        target = parts.roots.resolve(path)
    else:
        raise wrong_parameters(path="a path below one of the server's folders is needed")
    if target.is_dir() or not target.parent.is_dir():
        what = "is a folder" if target.is_dir() else "lies in a folder that is not there"
        raise AppError(
            "bad-path", f"{parts.roots.show(target) or 'that'} {what}", hint="name a file in a folder that exists"
        )
    if target.exists() and not overwrite:
        hint = "pick another name, or say `overwrite`"
        raise AppError("file-exists", f"{parts.roots.show(target)} exists", hint=hint, status=409)
    return target, overwrite


def _shown_paths(parts: Parts, answer: dict[str, Any]) -> dict[str, Any]:
    """The paths in an answer of a session's process, as users see them."""

    def shown(value: Any) -> Any:
        if isinstance(value, str) and Path(value).is_absolute():
            return parts.roots.show(Path(value))
        return [shown(item) for item in value] if isinstance(value, list) else value

    return {name: shown(value) for name, value in answer.items()}


def _download(parts: Parts, session: Session) -> Response:
    """Write the model into a scratch folder and stream it from there; the folder goes when the answer is closed."""
    parts.scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parts.scratch))
    name = _file_name(session.opened.name)
    try:
        files = [Path(path) for path in session.client.write_model(folder / name)]
        response = _single(files[0], folder) if len(files) == 1 else _zip(files, folder, Path(name).stem + ".zip")
    except BaseException:
        shutil.rmtree(folder)
        raise
    if request.method == "HEAD":
        shutil.rmtree(folder)
    response.headers["Cache-Control"] = "no-store"
    return response


def _single(file: Path, folder: Path) -> Response:
    response = Response(
        _Scratch(_file_pieces(file), folder), mimetype="application/octet-stream", direct_passthrough=True
    )
    response.content_length = file.stat().st_size
    _name_download(response, file.name)
    return response


def _zip(files: list[Path], folder: Path, name: str) -> Response:
    response = Response(
        _Scratch(_zip_pieces(files, folder), folder), mimetype="application/zip", direct_passthrough=True
    )
    _name_download(response, name)
    return response


def _name_download(response: Response, name: str) -> None:
    """Suggest a name to the browser; one beyond ASCII as RFC 6266 has it, beside its plain letters for old clients."""
    names = {"filename": name}
    if not name.isascii():
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        names = {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **names)


class _Scratch:
    """The pieces of a download; its folder goes when the server has sent them, or the client has gone."""

    def __init__(self, pieces: Iterator[bytes], folder: Path) -> None:
        self._pieces = pieces
        self._folder = folder

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Called once by the server, whatever happened."""
        shutil.rmtree(self._folder)


def _file_pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        yield from FileWrapper(source, PIECE)


class _Pieces:
    """A file that only takes: what the zip writer gave since the last look."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """Everything written since the last call."""
        joined, self._pieces = b"".join(self._pieces), []
        return joined


def _zip_pieces(files: list[Path], folder: Path) -> Iterator[bytes]:
    """A stored (weights do not shrink) zip as it is made, so that no second copy lies on the disk."""
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix())
            with archive.open(entry, "w", force_zip64=True) as target:
                for piece in _file_pieces(file):
                    target.write(piece)
                    yield pieces.taken()
            yield pieces.taken()
    yield pieces.taken()


def _file_name(name: str) -> str:
    """A model's name as a plain file name that ends in .onnx."""
    plain = "".join(c if c.isprintable() and c not in '/\\:"' else "_" for c in Path(name).name).strip(". ") or "model"
    return plain if plain.lower().endswith(".onnx") else f"{plain}.onnx"
