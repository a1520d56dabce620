"""What is opened: files that were sent, a path, a zip archive, a sample; and another format's file, to be looked at."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from flask import Response, jsonify, request

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.errors import json_body, wrong_parameters
from onnx_scalpel.web.openings import Opening
from onnx_scalpel.web.parts import Parts
from onnx_scalpel.web.sessions import Session
from onnx_scalpel.web.uploads import ZIP, Upload, chosen, holds_model

Answer = tuple[Response, int]


def uploaded(parts: Parts) -> Answer:
    """Open the model among files that were sent as a form."""
    session_id = parts.sessions.new_id()
    folder = parts.sessions.upload_folder(session_id)
    opening = parts.openings.begun(request.args.get("opening"))
    try:
        upload = Upload(folder)
        upload.receive(request)
        upload.unpack(parts.config.upload_limit)
        return _opened(parts, session_id, upload.names, upload.wanted, opening, view=request.args.get("view") == "1")
    except BaseException as error:
        if not _keeps(error):
            parts.sessions.remove_files(session_id)
        raise


def named(parts: Parts) -> Answer:
    """Open what a JSON body names: a path, a sample, or files that were sent before."""
    data = json_body()
    given = [name for name in ("path", "sample", "upload") if data.get(name) is not None]
    if len(given) != 1 or not isinstance(data[given[0]], str) or not isinstance(data.get("model", ""), str):
        raise wrong_parameters(path="give `path`, `sample` or `upload`, as text")
    opening = parts.openings.begun(data.get("opening"))
    if given == ["sample"]:
        session = parts.sessions.open(parts.samples.path(data["sample"]), source="sample", opening=opening)
        return jsonify(parts.sessions.known(session.opened)), 201
    if given == ["upload"]:
        return _waiting(parts, data["upload"], data.get("model", ""), opening)
    return _at_path(parts, parts.roots.model_file(data["path"]), data, opening)


def _at_path(parts: Parts, path: Path, data: dict[str, Any], opening: Opening) -> Answer:
    view = data.get("view") is True
    if path.suffix.lower() == ZIP and holds_model(path):
        return _unpacked(parts, path, data.get("model", ""), opening, view=view)
    joined = None if data.get("again") is True else parts.sessions.on_file(path, _joinable(parts, data.get("mine")))
    if joined is not None:
        return jsonify(parts.sessions.known(joined.opened) | {"already_open": True}), 200
    try:
        session = parts.sessions.open(path, source="path", opening=opening)
    except AppError as error:
        if not view:
            raise
        viewing = parts.viewings.of_path(path, parts.viewings.instead_of(error, path))
        parts.recent.add(path)
        return jsonify(parts.viewings.shown(viewing)), 201
    parts.recent.add(path)
    return jsonify(parts.sessions.known(session.opened) | {"already_open": False}), 201


def _unpacked(parts: Parts, path: Path, wanted: str, opening: Opening, *, view: bool) -> Answer:
    """Open a model of a zip archive below a root, from a copy: no file of the user's stands for it."""
    session_id = parts.sessions.new_id()
    try:
        upload = Upload(parts.sessions.upload_folder(session_id))
        upload.take(path, parts.config.upload_limit)
        answer = _opened(parts, session_id, upload.names, wanted, opening, view=view)
    except BaseException as error:
        if not _keeps(error):
            parts.sessions.remove_files(session_id)
        raise
    parts.recent.add(path)
    return answer


def _waiting(parts: Parts, upload: str, wanted: str, opening: Opening) -> Answer:
    """Open the model that was chosen among files that were sent before."""
    folder = parts.sessions.waiting_upload(upload)
    names = sorted(PurePosixPath(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return _opened(parts, upload, names, wanted, opening, view=False)


def _opened(
    parts: Parts, session_id: str, names: list[PurePosixPath], wanted: str, opening: Opening, *, view: bool
) -> Answer:
    """Open the model among received files, and give it those that it needs from where they are."""
    folder = parts.sessions.upload_folder(session_id)
    model = chosen(names, wanted, session_id)
    try:
        session = parts.sessions.open(
            folder / model, source="upload", session_id=session_id, keep_files=True, opening=opening
        )
    except AppError as error:
        if not view:
            raise
        found = parts.viewings.instead_of(error, folder / model)
        viewing = parts.viewings.of_upload(folder, model, found)
        parts.sessions.remove_files(session_id)
        return jsonify(parts.viewings.shown(viewing)), 201
    try:
        _supply(session, folder, [name for name in names if name != model])
    except BaseException:
        parts.sessions.close(session_id)
        raise
    return jsonify(parts.sessions.known(session.opened)), 201


def _supply(session: Session, folder: Path, others: list[PurePosixPath]) -> None:
    """Files that were sent without their folders are found by their names."""
    if not others or not session.client.summary()["missing"]["count"]:
        return
    try:
        session.client.supply({str(folder / name): str(name) for name in others})
    except AppError as error:
        if error.code != "not-needed":  # the page says what is missing
            raise


def _keeps(error: BaseException) -> bool:
    """Whether the files stay, because their sender is about to say which of them is meant."""
    return isinstance(error, AppError) and error.code == "choice-needed"


def _joinable(parts: Parts, mine: Any) -> set[str]:
    """The sessions that count as open: those that somebody looks at, and those that whoever asks says are open to them."""
    own = {one for one in mine if isinstance(one, str)} if isinstance(mine, list) else set()
    return own | {s.opened.id for s in parts.sessions.all() if parts.presence.participants(s.opened.id)}
