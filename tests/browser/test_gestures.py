"""Wires and operators under the hand: ends of wires are moved, operators are dragged onto wires; and all of it by keys alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from playwright.sync_api import Route, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer, running_server

MODEL = """
<ir_version: 10, opset_import: ["" : 21]>
small (float[1, 8] x, float[1, 8] side, int64[1, 8] whole) => (float[1, 8] y) {
  a = Relu(x)
  b = Sigmoid(a)
  c = Tanh(a)
  d = Sub(b, c)
  y = Add(d, side)
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models")
    onnx.save(onnx.parser.parse_model(MODEL), path / "small.onnx")
    return path


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[RunningServer]:
    with running_server([folder]) as running:
        yield running


@pytest.fixture
def opened(editor: Editor, server: RunningServer, folder: Path) -> Editor:
    editor.open_from_start_page(server.url, folder / "small.onnx")
    return editor


def inputs(editor: Editor, folder: Path) -> dict[str, list[str]]:
    return {node.op_type: list(node.input) for node in onnx.load(editor.download(folder)).graph.node}


def test_the_end_of_a_wire_is_dragged_to_another_slot(opened: Editor, tmp_path: Path) -> None:
    """From the port that it ends in."""
    sub_a = opened.port("Sub", "input A")
    opened.drag(sub_a, opened.port("Add", "input B"), drop=False)
    add_b = opened.page.locator('[data-port][aria-label^="input B of Add"]')
    expect(add_b).to_have_attribute("data-fits", "true")
    opened.page.mouse.up()
    opened.wait_for_revision(1)
    found = inputs(opened, tmp_path)
    assert (found["Add"], found["Sub"]) == (["d", "b"], ["", "c"])


def test_a_wire_is_taken_at_its_end_away_from_any_port(opened: Editor, tmp_path: Path) -> None:
    x, y = opened.port("Sub", "input B")
    opened.page.mouse.move(60, 850)
    opened.drag((x, y - 14), opened.middle_of("value", "input side"), drop=False)
    opened.page.keyboard.press("Escape")
    opened.page.mouse.up()
    assert opened.revision() == 0
    target = opened.port("Add", "input B")
    opened.drag((x, y - 14), target)
    opened.wait_for_revision(1)
    assert inputs(opened, tmp_path)["Add"] == ["d", "c"]


def test_wires_that_share_a_source_are_taken_to_another_one_together(opened: Editor, tmp_path: Path) -> None:
    x, y = opened.port("Relu", "output Y")
    opened.page.mouse.move(60, 850)
    opened.page.wait_for_timeout(200)
    opened.drag((x, y + 12), opened.middle_of("value", "input side"))
    opened.wait_for_revision(1)
    found = inputs(opened, tmp_path)
    assert (found["Sigmoid"], found["Tanh"]) == (["side"], ["side"])


def test_an_operator_is_dragged_from_the_palette_onto_a_wire_which_lights_up(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    wire = opened.middle_of("value", "value d")
    page.mouse.dblclick(300, 820)
    page.get_by_role("combobox", name="Operator").fill("cos")
    box = page.get_by_role("option", name=re.compile("^Cos")).first.bounding_box()
    assert box is not None
    opened.drag((box["x"] + 40, box["y"] + 10), wire, drop=False)
    expect(page.locator("canvas[data-dropping]").first).to_have_attribute("data-dropping", "wire")
    page.mouse.up()
    opened.wait_for_revision(1)
    found = inputs(opened, tmp_path)
    assert (found["Cos"], found["Add"][1]) == (["d"], "side")
    assert found["Add"][0] != "d"


def test_an_operator_that_does_not_take_the_value_is_not_dropped_on_its_wire(opened: Editor) -> None:
    page = opened.page
    wire = opened.middle_of("value", "value d")
    page.mouse.dblclick(300, 820)
    page.get_by_role("combobox", name="Operator").fill("bitwisenot")
    box = page.get_by_role("option", name=re.compile("^BitwiseNot")).first.bounding_box()
    assert box is not None
    opened.drag((box["x"] + 40, box["y"] + 10), wire, drop=False)
    expect(page.locator("canvas[data-dropping]").first).to_have_attribute("data-dropping", "refused")
    page.mouse.up()
    page.wait_for_timeout(300)
    assert opened.revision() == 0


def test_an_operator_dragged_onto_the_ground_stands_there(opened: Editor) -> None:
    page = opened.page
    page.mouse.dblclick(300, 820)
    page.get_by_role("combobox", name="Operator").fill("cos")
    box = page.get_by_role("option", name=re.compile("^Cos")).first.bounding_box()
    assert box is not None
    x, y = opened.middle_of("node", "Relu")
    opened.drag((box["x"] + 40, box["y"] + 10), (x + 260, y + 30))
    opened.wait_for_revision(1)
    assert opened.middle_of("node", "Cos") == pytest.approx((x + 260, y + 30), abs=90)


def test_the_palette_is_opened_from_the_menu_of_the_ground(opened: Editor) -> None:
    page = opened.page
    page.mouse.click(300, 820, button="right")
    page.get_by_role("menuitem", name="Add operator…").click()
    palette = page.get_by_role("dialog", name="Operators")
    palette.get_by_role("combobox", name="Operator").fill("relu")
    page.keyboard.press("Enter")
    opened.wait_for_revision(1)


def test_keys_alone_put_an_operator_on_a_wire_and_behind_a_node(opened: Editor, tmp_path: Path) -> None:
    keys, name = opened.page.keyboard, opened.properties.get_by_role("textbox", name="name", exact=True)
    opened.page.locator("canvas").first.focus()
    keys.press("Home")
    expect(name).to_have_value("x")
    keys.press("a")
    palette = opened.page.get_by_role("dialog", name="Operators")
    expect(palette).to_contain_text("on x")
    expect(palette.get_by_role("combobox", name="Operator")).to_be_focused(timeout=LONG)
    keys.type("neg")
    expect(palette.get_by_role("option").first).to_contain_text("Neg")
    keys.press("Enter")
    opened.wait_for_revision(1)
    expect(opened.on_canvas("node", "Neg")).to_have_attribute("aria-selected", "true")
    keys.press("a")
    expect(palette).to_contain_text("takes")
    expect(palette.get_by_role("combobox", name="Operator")).to_be_focused(timeout=LONG)
    keys.type("cosh")
    expect(palette.get_by_role("option").first).to_contain_text("Cosh")
    keys.press("Enter")
    opened.wait_for_revision(2)
    found = inputs(opened, tmp_path)
    assert found["Relu"] != ["x"] and found["Neg"] == ["x"]
    assert found["Cosh"] == found["Relu"]


def test_keys_alone_give_wires_another_source(opened: Editor, tmp_path: Path) -> None:
    page, keys = opened.page, opened.page.keyboard
    opened.find("d", "value")
    page.locator("canvas").first.focus()
    keys.press("r")
    expect(page.get_by_role("dialog").get_by_role("combobox").first).to_be_focused(timeout=LONG)
    keys.type("side")
    keys.press("Enter")
    keys.press("Enter")
    opened.wait_for_revision(1)
    assert inputs(opened, tmp_path)["Add"] == ["side", "side"]


def test_keys_alone_connect_and_disconnect_an_input(opened: Editor, tmp_path: Path) -> None:
    page, keys = opened.page, opened.page.keyboard
    page.locator("canvas").first.focus()
    keys.press("End")
    keys.press("ArrowUp")
    expect(opened.on_canvas("node", "Add")).to_have_attribute("aria-selected", "true")
    keys.press("c")
    form = page.get_by_role("dialog")
    expect(form.get_by_label("slot")).to_be_focused(timeout=LONG)
    keys.type("B")
    keys.press("Tab")
    keys.type("x")
    keys.press("Enter")
    keys.press("Enter")
    opened.wait_for_revision(1)
    page.locator("canvas").first.focus()
    keys.press("Shift+C")
    expect(form.get_by_label("slot")).to_be_focused(timeout=LONG)
    keys.type("A")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    opened.wait_for_revision(2)
    assert inputs(opened, tmp_path)["Add"] == ["", "x"]


def test_enter_is_heard_before_it_is_known_which_operators_there_are(
    editor: Editor, server: RunningServer, folder: Path
) -> None:
    page = editor.page
    held: list[Route] = []
    page.route("**/operators*", lambda route: held.append(route))
    editor.open_from_start_page(server.url, folder / "small.onnx")
    page.mouse.dblclick(300, 820)
    page.get_by_role("combobox", name="Operator").fill("cosh")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    for route in held:
        route.continue_()
    editor.wait_for_revision(1)
    assert editor.middle_of("node", "Cosh,")


def test_a_node_that_nothing_is_joined_to_goes_onto_a_wire_by_pointer_and_by_key(
    opened: Editor, tmp_path: Path
) -> None:
    page, canvas = opened.page, opened.page.locator("canvas[data-dropping]").first
    page.mouse.dblclick(300, 820)
    page.get_by_role("combobox", name="Operator").fill("cosh")
    page.keyboard.press("Enter")
    opened.wait_for_revision(1)
    x, y = opened.middle_of("node", "Cosh,")
    start = (x - 18, y)
    wire = opened.middle_of("value", "value d")
    opened.drag(start, (wire[0] - 18, wire[1]), drop=False)
    expect(canvas).to_have_attribute("data-dropping", "wire")
    page.mouse.up()
    opened.wait_for_revision(2)
    expect(opened.history).to_contain_text("Put")
    assert inputs(opened, tmp_path)["Cosh"] == ["d"]
    opened.undo()
    page.mouse.click(*opened.middle_of("node", "Cosh,"))
    page.keyboard.press("w")
    form = page.get_by_role("dialog")
    expect(form.get_by_label("value", exact=True)).to_be_focused(timeout=LONG)
    page.keyboard.type("b")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    opened.wait_for_revision(4)
    found = inputs(opened, tmp_path)
    assert (found["Cosh"], found["Sub"][1]) == (["b"], "c")
    assert found["Sub"][0] != "b"
