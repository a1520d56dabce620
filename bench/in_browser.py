"""From a file to the first paint, from a key press to the repainted frame, and what it costs in memory: a real server and Chromium."""

from __future__ import annotations

import itertools
import statistics
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.editor import Editor
from tests.real_server import RunningServer, running_server

EDITS = 8
# the time of the last key press, on the same clock as performance marks
KEY_CLOCK = (
    "window.addEventListener('keydown', (e) => { if (e.key === 'Enter') window.__pressed = performance.now() }, true)"
)
PAINTED = "(r) => performance.getEntriesByName('scalpel:painted:' + r)[0]?.startTime ?? null"
FRAMES = """async (seconds) => {
  const times = []; const end = performance.now() + seconds * 1000
  await new Promise((done) => { const step = (t) => { times.push(t); t < end ? requestAnimationFrame(step) : done() }; requestAnimationFrame(step) })
  return times }"""


def first_paint(page: Page, server: RunningServer, path: Path) -> tuple[float, str]:
    """Wall seconds from the request that opens the file to the first frame with every node laid out; and the session."""
    start = time.perf_counter()
    session = server.json("POST", "/api/sessions", {"path": str(path)})["session"]
    page.goto(f"{server.origin}/s/{session}")
    page.wait_for_selector('canvas[data-state="ready"]', timeout=120_000)
    return time.perf_counter() - start, session


def edit_to_frame(page: Page, editor: Editor, value: str) -> list[float]:
    """Milliseconds from the Enter that renames a value to the frame that shows it, `EDITS` times."""
    page.evaluate(KEY_CLOCK)
    names = [value] + [f"renamed_by_the_bench_{i}" for i in range(EDITS)]
    figures = []
    for old, new in itertools.pairwise(names):
        editor.rename_value(old, new)
        painted = page.evaluate(PAINTED, str(editor.revision()))
        figures.append(painted - page.evaluate("window.__pressed"))
    return figures


def structural_edit_to_frame(page: Page, editor: Editor, value: str) -> list[float]:
    """Milliseconds from Ctrl+Z / Ctrl+Shift+Z of an inserted node to the frame with the new layout."""
    editor.insert_on_wire(value, "Relu")
    page.evaluate(
        "window.addEventListener('keydown', (e) => { if (e.ctrlKey && e.key.toLowerCase() === 'z') window.__pressed = performance.now() }, true)"
    )
    figures = []
    for act in [editor.undo, editor.redo] * (EDITS // 2):
        act()
        painted = page.evaluate(PAINTED, str(editor.revision()))
        figures.append(painted - page.evaluate("window.__pressed"))
    return figures


def frames_per_second(page: Page) -> dict[str, float]:
    """Frames a second while panning with the pointer, and while zooming with the wheel."""
    found = {}
    for name in ("pan", "zoom"):
        page.mouse.move(700, 450)
        if name == "pan":
            page.mouse.down()
        page.evaluate("window.__frames = null")
        handle = page.evaluate_handle(f"() => {{ window.__frames = ({FRAMES})(2); return 0 }}")
        end, step = time.perf_counter() + 2, 0
        while time.perf_counter() < end:
            step += 1
            if name == "pan":
                page.mouse.move(700 + (step % 40) * 5, 450 + (step % 30) * 5)
            else:
                page.mouse.wheel(0, -120 if step % 20 < 10 else 120)
        times = page.evaluate("window.__frames")
        if name == "pan":
            page.mouse.up()
        handle.dispose()
        gaps = [b - a for a, b in itertools.pairwise(times)]
        found[name] = round(1000 / statistics.mean(gaps), 1)
    return found


def measure(browser: Browser, path: Path) -> dict[str, Any]:
    """Everything above for one model; figures are medians of what one run gives, `p95` the worst but 5 %."""
    with running_server([path.parent]) as server:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(server.url)
        page.wait_for_load_state()
        paints, session = [], ""
        for _ in range(3):
            if session:
                server.request("DELETE", f"/api/sessions/{session}")
            seconds, session = first_paint(page, server, path)
            paints.append(seconds)
        editor = Editor(page)
        value = "/model/layers.0/self_attn/Mul_output_0"
        renames = edit_to_frame(page, editor, value)
        structural = structural_edit_to_frame(page, editor, f"renamed_by_the_bench_{EDITS - 1}")
        frames = frames_per_second(page)
        memory = server.anonymous_megabytes()
        context.close()
    return {
        "file_to_first_paint_s": [round(x, 3) for x in paints],
        "file_to_first_paint_median_s": round(statistics.median(paints), 3),
        "rename_to_frame_ms": {"median": round(statistics.median(renames), 1), "worst": round(max(renames), 1)},
        "insert_or_remove_to_frame_ms": {
            "median": round(statistics.median(structural), 1),
            "worst": round(max(structural), 1),
        },
        "frames_per_second": frames,
        "anonymous_mb": memory,
    }
