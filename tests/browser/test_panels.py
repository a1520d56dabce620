"""What hands do in the panels: edit attributes and types, fill forms, read findings and history, cancel a run, call menus by key."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY, shared_model

SAMPLE = REPOSITORY / "sample_models" / "residual_block.onnx"


@pytest.fixture
def opened(editor: Editor, sample_server: RunningServer) -> Editor:
    editor.open_from_start_page(sample_server.url, SAMPLE)
    return editor


def properties(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Properties")


def field(page: Page, name: str) -> Locator:
    return properties(page).get_by_role("textbox", name=name, exact=True)


def test_an_attribute_is_edited_in_place_and_shown_on_the_node(opened: Editor) -> None:
    page = opened.page
    opened.find("layer1/block0/conv2", "node")
    field(page, "pads").fill("2, 2, 2, 2")
    field(page, "pads").press("Enter")
    opened.wait_for_revision(1)
    expect(field(page, "pads")).to_have_value("2, 2, 2, 2")
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("Set pads of layer1/block0/conv2")
    opened.undo()
    expect(field(page, "pads")).to_have_value("1, 1, 1, 1")
    expect(history).to_contain_text("undone")


def touched_conv(browser: Browser, sample_server: RunningServer) -> Editor:
    """In a small window that is used with fingers; a Conv is selected."""
    context = browser.new_context(viewport={"width": 1024, "height": 700}, has_touch=True, is_mobile=True)
    touched = Editor(context.new_page())
    touched.open_from_start_page(sample_server.url, SAMPLE)
    touched.find("layer1/block0/conv2", "node")
    return touched


def test_a_finger_at_the_end_of_a_field_types_there_and_hits_no_button_that_it_cannot_see(
    browser: Browser, sample_server: RunningServer
) -> None:
    touched = touched_conv(browser, sample_server)
    pads = field(touched.page, "pads")
    remove = properties(touched.page).get_by_role("button", name="Remove pads")
    box, cross = pads.bounding_box(), remove.bounding_box()
    assert box and cross
    assert remove.evaluate("button => getComputedStyle(button).opacity") == "1"
    touched.page.touchscreen.tap(cross["x"] - 14, box["y"] + box["height"] / 2)
    expect(pads).to_be_focused()
    assert (
        pads.evaluate("field => parseFloat(getComputedStyle(field).paddingRight)")
        > box["x"] + box["width"] - cross["x"]
    )
    touched.page.context.close()


def test_a_finger_finds_the_buttons_of_an_input_without_pointing_at_it(
    browser: Browser, sample_server: RunningServer
) -> None:
    touched = touched_conv(browser, sample_server)
    properties(touched.page).get_by_role("button", name="Disconnect X").tap()
    touched.wait_for_revision(1)
    touched.page.context.close()


def test_an_attribute_that_is_no_number_is_refused_at_its_field(opened: Editor) -> None:
    page = opened.page
    opened.find("layer1/block0/conv2", "node")
    field(page, "pads").fill("1, x")
    field(page, "pads").press("Enter")
    expect(properties(page).get_by_role("alert")).to_contain_text("x is not a whole number.")
    expect(field(page, "pads")).to_have_attribute("aria-invalid", "true")
    properties(page).get_by_role("button", name="Take back").click()
    expect(field(page, "pads")).to_have_value("1, 1, 1, 1")
    assert opened.revision() == 0


def test_an_attribute_that_a_node_does_not_have_is_added(opened: Editor) -> None:
    page = opened.page
    opened.find("layer1/block0/conv2", "node")
    properties(page).get_by_role("button", name="+ strides").click()
    field(page, "strides").fill("1, 1")
    field(page, "strides").press("Enter")
    opened.wait_for_revision(1)
    expect(properties(page).get_by_role("button", name="+ strides")).to_have_count(0)
    expect(page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)


def test_the_declared_type_of_a_value_is_set_and_held_against_what_its_node_makes(opened: Editor) -> None:
    page = opened.page
    opened.find("layer1/block0/conv2_out")
    page.get_by_label("dtype").select_option("float16")
    opened.wait_for_revision(1)
    expect(properties(page)).to_contain_text("is declared as float16", timeout=LONG)
    expect(page.get_by_test_id("status")).to_contain_text("error", timeout=LONG)
    properties(page).get_by_role("button", name="Fix").first.click()
    opened.wait_for_revision(2)
    expect(page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)


def test_a_shape_that_is_none_is_refused_at_its_field(opened: Editor) -> None:
    page = opened.page
    opened.find("image")
    field(page, "shape").fill("-1×3")
    field(page, "shape").press("Enter")
    expect(properties(page).get_by_role("alert")).to_contain_text("a dimension cannot be negative")
    field(page, "shape").fill("N×3×16×16")
    field(page, "shape").press("Enter")
    properties(page).get_by_role("button", name="Declare only").click()
    opened.wait_for_revision(1)
    expect(field(page, "shape")).to_have_value("N×3×16×16")


def test_esc_gives_up_what_was_typed_into_a_field(opened: Editor) -> None:
    page = opened.page
    opened.find("image")
    field(page, "name").fill("picture")
    field(page, "name").press("Escape")
    expect(field(page, "name")).to_have_value("image")
    opened.rename_value("image", "photo")
    assert opened.revision() == 1


def test_the_insert_form_says_at_its_fields_what_is_missing(opened: Editor) -> None:
    page = opened.page
    opened.find("stem/relu", "node")
    properties(page).get_by_role("button", name="Insert operator after…").click()
    form = page.get_by_role("dialog", name="Insert after stem/relu")
    page.keyboard.press("Escape")  # the list of operators
    form.get_by_role("button", name="Insert").click()
    expect(form.get_by_role("alert")).to_have_text("Operator is needed.")
    operator = form.get_by_role("combobox", name="operator")
    operator.fill("Frobnicate")
    operator.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("has no operator Frobnicate")
    operator.fill("Conv")
    operator.press("Enter")
    form.get_by_role("button", name="Insert").click()
    expect(form.get_by_role("alert")).to_have_text("Conv also needs W.")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    assert opened.revision() == 0


def test_the_menu_key_offers_what_can_be_done_with_a_node_and_with_a_value(opened: Editor) -> None:
    page = opened.page
    page.mouse.click(*opened.middle_of("node", "stem/bn"))
    page.keyboard.press("Shift+F10")
    menu = page.get_by_role("menu", name="Node")
    expect(menu).to_contain_text("stem/bn")
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    x, y = opened.middle_of("value", "stem/bn_out")
    page.mouse.click(x, y)
    page.keyboard.press("ContextMenu")
    menu = page.get_by_role("menu", name="Value")
    expect(menu).to_contain_text("stem/bn_out")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Insert on stem/bn_out")).to_be_visible()


def test_a_row_of_the_outline_has_the_menu_of_its_node(opened: Editor) -> None:
    page = opened.page
    outline = page.get_by_role("tree", name="Outline")
    outline.locator('[data-id^="node:"]').nth(1).click(button="right")
    menu = page.get_by_role("menu", name="Node")
    expect(menu).to_contain_text("stem/bn")
    before = opened.revision()
    menu.get_by_role("menuitem", name="Delete and reconnect").click()
    opened.wait_for_revision(before + 1)


def test_find_tells_nodes_from_values(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("Control+f")
    page.get_by_role("searchbox").fill("stem/bn")
    results = page.get_by_role("tree", name="Find results")
    expect(results.get_by_role("treeitem", name="stem/bn, BatchNormalization node")).to_have_count(1)
    expect(results.get_by_role("treeitem", name="stem/bn_out, value")).to_have_count(1)
    page.get_by_role("searchbox").fill("no such thing")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("tree", name="Outline")).to_be_visible()


def test_a_run_asks_for_open_sizes_and_says_what_is_wrong_with_one(
    editor: Editor, sample_server: RunningServer
) -> None:
    editor.open_from_start_page(sample_server.url, REPOSITORY / "sample_models" / "dynamic_axes.onnx")
    page = editor.page
    page.get_by_role("button", name="Run", exact=True).click()
    dialog = page.get_by_role("dialog", name="Run with which sizes?")
    first = dialog.get_by_role("textbox").first
    first.fill("none")
    expect(dialog.get_by_role("alert")).to_have_text("A size is a whole number from 1 on.")
    first.fill("2")
    dialog.get_by_role("button", name="Run").click()
    expect(page.get_by_role("table", name="Outputs")).to_be_visible(timeout=LONG)
    expect(page.get_by_test_id("status")).to_contain_text("same outputs as the original")


def test_a_run_without_end_is_cancelled_by_a_click(editor: Editor, shared_server: RunningServer) -> None:
    editor.open_from_start_page(shared_server.url, shared_model("odd/run_bomb_infinite_loop.onnx"))
    page = editor.page
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_test_id("status")).to_have_text("Running…")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=LONG)
    expect(page.get_by_test_id("status")).to_have_text("Valid")


def test_a_run_that_fails_says_why_and_the_status_says_that_it_failed(
    editor: Editor, shared_server: RunningServer
) -> None:
    editor.open_from_start_page(shared_server.url, shared_model("odd/run_bomb_memory.onnx"))
    page = editor.page
    page.get_by_role("button", name="Run", exact=True).click()
    expect(properties(page).get_by_role("alert")).to_contain_text("memory", timeout=LONG)
    expect(page.get_by_test_id("status")).to_have_text("Valid · the run failed")


def test_not_a_number_in_an_output_is_told_in_the_status(editor: Editor, shared_server: RunningServer) -> None:
    editor.open_from_start_page(shared_server.url, shared_model("odd/nan_inf_weights.onnx"))
    results = editor.run({"N": 1})
    expect(results).to_contain_text("1 NaN")
    expect(editor.page.get_by_test_id("status")).to_contain_text("NaN in outputs")


@pytest.mark.usefixtures("window_of_its_own")
def test_names_that_are_html_are_text(editor: Editor, shared_server: RunningServer) -> None:
    asked: list[str] = []

    def note(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    editor.page.on("dialog", note)
    editor.open_from_start_page(shared_server.url, shared_model("odd/html_injection_names.onnx"))
    outline = editor.page.get_by_role("tree", name="Outline")
    expect(outline).to_contain_text("<img src=x onerror=alert(1)>")
    outline.locator('[data-id^="node:"]').first.click()
    expect(field(editor.page, "name")).to_have_value(re.compile("<img"))
    assert editor.page.locator("img, script:not([src])").count() == 0
    assert not asked


def test_names_of_a_megabyte_do_not_hold_the_page_up(editor: Editor, shared_server: RunningServer) -> None:
    editor.open_from_start_page(shared_server.url, shared_model("odd/one_mb_names.onnx"))
    editor.page.get_by_role("tree", name="Outline").locator('[data-id^="node:"]').first.click()
    expect(properties(editor.page).get_by_role("heading", name="Relu")).to_be_visible()
    assert editor.page.get_by_role("tree", name="Outline").inner_text().count("L") < 2000
    field(editor.page, "name").fill("short")
    field(editor.page, "name").press("Enter")
    editor.wait_for_revision(1)
    expect(editor.page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)


def test_another_persons_pointer_name_and_selection_arrive(
    opened: Editor, browser: Browser, sample_server: RunningServer
) -> None:
    context = browser.new_context(viewport={"width": 1024, "height": 700})
    other = Editor(context.new_page())
    other.page.goto(sample_server.url)
    other.page.goto(opened.page.url)
    other.wait_for_canvas()
    other.page.get_by_role("button", name=re.compile(r"\(you\)$")).click()
    other.page.get_by_role("textbox", name="name").fill("Ada Lovelace")
    other.page.get_by_role("button", name="Use it").click()
    other.find("layer1/block0/conv2", "node")
    ada = opened.page.get_by_role("button", name="Ada Lovelace")
    expect(ada).to_have_attribute("title", "Ada Lovelace: show what they selected")
    ada.click()
    expect(field(opened.page, "name")).to_have_value("layer1/block0/conv2")
    context.close()
    expect(ada).to_have_count(0, timeout=LONG)


def test_a_finding_stands_above_the_fields_of_its_node_and_hides_none(opened: Editor) -> None:
    page = opened.page
    opened.find("layer1/block0/conv2", "node")
    field(page, "pads").fill("2, 2, 2")
    field(page, "pads").press("Enter")
    opened.wait_for_revision(1)
    finding = properties(page).locator(".subject-problems").first
    expect(finding).to_be_visible(timeout=LONG)
    said, name = finding.locator("p").last.bounding_box(), field(page, "name").bounding_box()
    assert said and name
    assert said["y"] + said["height"] <= name["y"]


def test_in_forced_colours_buttons_have_edges_and_families_their_colours(opened: Editor) -> None:
    page = opened.page
    opened.find("layer1/block0/conv2", "node")
    style = "element => { const s = getComputedStyle(element); return [s.borderTopWidth, s.backgroundColor, s.color] }"
    page.emulate_media(forced_colors="active")
    try:
        edge, ground, _ = page.get_by_role("button", name="Run", exact=True).evaluate(style)
        assert edge == "1px"
        chosen = page.get_by_role("tree", name="Find results").get_by_role("treeitem", selected=True)
        assert chosen.evaluate(style)[1] != ground
        pressed = page.get_by_role("button", name="Map", exact=True).evaluate(style)
        assert pressed[1:] == chosen.evaluate(style)[1:]
        mark = chosen.locator(".mark").evaluate(style)[1]
    finally:
        page.emulate_media(forced_colors="none")
    assert chosen.locator(".mark").evaluate(style)[1] == mark
