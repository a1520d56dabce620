"""Routes that read and change the model of a session: snapshot, edits, undo and redo, revisions, types, operators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from onnx_scalpel.errors import one_line
from onnx_scalpel.web.errors import json_body, wrong_parameters
from onnx_scalpel.web.in_body import body_of, in_body
from onnx_scalpel.web.openapi import BYTES, JSON, NUMBER, RECORDS, TEXT, describe
from onnx_scalpel.web.parts import Parts
from onnx_scalpel.web.pasting import with_tensors_at_hand
from onnx_scalpel.web.presence import ID_LIMIT

SHARED_AUTHOR = "api"
FORMATS = {"columns": BYTES, "json": JSON}
FORMAT_PARAMETER = {"name": "format", "in": "query", "schema": {"type": "string", "enum": list(FORMATS)}}
SINCE_PARAMETER = {"name": "since", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 0}}
AUTHOR_PARAMETER = {
    "name": "X-Scalpel-Participant",
    "in": "header",
    "description": f"who does it; undo and redo are per author; without it: `{SHARED_AUTHOR}`",
    "schema": {"type": "string", "maxLength": ID_LIMIT},
}
_DELTA = (
    "what changed, record by record: {table, id, after}; where many uses of a value became uses of another, one entry of the "
    "table `uses` says so: input `slots[i]` of `nodes[i]` read the value `id` and read `after.value` now"
)
REVISION_ANSWER: dict[str, dict[str, Any]] = {
    "revision": NUMBER,
    "delta": {"type": "array", "items": {"type": "object"}, "description": _DELTA},
    "created": {"type": "array", "items": TEXT, "description": "ids of what it made"},
}
CLIENT_PARAMETER = {
    "name": "X-Scalpel-Edit",
    "in": "header",
    "description": "your own id for this edit: sent again after a lost answer, it is not applied twice",
    "schema": {"type": "string", "maxLength": ID_LIMIT},
}


def edits_routes(parts: Parts) -> Blueprint:
    """What a script needs to work on a model."""
    routes = Blueprint("edits", __name__, url_prefix="/api/sessions/<session_id>")
    sessions = parts.sessions

    @routes.get("/snapshot")
    @describe(
        "The whole model at its newest revision: columns for the canvas, or JSON",
        parameters=[FORMAT_PARAMETER],
        answer={
            "revision": NUMBER,
            "model": {"type": "object"},
            "graphs": RECORDS,
            "nodes": RECORDS,
            "values": RECORDS,
        },
        media=list(FORMATS.values()),
    )
    def snapshot(session_id: str) -> Response:
        shape = request.args.get("format", "columns")
        if shape not in FORMATS:
            raise wrong_parameters(format="`json`, or nothing for the columns")
        return _data(sessions.find(session_id).client.snapshot(shape), FORMATS[shape])

    @routes.post("/edits")
    @describe(
        "Apply one edit; one that takes long (`in_job`) is answered when its job has ended. The key `preview` with the id of"
        " a preview's job applies what that one showed",
        body={"$ref": "#/components/schemas/Edit"},
        parameters=[AUTHOR_PARAMETER, CLIENT_PARAMETER],
        answer=REVISION_ANSWER,
    )
    def edit(session_id: str) -> dict[str, Any]:
        session = sessions.find(session_id)
        author, name = _author(parts, session_id)
        data = with_tensors_at_hand(sessions, session, json_body(), author)
        return session.client.edit(data, author, name, _header("X-Scalpel-Edit"))

    @routes.post("/fragment")
    @describe(
        "Copy nodes of one graph with all that they need elsewhere: what the edit `paste-nodes` takes, here or in another session",
        body={"type": "object", "properties": {"nodes": {"type": "array", "items": TEXT, "minItems": 1}}},
        answer={"fragment": NUMBER, "nodes": RECORDS},
    )
    def fragment(session_id: str) -> dict[str, Any]:
        nodes = json_body().get("nodes")
        if not isinstance(nodes, list) or not nodes or not all(isinstance(node, str) for node in nodes):
            raise wrong_parameters(nodes="a list of node ids is needed")
        return sessions.find(session_id).client.copy(nodes)

    @routes.post("/undo")
    @describe("Undo the newest edit of this author that stands", parameters=[AUTHOR_PARAMETER], answer=REVISION_ANSWER)
    def undo(session_id: str) -> dict[str, Any]:
        return sessions.find(session_id).client.undo(*_author(parts, session_id))

    @routes.post("/redo")
    @describe("Redo what this author undid last", parameters=[AUTHOR_PARAMETER], answer=REVISION_ANSWER)
    def redo(session_id: str) -> dict[str, Any]:
        return sessions.find(session_id).client.redo(*_author(parts, session_id))

    @routes.get("/revisions")
    @describe(
        "The revisions after `since`, oldest first; too old: take a snapshot",
        parameters=[SINCE_PARAMETER],
        answer={"revisions": RECORDS},
    )
    def revisions(session_id: str) -> dict[str, Any]:
        since = request.args.get("since", "")
        if not (since.isascii() and since.isdecimal() and len(since) <= 15):
            raise wrong_parameters(since="a revision number is needed")
        return {"revisions": sessions.find(session_id).client.since(int(since))}

    @routes.get("/types")
    @describe("All inferred types: value id → dtype and shape")
    def types(session_id: str) -> Response:
        return _data(sessions.find(session_id).client.types(), "application/json")

    @routes.get("/operators")
    @describe("The operators of the opsets that the model imports, with slots, attributes and docs")
    def operators(session_id: str) -> Response:
        return _data(sessions.find(session_id).client.operators(), "application/json")

    @routes.get("/nodes/<path:node>/attributes/<name>")
    @describe("One attribute in full", answer={"type": TEXT, "value": {}})
    def attribute(session_id: str, node: str, name: str) -> dict[str, Any]:
        return sessions.find(session_id).client.attribute(node, name)

    @routes.post("/attribute")
    @describe(
        "The same of a node whose id is too long for an address",
        body=body_of(("node", "attribute")),
        answer={"type": TEXT, "value": {}},
    )
    def attribute_of(session_id: str) -> dict[str, Any]:
        given = in_body()
        return sessions.find(session_id).client.attribute(given.get("node", ""), given.get("attribute", ""))

    @routes.get("/metadata")
    @describe(
        "The metadata entries of the model (`model:`), a graph, a node or a value",
        parameters=[
            {"name": "subject", "in": "query", "required": True, "schema": {"type": "string"}, "description": "its id"}
        ],
        answer={"metadata": RECORDS},
    )
    def metadata(session_id: str) -> dict[str, Any]:
        return {"metadata": sessions.find(session_id).client.metadata(request.args.get("subject", ""))}

    @routes.post("/metadata")
    @describe("The same of a subject of any length", body=body_of(("subject",)), answer={"metadata": RECORDS})
    def metadata_of(session_id: str) -> dict[str, Any]:
        return {"metadata": sessions.find(session_id).client.metadata(in_body().get("subject", ""))}

    @routes.get("/recipe")
    @describe(
        "The edits that stand, to replay on this or another model",
        answer={"format": NUMBER, "model": {"type": "object"}, "edits": RECORDS},
    )
    def recipe(session_id: str) -> dict[str, Any]:
        return sessions.find(session_id).client.recipe()

    return routes


def _author(parts: Parts, session_id: str) -> tuple[str, str]:
    """Id and name of who asks."""
    author = _header("X-Scalpel-Participant") or SHARED_AUTHOR
    return author, parts.presence.name_of(session_id, author)


def _header(name: str) -> str | None:
    value = request.headers.get(name)
    if value is not None and len(value) > ID_LIMIT:
        raise wrong_parameters(**{name: f"at most {ID_LIMIT} characters"})
    return one_line(value, ID_LIMIT) if value else None


def _data(payload: bytes, mimetype: str) -> Response:
    response = Response(payload, mimetype=mimetype)
    response.headers["Cache-Control"] = "no-store"
    return response
