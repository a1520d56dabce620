"""The edited model as a download: written into a scratch folder and streamed from there."""

from __future__ import annotations

import re
import secrets
import shutil
import time
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from onnx_scalpel.document.endings import binary_name
from onnx_scalpel.errors import AppError
from onnx_scalpel.web.parts import Parts
from onnx_scalpel.web.sessions import Session

PIECE = 1 << 20  # bytes read at once
TOKEN = re.compile(r"[0-9a-f]{32}")
UNFETCHED_AGE = 3600.0  # seconds


def model_response(
    parts: Parts, session: Session, *, alone: bool = False, weights: Mapping[str, Any] | None = None
) -> Response:
    """The model; a zip with its data files when it has some and is not wanted `alone`. The folder that it is written to
    goes when the answer is closed."""
    return _response(_written(parts, session, alone, weights, ""))


def prepared(
    parts: Parts, session: Session, *, alone: bool, weights: Mapping[str, Any] | None, author: str
) -> dict[str, Any]:
    """Write the model for a download that begins later, and at once then: {"download": its address, "name", "bytes"}."""
    _sweep(parts.scratch)
    folder = _written(parts, session, alone, weights, author)
    files = _files_in(folder)
    size = sum(file.stat().st_size for file in files)
    return {"download": f"/api/downloads/{folder.name}", "name": _download_name(files), "bytes": size}


def prepared_response(parts: Parts, token: str) -> Response:
    """A download that was prepared; once. AppError 404."""
    folder, taken = parts.scratch / token, parts.scratch / f"{token}-taken"
    missing = AppError(
        "no-such-download", "that download is not there any more", hint="download the model again", status=404
    )
    if not TOKEN.fullmatch(token):
        raise missing
    try:
        folder.rename(taken)  # one of those who ask at once gets it
    except OSError:
        raise missing from None
    return _response(taken)


def _written(parts: Parts, session: Session, alone: bool, weights: Mapping[str, Any] | None, author: str) -> Path:
    """A folder of its own with the model and its data files."""
    folder = parts.scratch / secrets.token_hex(16)
    folder.mkdir(mode=0o700, parents=True)
    try:
        session.client.write_model(folder / _file_name(session.name), alone, weights, author)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder


def _files_in(folder: Path) -> list[Path]:
    """The model first."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return sorted(files, key=lambda path: path.parent != folder or not path.name.lower().endswith(".onnx"))


def _download_name(files: list[Path]) -> str:
    return files[0].name if len(files) == 1 else f"{files[0].stem}.zip"


def _response(folder: Path) -> Response:
    try:
        files = _files_in(folder)
        name = _download_name(files)
        response = _single(files[0], folder) if len(files) == 1 else _zip(files, folder, name)
    except BaseException:
        shutil.rmtree(folder)
        raise
    if request.method == "HEAD":
        shutil.rmtree(folder)
    response.headers["Cache-Control"] = "no-store"
    return response


def _sweep(scratch: Path) -> None:
    """Remove downloads that were prepared and never fetched."""
    for folder in scratch.iterdir() if scratch.is_dir() else ():
        if TOKEN.fullmatch(folder.name) and time.time() - folder.stat().st_atime > UNFETCHED_AGE:
            shutil.rmtree(folder, ignore_errors=True)


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
    return binary_name(plain)
