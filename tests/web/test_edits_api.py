"""A script can do over HTTP what the browser does: edit, undo, read, run, download, save."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
from typing import Any
from urllib.parse import quote

import onnx
import onnx.parser
import pytest

from tests.web.live import SMALL_MODEL, LiveServer, eventually

RENAME = {"kind": "rename-value", "value": "value:h", "name": "hidden"}


def value_names(server: LiveServer, session: str) -> set[str]:
    return {value["name"] for value in server.snapshot(session)["values"]}


def test_an_edit_is_applied_undone_and_redone_by_its_author(server: LiveServer, session: str) -> None:
    base = f"/api/sessions/{session}"
    ann, bob = {"X-Scalpel-Participant": "ann"}, {"X-Scalpel-Participant": "bob"}
    edited = server.post(f"{base}/edits", RENAME, ann)
    assert edited.status == 200
    assert set(edited.json()) == {"revision", "delta", "created"} and edited.json()["revision"] == 1
    assert "hidden" in value_names(server, session)
    nothing = server.post(f"{base}/undo", headers=bob)
    assert (nothing.status, nothing.error["code"]) == (409, "nothing-to-undo")
    assert server.post(f"{base}/undo", headers=ann).json()["revision"] == 2
    assert "hidden" not in value_names(server, session)
    assert server.post(f"{base}/redo", headers=ann).json()["revision"] == 3
    assert "hidden" in value_names(server, session)
    revisions = server.get(f"{base}/revisions?since=1").json()["revisions"]
    assert [(r["revision"], r["how"], r["author"]) for r in revisions] == [(2, "undo", "ann"), (3, "redo", "ann")]


def test_the_same_edit_sent_twice_is_applied_once(server: LiveServer, session: str) -> None:
    headers = {"X-Scalpel-Edit": "once"}
    first = server.post(f"/api/sessions/{session}/edits", RENAME, headers).json()
    assert server.post(f"/api/sessions/{session}/edits", RENAME, headers).json()["revision"] == first["revision"]


@pytest.mark.parametrize(
    ("edit", "status"),
    [
        ({"kind": "rename-value"}, 422),
        ({"kind": "no-such-edit"}, 422),
        ({"kind": 7}, 422),
        ({}, 422),
        ({"kind": "rename-value", "value": "value:nothing", "name": "x"}, 404),
        ({"kind": "rename-value", "value": "value:h", "name": "x"}, 400),
    ],
)
def test_a_wrong_edit_is_refused_and_changes_nothing(
    server: LiveServer, session: str, edit: dict[str, object], status: int
) -> None:
    answer = server.post(f"/api/sessions/{session}/edits", edit)
    assert answer.status == status, answer.body
    assert answer.error["message"]
    assert server.snapshot(session)["revision"] == 0


def test_a_snapshot_is_columns_or_json(server: LiveServer, session: str) -> None:
    columns = server.get(f"/api/sessions/{session}/snapshot")
    assert columns.headers["Content-Type"] == "application/octet-stream"
    assert columns.headers["Cache-Control"] == "no-store"
    magic, form, length = struct.unpack_from("<4sII", columns.body)
    assert (magic, form) == (b"SCLP", 3)
    assert json.loads(columns.body[12 : 12 + length])["revision"] == 0
    data = server.snapshot(session)
    assert set(data) >= {"revision", "model", "graphs", "nodes", "values"}
    assert [node["op_type"] for node in data["nodes"]] == ["MatMul", "Relu"]
    assert server.get(f"/api/sessions/{session}/snapshot?format=xml").status == 422


def test_types_operators_attributes_and_the_recipe_can_be_read(server: LiveServer, session: str) -> None:
    base = f"/api/sessions/{session}"
    edit = {"kind": "set-attribute", "node": "node:y", "attribute": "note", "value": "kept", "type": "STRING"}
    assert server.post(f"{base}/edits", edit).status == 200
    assert isinstance(server.get(f"{base}/types").json(), dict)
    operators = server.get(f"{base}/operators").json()
    assert any(operator["op_type"] == "Conv" for operator in operators)
    missing = server.get(f"{base}/nodes/node%3Ay/attributes/nothing")
    assert missing.status == 404
    assert server.get(f"{base}/nodes/node%3Ay/attributes/note").json()["value"] == "kept"
    recipe = server.get(f"{base}/recipe").json()
    assert (recipe["format"], [step["kind"] for step in recipe["edits"]]) == (1, ["set-attribute"])
    assert server.get(f"{base}/revisions?since=x").status == 422
    assert server.get(f"{base}/revisions").status == 422


def test_an_untouched_model_downloads_byte_for_byte(server: LiveServer, session: str) -> None:
    answer = server.get(f"/api/sessions/{session}/model")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=small.onnx"
    assert answer.body == (server.root / "small.onnx").read_bytes()
    scratch = server.data_dir / f"scratch-{server.process.pid}"
    eventually(lambda: list(scratch.iterdir()) == [])


def test_an_edited_model_downloads_with_its_edit(server: LiveServer, session: str) -> None:
    server.post(f"/api/sessions/{session}/edits", RENAME)
    model = onnx.load_from_string(server.get(f"/api/sessions/{session}/model").body)
    assert model.graph.node[0].output == ["hidden"]


def test_a_model_with_external_data_downloads_as_a_zip(server: LiveServer) -> None:
    session = server.open({"path": "external.onnx"})
    answer = server.get(f"/api/sessions/{session}/model")
    assert answer.headers["Content-Type"] == "application/zip"
    assert "external.zip" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        for name in ("external.onnx", "w.bin"):
            assert archive.read(name) == (server.root / name).read_bytes()
    server.ask("DELETE", f"/api/sessions/{session}")


def test_saving_stays_inside_the_roots_and_overwrites_nothing_unasked(server: LiveServer, session: str) -> None:
    save = f"/api/sessions/{session}/save"
    assert server.post(save, {"path": "../out.onnx"}).status == 403
    assert server.post(save, {"path": "nowhere/out.onnx"}).status == 400
    assert server.post(save, {"path": "copy.onnx", "overwrite": "yes"}).status == 422
    saved = server.post(save, {"path": "copy.onnx"})
    assert saved.status == 200, saved.body
    assert saved.json()["path"] == "copy.onnx"
    assert str(server.root) not in saved.body.decode()
    assert (server.root / "copy.onnx").read_bytes() == (server.root / "small.onnx").read_bytes()
    refused = server.post(save, {"path": "copy.onnx"})
    assert (refused.status, refused.error["code"]) == (409, "file-exists")
    assert server.post(save).status == 409
    assert server.post(save, {"path": "copy.onnx", "overwrite": True}).status == 200
    (server.root / "copy.onnx").unlink()


def test_an_upload_cannot_be_saved_without_a_path(server: LiveServer) -> None:
    session = server.upload(("up.onnx", (server.root / "small.onnx").read_bytes())).json()["session"]
    assert server.post(f"/api/sessions/{session}/save", {}).status == 422
    server.ask("DELETE", f"/api/sessions/{session}")


def test_a_check_is_a_job_with_an_end(server: LiveServer, session: str) -> None:
    started = server.post(f"/api/sessions/{session}/check")
    assert started.status == 202
    job = server.finished_job(started.json()["job"])
    assert (job["kind"], job["state"], job["session"]) == ("check", "done", session)


def test_a_run_asks_for_symbolic_sizes_and_then_compares(server: LiveServer, session: str) -> None:
    run = f"/api/sessions/{session}/run"
    asked = server.post(run)
    assert (asked.status, asked.error["code"]) == (409, "choice-needed")
    assert server.post(run, {"dims": {"N": "two"}}).status == 422
    assert server.post(run, {"seed": -1, "dims": [], "more": 1}).error["fields"].keys() == {"seed", "dims", "more"}
    started = server.post(run, {"seed": 1, "dims": {"N": 2}})
    assert started.status == 202, started.body
    job = server.finished_job(started.json()["job"])
    assert job["state"] == "done", job
    (output,) = job["result"]["outputs"]
    assert (output["name"], output["shape"], output["equal"]) == ("y", [2, 3], True)
    assert server.ask("DELETE", f"/api/jobs/{started.json()['job']}").status == 200


def test_files_below_the_roots_are_listed(server: LiveServer) -> None:
    listing = server.get("/api/files?path=").json()
    names = [entry["name"] for entry in listing["entries"]]
    assert "more" in names and "small.onnx" in names and "w.bin" not in names
    assert server.get("/api/files?path=more").json()["entries"][0]["path"] == "more/other.onnx"
    assert server.get("/api/files?path=..").status == 403


def test_the_catalogue_and_the_api_describe_themselves(server: LiveServer) -> None:
    edits = server.get("/api/edits").json()
    assert {"kind", "title", "acts_on", "schema", "description"} <= set(edits[0])
    document = server.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert {f"/api/sessions/{{session_id}}/{name}" for name in ("edits", "undo", "model", "run")} <= set(
        document["paths"]
    )
    assert len(document["components"]["schemas"]["Edit"]["oneOf"]) == len(edits)
    page = server.get("/api/docs")
    assert page.status == 200 and b"rename-value" in page.body
    assert b"<script" not in page.body


def test_answers_are_what_the_api_document_says(server: LiveServer) -> None:
    paths = server.get("/api/openapi.json").json()["paths"]
    session = server.open({"path": "small.onnx"})
    value = server.snapshot(session)["values"][0]
    place = {
        "session_id": session,
        "value": "value:w",
        "job": server.post(f"/api/sessions/{session}/check").json()["job"],
    }
    asked: list[tuple[str, str, Any]] = [
        ("get", "/healthz", None),
        ("get", "/api/sessions", None),
        ("get", "/api/sessions/{session_id}", None),
        ("get", "/api/sessions/{session_id}/snapshot", None),
        ("post", "/api/sessions/{session_id}/edits", {"kind": "rename-value", "value": value["id"], "name": "told"}),
        ("post", "/api/sessions/{session_id}/fragment", {"nodes": ["node:y"]}),
        ("post", "/api/sessions/{session_id}/undo", None),
        ("post", "/api/sessions/{session_id}/redo", None),
        ("get", "/api/sessions/{session_id}/recipe", None),
        ("get", "/api/sessions/{session_id}/model", None),
        ("get", "/api/sessions/{session_id}/types", None),
        ("get", "/api/sessions/{session_id}/operators", None),
        ("post", "/api/sessions/{session_id}/run", {"dims": {"N": 2}}),
        (
            "post",
            "/api/sessions/{session_id}/preview",
            {"kind": "rename-value", "value": value["id"], "name": "shown"},
        ),
        ("get", "/api/sessions/{session_id}/report", None),
        ("get", "/api/sessions/{session_id}/values/{value}/tensor", None),
        ("get", "/api/jobs/{job}", None),
        ("delete", "/api/jobs/{job}", None),
        ("get", "/api/files", None),
        ("get", "/api/recent", None),
        ("get", "/api/samples", None),
        ("get", "/api/edits", None),
        ("get", "/api/docs", None),
        ("delete", "/api/sessions/{session_id}", None),
    ]
    for method, path, body in asked:
        answer = server.ask(method.upper(), path.format(**place), body)
        told = paths[path][method]["responses"].get(str(answer.status))
        assert told is not None, (method, path, answer.status, answer.body[:200])
        media = answer.headers.get_content_type()
        assert media in told["content"], (method, path, media)
        if media == "application/json":
            for name in told["content"][media]["schema"].get("required", ()):
                assert name in answer.json(), (method, path, name)


def test_the_routes_are_those_that_scripts_rely_on(server: LiveServer) -> None:
    session = "/api/sessions/{session_id}"
    assert {
        f"{method.upper()} {path}"
        for path, methods in server.get("/api/openapi.json").json()["paths"].items()
        for method in methods
    } == {
        "POST /api/sessions",
        "GET /api/sessions",
        f"GET {session}",
        f"DELETE {session}",
        f"GET {session}/snapshot",
        f"POST {session}/edits",
        f"POST {session}/fragment",
        f"POST {session}/undo",
        f"POST {session}/redo",
        f"GET {session}/revisions",
        f"GET {session}/types",
        f"GET {session}/operators",
        f"GET {session}/nodes/{{node}}/attributes/{{name}}",
        f"GET {session}/nodes/{{node}}/attributes/{{name}}/tensor",
        f"GET {session}/values/{{value}}/tensor",
        f"POST {session}/attribute",
        f"POST {session}/tensor",
        f"GET {session}/report",
        f"GET {session}/metadata",
        f"POST {session}/metadata",
        f"GET {session}/more",
        f"POST {session}/more",
        f"GET {session}/recipe",
        f"POST {session}/recipe",
        f"GET {session}/original",
        f"POST {session}/reload",
        "POST /api/sessions/still",
        "GET /api/openings/{opening}",
        "DELETE /api/openings/{opening}",
        "GET /api/views/{view}",
        "DELETE /api/views/{view}",
        f"GET {session}/model",
        f"POST {session}/model",
        "GET /api/downloads/{token}",
        f"POST {session}/save",
        f"POST {session}/check",
        f"POST {session}/data-files",
        f"POST {session}/run",
        f"POST {session}/preview",
        "GET /api/jobs/{job}",
        "DELETE /api/jobs/{job}",
        "GET /api/files",
        "GET /api/recent",
        "GET /api/samples",
        "GET /api/edits",
        "GET /api/openapi.json",
        "GET /api/docs",
        "GET /healthz",
    }


def test_an_id_with_slashes_is_one_id(server: LiveServer) -> None:
    model = onnx.parser.parse_model(SMALL_MODEL)
    model.graph.node[0].output[0] = model.graph.node[1].input[0] = "a//b/c?"
    session = server.upload(("slashes.onnx", model.SerializeToString())).json()["session"]
    node = server.snapshot(session)["nodes"][0]["id"]
    base = f"/api/sessions/{session}"
    edit = {"kind": "set-attribute", "node": node, "attribute": "note", "value": "kept", "type": "STRING"}
    assert server.post(f"{base}/edits", edit).status == 200
    answer = server.get(f"{base}/nodes/{quote(node, safe='')}/attributes/note")
    assert answer.json()["value"] == "kept"
    server.ask("DELETE", base)


def test_a_download_keeps_its_name_whatever_it_is(server: LiveServer) -> None:
    content = (server.root / "small.onnx").read_bytes()
    session = server.upload(("модель (ü).onnx", content)).json()["session"]
    answer = server.get(f"/api/sessions/{session}/model")
    assert (
        "filename*=UTF-8''%D0%BC%D0%BE%D0%B4%D0%B5%D0%BB%D1%8C%20%28%C3%BC%29.onnx"
        in answer.headers["Content-Disposition"]
    )
    assert answer.body == content
    assert server.ask("HEAD", f"/api/sessions/{session}/model").headers["Content-Length"] == str(len(content))
    scratch = server.data_dir / f"scratch-{server.process.pid}"
    eventually(lambda: list(scratch.iterdir()) == [])
    server.ask("DELETE", f"/api/sessions/{session}")


def test_every_reference_in_the_api_document_leads_somewhere(server: LiveServer) -> None:
    document = server.get("/api/openapi.json").json()

    def references(part: object) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [r for value in part.values() for r in references(value)]
        return [r for item in part for r in references(item)] if isinstance(part, list) else []

    for reference in references(document):
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_an_edit_may_carry_a_tensor_of_some_megabytes(server: LiveServer, session: str) -> None:
    tensor = {"dtype": "float32", "shape": [1 << 20], "base64": base64.b64encode(bytes(4 << 20)).decode()}
    edit = {"kind": "set-tensor", "value": "value:w", "tensor": tensor, "mismatch": "replace"}
    assert server.post(f"/api/sessions/{session}/edits", edit).status == 200


def test_metadata_is_told_of_whatever_carries_it(server: LiveServer, session: str) -> None:
    at = f"/api/sessions/{session}/metadata"
    assert server.get(f"{at}?subject=value:h").json() == {"metadata": []}
    server.post(
        f"/api/sessions/{session}/edits", {"kind": "set-metadata", "subject": "value:h", "key": "who", "value": "<b>"}
    )
    assert server.get(f"{at}?subject=value:h").json() == {"metadata": [{"key": "who", "value": "<b>"}]}
    assert server.get(f"{at}?subject=value:nowhere").error["code"] == "no-such-subject"
