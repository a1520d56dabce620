"""Nodes are copied from one open model into another one: large tensors go from session to session, never through the browser."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from tests.web.live import LiveServer, write_model

WEIGHTS = np.arange(50_000, dtype=np.float32)


def opened_heavy(server: LiveServer) -> str:
    """A session on a model with one large initializer."""
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Mul", ["x", "big"], ["scaled"], name="scale")],
        "g",
        [onnx.helper.make_tensor_value_info("x", 1, [50_000])],
        [onnx.helper.make_tensor_value_info("scaled", 1, [50_000])],
        [onnx.numpy_helper.from_array(WEIGHTS, "big")],
    )
    proto = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)], ir_version=10)
    (server.root / "heavy.onnx").write_bytes(proto.SerializeToString())
    return server.open({"path": "heavy.onnx"})


@pytest.fixture
def heavy(server: LiveServer) -> Iterator[str]:
    """The same, closed afterwards."""
    opened = opened_heavy(server)
    yield opened
    server.ask("DELETE", f"/api/sessions/{opened}")


def copied(server: LiveServer, session: str, *nodes: str) -> dict[str, Any]:
    answer = server.post(f"/api/sessions/{session}/fragment", {"nodes": list(nodes)})
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


def paste(server: LiveServer, session: str, fragment: dict[str, Any], **more: Any) -> Any:
    return server.post(f"/api/sessions/{session}/edits", {"kind": "paste-nodes", "fragment": fragment, **more})


def model_of(server: LiveServer, session: str) -> onnx.ModelProto:
    return onnx.ModelProto.FromString(server.get(f"/api/sessions/{session}/model").body)


def test_a_large_tensor_comes_along_into_another_model(server: LiveServer, session: str, heavy: str) -> None:
    fragment = copied(server, heavy, "node:scaled")
    assert len(json.dumps(fragment)) < 2000, "its data does not travel"
    answer = paste(server, session, fragment)
    assert answer.status == 200, answer.body
    model = model_of(server, session)
    found = next(i for i in model.graph.initializer if i.name == "big")
    assert (onnx.numpy_helper.to_array(found) == WEIGHTS).all()
    assert [n.op_type for n in model.graph.node][-1] == "Mul"


def test_the_recipe_of_a_paste_gives_the_same_bytes(
    server: LiveServer, session: str, heavy: str, tmp_path: Path
) -> None:
    assert paste(server, session, copied(server, heavy, "node:scaled"), suffix="_in").status == 200
    saved = server.get(f"/api/sessions/{session}/model").body
    recipe = tmp_path / "recipe.json"
    recipe.write_bytes(server.get(f"/api/sessions/{session}/recipe").body)
    target = write_model(tmp_path / "small.onnx")
    out = tmp_path / "out.onnx"
    command = [sys.executable, "-m", "onnx_scalpel", "apply", str(recipe), str(target), "-o", str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert out.read_bytes() == saved


def test_nodes_are_pasted_where_they_come_from_by_reference(server: LiveServer, heavy: str) -> None:
    assert paste(server, heavy, copied(server, heavy, "node:scaled")).status == 200
    model = model_of(server, heavy)
    assert [i.name for i in model.graph.initializer] == ["big"]
    assert [list(n.input) for n in model.graph.node] == [["x", "big"], ["x", "big"]]


def test_tensors_of_a_model_that_was_closed_are_named_and_asked_about(server: LiveServer, session: str) -> None:
    opened = opened_heavy(server)
    fragment = copied(server, opened, "node:scaled")
    server.ask("DELETE", f"/api/sessions/{opened}")
    answer = paste(server, session, fragment)
    assert (answer.status, answer.error["code"]) == (409, "choice-needed")
    assert "big" in answer.error["message"]
    assert paste(server, session, fragment, tensors="leave").status == 200


def test_a_fragment_cannot_name_a_file(server: LiveServer, session: str) -> None:
    proto = onnx.TensorProto(data_type=1, dims=[4], data_location=onnx.TensorProto.EXTERNAL)
    proto.external_data.add(key="location", value="small.onnx")
    spec = {"dtype": "float32", "shape": [4], "proto": base64.b64encode(proto.SerializeToString()).decode()}
    fragment = {
        "fragment": 1,
        "nodes": [{"op_type": "Relu", "inputs": ["k"], "outputs": ["o"]}],
        "values": {"o": {"name": "o"}},
        "inputs": {"k": {"name": "k", "tensor": spec}},
    }
    answer = paste(server, session, fragment)
    assert (answer.status, answer.error["code"]) == (422, "wrong-parameters")


@pytest.mark.parametrize("nodes", [None, [], "node:h", [1]])
def test_copying_says_what_it_needs(server: LiveServer, session: str, nodes: Any) -> None:
    answer = server.post(f"/api/sessions/{session}/fragment", {"nodes": nodes})
    assert (answer.status, answer.error["code"]) == (422, "wrong-parameters")


def test_copying_a_node_that_is_not_there_is_told(server: LiveServer, session: str) -> None:
    assert server.post(f"/api/sessions/{session}/fragment", {"nodes": ["node:nothing"]}).status == 404
