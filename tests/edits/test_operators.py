"""An operator that does not exist is refused at its field, with the one that was probably meant."""

from __future__ import annotations

import pytest

from tests.laws import check_edit, check_rejected

CHAIN = "g (float[2] x) => (float[2] y) { y = Relu(x) }"


def refused(op_type: str) -> dict[str, str]:
    edit = {"kind": "replace-node", "node": "node:y", "op_type": op_type, "domain": ""}
    return check_rejected(CHAIN, edit, says=f"has no operator {op_type}").fields or {}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("relu", "Relu"), ("Rellu", "Relu"), ("LayerNorm", "LayerNormalization"), ("Maxpool2d", "MaxPool")],
)
def test_the_operator_that_was_probably_meant_is_named_at_the_field(typed: str, meant: str) -> None:
    assert refused(typed)["op_type"].endswith(f"did you mean {meant}?")


@pytest.mark.parametrize("typed", ["Frobnicate", "Dense"])
def test_nothing_is_guessed_where_nothing_is_near(typed: str) -> None:
    assert "did you mean" not in refused(typed)["op_type"]


FROM_DESCRIPTION = """
<ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1]>
g (float[8] source, float[8] capture, float[8] target, int64[8] facts) => (float[8] y) { y = Relu(source) }
"""


def test_an_operator_that_only_its_description_knows_is_added_with_its_slots_checked() -> None:
    edit = {"kind": "add-node", "op_type": "ConvStateReplay", "domain": "com.microsoft"}
    wires = ["value:source", "value:capture", "value:target", "value:facts"]
    node = check_edit(FROM_DESCRIPTION, edit | {"inputs": wires}).proto.graph.node[-1]
    assert (node.op_type, list(node.input)) == ("ConvStateReplay", ["source", "capture", "target", "facts"])
    error = check_rejected(FROM_DESCRIPTION, edit | {"inputs": [*wires, "value:y"]}, "wrong-parameters")
    assert "takes at most 4" in (error.fields or {})["inputs"]
