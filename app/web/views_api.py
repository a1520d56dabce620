"""Routes about files of other formats that are only looked at."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from onnx_scalpel.web.openapi import TEXT, describe
from onnx_scalpel.web.parts import Parts

VIEW = {"view": TEXT, "name": TEXT, "path": TEXT, "format": TEXT, "page": TEXT}


def views_routes(parts: Parts) -> Blueprint:
    """Describe and close; they are opened like models, with `view`."""
    routes = Blueprint("views", __name__, url_prefix="/api/views")

    @routes.get("/<view>")
    @describe("Describe a file of another format that is open to be looked at", answer=VIEW)
    def describe_view(view: str) -> dict[str, Any]:
        return parts.viewings.shown(parts.viewings.find(view))

    @routes.delete("/<view>")
    @describe("Close it; uploaded files are removed", answer={"view": TEXT, "state": TEXT})
    def close_view(view: str) -> dict[str, Any]:
        parts.viewings.close(view)
        return {"view": view, "state": "closed"}

    return routes
