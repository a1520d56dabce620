"""Editing on the canvas with pointer and keys only: wires are dragged, operators are put on ground and wires, the map is clicked."""

from __future__ import annotations

import re
from pathlib import Path

import onnx
import pytest
from playwright.sync_api import expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer, running_server

MODEL = """
<ir_version: 10, opset_import: ["" : 21]>
small (float[1, 8] x, float[1, 8] side, int64[1, 8] whole) => (float[1, 8] y) {
  a = Relu(x)
  b = Sigmoid(a)
  y = Add(a, b)
}
"""

WITH_A_BODY = """
<ir_version: 10, opset_import: ["" : 21]>
branches (bool choose, float[1, 8] x) => (float[1, 8] y) {
  y = If(choose) <
    then_branch = then () => (float[1, 8] a) { a = Neg(x) },
    else_branch = other () => (float[1, 8] b) { b = Abs(x) }
  >
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models")
    onnx.save(onnx.parser.parse_model(MODEL), path / "small.onnx")
    return path


@pytest.fixture(scope="module")
def server(folder: Path) -> object:
    with running_server([folder]) as running:
        yield running


@pytest.fixture
def opened(editor: Editor, server: RunningServer, folder: Path) -> Editor:
    editor.open_from_start_page(server.url, folder / "small.onnx")
    return editor


def downloaded(editor: Editor, folder: Path) -> onnx.ModelProto:
    return onnx.load(editor.download(folder))


def node_of(model: onnx.ModelProto, op_type: str) -> onnx.NodeProto:
    return next(node for node in model.graph.node if node.op_type == op_type)


def test_a_value_is_connected_by_dragging_it_to_a_slot(opened: Editor, tmp_path: Path) -> None:
    add_b = opened.port("Add", "input B")
    opened.drag(opened.middle_of("value", "input side"), add_b)
    opened.wait_for_revision(1)
    assert list(node_of(downloaded(opened, tmp_path), "Add").input) == ["a", "side"]


def test_a_slot_is_connected_by_dragging_it_back_to_an_output(opened: Editor, tmp_path: Path) -> None:
    sigmoid_x = opened.port("Sigmoid", "input X")
    opened.drag(sigmoid_x, opened.middle_of("value", "input side"))
    opened.wait_for_revision(1)
    assert list(node_of(downloaded(opened, tmp_path), "Sigmoid").input) == ["side"]


def test_a_slot_that_would_make_a_cycle_or_has_another_type_does_not_light_up(opened: Editor) -> None:
    page = opened.page
    relu = opened.middle_of("node", "Relu")
    opened.drag(opened.port("Sigmoid", "output Y"), relu, drop=False)
    expect(page.locator('[data-port][aria-label^="input X of Relu"]')).to_have_attribute("data-fits", "false")
    expect(page.locator('[data-port][aria-label^="input A of Add"]')).to_have_attribute("data-fits", "true")
    page.mouse.up()
    page.wait_for_timeout(300)
    assert opened.revision() == 0
    opened.drag(opened.middle_of("value", "input whole"), relu, drop=False)
    expect(page.locator('[data-port][aria-label^="input B of Add"]')).to_have_attribute("data-fits", "false")
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.get_by_role("dialog", name="Operators")).to_be_hidden()
    assert opened.revision() == 0


def test_the_end_of_a_wire_dropped_on_the_ground_is_disconnected(opened: Editor, tmp_path: Path) -> None:
    x, y = opened.port("Add", "input B")
    opened.drag((x, y), (x + 190, y - 20))
    opened.wait_for_revision(1)
    assert [name for name in node_of(downloaded(opened, tmp_path), "Add").input if name] == ["a"]


def test_a_value_dropped_on_the_ground_goes_into_an_operator_that_takes_it(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    x, y = opened.middle_of("value", "input whole")
    opened.drag((x, y), (x + 10, y + 170))
    palette = page.get_by_role("dialog", name="Operators")
    palette.get_by_role("combobox", name="Operator").fill("sig")
    expect(palette.get_by_role("option", name=re.compile("^Sigmoid"))).to_have_count(
        0
    )  # whole numbers do not fit there
    palette.get_by_role("combobox", name="Operator").fill("neg")
    page.keyboard.press("Enter")
    opened.wait_for_revision(1)
    assert list(node_of(downloaded(opened, tmp_path), "Neg").input) == ["whole"]


def test_a_double_click_on_a_wire_inserts_an_operator_into_the_branch_that_was_meant(
    opened: Editor, tmp_path: Path
) -> None:
    page = opened.page
    page.mouse.dblclick(*opened.middle_of("value", "value b"))
    palette = page.get_by_role("dialog", name="Operators")
    expect(palette).to_contain_text("on b")
    palette.get_by_role("combobox", name="Operator").fill("tan")
    expect(palette.get_by_role("option").first).to_contain_text("Tan")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    opened.wait_for_revision(1)
    inserted = node_of(downloaded(opened, tmp_path), "Tanh")
    assert list(inserted.input) == ["b"]
    expect(opened.on_canvas("node", "Tanh")).to_have_attribute("aria-selected", "true")


def test_a_double_click_on_the_ground_adds_a_custom_operator_with_two_outputs_there(
    opened: Editor, tmp_path: Path
) -> None:
    page = opened.page
    x, y = opened.middle_of("node", "Sigmoid")
    page.mouse.dblclick(x + 240, y)
    palette = page.get_by_role("dialog", name="Operators")
    palette.get_by_role("combobox", name="Operator").fill("MyOwnThing")
    page.keyboard.press("Enter")
    palette.get_by_label("domain").fill("my.domain")
    palette.get_by_label("outputs").fill("2")
    page.keyboard.press("Enter")
    opened.wait_for_revision(1)
    at = opened.middle_of("node", "MyOwnThing")
    assert at == pytest.approx((x + 240, y), abs=90), "near the place where it was asked for"
    model = downloaded(opened, tmp_path)
    made = node_of(model, "MyOwnThing")
    assert (made.domain, len(made.output)) == ("my.domain", 2)
    assert any(found.domain == "my.domain" for found in model.opset_import)


def test_an_operator_that_needs_an_attribute_asks_for_it(opened: Editor) -> None:
    page = opened.page
    page.mouse.dblclick(*opened.middle_of("value", "value b"))
    page.get_by_role("combobox", name="Operator").fill("cast")
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name=re.compile("Insert Cast"))
    expect(form).to_be_visible()
    assert opened.revision() == 0


def test_a_marquee_and_delete_take_away_what_it_touched(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    relu, add = opened.middle_of("node", "Relu"), opened.middle_of("node", "Add")
    sigmoid = opened.middle_of("node", "Sigmoid")
    page.keyboard.down("Shift")
    opened.drag((min(relu[0], sigmoid[0], add[0]) - 120, sigmoid[1] - 30), (max(sigmoid[0], add[0]) + 120, add[1] + 5))
    page.keyboard.up("Shift")
    chosen = page.locator('[role="treeitem"][aria-selected="true"][data-kind="node"]')
    expect(chosen).to_have_count(2)
    page.keyboard.press("Delete")
    opened.wait_for_revision(1)
    assert [node.op_type for node in downloaded(opened, tmp_path).graph.node] == ["Relu"]


def test_delete_on_a_wire_disconnects_it(opened: Editor, tmp_path: Path) -> None:
    opened.page.mouse.click(*opened.middle_of("value", "value b"))
    opened.page.keyboard.press("Delete")
    opened.wait_for_revision(1)
    assert [name for name in node_of(downloaded(opened, tmp_path), "Add").input if name] == ["a"]


def test_delete_on_an_input_that_nothing_reads_removes_it(opened: Editor, tmp_path: Path) -> None:
    opened.page.mouse.click(*opened.middle_of("value", "input side"))
    opened.page.keyboard.press("Delete")
    opened.wait_for_revision(1)
    assert [value.name for value in downloaded(opened, tmp_path).graph.input] == ["x", "whole"]


def test_the_map_moves_the_view_to_where_it_is_clicked_and_can_be_closed(opened: Editor) -> None:
    page = opened.page
    for _ in range(6):
        page.keyboard.press("+")
    before = opened.middle_of("node", "Relu")
    box = page.get_by_role("img", name="Map of the whole graph").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 12)
    page.wait_for_timeout(300)
    after = opened.on_canvas("node", "Relu")
    assert after.count() == 0 or opened.middle_of("node", "Relu")[1] < before[1] - 50
    page.keyboard.press("m")
    expect(page.get_by_role("img", name="Map of the whole graph")).to_be_hidden()
    page.get_by_role("button", name="Map", exact=True).click()
    expect(page.get_by_role("img", name="Map of the whole graph")).to_be_visible()
    page.get_by_role("button", name="Map", exact=True).click()
    page.reload()
    opened.wait_for_canvas()
    expect(page.get_by_role("img", name="Map of the whole graph")).to_be_hidden()


def test_an_operator_asked_for_inside_a_body_is_added_there(
    editor: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    onnx.save(onnx.parser.parse_model(WITH_A_BODY), folder / "body.onnx")
    editor.open_from_start_page(server.url, folder / "body.onnx")
    page = editor.page
    page.mouse.dblclick(*editor.middle_of("node", "If"))
    expect(page.get_by_role("navigation", name="Bodies")).to_contain_text("then_branch")
    x, y = editor.middle_of("node", "Neg")
    page.mouse.dblclick(x - 200, y)
    page.get_by_role("combobox", name="Operator").fill("sqrt")
    page.keyboard.press("Enter")
    editor.wait_for_revision(1)
    editor.on_canvas("node", "Sqrt").first.wait_for(state="attached", timeout=LONG)
    model = downloaded(editor, tmp_path)
    branch = next(one.g for one in node_of(model, "If").attribute if one.name == "then_branch")
    assert sorted(node.op_type for node in branch.node) == ["Neg", "Sqrt"]


def test_f3_goes_from_hit_to_hit_which_the_map_shows_too(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("Control+f")
    page.get_by_role("searchbox").fill("d")
    expect(page.locator(".find-results [data-id]")).not_to_have_count(0)
    page.keyboard.press("F3")
    first = page.locator('.find-results [aria-selected="true"]').get_attribute("data-id")
    page.keyboard.press("F3")
    expect(page.locator('.find-results [aria-selected="true"]')).not_to_have_attribute("data-id", first or "")
    page.keyboard.press("Shift+F3")
    expect(page.locator('.find-results [aria-selected="true"]')).to_have_attribute("data-id", first or "")


def test_a_renamed_input_stays_in_its_column(opened: Editor) -> None:
    before = opened.middle_of("value", "input x")
    opened.rename_value("x", "a_much_longer_name_than_before")
    after = opened.middle_of("value", "input a_much_longer")
    relu = opened.middle_of("node", "Relu")
    assert after[0] - relu[0] == pytest.approx(before[0] - relu[0], abs=1.0) or after[0] == pytest.approx(
        relu[0], abs=1.0
    )
