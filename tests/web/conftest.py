"""One live server for all tests that leave it as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.live import LiveServer, write_external_model, write_model


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose first root holds small.onnx and a model with external data; the second is called `more`."""
    folder = tmp_path_factory.mktemp("web")
    root, more = folder / "root", folder / "more"
    root.mkdir()
    more.mkdir()
    write_model(root / "small.onnx")
    write_model(more / "other.onnx")
    write_external_model(root)
    with LiveServer(folder / "data", [root, more]) as live:
        yield live


@pytest.fixture
def session(server: LiveServer) -> Iterator[str]:
    """A session on small.onnx, closed afterwards."""
    opened = server.open({"path": "small.onnx"})
    yield opened
    server.ask("DELETE", f"/api/sessions/{opened}")
