"""Nodes are moved by hand and notes are written, with pointer and with keys; both stay, and the model knows nothing of it."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY

MODEL = """
<ir_version: 10, opset_import: ["" : 21]>
small (float[1, 8] x, float[1, 8] side) => (float[1, 8] y) {
  a = Relu(x)
  b = Sigmoid(a)
  c = Tanh(a)
  d = Sub(b, c)
  y = Add(d, side)
}
"""
# where all nodes are on screen
SPOTS = """() => Object.fromEntries([...document.querySelectorAll('[role="treeitem"][data-kind="node"]')]
  .map(({ dataset: { id, x, y } }) => [id, [Math.round(x), Math.round(y)]]))"""


@pytest.fixture
def opened(editor: Editor, server: RunningServer, folder: Path, request: pytest.FixtureRequest) -> Editor:
    """Each test on a file of its own: a session on the same file would be joined."""
    path = folder / f"{request.node.name}.onnx"
    onnx.save(onnx.parser.parse_model(MODEL), path)
    editor.open_from_start_page(server.url, path)
    expect(editor.page.get_by_text("Valid", exact=True)).to_be_visible(timeout=LONG)  # types are on the wires by then
    editor.page.get_by_role("button", name="Tidy", exact=True).click()
    editor.middle_of("node", "Add")
    return editor


def apart(editor: Editor, node: str, other: str = "Add") -> tuple[float, float]:
    """Where a node stands, seen from another one."""
    one, two = editor.middle_of("node", node), editor.middle_of("node", other)
    return one[0] - two[0], one[1] - two[1]


def moved(editor: Editor, node: str, dx: float, dy: float) -> None:
    x, y = editor.middle_of("node", node)
    editor.drag((x - 20, y), (x - 20 + dx, y + dy))  # away from its ports


def test_a_node_stays_where_a_hand_put_it_over_edits_and_a_reload(opened: Editor) -> None:
    before = apart(opened, "Tanh")
    moved(opened, "Tanh", 180, 40)
    opened.wait_for_revision(1)
    there = apart(opened, "Tanh")
    assert there == pytest.approx((before[0] + 180, before[1] + 40), abs=3)
    expect(opened.history).to_contain_text("Moved Tanh")
    opened.rename_value("d", "difference")
    assert apart(opened, "Tanh") == pytest.approx(there, abs=3)
    opened.page.reload()
    opened.wait_for_canvas()
    assert apart(opened, "Tanh") == pytest.approx(there, abs=3)
    opened.undo(2)
    assert apart(opened, "Tanh") == pytest.approx(before, abs=3)


def test_a_node_that_is_moved_by_its_lower_half_goes_back_alone_when_that_is_undone(opened: Editor) -> None:
    (x, y), other = opened.middle_of("node", "Tanh"), opened.middle_of("node", "Add")
    opened.drag((x, y + 5), (x + 180, y + 45))
    opened.wait_for_revision(1)
    expect(opened.history).to_contain_text("Moved Tanh")
    opened.undo(1)
    assert opened.middle_of("node", "Tanh") == pytest.approx((x, y), abs=1)
    assert opened.middle_of("node", "Add") == pytest.approx(other, abs=1)


def test_what_is_undone_looks_exactly_as_it_did(editor: Editor, sample_server: RunningServer) -> None:
    editor.open_from_start_page(sample_server.url, REPOSITORY / "sample_models" / "attention_block.onnx")
    page = editor.page
    expect(page.get_by_text("Valid", exact=True)).to_be_visible(timeout=LONG)
    page.mouse.click(*editor.middle_of("node", "Softmax"))
    before = page.evaluate(SPOTS)
    page.keyboard.press("Delete")
    editor.wait_for_revision(1)
    editor.undo()
    editor.middle_of("node", "Softmax")  # it stands still then
    assert page.evaluate(SPOTS) == before


def test_the_view_stays_where_an_insertion_is_undone_though_its_value_is_read_far_away(
    editor: Editor, server: RunningServer, folder: Path
) -> None:
    chain = "\n".join(f"  v{i} = Abs(v{i - 1})" for i in range(1, 40))
    text = f"""<ir_version: 10, opset_import: ["" : 21]>
