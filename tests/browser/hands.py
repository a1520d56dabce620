"""A person's hands, counted: what is pointed at and typed, and how long that takes by the keystroke-level model."""

from __future__ import annotations

from playwright.sync_api import Locator

from tests.browser.editor import LONG, Editor

# Card, Moran and Newell's figures, in seconds: for somebody who knows what they want and reads where it is
THINK, POINT, PRESS, KEY, MOVE_TO_KEYS = 1.35, 1.1, 0.2, 0.28, 0.4


class Hands:
    """Points and types on one page; each method is one gesture."""

    def __init__(self, editor: Editor) -> None:
        self.editor, self.page = editor, editor.page
        self.gestures, self.seconds = 0, 0.0
        self._at_keys = False

    def think(self) -> None:
        """The next thing to do is chosen."""
        self.seconds += THINK

    def click(self, what: Locator | tuple[float, float], button: str = "left", times: int = 1) -> None:
        self._count(POINT + times * PRESS + (MOVE_TO_KEYS if self._at_keys else 0))
        self._at_keys = False
        if isinstance(what, tuple):
            self.page.mouse.click(*what, button=button, click_count=times)  # type: ignore[arg-type]
        else:
            what.click(button=button, click_count=times, timeout=LONG)  # type: ignore[arg-type]

    def double_click(self, what: Locator | tuple[float, float]) -> None:
        self.click(what, times=2)

    def type(self, text: str) -> None:
        self._keys(len(text))
        self.page.keyboard.type(text)

    def press(self, keys: str) -> None:
        self._keys(keys.count("+") + 1)
        self.page.keyboard.press(keys)

    def choose(self, select: Locator, label: str) -> None:
        """Opens a list of choices and takes one."""
        self._count(2 * (POINT + PRESS))
        select.select_option(label=label)

    def node(self, name: str) -> tuple[float, float]:
        return self.editor.middle_of("node", name)

    def value(self, name: str) -> tuple[float, float]:
        """A value's wire, or the pill of an input or output when it has that word in front."""
        return self.editor.middle_of("value", name)

    def wait(self) -> None:
        """The edit is on the canvas."""
        self.editor.wait_for_revision(self._awaited)

    def makes(self, revisions: int = 1) -> Hands:
        """The next gestures make so many edits; waits until all before them stand."""
        self._awaited = self.editor.revision() + revisions
        self.think()
        return self

    def _keys(self, count: int) -> None:
        self._count(count * KEY + (0 if self._at_keys else MOVE_TO_KEYS))
        self._at_keys = True

    def _count(self, seconds: float) -> None:
        self.gestures += 1
        self.seconds += seconds
