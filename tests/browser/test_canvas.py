"""What hands do on the canvas: move the view, point, mark, walk with the arrow keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.editor import Editor
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY, shared_model

SAMPLE = REPOSITORY / "sample_models" / "residual_block.onnx"
NEAR = 2.0  # px: item boxes are written with one decimal


@pytest.fixture
def opened(editor: Editor, sample_server: RunningServer) -> Editor:
    editor.open_from_start_page(sample_server.url, SAMPLE)
    return editor


def expect_selected(page: Page, *labels: str) -> None:
    """Waits until the canvas's own list shows just these nodes as selected."""
    items = page.locator('[role="treeitem"][aria-selected="true"][data-kind="node"][data-x]')
    expect(items).to_have_count(len(labels))
    for label in labels:
        expect(items.and_(page.locator(f'[aria-label^="{label},"]'))).to_have_count(1)


def zoom(page: Page) -> float:
    return float(page.locator("canvas[data-zoom]").get_attribute("data-zoom") or "nan")


def test_dragging_moves_the_view_with_the_pointer(opened: Editor) -> None:
    page = opened.page
    x, y = opened.middle_of("node", "stem/bn")
    page.mouse.move(x + 220, y)
    page.mouse.down()
    page.mouse.move(x + 180, y - 30, steps=3)
    page.mouse.move(x + 120, y - 60, steps=3)
    page.mouse.up()
    moved = opened.middle_of("node", "stem/bn")
    assert moved == pytest.approx((x - 100, y - 60), abs=NEAR)
    expect_selected(page)


def test_a_wheel_notch_zooms_and_what_is_under_the_pointer_stays_there(opened: Editor) -> None:
    page = opened.page
    x, y = opened.middle_of("node", "stem/relu")
    before = zoom(page)
    page.mouse.move(x, y)
    for _ in range(3):
        page.mouse.wheel(0, -120)
    assert opened.middle_of("node", "stem/relu") == pytest.approx((x, y), abs=NEAR)
    assert zoom(page) > before * 1.5
    page.mouse.wheel(0, 240)
    assert opened.middle_of("node", "stem/relu") == pytest.approx((x, y), abs=NEAR)


def test_the_list_of_what_is_in_view_is_busy_while_its_places_are_old(opened: Editor) -> None:
    page = opened.page
    opened.middle_of("node", "stem/relu")
    page.evaluate(
        """() => {
          window.said = []
          const list = document.querySelector('[role="tree"][aria-label="Nodes and values in view"]')
          const note = () => window.said.push([list.ariaBusy, list.firstElementChild.dataset.x])
          note()
          new MutationObserver(note).observe(list, { attributes: true, attributeFilter: ['aria-busy'] })
        }"""
    )
    page.keyboard.press("+")
    opened.middle_of("node", "stem/relu")
    (before, here), (moving, still), *_, (after, there) = page.evaluate("window.said")
    assert (before, moving, after) == (None, "true", None)
    assert here == still != there


