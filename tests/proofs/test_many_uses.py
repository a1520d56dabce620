"""A value that 20,000 nodes read: edits of all of them at once, undone to the very bytes and brought back from the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from onnx_scalpel.document.delta import decode_delta
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.session.recovery import Opening, open_session
from onnx_scalpel.session.session import Author

READERS = 20_000
EDITS: dict[str, dict[str, Any]] = {
    "replace the uses": {"kind": "replace-uses", "value": "value:t", "with": "value:x"},
    "replace the uses by what is made behind": {"kind": "replace-uses", "value": "value:t", "with": "value:u"},
    "remove and reconnect": {"kind": "remove-nodes", "nodes": ["node:t"], "reconnect": True},
    "insert a node": {"kind": "insert-node", "op_type": "Relu", "value": "value:t"},
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    nodes = [helper.make_node("Identity", ["x"], ["t"])]
    nodes += [helper.make_node("Neg", ["t"], [f"a{i}"], name=f"reader {i}") for i in range(READERS)]
    nodes += [helper.make_node("Abs", ["x"], ["u"]), helper.make_node("Add", ["a0", f"a{READERS - 1}"], ["y"])]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [3]) for name in "xy")
    path = tmp_path_factory.mktemp("uses") / "fan.onnx"
    made = helper.make_model(helper.make_graph(nodes, "g", [x], [y]), opset_imports=[helper.make_opsetid("", 18)])
    onnx.save(made, path)
    return path


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_20000_uses_is_undone_to_the_very_bytes(name: str, model: Path, tmp_path: Path) -> None:
    opening = Opening("s", model.name, model, tmp_path / "session")
    session = open_session(opening).session
    session.submit(Author("ann", "Ann", "edit"), EDITS[name])
    session.commit()
    (rewire,) = decode_delta(session.journal.delta(1)).rewires
    assert len(rewire.nodes) == READERS
    edited = model_bytes(session.document)
    onnx.checker.check_model(edited)
    assert edited != model.read_bytes()
    session.undo(Author("ann", "Ann", "undo"))
    session.commit()
    assert model_bytes(session.document) == model.read_bytes()
    assert not session.unsaved
    session.redo(Author("ann", "Ann", "redo"))
    session.commit()
    assert model_bytes(session.document) == edited
    session.journal.close()
    again = open_session(opening).session
    assert model_bytes(again.document) == edited
    again.undo(Author("ann", "Ann", "again"))
    again.commit()
    assert model_bytes(again.document) == model.read_bytes()
    again.journal.close()
