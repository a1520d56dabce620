"""The API's description, made from the routes themselves and the edit catalogue: OpenAPI 3.1, and a page to read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, current_app, render_template

from onnx_scalpel import __version__
from onnx_scalpel.web.catalogue import EditCatalogue
from onnx_scalpel.web.security import allow_inline_style
from onnx_scalpel.web.style import plain_style

View = TypeVar("View", bound=Callable[..., Any])
DESCRIPTION = "__scalpel_description__"
PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
RECORDS = {"type": "array", "items": {"type": "object"}}
JSON = "application/json"
BYTES = "application/octet-stream"
ENVELOPE = {  # what every edit may carry beside its parameters
    "creates": {"type": "array", "items": TEXT, "description": "ids to give to what it makes, as a recipe has them"},
    "preview": {"type": "string", "description": "the job of a preview of this edit: its result is applied"},
}
ERROR_SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "subjects", "hint"],
            "properties": {
                "code": TEXT,
                "message": {"type": "string", "maxLength": 200},
                "subjects": {"type": "array", "items": TEXT},
                "hint": TEXT,
                "fields": {"type": "object", "additionalProperties": TEXT},
                "choices": {"type": "array", "items": {"type": "object"}},
            },
        }
    },
}


def describe(
    summary: str,
    *,
    body: dict[str, Any] | None = None,
    body_needed: bool = True,
    parameters: Sequence[dict[str, Any]] = (),
    status: int = 200,
    answer: Mapping[str, dict[str, Any]] | None = None,
    media: Sequence[str] = (JSON,),
    token: bool = True,
) -> Callable[[View], View]:
    """Say what a route does: its summary, the schema of its body, its parameters beside those in the path, and what it
    answers: the properties of a JSON object that are always there, in one of the media types.
    """
    told: dict[str, Any] = {
        "summary": summary,
        "body": body,
        "body_needed": body_needed,
        "parameters": list(parameters),
        "status": status,
        "answer": dict(answer or {}),
        "media": list(media),
        "token": token,
    }

    def keep(view: View) -> View:
        setattr(view, DESCRIPTION, told)
        return view

    return keep


def routes_of(app: Flask) -> list[dict[str, Any]]:
    """Every described route, sorted by path: {"method", "path", "name"} and what `describe` keeps."""
    found = []
    for rule in app.url_map.iter_rules():
        description = getattr(app.view_functions[rule.endpoint], DESCRIPTION, None)
        if description is None:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = PLACEHOLDER.sub(r"{\1}", rule.rule)
            found.append(description | {"method": method.lower(), "path": path, "name": rule.endpoint.split(".")[-1]})
    return sorted(found, key=lambda route: (route["path"], route["method"]))


def openapi(app: Flask, edits: list[dict[str, Any]]) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes_of(app):
        paths.setdefault(route["path"], {})[route["method"]] = _operation(route)
    schemas: dict[str, Any] = {"Error": ERROR_SCHEMA}
    for edit in edits:
        schemas[_schema_name(edit["kind"])] = _edit_schema(edit)
    kinds = [{"$ref": f"#/components/schemas/{_schema_name(edit['kind'])}"} for edit in edits]
    schemas["Edit"] = {"type": "object", "required": ["kind"], "properties": {"kind": TEXT}, "oneOf": kinds}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Scalpel",
            "version": __version__,
            "description": "Edit ONNX models: one edit, one revision.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def description_routes(catalogue: EditCatalogue) -> Blueprint:
    """The catalogue, the OpenAPI document and the page that shows both."""
    routes = Blueprint("description", __name__, url_prefix="/api")

    @routes.get("/edits")
    @describe("The edit catalogue: a list of every kind with the JSON schema of its parameters")
    def edits() -> list[dict[str, Any]]:
        return catalogue.edits()

    @routes.get("/openapi.json")
    @describe("This API as an OpenAPI 3.1 document")
    def document() -> dict[str, Any]:
        return openapi(current_app, catalogue.edits())

    @routes.get("/docs")
    @describe("This API as a page", media=["text/html"])
    def page() -> Response:
        style = plain_style()
        shown = [edit | {"parameters": _parameter_lines(edit["schema"])} for edit in catalogue.edits()]
        html = render_template("docs.html", style=style, routes=routes_of(current_app), edits=shown)
        return allow_inline_style(Response(html, mimetype="text/html"), style)

    return routes


def _operation(route: dict[str, Any]) -> dict[str, Any]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": TEXT} for name in re.findall(r"{(\w+)}", route["path"])
    ]
    error = {"description": "What went wrong", "content": _json({"$ref": "#/components/schemas/Error"})}
    operation: dict[str, Any] = {
        "operationId": route["name"],
        "summary": route["summary"],
        "parameters": in_path + route["parameters"],
        "responses": {str(route["status"]): _answer(route), "default": error},
    }
    if not route["token"]:
        operation["security"] = []
    if route["body"] is not None:
        operation["requestBody"] = {"required": route["body_needed"], "content": _json(route["body"])}
    if route["name"] == "open_session":
        files = {
            "type": "object",
            "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
        }
        operation["requestBody"]["content"]["multipart/form-data"] = {"schema": files}
    return operation


def _answer(route: dict[str, Any]) -> dict[str, Any]:
    properties = route["answer"]
    schema = {"type": "object", "required": list(properties), "properties": properties} if properties else {}
    return {
        "description": "Done",
        "content": {media: {"schema": schema} if media == JSON else {} for media in route["media"]},
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {JSON: {"schema": schema}}


def _schema_name(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("-"))


def _edit_schema(edit: dict[str, Any]) -> dict[str, Any]:
    """An edit's schema with its kind in it, and with references that hold inside the whole document."""
    schema: dict[str, Any] = _rebased(edit["schema"], _schema_name(edit["kind"]))
    properties = {"kind": {"const": edit["kind"]}} | schema.get("properties", {}) | ENVELOPE
    required = ["kind", *(name for name in schema.get("required", []) if name != "kind")]
    return schema | {
        "title": edit["title"],
        "description": edit["description"],
        "properties": properties,
        "required": required,
    }


def _rebased(schema: Any, name: str) -> Any:
    if isinstance(schema, dict):
        return {
            key: f"#/components/schemas/{name}{value[1:]}"
            if key == "$ref" and isinstance(value, str) and value.startswith("#/")
            else _rebased(value, name)
            for key, value in schema.items()
        }
    return [_rebased(item, name) for item in schema] if isinstance(schema, list) else schema


def _parameter_lines(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "required": name in required,
            "widget": about.get("x-widget", about.get("type", "")),
            "description": about.get("description", ""),
        }
        for name, about in schema.get("properties", {}).items()
        if name != "kind"
    ]
