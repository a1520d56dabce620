"""What hands do with a tensor's values: type over cells, write them down, a formula, an .npy file; the open panel follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer

GRAPH = """<ir_version: 10, opset_import: ["" : 21]> g (float[2,3] x) => (float[a,b] y) <int64[2] to = {3, 2}> {
  m = Mul(x, w)
  [five] c = Constant <value = float[3] {5, 6, 7}> ()
  s = Add(m, c)
  [fill] f = ConstantOfShape <value = float[1] {2}> (to)
  r = Reshape(s, to)
  y = Add(r, f)
}"""
WEIGHTS = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def opens(editor: Editor, server: RunningServer, folder: Path) -> Callable[..., Editor]:
    def opened(weights: Any = WEIGHTS) -> Editor:
        model = onnx.parser.parse_model(GRAPH)
        model.graph.initializer.append(numpy_helper.from_array(weights, "w"))
        path = folder / f"{len(list(folder.iterdir()))}.onnx"
        onnx.save(model, path)
        editor.open_from_start_page(server.url, path)
        return editor

    return opened


@pytest.fixture
def opened(opens: Callable[..., Editor]) -> Editor:
    return opens()


def region(page: Page, name: str) -> Locator:
    return page.get_by_role("complementary", name="Properties").get_by_role("region", name=name, exact=True)


def cells(page: Page) -> Locator:
    return region(page, "Values").get_by_role("cell")


def initializer(path: Path, name: str) -> Any:
    return next(numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer if t.name == name)


def set_values(page: Page) -> Locator:
    """Presses "Set values…" over the table; the dialog that opens."""
    region(page, "Values").get_by_role("button", name="Set values…").click()
    return page.get_by_role("dialog", name=re.compile("^Set values of"))


def test_a_cell_is_typed_over_and_the_panel_shows_what_stands(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    opened.find("w")
    expect(cells(page)).to_have_text(["0", "1", "2", "3", "4", "5"], timeout=LONG)
    cells(page).nth(4).dblclick()
    page.keyboard.type("-0.5")
    page.keyboard.press("Enter")
    opened.wait_for_revision(1)
    expect(cells(page).nth(4)).to_have_text("-0.5", timeout=LONG)
    expect(region(page, "Tensor").get_by_text("minimum").locator("xpath=../dd")).to_have_text("-0.5", timeout=LONG)
    assert initializer(opened.download(tmp_path), "w").tolist() == [[0, 1, 2], [3, -0.5, 5]]
    cells(page).nth(4).focus()
    opened.undo()
    expect(cells(page).nth(4)).to_have_text("4", timeout=LONG)


def test_cells_are_reached_with_arrows_and_several_are_applied_at_once(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    opened.find("w")
    cells(page).first.click(timeout=LONG)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("40")
    page.keyboard.press("Tab")
    page.keyboard.type("inf")
    page.keyboard.press("Tab")
    changed = region(page, "Values").get_by_role("group", name="Changed elements")
    expect(changed).to_contain_text("2 elements changed")
    assert opened.revision() == 0
    changed.get_by_role("button", name="Apply").click()
    opened.wait_for_revision(1)
    expect(changed).to_have_count(0)
    assert initializer(opened.download(tmp_path), "w").tolist() == [[0, 1, 2], [3, 40, np.inf]]


def test_escape_takes_a_cell_back_and_what_is_no_number_is_told(opened: Editor) -> None:
    page = opened.page
    opened.find("to")
    cells(page).first.click(timeout=LONG)
    page.keyboard.press("Enter")
    page.keyboard.type("2.5")
    page.keyboard.press("Escape")
    expect(cells(page).first).to_have_text("3")
    page.keyboard.press("Enter")
    page.keyboard.type("2.5")
    page.keyboard.press("Enter")
    expect(region(page, "Values").get_by_role("alert")).to_have_text("2.5 is not a whole number.")
    region(page, "Values").get_by_role("button", name="take back").click()
    expect(cells(page).first).to_have_text("3")
    assert opened.revision() == 0


def test_an_open_panel_follows_what_somebody_else_sets(opened: Editor, browser: Browser, server: RunningServer) -> None:
    page = opened.page
    opened.find("w")
    expect(cells(page).first).to_have_text("0", timeout=LONG)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = Editor(context.new_page())
    other.page.goto(server.url)
    other.page.goto(page.url)
    other.wait_for_canvas()
    other.find("w")
    form = set_values(other.page)
    form.get_by_role("radio", name="Formula").click()
    form.get_by_role("button", name="ones", exact=True).click()
    form.get_by_role("button", name="Set tensor").click()
    opened.wait_for_revision(1)
    expect(cells(page).first).to_have_text("1", timeout=LONG)
    expect(cells(other.page).first).to_have_text("1", timeout=LONG)
    context.close()


def test_what_stands_is_there_to_be_typed_over_and_another_shape_is_asked_about(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    opened.find("to")
    form = set_values(page)
    written = form.get_by_role("textbox", name="values of the tensor")
    expect(written).to_have_value("[3, 2]", timeout=LONG)
    written.fill("1, 2, 3")
    form.get_by_role("textbox", name="shape of the tensor").fill("")
    form.get_by_role("button", name="Set tensor").click()
    expect(form.get_by_role("alert")).to_contain_text("is int64[2], the new tensor is int64[3]")
    form.get_by_role("button", name="Make it int64[3]").click()
    opened.wait_for_revision(1)
    expect(form).to_have_count(0)
    expect(cells(page)).to_have_text(["1", "2", "3"], timeout=LONG)
    assert initializer(opened.download(tmp_path), "to").tolist() == [1, 2, 3]


def test_a_formula_shows_what_it_would_make_before_it_is_applied(opened: Editor) -> None:
    page = opened.page
    opened.find("w")
    form = set_values(page)
    form.get_by_role("radio", name="Formula").click()
    formula = form.get_by_role("textbox", name="formula")
    expect(formula).to_be_focused()
    formula.fill("x * 10")
    expect(form.get_by_role("status")).to_contain_text("2×3 float32, 0 to 50", timeout=LONG)
    expect(form.get_by_role("status")).to_contain_text("0, 10, 20, 30, 40, 50")
    formula.fill("x * q")
    expect(form.get_by_role("alert")).to_contain_text("'q', which is not known", timeout=LONG)
    formula.fill("x * 10")
    expect(form.get_by_role("status")).to_be_visible(timeout=LONG)
    formula.press("Enter")
    opened.wait_for_revision(1)
    expect(cells(page)).to_have_text(["0", "10", "20", "30", "40", "50"], timeout=LONG)


def test_an_npy_file_is_read_here_whatever_its_layout(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    array = np.asfortranarray(np.linspace(-1, 1, 6).reshape(2, 3)).astype(">f8")
    np.save(tmp_path / "weights.npy", array)
    opened.find("w")
    form = set_values(page)
    form.get_by_role("radio", name=".npy file").click()
    with page.expect_file_chooser() as chooser:
        form.get_by_role("button", name="Choose a file…").click()
    chooser.value.set_files(tmp_path / "weights.npy")
    expect(form).to_contain_text("2×3 float64, 48 B")
    form.get_by_role("button", name="Set tensor").click()
    form.get_by_role("button", name="Convert the new values to float32[2, 3]").click(timeout=LONG)
    opened.wait_for_revision(1)
    found = initializer(opened.download(tmp_path), "w")
    assert found.dtype == np.float32 and np.array_equal(found, array.astype(np.float32))


def test_a_file_of_objects_is_refused_in_one_line(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    opened.find("w")
    form = set_values(page)
    form.get_by_role("radio", name=".npy file").click()
    with page.expect_file_chooser() as chooser:
        form.get_by_role("button", name="Choose a file…").click()
    chooser.value.set_files(tmp_path / "objects.npy")
    expect(form.get_by_role("alert")).to_contain_text("Python objects")
    expect(form.get_by_role("button", name="Set tensor")).to_be_disabled()


def test_a_file_of_many_megabytes_goes_another_way(opens: Callable[..., Editor], tmp_path: Path) -> None:
    editor = opens(np.zeros((1500, 1500), np.float32))
    page = editor.page
    array = np.random.default_rng(0).normal(size=(1500, 1500)).astype(np.float32)
    np.save(tmp_path / "large.npy", array)
    editor.find("w")
    form = set_values(page)
    form.get_by_role("radio", name=".npy file").click()
    with page.expect_file_chooser() as chooser:
        form.get_by_role("button", name="Choose a file…").click()
    chooser.value.set_files(tmp_path / "large.npy")
    expect(form).to_contain_text("1500×1500 float32", timeout=LONG)
    form.get_by_role("button", name="Set tensor").click()
    editor.wait_for_revision(1)
    assert np.array_equal(initializer(editor.download(tmp_path), "w"), array)
    editor.undo()


def test_a_constant_is_edited_where_its_value_or_its_node_is_shown(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    opened.find("c")
    expect(cells(page)).to_have_text(["5", "6", "7"], timeout=LONG)
    cells(page).nth(1).dblclick()
    page.keyboard.type("60")
    page.keyboard.press("Enter")
    opened.wait_for_revision(1)
    opened.find("five", "node")
    page.get_by_role("button", name="View value").click()
    expect(cells(page)).to_have_text(["5", "60", "7"], timeout=LONG)
    cells(page).nth(2).dblclick()
    page.keyboard.type("70")
    page.keyboard.press("Enter")
    opened.wait_for_revision(2)
    expect(cells(page)).to_have_text(["5", "60", "70"], timeout=LONG)
    (constant,) = [n for n in onnx.load(opened.download(tmp_path)).graph.node if n.name == "five"]
    assert numpy_helper.to_array(constant.attribute[0].t).tolist() == [5, 60, 70]


def test_a_tensor_in_an_attribute_is_given_values(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    opened.find("fill", "node")
    page.get_by_role("button", name="View value").click()
    form = set_values(page)
    written = form.get_by_role("textbox", name="values of the tensor")
    expect(written).to_have_value("[2]", timeout=LONG)
    written.fill("0.25")
    form.get_by_role("button", name="Set attribute").click()
    opened.wait_for_revision(1)
    expect(cells(page)).to_have_text(["0.25"], timeout=LONG)
    (node,) = [n for n in onnx.load(opened.download(tmp_path)).graph.node if n.name == "fill"]
    assert numpy_helper.to_array(node.attribute[0].t).tolist() == [0.25]


def test_an_input_is_frozen_to_a_formula(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    opened.find("x")
    page.get_by_role("button", name="Freeze to a constant…").click()
    form = page.get_by_role("dialog")
    form.get_by_role("radio", name="Formula").click()
    form.get_by_role("textbox", name="formula").fill("full(3)")
    expect(form.get_by_role("status")).to_contain_text("all 3", timeout=LONG)
    form.get_by_role("button", name="Freeze input").click()
    opened.wait_for_revision(1)
    path = opened.download(tmp_path)
    assert initializer(path, "x").tolist() == [[3, 3, 3], [3, 3, 3]] and not onnx.load(path).graph.input
