"""A model whose names are no UTF-8 is looked at and edited like any other: its bytes never end a session."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from tests.system.script import Script, opened

pytestmark = pytest.mark.xdist_group("odd names")
ODD = b"M\xff\xfeul"
EDITS = [
    {"kind": "set-attribute", "node": "node:h", "attribute": "body", "value": "x"},
    {"kind": "remove-unused"},
    {"kind": "remove-branch", "node": "node:h", "direction": "down"},
    {"kind": "replace-node", "node": "node:h", "op_type": "Relu"},
    {"kind": "connect", "node": "node:h", "slot": 4, "value": "value:x"},
    {"kind": "disconnect", "node": "node:h", "slot": 0},
    {"kind": "add-output", "value": "value:h"},
    {"kind": "remove-nodes", "nodes": ["node:h"], "reconnect": True},
    {"kind": "set-opset-import", "domain": "", "version": 21},
    {"kind": "simplify"},
    {"kind": "infer-shapes"},
    {"kind": "resize-inputs", "shapes": {"value:x": [2]}},
]


@pytest.fixture
def model_path(folder: Path) -> Path:
    text = '<ir_version: 8, opset_import: ["" : 17]> g (float[3] x) => (float[3] y) { h = Mabul (x)  u = Mabul (x)  y = Relu (h) }'
    path = folder / "odd.onnx"
    path.write_bytes(onnx.parser.parse_model(text).SerializeToString().replace(b"Mabul", ODD))
    return path


def test_every_edit_of_such_a_node_is_done_or_refused(script: Script, model_path: Path) -> None:
    with opened(script, model_path) as model:
        before, pids = model.download(), script.session_pids()
        for edit in EDITS:
            answer = script.ask("POST", f"{model.route}/edits", edit)
            assert answer.status == 200 or answer.error["message"].isprintable()
        model.undo_all()
        assert model.download() == before
        assert script.session_pids() == pids


def test_such_a_node_is_previewed_and_reported(script: Script, model_path: Path) -> None:
    with opened(script, model_path) as model:
        job = script.post(f"{model.route}/preview", {"kind": "remove-unused"}, status=202)["job"]
        ended = model.ended(job)
        assert [row["op_type"] for row in ended["result"]["operators"]] == ["M\ufffd\ufffdul"]
        for tail in ("", "/report", "/types", "/operators", "/recipe", "/revisions?since=0", "/snapshot?format=json"):
            script.get(model.route + tail)
