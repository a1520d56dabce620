"""Decides access: token, Host and Origin, size limits and response headers. Nothing else in the product does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response

from onnx_scalpel.config import Config
from onnx_scalpel.errors import AppError

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UPLOAD_PATH = "/api/sessions"
_MOST_DIGITS = 18  # of a length that is worth reading; Python refuses to read thousands
BODY_LIMIT_KEY = "scalpel.body_limit"
EDITS_PATH = re.compile(r"/api/sessions/[^/]+/(edits|preview|fragment|metadata|more|attribute|tensor)")
DATA_FILES_PATH = re.compile(r"/api/sessions/[^/]+/data-files")
EDIT_LIMIT = 64 << 20  # bytes; an edit may carry a tensor, and ids hold names of any length
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; font-src 'self'; "
    "frame-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def allow_inline_style(response: Response, style: str) -> Response:
    """Let a page that has no script and exactly this inline style be drawn: its policy names the style's hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response


def arrival_cookie(port: int) -> str:
    """The cookie of somebody who has just come by the printed address."""
    return f"scalpel_arrived_{port}"


@dataclass(frozen=True)
class Policy:
    """Who may ask, by which names, with how much. `port` is the bound one."""

    port: int
    token: str
    hosts: frozenset[str]
    any_address: bool
    upload_limit: int
    body_limit: int

    @classmethod
    def of(cls, config: Config) -> Policy:
        """The policy of a server whose `config.port` is bound. Listening on every address admits this machine's own
        names and any numeric address: a name that an attacker's DNS points here is still refused."""
        wildcard = config.host in ("", "0.0.0.0", "::")
        names = {"127.0.0.1", "localhost", "[::1]", _bracketed(config.host)}
        if wildcard:
            names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
        hosts = {f"{name.lower()}:{config.port}" for name in names if name}
        if config.port == 80:
            hosts |= {name.lower() for name in names if name}
        return cls(config.port, config.token, frozenset(hosts), wildcard, config.upload_limit, config.body_limit)

    @property
    def cookie(self) -> str:
        """The cookie's name; it carries the port, because cookies are shared between the ports of a host."""
        return f"scalpel_token_{self.port}"

    def host_allowed(self, host: str) -> bool:
        """Whether a Host header names this server."""
        host = host.lower()
        return host in self.hosts or (self.any_address and _is_address(host, self.port))

    def origin_allowed(self, origin: str) -> bool:
        """Whether an Origin header is a page of this server."""
        scheme, separator, host = origin.partition("://")
        return separator != "" and scheme == "http" and self.host_allowed(host)

    def matches(self, token: str) -> bool:
        """Whether this is the token, compared in constant time."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode())

    def limit_for(self, method: str, path: str, content_type: str) -> int:
        """How many bytes a request's body may have: model files may be large, everything else is small."""
        takes_files = path == UPLOAD_PATH or DATA_FILES_PATH.fullmatch(path) is not None
        upload = method == "POST" and takes_files and content_type.lower().startswith("multipart/form-data")
        if method == "POST" and EDITS_PATH.fullmatch(path):
            return max(self.body_limit, EDIT_LIMIT)
        return self.upload_limit if upload else self.body_limit


