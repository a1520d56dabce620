"""Any sequence of edits, undo and redo in a real session can be taken back, brought back and replayed, byte for byte."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from onnx_scalpel.jobs.zygote import Zygote
from onnx_scalpel.session.client import PRELOAD
from tests.proofs.collections import Collections, collections, shown_name, spread
from tests.proofs.long_session import KINDS, QUICK, LongSession
from tests.session.conftest import Sessions
from tests.shared_models import REPOSITORY

__all__ = ["collections"]
Tell = Callable[[str], None]
EDITS = 50
LARGEST = 300_000  # bytes
SHARES = 12  # of the long proof, which two processes can share


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY), *([before] if before else [])])
    zygote = Zygote.start(PRELOAD)
    yield zygote
    zygote.stop()
    os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


def prove(zygote: Zygote, paths: Sequence[Path], rough: bool, tell: Tell, kinds: Sequence[str] = QUICK) -> Counter[str]:
    """A sequence on each model. Fails with what went wrong by model."""
    counts: Counter[str] = Counter()
    faults: dict[str, str] = {}
    for path in paths:
        try:
            _prove_one(zygote, path, rough, counts, kinds)
        except Exception:  # noqa: BLE001 - the other models are tried as well
            faults[shown_name(path)] = traceback.format_exc(limit=-3)[-1500:]
    tell(f"{len(paths)} models, {len(paths) - len(faults)} without a fault: {dict(counts)}")
    assert faults == {}, "\n\n".join(f"{name}: {text}" for name, text in faults.items())
    return counts


def _prove_one(zygote: Zygote, path: Path, rough: bool, counts: Counter[str], kinds: Sequence[str]) -> None:
    # the first example is all zeros, which does nothing; the second one is the sequence. Add Phase.shrink to make a fault small
    @settings(
        max_examples=2,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.integers(0, 2**32), min_size=EDITS, max_size=EDITS))
    def one(seeds: list[int]) -> None:
        with tempfile.TemporaryDirectory(prefix="scalpel-sequence-") as folder:
            sessions = Sessions(zygote, Path(folder, "data"))
            work = Path(folder, "work")
            work.mkdir()
            try:
                session = LongSession(sessions, path, work, counts, kinds)
                for seed in filter(None, seeds):
                    session.step(seed, rough)
                if any(seeds):
                    session.proved()
            finally:
                for client in sessions.clients:
                    client.close()

    one()


def models(collections: Collections, operators: int, shared: int) -> list[Path]:
    small = [path for path in collections.shared() if path.parent.name != "bad" and path.stat().st_size < LARGEST]
    return [*spread(collections.operators(), operators), *spread(small, shared)]


def test_sequences_on_a_few_models(zygote: Zygote, collections: Collections, tell: Tell) -> None:
    paths = models(collections, 3, 3)
    smooth, rough = prove(zygote, paths[::2], False, tell), prove(zygote, paths[1::2], True, tell)
    assert min(smooth["accepted"], rough["accepted"]) > 30


@pytest.mark.long
@pytest.mark.parametrize("share", range(SHARES))
def test_sequences_with_saves_and_restarts_on_300_models(
    zygote: Zygote, collections: Collections, tell: Tell, share: int
) -> None:
    paths = models(collections, 180, 120)[share::SHARES]
    counts = prove(zygote, paths, True, tell, KINDS)
    assert counts["accepted"] > 10 * len(paths)
    assert counts["of them transforms"] >= 5
