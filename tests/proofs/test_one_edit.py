"""One random edit of each kind on many models: the file changes only where the delta says, and the checker likes it no less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from onnx_scalpel.edits.base import edit_types
from tests.proofs.apart import Ended, each_apart
from tests.proofs.collections import Collections, collections, shown_name, spread
from tests.proofs.one_edit import OneEdit, try_edit
from tests.proofs.sensible import MAKERS

__all__ = ["collections"]
Tell = Callable[[str], None]
ACCEPTED = 0.6  # of the edits that are made
LARGEST = 3_000_000  # bytes


def prove(kind: str, paths: Sequence[Path], tell: Tell) -> list[OneEdit]:
    """Makes an edit of the kind on each model where there is one to make. Fails when one did what its delta does not say."""
    made: list[OneEdit] = []
    faults: dict[str, object] = {}
    for (path, _), told in each_apart(_try, [(path, kind) for path in paths], seconds=600):
        if isinstance(told, Ended):
            faults[shown_name(path)] = told.how
            continue
        found = told.result
        if found.edit is None:
            continue
        made.append(found)
        if found.faults or found.verdict:
            faults[shown_name(path)] = (found.edit, found.faults or found.verdict)
    accepted = _accepted(made)
    changed = sum(not found.empty for found in accepted)
    tell(
        f"{len(paths)} models, {len(made)} edits made, {len(accepted)} accepted, {changed} of them with an effect; changed "
        f"otherwise than the delta says, or worse for the checker: {len(faults)}"
    )
    assert not faults, "\n".join(f"{name}: {fault}" for name, fault in faults.items())
    return made


def _accepted(made: Sequence[OneEdit]) -> list[OneEdit]:
    return [found for found in made if not found.refused]


def _try(item: tuple[Path, str]) -> OneEdit:
    return try_edit(*item)


def models(collections: Collections, operators: int, shared: int, probes: int) -> list[Path]:
    small = [path for path in collections.shared() if path.stat().st_size < LARGEST and _ends(path)]
    few = spread(collections.probes(), probes)
    return [*spread(collections.operators(), operators), *spread(small, shared), *few]


def _ends(path: Path) -> bool:
    """Whether it may be run, as some edits do; a job's limits would end what runs forever."""
    return path.parent.name != "bad" and "bomb" not in path.name


OF_NOTES_AND_PLACES = {"forget-positions", "remove-note", "set-note"}  # that no file holds, so that none has any


def test_there_is_a_sensible_edit_of_every_kind() -> None:
    assert MAKERS.keys() == edit_types().keys() - OF_NOTES_AND_PLACES


def test_one_edit_of_each_kind_changes_what_its_delta_says_on_a_few_models(
    collections: Collections, tell: Tell
) -> None:
    paths = models(collections, 6, 6, 3)
    accepted = {kind: len(_accepted(prove(kind, paths, lambda line: None))) for kind in sorted(MAKERS)}
    tell(f"{len(paths)} models, {sum(accepted.values())} edits accepted: {accepted}")
    assert all(accepted.values())


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_one_edit_changes_what_its_delta_says_on_500_models(kind: str, collections: Collections, tell: Tell) -> None:
    paths = models(collections, 251, 180, 69)
    assert len(paths) == len(set(paths)) == 500
    made = prove(kind, paths, tell)
    assert len(_accepted(made)) >= max(50, ACCEPTED * len(made))
