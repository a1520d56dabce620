"""The canvas looks as in the README's pictures; without its wires, titles, types or colours it does not.

After a change of the look that is meant, `make pictures` draws them again: open them before they are committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.editor import CANVAS
from tests.browser.likeness import Pixels, difference, pixels
from tests.browser.readme_pictures import (
    PICTURES,
    SCHEMES,
    ReadmePicture,
    Scheme,
    arranged,
    open_window,
    shown,
    write_models,
)
from tests.real_server import running_server

LIMIT = 0.02  # of the cells that show something
BARS = ".stage-bottom > *, .minimap, .panel-toggle"  # what lies on the canvas is not looked at

# what is wrong in a broken canvas: the page draws as ever, but these marks do not reach the pixels
BROKEN = {
    "wires": "if (['#8a94a6', '#69748a'].includes(String(this.strokeStyle))) return",
    "titles": "if (name === 'fillText' && this.font.startsWith('600 12px')) return",
    "types and rows": "if (name === 'fillText' && this.font.startsWith('11px')) return",
    "one family's colour": "if (name === 'fill' && this.fillStyle === '#2f5d9b') this.fillStyle = '#4a5568'",
    "cards": "if (name === 'fill' && ['#ffffff', '#20252e'].includes(this.fillStyle)) return",
}
BREAK = """(how) => {
    window.mend = []
    const kind = CanvasRenderingContext2D.prototype
    for (const name of ['stroke', 'fill', 'fillText']) {
        const whole = kind[name]
        window.mend.push(() => { kind[name] = whole })
        const harm = HOW
        kind[name] = function (...given) { return harm.call(this, name) === false ? undefined : whole.apply(this, given) }
    }
}"""
MEND = "() => window.mend.forEach((one) => one())"


@dataclass
class Opened:
    """Every picture's page, opened once, and a page that decodes."""

    blank: Page
    pages: dict[str, Page] = field(default_factory=dict)

    def canvas(self, picture: ReadmePicture, scheme: Scheme) -> tuple[Pixels, Pixels]:
        """What the canvas shows now, and what it shows in the README."""
        page = self.pages[picture.name]
        canvas, all_ = (page.locator(name).bounding_box() for name in (CANVAS, picture.of))
        assert canvas is not None and all_ is not None
        part = (
            round(canvas["x"] - all_["x"]),
            round(canvas["y"] - all_["y"]),
            round(canvas["width"]),
            round(canvas["height"]),
        )
        now, kept = (
            pixels(self.blank, png, part)
            for png in (shown(page, scheme, picture.of), picture.path(scheme).read_bytes())
        )
        for bar in page.locator(BARS).all():
            box = bar.bounding_box()
            assert box is not None
            left, top = (max(0, round(box[at] - canvas[at])) for at in ("x", "y"))
            for one in (now, kept):
                one[top : top + round(box["height"]), left : left + round(box["width"])] = 0
        return now, kept


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp("looks")
    write_models(folder)
    with running_server([folder]) as server:
        found = Opened(browser.new_page())
        for picture in PICTURES:
            found.pages[picture.name] = open_window(browser, picture)
            arranged(found.pages[picture.name], server, folder, picture)
        yield found
        for page in (found.blank, *found.pages.values()):
            page.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_canvas_looks_as_in_the_readme(opened: Opened, picture: ReadmePicture, scheme: Scheme) -> None:
    now, kept = opened.canvas(picture, scheme)
    assert difference(now, kept) < LIMIT, "if this change is meant: `make pictures`, then look at docs/*.png"


@pytest.mark.parametrize("what", BROKEN)
def test_it_is_seen_when_something_is_missing(opened: Opened, what: str) -> None:
    page = opened.pages["editor"]
    how = f"function (name) {{ {BROKEN[what].replace('return', 'return false')} }}"
    page.evaluate(BREAK.replace("HOW", how))
    try:
        shown(page, "dark")  # the other colours, so that all is drawn again
        assert difference(*opened.canvas(PICTURES[0], "light")) > LIMIT
    finally:
        page.evaluate(MEND)
