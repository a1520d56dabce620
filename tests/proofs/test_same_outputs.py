"""Functions made and inlined, constants moved: on all operators' test cases and real models, not one output changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.proofs.apart import Told, each_apart
from tests.proofs.collections import Collections, collections, shown_name, spread
from tests.proofs.same_outputs import compared
from tests.shared_models import shared_model

__all__ = ["collections"]
Tell = Callable[[str], None]
FUNCTIONS = ("odd/functions_with_overloads", "exported/onnxscript_function_library")
pytestmark = pytest.mark.xdist_group("same outputs")
LARGEST = 60_000_000  # bytes of a model that is run several times over
TOO_MANY = "huge_10k"  # nodes, for a runtime that takes them out of a function
KNOWN = {
    "test_mvn: make-function"
}  # ONNX cannot infer MeanVarianceNormalization, a function itself, inside a local function


def proved(paths: Sequence[Path], tell: Tell) -> Counter[str]:
    """How many models each edit was made of; fails where one computes something else afterwards."""
    made: Counter[str] = Counter()
    faults: list[str] = []
    useless: Counter[str] = Counter()
    for path, told in each_apart(compared, paths):
        if not isinstance(told, Told):
            faults.append(f"{shown_name(path)}: {told.how}")
            continue
        made.update(told.result.made)
        useless.update([told.result.useless] if told.result.useless else [])
        found = [f"{shown_name(path)}: {fault}" for fault in told.result.faults]
        faults += [fault for fault in found if ": ".join(fault.split(": ")[:2]) not in KNOWN]
    tell(f"{len(paths)} models: {dict(made)}; not compared: {dict(useless)}")
    assert faults == []
    return made


def test_no_output_changes_on_a_part_of_the_collections(collections: Collections, tell: Tell) -> None:
    functions = [shared_model(f"{name}.onnx") for name in FUNCTIONS]
    made = proved([*spread(collections.operators(), 60), *functions], tell)
    assert made["make-function and inline-function"] >= 30
    assert made["inline-function"] >= len(functions)


@pytest.mark.long
def test_no_output_changes_on_all_operators(collections: Collections, tell: Tell) -> None:
    made = proved(collections.operators(), tell)
    assert made["make-function"] >= 1000
    assert made["make-function and inline-function"] >= 1000
    assert made["constant-to-initializer"] >= 200
    assert made["inline-function of a definition"] >= 150


@pytest.mark.long
def test_no_output_changes_on_real_models(collections: Collections, tell: Tell) -> None:
    paths = [p for p in collections.shared() if "bad" not in p.parts and p.stat().st_size < LARGEST]
    made = proved([p for p in paths if not p.name.startswith(("run_bomb", TOO_MANY))], tell)
    assert made["initializer-to-constant"] >= 80
    assert made["make-function and inline-function"] >= 80
