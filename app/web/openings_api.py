"""Routes that follow the opening of a model, and give it up."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from onnx_scalpel.web.openapi import NUMBER, TEXT, describe
from onnx_scalpel.web.parts import Parts


def openings_routes(parts: Parts) -> Blueprint:
    """By the id that the request to open the model chose."""
    routes = Blueprint("openings", __name__, url_prefix="/api/openings")

    @routes.get("/<opening>")
    @describe(
        "How far the opening of a model is: `receiving` it, `reading` its bytes, making its `nodes`",
        answer={"step": TEXT, "done": NUMBER, "of": NUMBER},
    )
    def progress(opening: str) -> dict[str, Any]:
        return parts.openings.progress(opening)

    @routes.delete("/<opening>")
    @describe(
        "Give up opening a model: the process that opens it ends, and nothing stays of it",
        answer={"opening": TEXT, "state": TEXT},
    )
    def give_up(opening: str) -> dict[str, Any]:
        parts.openings.give_up(opening)
        return {"opening": opening, "state": "cancelled"}

    return routes
