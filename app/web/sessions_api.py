"""Routes that open, list, describe and close sessions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.errors import json_body, wrong_parameters
from onnx_scalpel.web.openapi import NUMBER, TEXT, describe
from onnx_scalpel.web.parts import Parts
from onnx_scalpel.web.sessions import Session
from onnx_scalpel.web.uploads import Upload

OPEN_SCHEMA = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "absolute inside a root, or relative to the first root"},
        "sample": {"type": "string", "description": "the name of a sample model"},
    },
}


def sessions_routes(parts: Parts) -> Blueprint:
    """POST, GET and DELETE of sessions."""
    routes = Blueprint("sessions", __name__, url_prefix="/api/sessions")

    @routes.post("")
    @describe(
        "Open a model: one by its path, a sample, or files sent as the parts `file` of a multipart form (data files too)",
        body=OPEN_SCHEMA,
        status=201,
        answer={"session": TEXT, "name": TEXT, "path": TEXT},
    )
    def open_session() -> tuple[Response, int]:
        session = _uploaded(parts) if request.mimetype == "multipart/form-data" else _named(parts)
        answer = {
            "session": session.opened.id,
            "name": session.opened.name,
            "path": parts.sessions.shown_path(session.opened),
        }
        return jsonify(answer), 201

    @routes.get("")
    @describe("List the open sessions", answer={"sessions": {"type": "array", "items": {"type": "object"}}})
    def list_sessions() -> dict[str, Any]:
        return {"sessions": [_line(parts, session) for session in parts.sessions.all()]}

    @routes.get("/<session_id>")
    @describe(
        "Describe a session: revision, history, diagnostics",
        answer={"session": TEXT, "name": TEXT, "path": TEXT, "revision": NUMBER, "unsaved": {"type": "boolean"}},
    )
    def describe_session(session_id: str) -> dict[str, Any]:
        return parts.sessions.summary(parts.sessions.find(session_id))

    @routes.delete("/<session_id>")
    @describe(
        "Close a session for good: its journal and its uploaded files are removed",
        answer={"session": TEXT, "state": TEXT},
    )
    def close_session(session_id: str) -> dict[str, Any]:
        parts.sessions.close(session_id)
        return {"session": session_id, "state": "closed"}

    return routes


def _uploaded(parts: Parts) -> Session:
    session_id = parts.sessions.new_id()
    try:
        path = Upload(parts.sessions.upload_folder(session_id)).receive(request)
    except BaseException:
        parts.sessions.remove_files(session_id)
        raise
    return parts.sessions.open(path, source="upload", session_id=session_id)


def _named(parts: Parts) -> Session:
    data = json_body()
    given = [name for name in ("path", "sample") if data.get(name) is not None]
    if len(given) != 1 or not isinstance(data[given[0]], str):
        raise wrong_parameters(path="give either `path` or `sample`, as text")
    if given == ["sample"]:
        return parts.sessions.open(parts.samples.path(data["sample"]), source="sample")
    path = parts.roots.model_file(data["path"])
    session = parts.sessions.open(path, source="path")
    parts.recent.add(path)
    return session


def _line(parts: Parts, session: Session) -> dict[str, Any]:
    """One session in the list; one whose process does not answer is listed too."""
    known = {
        "session": session.opened.id,
        "name": session.opened.name,
        "path": parts.sessions.shown_path(session.opened),
    }
    try:
        summary = session.client.summary()
    except AppError:
        return known | {"revision": None, "unsaved": True, "nodes": None, "state": "recovering"}
    return known | {name: summary[name] for name in ("revision", "unsaved", "nodes", "state")}
