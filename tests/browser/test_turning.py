"""A graph that runs from left to right: turned by key, button and menu, walked, edited, and kept so."""

from __future__ import annotations

import re
from pathlib import Path

import onnx
from playwright.sync_api import expect

from tests.browser.editor import Editor
from tests.browser.test_arranging import MODEL
from tests.real_server import running_server

CHAIN = ("Relu", "Sigmoid", "Sub", "Add")


def places(editor: Editor, axis: int) -> list[float]:
    return [editor.middle_of("node", node)[axis] for node in CHAIN]


def test_a_graph_is_turned_walked_and_edited_from_left_to_right(editor: Editor, tmp_path: Path) -> None:
    onnx.save(onnx.parser.parse_model(MODEL), tmp_path / "small.onnx")
    page, keys = editor.page, editor.page.keyboard
    with running_server([tmp_path]) as server:
        editor.open_from_start_page(server.url, tmp_path / "small.onnx")
        down = places(editor, 1)
        assert down == sorted(down)
        page.mouse.click(*editor.middle_of("node", "Relu"))
        keys.press("l")
        across = page.get_by_role("button", name="Left to right")
        expect(across).to_have_attribute("aria-pressed", "true")
        turned = places(editor, 0)
        assert turned == sorted(turned) and turned[-1] - turned[0] > 200

        page.mouse.click(*editor.middle_of("node", "Sigmoid"))
        aside = (
            "ArrowDown" if editor.middle_of("node", "Tanh")[1] > editor.middle_of("node", "Sigmoid")[1] else "ArrowUp"
        )
        for key, reached in (("ArrowRight", "Sub"), ("ArrowLeft", "Sigmoid"), (aside, "Tanh"), ("ArrowLeft", "Relu")):
            keys.press(key)
            expect(editor.on_canvas("node", reached)).to_have_attribute("aria-selected", "true")

        wire = editor.middle_of("value", "value d")
        page.mouse.dblclick(300, 820)
        page.get_by_role("combobox", name="Operator").fill("cos")
        option = page.get_by_role("option", name=re.compile("^Cos")).first.bounding_box()
        assert option is not None
        editor.drag((option["x"] + 40, option["y"] + 10), wire)
        editor.wait_for_revision(1)
        sub, cos, add = (editor.middle_of("node", node)[0] for node in ("Sub", "Cos", "Add"))
        assert sub < cos < add
        start = editor.port("Sub", "input B")
        editor.drag((start[0] - 14, start[1]), editor.port("Add", "input B"))
        editor.wait_for_revision(2)
        editor.undo()
        keys.press("f")  # a drag that takes long at the edge moves the view
        assert (inputs := places(editor, 0)) == sorted(inputs)

        page.reload()
        editor.wait_for_canvas()
        assert (kept := places(editor, 0)) == sorted(kept) and kept[-1] - kept[0] > 200
        page.get_by_role("button", name="View", exact=True).click()
        page.get_by_role("menuitem", name="Lay out horizontally or vertically").click()
        expect(across).to_have_attribute("aria-pressed", "false")
        back = places(editor, 1)
        assert back == sorted(back) and back[-1] - back[0] > 100
