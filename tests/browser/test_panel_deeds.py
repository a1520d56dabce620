"""What hands do with the panels beyond one field: the palette, previews, many nodes at once, wires, notes, the history, problems."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY

SAMPLES = REPOSITORY / "sample_models"


class Opens:
    """Opens a sample as a model of the test's own: a file that is open already would be shown as others left it."""

    def __init__(self, editor: Editor, server: RunningServer, folder: Path) -> None:
        self.editor, self.server, self.folder = editor, server, folder

    def __call__(self, sample: str) -> Editor:
        own = self.folder / f"{len(list(self.folder.iterdir()))}_{sample}"
        shutil.copyfile(SAMPLES / sample, own)
        self.editor.open_from_start_page(self.server.url, own)
        return self.editor


@pytest.fixture
def opens(editor: Editor, server: RunningServer, folder: Path) -> Opens:
    return Opens(editor, server, folder)


@pytest.fixture
def opened(opens: Opens) -> Editor:
    return opens("residual_block.onnx")


def properties(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Properties")


def field(page: Page, name: str) -> Locator:
    return properties(page).get_by_role("textbox", name=name, exact=True)


def select_both(editor: Editor, first: str, second: str) -> None:
    """Clicks one node on the canvas, then another with Shift."""
    editor.page.mouse.click(*editor.middle_of("node", first))
    editor.page.keyboard.down("Shift")
    editor.page.mouse.click(*editor.middle_of("node", second))
    editor.page.keyboard.up("Shift")
    expect(properties(editor.page).get_by_role("heading", name="2 nodes")).to_be_visible()


def command(page: Page, text: str) -> None:
    """Ctrl+K, some letters, Enter."""
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="What to do").fill(text)
    page.keyboard.press("Enter")


def model_menu(page: Page, entry: str) -> None:
    page.get_by_role("button", name="Model", exact=True).click()
    page.get_by_role("menuitem", name=entry).click()


# the palette -------------------------------------------------------------------------------------------------------------


def test_the_palette_does_what_its_letters_mean_and_offers_it_first_the_next_time(opened: Editor) -> None:
    page = opened.page
    page.mouse.click(*opened.middle_of("node", "stem/relu"))
    command(page, "delete recon")
    opened.wait_for_revision(1)
    opened.undo()
    page.mouse.click(*opened.middle_of("node", "stem/bn"))
    page.keyboard.press("Control+Shift+p")
    first = page.get_by_role("dialog", name="Commands").get_by_role("option").first
    expect(first).to_have_accessible_name(re.compile("^Node: Delete and reconnect, "))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Commands")).to_have_count(0)


def test_the_palette_asks_in_a_form_what_an_edit_still_needs(opened: Editor) -> None:
    page = opened.page
    opened.find("layer1/block0/conv2_out")
    command(page, "insert operator")
    form = page.get_by_role("dialog", name="Insert on layer1/block0/conv2_out")
    form.get_by_role("combobox", name="operator").fill("Sigmoid")
    page.keyboard.press("Enter")
    form.get_by_role("button", name="Insert").click()
    opened.wait_for_revision(1)


def test_the_palette_leads_into_bodies_and_functions(opens: Opens) -> None:
    editor = opens("if_and_loop.onnx")
    page = editor.page
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="What to do").fill("then")
    page.get_by_role("option", name=re.compile("^Go to: .*then_branch")).click()
    bodies = page.get_by_role("navigation", name="Bodies")
    expect(bodies).to_contain_text("then_branch")
    bodies.get_by_role("button").first.click()
    expect(bodies).to_have_count(0)


def test_functions_of_the_model_are_listed_and_can_be_entered(opens: Opens) -> None:
    editor = opens("local_functions.onnx")
    functions = editor.page.get_by_role("region", name="Functions")
    name = functions.locator(".row .cut").first.inner_text()
    functions.locator(".row").first.click()
    expect(editor.page.get_by_role("navigation", name="Bodies")).to_contain_text(name)


# previews ----------------------------------------------------------------------------------------------------------------


def test_a_resize_is_previewed_and_accepted_as_one_edit(opened: Editor) -> None:
    page = opened.page
    model_menu(page, "Resize inputs…")
    form = page.get_by_role("dialog", name="Resize inputs")
    form.get_by_role("textbox", name="image").fill("N, 3, 16")
    expect(form.get_by_role("alert")).to_contain_text("4 dimensions, not 3")
    form.get_by_role("button", name="N, any size").click()
    expect(form).to_contain_text("dim 0: 1 → N")
    form.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("dialog", name=re.compile("^Preview"))
    expect(preview).to_contain_text("Same outputs", timeout=LONG)
    assert opened.revision() == 0
    preview.get_by_role("button", name="Accept").click()
    opened.wait_for_revision(1)
    expect(properties(page).get_by_role("region", name="History")).to_contain_text("Resized image")
    opened.find("image")
    expect(field(page, "shape")).to_have_value("N×3×16×16")


