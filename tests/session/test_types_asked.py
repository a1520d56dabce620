"""Edits that need the type of a value, or that work on much data: what a session cannot do at once is done in a job first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnx_scalpel.errors import AppError
from tests.session.conftest import Sessions, write_text_model


def declare(shape: list[Any]) -> dict[str, Any]:
    return {"kind": "set-value-type", "value": "value:x", "shape": shape}


def value_in(snapshot: bytes, value_id: str) -> dict[str, Any]:
    values: list[dict[str, Any]] = json.loads(snapshot)["values"]
    return next(value for value in values if value["id"] == value_id)


def test_an_output_right_after_another_edit_has_the_type_of_what_stands(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    heard.wait("types")
    client.edit(declare([5, 4]), "ann", "Ann", "e1")
    client.edit({"kind": "add-output", "value": "value:a"}, "ann", "Ann", "e2")
    added = value_in(client.snapshot("json"), "value:a")
    assert (added["dtype"], added["shape"], added["inferred"]) == ("float32", [5, 4], False)


def test_several_outputs_in_one_batch_are_typed(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    heard.wait("types")
    adding = [{"kind": "add-output", "value": value} for value in ("value:a", "value:b")]
    client.edit({"kind": "batch", "edits": [declare([7, 4]), *adding]}, "ann", "Ann", "e1")
    snapshot = client.snapshot("json")
    assert [value_in(snapshot, f"value:{name}")["shape"] for name in "ab"] == [[7, 4], [7, 4]]


def test_the_question_for_a_type_comes_back_from_a_job(sessions: Sessions, tmp_path: Path) -> None:
    model = '<ir_version: 8, opset_import: ["" : 17, "my" : 1]> g (float[3] x) => (float[3] y) { a = my.op(x)\n y = Neg(a) }'
    client, heard = sessions.open(write_text_model(model, tmp_path / "custom.onnx"))
    heard.wait("diagnostics", lambda payload: payload["state"] == "done")
    with pytest.raises(AppError) as refused:
        client.edit({"kind": "add-output", "value": "value:a"}, "ann", "Ann", "e1")
    assert refused.value.code == "choice-needed"
    client.edit({"kind": "add-output", "value": "value:a", "dtype": "float32"}, "ann", "Ann", "e2")
    assert value_in(client.snapshot("json"), "value:a")["dtype"] == "float32"


def test_a_large_tensor_is_cast_in_a_job_and_its_data_kept(sessions: Sessions, tmp_path: Path) -> None:
    model = onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 21]> g (float[1] x) => (float[n] y) { y = Mul(x, w) }'
    )
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.arange(5 << 20, dtype=np.float32) % 100, "w"))
    path = tmp_path / "heavy.onnx"
    path.write_bytes(model.SerializeToString())
    client, _ = sessions.open(path)
    client.edit({"kind": "cast-tensor", "values": ["value:w"], "to": "float16", "mismatch": "cast"}, "ann", "Ann", "e1")
    held = value_in(client.snapshot("json"), "value:w_float16")
    assert (held["dtype"], held["shape"], held["bytes"]) == ("float16", [5 << 20], 10 << 20)
    saved = tmp_path / "saved.onnx"
    client.write_model(saved)
    tensor = next(t for t in onnx.load(saved).graph.initializer if t.name == "w_float16")
    assert onnx.numpy_helper.to_array(tensor)[100:105].tolist() == [0, 1, 2, 3, 4]
