"""Routes that open, list, describe and close sessions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.errors import json_body, wrong_parameters
from onnx_scalpel.web.openapi import BYTES, NUMBER, TEXT, describe
from onnx_scalpel.web.opening import named, uploaded
from onnx_scalpel.web.parts import Parts
from onnx_scalpel.web.replaying import recipe_steps, reloaded, replayed
from onnx_scalpel.web.sessions import Session

OPEN_SCHEMA = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "absolute inside a root, or relative to the first root"},
        "sample": {"type": "string", "description": "the name of a sample model"},
        "upload": {
            "type": "string",
            "description": "files that were sent and hold several models, as the choices of `choice-needed` name them",
        },
        "model": {"type": "string", "description": "which of the models in an upload or a zip archive is meant"},
        "again": {
            "type": "boolean",
            "default": False,
            "description": "open the file anew although somebody has it open; else that session is joined",
        },
        "mine": {
            "type": "array",
            "items": {"type": "string"},
            "description": "sessions that are open to whoever asks: one of them on this file is joined, too",
        },
        "opening": {
            "type": "string",
            "description": "32 hexadecimal digits of your own, under which the opening is followed and given up",
        },
        "view": {
            "type": "boolean",
            "default": False,
            "description": "a file of another format is to be looked at, not refused: the answer then has `view` and `page`",
        },
    },
}
VIEW_PARAMETER = {
    "name": "view",
    "in": "query",
    "description": "for uploads: like `view` in the body",
    "schema": {"type": "string", "enum": ["1"]},
}
OPENING_PARAMETER = {
    "name": "opening",
    "in": "query",
    "description": "for uploads: like `opening` in the body",
    "schema": {"type": "string"},
}
RELOAD_SCHEMA = {
    "type": "object",
    "properties": {
        "replay": {"type": "boolean", "default": True, "description": "make the edits that stand on the new model, too"}
    },
}
STILL_LIMIT = 200
RECIPE_SCHEMA = {"type": "object", "properties": {"edits": {"type": "array", "items": {"type": "object"}}}}
REPLAYED: dict[str, dict[str, Any]] = {
    "session": TEXT,
    "applied": NUMBER,
    "failed": {"type": "array", "items": {"type": "object"}},
}


def sessions_routes(parts: Parts) -> Blueprint:
    """POST, GET and DELETE of sessions."""
    routes = Blueprint("sessions", __name__, url_prefix="/api/sessions")

    @routes.post("")
    @describe(
        "Open a model: one by its path, a sample, or files sent as the parts `file` of a multipart form (data files and zip archives, too; a field `model` says which is meant)",
        body=OPEN_SCHEMA,
        status=201,
        parameters=[VIEW_PARAMETER, OPENING_PARAMETER],
        answer={"name": TEXT, "path": TEXT},
    )
    def open_session() -> tuple[Response, int]:
        return uploaded(parts) if request.mimetype == "multipart/form-data" else named(parts)

    @routes.get("")
    @describe("List the open sessions", answer={"sessions": {"type": "array", "items": {"type": "object"}}})
    def list_sessions() -> dict[str, Any]:
        return {"sessions": [_line(parts, session) for session in parts.sessions.all()]}

    @routes.post("/still")
    @describe(
        "Which of these sessions and views are open, or can be opened again",
        body={"type": "object", "properties": {"ids": {"type": "array", "items": TEXT}}},
        answer={"ids": {"type": "array", "items": TEXT}},
    )
    def still() -> dict[str, Any]:
        ids = json_body().get("ids")
        if not isinstance(ids, list) or len(ids) > STILL_LIMIT or not all(isinstance(one, str) for one in ids):
            raise wrong_parameters(ids=f"a list of at most {STILL_LIMIT} ids")
        return {"ids": [one for one in ids if parts.sessions.has(one) or parts.viewings.has(one)]}

    @routes.get("/<session_id>")
    @describe(
        "Describe a session: revision, history, diagnostics",
        answer={"session": TEXT, "name": TEXT, "path": TEXT, "revision": NUMBER, "unsaved": {"type": "boolean"}},
    )
    def describe_session(session_id: str) -> dict[str, Any]:
        return parts.sessions.summary(parts.sessions.find(session_id))

    @routes.get("/<session_id>/original")
    @describe("The model as it was opened, as the columns of a snapshot", media=[BYTES])
    def original(session_id: str) -> Response:
        columns = parts.sessions.find(session_id).client.original()
        return Response(columns, mimetype=BYTES, headers={"Cache-Control": "no-store"})

    @routes.post("/<session_id>/reload")
    @describe(
        "Open the session's file as it is now in a new session, and replay the edits that stand; the old session stays",
        body=RELOAD_SCHEMA,
        body_needed=False,
        answer=REPLAYED,
    )
    def reload(session_id: str) -> dict[str, Any]:
        wanted = json_body(needed=False).get("replay", True)
        if not isinstance(wanted, bool):
            raise wrong_parameters(replay="true or false")
        return reloaded(parts.sessions, parts.sessions.find(session_id), replay=wanted)

    @routes.post("/<session_id>/recipe")
    @describe(
        "Make the edits of a recipe, one after the other; those that do not fit are told",
        body=RECIPE_SCHEMA,
        answer=REPLAYED,
    )
    def apply_recipe(session_id: str) -> dict[str, Any]:
        author = request.headers.get("X-Scalpel-Participant", "api")
        name = parts.presence.name_of(session_id, author)
        return replayed(parts.sessions.find(session_id), recipe_steps(json_body(), author, name))

    @routes.delete("/<session_id>")
    @describe(
        "Close a session for good: its journal and its uploaded files are removed",
        answer={"session": TEXT, "state": TEXT},
    )
    def close_session(session_id: str) -> dict[str, Any]:
        parts.sessions.close(session_id)
        return {"session": session_id, "state": "closed"}

    return routes


def _line(parts: Parts, session: Session) -> dict[str, Any]:
    """One session in the list; one whose process does not answer is listed too."""
    known = parts.sessions.known(session.opened)
    try:
        summary = session.client.summary()
    except AppError:
        return known | {"revision": None, "unsaved": True, "nodes": None, "state": "recovering"}
    return known | {name: summary[name] for name in ("revision", "unsaved", "nodes", "state")}
