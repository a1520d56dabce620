"""Moving about: along wires, to what a node depends on and feeds, after a value; with the mouse, with keys alone and with fingers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.editor import Editor
from tests.browser.test_canvas import NEAR, expect_selected, zoom
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY

SAMPLES = REPOSITORY / "sample_models"
ACTIVATION = (0xC1, 0x46, 0x61)
Touch = Callable[..., None]


@pytest.fixture
def opened(editor: Editor, sample_server: RunningServer) -> Editor:
    editor.open_from_start_page(sample_server.url, SAMPLES / "attention_block.onnx")
    return editor


@pytest.fixture
def touched(browser: Browser, sample_server: RunningServer) -> Iterator[tuple[Editor, Touch]]:
    """A page that is touched, and what puts fingers on it: `touch(kind, *points)`."""
    context = browser.new_context(viewport={"width": 1024, "height": 700}, has_touch=True)
    editor = Editor(context.new_page())
    editor.open_from_start_page(sample_server.url, SAMPLES / "residual_block.onnx")
    fingers = context.new_cdp_session(editor.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    yield editor, touch
    context.close()


def highlight(page: Page) -> Locator:
    return page.get_by_role("group", name="Highlight")


def go_to(editor: Editor, node: str) -> None:
    """By keys alone: finds the node, and gives the keys back to the graph."""
    page = editor.page
    page.keyboard.press("Control+f")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(node)
    expect(page.locator(f'[id^="found-"][data-id^="node:"][title="{node}"]').first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^1 of "))).to_be_visible()
    page.keyboard.press("Escape")


def colour_at(editor: Editor, node: str) -> tuple[int, ...]:
    """What is painted just inside the left end of a node's title."""
    editor.middle_of("node", node)  # it stands still then
    x, y, _, _ = editor._box(editor.on_canvas("node", node).first)
    editor.page.wait_for_timeout(250)
    script = """([x, y]) => { const c = document.querySelector('canvas[data-painted-revision]'), b = c.getBoundingClientRect()
        return [...c.getContext('2d').getImageData(x - b.left, y - b.top, 1, 1).data].slice(0, 3) }"""
    return tuple(editor.page.evaluate(script, [x + 5, y + 8]))


# highlighting --------------------------------------------------------------------------------------------------------


def test_a_key_highlights_what_a_node_depends_on_and_says_how_many(opened: Editor) -> None:
    page = opened.page
    go_to(opened, "attn/scores")
    page.keyboard.press("u")
    expect(highlight(page).get_by_role("status")).to_have_text("MatMul attn/scores depends on 6 nodes")
    page.keyboard.press("d")
    expect(highlight(page).get_by_role("status")).to_have_text("MatMul attn/scores feeds 8 nodes")
    page.keyboard.press("h")
    expect(highlight(page).get_by_role("status")).to_have_text(
        "MatMul attn/scores depends on 6 nodes and feeds 8 nodes"
    )
    page.keyboard.press("Escape")
    expect(highlight(page)).to_have_count(0)
    expect_selected(page, "MatMul attn/scores")


def test_the_rest_is_dimmed(editor: Editor, sample_server: RunningServer) -> None:
    editor.open_from_start_page(sample_server.url, SAMPLES / "residual_block.onnx")
    go_to(editor, "layer1/block0/add")
    assert colour_at(editor, "Relu layer1/block0/relu_out") == ACTIVATION
    editor.page.keyboard.press("u")
    expect(highlight(editor.page)).to_be_visible()
    dimmed = colour_at(editor, "Relu layer1/block0/relu_out")
    assert min(dimmed) > 200, "the veil lies over what stands behind"
    assert colour_at(editor, "Relu layer1/block0/relu,") == ACTIVATION


