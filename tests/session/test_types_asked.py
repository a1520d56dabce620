"""Edits that need the type of a value: what a session knows is used, what it does not know is inferred first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
