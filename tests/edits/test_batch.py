"""Tests of batch."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.laws import check_edit, check_rejected, document_of

CHAIN = """g (float[3] x) => (float[3] y) {
  [one] a = Relu(x)
  [two] b = Relu(a)
  y = Neg(b)
}"""
SUM = "g (float[3] x, float[3] k) => (float[3] y) { a = Add(x, k)\n y = Neg(a) }"


def batch(*edits: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "batch", "edits": list(edits)}


def wires(graph: onnx.GraphProto) -> list[str]:
    return [f"{','.join(n.output)} = {n.op_type}({','.join(n.input)})" for n in graph.node]


def rename(value: str, name: str) -> dict[str, Any]:
    return {"kind": "rename-value", "value": value, "name": name}


def leaky(node: str) -> dict[str, Any]:
    return {"kind": "replace-node", "node": node, "op_type": "LeakyRelu", "attributes": {"alpha": 0.2}}


def test_alike_edits_are_one_revision_with_one_sentence() -> None:
    checked = check_edit(CHAIN, batch(leaky("node:a"), leaky("node:b")))
    assert wires(checked.proto.graph)[:2] == ["a = LeakyRelu(x)", "b = LeakyRelu(a)"]
    assert checked.applied.title == "Replaced 2 Relu by LeakyRelu"


def test_different_edits_are_told_one_by_one() -> None:
    checked = check_edit(CHAIN, batch(rename("value:a", "first"), leaky("node:b")))
    assert checked.applied.title == "2 edits: Renamed a to first, Replaced the Relu two by LeakyRelu"


def test_a_single_edit_speaks_for_itself() -> None:
    assert check_edit(CHAIN, batch(rename("value:a", "first"))).applied.title == "Renamed a to first"


@pytest.mark.parametrize(
    ("edits", "title"),
    [
        ([rename("value:a", "p"), rename("value:b", "q")], "Renamed 2 values"),
        ([{"kind": "rename-node", "node": n, "name": "n"} for n in ("node:a", "node:b")], "Renamed 2 nodes"),
        ([{"kind": "set-value-type", "value": v, "dtype": "float32"} for v in ("value:a", "value:b")], "Declared 2 values as float32"),
        ([{"kind": "connect", "node": n, "slot": 0, "value": "value:x"} for n in ("node:b", "node:y")], "Connect, 2 times"),
    ],
)  # fmt: skip
def test_the_sentence_counts_what_is_alike(edits: list[dict[str, Any]], title: str) -> None:
    assert check_edit(CHAIN, batch(*edits)).applied.title == title


def test_attributes_set_alike_are_told_once() -> None:
    model = "g (float[3] x) => (float[3] y) { a = LeakyRelu(x)\n y = LeakyRelu(a) }"
    alpha = [{"kind": "set-attribute", "node": n, "attribute": "alpha", "value": 0.2} for n in ("node:a", "node:y")]
    assert check_edit(model, batch(*alpha)).applied.title == "Set alpha of 2 nodes to 0.2"
    others = [alpha[0], {**alpha[1], "value": 0.3}]
    assert check_edit(model, batch(*others)).applied.title == "Set alpha of 2 nodes"


def test_later_edits_find_what_earlier_ones_made_by_chosen_ids() -> None:
    add = {
        "kind": "add-node", "op_type": "Ponder", "domain": "lab", "outputs": ["p", "q"],
        "creates": ["value:mine-p", "value:mine-q", "node:mine"],
    }  # fmt: skip
    wire = [
        {"kind": "connect", "node": "node:mine", "slot": 0, "value": "value:a"},
        {"kind": "connect", "node": "node:y", "slot": 0, "value": "value:mine-q"},
    ]
    checked = check_edit(CHAIN, batch(add, *wire))
    assert "p,q = Ponder(a)" in wires(checked.proto.graph)
    assert wires(checked.proto.graph)[-1] == "y = Neg(q)"
    assert checked.applied.created == ["value:mine-p", "value:mine-q", "node:mine"]
    assert checked.applied.title.startswith("3 edits: Added Ponder")


def test_what_is_made_and_deleted_again_leaves_nothing() -> None:
    add = {"kind": "add-node", "op_type": "Exp", "creates": ["value:made", "node:made"]}
    assert check_edit(CHAIN, batch(add, {"kind": "remove-nodes", "nodes": ["node:made"]})).applied.delta.is_empty


def test_one_edit_that_is_refused_refuses_all() -> None:
    error = check_rejected(CHAIN, batch(rename("value:a", "p"), rename("value:b", "p")))
    assert error.message == "edit 2 of 2, rename-value: the name p is taken"
    missing = check_rejected(CHAIN, batch(rename("value:a", "p"), rename("value:none", "q")), "no-such-value")
    assert missing.status == 404


def test_wrong_parameters_are_named_by_their_edit() -> None:
    with pytest.raises(AppError) as refused:
        parse_edit(
            batch(rename("value:a", ""), {"kind": "fly"}, rename("value:a", "p"), {"kind": "connect", "node": 1})
        )
    fields = refused.value.fields or {}
    assert "item 1: rename-value: name must not be empty" in fields["edits"]
    assert "item 2: there is no edit 'fly'" in fields["edits"]
    assert "item 4: connect:" in fields["edits"]
    slot = check_rejected(CHAIN, batch({"kind": "disconnect", "node": "node:a", "slot": 7}), "wrong-parameters")
    assert slot.fields == {"edits": "item 1: slot is behind the 1 inputs that the node has"}


@pytest.mark.parametrize(
    "edits", [[], [batch(rename("value:a", "p"))], ["rename"], [{"kind": "rename-value", "creates": 1}]]
)
def test_what_is_no_list_of_edits_is_a_wrong_field(edits: list[Any]) -> None:
    error = check_rejected_early({"kind": "batch", "edits": edits})
    assert set(error.fields or {}) == {"edits"}


def check_rejected_early(data: dict[str, Any]) -> AppError:
    with pytest.raises(AppError) as refused:
        parse_edit(data)
    assert refused.value.code == "wrong-parameters"
    return refused.value


def test_an_id_in_use_cannot_be_chosen() -> None:
    add = {"kind": "add-node", "op_type": "Exp", "creates": ["value:a", "node:new"]}
    check_rejected(CHAIN, batch(add), says="value:a exists already")


def test_a_question_is_answered_by_the_list_with_the_answer() -> None:
    remove = {"kind": "remove-nodes", "nodes": ["node:a"], "reconnect": True}
    error = check_rejected(SUM, batch(rename("value:y", "out"), remove), "choice-needed")
    assert error.choices is not None
    choice = dict(error.choices[0])
    assert choice.pop("label") == "x float32 3"
    checked = check_edit(SUM, {"kind": "batch", **choice})
    assert wires(checked.proto.graph) == ["out = Neg(x)"]


def test_reports_of_its_edits_are_kept_apart() -> None:
    document = document_of(CHAIN)
    applied = apply_edit(document, parse_edit(batch({"kind": "name-nodes"}, rename("value:a", "p"))))
    assert applied.report == {"edits": [{"named": 1, "renamed": 0}, {}]}
