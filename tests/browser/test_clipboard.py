"""Nodes are copied, cut, pasted and duplicated with mouse and keys, in one model and into another one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer, running_server

SMALL = """
<ir_version: 10, opset_import: ["" : 21]>
small (float[1, 8] x) => (float[1, 8] y) <float[8] w = {1, 2, 3, 4, 5, 6, 7, 8}> {
  [first] a = Relu(x)
  [second] b = Mul(a, w)
  [third] y = Tanh(b)
}
"""
OTHER = """
<ir_version: 10, opset_import: ["" : 21]>
other (float[1, 8] x) => (float[1, 8] z) { [only] z = Neg(x) }
"""

OLD = """
<ir_version: 7, opset_import: ["" : 11]>
old (float[1, 8] x) => (float[1, 8] z) { [old] z = Softmax(x) }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models")
    onnx.save(onnx.parser.parse_model(SMALL), path / "small.onnx")
    onnx.save(onnx.parser.parse_model(OTHER), path / "other.onnx")
    onnx.save(onnx.parser.parse_model(OLD), path / "old.onnx")
    heavy = onnx.parser.parse_model(SMALL)
    heavy.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 50_000
    heavy.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 50_000
    heavy.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(np.arange(50_000, dtype=np.float32), "w"))
    onnx.save(heavy, path / "heavy.onnx")
    return path


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[RunningServer]:
    with running_server([folder]) as running:
        yield running


@pytest.fixture(scope="module")
def permissions() -> list[str]:
    return ["clipboard-read", "clipboard-write"]


@pytest.fixture
def opened(editor: Editor, server: RunningServer, folder: Path) -> Editor:
    editor.open_from_start_page(server.url, folder / "small.onnx")
    return editor


def select(editor: Editor, *names: str) -> None:
    for place, name in enumerate(names):
        editor.page.mouse.click(*editor.middle_of("node", name))
        if place + 1 < len(names):
            editor.page.keyboard.down("Control")
    editor.page.keyboard.up("Control")


def copied(editor: Editor) -> None:
    expect(editor.page.get_by_text("Copied", exact=False)).to_be_visible(timeout=LONG)


def nodes_of(editor: Editor, folder: Path) -> list[str]:
    return [f"{node.op_type} {' '.join(node.input)}" for node in onnx.load(editor.download(folder)).graph.node]


def test_nodes_are_copied_and_pasted_with_the_keys(opened: Editor, tmp_path: Path) -> None:
    select(opened, "Relu", "Mul")
    opened.page.keyboard.press("Control+c")
    copied(opened)
    opened.page.keyboard.press("Control+v")
    opened.wait_for_revision(1)
    expect(opened.properties).to_contain_text("2 nodes")
    assert nodes_of(opened, tmp_path) == ["Relu x", "Mul a w", "Tanh b", "Relu x", "Mul a_2 w"]
    opened.undo()


def test_what_is_copied_is_readable_text_on_the_clipboard(opened: Editor) -> None:
    select(opened, "Mul")
    opened.page.keyboard.press("Control+c")
    copied(opened)
    text = opened.page.evaluate("navigator.clipboard.readText()")
    fragment = json.loads(text)
    assert fragment["nodes"][0]["op_type"] == "Mul"
    assert fragment["origin"]["model"] == "small.onnx"


def test_nodes_are_copied_and_pasted_with_the_menu(opened: Editor, tmp_path: Path) -> None:
    opened.page.mouse.click(*opened.middle_of("node", "Mul"), button="right")
    opened.page.get_by_role("menuitem", name="Copy", exact=True).click()
    copied(opened)
    opened.page.mouse.click(420, 700, button="right")
    opened.page.get_by_role("menuitem", name="Paste", exact=True).click()
    opened.wait_for_revision(1)
    assert nodes_of(opened, tmp_path)[-1] == "Mul a w"


def test_cutting_takes_the_nodes_away_and_pasting_brings_them_back(opened: Editor, tmp_path: Path) -> None:
    select(opened, "Tanh")
    opened.page.keyboard.press("Control+x")
    opened.wait_for_revision(1)
    opened.page.keyboard.press("Control+v")
    opened.wait_for_revision(2)
    opened.page.mouse.click(*opened.middle_of("node", "Tanh"), button="right")
    opened.choose("Cut")
    opened.wait_for_revision(3)
    opened.page.mouse.click(420, 700, button="right")
    opened.choose("Paste")
    opened.wait_for_revision(4)
    assert nodes_of(opened, tmp_path) == ["Relu x", "Mul a w", "Tanh b"]


