"""The embedded Netron: the installed package's own page, told to ask nobody else, and the models that it may read.

Only data is hostile here: the page's policy lets no script run but the package's own, and no request leave this server.
"""

from __future__ import annotations

import re
from pathlib import Path

from flask import Blueprint, Response, request, send_file

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.download import model_response
from onnx_scalpel.web.formats import netron_folder
from onnx_scalpel.web.parts import Parts

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src 'self'; font-src 'self'; frame-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
DATA_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"  # a model is never a page
PARTS = re.compile(r"[A-Za-z0-9_-]+\.(?:js|css|json|png|ico)")
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".png": "image/png", ".ico": "image/x-icon"}  # fmt: skip
THEMES = {"light": "not all", "dark": "all"}
_VERSION = re.compile(r'<meta name="version" content="[^"]*">')
_DATE = re.compile(r'<meta name="date" content="[^"]*">\n?')


def netron_routes(parts: Parts) -> Blueprint:
    """`/netron/`, its files, and below it the bytes of what is looked at."""
    routes = Blueprint("netron", __name__, url_prefix="/netron")

    @routes.get("/")
    def page() -> Response:
        theme = request.args.get("theme", "")
        html = own_page((_folder() / "index.html").read_text(encoding="utf-8"), theme)
        response = Response(html, mimetype="text/html", headers={"Cache-Control": "no-store"})
        response.set_cookie("consent", "1", path="/netron/", samesite="Strict")
        return _framed(response)

    @routes.get("/<name>")
    def part(name: str) -> Response:
        path = _folder() / name
        if not PARTS.fullmatch(name) or not path.is_file():
            raise AppError("no-such-file", "Netron has no such file", status=404)
        theme = request.args.get("theme", "")
        if theme and path.suffix == ".css":
            return _framed(Response(in_theme(path.read_text(encoding="utf-8"), theme), mimetype="text/css"))
        response = send_file(path, mimetype=TYPES[path.suffix], conditional=True, max_age=3600)
        response.headers["Cache-Control"] = "private, max-age=3600"
        return _framed(response)

    @routes.get("/of/<session_id>/<int:revision>/<path:name>")
    def edited(session_id: str, revision: int, name: str) -> Response:
        """The model as it is now: `revision` is only there so that each has an address of its own."""
        session = parts.sessions.find(session_id)
        if name != session.name:
            raise AppError("no-such-file", "data files are not handed to Netron", status=404)
        return _data(model_response(parts, session, alone=True))

    @routes.get("/view/<viewing_id>/<path:name>")
    def looked_at(viewing_id: str, name: str) -> Response:
        path = parts.viewings.file(parts.viewings.find(viewing_id), name)
        return _data(send_file(path, mimetype="application/octet-stream", conditional=True))

    return routes


def own_page(html: str, theme: str = "") -> str:
    """Netron's page without what makes it ask its makers for a newer version or report how it is used."""
    quiet = _DATE.sub("", _VERSION.sub('<meta name="version" content="0.0.0">', html))
    if theme not in THEMES:
        return quiet
    return in_theme(quiet, theme).replace('href="grapher.css"', f'href="grapher.css?theme={theme}"')


def in_theme(text: str, theme: str) -> str:
    """The same with the reader's choice of light or dark in the place of the system's."""
    return text.replace("(prefers-color-scheme: dark)", THEMES[theme]) if theme in THEMES else text


def _folder() -> Path:
    folder = netron_folder()
    if folder is None:
        raise AppError("no-netron", "Netron is not installed", hint="install it with `pip install netron`", status=404)
    return folder


def _framed(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _data(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = DATA_POLICY
    response.headers["Cache-Control"] = "no-store"
    if request.method == "GET":
        response.headers.pop("Content-Disposition", None)
    return response
