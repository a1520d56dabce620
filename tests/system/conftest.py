"""One server per file of tests, with the collection of models and a scratch folder as its roots."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real_server import running_server
from tests.shared_models import shared_models
from tests.system.script import Script


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root of the server that tests may write into."""
    return tmp_path_factory.mktemp("root").resolve()


@pytest.fixture(scope="module")
def script(folder: Path) -> Iterator[Script]:
    """A script on a running server whose roots are `folder` and the collection of models."""
    with running_server([folder, shared_models().resolve()]) as server:
        yield Script(server)
