"""Everybody reaches everything: by keys, by ear, at 200 %, without motion, and with enough contrast."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.axe import COLOURS, serious
from tests.browser.editor import LONG, Editor
from tests.browser.test_canvas import expect_selected
from tests.browser.test_moving import go_to
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY

SAMPLES = REPOSITORY / "sample_models"
Opens = Callable[..., Editor]


@pytest.fixture
def opens(browser: Browser, sample_server: RunningServer) -> Iterator[Opens]:
    """Opens a sample in a window of its own, with the settings of a person."""
    contexts = []

    def open_sample(sample: str | None = "residual_block.onnx", **settings: object) -> Editor:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **settings})  # type: ignore[arg-type]
        contexts.append(context)
        editor = Editor(context.new_page())
        if sample is None:
            editor.page.goto(sample_server.url)
        else:
            editor.open_from_start_page(sample_server.url, SAMPLES / sample)
            expect(editor.page.get_by_role("status").filter(has_text=re.compile("Valid|error|warning"))).to_be_visible(
                timeout=LONG
            )
        return editor

    yield open_sample
    for context in contexts:
        context.close()


# axe -----------------------------------------------------------------------------------------------------------------


def nothing(editor: Editor) -> None:
    pass


def start_page(editor: Editor) -> None:
    expect(editor.page.get_by_role("heading", name="Scalpel")).to_be_visible()


def one_node(editor: Editor) -> None:
    go_to(editor, "stem/conv")
    expect_selected(editor.page, "Conv stem/conv")


def one_value(editor: Editor) -> None:
    one_node(editor)
    editor.page.keyboard.press("Alt+ArrowDown")
    expect(editor.properties.get_by_role("textbox", name="name")).to_have_value("stem/conv_out")


def one_tensor(editor: Editor) -> None:
    editor.find("stem.conv.weight")
    expect(editor.properties.get_by_role("textbox", name="name")).to_have_value("stem.conv.weight")


def many_nodes(editor: Editor) -> None:
    editor.page.keyboard.press("Control+a")
    expect(editor.page.get_by_role("heading", name=re.compile(r"\d+ nodes"))).to_be_visible()


def found(editor: Editor) -> None:
    expect(editor.search("conv").locator("[data-id]").first).to_be_visible()


def palette(editor: Editor) -> None:
    editor.page.keyboard.press("Control+k")
    expect(editor.page.get_by_role("dialog", name="Commands")).to_be_visible()


def operators(editor: Editor) -> None:
    x, y = editor.middle_of("node", "stem/bn")
    editor.page.mouse.dblclick(x + 240, y)
    expect(editor.page.locator(".operators")).to_be_visible()


def keys_dialog(editor: Editor) -> None:
    editor.page.keyboard.press("?")
    expect(editor.page.get_by_role("dialog", name="Keys")).to_be_visible()


def save_dialog(editor: Editor) -> None:
    editor.page.keyboard.press("Control+Shift+s")
    expect(editor.page.get_by_role("dialog", name=re.compile("^Save"))).to_be_visible()


def form(editor: Editor) -> None:
    editor.model_menu("Resize inputs")
    expect(editor.page.get_by_role("dialog")).to_be_visible()


def preview(editor: Editor) -> None:
    editor.model_menu("Simplify")
    editor.page.get_by_role("dialog").get_by_role("button", name="Preview").click()
    expect(editor.page.get_by_role("dialog", name=re.compile("^Preview"))).to_be_visible(timeout=3 * LONG)


def menu(editor: Editor) -> None:
    one_node(editor)
    editor.page.keyboard.press("Shift+F10")
    expect(editor.page.get_by_role("menu")).to_be_visible()


def view_menu(editor: Editor) -> None:
    if editor.page.get_by_role("button", name="View", exact=True).is_visible():
        editor.page.get_by_role("button", name="View", exact=True).click()
    else:
        editor.page.get_by_role("button", name="More", exact=True).click()
        editor.page.get_by_role("menuitem", name="View…").click()
    expect(editor.page.get_by_role("menu", name="View")).to_be_visible()


def a_highlight(editor: Editor) -> None:
    one_node(editor)
    editor.page.keyboard.press("h")
    expect(editor.page.get_by_role("group", name="Highlight")).to_be_visible()


def problems(editor: Editor) -> None:
    editor.page.keyboard.press("p")
    expect(editor.page.locator(".problems")).to_be_visible()


def a_run(editor: Editor) -> None:
    editor.run({})


def a_function_with_an_undone_edit(editor: Editor) -> None:
    page = editor.page
    page.get_by_role("region", name="Functions").get_by_title("Enter DenseSwish").click()
    page.locator("canvas").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+d")
    expect(page.get_by_role("button", name="Duplicated")).to_be_visible()
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="undone")).to_be_visible()


SIGHTS = [
    (None, start_page),
    *(("residual_block.onnx", sight) for sight in (
        nothing, one_node, one_value, one_tensor, many_nodes, found, palette, operators, keys_dialog, save_dialog, form, preview, menu, view_menu, a_highlight, a_run,
    )),
    ("with_a_fault.onnx", problems),
    ("if_and_loop.onnx", nothing),
    ("local_functions.onnx", a_function_with_an_undone_edit),
]  # fmt: skip


def test_axe_finds_nothing_serious_in_light_and_dark(opens: Opens) -> None:
    """One page for each model; what is opened for one sight is closed again for the next."""
    wrong: list[str] = []
    editor, shown = None, ""
    for sample, sight in SIGHTS:
        if editor is None or sample != shown:
            editor, shown = opens(sample, color_scheme="light"), sample
        sight(editor)
        for scheme, rules in (("light", None), ("dark", COLOURS)):
            editor.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            expect(editor.page.locator("html")).to_have_attribute("data-theme", scheme)
            found = serious(editor.page, rules)
            wrong += [f"{sample or 'start page'}, {scheme}, {sight.__name__}: {line}" for line in found]
        editor.page.emulate_media(color_scheme="light")
        for _ in range(5):
            editor.page.keyboard.press("Escape")
    assert not wrong, "\n".join(wrong)


# by ear --------------------------------------------------------------------------------------------------------------


def said(editor: Editor) -> Locator:
    return editor.page.get_by_test_id("said")


def test_the_graph_is_a_tree_whose_entries_say_where_they_stand(opens: Opens) -> None:
    editor = opens()
    entry = editor.on_canvas("node", "BatchNormalization stem/bn").first
    expect(entry).to_have_attribute("aria-description", "after Conv stem/conv, before Relu stem/relu")
    expect(entry).to_have_attribute("aria-level", "1")
    tree = editor.page.get_by_role("tree", name="Nodes and values in view", include_hidden=True)
    places = [int(one.get_attribute("aria-posinset") or 0) for one in tree.locator('[data-kind="node"]').all()]
    total = int(entry.get_attribute("aria-setsize") or 0)
    assert places == sorted(set(places)) and places[-1] <= total
    wire = editor.on_canvas("value", "value stem/conv_out").first
    expect(wire).to_have_attribute("aria-description", "from Conv stem/conv to BatchNormalization stem/bn")


def test_the_canvas_points_at_the_entry_that_keys_act_on(opens: Opens) -> None:
    editor = opens()
    canvas = editor.page.locator("canvas[role=application]")
    go_to(editor, "stem/bn")

    def current() -> str:
        editor.page.wait_for_timeout(300)
        entry = editor.page.locator(f"[id='{canvas.get_attribute('aria-activedescendant')}']")
        return entry.get_attribute("aria-label") or ""

    assert current().startswith("BatchNormalization stem/bn")
    editor.page.keyboard.press("ArrowDown")
    assert current().startswith("Relu stem/relu")
    editor.page.keyboard.press("Alt+ArrowDown")
    assert current().startswith("value stem/relu_out")


def test_edits_undo_and_those_of_others_are_said(opens: Opens, browser: Browser) -> None:
    editor = opens()
    editor.rename_value("image", "picture")
    expect(said(editor)).to_have_text("Renamed image to picture")
    editor.page.get_by_role("button", name="Undo").click()
    expect(said(editor)).to_have_text("Undid: Renamed image to picture")
    editor.page.keyboard.press("Control+a")
    expect(said(editor)).to_have_text("11 selected")
    other = Editor(editor.page.context.new_page())
    other.page.goto(editor.page.url)
    other.wait_for_canvas()
    other.rename_value("image", "photo")
    expect(said(editor)).to_have_text(re.compile(r"^.+: Renamed image to photo\s*$"))


def test_bodies_and_highlights_are_said(opens: Opens) -> None:
    editor = opens("if_and_loop.onnx")
    go_to(editor, "repeat")
    editor.page.keyboard.press("Enter")
    expect(said(editor)).to_have_text(re.compile(r"^repeat · body, \d+ nodes?\s*$"))
    editor.page.keyboard.press("Escape")
    expect(said(editor)).to_have_text(re.compile(r"^Main graph, 2 nodes\s*$"))


def test_a_refusal_is_an_alert_even_where_the_panel_was_closed(opens: Opens) -> None:
    editor = opens()
    page = editor.page
    page.get_by_role("button", name="Close the properties").click()
    editor.find("image")
    x, y = editor.middle_of("value", "input image")
    page.mouse.click(x, y)
    page.keyboard.press("Delete")
    expect(page.get_by_role("alert").filter(has_text="image")).to_be_visible()


# by keys -------------------------------------------------------------------------------------------------------------


def test_a_model_is_opened_edited_run_and_taken_back_by_keys_alone(opens: Opens) -> None:
    editor = opens(None)
    page, press, write = editor.page, editor.page.keyboard.press, editor.page.keyboard.type
    for _ in range(30):
        press("Tab")
        if page.evaluate("document.activeElement?.getAttribute('role')") == "combobox":
            break
    write(str(SAMPLES / "residual_block.onnx"))
    press("Enter")
    editor.wait_for_canvas()
    press("ArrowDown")  # the canvas has the focus
    go_to(editor, "stem/relu")
    press("F2")
    write("first")
    press("Enter")
    editor.wait_for_revision(1)
    press("Escape")
    go_to(editor, "stem/bn")
    press("Control+k")
    write("insert operator after")
    press("Enter")
    expect(page.get_by_role("dialog").get_by_role("combobox", name="operator")).to_be_focused()
    write("Sigmoid")
    press("Enter")
    press("Enter")
    editor.wait_for_revision(2)
    press("Control+z")
    editor.wait_for_revision(3)
    press("Control+Enter")
    expect(page.get_by_role("table", name="Outputs")).to_be_visible(timeout=LONG)
    press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


# at 200 % ------------------------------------------------------------------------------------------------------------

INSIDE = """() => [...document.querySelectorAll('button, input, select, a[href], [role=menuitem], [role=option], h2')].filter((one) => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one)
    if (box.width === 0 || style.visibility === 'hidden' || one.closest('[role=tree], [role=listbox], .visually-hidden, .panel, .menu, dialog, .tabs-row, .problems-list, .operators')) return false
    return box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1
}).map((one) => `${one.tagName} ${one.getAttribute('aria-label') ?? one.textContent} at ${JSON.stringify(one.getBoundingClientRect())}`)"""
COVERED = """() => [...document.querySelectorAll('.stage button, .topbar button, .topbar a')].filter((one) => {
    const box = one.getBoundingClientRect(), at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
    return box.width > 0 && !one.disabled && !one.closest('.tabs-row') && !(at && one.contains(at)) && !document.querySelector('dialog[open], .menu, .popover')
}).map((one) => one.getAttribute('aria-label') ?? one.textContent)"""
SIDEWAYS = """() => [...document.querySelectorAll('.panel, .menu, dialog, .popover, .editor, body')].filter((one) =>
    one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'hidden').map((one) => one.className)"""


@pytest.mark.parametrize("sight", [nothing, one_node, many_nodes, found, palette, keys_dialog, save_dialog, form, menu, view_menu, a_highlight, problems])  # fmt: skip
def test_at_200_percent_everything_is_inside_the_window(opens: Opens, sight: Callable[[Editor], None]) -> None:
    editor = opens(viewport={"width": 720, "height": 450}, device_scale_factor=2)
    sight(editor)
    assert editor.page.evaluate(INSIDE) == []
    assert editor.page.evaluate(COVERED) == []
    assert editor.page.evaluate(SIDEWAYS) == []


# without motion ------------------------------------------------------------------------------------------------------


def test_nothing_moves_by_itself_where_motion_is_not_wanted(opens: Opens) -> None:
    editor = opens(reduced_motion="reduce")
    page = editor.page
    moving: list[str] = []

    def look() -> None:
        moving.extend(
            page.evaluate("document.getAnimations().map((one) => one.animationName ?? one.transitionProperty)")
        )

    look()
    for act in ("Control+k", "Escape", "?", "Escape", "m", "m", "p", "p", "Control+a", "Shift+F10", "Escape"):
        page.keyboard.press(act)
        look()
    page.keyboard.press("Control+Enter")
    look()
    assert moving == []
    frames = page.evaluate(
        """async () => { const canvas = document.querySelector('canvas[data-zoom]'), seen = new Set()
        const frame = () => new Promise(requestAnimationFrame)
        document.querySelector('[aria-label="View"] button[title^="Fit"]').click()
        for (let n = 0; n < 20; n++) { await frame(); seen.add(canvas.dataset.zoom) }
        return [...seen] }"""
    )
    assert len(frames) <= 2, "the view jumps"
