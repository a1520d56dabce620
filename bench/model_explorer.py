"""Model Explorer for `make side-by-side`, where it is installed: a server of its own, and what its page shows when a model is opened."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, TimeoutError

HOW = (
    "no Model Explorer: `pip install ai-edge-model-explorer model-explorer-onnx` into an environment of its own, and "
    "$MODEL_EXPLORER to its `model-explorer`"
)
# it draws with WebGL, which needs a rasteriser where there is no GPU
WEBGL = ["--enable-unsafe-swiftshader", "--use-angle=swiftshader"]
START_S = 60
GRAPH_S = 90
SETTLED_MS = 3000
SHOWN = "webgl-renderer canvas"
SHOT_MS = 240_000


def find() -> str | None:
    """Its command: $MODEL_EXPLORER, or the one on PATH."""
    return shutil.which(os.environ.get("MODEL_EXPLORER", "model-explorer"))


@contextmanager
def served(command: str) -> Iterator[str]:
    """Its server while it is needed; gives its origin. What it keeps goes into a folder that is removed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    arguments = ("--extensions=model_explorer_onnx", "--no_open_in_browser", "--host=127.0.0.1", f"--port={port}")
    with tempfile.TemporaryDirectory() as home:
        server = subprocess.Popen(
            [command, *arguments],
            env={**os.environ, "HOME": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(origin, server)
            yield origin
        finally:
            server.terminate()
            server.wait()


def picture(
    browser: Browser, origin: str, path: Path, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> bytes:
    """What it shows when the graph is in sight, or after a minute and a half. The browser needs WebGL; it may ask nobody but the server."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    own = (origin, "blob:", "data:")
    context.route("**/*", lambda route: route.continue_() if route.request.url.startswith(own) else route.abort())
    page = context.new_page()
    page.goto(f"{origin}/?data={quote(json.dumps({'models': [{'url': str(path)}]}))}", wait_until="commit")
    _wait_for_graph(page)
    shown = page.screenshot(timeout=SHOT_MS)
    context.close()
    return shown


def _wait_for_graph(page: Page) -> None:
    try:
        page.wait_for_selector(SHOWN, timeout=GRAPH_S * 1000)
        page.wait_for_timeout(SETTLED_MS)
    except TimeoutError:
        pass  # the picture shows what a person sees then


def _wait_for(origin: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(START_S * 4):
        if server.poll() is not None:
            raise RuntimeError("Model Explorer's server ended")
        try:
            with urlopen(origin, timeout=5):
                return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.25)
    raise RuntimeError("Model Explorer's server did not start")
