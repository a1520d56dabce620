"""What has no form of its own is told of small models at once, and of large edited ones by a job that holds up no edit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from onnx import TensorProto, helper

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.telling import LARGE
from tests.session.conftest import Sessions


def annotated_chain(path: Path, length: int) -> Path:
    """So many Relus after each other, each output with a quantization annotation."""
    nodes = [helper.make_node("Relu", [f"v{at}"], [f"v{at + 1}"], name=f"n{at}") for at in range(length)]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("v0", f"v{length}")]
    model = helper.make_model(helper.make_graph(nodes, "g", ends[:1], ends[1:]), ir_version=10)
    for at in range(1, length):
        model.graph.quantization_annotation.add(tensor_name=f"v{at}")
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("length", [4, LARGE // 2 + 1])
def test_what_stands_is_told_to_everyone_who_asks_while_edits_go_on(
    sessions: Sessions, tmp_path: Path, length: int
) -> None:
    client, _ = sessions.open(annotated_chain(tmp_path / "chain.onnx", length))
    row = {"depth": 0, "name": "quantization_annotation", "text": "v1"}
    assert client.more("value:v1", 0, 10, False) == {"revision": 0, "rows": [row], "next": None}
    client.edit({"kind": "rename-value", "value": "value:v1", "name": "hidden"}, "ann")
    client.edit({"kind": "remove-nodes", "nodes": ["node:v3"], "reconnect": True}, "ann")
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.more, "value:v1", 0, 10, False) for _ in range(12)]
        renamed = pool.submit(client.edit, {"kind": "rename-node", "node": "node:v1", "name": "on"}, "bob")
        answers = [one.result(60) for one in asked]
        assert renamed.result(60)["revision"] == 3
    assert all(answer["rows"] == [row | {"text": "hidden"}] for answer in answers)
    assert {answer["revision"] for answer in answers} <= {2, 3}
    with pytest.raises(AppError) as gone:
        client.more("node:v3", 0, 10, False)
    assert gone.value.code == "no-such-subject"
