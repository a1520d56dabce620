"""Routes that tell what a model is made of: the report, and values and statistics of tensors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from onnx_scalpel.web.errors import wrong_parameters
from onnx_scalpel.web.in_body import body_of, in_body
from onnx_scalpel.web.openapi import NUMBER, RECORDS, TEXT, describe
from onnx_scalpel.web.parts import Parts

DIGITS = 18  # of a number
FACTS: dict[str, Any] = {"type": "object"}
REPORT_ANSWER = {
    "revision": NUMBER,
    **dict.fromkeys(
        (
            "identity",
            "provenance",
            "interface",
            "operators",
            "weights",
            "cost",
            "domains",
            "functions",
            "external",
            "safety",
        ),
        FACTS,
    ),
}
TENSOR_ANSWER: dict[str, dict[str, Any]] = {
    "dtype": TEXT,
    "shape": {"type": "array", "items": NUMBER},
    "elements": {"type": ["integer", "string"]},
    "bytes": NUMBER,
    "sparse": {"type": "boolean"},
    "location": {"type": ["string", "null"], "description": "the data file; null: in the model's own file"},
    "start": NUMBER,
    "rows": NUMBER,
    "values": {"type": "array", "description": "numbers; as text what JSON has no number for: NaN, 2^53 and beyond"},
}
NUMBERS = {
    "start": "the first element, in row-major order",
    "count": "how many elements; with `rows`, of each row",
    "rows": "how many rows of `count` elements; at most 10000 values in all",
    "stride": "elements from the begin of one row to the next; `count` when left out",
}
TENSOR_PARAMETERS = [
    *(
        {"name": name, "in": "query", "schema": {"type": "integer", "minimum": 0}, "description": said}
        for name, said in NUMBERS.items()
    ),
    {
        "name": "statistics",
        "in": "query",
        "schema": {"type": "string", "enum": ["yes", "no"]},
        "description": "minimum, maximum, mean, std, zeros, nans, infinities, histogram and its edges, of all elements;"
        " `no` reads only the values that are asked for",
    },
    {
        "name": "wait",
        "in": "query",
        "schema": {"type": "string", "enum": ["yes", "no"]},
        "description": "`no`: answers 202 with a job, whose result the answer will be",
    },
]
MORE_ROWS = 40
MORE_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "subject",
        "in": "query",
        "required": True,
        "schema": TEXT,
        "description": "an id; `model:` for the model",
    },
    {"name": "start", "in": "query", "schema": {"type": "integer", "minimum": 0}, "description": "the first row"},
    {
        "name": "count",
        "in": "query",
        "schema": {"type": "integer", "minimum": 0},
        "description": f"how many rows, {MORE_ROWS} when left out, at most 2000; `next` says where the rest begins",
    },
    {
        "name": "whole",
        "in": "query",
        "schema": {"type": "string", "enum": ["yes", "no"]},
        "description": "`yes`: long texts are not cut",
    },
]
FORMULAS = {
    "formula": "what it would be with this formula, as set-tensor takes it: `zeros`, `normal(0, 0.02)`, `x * 2`",
    "dtype": "of the formula's tensor; as it is when left out",
    "shape": "of the formula's tensor, as in `2,3`; as it is when left out",
}
FORMULA_PARAMETERS = [
    {"name": name, "in": "query", "schema": {"type": "string"}, "description": said} for name, said in FORMULAS.items()
]


def inspect_routes(parts: Parts) -> Blueprint:
    """What inspectors find."""
    routes = Blueprint("inspect", __name__, url_prefix="/api/sessions/<session_id>")
    sessions = parts.sessions

    @routes.get("/report")
    @describe("What the model is made of: operators, weights, cost, origin, safety notes …", answer=REPORT_ANSWER)
    def report(session_id: str) -> Response:
        return _fresh(jsonify(sessions.find(session_id).client.report()))

    @routes.get("/values/<path:value>/tensor")
    @describe(
        "Values and statistics of an initializer or a constant, or of what a formula would make of it",
        parameters=[*TENSOR_PARAMETERS, *FORMULA_PARAMETERS],
        answer=TENSOR_ANSWER,
    )
    def tensor(session_id: str, value: str) -> tuple[Response, int]:
        return answer(session_id, {"value": value}, request.args)

    @routes.get("/nodes/<path:node>/attributes/<name>/tensor")
    @describe(
        "Values and statistics of a tensor in an attribute; `name[2]` for one of a list",
        parameters=TENSOR_PARAMETERS,
        answer=TENSOR_ANSWER,
    )
    def attribute_tensor(session_id: str, node: str, name: str) -> tuple[Response, int]:
        return answer(session_id, {"node": node, "attribute": name}, request.args)

    @routes.post("/tensor")
    @describe(
        "The same of a `value`, or of an `attribute` of a `node`: ids of any length go into the body",
        body=body_of(("value", "node", "attribute"), [*TENSOR_PARAMETERS, *FORMULA_PARAMETERS]),
        answer=TENSOR_ANSWER,
    )
    def tensor_of(session_id: str) -> tuple[Response, int]:
        given = in_body()
        names = ("value",) if "value" in given else ("node", "attribute")
        return answer(session_id, {name: given.get(name, "") for name in names}, given)

    def answer(session_id: str, subject: dict[str, str], given: Mapping[str, str]) -> tuple[Response, int]:
        piece, statistics, wait = _asked(given)
        formula = _formula(given) if "value" in subject else None
        client = sessions.find(session_id).client
        found = client.tensor(subject, piece, statistics=statistics, wait=wait, formula=formula)
        if isinstance(found, str):
            sessions.remember_job(found, session_id)
            return _fresh(jsonify({"job": found})), 202
        return _fresh(jsonify(found)), 200

    @routes.get("/more")
    @describe(
        "What the file says of the model, a graph, a node or a value that no other answer tells: training info, denotations,"
        " sharding, annotations, unknown fields …, as rows of text",
        parameters=MORE_PARAMETERS,
        answer={"revision": NUMBER, "rows": RECORDS, "next": {"type": ["integer", "null"]}},
    )
    def more(session_id: str) -> Response:
        return rows(session_id, request.args)

    @routes.post("/more")
    @describe(
        "The same of a subject of any length",
        body=body_of(("subject",), MORE_PARAMETERS[1:]),
        answer={"revision": NUMBER, "rows": RECORDS, "next": {"type": ["integer", "null"]}},
    )
    def more_of(session_id: str) -> Response:
        return rows(session_id, in_body())

    def rows(session_id: str, given: Mapping[str, str]) -> Response:
        wrong: dict[str, str] = {}
        numbers, switches = _numbers(given, ("start", "count"), wrong), _switches(given, wrong, whole="no")
        if wrong:
            raise wrong_parameters(**wrong)
        found = sessions.find(session_id).client.more(
            given.get("subject", ""), numbers.get("start", 0), numbers.get("count", MORE_ROWS), switches["whole"]
        )
        return _fresh(jsonify(found))

    return routes


def _asked(given: Mapping[str, str]) -> tuple[dict[str, int], bool, bool]:
    """Which values, whether statistics, and whether to wait. AppError 422 names every wrong field."""
    wrong: dict[str, str] = {}
    piece = _numbers(given, NUMBERS, wrong)
    switches = _switches(given, wrong, statistics="yes", wait="yes")
    if wrong:
        raise wrong_parameters(**wrong)
    return piece, switches["statistics"], switches["wait"]


def _numbers(given: Mapping[str, str], names: Iterable[str], wrong: dict[str, str]) -> dict[str, int]:
    """The whole numbers of these names that are given; what is none goes into `wrong`."""
    found: dict[str, int] = {}
    for name in names:
        text = given.get(name)
        if text is None:
            continue
        if text.isascii() and text.isdecimal() and len(text) <= DIGITS:
            found[name] = int(text)
        else:
            wrong[name] = "a whole number from 0 is needed"
    return found


def _switches(given: Mapping[str, str], wrong: dict[str, str], **usual: str) -> dict[str, bool]:
    """Whether each is on, or what it usually is; what is neither `yes` nor `no` goes into `wrong`."""
    words = {name: given.get(name, otherwise) for name, otherwise in usual.items()}
    wrong |= {name: "`yes` or `no`" for name, word in words.items() if word not in ("yes", "no")}
    return {name: word == "yes" for name, word in words.items()}


def _formula(given: Mapping[str, str]) -> dict[str, Any] | None:
    """The tensor that the request spells, as edits take it; None without a formula. AppError 422."""
    formula, shape = given.get("formula"), given.get("shape")
    if formula is None:
        return None
    parts = {"formula": formula, "dtype": given.get("dtype")}
    literal: dict[str, Any] = {name: text for name, text in parts.items() if text}
    if shape is not None:
        dims = shape.split(",") if shape else []
        if not all(dim.isascii() and dim.isdecimal() and len(dim) <= DIGITS for dim in dims):
            raise wrong_parameters(shape="whole numbers with commas between them are needed")
        literal["shape"] = [int(dim) for dim in dims]
    return literal


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