class Gate:
    """Outermost WSGI layer, before pages, routes and sockets alike: refuses, signs in, and adds the headers."""

    def __init__(self, app: WSGIApp, policy: Policy, refusal_page: Callable[[AppError], tuple[str, str]]) -> None:
        """`refusal_page` draws a refusal for a person: (HTML, its inline style)."""
        self._app = app
        self._policy = policy
        self._refusal_page = refusal_page

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            answer = self._admit(environ)
        except AppError as error:
            answer = self._refusal(environ, error)
        if answer is not None:
            return answer(environ, _with_headers(start_response))
        return self._app(environ, _with_headers(start_response))

    def _admit(self, environ: Environ) -> Response | None:
        """None lets the request through; a response answers it here. AppError: refused."""
        policy, path, method = self._policy, environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if not policy.host_allowed(environ.get("HTTP_HOST", "")):
            raise AppError(
                "host-refused", "this server does not go by that name", hint="use the printed address", status=403
            )
        bearer = _bearer(environ)
        by_bearer = bearer is not None and policy.matches(bearer)
        if method not in SAFE_METHODS or path.startswith("/socket.io"):
            self._check_origin(environ, by_bearer)
        if path != "/healthz" and not by_bearer and not self._cookie_matches(environ):
            return self._sign_in(environ)
        if (
            method == "GET"
            and "token=" in environ.get("QUERY_STRING", "")
            and not path.startswith(("/api", "/socket.io"))
        ):
            return self._sign_in(environ)
        self._check_size(environ)
        return None

    def _check_origin(self, environ: Environ, by_bearer: bool) -> None:
        """Only this server's pages and holders of the token in a header may change things: a foreign page has neither.

        A browser leaves Origin out of a same-origin GET but says `Sec-Fetch-Site`, which no page can forge.
        """
        origin = environ.get("HTTP_ORIGIN")
        if origin is None:
            same_origin_get = environ["REQUEST_METHOD"] == "GET" and environ.get("HTTP_SEC_FETCH_SITE") == "same-origin"
            if by_bearer or same_origin_get:
                return
        elif self._policy.origin_allowed(origin):
            return
        hint = "send the token as a Bearer header, or use the server's own page"
        raise AppError("origin-refused", "this request does not come from the server's own page", hint=hint, status=403)

    def _cookie_matches(self, environ: Environ) -> bool:
        try:
            cookies: SimpleCookie = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        except CookieError:
            return False
        morsel = cookies.get(self._policy.cookie)
        return morsel is not None and self._policy.matches(morsel.value)

    def _sign_in(self, environ: Environ) -> Response:
        """Turn `?token=` of a page load into the cookie and go on without it. AppError 401: no token, or a wrong one."""
        query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        given = [value for name, value in query if name == "token"]
        path = environ.get("PATH_INFO", "/")
        page = environ["REQUEST_METHOD"] in ("GET", "HEAD") and not path.startswith(("/api", "/socket.io", "/static"))
        if not (page and given and self._policy.matches(given[0])):
            code = "wrong-token" if given or environ.get("HTTP_AUTHORIZATION") else "token-needed"
            message = "the token is not this server's" if code == "wrong-token" else "this server asks for its token"
            raise AppError(code, message, hint="open the address that the server printed when it started", status=401)
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        # one leading slash only: `//host` would lead to another server
        target = "/" + path.lstrip("/") + (f"?{rest}" if rest else "")
        response = Response(
            "", 303, {"Location": target.encode("latin-1").decode("utf-8", "replace"), "Cache-Control": "no-store"}
        )
        response.autocorrect_location_header = False
        response.set_cookie(self._policy.cookie, self._policy.token, httponly=True, samesite="Strict", path="/")
        if path == "/":
            response.set_cookie(arrival_cookie(self._policy.port), "1", max_age=60, httponly=True, samesite="Strict")
        return response

    def _check_size(self, environ: Environ) -> None:
        """Refuse a body that says it is too large; one that does not say is cut off by the limit set for Flask."""
        path, kind = environ.get("PATH_INFO", ""), environ.get("CONTENT_TYPE", "")
        limit = self._policy.limit_for(environ["REQUEST_METHOD"], path, kind)
        environ[BODY_LIMIT_KEY] = limit
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            raise AppError("bad-request", "Content-Length is no number", status=400)
        if len(length) > _MOST_DIGITS or int(length) > limit:
            raise too_large(limit)

    def _refusal(self, environ: Environ, error: AppError) -> Response:
        """JSON for programs, a page for a person who opened an address without its token."""
        path = environ.get("PATH_INFO", "")
        wants_page = "text/html" in environ.get("HTTP_ACCEPT", "") and not path.startswith(
            ("/api", "/socket.io", "/static")
        )
        if wants_page:
            html, style = self._refusal_page(error)
            response = allow_inline_style(Response(html, error.status, mimetype="text/html"), style)
        else:
            response = Response(json.dumps({"error": error.to_json()}), error.status, mimetype="application/json")
        if error.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
            if environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
                # a link on another site: the strict cookie comes only with a navigation that starts here
                response.headers["Refresh"] = "0"
        response.headers["Cache-Control"] = "no-store"
        return response


def too_large(limit: int) -> AppError:
    """A body beyond `limit` bytes."""
    size = f"{limit / (1 << 30):.3g} GiB" if limit >= 1 << 30 else f"{limit / (1 << 20):.3g} MiB"
    return AppError(
        "too-large", f"the request is larger than {size}", hint="open a large model by its path", status=413
    )


def _with_headers(start_response: StartResponse) -> StartResponse:
    """Add the security headers that a response does not set itself."""

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        present = {name.lower() for name, _ in headers}
        added = [(name, value) for name, value in HEADERS.items() if name.lower() not in present]
        return start_response(status, [*headers, *added], exc_info)

    return start


def _bearer(environ: Environ) -> str | None:
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _is_address(host: str, port: int) -> bool:
    name, _, given = host.rpartition(":")
    if given != str(port):
        return False
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
