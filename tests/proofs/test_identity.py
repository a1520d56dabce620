"""Saving gives every byte back that nobody edited, and every byte of what was edited and edited back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.proofs.apart import Ended, each_apart
from tests.proofs.collections import STYLES, Collections, collections, shown_name, spread
from tests.proofs.there_and_back import Traces, traces_of

__all__ = ["collections"]
Tell = Callable[[str], None]


def prove(paths: Sequence[Path], tell: Tell, values: int = 6) -> list[Traces]:
    """What became of each model that opens; fails unless every one of them comes back byte for byte."""
    kept: list[Traces] = []
    faults: dict[str, list[str]] = {}
    unedited: dict[str, str] = {}
    for path, told in each_apart(partial(traces_of, values=values), paths, seconds=1800):
        name = shown_name(path)
        if isinstance(told, Ended):
            faults[name] = [told.how]
            continue
        traces = told.result
        if traces.unreadable:
            continue
        kept.append(traces)
        if traces.faults:
            faults[name] = traces.faults
        elif not traces.renamed or not traces.inserted:
            unedited[name] = (
                f"{traces.renamed} renames, {traces.inserted} inserts: {traces.refused or 'nothing to edit'}"
            )
    renamed, inserted = sum(t.renamed for t in kept), sum(t.inserted for t in kept)
    identical = sum(not t.faults for t in kept)
    tell(
        f"{len(paths)} files, {len(kept)} models: {identical} identical unedited, with every record written again, after "
        f"{renamed:,} renames and renames back and {inserted:,} inserts and removals; exceptions: {faults or 'none'}"
    )
    if unedited:
        tell(f"edited in no way, or in one way only: {unedited}")
    assert not faults
    assert identical == len(kept)
    assert len(unedited) <= max(1, len(kept) // 20)
    return kept


def test_a_sample_of_all_models_comes_back_byte_for_byte(collections: Collections, tell: Tell) -> None:
    paths = [*spread(collections.operators(), 150), *collections.probes(), *spread(collections.shared(), 60)]
    assert len(prove([*paths, collections.large(1_000, "llama", True)], tell)) > 250


@pytest.mark.long
def test_the_models_of_all_operators_come_back_byte_for_byte(collections: Collections, tell: Tell) -> None:
    assert len(prove(collections.operators(), tell)) >= 1_884


@pytest.mark.long
def test_the_models_of_the_collection_come_back_byte_for_byte(collections: Collections, tell: Tell) -> None:
    assert len(prove([*collections.shared(), *collections.probes()], tell, values=10)) >= 69 + 230


@pytest.mark.long
@pytest.mark.parametrize("value_info", [False, True], ids=["untyped", "typed"])
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("nodes", [1_000, 10_000, 50_000])
def test_large_graphs_come_back_byte_for_byte(
    collections: Collections, tell: Tell, nodes: int, style: str, value_info: bool
) -> None:
    path = collections.large(nodes, style, value_info)
    try:
        prove([path], tell, values=3)
    finally:
        path.unlink()
