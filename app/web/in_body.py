"""What a request asks for in its body: ids hold names, and a name may be longer than any address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from onnx_scalpel.web.errors import json_body, wrong_parameters
from onnx_scalpel.web.openapi import TEXT


def in_body() -> dict[str, str]:
    """What a body asks for, as an address would spell it. AppError 422 names every field that is no text or number."""
    given = json_body()
    wrong = {name: "a text or a whole number is needed" for name, one in given.items() if type(one) not in (str, int)}
    if wrong:
        raise wrong_parameters(**wrong)
    return {name: str(one) for name, one in given.items()}


def body_of(ids: Iterable[str], parameters: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    """The schema of a body with these ids and with what an address would have as `parameters`."""
    further = {one["name"]: one["schema"] | {"description": one["description"]} for one in parameters}
    return {"type": "object", "properties": dict.fromkeys(ids, TEXT) | further}
