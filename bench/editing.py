"""From a key press, and from the message that a revision came in, to the first frame that shows it, and to everything at its place."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from bench.clocks import COLOUR_AT, PIXELS_OF, wait_until_shown
from bench.figures import summed_up
from bench.page_costs import PageCosts, threads
from bench.process_costs import costs
from bench.processor_trace import ProcessorTrace
from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer

REST_MS = 250
Act = Callable[[], None]
TIMES = """(revision) => [window.__pressed, window.__heard[revision], window.__seen[revision], window.__shown[revision],
  performance.timeOrigin]"""
# of the pixels that a node's box has, so many are of its title's colour, or becoming it
OF_ITS_COLOUR = 0.4


@dataclass(frozen=True)
class HowOften:
    opens: int = 7
    renames: int = 20
    steps: int = 40  # of undo and redo


QUICKLY = HowOften(3, 6, 12)


class Watch:
    """Times edits, with the processor time around them. Each act presses one key that leads to one revision."""

    def __init__(self, page: Page, server: RunningServer, page_costs: PageCosts) -> None:
        self._page, self._server, self._costs = page, server, page_costs
        self._editor = Editor(page)
        self._colour: list[int] | None = None
        self._ground: list[int] = []
        self._area = 0.0

    def watch(self) -> None:
        """From now on the first frame of each edit is looked at: the node that is selected now must have come in it, or gone."""
        item = self._page.locator('[role="treeitem"][data-kind="node"][aria-selected="true"]').first
        x, y, w, h = (float(item.get_attribute(f"data-{name}") or "nan") for name in "xywh")
        self._colour, self._area = self._page.evaluate(COLOUR_AT, [x + 6, y + min(h, 24) / 2]), w * min(h, 24)
        self._ground = self._page.evaluate(COLOUR_AT, [x - 14, y + min(h, 24) / 2])
        self._page.evaluate("window.__watching = true")

    def _pixels(self, whole: bool) -> list[int]:
        found: list[int] = self._page.evaluate(PIXELS_OF, [self._colour, self._ground, whole])
        return found

    def _assert_seen(self, before: list[int], revision: int) -> None:
        changed = max(abs(is_now - was) for is_now, was in zip(self._pixels(whole=False), before, strict=True))
        if changed < OF_ITS_COLOUR * self._area:
            raise RuntimeError(f"the first frame of revision {revision} does not show it: {changed} pixels changed")

    def edits(self, acts: list[Act], prepare: Act = lambda: None) -> dict[str, Any]:
        """What is prepared before an act is not counted for the page."""
        pressed_to_seen, heard_to_seen, heard_to_shown, until_seen, page, in_turn, scripts = [], [], [], [], [], [], []
        begin = costs(self._server.pid)
        for act in acts:
            prepare()
            revision = self._editor.revision() + 1
            coloured = self._pixels(whole=True) if self._colour else []
            script, before = self._costs.thread()["script"], threads()
            with ProcessorTrace() as trace:
                act()
                wait_until_shown(self._page, revision, LONG)
            spent = threads().since(before)
            scripts.append(self._costs.thread()["script"] - script)
            page.append(spent.page)
            in_turn.append(spent.in_turn)
            pressed, heard, seen, shown, origin = self._page.evaluate(TIMES, str(revision))
            pressed_to_seen.append(seen - pressed)
            heard_to_seen.append(seen - heard)
            heard_to_shown.append(shown - heard)
            until_seen.append(trace.between(origin + heard, origin + seen))
            if self._colour:
                self._assert_seen(coloured, revision)
            self._page.wait_for_timeout(REST_MS)
        return {
            "heard_to_frame_ms": summed_up(heard_to_seen),
            "key_to_frame_ms": summed_up(pressed_to_seen),
            "heard_to_its_place_ms": summed_up(heard_to_shown),
            "heard_to_frame_cpu_ms": summed_up(until_seen),
            "cpu_until_all_at_its_place_ms": summed_up(in_turn),
            "page_thread_ms": {
                "all": round(statistics.median(page), 1),
                "script": round(statistics.median(scripts), 1),
            },
            "processor_ms_each": costs(self._server.pid).since(begin, len(acts)),
        }


def editing(
    page: Page, server: RunningServer, page_costs: PageCosts, value: str, how_often: HowOften
) -> dict[str, Any]:
    """Renames one value again and again; inserts a node, then takes it back and brings it again, again and again."""
    editor, watch = Editor(page), Watch(page, server, page_costs)
    editor.find(value)
    field = page.get_by_role("complementary", name="Properties").get_by_role("textbox", name="name", exact=True)
    names = iter(f"renamed_by_the_bench_{i}" for i in range(how_often.renames))
    acts: list[Act] = [lambda: field.press("Enter")] * how_often.renames
    found = {"rename": watch.edits(acts, prepare=lambda: field.fill(next(names)))}
    editor.insert_on_wire(f"renamed_by_the_bench_{how_often.renames - 1}", "Relu")
    page.wait_for_timeout(1000)
    watch.watch()
    steps: list[Act] = [lambda: page.keyboard.press("Control+z"), lambda: page.keyboard.press("Control+Shift+z")]
    found["insert or its undo"] = watch.edits(steps * (how_often.steps // 2))
    return found
