"""Routes that start, follow and cancel jobs: checks and runs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from onnx_scalpel.web.errors import json_body, wrong_parameters
from onnx_scalpel.web.openapi import TEXT, describe
from onnx_scalpel.web.parts import Parts

DIM_LIMIT = 1 << 31
EDIT_BODY = {"$ref": "#/components/schemas/Edit"}
JOB_ANSWER = {"job": TEXT, "state": TEXT}
RUN_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "seed": {"type": "integer", "minimum": 0, "description": "of the generated inputs"},
        "dims": {
            "type": "object",
            "additionalProperties": {"type": "integer", "minimum": 0},
            "description": "sizes of the symbolic dimensions",
        },
        "seconds": {
            "type": "integer",
            "minimum": 1,
            "maximum": 3600,
            "description": "processor time it may take; 60 when left out",
        },
    },
}


def jobs_routes(parts: Parts) -> Blueprint:
    """A job is started under its session and followed by its own id."""
    routes = Blueprint("jobs", __name__, url_prefix="/api")
    sessions = parts.sessions

    @routes.post("/sessions/<session_id>/check")
    @describe("Run the validators on the newest revision", status=202, answer={"job": TEXT})
    def check(session_id: str) -> tuple[dict[str, Any], int]:
        job = sessions.find(session_id).client.check()
        sessions.remember_job(job, session_id)
        return {"job": job}, 202

    @routes.post("/sessions/<session_id>/run")
    @describe(
        "Run the model on generated inputs and compare with the opened model",
        body=RUN_SCHEMA,
        body_needed=False,
        status=202,
        answer={"job": TEXT},
    )
    def run(session_id: str) -> tuple[dict[str, Any], int]:
        client = sessions.find(session_id).client
        job = client.run(_run_request(json_body(needed=False)))
        sessions.remember_job(job, session_id)
        return {"job": job}, 202

    @routes.post("/sessions/<session_id>/preview")
    @describe(
        "Work an edit out without applying it: what it would change, and how the outputs would differ",
        body=EDIT_BODY,
        status=202,
        answer={"job": TEXT},
    )
    def preview(session_id: str) -> tuple[dict[str, Any], int]:
        job = sessions.find(session_id).client.preview(json_body())
        sessions.remember_job(job, session_id)
        return {"job": job}, 202

    @routes.get("/jobs/<job>")
    @describe("A job's state, progress and result", answer=JOB_ANSWER)
    def job_state(job: str) -> dict[str, Any]:
        return sessions.of_job(job).client.job(job)

    @routes.delete("/jobs/<job>")
    @describe("Cancel a job", answer=JOB_ANSWER)
    def cancel(job: str) -> dict[str, Any]:
        client = sessions.of_job(job).client
        client.cancel(job)
        return client.job(job)

    return routes


def _run_request(data: dict[str, Any]) -> dict[str, Any]:
    """Seed, sizes and time as the session's process takes them. AppError 422 names every wrong field."""
    wrong = {name: "there is no such parameter" for name in data if name not in ("seed", "dims", "seconds")}
    request: dict[str, Any] = {}
    seed, dims = data.get("seed"), data.get("dims")
    if seed is not None:
        request["seed"] = seed
        if not _is_size(seed):
            wrong["seed"] = "an integer from 0 is needed"
    if data.get("seconds") is not None:
        request["seconds"] = data["seconds"]  # its bounds are the session's
    if dims is not None:
        request["dims"] = dims
        if not isinstance(dims, dict):
            wrong["dims"] = "an object of sizes is needed"
        else:
            wrong |= {
                f"dims.{name}": "an integer from 0 is needed" for name, size in dims.items() if not _is_size(size)
            }
    if wrong:
        raise wrong_parameters(**wrong)
    return request


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < DIM_LIMIT
