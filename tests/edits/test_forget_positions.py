"""Tests of forget-positions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.laws import check_edit

CHAIN = "g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Neg(a) }"
MOVES = [{"kind": "set-position", "node": node, "x": 1, "y": 2} for node in ("node:a", "node:y")]


@pytest.mark.parametrize(("more", "left"), [({}, []), ({"nodes": ["node:a"]}, ["node:y"])])
def test_places_are_forgotten_of_all_or_of_those_that_are_named(more: dict[str, Any], left: list[str]) -> None:
    edits = [*MOVES, {"kind": "forget-positions", **more}]
    checked = check_edit(CHAIN, {"kind": "batch", "edits": edits})
    assert [place.id for place in checked.document.places()] == left


@pytest.mark.parametrize(("way", "left"), [("down", []), ("right", ["node:a", "node:y"])])
def test_places_are_forgotten_for_one_way_in_which_the_graph_runs(way: str, left: list[str]) -> None:
    checked = check_edit(CHAIN, {"kind": "batch", "edits": [*MOVES, {"kind": "forget-positions", "direction": way}]})
    assert [place.id for place in checked.document.places()] == left
