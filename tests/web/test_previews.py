"""Edits that take long and previews, over HTTP and over the socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnx
import pytest

from tests.shared_models import shared_model
from tests.web.live import LiveServer, LiveSocket, write_model

WORDY = """
<ir_version: 10, opset_import: ["" : 20]>
wordy (float[N, 4] x) => (float[N, 4] y)
<float[4] one = {1, 1, 1, 1}, float[4] two = {2, 2, 2, 2}>
{
  a = Identity(x)
  three = Add(one, two)
  y = Mul(a, three)
}
"""
SIMPLIFY = {"kind": "simplify"}
FEW = ("exported/resnet50_legacy_op13", "exported/gpt2_depth12_kvcache_legacy_op17", "real/silero-vad__silero_vad")
EXPORTED = """
    bert_base_depth12_dynamo_op20 bert_base_depth12_legacy_op14 bert_depth12_int8_dynamic clip_text_legacy_op16
    gpt2_depth12_nocache_legacy_op14 huge_2k_llama llama_style_32layer_dynamo lstm_tagger_legacy_op14 resnet50_int8_qdq
    segformer_like_dynamo_op23 skl_iris_svc_voting skl_titanic_pipeline_rf tf2onnx_like_nhwc_a unet_uint8_qoperator
    unoptimized_dynamo_functions vit_depth12_dynamo_op18 whisper_encoder_legacy_op17 yolo_like_legacy_op12
    skl_diabetes_gbr_poly
"""
REAL = """
    burn-onnx__loop_scan_outputs burn-onnx__lstm_bidirectional connxr__model_quantized dtln__model_1 dtln__model_2
    magika__fast_v2_1 onnx2c__pytorch onnx__light_inception_v1 onnx__light_squeezenet tensorrt__residual_block
    tensorrt__renamable tribuo__cnn_mnist ultra-light-fast-gener__version-RFB-320 windows-machine-learni__mnist
    vnncomp2021__ACASXU_run2a_1_1_batch_2000 godot_rl_agents_exampl__ScoreTheGoal
"""
MANY = [f"exported/{name}" for name in EXPORTED.split()] + [f"real/{name}" for name in REAL.split()]


@pytest.fixture
def wordy(server: LiveServer) -> Any:
    """A session on a model with something to simplify."""
    write_model(server.root / "wordy.onnx", WORDY)
    opened = server.open({"path": "wordy.onnx"})
    yield opened
    server.ask("DELETE", f"/api/sessions/{opened}")


def previewed(server: LiveServer, session: str, edit: dict[str, Any]) -> dict[str, Any]:
    """The ended job of a preview."""
    answer = server.post(f"/api/sessions/{session}/preview", edit)
    assert answer.status == 202, answer.body
    return server.finished_job(answer.json()["job"])


def download(server: LiveServer, session: str) -> bytes:
    answer = server.get(f"/api/sessions/{session}/model")
    assert answer.status == 200, answer.body
    return answer.body


def test_an_edit_that_takes_long_is_answered_over_http_when_it_is_done(server: LiveServer, wordy: str) -> None:
    answer = server.post(f"/api/sessions/{wordy}/edits", SIMPLIFY)
    assert answer.status == 200, answer.body
    assert answer.json()["revision"] == 1
    assert answer.json()["report"]["outputs"] == [{"name": "y", "difference": 0.0, "equal": True, "note": ""}]


def test_a_preview_is_a_job_whose_edit_can_be_accepted(server: LiveServer, wordy: str) -> None:
    job = previewed(server, wordy, SIMPLIFY)
    assert (job["kind"], job["state"]) == ("preview", "done")
    assert job["result"]["totals"]["nodes"] == {"before": 3, "after": 1}
    answer = server.post(f"/api/sessions/{wordy}/edits", {**SIMPLIFY, "preview": job["job"]})
    assert (answer.status, answer.json()["revision"]) == (200, 1)


def test_a_wrong_edit_is_refused_before_any_job(server: LiveServer, wordy: str) -> None:
    answer = server.post(f"/api/sessions/{wordy}/preview", {"kind": "simplify", "engine": "magic"})
    assert answer.status == 422
    assert "engine" in answer.json()["error"]["fields"]


def test_a_cancelled_edit_answers_409(server: LiveServer, wordy: str) -> None:
    with LiveSocket(server) as socket:
        socket.join(wordy, "p1", "Ada")
        waiting = socket.send("edit", {"session": wordy, "edit": SIMPLIFY, "client": "c1"})
        job = socket.event("job", kind="edit", state="running")["job"]
        assert server.ask("DELETE", f"/api/jobs/{job}").json()["state"] == "cancelled"
        assert waiting.get(timeout=30)["error"]["code"] == "job-cancelled"


def test_a_connection_goes_on_while_its_edit_is_worked_out(server: LiveServer, wordy: str) -> None:
    with LiveSocket(server) as socket:
        socket.join(wordy, "p1", "Ada")
        long = socket.send("edit", {"session": wordy, "edit": SIMPLIFY, "client": "c1"})
        socket.event("job", kind="edit", state="running")
        rename = {"kind": "rename-node", "node": "node:y", "name": "product"}
        assert socket.call("edit", {"session": wordy, "edit": rename, "client": "c2"})["revision"] == 1
        assert long.empty()
        assert long.get(timeout=30)["revision"] == 2


def test_an_accepted_preview_comes_over_the_socket_too(server: LiveServer, wordy: str) -> None:
    with LiveSocket(server) as socket:
        socket.join(wordy, "p1", "Ada")
        job = socket.call("preview", {"session": wordy, "edit": SIMPLIFY})["job"]
        assert server.finished_job(job)["state"] == "done"
        answer = socket.call("edit", {"session": wordy, "edit": {**SIMPLIFY, "preview": job}, "client": "c1"})
        assert answer["revision"] == 1
        assert socket.event("revision")["report"]["engine"] == "onnxsim"


@pytest.mark.parametrize(
    "name", [*FEW, *(pytest.param(name, marks=pytest.mark.long) for name in MANY)], ids=lambda name: name.split("/")[1]
)
def test_real_models_are_simplified_with_equal_outputs_and_given_back_byte_for_byte(
    server: LiveServer, name: str, tmp_path: Path
) -> None:
    source = shared_model(f"{name}.onnx")
    path = server.root / source.name
    path.write_bytes(source.read_bytes())
    session = server.open({"path": path.name})
    job = previewed(server, session, SIMPLIFY)
    assert job["state"] == "done", job["error"]
    assert job["result"]["outputs"] and all(output["equal"] for output in job["result"]["outputs"]), job["result"]
    answer = server.post(f"/api/sessions/{session}/edits", {**SIMPLIFY, "preview": job["job"]})
    assert answer.status == 200, answer.body
    simplified = download(server, session)
    (tmp_path / path.name).write_bytes(simplified)
    onnx.checker.check_model(str(tmp_path / path.name))
    assert server.post(f"/api/sessions/{session}/undo").status == 200
    assert download(server, session) == source.read_bytes()
    assert server.post(f"/api/sessions/{session}/redo").status == 200
    assert download(server, session) == simplified
    recipe = json.loads(server.get(f"/api/sessions/{session}/recipe").body)
    assert [edit["kind"] for edit in recipe["edits"]] == ["simplify"]
    server.ask("DELETE", f"/api/sessions/{session}")
    path.unlink()
