"""What a person can do in the editor, with pointer and keys only: every method is what hands would do, none calls the page's code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

LONG = 60_000  # ms: a 10k model on a busy machine
CANVAS = "canvas[data-painted-revision]"


class Editor:
    """One browser page with the editor open, or on its start page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # opening ---------------------------------------------------------------------------------------------------------

    def open_from_start_page(self, url: str, path: Path) -> None:
        """Types a path into the start page and presses Enter."""
        self.page.goto(url)
        field = self.page.get_by_role("combobox", name="Path")
        field.fill(str(path))
        field.press("Enter")
        self.wait_for_canvas()

    def open_copy(self, url: str, folder: Path, model: Path) -> Path:
        """Opens a copy that is the test's own; gives its path."""
        own = folder / model.name
        shutil.copyfile(model, own)
        self.open_from_start_page(url, own)
        return own

    def wait_for_canvas(self) -> None:
        self.page.wait_for_selector('canvas[data-state="ready"]', timeout=LONG)

    def revision(self) -> int:
        """The revision that is on the canvas now."""
        return int(self.page.locator(CANVAS).first.get_attribute("data-painted-revision") or -1)

    def wait_for_revision(self, revision: int) -> None:
        """Waits until this revision is painted: the canvas follows each edit by itself."""
        expect(self.page.locator(CANVAS).first).to_have_attribute("data-painted-revision", str(revision), timeout=LONG)

    # finding ---------------------------------------------------------------------------------------------------------

    def find(self, name: str, kind: str = "value") -> None:
        """Ctrl+F, types a name, takes the node or value of just that name: the canvas goes there and selects it."""
        self.page.keyboard.press("Control+f")
        box = self.page.get_by_role("searchbox")
        box.fill(name)
        results = self.page.get_by_role("tree", name="Find results")
        row = results.locator(f'[data-id^="{kind}:"]').and_(results.get_by_title(name, exact=True))
        row.first.click(timeout=LONG)

    def search(self, text: str) -> Locator:
        """Ctrl+F and some letters; gives the list of hits."""
        self.page.keyboard.press("Control+f")
        self.page.get_by_role("searchbox").fill(text)
        return self.page.get_by_role("tree", name="Find results")

    def select_hits(self, text: str, names: list[str]) -> None:
        """Finds by some letters and clicks the values of just these names, with Ctrl held."""
        results = self.search(text)
        for name in names:
            results.locator('[data-id^="value:"]').and_(results.get_by_title(name, exact=True)).click(
                modifiers=["Control"]
            )

    def select_all_hits(self, text: str, count: int) -> None:
        """Finds by some letters and selects everything that is found."""
        self.search(text)
        self.page.get_by_role("button", name=f"Select all {count}", exact=True).click(timeout=LONG)

    @property
    def properties(self) -> Locator:
        return self.page.get_by_role("complementary", name="Properties")

    @property
    def history(self) -> Locator:
        return self.properties.get_by_role("region", name="History")

    def model_menu(self, entry: str) -> None:
        """Opens the menu of the whole model and takes one entry."""
        self.page.get_by_role("button", name="Model", exact=True).click()
        self.page.get_by_role("menuitem", name=entry).click()

    def choose(self, *titles: str | re.Pattern[str]) -> None:
        """Takes an entry of the open menu; the titles before it are those of the menus that it is in."""
        for title in titles:
            self.page.get_by_role("menuitem", name=title, exact=isinstance(title, str)).first.click()

    def accept_preview(self) -> str:
        """Presses Preview in the open form, waits for it, and accepts; gives what the preview said."""
        before = self.revision()
        self.page.get_by_role("dialog").get_by_role("button", name="Preview").click()
        preview = self.page.get_by_role("dialog", name=re.compile("^Preview"))
        preview.wait_for(timeout=3 * LONG)
        said = preview.inner_text()
        preview.get_by_role("button", name="Accept").click()
        self.wait_for_revision(before + 1)
        return said

    def on_canvas(self, kind: str, name: str) -> Locator:
        """The canvas's own list entry for a node or a value in view; it says where on screen the thing is."""
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return self.page.locator(f'[role="treeitem"][data-kind="{kind}"][aria-label*="{quoted}"]')

    def middle_of(self, kind: str, name: str) -> tuple[float, float]:
        """Where to click for it, in client pixels."""
        item = self.on_canvas(kind, name).first
        item.wait_for(state="attached", timeout=LONG)
        while (box := self._box(item)) != self._box_later(item):
            pass  # the canvas is still gliding there
        x, y, w, h = box
        return x + w / 2, y + h / 2

    def port(self, node: str, label: str) -> tuple[float, float]:
        """Points at the node, and gives the place of one of the slots that it then shows."""
        self.page.mouse.move(*self.middle_of("node", node))
        entry = self.page.locator(f'[data-port][aria-label^="{label} of {node.split(" ")[0]}"]').first
        entry.wait_for(state="attached", timeout=LONG)
        return float(entry.get_attribute("data-x") or "nan"), float(entry.get_attribute("data-y") or "nan")

    def drag(self, start: tuple[float, float], end: tuple[float, float], drop: bool = True) -> None:
        """Presses at one place, moves to another, and lets go there."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move((start[0] + end[0]) / 2 + 3, (start[1] + end[1]) / 2 + 3, steps=4)
        self.page.mouse.move(*end, steps=4)
        if drop:
            self.page.mouse.up()

    def _box(self, item: Locator) -> tuple[float, ...]:
        return tuple(float(item.get_attribute(f"data-{key}") or "nan") for key in "xywh")

    def _box_later(self, item: Locator) -> tuple[float, ...]:
        self.page.wait_for_timeout(250)
        expect(item.locator("xpath=..")).not_to_have_attribute("aria-busy", "true", timeout=LONG)
        return self._box(item)

    # editing ---------------------------------------------------------------------------------------------------------

    def rename_value(self, old: str, new: str) -> None:
        """Finds a value and types another name into the panel's name field."""
        before = self.revision()
        self.find(old)
        field = self.page.get_by_role("complementary", name="Properties").get_by_role(
            "textbox", name="name", exact=True
        )
        expect(field).to_have_value(old, timeout=LONG)
        field.fill(new)
        field.press("Enter")
        self.wait_for_revision(before + 1)

    def insert_on_wire(self, value: str, op_type: str) -> None:
        """Right-clicks the wire, takes "Insert operator", types the operator and presses Enter."""
        before = self.revision()
        self.find(value)
        x, y = self.middle_of("value", value)
        self.page.mouse.click(x, y, button="right")
        self.page.get_by_role("menuitem", name=re.compile("^Insert")).first.click()
        form = self.page.get_by_role("dialog")
        operator = form.get_by_role("combobox", name="operator")
        operator.fill(op_type)
        operator.press("Enter")
        form.get_by_role("button", name="Insert").click()
        self.wait_for_revision(before + 1)

    def delete_with_reconnect(self, node: str) -> None:
        """Clicks a node on the canvas and presses Ctrl+Delete."""
        before = self.revision()
        self.find(node, "node")
        x, y = self.middle_of("node", node)
        self.page.mouse.click(x, y)
        self.page.keyboard.press("Control+Delete")
        self.wait_for_revision(before + 1)

    def undo(self, times: int = 1) -> None:
        for _ in range(times):
            before = self.revision()
            self.page.keyboard.press("Control+z")
            self.wait_for_revision(before + 1)

    def redo(self, times: int = 1) -> None:
        for _ in range(times):
            before = self.revision()
            self.page.keyboard.press("Control+Shift+z")
            self.wait_for_revision(before + 1)

    def run(self, dims: dict[str, int]) -> Locator:
        """Presses Run, answers what it asks, waits for the outputs; gives the panel of results."""
        self.page.get_by_role("button", name="Run", exact=True).click()
        dialog = self.page.get_by_role("dialog", name="Run")
        results = self.page.get_by_role("table", name="Outputs")
        dialog.or_(results).first.wait_for(timeout=LONG)
        if dialog.is_visible():
            for name, size in dims.items():
                field = dialog.get_by_label(name, exact=True)
                if field.count():
                    field.first.fill(str(size))
            dialog.get_by_role("button", name="Run").click()
        results.wait_for(timeout=LONG)
        return results

    def download(self, folder: Path) -> Path:
        """Saves the edited model with the Download button."""
        self.page.get_by_role("button", name="Save as…", exact=True).click()
        with self.page.expect_download(timeout=LONG) as waiting:
            self.page.get_by_role("menuitem", name=re.compile("^Download")).click()
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path
