"""From a file to the first paint, from a key press to the repainted frame, and what it costs: a real server and Chromium."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from bench.clocks import CLOCKS, arrival, first_picture, wait_until_shown
from bench.editing import HowOften, editing, looking_into
from bench.figures import summed_up
from bench.moving import moving
from bench.page_costs import PageCosts, threads
from bench.process_costs import anonymous_megabytes, costs
from bench.processor_trace import ProcessorTrace
from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer, running_server

LAID_OUT = "performance.getEntriesByName('scalpel:laid-out').length"
AS_OPENED, EXPANDED = "as opened", "expanded"
MODES = (AS_OPENED, EXPANDED)


def first_paint(page: Page, server: RunningServer, path: Path, nodes: int) -> tuple[float, str]:
    """Wall seconds from the request that opens the file until the first frame with every node laid out; and the session."""
    start = time.time()
    session = server.json("POST", "/api/sessions", {"path": str(path)})["session"]
    page.goto(f"{server.origin}/s/{session}", wait_until="commit")
    wait_until_shown(page, 0, LONG)
    first_picture(page, nodes)
    return page.evaluate("performance.timeOrigin + window.__shown[0]") / 1000 - start, session


def open_from_start_page(page: Page, server: RunningServer, path: Path, nodes: int) -> dict[str, float]:
    """Seconds from the Enter on the start page, and from the last byte of the snapshot, until the first picture, whose pixels
    must show titles and wires."""
    page.goto(server.origin)
    page.wait_for_load_state("networkidle")
    field = page.get_by_role("combobox", name="Path")
    field.fill(str(path))
    page.wait_for_timeout(500)
    before, server_before = threads(), costs(server.pid)
    field.press("Enter")
    page.wait_for_url("**/s/*", wait_until="commit")
    wait_until_shown(page, 0, LONG)
    spent, server_spent = threads().since(before), costs(server.pid).since(server_before)
    found = arrival(page)
    first_picture(page, nodes)
    return {
        "file": (found["shown"] - found["pressed"]) / 1000,
        "bytes": (found["shown"] - found["last"]) / 1000,
        "server": (found["last"] - found["pressed"]) / 1000,
        "all_cpu": (spent.in_turn + server_spent["server"]) / 1000,
    }


def opening(page: Page, server: RunningServer, path: Path, nodes: int, how_often: HowOften) -> dict[str, Any]:
    """The first paint, several times; the last session stays open. Processor time is counted until the first paint only: with
    the server's from the Enter on, the page's own from the last byte on."""
    found = []
    for time_ in range(how_often.opens):
        if time_ > 0:
            server.request("DELETE", f"/api/sessions/{session_of(page)}")
        found.append(open_from_start_page(page, server, path, nodes))
    return {
        "file_to_first_paint_s": summed_up([one["file"] for one in found], 3),
        "bytes_to_first_paint_s": summed_up([one["bytes"] for one in found], 3),
        "file_to_bytes_s": summed_up([one["server"] for one in found], 3),
        # without the time for which other processes of a busy machine had the processor
        "with_server_cpu_s": summed_up([one["all_cpu"] for one in found], 3),
        "page_and_worker_cpu_s": summed_up(_processor_times(page, server, how_often), 3),
    }


def expand(page: Page) -> None:
    """Opens every scope and waits for the picture of it; a model without scopes stays as it is."""
    page.locator("canvas[data-painted-revision]:visible").focus()
    before = page.evaluate(LAID_OUT)
    page.keyboard.press("Shift+E")
    for _ in range(600):
        page.wait_for_timeout(100)
        if page.evaluate(LAID_OUT) > before:
            break
    page.wait_for_timeout(2000)


def _processor_times(page: Page, server: RunningServer, how_often: HowOften) -> list[float]:
    """Seconds of processor of the page and its worker from the last byte of the snapshot to the first picture. They are read all
    along, which holds up what is timed: so the open model is opened again for it."""
    found = []
    for _ in range(how_often.opens):
        with ProcessorTrace() as trace:
            _open_again(page, server)
        one = arrival(page)
        found.append(trace.between(one["origin"] + one["last"], one["origin"] + one["shown"]) / 1000)
    return found


def _open_again(page: Page, server: RunningServer) -> None:
    """From the start page, where the model stands among the open ones, as it was left."""
    session = session_of(page)
    page.goto(server.origin)
    page.wait_for_load_state("networkidle")
    link = page.locator(f'a[href="/s/{session}"]')
    link.wait_for()
    page.wait_for_timeout(500)
    link.click()
    page.wait_for_url("**/s/*", wait_until="commit")
    wait_until_shown(page, 0, LONG)


def opening_expanded(page: Page, server: RunningServer, nodes: int, how_often: HowOften) -> dict[str, Any]:
    """The model is opened again with every scope open: from the last byte of the snapshot to the first picture."""
    found = []
    for _ in range(how_often.opens):
        _open_again(page, server)
        one = arrival(page)
        first_picture(page, nodes)
        found.append((one["shown"] - one["last"]) / 1000)
        page.wait_for_timeout(1500)
    return {
        "bytes_to_first_paint_s": summed_up(found, 3),
        "page_and_worker_cpu_s": summed_up(_processor_times(page, server, how_often), 3),
    }


def opened_once(page: Page, nodes: int, mode: str) -> Page:
    """The same model in a new window, whose memory holds nothing of what was opened before it."""
    new, revision = page.context.new_page(), Editor(page).revision()
    new.goto(page.url)
    page.close()
    wait_until_shown(new, revision, LONG)
    new.wait_for_timeout(2000 + nodes / 10)
    if mode == EXPANDED:
        expand(new)
    return new


def session_of(page: Page) -> str:
    return page.url.rsplit("/", 1)[-1]


def measure(browser: Browser, path: Path, nodes: int, value: str, mode: str, how_often: HowOften) -> dict[str, Any]:
    """Everything above for one model of so many nodes; `value` names the one that is edited; `mode`: of MODES."""
    with running_server([path.parent]) as server:
        server.json("POST", "/api/sessions", {"sample": "mlp"})  # the server is up once it can open a model
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(CLOCKS)
        page = context.new_page()
        page.goto(server.url)
        page.wait_for_load_state()
        report: dict[str, Any] = {
            "load_before": os.getloadavg()[0],
            "opening": opening(page, server, path, nodes, how_often),
        }
        page.wait_for_timeout(2000 + nodes / 10)  # the first check is over
        if mode == EXPANDED:
            expand(page)
            report["opening"] |= opening_expanded(page, server, nodes, how_often)
            del report["opening"]["file_to_first_paint_s"], report["opening"]["with_server_cpu_s"]
        page = opened_once(page, nodes, mode)
        page_costs = PageCosts(page)
        report["page_mb"] = {"opened": page_costs.memory()}
        report["edits"] = editing(page, server, page_costs, value, how_often)
        report["page_mb"]["after edits"] = page_costs.memory()
        report["frames"] = moving(page, page_costs)
        report["page_mb"]["after moving"] = page_costs.memory()
        report["page_mb"]["tidied"] = page_costs.memory(tidied=True)
        page = opened_once(page, nodes, mode)
        for kind, found in looking_into(page, f"renamed_timed_{how_often.renames - 1}", how_often).items():
            report["edits"][kind] |= found
        report["anonymous_mb"] = anonymous_megabytes(server.pid)
        report["load_after"] = os.getloadavg()[0]
        context.close()
    return report
