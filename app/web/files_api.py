"""Routes about files: the edited model as a download or saved below a root, folders, recent files, samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.download import model_response, prepared, prepared_response
from onnx_scalpel.web.errors import json_body, wrong_parameters
from onnx_scalpel.web.openapi import BYTES, NUMBER, TEXT, describe
from onnx_scalpel.web.parts import Parts
from onnx_scalpel.web.sessions import Session

THRESHOLD = 1024  # bytes
WEIGHTS = ["as-opened", "inline", "one-file", "per-tensor"]
WEIGHTS_TEXT = "where the weights go: inside the .onnx file, in one data file, or in one for each tensor; left out: as the session's file has them"
THRESHOLD_TEXT = "bytes; with one-file and per-tensor, a smaller tensor stays in the .onnx file"
WEIGHTS_SCHEMA: dict[str, Any] = {
    "weights": {"type": "string", "enum": WEIGHTS, "description": WEIGHTS_TEXT},
    "threshold": {"type": "integer", "minimum": 0, "default": 1024, "description": THRESHOLD_TEXT},
}
SAVE_SCHEMA = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "below a root; without it: where the model was opened"},
        "overwrite": {"type": "boolean", "default": False},
        "anyway": {
            "type": "boolean",
            "default": False,
            "description": "also when another program changed the file since it was opened or saved here",
        },
        **WEIGHTS_SCHEMA,
    },
}
DOWNLOAD_SCHEMA = {"type": "object", "properties": {"alone": {"type": "boolean", "default": False}, **WEIGHTS_SCHEMA}}
ALONE_PARAMETER = {
    "name": "alone",
    "in": "query",
    "description": "1: only the .onnx file, whose tensors refer to data files as before",
    "schema": {"type": "string", "enum": ["1"]},
}
WEIGHTS_PARAMETERS = [
    {
        "name": name,
        "in": "query",
        "schema": {k: v for k, v in schema.items() if k != "description"},
        "description": text,
    }
    for (name, schema), text in zip(WEIGHTS_SCHEMA.items(), (WEIGHTS_TEXT, THRESHOLD_TEXT), strict=True)
]
PATH_PARAMETER = {"name": "path", "in": "query", "schema": {"type": "string", "default": ""}}


def files_routes(parts: Parts) -> Blueprint:
    """Everything that moves models between the server's disk and the user."""
    routes = Blueprint("files", __name__, url_prefix="/api")

    @routes.get("/sessions/<session_id>/model")
    @describe(
        "The edited model; a zip with its data files when it has external data. 409 `data-missing` while some are missing: "
        "`alone` gives the .onnx file without them; 409 `choice-needed` when one .onnx file cannot hold the weights",
        parameters=[ALONE_PARAMETER, *WEIGHTS_PARAMETERS],
        media=[BYTES, "application/zip"],
    )
    def model(session_id: str) -> Response:
        session, alone = parts.sessions.find(session_id), request.args.get("alone") == "1"
        return model_response(parts, session, alone=alone, weights=_weights(request.args))

    @routes.post("/sessions/<session_id>/model")
    @describe(
        "Prepare a download of the edited model: `download` is where it can be had once, within an hour",
        body=DOWNLOAD_SCHEMA,
        body_needed=False,
        answer={"download": TEXT, "name": TEXT, "bytes": NUMBER},
    )
    def prepare(session_id: str) -> dict[str, Any]:
        session, data = parts.sessions.find(session_id), json_body(needed=False)
        return prepared(parts, session, alone=data.get("alone") is True, weights=_weights(data), author=_author())

    @routes.get("/downloads/<token>")
    @describe("A download that was prepared", media=[BYTES, "application/zip"])
    def download(token: str) -> Response:
        return prepared_response(parts, token)

    @routes.post("/sessions/<session_id>/save")
    @describe(
        "Save the edited model to a path below a root; an existing file is kept unless `overwrite` is true. 409 `choice-needed` "
        "when one .onnx file cannot hold the weights: `weights` answers it",
        body=SAVE_SCHEMA,
        body_needed=False,
        answer={"path": TEXT},
    )
    def save(session_id: str) -> dict[str, Any]:
        session = parts.sessions.find(session_id)
        data = json_body(needed=False)
        target, overwrite = _target(parts, session, data)
        answer = session.client.save(target, overwrite, data.get("anyway", False), _weights(data), _author())
        parts.sessions.saved(session, target)
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


def _author() -> str:
    """Who asks, and hears how far it is."""
    return request.headers.get("X-Scalpel-Participant", "")


def _weights(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """How the weights are to be written; the session says what is wrong with it. AppError 422 for what is no number."""
    if given.get("weights") is None and given.get("threshold") is None:
        return None
    threshold = given.get("threshold", THRESHOLD)
    if isinstance(threshold, str):
        if not threshold.isdecimal() or len(threshold) > 12:
            raise wrong_parameters(threshold="a whole number of bytes, 0 or more")
        threshold = int(threshold)
    return {"weights": given.get("weights") or "as-opened", "threshold": threshold}


def _target(parts: Parts, session: Session, data: dict[str, Any]) -> tuple[Path, bool]:
    """Where to save, and whether an existing file may be replaced. AppError 403 outside the roots, 409, 422."""
    path, overwrite = data.get("path"), data.get("overwrite", False)
    if not isinstance(overwrite, bool) or not isinstance(data.get("anyway", False), bool):
        raise wrong_parameters(overwrite="true or false")
    own = parts.sessions.own_file(session) if path is None else None
    if own is not None:
        target = own
    elif isinstance(path, str) and path:
        target = parts.roots.resolve(path)
    else:
        raise wrong_parameters(path="a path below one of the server's folders is needed")
    if target.is_dir() or not target.parent.is_dir():
        what = "is a folder" if target.is_dir() else "lies in a folder that is not there"
        raise AppError(
            "bad-path", f"{parts.roots.show(target) or 'that'} {what}", hint="name a file in a folder that exists"
        )
    if not target.is_file() and (target.exists() or not target.name.isprintable()):
        what = "is no regular file" if target.exists() else "cannot be the name of a model"
        raise AppError("bad-path", f"{parts.roots.show(target)} {what}", hint="name a file that can be one")
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
