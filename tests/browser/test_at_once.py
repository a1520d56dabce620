"""An edit is seen before the layout has answered: at once, beside what stays where it is, and then at its place."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import running_server

pytestmark = pytest.mark.browser

MODEL = """
<ir_version: 10, opset_import: ["" : 21]>
small (float[1, 8] x) => (float[1, 8] y) {
  a = Relu(x)
  b = Sigmoid(a)
  y = Add(a, b)
}
"""

# the layout worker works, but what it says is kept from the page until it is let go
HELD = """
window.held = null
window.Worker = class extends Worker {
  constructor(...how) {
    super(...how)
    this.addEventListener('message', (event) => {
      if (!window.held) return
      event.stopImmediatePropagation()
      window.held.push(() => this.onmessage({ data: event.data }))
    })
  }
}
window.letGo = () => { const held = window.held; window.held = null; for (const answer of held) answer() }
"""
PIXEL = """([x, y]) => {
  const canvas = document.querySelector('canvas[data-shown-revision]')
  const place = canvas.getBoundingClientRect(), ratio = canvas.width / place.width
  return [...canvas.getContext('2d').getImageData((x - place.left) * ratio, (y - place.top) * ratio, 1, 1).data].slice(0, 3) }"""


def insert_unseen(editor: Editor, value: str, operator: str) -> None:
    """Inserts a node behind a value in sight while the layout is held back."""
    editor.page.evaluate("window.held = []")
    insert(editor, value, operator)


def insert(editor: Editor, value: str, operator: str) -> None:
    page = editor.page
    x, y = editor.middle_of("value", value)
    page.mouse.click(x, y, button="right")
    page.get_by_role("menuitem", name="Insert").first.click()
    field = page.get_by_role("dialog").get_by_role("combobox", name="operator")
    field.fill(operator)
    field.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Insert").click()


def shown(page: Page, revision: int) -> None:
    page.wait_for_selector(f'canvas[data-shown-revision="{revision}"]', timeout=LONG)


def test_an_edit_is_on_the_canvas_before_the_layout_has_answered(editor: Editor, tmp_path: Path) -> None:
    onnx.save(onnx.parser.parse_model(MODEL), tmp_path / "small.onnx")
    page = editor.page
    page.add_init_script(HELD)
    with running_server([tmp_path]) as server:
        editor.open_from_start_page(server.url, tmp_path / "small.onnx")
        editor.find("a")
        stayed = editor.middle_of("node", "Sigmoid")
        insert_unseen(editor, "a", "Tanh")
        shown(page, 1)
        assert editor.revision() == 0
        x, y = editor.middle_of("node", "Tanh")
        assert editor.middle_of("node", "Sigmoid") == stayed
        title, ground = page.evaluate(PIXEL, [x - 22, y]), page.evaluate(PIXEL, [x - 300, y])
        assert max(abs(one - other) for one, other in zip(title, ground, strict=True)) > 40
        page.mouse.click(x, y)  # it can be pointed at
        page.keyboard.press("Delete")
        shown(page, 2)
        editor.on_canvas("node", "Tanh").wait_for(state="detached")
        page.keyboard.press("Control+z")
        shown(page, 3)
        page.evaluate("window.letGo()")
        editor.wait_for_revision(3)
        (_, above), (_, new), (_, below) = (editor.middle_of("node", name) for name in ("Relu", "Tanh", "Sigmoid"))
        assert above + 40 < new < below - 40


def test_the_answer_to_an_edit_leaves_the_cursor_where_the_reader_put_it(editor: Editor, tmp_path: Path) -> None:
    onnx.save(onnx.parser.parse_model(MODEL), tmp_path / "small.onnx")
    page = editor.page
    with running_server([tmp_path]) as server:
        editor.open_from_start_page(server.url, tmp_path / "small.onnx")
        editor.find("a")
        insert(editor, "a", "Tanh")
        page.keyboard.press("Control+f")
        page.keyboard.type("Sig")
        editor.wait_for_revision(1)
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("searchbox")).to_be_focused()