def test_fit_shows_all_of_the_graph(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("f")
    box = page.get_by_role("main", name="Graph").bounding_box()
    assert box is not None
    for kind, name in (("value", "input image"), ("value", "output features"), ("node", "GlobalAveragePool")):
        x, y = opened.middle_of(kind, name)
        assert box["x"] < x < box["x"] + box["width"] and box["y"] + 24 < y < box["y"] + box["height"] - 24


def test_it_zooms_by_the_bar_and_by_keys_and_to_what_is_selected(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("f")
    page.mouse.click(*opened.middle_of("node", "GlobalAveragePool"))
    before = zoom(page)
    page.get_by_role("button", name="Zoom out").click()
    expect(page.locator("output.zoom")).to_have_text(f"{round(before * 80)} %")
    page.keyboard.press("+")
    page.keyboard.press("-")
    page.keyboard.press("-")
    expect(page.locator("output.zoom")).to_have_text(f"{round(before * 64)} %")
    stage = page.get_by_role("main", name="Graph").bounding_box()
    assert stage is not None
    for zoom_to in (
        lambda: page.keyboard.press("z"),
        lambda: (page.get_by_role("button", name="View", exact=True).click(), opened.choose("Zoom to the selection")),
    ):
        page.get_by_role("button", name="Fit", exact=True).click()
        page.get_by_role("button", name="Zoom out").click()  # all may fit at the zoom of the selection
        opened.middle_of("node", "GlobalAveragePool")  # it is still by then
        fitted = page.locator("output.zoom").inner_text()
        zoom_to()
        expect(page.locator("output.zoom")).not_to_have_text(fitted)
        x, y = opened.middle_of("node", "GlobalAveragePool")
        middle = (stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
        assert (x, y) == pytest.approx(middle, abs=60)
        assert zoom(page) > before * 0.64


def test_the_first_input_is_seen_whole_when_a_model_is_opened(opened: Editor) -> None:
    box = opened.page.get_by_role("main", name="Graph").bounding_box()
    assert box is not None
    _, y = opened.middle_of("value", "input image")
    assert y - box["y"] >= 24 + 10, "half of its height and a margin"


def test_clicks_select_toggle_and_clear(opened: Editor) -> None:
    page = opened.page
    bn, relu = opened.middle_of("node", "stem/bn"), opened.middle_of("node", "stem/relu")
    page.mouse.click(*bn)
    expect_selected(page, "BatchNormalization stem/bn")
    page.keyboard.down("Control")
    page.mouse.click(*relu)
    expect_selected(page, "BatchNormalization stem/bn", "Relu stem/relu")
    page.mouse.click(*bn)
    page.keyboard.up("Control")
    expect_selected(page, "Relu stem/relu")
    page.mouse.click(relu[0] + 260, relu[1])
    expect_selected(page)


def test_a_marquee_selects_what_it_touches(opened: Editor) -> None:
    page = opened.page
    bn, relu = opened.middle_of("node", "stem/bn"), opened.middle_of("node", "stem/relu")
    page.keyboard.down("Shift")
    page.mouse.move(bn[0] - 200, bn[1])
    page.mouse.down()
    page.mouse.move(relu[0] - 100, relu[1], steps=2)
    page.mouse.move(relu[0] + 10, relu[1] + 4, steps=2)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect_selected(page, "BatchNormalization stem/bn", "Relu stem/relu")
    expect(page.get_by_role("heading", name="2 nodes")).to_be_visible()


def test_arrow_keys_walk_along_the_graph_and_escape_clears(opened: Editor) -> None:
    page = opened.page
    page.mouse.click(*opened.middle_of("node", "stem/bn"))
    page.keyboard.press("ArrowDown")
    expect_selected(page, "Relu stem/relu")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect_selected(page, "Conv stem/conv")
    page.keyboard.press("Escape")
    expect_selected(page)


def test_arrow_keys_work_at_once_after_opening(opened: Editor) -> None:
    opened.page.keyboard.press("ArrowDown")
    items = opened.page.locator('[role="treeitem"][aria-selected="true"][data-x]')
    expect(items).to_have_count(1)


def test_the_middle_stays_in_the_middle_when_a_panel_closes(opened: Editor) -> None:
    page = opened.page
    x, y = opened.middle_of("node", "stem/bn")
    stage = page.get_by_role("main", name="Graph")
    before = stage.bounding_box()
    page.get_by_role("button", name="Close the properties").click()
    expect(page.get_by_role("complementary", name="Properties")).to_have_count(0)
    after = stage.bounding_box()
    assert before is not None and after is not None
    assert opened.middle_of("node", "stem/bn") == pytest.approx(
        (x + (after["width"] - before["width"]) / 2, y), abs=NEAR
    )


def test_a_double_click_enters_a_body_and_escape_leaves_it(editor: Editor, sample_server: RunningServer) -> None:
    editor.open_from_start_page(sample_server.url, REPOSITORY / "sample_models" / "if_and_loop.onnx")
    page = editor.page
    page.mouse.dblclick(*editor.middle_of("node", "Loop repeat"))
    trail = page.get_by_role("navigation", name="Bodies")
    expect(trail).to_contain_text("repeat · body")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(trail).to_have_count(0)
    x, y = editor.middle_of("node", "If choose")
    page.mouse.dblclick(x, y - 20)  # the title: which body?
    page.get_by_role("menuitem", name="Enter then_branch").click()
    expect(trail).to_contain_text("choose · then_branch")
    trail.get_by_role("button", name="if_and_loop.onnx").click()
    expect(trail).to_have_count(0)
    x, y = editor.middle_of("node", "If choose")
    page.mouse.dblclick(x, y + 5)  # the row of one
    expect(trail).to_contain_text("choose · else_branch")


def test_a_function_of_the_model_is_entered_like_a_body(editor: Editor, sample_server: RunningServer) -> None:
    editor.open_from_start_page(sample_server.url, REPOSITORY / "sample_models" / "local_functions.onnx")
    editor.page.mouse.dblclick(*editor.middle_of("node", "DenseSwish dense1"))
    expect(editor.page.get_by_role("navigation", name="Bodies")).to_contain_text("DenseSwish")
    editor.on_canvas("node", "Swish swish").wait_for(state="attached")


def test_a_graph_without_nodes_is_shown_by_its_values(editor: Editor, shared_server: RunningServer) -> None:
    editor.open_from_start_page(shared_server.url, shared_model("odd/no_nodes_passthrough.onnx"))
    editor.on_canvas("value", "input x").wait_for(state="attached")
    expect(editor.page.get_by_role("status").filter(has_text="Valid")).to_be_visible()


def test_a_finger_moves_the_view_and_two_fingers_zoom(browser: Browser, sample_server: RunningServer) -> None:
    context = browser.new_context(viewport={"width": 1024, "height": 700}, has_touch=True)
    touched = Editor(context.new_page())
    touched.open_from_start_page(sample_server.url, SAMPLE)
    fingers = context.new_cdp_session(touched.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    x, y = touched.middle_of("node", "stem/bn")
    touch("touchStart", (620, 560))
    touch("touchMove", (600, 540))
    touch("touchMove", (570, 510))
    touch("touchEnd")
    assert touched.middle_of("node", "stem/bn") == pytest.approx((x - 50, y - 50), abs=NEAR)
    before = zoom(touched.page)
    touch("touchStart", (420, 400), (520, 400))
    touch("touchMove", (400, 400), (540, 400))
    touch("touchMove", (370, 400), (570, 400))
    touch("touchEnd")
    touched.middle_of("node", "layer1/block0/bn")
    assert zoom(touched.page) == pytest.approx(before * 2, rel=0.05)
    context.close()


def test_who_is_in_a_body_that_somebody_deletes_is_led_out_of_it(
    editor: Editor, browser: Browser, sample_server: RunningServer
) -> None:
    editor.open_from_start_page(sample_server.url, REPOSITORY / "sample_models" / "if_and_loop.onnx")
    context = browser.new_context(viewport={"width": 1024, "height": 700})
    other = Editor(context.new_page())
    other.page.goto(sample_server.url)
    other.page.goto(editor.page.url)
    other.wait_for_canvas()
    editor.page.mouse.dblclick(*editor.middle_of("node", "Loop repeat"))
    trail = editor.page.get_by_role("navigation", name="Bodies")
    expect(trail).to_contain_text("repeat · body")
    other.page.mouse.click(*other.middle_of("node", "Loop repeat"))
    other.page.keyboard.press("Delete")
    other.wait_for_revision(1)
    expect(trail).to_have_count(0)
    editor.on_canvas("node", "If choose").wait_for(state="attached")
    context.close()
