"""Tests of set-position."""

from __future__ import annotations

from onnx_scalpel.document.records import PlaceRecord, Spot
from onnx_scalpel.document.save import model_bytes
from tests.laws import check_edit, check_rejected, document_of, model_file

CHAIN = "g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Neg(a) }"
MOVE = {"kind": "set-position", "node": "node:a", "x": 120.5, "y": -40}


def test_a_node_is_given_a_place_and_the_model_stays_byte_for_byte() -> None:
    checked = check_edit(CHAIN, MOVE)
    assert checked.document.places() == [PlaceRecord("node:a", "graph:", down=Spot(120.5, -40.0))]
    assert model_bytes(checked.document) == model_file(CHAIN).read_bytes()
    assert checked.applied.title == "Moved Relu"


def test_a_node_has_a_place_for_each_way_in_which_the_graph_runs() -> None:
    edits = [MOVE, {**MOVE, "x": 7, "direction": "right"}]
    checked = check_edit(CHAIN, {"kind": "batch", "edits": edits})
    assert checked.document.places() == [PlaceRecord("node:a", "graph:", Spot(120.5, -40.0), Spot(7.0, -40.0))]


def test_several_nodes_are_moved_as_one_edit() -> None:
    edits = [MOVE, {**MOVE, "node": "node:y", "x": 0}]
    checked = check_edit(CHAIN, {"kind": "batch", "edits": edits})
    assert len(checked.document.places()) == 2


def test_a_place_outlives_its_node_and_comes_back_with_it() -> None:
    document = check_edit(CHAIN, MOVE).document
    delta = check_edit(CHAIN, {"kind": "remove-nodes", "nodes": ["node:a"], "reconnect": True}).applied.delta
    document.apply(delta)
    assert document.places() == []
    document.apply(delta.inverse())
    assert [place.id for place in document.places()] == ["node:a"]


def test_places_that_are_none_are_refused() -> None:
    check_rejected(CHAIN, {**MOVE, "x": 1e12}, code="wrong-parameters", says="between")
    check_rejected(CHAIN, {**MOVE, "node": "node:b"}, code="no-such-node")
    assert document_of(CHAIN).places() == []