far (float[4] x) => (float[4] y) {{
  v0 = Neg(x)
{chain}
  far = Add(v39, v0)
  y = Mul(far, v0)
}}"""
    onnx.save(onnx.parser.parse_model(text), folder / "far.onnx")
    editor.open_from_start_page(server.url, folder / "far.onnx")
    editor.find("v0")
    before = editor.middle_of("node", "Neg")
    editor.insert_on_wire("v0", "Relu")
    inserted = editor.middle_of("node", "Neg")
    editor.undo()
    assert editor.middle_of("node", "Neg") == pytest.approx(before, abs=1)
    editor.redo()
    assert editor.middle_of("node", "Neg") == pytest.approx(inserted, abs=1)


def test_a_wire_dropped_on_a_node_whose_inputs_are_taken_replaces_none(opened: Editor) -> None:
    page = opened.page
    x, y = opened.middle_of("value", "side")
    to_x, to_y = opened.middle_of("node", "Tanh")
    opened.drag((x, y), (to_x, to_y + 8))
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert opened.revision() == 0


def test_what_is_selected_moves_together_as_one_edit(opened: Editor) -> None:
    page = opened.page
    page.mouse.click(*opened.middle_of("node", "Tanh"))
    page.keyboard.down("Control")
    page.mouse.click(*opened.middle_of("node", "Sigmoid"))
    page.keyboard.up("Control")
    before = apart(opened, "Tanh"), apart(opened, "Sigmoid")
    moved(opened, "Tanh", 60, 20)
    opened.wait_for_revision(1)
    for node, was in zip(("Tanh", "Sigmoid"), before, strict=True):
        assert apart(opened, node) == pytest.approx((was[0] + 60, was[1] + 20), abs=3)


def test_a_move_is_given_up_with_escape(opened: Editor) -> None:
    before = apart(opened, "Tanh")
    x, y = opened.middle_of("node", "Tanh")
    opened.drag((x - 20, y), (x + 80, y + 50), drop=False)
    opened.page.keyboard.press("Escape")
    opened.page.mouse.up()
    assert apart(opened, "Tanh") == pytest.approx(before, abs=1)
    assert opened.revision() == 0


def test_moving_changes_nothing_of_the_model(opened: Editor, folder: Path, request: pytest.FixtureRequest) -> None:
    moved(opened, "Tanh", 120, 0)
    opened.wait_for_revision(1)
    assert not opened.page.title().startswith("•")
    path = folder / f"{request.node.name}.onnx"
    before = path.read_bytes()
    opened.page.keyboard.press("Control+s")
    expect(opened.page.get_by_text("Saved", exact=False).first).to_be_visible(timeout=LONG)
    assert path.read_bytes() == before


def test_keys_alone_move_a_node_and_forget_its_place(opened: Editor) -> None:
    keys = opened.page.keyboard
    before = apart(opened, "Add", "Sub")
    opened.page.locator("canvas").first.focus()
    keys.press("End")
    keys.press("ArrowUp")
    expect(opened.on_canvas("node", "Add")).to_have_attribute("aria-selected", "true")
    for _ in range(5):
        keys.press("Shift+ArrowRight")
    keys.press("Shift+ArrowDown")
    opened.wait_for_revision(1)
    dx, dy = apart(opened, "Add", "Sub")
    assert dx > before[0] + 20 and dy > before[1]
    keys.press("t")
    bar = opened.page.get_by_text("One node keeps the place you gave it")
    expect(bar).to_be_visible(timeout=LONG)
    keys.press("Shift+T")
    opened.wait_for_revision(2)
    expect(bar).to_be_hidden()
    assert apart(opened, "Add", "Sub") == pytest.approx(before, abs=3)


def test_what_tidy_says_of_places_goes_with_them_when_they_are_undone(opened: Editor) -> None:
    moved(opened, "Tanh", 150, 30)
    opened.wait_for_revision(1)
    opened.page.get_by_role("button", name="Tidy", exact=True).click()
    bar = opened.page.get_by_text("One node keeps the place you gave it")
    expect(bar).to_be_visible(timeout=LONG)
    opened.undo()
    expect(bar).to_be_hidden()


def test_tidy_offers_to_forget_the_places(opened: Editor) -> None:
    before = apart(opened, "Tanh")
    moved(opened, "Tanh", 150, 30)
    opened.wait_for_revision(1)
    opened.page.get_by_role("button", name="Tidy", exact=True).click()
    assert apart(opened, "Tanh")[0] == pytest.approx(before[0] + 150, abs=3)
    opened.page.get_by_role("button", name="Forget my places").click()
    opened.wait_for_revision(2)
    assert apart(opened, "Tanh") == pytest.approx(before, abs=3)


def test_a_node_is_put_at_a_place_from_the_menu(opened: Editor) -> None:
    page = opened.page
    page.mouse.click(*opened.middle_of("node", "Tanh"), button="right")
    opened.choose("Place", "Put it at a place…")
    form = page.get_by_role("dialog")
    form.get_by_label("x", exact=True).fill("700")
    form.get_by_role("button", name="Set position").click()
    opened.wait_for_revision(1)
    page.mouse.click(*opened.middle_of("node", "Tanh"), button="right")
    opened.choose("Place", "Let the layout place it")
    opened.wait_for_revision(2)


def test_a_new_note_stands_exactly_once_from_the_first_letter_on(opened: Editor) -> None:
    page = opened.page
    page.mouse.click(420, 300, button="right")
    page.get_by_role("menuitem", name="Add a note").click()
    page.keyboard.type("why?")
    page.evaluate(
        """() => {
          window.counts = []
          new MutationObserver(() => window.counts.push(document.querySelectorAll('[role=note]').length))
            .observe(document.querySelector('.canvas-notes'), { childList: true, subtree: true })
        }"""
    )
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-note^='note:']")).to_have_text("why?")
    expect(page.locator("[data-note^='draft:']")).to_have_count(0)
    assert set(page.evaluate("window.counts")) == {1}


def test_notes_are_written_moved_changed_and_removed_with_the_pointer(opened: Editor) -> None:
    page = opened.page
    page.mouse.click(420, 300, button="right")
    page.get_by_role("menuitem", name="Add a note").click()
    page.keyboard.type("why <b>Tanh</b>?")
    page.mouse.click(420, 700)
    opened.wait_for_revision(1)
    note = page.get_by_role("note")
    expect(note).to_have_text("why <b>Tanh</b>?")
    box = note.bounding_box()
    assert box is not None
    opened.drag((box["x"] + 20, box["y"] + 10), (box["x"] + 120, box["y"] + 70))
    opened.wait_for_revision(2)
    now = note.bounding_box()
    assert now is not None and (now["x"] - box["x"], now["y"] - box["y"]) == pytest.approx((100, 60), abs=3)
    note.dblclick()
    page.keyboard.type("because")
    page.keyboard.press("Control+Enter")
    opened.wait_for_revision(3)
    expect(note).to_have_text("because")
    page.reload()
    opened.wait_for_canvas()
    expect(note).to_have_text("because")
    note.click(button="right")
    page.get_by_role("menuitem", name="Remove the note").click()
    opened.wait_for_revision(4)
    expect(note).to_have_count(0)
    opened.undo()
    expect(note).to_have_text("because")


def test_keys_alone_write_move_change_and_remove_a_note(opened: Editor) -> None:
    keys, note = opened.page.keyboard, opened.page.get_by_role("note")
    opened.page.locator("canvas").first.focus()
    keys.press("Shift+N")
    keys.type("first")
    keys.press("Enter")
    keys.type("fit")
    keys.press("Control+Enter")
    opened.wait_for_revision(1)
    expect(note).to_have_text("first\nfit")
    keys.press("Shift+N")
    keys.type("as well")
    keys.press("Control+Enter")
    opened.wait_for_revision(2)
    expect(note).to_have_text(["first\nfit", "as well"])
    one, two = (found.bounding_box() for found in note.all())
    assert (
        one
        and two
        and not (
            abs(one["x"] - two["x"]) < one["width"] and abs(one["y"] - two["y"]) < min(one["height"], two["height"])
        )
    )
    opened.undo()
    expect(note).to_have_count(1)
    keys.press("Tab")
    expect(note).to_be_focused()
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    opened.wait_for_revision(4)
    keys.press("Enter")
    keys.type("second")
    keys.press("Control+Enter")
    opened.wait_for_revision(5)
    expect(note).to_have_text("second")
    keys.press("Delete")
    opened.wait_for_revision(6)
    expect(note).to_have_count(0)


def test_others_see_what_was_moved_and_noted(opened: Editor, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = Editor(context.new_page())
    cookies = opened.page.context.cookies()
    context.add_cookies(cookies)  # type: ignore[arg-type]
    other.page.goto(opened.page.url)
    other.wait_for_canvas()
    before = apart(other, "Tanh")
    moved(opened, "Tanh", 140, 0)
    other.wait_for_revision(1)
    assert apart(other, "Tanh")[0] == pytest.approx(before[0] + 140, abs=3)
    opened.page.locator("canvas").first.focus()
    opened.page.keyboard.press("Shift+N")
    opened.page.keyboard.type("look")
    opened.page.keyboard.press("Control+Enter")
    expect(other.page.get_by_role("note")).to_have_text("look", timeout=LONG)
    context.close()