def test_steps_go_out_one_by_one_and_all_the_way_by_keys(opened: Editor) -> None:
    page = opened.page
    go_to(opened, "attn/scores")
    page.keyboard.press("u")
    page.keyboard.press("<")
    says, steps = highlight(page).get_by_role("status"), highlight(page).locator(".stepper-at")
    expect(says).to_contain_text("depends on 2 nodes")
    expect(steps).to_have_text("1 step")
    page.keyboard.press(".")
    expect(says).to_contain_text("depends on 4 nodes")
    page.keyboard.press(",")
    expect(says).to_contain_text("depends on 2 nodes")
    page.keyboard.press(">")
    expect(says).to_contain_text("depends on 6 nodes")
    expect(steps).to_have_text("all the way")
    page.keyboard.press("Shift+h")
    expect(page.get_by_role("heading", name="7 nodes")).to_be_visible()


def test_the_same_with_the_mouse(opened: Editor) -> None:
    page = opened.page
    opened.find("attn/scores", "node")
    page.get_by_role("button", name="View", exact=True).click()
    opened.choose("Highlight", "Highlight what it depends on")
    bar = highlight(page)
    bar.get_by_role("button", name="All").click()
    expect(bar.locator(".stepper-at")).to_have_text("1 step")
    bar.get_by_role("button", name="One step more").click()
    expect(bar.get_by_role("status")).to_contain_text("depends on 4 nodes")
    bar.get_by_role("radio", name="After").click()
    expect(bar.get_by_role("status")).to_contain_text("feeds 2 nodes")
    bar.get_by_role("button", name="Select").click()
    expect(page.get_by_role("heading", name="3 nodes")).to_be_visible()
    bar.get_by_role("button", name="End the highlight").click()
    expect(bar).to_have_count(0)


def test_a_highlight_follows_an_edit_and_ends_with_its_node(opened: Editor) -> None:
    page = opened.page
    go_to(opened, "attn/scores")
    page.keyboard.press("u")
    go_to(opened, "attn/q_split")
    page.keyboard.press("Control+Delete")
    opened.wait_for_revision(1)
    expect(highlight(page).get_by_role("status")).to_have_text("MatMul attn/scores depends on 5 nodes")
    go_to(opened, "attn/scores")
    page.keyboard.press("Delete")
    opened.wait_for_revision(2)
    expect(highlight(page)).to_have_count(0)


# following a value ---------------------------------------------------------------------------------------------------


def test_a_value_is_followed_from_its_maker_to_its_readers_by_keys(opened: Editor) -> None:
    page = opened.page
    go_to(opened, "attn/softmax")
    page.keyboard.press("v")
    bar = highlight(page)
    expect(bar.get_by_role("status")).to_contain_text("weights")
    expect(bar.get_by_role("status")).to_contain_text("read once")
    page.keyboard.press(".")
    expect(bar.locator(".stepper-at")).to_have_text("made by Softmax attn/softmax")
    page.keyboard.press(".")
    expect(bar.locator(".stepper-at")).to_have_text("reader 1 of 1: MatMul attn/context")
    expect_selected(page, "MatMul attn/context")
    page.keyboard.press(",")
    expect_selected(page, "Softmax attn/softmax")


def test_a_value_is_followed_with_the_mouse(opened: Editor) -> None:
    page = opened.page
    opened.find("hidden")
    page.mouse.click(*opened.middle_of("value", "input hidden"), button="right")
    page.get_by_role("menuitem", name="Follow it").click()
    bar = highlight(page)
    expect(bar.get_by_role("status")).to_contain_text("read 4 times")
    for node in ("MatMul attn/q_proj", "MatMul attn/k_proj"):
        bar.get_by_role("button", name="Next end").click()
        expect_selected(page, node)
    bar.get_by_role("button", name="Previous end").click()
    expect_selected(page, "MatMul attn/q_proj")


# walking -------------------------------------------------------------------------------------------------------------


