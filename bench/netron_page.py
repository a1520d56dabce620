"""Netron on the same files in the same Chromium: from the address to the graph in sight, frames a second while zooming, memory."""

from __future__ import annotations

import functools
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError

from bench.figures import summed_up
from bench.moving import MIDDLE, SECONDS
from bench.page_costs import PageCosts
from onnx_scalpel.web.formats import netron_folder
from onnx_scalpel.web.netron import own_page

LIMIT_S = 120
OPENS = 3
MODEL = "/model.onnx"
# the graph is in sight when the page shows it and nodes have sizes; a message that is posted in the frame after that arrives
# when that frame is painted
CLOCK = """
const look = () => {
  const nodes = [...document.querySelectorAll('svg .node')].slice(0, 5)
  if (!document.body?.classList.contains('default') || nodes.length === 0 || nodes.some((node) => node.getBoundingClientRect().width === 0)) {
    requestAnimationFrame(look)
    return
  }
  const channel = new MessageChannel()
  channel.port1.onmessage = () => { document.body.dataset.visible = performance.timeOrigin + performance.now() }
  channel.port2.postMessage(0)
}
requestAnimationFrame(look)
const count = () => {
  document.documentElement.dataset.frames = Number(document.documentElement.dataset.frames ?? 0) + 1
  requestAnimationFrame(count)
}
requestAnimationFrame(count)
"""


def measure(browser: Browser, path: Path) -> dict[str, Any]:
    """Its figures for one model; only `over_limit` when the graph was not there after two minutes."""
    report: dict[str, Any] = {"version": metadata.version("netron")}
    with served(path) as origin:
        seconds = []
        for time_ in range(OPENS):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies([{"name": "consent", "value": "1", "url": origin}])
            context.add_init_script(CLOCK)
            page = context.new_page()
            try:
                seconds.append(_open(page, origin, path.name))
            except TimeoutError:
                context.close()
                return {**report, "over_limit": f"not in sight after {LIMIT_S} s"}
            if time_ == OPENS - 1 or seconds[-1] > LIMIT_S / 4:
                costs = PageCosts(page)
                report["file_to_graph_s"] = summed_up(seconds, 2)
                report["page_mb"] = costs.memory()
                report["zoom"] = _zooming(page, costs)
                context.close()
                break
            context.close()
    return report


def ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    """How many times faster, smoother and smaller the page of ours is, for one model and mode."""
    if "over_limit" in theirs:
        return {}
    opening = ours["opening"]
    shown = opening["file_to_bytes_s"]["median"] + opening["bytes_to_first_paint_s"]["median"]
    frames = min(one["zoom"]["frames_per_second"] for one in ours["frames"].values())
    return {
        "file to graph": round(theirs["file_to_graph_s"]["median"] / shown, 1),
        "zoom frames/s": round(frames / theirs["zoom"]["frames_per_second"], 1),
        "memory": round(theirs["page_mb"]["process_private"] / ours["page_mb"]["after moving"]["process_private"], 1),
    }


def _open(page: Page, origin: str, name: str) -> float:
    start = time.time()
    page.goto(f"{origin}/?url={MODEL}&identifier={name}", wait_until="commit")
    page.wait_for_selector("body[data-visible]", timeout=LIMIT_S * 1000)
    shown = page.get_attribute("body", "data-visible")
    return float(shown or "nan") / 1000 - start


def _zooming(page: Page, costs: PageCosts) -> dict[str, float]:
    page.mouse.move(*MIDDLE)
    before, first, start = costs.thread(), _frames(page), time.perf_counter()
    end, step = start + SECONDS, 0
    page.keyboard.down("Shift")  # its wheel scrolls otherwise
    while time.perf_counter() < end:
        step += 1
        page.mouse.wheel(0, -120 if step % 20 < 10 else 120)
        page.wait_for_timeout(4)
    page.keyboard.up("Shift")
    page.wait_for_timeout(500)
    after, frames = costs.thread(), _frames(page) - first
    seconds = time.perf_counter() - start
    return {
        "frames_per_second": round(frames / seconds, 2),
        "task_ms_each": round((after["task"] - before["task"]) / max(frames, 1), 1),
    }


def _frames(page: Page) -> int:
    """Counted in an attribute: Netron's page lets nobody evaluate anything."""
    return int(page.get_attribute("html", "data-frames") or 0)


class _Handler(SimpleHTTPRequestHandler):
    """The package's files, its page without what asks for newer versions, and one model."""

    model: Path

    def do_GET(self) -> None:
        route = self.path.split("?")[0]
        if route == MODEL:
            self._answer(self.model.read_bytes(), "application/octet-stream")
        elif route == "/":
            self._answer(
                own_page((Path(self.directory) / "index.html").read_text(encoding="utf-8")).encode(), "text/html"
            )
        elif re.fullmatch(r"/[A-Za-z0-9_-]+\.(js|css|json|png|ico)", route):
            super().do_GET()
        else:
            self.send_error(404)

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(model: Path) -> Iterator[str]:
    """Serves Netron's page with one model while it is needed; gives its origin."""
    folder = netron_folder()
    if folder is None:
        raise RuntimeError("Netron is not installed")
    handler = type("Handler", (_Handler,), {"model": model})
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
