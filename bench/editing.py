"""From a key press, and from the message that a revision came in, to the first frame that shows it, and to everything at its place."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
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
KEYS = ("Control+z", "Control+Shift+z")
TIMES = """(revision) => [window.__pressed, window.__heard[revision], window.__seen[revision], window.__shown[revision],
  performance.timeOrigin]"""
# of the pixels that a node's box has, so many are of its title's colour, or becoming it
OF_ITS_COLOUR = 0.4
Around = Callable[[int], AbstractContextManager[None]]


@dataclass(frozen=True)
class HowOften:
    opens: int = 7
    renames: int = 20
    steps: int = 40  # of undo and redo


QUICKLY = HowOften(3, 6, 12)


def editing(
    page: Page, server: RunningServer, page_costs: PageCosts, value: str, how_often: HowOften
) -> dict[str, dict[str, Any]]:
    """Renames one value again and again; inserts a node, then takes it back and brings it again, again and again."""
    timed, names = _Timed(page, server, page_costs), _names("timed", how_often.renames)
    found = {"rename": timed.found(partial(_rename, page, value, names), how_often.renames)}
    _insert(page, names[-1])
    found["insert or its undo"] = timed.found(partial(_back_and_forth, page, how_often.steps), how_often.steps)
    return found


def looking_into(page: Page, value: str, how_often: HowOften) -> dict[str, dict[str, Any]]:
    """The same, half as often and in a window of its own, for what holds up a page: its processor time is read all along, and the
    first frame of a node that comes or goes is searched for its pixels."""
    looked, names = _LookedInto(page), _names("looked_into", how_often.renames // 2)
    found = {"rename": looked.found(partial(_rename, page, value, names))}
    _insert(page, names[-1])
    looked.watch()
    found["insert or its undo"] = looked.found(partial(_back_and_forth, page, how_often.steps // 2))
    return found


def _names(word: str, count: int) -> list[str]:
    return [f"renamed_{word}_{i}" for i in range(count)]


def _rename(page: Page, value: str, names: list[str], around: Around) -> None:
    Editor(page).find(value)
    field = page.get_by_role("complementary", name="Properties").get_by_role("textbox", name="name", exact=True)
    for name in names:
        field.fill(name)
        _act(page, lambda: field.press("Enter"), around)


def _insert(page: Page, value: str) -> None:
    Editor(page).insert_on_wire(value, "Relu")
    page.wait_for_timeout(1000)


def _back_and_forth(page: Page, steps: int, around: Around) -> None:
    for key in itertools.islice(itertools.cycle(KEYS), steps):
        _act(page, partial(page.keyboard.press, key), around)


def _act(page: Page, act: Callable[[], None], around: Around) -> None:
    """`around` gets the revision that the act leads to; it is left when that is shown."""
    revision = Editor(page).revision() + 1
    with around(revision):
        act()
        wait_until_shown(page, revision, LONG)
    page.wait_for_timeout(REST_MS)


class _Timed:
    """By the page's own clocks, while nothing else is read."""

    def __init__(self, page: Page, server: RunningServer, page_costs: PageCosts) -> None:
        self._page, self._server, self._costs = page, server, page_costs
        self._times: dict[str, list[float]] = {}
        self._spent: dict[str, list[float]] = {}

    def found(self, acts: Callable[[Around], None], count: int) -> dict[str, Any]:
        self._times = {"heard_to_frame_ms": [], "key_to_frame_ms": [], "heard_to_its_place_ms": []}
        self._spent = {"in_turn": [], "page": [], "script": []}
        begin = costs(self._server.pid)
        acts(self._around)
        return {
            **{name: summed_up(times) for name, times in self._times.items()},
            "cpu_until_all_at_its_place_ms": summed_up(self._spent["in_turn"]),
            "page_thread_ms": {
                "all": round(statistics.median(self._spent["page"]), 1),
                "script": round(statistics.median(self._spent["script"]), 1),
            },
            "processor_ms_each": costs(self._server.pid).since(begin, count),
        }

    @contextmanager
    def _around(self, revision: int) -> Iterator[None]:
        script, before = self._costs.thread()["script"], threads()
        yield
        spent = threads().since(before)
        self._spent["in_turn"].append(spent.in_turn)
        self._spent["page"].append(spent.page)
        self._spent["script"].append(self._costs.thread()["script"] - script)
        pressed, heard, seen, shown, _ = self._page.evaluate(TIMES, str(revision))
        self._times["heard_to_frame_ms"].append(seen - heard)
        self._times["key_to_frame_ms"].append(seen - pressed)
        self._times["heard_to_its_place_ms"].append(shown - heard)


class _LookedInto:
    """Processor time from the message to the first frame and, once it watches, the pixels of that frame."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._spent: list[float] = []
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

    def found(self, acts: Callable[[Around], None]) -> dict[str, Any]:
        self._spent = []
        acts(self._around)
        return {"heard_to_frame_cpu_ms": summed_up(self._spent)}

    @contextmanager
    def _around(self, revision: int) -> Iterator[None]:
        before = self._pixels(whole=True) if self._colour else []
        with ProcessorTrace() as trace:
            yield
        _, heard, seen, _, origin = self._page.evaluate(TIMES, str(revision))
        self._spent.append(trace.between(origin + heard, origin + seen))
        if not self._colour:
            return
        changed = max(abs(is_now - was) for is_now, was in zip(self._pixels(whole=False), before, strict=True))
        if changed < OF_ITS_COLOUR * self._area:
            raise RuntimeError(f"the first frame of revision {revision} does not show it: {changed} pixels changed")

    def _pixels(self, whole: bool) -> list[int]:
        found: list[int] = self._page.evaluate(PIXELS_OF, [self._colour, self._ground, whole])
        return found
