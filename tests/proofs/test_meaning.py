"""Edits that are to keep what a model computes do: the outputs are the same, bit for bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.proofs.apart import Ended, each_apart
from tests.proofs.collections import Collections, collections, shown_name, spread
from tests.proofs.meaning import EDITS, meaning_kept

__all__ = ["collections"]
Tell = Callable[[str], None]
LARGEST = 3_000_000  # bytes


def prove(paths: Sequence[Path], tell: Tell) -> tuple[int, Counter[str]]:
    """How many of the models could prove anything, and how often each kind of edit was made."""
    made: Counter[str] = Counter()
    unfit: Counter[str] = Counter()
    faults: dict[str, object] = {}
    for path, told in each_apart(meaning_kept, paths, seconds=600):
        if isinstance(told, Ended):
            faults[shown_name(path)] = told.how
        elif told.result.unfit:
            unfit[told.result.unfit.partition(":")[0]] += 1
        else:
            made.update(told.result.made)
            if told.result.faults:
                faults[shown_name(path)] = told.result.faults
    fit = len(paths) - unfit.total()
    tell(f"{fit} of {len(paths)} models run and depend on their inputs ({dict(unfit)}); edits made: {dict(made)}")
    tell(f"outputs differ: {faults or 'never'}")
    assert faults == {}
    return fit, made


def models(collections: Collections, operators: int, shared: int) -> list[Path]:
    small = [path for path in collections.shared() if path.stat().st_size < LARGEST and _ends(path)]
    return [*spread(collections.operators(), operators), *spread(small, shared)]


def _ends(path: Path) -> bool:
    """Whether it is a model that is made to run; some are made to run forever, or take minutes without optimisations."""
    return path.parent.name != "bad" and "bomb" not in path.name and "10k" not in path.name


def test_outputs_stay_the_same_on_a_few_models(collections: Collections, tell: Tell) -> None:
    fit, made = prove(models(collections, 25, 25), tell)
    assert fit >= 20
    assert made.keys() == EDITS.keys()


@pytest.mark.long
def test_outputs_stay_the_same_on_300_models(collections: Collections, tell: Tell) -> None:
    fit, made = prove(models(collections, 600, 230), tell)
    assert fit >= 300
    assert all(made[name] >= 50 for name in EDITS), made
