"""What hands do to look through a model: read the overview, follow it to nodes and weights, read a tensor slice by slice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from playwright.sync_api import Locator, Page, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer, running_server
from tests.shared_models import REPOSITORY

SAMPLES = REPOSITORY / "sample_models"


@pytest.fixture
def opened(editor: Editor, sample_server: RunningServer) -> Editor:
    editor.open_from_start_page(sample_server.url, SAMPLES / "residual_block.onnx")
    return editor


def properties(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Properties")


def region(page: Page, name: str) -> Locator:
    return properties(page).get_by_role("region", name=name, exact=True)


def test_the_overview_says_what_the_model_is_made_of(opened: Editor) -> None:
    page = opened.page
    weights = region(page, "Weights")
    expect(weights).to_contain_text("float32", timeout=LONG)
    model = onnx.load(SAMPLES / "residual_block.onnx")
    parameters = sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer)
    expect(weights).to_contain_text(f"{parameters:,}")
    expect(region(page, "Cost")).to_contain_text("MACs")
    for operator in {node.op_type for node in model.graph.node}:
        expect(region(page, "Operators").get_by_role("button", name=f"{operator}:")).to_be_visible()


def test_an_operator_in_the_overview_selects_all_its_nodes(opened: Editor) -> None:
    page = opened.page
    count = sum(node.op_type == "Conv" for node in onnx.load(SAMPLES / "residual_block.onnx").graph.node)
    region(page, "Operators").get_by_role("button", name="Conv:").click()
    expect(properties(page).get_by_role("heading", name=f"{count} nodes")).to_be_visible()
    expect(page.locator('[role="treeitem"][data-kind="node"][aria-selected="true"]')).to_have_count(count)


def test_the_overview_follows_edits(opened: Editor) -> None:
    page = opened.page
    button = region(page, "Operators").get_by_role("button", name="Relu:")
    before = int(button.locator(".kind-count").inner_text())
    opened.insert_on_wire("layer1/block0/conv2_out", "Relu")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(button.locator(".kind-count")).to_have_text(str(before + 1), timeout=LONG)


def test_the_producer_is_changed_in_its_place(opened: Editor) -> None:
    page = opened.page
    field = region(page, "About the model").get_by_role("textbox", name="producer", exact=True)
    field.fill("somebody")
    field.press("Enter")
    opened.wait_for_revision(1)
    expect(page.get_by_role("region", name="Model", exact=True)).to_contain_text("somebody")
    opened.undo()
    expect(field).not_to_have_value("somebody")


def test_metadata_is_added_changed_and_removed(opened: Editor) -> None:
    page = opened.page
    region(page, "Metadata").get_by_role("button", name="add").click()
    form = page.get_by_role("dialog")
    form.get_by_label("key").fill("author")
    form.get_by_label("value").fill("somebody")
    form.get_by_role("button", name="Set metadata").click()
    opened.wait_for_revision(1)
    field = region(page, "Metadata").get_by_role("textbox", name="author")
    field.fill("somebody else")
    field.press("Enter")
    opened.wait_for_revision(2)
    field.hover()
    region(page, "Metadata").get_by_role("button", name="Remove author").click()
    opened.wait_for_revision(3)
    expect(region(page, "Metadata")).to_contain_text("none")


def test_a_local_function_is_entered_from_the_overview(editor: Editor, sample_server: RunningServer) -> None:
    editor.open_from_start_page(sample_server.url, SAMPLES / "local_functions.onnx")
    page = editor.page
    function = region(page, "Local functions").get_by_role("button").first
    function.click(timeout=LONG)
    expect(properties(page)).to_contain_text("function", timeout=LONG)
    expect(page.get_by_role("navigation")).to_be_visible()


def test_an_initializer_shows_its_statistics_and_values(opened: Editor) -> None:
    page = opened.page
    tensor = next(t for t in onnx.load(SAMPLES / "residual_block.onnx").graph.initializer if len(t.dims) == 4)
    array = numpy_helper.to_array(tensor)
    opened.find(tensor.name)
    facts = region(page, "Tensor")
    expect(facts).to_contain_text(f"{array.size:,}", timeout=LONG)
    expect(facts.get_by_role("img", name="Histogram")).to_be_visible()
    assert float(facts.get_by_text("minimum").locator("xpath=../dd").get_attribute("title") or "") == pytest.approx(
        float(array.min())
    )
    values = region(page, "Values")
    expect(values.get_by_role("cell").first).to_have_attribute("title", str(array.reshape(-1)[0]), timeout=LONG)
    values.get_by_role("spinbutton", name="Index along dim 0").fill("1")
    values.get_by_role("spinbutton", name="Index along dim 0").press("Enter")
    expect(values.get_by_role("cell").first).to_have_attribute("title", str(array[1].reshape(-1)[0]), timeout=LONG)
    values.get_by_role("button", name="Less along dim 0").click()
    expect(values.get_by_role("cell").first).to_have_attribute("title", str(array.reshape(-1)[0]), timeout=LONG)


@pytest.fixture
def folder_server(tmp_path: Path):  # type: ignore[no-untyped-def]
    with running_server([tmp_path]) as server:
        yield server


def linear(weights: np.ndarray) -> onnx.ModelProto:  # type: ignore[type-arg]
    model = onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 21]> g (float[1,40] x) => (float[1,30] y) { y = MatMul(x, w) }'
    )
    model.graph.initializer.append(numpy_helper.from_array(weights.astype(np.float32), "w"))
    return model


def test_a_matrix_is_read_page_by_page(editor: Editor, folder_server: RunningServer, tmp_path: Path) -> None:
    array = np.arange(1200).reshape(40, 30)
    array = array.astype(np.float32)
    array[0, 0] = np.nan
    onnx.save(linear(array), tmp_path / "m.onnx")
    editor.open_from_start_page(folder_server.url, tmp_path / "m.onnx")
    page = editor.page
    editor.find("w")
    values = region(page, "Values")
    expect(values.get_by_role("cell").first).to_have_text("NaN", timeout=LONG)
    expect(region(page, "Tensor")).to_contain_text("1 NaN")
    values.get_by_role("button", name="Later rows").click()
    expect(values.get_by_role("rowheader").first).not_to_have_text("0", timeout=LONG)
    row = int(values.get_by_role("rowheader").first.inner_text())
    expect(values.get_by_role("cell").first).to_have_text(str(row * 30), timeout=LONG)
    values.get_by_role("button", name="Later columns").click()
    expect(values.get_by_role("columnheader").nth(1)).not_to_have_text("0", timeout=LONG)
    column = int(values.get_by_role("columnheader").nth(1).inner_text())
    expect(values.get_by_role("cell").first).to_have_text(str(row * 30 + column), timeout=LONG)


def test_data_that_cannot_be_had_is_told_in_one_line(
    editor: Editor, folder_server: RunningServer, tmp_path: Path
) -> None:
    onnx.save(
        linear(np.zeros((40, 30))), tmp_path / "m.onnx", save_as_external_data=True, location="m.bin", size_threshold=0
    )
    (tmp_path / "m.bin").unlink()
    editor.open_from_start_page(folder_server.url, tmp_path / "m.onnx")
    page = editor.page
    expect(region(page, "Data files")).to_contain_text("the file is missing", timeout=LONG)
    editor.find("w")
    expect(region(page, "Tensor").get_by_role("alert")).to_contain_text("m.bin", timeout=LONG)


def test_the_tensor_of_a_constant_opens_below_its_attribute(
    editor: Editor, folder_server: RunningServer, tmp_path: Path
) -> None:
    text = "g (float[2] x) => (float[2] y) { [five] c = Constant <value = float[2] {5, 7}> ()\n y = Add(x, c) }"
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]>' + text)
    onnx.save(model, tmp_path / "m.onnx")
    editor.open_from_start_page(folder_server.url, tmp_path / "m.onnx")
    page = editor.page
    editor.find("five", "node")
    properties(page).get_by_role("button", name="View value").click()
    expect(region(page, "Values").get_by_role("cell")).to_have_text(["5", "7"], timeout=LONG)