def test_nodes_are_duplicated_with_the_key_and_the_menu(opened: Editor, tmp_path: Path) -> None:
    select(opened, "Relu")
    opened.page.keyboard.press("Control+d")
    opened.wait_for_revision(1)
    expect(opened.properties.get_by_role("textbox", name="name", exact=True)).to_have_value("first_copy")
    opened.page.mouse.click(*opened.middle_of("node", "Tanh"), button="right")
    opened.page.get_by_role("menuitem", name="Duplicate", exact=True).click()
    opened.wait_for_revision(2)
    assert nodes_of(opened, tmp_path) == ["Relu x", "Relu x", "Mul a w", "Tanh b", "Tanh b"]


def test_keys_alone_choose_copy_paste_and_duplicate(opened: Editor, tmp_path: Path) -> None:
    keys = opened.page.keyboard
    opened.page.locator("canvas").first.focus()
    name = opened.properties.get_by_role("textbox", name="name", exact=True)
    keys.press("ArrowDown")
    for _ in range(3):
        if name.input_value() != "second":
            keys.press("ArrowDown" if name.input_value() in ("x", "first") else "ArrowUp")
    expect(name).to_have_value("second")
    keys.press("Control+c")
    copied(opened)
    keys.press("Control+v")
    opened.wait_for_revision(1)
    keys.press("Control+d")
    opened.wait_for_revision(2)
    keys.press("Control+x")
    opened.wait_for_revision(3)
    assert nodes_of(opened, tmp_path)[-1] == "Mul a w"


@pytest.mark.parametrize("source", ["small.onnx", "heavy.onnx"])
def test_nodes_go_into_another_window_with_their_weights(
    opened: Editor, server: RunningServer, folder: Path, tmp_path: Path, source: str
) -> None:
    """Large weights too, which never pass the browser."""
    opened.page.goto(server.url)
    opened.open_from_start_page(server.url, folder / source)
    select(opened, "Relu", "Mul")
    opened.page.keyboard.press("Control+c")
    copied(opened)
    window = Editor(opened.page.context.new_page())
    window.open_from_start_page(server.url, folder / "other.onnx")
    window.page.bring_to_front()
    window.page.mouse.click(400, 300)
    window.page.keyboard.press("Control+v")
    window.wait_for_revision(1)
    model = onnx.load(window.download(tmp_path))
    assert [list(node.input) for node in model.graph.node] == [["x"], ["x"], ["a", "w"]]
    expected = onnx.load(folder / source).graph.initializer[0]
    assert (onnx.numpy_helper.to_array(model.graph.initializer[0]) == onnx.numpy_helper.to_array(expected)).all()
    window.undo()


def test_nodes_go_into_another_model_of_the_same_page_by_the_menus(
    opened: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    opened.page.mouse.click(*opened.middle_of("node", "Mul"), button="right")
    opened.choose("Copy")
    copied(opened)
    opened.open_from_start_page(server.url, folder / "other.onnx")
    opened.page.mouse.click(420, 700, button="right")
    opened.choose("Paste")
    opened.wait_for_revision(1)
    expect(opened.page.get_by_text("An input is left open: a", exact=True)).to_be_visible()
    assert nodes_of(opened, tmp_path) == ["Neg x", "Mul  w"]


def test_what_a_paste_has_to_ask_is_asked_in_a_dialog_over_the_graph(
    opened: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    opened.open_from_start_page(server.url, folder / "old.onnx")
    select(opened, "Softmax")
    opened.page.keyboard.press("Control+c")
    copied(opened)
    opened.open_from_start_page(server.url, folder / "other.onnx")
    opened.page.mouse.click(420, 700, button="right")
    opened.choose("Paste")
    question = opened.page.get_by_role("dialog", name="Paste")
    expect(question).to_contain_text("Softmax was copied from opset 11")
    opened.page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    opened.page.mouse.click(420, 700, button="right")
    opened.choose("Paste")
    question.get_by_role("button", name="Paste it as opset 21 has it").click()
    opened.wait_for_revision(1)
    assert nodes_of(opened, tmp_path) == ["Neg x", "Softmax x"]


@pytest.mark.usefixtures("window_of_its_own")
def test_a_browser_that_lets_no_page_at_the_clipboard_copies_all_the_same(
    page: Page, server: RunningServer, folder: Path
) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    editor = Editor(page)
    editor.open_from_start_page(server.url, folder / "small.onnx")
    select(editor, "Relu")
    page.keyboard.press("Control+c")
    copied(editor)
    page.mouse.click(420, 700, button="right")
    page.get_by_role("menuitem", name="Paste", exact=True).click()
    editor.wait_for_revision(1)


def test_what_is_no_node_is_not_pasted_and_said(opened: Editor) -> None:
    opened.page.evaluate("navigator.clipboard.writeText('a shopping list')")
    select(opened, "Relu")
    opened.page.keyboard.press("Control+v")
    expect(opened.page.get_by_text("There are no copied nodes on the clipboard.")).to_be_visible(timeout=LONG)
    assert opened.revision() == 0
