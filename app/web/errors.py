"""Every failure of a route becomes {"error": …}: expected ones as they are, the rest with nothing of their inside."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import msgspec
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.security import BODY_LIMIT_KEY, too_large

LOG = logging.getLogger("onnx_scalpel.web")
MESSAGES = {
    400: ("bad-request", "the request cannot be read"),
    404: ("not-found", "there is nothing at this address"),
    405: ("method-not-allowed", "this address does not take that method"),
    415: ("wrong-content-type", "this address takes JSON"),
}


def error_answer(error: AppError) -> Response:
    """An AppError as a JSON response with its status."""
    response = jsonify({"error": error.to_json()})
    response.status_code = error.status
    response.headers["Cache-Control"] = "no-store"
    return response


def internal_error() -> AppError:
    """What a user is told about a programming error; its traceback is in the log."""
    hint = "try again; the details are in the server's log"
    return AppError("internal-error", "something went wrong inside the server", hint=hint, status=500)


def install_error_handlers(app: Flask, answer_with: Callable[[AppError], Response]) -> None:
    """Turn every kind of failure into an AppError and that into an answer, and limit what a body may hold."""

    def expected(error: AppError) -> Response:
        return answer_with(error)

    def http(error: HTTPException) -> Response:
        if isinstance(error, RequestEntityTooLarge):
            return answer_with(too_large(request.environ.get(BODY_LIMIT_KEY, 0)))
        status = error.code or 500
        if status >= 500:
            return answer_with(internal_error())
        if status < 400:  # a redirect of the router
            return Response(status=status, headers={"Location": error.get_response().headers.get("Location", "/")})
        code, message = MESSAGES.get(status, ("bad-request", error.name))
        answer = answer_with(AppError(code, message, hint="see /api/docs", status=status))
        allow = error.get_response().headers.get("Allow")
        if allow:
            answer.headers["Allow"] = allow
        return answer

    def unexpected(error: Exception) -> Response:
        LOG.error("%s %s failed", request.method, request.path, exc_info=error)
        return answer_with(internal_error())

    def limit_body() -> None:
        request.max_content_length = request.environ.get(BODY_LIMIT_KEY)

    app.register_error_handler(AppError, expected)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unexpected)
    app.before_request(limit_body)


def json_body(*, needed: bool = True) -> dict[str, Any]:
    """The request's JSON object; {} when there is none and none is `needed`. AppError 400 or 422 otherwise."""
    if not request.get_data(cache=True) and not needed:
        return {}
    try:
        data = request.get_json(force=True, silent=True)
    except RecursionError:
        data = None
    if data is None:
        raise AppError("bad-json", "the body is no JSON", hint="send a JSON object", status=400)
    if not isinstance(data, dict):
        raise AppError("bad-json", "the body is no JSON object", hint="send a JSON object", status=422)
    return carried(data)


def carried(data: dict[str, Any]) -> dict[str, Any]:
    """The same data, if a session's process can be sent it. AppError 422: halves of characters, numbers beyond 64 bits."""
    try:
        msgspec.msgpack.encode(data)
    except (UnicodeEncodeError, OverflowError, RecursionError) as error:
        hint = "send Unicode text and 64-bit numbers"
        raise AppError("bad-json", "a text or number in it cannot be kept", hint=hint, status=422) from error
    return data


def wrong_parameters(**fields: str) -> AppError:
    """What is wrong with each named field of a body."""
    listed = "; ".join(f"{name}: {what}" for name, what in fields.items())
    return AppError("wrong-parameters", f"wrong parameters: {listed}", fields=fields, status=422)