def test_arrows_choose_among_several_readers_and_lead_back(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("Home")
    expect(opened.on_canvas("value", "input hidden").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    wanted = {"MatMul attn/q_proj", "MatMul attn/k_proj", "MatMul attn/v_proj", "Add attn/residual"}
    seen: set[str] = set()
    for key in (("ArrowLeft",) * 3 + ("ArrowRight",) * 3) * 2:
        if wanted <= seen:
            break
        page.keyboard.press(key)
        page.wait_for_timeout(250)
        chosen = page.locator('[role="treeitem"][aria-selected="true"][data-kind="node"][data-x]').first
        seen.add((chosen.get_attribute("aria-label") or "").split(",")[0])
    assert wanted <= seen
    page.keyboard.press("ArrowUp")
    expect(opened.on_canvas("value", "input hidden").first).to_have_attribute("aria-selected", "true")


def test_ctrl_shift_and_an_arrow_keep_what_is_selected(opened: Editor) -> None:
    page = opened.page
    go_to(opened, "attn/scores")
    page.keyboard.press("Control+Shift+ArrowDown")
    expect_selected(page, "MatMul attn/scores", "Mul attn/scale")
    page.keyboard.press("Control+Shift+ArrowDown")
    expect_selected(page, "MatMul attn/scores", "Mul attn/scale", "Softmax attn/softmax")


def test_alt_and_an_arrow_go_to_the_values_of_a_node_and_arrows_leave_them(opened: Editor) -> None:
    page = opened.page
    go_to(opened, "attn/scores")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("complementary", name="Properties").get_by_role("textbox", name="name")).to_have_value("q")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("complementary", name="Properties").get_by_role("textbox", name="name")).to_have_value("k")
    page.keyboard.press("ArrowUp")
    expect_selected(page, "Transpose attn/k_heads")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("ArrowDown")
    expect_selected(page, "MatMul attn/scores")


def test_ctrl_and_an_arrow_move_the_view(opened: Editor) -> None:
    x, y = opened.middle_of("node", "MatMul attn/q_proj")
    opened.page.keyboard.press("Control+ArrowDown")
    opened.page.keyboard.press("Control+ArrowRight")
    assert opened.middle_of("node", "MatMul attn/q_proj") == pytest.approx((x - 80, y - 80), abs=NEAR)


def test_enter_goes_into_a_body_escape_out_and_tab_stays_with_the_focus(
    editor: Editor, sample_server: RunningServer
) -> None:
    editor.open_from_start_page(sample_server.url, SAMPLES / "if_and_loop.onnx")
    page = editor.page
    trail = page.get_by_role("navigation", name="Bodies")
    go_to(editor, "repeat")
    page.keyboard.press("Enter")
    expect(trail).to_contain_text("repeat · body")
    page.keyboard.press("Escape")
    expect(trail).to_have_count(0)
    expect_selected(page, "Loop repeat")
    page.keyboard.press("ArrowUp")
    expect_selected(page, "If choose")
    page.keyboard.press("Enter")  # two bodies: which of them?
    page.keyboard.press("Enter")
    expect(trail).to_contain_text("choose · ")
    assert page.evaluate("document.activeElement?.tagName") == "CANVAS"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement?.tagName") != "CANVAS"


# selecting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "entry", "count"),
    [
        ("Shift+o", "Select all of the same operator", 4),
        ("Shift+s", "Select all of its scope", 17),
        ("Shift+u", "Select what it depends on", 3),
        ("Shift+d", "Select what it feeds", 10),
    ],
)
def test_a_selection_grows_by_key_and_by_menu(opened: Editor, key: str, entry: str, count: int) -> None:
    page = opened.page
    title = page.get_by_role("heading", name=f"{count} nodes")
    go_to(opened, "attn/k_heads")
    page.keyboard.press(key)
    expect(title).to_be_visible()
    opened.find("attn/k_heads", "node")
    page.get_by_role("button", name="Select", exact=True).first.click()
    page.get_by_role("menuitem", name=entry).click()
    expect(title).to_be_visible()