def test_a_preview_that_is_not_to_ones_liking_leads_back_to_its_form(opened: Editor) -> None:
    page = opened.page
    model_menu(page, "Resize inputs…")
    form = page.get_by_role("dialog", name="Resize inputs")
    form.get_by_role("textbox", name="image").fill("7, 3, 16, 16")
    page.keyboard.press("Enter")
    preview = page.get_by_role("dialog", name=re.compile("^Preview"))
    preview.get_by_role("button", name="Change…").click(timeout=LONG)
    expect(form.get_by_role("textbox", name="image")).to_have_value("7, 3, 16, 16")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    assert opened.revision() == 0


def test_a_model_input_asks_whether_the_model_shall_follow_its_shape(opened: Editor) -> None:
    page = opened.page
    opened.find("image")
    field(page, "shape").fill("2×3×16×16")
    page.keyboard.press("Enter")
    properties(page).get_by_role("button", name="Resize: ").click()
    form = page.get_by_role("dialog", name="Resize inputs")
    expect(form.get_by_role("textbox", name="image")).to_have_value("2, 3, 16, 16")
    form.get_by_role("button", name="Apply").click()
    opened.wait_for_revision(1)
    expect(form).to_have_count(0)


# many at once ------------------------------------------------------------------------------------------------------------


