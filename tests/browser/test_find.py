"""Finding: with the mouse and with the keyboard alone, by everything that a model has, and never at the price of a page that hangs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY, shared_model

SAMPLES = REPOSITORY / "sample_models"
BLOCK = SAMPLES / "residual_block.onnx"


@pytest.fixture
def opened(editor: Editor, sample_server: RunningServer) -> Editor:
    editor.open_from_start_page(sample_server.url, BLOCK)
    return editor


@pytest.fixture
def bert(editor: Editor, shared_server: RunningServer) -> Editor:
    editor.open_from_start_page(shared_server.url, shared_model("exported/bert_base_depth12_legacy_op14.onnx"))
    return editor


def hits(page: Page) -> Locator:
    return page.get_by_role("tree", name="Find results").locator("[data-id]")


def heading(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("complementary", name="Outline and model").get_by_role("heading", name=text)


def selected_name(page: Page) -> str:
    panel = page.get_by_role("complementary", name="Properties")
    return panel.get_by_role("textbox", name="name", exact=True).input_value()


def test_examples_of_the_model_itself_stand_where_nothing_is_typed(opened: Editor) -> None:
    page = opened.page
    page.get_by_role("searchbox").click()
    page.get_by_role("button", name="op:Conv an operator").click()
    expect(page.get_by_role("searchbox")).to_have_value("op:Conv")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(hits(page)).to_have_count(3)


FOUND = {
    "name:conv": 10,
    "op:Conv kernel_shape:3,3": 3,
    "op:Conv kernel_shape:*,*": 3,
    "op:Conv -strides:1,1": 1,
    "-op:Conv -op:Relu stem": 1,
    "domain:ai.onnx op:Add": 1,
    "takes:stem/conv_out": 1,
    "out:stem/conv_out": 1,
    "init:weight op:Conv": 3,
    "dtype:float32 op:Relu": 3,
    "shape:*,*,*,*": 14,
    "type:float32": 24,
    "in:stem": 5,
    "attr:kernel_shape": 3,
    "/conv[12]$/": 1,
    "op:/^(Conv|Relu)$/": 6,
    '"layer1/block0/conv2"': 2,
}


def test_it_finds_by_every_prefix_by_quotes_and_by_regular_expressions(opened: Editor) -> None:
    expect(opened.page.get_by_text("Valid", exact=True)).to_be_visible(timeout=LONG)  # types are known by then
    for text, count in FOUND.items():
        opened.search(text)
        title = heading(opened.page, re.compile(rf"^({count} hits?|Nothing found)$"))
        expect(title, text).to_have_text(re.compile(f"^{count} hits?$"))


def test_hits_stand_in_a_tree_of_scopes_with_counts(bert: Editor) -> None:
    page = bert.page
    bert.search("op:Softmax")
    expect(heading(page, "12 hits")).to_be_visible()
    results = page.get_by_role("tree", name="Find results")
    third = results.get_by_role("treeitem", name="layer.2 / attention / self, 1 hit", exact=True)
    expect(third).to_have_attribute("aria-expanded", "true")
    expect(third.locator(".name-tail")).to_have_text("self")  # what a narrow row shows whole
    third.click()
    expect(third).to_have_attribute("aria-expanded", "false")
    expect(hits(page)).to_have_count(11)


def test_a_click_goes_to_a_hit_and_one_button_selects_all(opened: Editor) -> None:
    page = opened.page
    opened.search("op:Relu")
    hits(page).nth(1).click()
    assert selected_name(page) == hits(page).nth(1).get_attribute("title")
    expect(heading(page, "2 of 3 hits")).to_be_visible()
    page.get_by_role("button", name="Next hit").click()
    expect(heading(page, "3 of 3 hits")).to_be_visible()
    page.get_by_role("button", name="Previous hit").click()
    page.get_by_role("button", name="Previous hit").click()
    expect(heading(page, "1 of 3 hits")).to_be_visible()
    page.get_by_role("button", name="Select all 3").click()
    expect(page.get_by_role("complementary", name="Properties")).to_contain_text("3 nodes")


def test_the_keyboard_alone_finds_steps_folds_and_selects(bert: Editor) -> None:
    page = bert.page
    page.keyboard.press("Control+f")
    page.keyboard.type("op:MatMul")
    page.keyboard.press("Enter")  # for the hits of just this text, which are not there yet
    expect(heading(page, re.compile(r"^1 of \d+ hits$"))).to_be_visible()
    first = selected_name(page)
    page.keyboard.press("Enter")
    expect(heading(page, re.compile("^2 of "))).to_be_visible()
    assert selected_name(page) != first
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(heading(page, re.compile(r"^(\d+) of \1 hits$"))).to_be_visible()
    page.keyboard.press("F3")
    assert selected_name(page) == first
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.getAttribute('role')") != "tree":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    group = page.get_by_role("tree", name="Find results").locator(".cursor")
    expect(group).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowLeft")
    expect(group).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    expect(group).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Control+f")
    page.keyboard.press("Alt+Enter")
    expect(page.get_by_role("complementary", name="Properties")).to_contain_text(re.compile(r"\d+ nodes"))
    page.keyboard.press("Control+f")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tree", name="Outline")).to_be_visible(timeout=LONG)


def test_a_hit_is_what_its_row_said_also_when_the_original_comes_into_its_place(opened: Editor) -> None:
    page = opened.page
    opened.delete_with_reconnect("stem/relu")
    page.reload()  # what stood behind it moves up in the page's tables
    opened.wait_for_canvas()
    opened.search("op:Conv")
    expect(hits(page)).to_have_count(3)
    said = hits(page).nth(2).get_attribute("title")
    page.locator("canvas[role=application]").focus()
    page.keyboard.press("o")
    expect(page.get_by_role("button", name="Original")).to_have_attribute("aria-pressed", "true")
    hits(page).nth(2).click()  # before it is searched anew
    expect(page.get_by_role("complementary", name="Properties")).to_contain_text(said or "")
    assert selected_name(page) == said


def test_a_hit_in_a_body_opens_it_in_place(editor: Editor, shared_server: RunningServer) -> None:
    editor.open_from_start_page(shared_server.url, shared_model("real/silero-vad__silero_vad_16k_op15.onnx"))
    page = editor.page
    editor.search("op:LSTM")
    body = page.get_by_role("treeitem", name=re.compile("then_branch.*hit"))
    expect(body).to_be_visible(timeout=LONG)
    hits(page).first.click()
    expect(editor.on_canvas("node", "LSTM ").first).to_have_attribute("aria-selected", "true", timeout=LONG)
    expect(page.get_by_role("navigation", name="Bodies")).to_have_count(0)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/conv(/", "no complete regular expression"),
        ("colour:red", "Nothing can be found by colour:"),
        ("/(a|aa|[a-z0-9/]+)+[!]$/", "takes too long"),
    ],
)
def test_what_cannot_be_searched_for_is_said_in_one_line(bert: Editor, text: str, line: str) -> None:
    page = bert.page
    bert.search(text)
    expect(page.get_by_role("alert").filter(has_text=line)).to_be_visible(timeout=LONG)
    page.keyboard.press("Escape")
    expect(page.get_by_role("tree", name="Outline")).to_be_visible()


def test_all_hits_stand_out_on_the_canvas_and_on_the_map(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    canvas, small = page.locator("canvas[data-painted-revision]").first, page.locator(".minimap")
    small.wait_for()
    page.wait_for_timeout(500)
    before = canvas.screenshot(), small.screenshot()
    page.get_by_role("searchbox").click()
    page.keyboard.type("op:Conv")
    expect(hits(page)).to_have_count(3)
    page.wait_for_timeout(500)
    assert canvas.screenshot() != before[0]
    assert small.screenshot() != before[1]
