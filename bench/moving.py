"""Frames a second while panning and zooming: zoomed in, half way, and with all of the graph in view."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from typing import Any

from playwright.sync_api import Page

from bench.page_costs import PageCosts

SECONDS = 2.0
FRAMES = """async (seconds) => {
  const times = []; const end = performance.now() + seconds * 1000
  await new Promise((done) => { const step = (t) => { times.push(t); t < end ? requestAnimationFrame(step) : done() }; requestAnimationFrame(step) })
  return times }"""
MIDDLE = (720, 460)


def moving(page: Page, costs: PageCosts) -> dict[str, Any]:
    """By place and gesture: frames a second, the longest gaps between two, and script and tasks of the page's thread for each."""
    found: dict[str, Any] = {}
    for place in ("near", "half way", "all"):
        _go(page, place)
        found[place] = {name: _frames(page, costs, name) for name in ("pan", "zoom")}
    return found


def _zoom(page: Page) -> float:
    return float(page.locator("canvas[data-zoom]:visible").first.get_attribute("data-zoom") or "nan")


def _go(page: Page, place: str) -> None:
    page.mouse.move(*MIDDLE)
    if place == "near":
        return
    page.keyboard.press("f")
    page.wait_for_timeout(1500)
    if place == "half way":
        wanted = math.sqrt(_zoom(page))
        for _ in range(100):
            if _zoom(page) >= wanted:
                break
            page.mouse.wheel(0, -120)
            page.wait_for_timeout(30)
        page.wait_for_timeout(500)


def _frames(page: Page, costs: PageCosts, name: str) -> dict[str, float]:
    x, y = MIDDLE
    page.mouse.move(x, y)
    if name == "pan":
        page.mouse.down(button="middle")
    before = costs.thread()
    handle = page.evaluate_handle(f"() => {{ window.__frames = ({FRAMES})({SECONDS}); return 0 }}")
    end, step = time.perf_counter() + SECONDS, 0
    while time.perf_counter() < end:
        step += 1
        if name == "pan":
            page.mouse.move(x + (step % 40) * 5, y + (step % 30) * 5)
        else:
            page.mouse.wheel(0, -120 if step % 20 < 10 else 120)
        page.wait_for_timeout(4)
    times = page.evaluate("window.__frames")
    after = costs.thread()
    if name == "pan":
        page.mouse.up(button="middle")
    handle.dispose()
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return {
        "frames_per_second": round(1000 / statistics.mean(gaps), 1),
        "gap_p95_ms": round(sorted(gaps)[int(0.95 * len(gaps))], 1),
        "script_ms_each": round((after["script"] - before["script"]) / len(times), 2),
        "task_ms_each": round((after["task"] - before["task"]) / len(times), 2),
        "zoom": _zoom(page),
    }