def test_every_entry_of_the_menus_has_a_key_that_the_keys_dialog_lists(opened: Editor) -> None:
    page = opened.page
    go_to(opened, "attn/scores")
    entries = page.get_by_role("menuitem")
    listed = {}
    for menu in ("Select", "View"):
        page.get_by_role("button", name=menu, exact=True).first.click()
        for inner in entries.and_(page.locator("[aria-haspopup]")).all():
            inner.click()
            expect(inner).to_have_attribute("aria-expanded", "true")
            titles, keys = (entries.locator(part).all_inner_texts() for part in ("span:first-child:has(~ kbd)", "kbd"))
            listed |= dict(zip(titles, keys, strict=True))
        titles, keys = (entries.locator(part).all_inner_texts() for part in ("span:first-child:has(~ kbd)", "kbd"))
        listed |= dict(zip(titles, keys, strict=True))
        for _ in range(2):
            page.keyboard.press("Escape")
    assert len(listed) > 45
    page.keyboard.press("?")
    said = page.get_by_role("dialog", name="Keys")
    on_the_graph = [set(row.split()) for row in said.locator("section:has-text('On the graph') dd").all_inner_texts()]
    for title, chord in listed.items():
        row = said.locator(".fact").filter(has=page.get_by_text(title, exact=True))
        if re.match("(Walk|Move the view) ", title):  # four arrows in one row
            assert any(set(chord.split()) <= keys for keys in on_the_graph), title
        else:
            expect(row.locator("kbd").filter(has_text=re.compile(f"^{re.escape(chord)}$"))).to_have_count(1)


# trackpad and map ----------------------------------------------------------------------------------------------------


def test_two_fingers_on_a_trackpad_move_the_view_and_a_pinch_zooms(opened: Editor) -> None:
    page = opened.page
    x, y = opened.middle_of("node", "MatMul attn/k_proj")
    before = zoom(page)
    page.mouse.move(x, y)
    page.mouse.wheel(12, 7)
    assert opened.middle_of("node", "MatMul attn/k_proj") == pytest.approx((x - 12, y - 7), abs=NEAR)
    page.keyboard.down("Control")
    for _ in range(5):
        page.mouse.wheel(0, -8)
    page.keyboard.up("Control")
    opened.middle_of("node", "MatMul attn/k_proj")
    assert zoom(page) == pytest.approx(before * 1.49, rel=0.02)


def test_the_rectangle_on_the_map_is_dragged(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("Home")
    start = opened.middle_of("value", "input hidden")
    box = page.locator(".minimap-view").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    opened.drag(middle, (middle[0], middle[1] + 12))
    assert opened.middle_of("value", "input hidden")[1] < start[1] - 40


def test_the_map_is_drawn_anew_where_the_window_makes_it_smaller(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("Home")
    for _ in range(5):
        page.keyboard.press("+")  # about the middle
    page.set_viewport_size({"width": 1024, "height": 700})
    off_the_middle = """async () => {
      for (let tries = 0; ; tries++) {
        const [map, view] = ['.minimap', '.minimap-view'].map((part) => document.querySelector(part).getBoundingClientRect())
        const off = Math.abs(map.left + map.width / 2 - view.left - view.width / 2)
        if (off < 3 || tries > 60) return off
        await new Promise((resolve) => setTimeout(resolve, 50))
      } }"""
    assert page.evaluate(off_the_middle) < 3


# touch ---------------------------------------------------------------------------------------------------------------


def test_a_tap_selects_and_a_tap_beside_it_clears(touched: tuple[Editor, Touch]) -> None:
    editor, touch = touched
    x, y = editor.middle_of("node", "stem/bn")
    touch("touchStart", (x, y))
    touch("touchEnd")
    expect_selected(editor.page, "BatchNormalization stem/bn")
    touch("touchStart", (x + 220, y))
    touch("touchEnd")
    expect_selected(editor.page)


def test_a_finger_that_rests_opens_the_menu_and_one_that_moves_does_not(touched: tuple[Editor, Touch]) -> None:
    editor, touch = touched
    x, y = editor.middle_of("node", "stem/bn")
    touch("touchStart", (x, y))
    menu = editor.page.get_by_role("menu", name="Node")
    expect(menu).to_be_visible()
    touch("touchEnd")
    expect(menu).to_be_visible()
    expect_selected(editor.page, "BatchNormalization stem/bn")
    editor.page.keyboard.press("Escape")
    touch("touchStart", (620, 560))
    touch("touchMove", (600, 520))
    editor.page.wait_for_timeout(900)
    expect(editor.page.get_by_role("menu")).to_have_count(0)
    touch("touchEnd")