def test_several_operators_are_replaced_and_renamed_as_one_edit_each(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("s")  # all of it flat
    select_both(opened, "stem/relu", "layer1/block0/relu")
    panel = properties(page)
    panel.get_by_role("button", name="Replace their operator").click()
    panel.get_by_role("combobox").fill("LeakyRelu")
    page.keyboard.press("Enter")
    panel.get_by_role("button", name="+ alpha").click()
    panel.get_by_role("textbox", name="alpha").fill("0.2")
    panel.get_by_role("button", name="Replace 2 operators").click()
    opened.wait_for_revision(1)
    expect(panel.get_by_role("textbox", name="alpha")).to_have_value("0.2")
    panel.get_by_role("button", name="Rename them").click()
    panel.get_by_role("textbox", name="find").fill("relu")
    panel.get_by_role("textbox", name="replace by").fill("act")
    expect(panel.get_by_role("list", name="New names")).to_contain_text("layer1/block0/act")
    panel.get_by_role("button", name="Rename 2 nodes").click()
    opened.wait_for_revision(2)
    opened.undo(2)
    expect(page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)


def test_an_attribute_that_differs_is_set_for_all(opened: Editor) -> None:
    page = opened.page
    opened.find("layer1/block0/conv2", "node")
    field(page, "group").fill("1")
    field(page, "pads").fill("2, 2, 2, 2")
    field(page, "pads").press("Enter")
    opened.wait_for_revision(1)
    page.get_by_role("searchbox").press("Escape")
    page.keyboard.press("f")
    select_both(opened, "stem/conv", "layer1/block0/conv2")
    pads = field(page, "pads")
    expect(pads).to_have_attribute("placeholder", "mixed")
    pads.fill("1, 1, 1, 1")
    pads.press("Enter")
    opened.wait_for_revision(2)
    expect(pads).to_have_value("1, 1, 1, 1")


def test_a_selection_is_narrowed_to_one_operator(opened: Editor) -> None:
    page = opened.page
    page.mouse.click(*opened.middle_of("node", "stem/relu"))
    page.keyboard.press("Control+a")
    panel = properties(page)
    expect(panel.get_by_role("heading", name="11 nodes")).to_be_visible()
    panel.get_by_role("region", name="Operators").get_by_role("button", name=re.compile("^Relu")).click()
    expect(panel.get_by_role("heading", name="3 nodes")).to_be_visible()


# wires and notes ---------------------------------------------------------------------------------------------------------


def test_an_input_is_connected_to_another_value_and_disconnected_in_its_card(opened: Editor) -> None:
    page = opened.page
    opened.find("layer1/block0/add", "node")
    inputs = properties(page).get_by_role("region", name="Inputs")
    inputs.locator(".card").first.hover()
    inputs.get_by_role("button", name="Connect another value to A").click()
    picker = inputs.get_by_role("combobox", name="value for A")
    picker.fill("layer1/block0/relu_out")
    page.keyboard.press("Enter")
    opened.wait_for_revision(1)
    expect(inputs.locator(".card").first).to_contain_text("relu_out")
    inputs.locator(".card").first.hover()
    inputs.get_by_role("button", name="Disconnect A").click()
    opened.wait_for_revision(2)
    expect(inputs).to_contain_text("missing")
    expect(page.get_by_test_id("status")).to_contain_text("error", timeout=LONG)


def test_a_note_is_written_beside_a_node(opened: Editor) -> None:
    page = opened.page
    opened.find("stem/conv", "node")
    note = properties(page).get_by_role("region", name="Note")
    note.get_by_role("button", name="add").click()
    note.get_by_role("textbox", name="note").fill("The first <b>filter</b>.")
    page.keyboard.press("Control+Enter")
    opened.wait_for_revision(1)
    expect(note).to_contain_text("The first <b>filter</b>.")
    note.get_by_role("button", name="edit").click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type("7 by 7")
    page.mouse.click(*opened.middle_of("node", "stem/relu"))  # another node
    opened.wait_for_revision(2)
    opened.find("stem/conv", "node")
    expect(note).to_have_text(re.compile("filter</b>.\n7 by 7"))


def test_an_operator_that_does_not_exist_is_refused_at_its_field(opened: Editor) -> None:
    page = opened.page
    opened.find("stem/relu", "node")
    properties(page).get_by_role("button", name="Replace operator…").click()
    form = page.get_by_role("dialog", name="Replace stem/relu")
    operator = form.get_by_role("combobox", name="operator")
    operator.fill("Rellu")
    page.keyboard.press("Enter")
    form.get_by_role("button", name="Replace node").click()
    expect(form.get_by_role("alert")).to_have_count(1)
    expect(form.get_by_role("alert")).to_contain_text("did you mean Relu?")
    expect(operator).to_have_attribute("aria-invalid", "true")


# history and problems ----------------------------------------------------------------------------------------------------


def test_the_history_leads_back_to_any_edit_and_forth_again(opened: Editor) -> None:
    page = opened.page
    opened.rename_value("image", "picture")
    opened.rename_value("features", "code")
    opened.rename_value("picture", "photo")
    history = properties(page).get_by_role("region", name="History")
    history.get_by_role("button", name=re.compile("^1: ")).click()
    opened.wait_for_revision(5)
    expect(history.locator(".undone")).to_have_count(2)
    history.get_by_role("button", name=re.compile("^3: ")).click()
    opened.wait_for_revision(7)
    expect(history.locator(".undone")).to_have_count(0)
    history.get_by_role("button", name=re.compile("Opened")).click()
    opened.wait_for_revision(10)
    expect(page.get_by_role("tree", name="Outline").or_(page.get_by_role("searchbox")).first).to_be_visible()
    expect(history.locator(".now")).to_contain_text("Opened")


def test_an_undo_that_another_persons_edit_forbids_names_what_is_in_the_way(
    opened: Editor, browser: Browser, server: RunningServer
) -> None:
    page = opened.page
    opened.rename_value("image", "picture")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = Editor(context.new_page())
    other.page.goto(server.url)
    other.page.goto(page.url)
    other.wait_for_canvas()
    other.rename_value("picture", "photo")
    opened.wait_for_revision(2)
    page.mouse.click(*opened.middle_of("node", "stem/bn"))
    page.keyboard.press("Control+z")
    refusal = properties(page).get_by_role("alert")
    expect(refusal).to_contain_text("changed the same things since")
    refusal.get_by_role("button", name="photo").click()
    expect(field(page, "name")).to_have_value("photo")
    context.close()


def test_problems_are_grouped_filtered_and_lead_to_what_they_are_about(opens: Opens) -> None:
    editor = opens("with_a_fault.onnx")
    page = editor.page
    page.get_by_role("group", name="Problems").get_by_role("button").first.click(timeout=LONG)
    panel = page.get_by_role("region", name="All problems")
    expect(panel).to_be_visible()
    expect(page.get_by_role("group", name="Problems")).to_have_text(re.compile(r"^\d+ \w+$"))  # nothing is said twice
    first = panel.get_by_role("listitem").first.get_by_role("button").first
    first.click()
    expect(properties(page).get_by_role("textbox", name="name", exact=True)).to_be_visible()
    page.keyboard.press("p")
    expect(panel).to_have_count(0)


def test_problems_of_a_sound_model_say_so(opened: Editor) -> None:
    page = opened.page
    expect(page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)
    page.mouse.click(*opened.middle_of("node", "stem/bn"))
    page.keyboard.press("p")
    expect(page.get_by_role("region", name="All problems")).to_contain_text("Nothing to mend")


def test_hits_show_new_names_and_the_next_one_goes_on_after_an_edit(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("Control+f")
    box = page.get_by_role("searchbox")
    box.fill("op:Relu")
    results = page.get_by_role("tree", name="Find results")
    expect(results.locator("[data-id]")).to_have_count(3)
    box.press("Enter")
    page.keyboard.press("F2")
    page.keyboard.type("first activation")
    page.keyboard.press("Enter")
    opened.wait_for_revision(1)
    expect(results.get_by_role("treeitem", name=re.compile("first activation"))).to_have_attribute(
        "aria-selected", "true"
    )
    box.focus()
    box.press("Enter")
    expect(results.get_by_role("treeitem", selected=True)).not_to_contain_text("first activation")
