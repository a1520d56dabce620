"""The pages: start page, editor, and what is said when one of them cannot be shown."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.assets import PageAssets, page_assets
from onnx_scalpel.web.errors import error_answer
from onnx_scalpel.web.openapi import TEXT, describe
from onnx_scalpel.web.parts import Parts
from onnx_scalpel.web.security import allow_inline_style, arrival_cookie
from onnx_scalpel.web.style import plain_style

YEAR = 31536000  # seconds; names of built assets carry their hash
ICON = (  # the mark of the product: the stroke of a scalpel
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath fill='%232f6fed' d='M3.2 "
    "20.8 17.6 3.6c1-1.2 2.4-1.5 3.3-.7.9.8.8 2.2-.3 3.3L8.2 19.4c-.3.3-.7.5-1.1.6l-3.9.8Z'/%3E%3C/svg%3E"
)


def pages_routes(parts: Parts) -> Blueprint:
    """`/`, `/s/<id>`, the built assets and the sign of life. Who arrives by the printed address is led to its model."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    def start() -> BaseResponse:
        arrived = arrival_cookie(parts.config.port)
        if arrived not in request.cookies:
            return _shell(parts, "start", "", "Scalpel")
        first = parts.sessions.first()
        response = redirect(f"/s/{first.opened.id}", 303) if first else _shell(parts, "start", "", "Scalpel")
        response.delete_cookie(arrived, httponly=True, samesite="Strict")
        return response

    @routes.get("/s/<session_id>")
    def editor(session_id: str) -> Response:
        session = parts.sessions.find(session_id)
        return _shell(parts, "editor", session_id, f"{session.name} – Scalpel")

    @routes.get("/v/<viewing_id>")
    def viewer(viewing_id: str) -> Response:
        viewing = parts.viewings.find(viewing_id)
        return _shell(parts, "viewer", viewing_id, f"{viewing.name} – Scalpel")

    @routes.get("/static/dist/<path:name>")
    def built(name: str) -> Response:
        response = send_from_directory(parts.static, name, max_age=0)
        if name.startswith("assets/"):
            response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
        return response

    @routes.get("/healthz")
    @describe("Whether the server is alive; needs no token", answer={"status": TEXT}, token=False)
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return routes


def page_or_json(error: AppError) -> Response:
    """A failure as a page where a person asked for one, else as JSON."""
    page = not request.path.startswith(("/api", "/static"))
    if not (page and "text/html" in request.headers.get("Accept", "")):
        return error_answer(error)
    html, style = message_page(error)
    return allow_inline_style(Response(html, error.status, {"Cache-Control": "no-store"}, mimetype="text/html"), style)


def message_page(error: AppError) -> tuple[str, str]:
    """A failure as a page: (HTML, its style). Needs an application context."""
    style = plain_style()
    link = {"link": "/", "link_text": "Go to the start page"} if error.status == 404 else {}
    title = {503: "Not built yet", 401: "Token needed", 403: "Not allowed", 404: "Not here"}.get(
        error.status, "Something went wrong"
    )
    message, hint = (_sentence(text) for text in (error.message, error.hint))
    return render_template("message.html", title=title, text=message, hint=hint, style=style, **link), style


def _shell(parts: Parts, page: str, session: str, title: str) -> Response:
    assets: PageAssets | None = page_assets(parts.static)
    if assets is None:
        error = AppError(
            "not-built",
            "the browser side is not built",
            hint="run `make` in the repository, then load this page again",
            status=503,
        )
        html, style = message_page(error)
        return allow_inline_style(Response(html, error.status, mimetype="text/html"), style)
    html = render_template("index.html", assets=assets, page=page, session=session, title=title, icon=ICON)
    return Response(html, mimetype="text/html", headers={"Cache-Control": "no-store"})


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""
