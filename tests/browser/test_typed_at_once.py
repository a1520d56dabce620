"""Keys that are pressed at once, on a slow machine, belong to what the key before them opened: nobody waits between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.editor import Editor
from tests.browser.test_moving import go_to
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY

MODEL = REPOSITORY / "sample_models" / "residual_block.onnx"
SLOWER = 3  # times
HELD = "document.activeElement?.value ?? document.activeElement?.getAttribute('aria-label') ?? ''"


@pytest.fixture
def slow_editor(window_of_its_own: None, editor: Editor, sample_server: RunningServer) -> Iterator[Editor]:
    editor.open_from_start_page(sample_server.url, MODEL)
    tools = editor.page.context.new_cdp_session(editor.page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    yield editor
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})


def typed(page: Page, opens: list[str], text: str) -> str:
    """What stands in the field that has the focus, after these keys and this text without a pause."""
    for key in opens:
        page.keyboard.press(key)
    page.keyboard.type(text)
    return str(page.evaluate(HELD))


def test_what_a_key_opens_has_the_very_next_key(slow_editor: Editor) -> None:
    page = slow_editor.page
    for way, opens, text in (
        ("find", ["Control+f"], "stem/conv"),
        ("the palette of operators", ["a"], "Relu"),
        ("all commands", ["Control+k"], "tidy"),
        ("opening", ["Control+o"], "models/x"),
        ("saving", ["Control+Shift+s"], "models/y.onnx"),
        ("renaming", ["F2"], "other"),
        ("a form", ["Control+k", *"operator after", "Enter"], "Sig"),
        ("a note", ["Shift+n"], "see below"),
    ):
        assert typed(page, opens, text) == text, way
        for _ in range(3):
            page.keyboard.press("Escape")
        if way in ("saving", "renaming"):
            go_to(slow_editor, "stem/bn")  # what comes next is about a node
    go_to(slow_editor, "stem/bn")
    for side in ("outline", "properties"):
        page.get_by_role("button", name=f"Close the {side}").click()
    page.locator("canvas[role=application]").focus()
    assert typed(page, ["F2"], "renamed") == "renamed", "the panel was closed"
    page.keyboard.press("Escape")
    assert typed(page, ["Control+f"], "relu") == "relu", "the panel was closed"
    assert slow_editor.revision() == 0, "Esc kept what was typed"


def test_keys_that_follow_an_edit_are_for_the_page_that_it_leaves(slow_editor: Editor) -> None:
    """The panels wait for an edit's picture; keys do not wait for the panels."""
    page = slow_editor.page
    for round in (1, 2):
        go_to(slow_editor, "stem/bn")
        page.keyboard.press("F2")
        page.keyboard.type(f"name {round}")
        page.keyboard.press("Enter")
        for _ in range(round):  # the edit comes back some keys later, each time at another
            page.keyboard.press("Shift")
        page.keyboard.press("Escape")
        assert typed(page, ["Control+k"], "commands") == "commands"
        page.keyboard.press("Escape")
        page.keyboard.press("Shift+F10")
        for _ in range(3):
            page.keyboard.press("ArrowDown")
        expect(page.locator(".menu-item.active")).to_have_count(1)
        assert page.locator(".menu-item:not([aria-disabled=true])").nth(3).get_attribute("class") == "menu-item active"
        page.keyboard.press("Escape")
        slow_editor.wait_for_revision(2 * round - 1)
        page.keyboard.press("Control+z")
        slow_editor.wait_for_revision(2 * round)


def test_undo_right_after_enter_in_a_field_takes_back_what_the_field_changed(slow_editor: Editor) -> None:
    slow_editor.find("image")
    field = slow_editor.properties.get_by_role("textbox", name="name", exact=True)
    field.fill("picture")
    field.press("Enter")
    slow_editor.page.keyboard.press("Control+z")
    slow_editor.wait_for_revision(2)
    expect(field).to_have_value("image")
