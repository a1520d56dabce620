"""From a file to the first paint, from a key press to the repainted frame, and what it costs: a real server and Chromium."""

from __future__ import annotations

import itertools
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from bench.process_costs import anonymous_megabytes, costs
from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer, running_server

OPENS = 3
EDITS = 8
FRAMES_SECONDS = 2.0
Act = Callable[[], None]
VALUE = "/model/layers.0/self_attn/Mul_output_0"
# Notes when a revision was on its way to the screen, and when a key was pressed, both by the page's clock. The page marks a
# revision inside the frame that paints it; a message posted from there arrives after that frame was handed to the compositor.
CLOCKS = """
window.__shown = {}; window.__pressed = 0
const mark = performance.mark.bind(performance)
performance.mark = (name, options) => {
  if (name.startsWith('scalpel:painted:')) {
    const channel = new MessageChannel()
    channel.port1.onmessage = () => { window.__shown[name.slice(16)] = performance.now(); channel.port1.close() }
    channel.port2.postMessage(0)
  }
  return mark(name, options)
}
window.addEventListener('keydown', (event) => { window.__pressed = event.timeStamp }, true)
"""
SHOWN = "(revision) => window.__shown[revision]"
FRAMES = """async (seconds) => {
  const times = []; const end = performance.now() + seconds * 1000
  await new Promise((done) => { const step = (t) => { times.push(t); t < end ? requestAnimationFrame(step) : done() }; requestAnimationFrame(step) })
  return times }"""


def summed_up(figures: list[float], digits: int = 1) -> dict[str, Any]:
    return {
        "median": round(statistics.median(figures), digits),
        "worst": round(max(figures), digits),
        "all": [round(figure, digits) for figure in figures],
    }


def first_paint(page: Page, server: RunningServer, path: Path, nodes: int) -> tuple[float, str]:
    """Wall seconds from the request that opens the file until the first frame with every node laid out; and the session."""
    start = time.time()
    session = server.json("POST", "/api/sessions", {"path": str(path)})["session"]
    page.goto(f"{server.origin}/s/{session}", wait_until="commit")
    page.wait_for_selector('canvas[data-state="ready"]', timeout=LONG)
    page.wait_for_function("window.__shown[0] !== undefined")
    laid_out = page.locator("canvas[data-nodes-laid-out]").get_attribute("data-nodes-laid-out")
    if laid_out != str(nodes):
        raise RuntimeError(f"{laid_out} of {nodes} nodes are laid out")
    shown = page.evaluate("performance.timeOrigin + window.__shown[0]") / 1000
    return shown - start, session


def opening(page: Page, server: RunningServer, path: Path, nodes: int) -> dict[str, Any]:
    """The first paint, several times; the last session stays open. Processor time is counted until the first paint only."""
    seconds, spent, session = [], [], ""
    for _ in range(OPENS):
        if session:
            server.request("DELETE", f"/api/sessions/{session}")
            page.goto(server.origin)  # as a person comes: from the start page
            page.wait_for_load_state("networkidle")
        before = costs(server.pid)
        found, session = first_paint(page, server, path, nodes)
        spent.append(costs(server.pid).since(before))
        seconds.append(found)
    median = {name: round(statistics.median(one[name] for one in spent)) for name in spent[0]}
    return {"file_to_first_paint_s": summed_up(seconds, 3), "processor_ms": median}


class Watch:
    """Times edits from the key press to the frame that shows them, with the processor time around them."""

    def __init__(self, page: Page, server: RunningServer) -> None:
        self._page, self._server = page, server
        self._editor = Editor(page)
        self._script = page.context.new_cdp_session(page)
        self._script.send("Performance.enable", {"timeDomain": "threadTicks"})

    def edits(self, acts: list[Act], prepare: Act = lambda: None) -> dict[str, Any]:
        """Each act presses one key that leads to one revision; what is prepared before it is not counted for the page."""
        waits, tasks, scripts = [], [], []
        begin = costs(self._server.pid)
        for act in acts:
            prepare()
            before, revision = self._metrics(), self._editor.revision()
            act()
            self._editor.wait_for_revision(revision + 1)
            self._page.wait_for_function(f"window.__shown[{revision + 1}] !== undefined")
            waits.append(self._page.evaluate(SHOWN, str(revision + 1)) - self._page.evaluate("window.__pressed"))
            after = self._metrics()
            tasks.append((after["TaskDuration"] - before["TaskDuration"]) * 1000)
            scripts.append((after["ScriptDuration"] - before["ScriptDuration"]) * 1000)
            self._page.wait_for_timeout(400)
        spent = costs(self._server.pid).since(begin, len(acts))
        page = {"task": round(statistics.median(tasks), 1), "script": round(statistics.median(scripts), 1)}
        return {"ms": summed_up(waits), "page_thread_ms": page, "processor_ms_each": spent}

    def _metrics(self) -> dict[str, float]:
        return {m["name"]: m["value"] for m in self._script.send("Performance.getMetrics")["metrics"]}


def renames(page: Page, server: RunningServer) -> dict[str, Any]:
    """Renames one value again and again in the properties panel: no structure changes."""
    editor = Editor(page)
    editor.find(VALUE)
    field = page.get_by_role("complementary", name="Properties").get_by_role("textbox", name="name", exact=True)
    names = iter(f"renamed_by_the_bench_{i}" for i in range(EDITS))
    acts: list[Act] = [lambda: field.press("Enter")] * EDITS
    return Watch(page, server).edits(acts, prepare=lambda: field.fill(next(names)))


def structural_edits(page: Page, server: RunningServer) -> dict[str, Any]:
    """Inserts a node, then takes it back and brings it again: each time a node and a wire come or go."""
    editor = Editor(page)
    editor.insert_on_wire(f"renamed_by_the_bench_{EDITS - 1}", "Relu")
    page.wait_for_timeout(500)
    acts: list[Act] = [lambda: page.keyboard.press("Control+z"), lambda: page.keyboard.press("Control+Shift+z")]
    return Watch(page, server).edits(acts * (EDITS // 2))


def frames_per_second(page: Page) -> dict[str, float]:
    """Frames a second while panning with the pointer and zooming with the wheel, near and with all of the graph in view."""
    found = {}
    for place in ("near", "all"):
        if place == "all":
            page.keyboard.press("f")
            page.wait_for_timeout(1500)
        for name in ("pan", "zoom"):
            page.mouse.move(700, 450)
            if name == "pan":
                page.mouse.down()
            handle = page.evaluate_handle(f"() => {{ window.__frames = ({FRAMES})({FRAMES_SECONDS}); return 0 }}")
            end, step = time.perf_counter() + FRAMES_SECONDS, 0
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
            gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
            found[f"{name}, {place}"] = round(1000 / statistics.mean(gaps), 1)
    return found


def measure(browser: Browser, path: Path, nodes: int) -> dict[str, Any]:
    """Everything above for one model of so many nodes."""
    with running_server([path.parent]) as server:
        server.json("POST", "/api/sessions", {"sample": "mlp"})  # the server is up once it can open a model
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(CLOCKS)
        page = context.new_page()
        page.goto(server.url)
        page.wait_for_load_state()
        report: dict[str, Any] = {"opening": opening(page, server, path, nodes)}
        page.wait_for_timeout(2000 + nodes / 10)  # the first check is over
        report["rename_to_frame"] = renames(page, server)
        report["undo_or_redo_of_a_node_to_frame"] = structural_edits(page, server)
        report["frames_per_second"] = frames_per_second(page)
        report["anonymous_mb"] = anonymous_megabytes(server.pid)
        report["load_after"] = os.getloadavg()[0]
        context.close()
    return report
