"""What hands do with files: save with consent, take over a changed file, go between models, look at the original and at Netron."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.editor import LONG, Editor
from tests.browser.test_canvas import expect_selected
from tests.real_server import RunningServer, running_server
from tests.shared_models import REPOSITORY

SAMPLES = REPOSITORY / "sample_models"
NCNN = (
    "7767517\n3 3\nInput data 0 1 data\nConvolution conv1 1 1 data conv1 0=8 1=3 5=1 6=216\nReLU relu1 1 1 conv1 out\n"
)
DOT = 'digraph G { alpha [label="Alpha"]; beta [label="Beta"]; alpha -> beta; }\n'
CAFFE = """name: "tiny"
input: "data"
input_dim: 1
input_dim: 3
input_dim: 8
input_dim: 8
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "out" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("residual_block.onnx", "mlp.onnx"):
        shutil.copy(SAMPLES / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[RunningServer]:
    with running_server([folder]) as running:
        yield running


@pytest.fixture
def asked(page: Page) -> list[str]:
    """Every address that the page, and what is framed in it, asks for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


@pytest.fixture
def opened(editor: Editor, server: RunningServer, folder: Path) -> Editor:
    editor.open_from_start_page(server.url, folder / "residual_block.onnx")
    return editor


def tab(page: Page, name: str) -> object:
    return page.get_by_role("tab", name=re.compile(re.escape(name)))


SHOWN_TAB_IS_READ = """() => {
    const tab = document.querySelector('.tab.shown'), row = tab.closest('.tabs-row'), end = row.getBoundingClientRect().right + 1
    const cross = tab.querySelector('.tab-close').getBoundingClientRect(), name = tab.querySelector('.middle-cut').getBoundingClientRect()
    const text = document.createTreeWalker(tab, NodeFilter.SHOW_TEXT).nextNode(), first = document.createRange()
    first.setStart(text, 0)
    first.setEnd(text, 12)
    const bare = (x, y) => tab.contains(document.elementFromPoint(x, y)) && getComputedStyle(row).maskImage === 'none'
    return cross.right <= end && first.getBoundingClientRect().right <= Math.min(name.right, end) && bare(name.x + 1, name.y + 8) && bare(cross.x + 10, cross.y + 10)
}"""


def open_beside(page: Page, path: str) -> None:
    """Opens another model from the plus beside the tabs."""
    page.get_by_role("button", name="Open another model", exact=True).click()
    field = page.get_by_role("dialog").get_by_role("combobox", name="Path")
    field.fill(path)
    field.press("Enter")


def shown(page: Page, name: str) -> None:
    expect(page).to_have_title(re.compile(re.escape(name)), timeout=LONG)
    expect(page.get_by_test_id("model-name")).to_have_text(name)


def test_saving_asks_once_which_file_it_replaces(opened: Editor, folder: Path) -> None:
    page, file = opened.page, folder / "residual_block.onnx"
    opened.rename_value("image", "picture")
    page.keyboard.press("Control+s")
    question = page.get_by_role("dialog", name="Replace residual_block.onnx?")
    question.get_by_role("button", name="Cancel").click()
    assert b"picture" not in file.read_bytes()
    page.get_by_role("button", name="Save", exact=True).click()
    question.get_by_role("button", name="Replace").click()
    expect(page.locator(".tab-dot")).to_have_count(0, timeout=LONG)
    assert b"picture" in file.read_bytes()
    opened.rename_value("picture", "photo")
    page.keyboard.press("Control+s")
    expect(page.locator(".tab-dot")).to_have_count(0, timeout=LONG)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert b"photo" in file.read_bytes()


def test_what_is_typed_while_a_file_is_replaced_goes_to_the_page(opened: Editor) -> None:
    page, held = opened.page, list[Route]()
    opened.rename_value("image", "picture")
    page.route("**/save", lambda route: held.append(route))
    page.keyboard.press("Control+s")
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    page.keyboard.press("Control+f")
    page.keyboard.type("picture")
    expect(page.get_by_role("searchbox")).to_have_value("picture")
    expect(page.get_by_role("button", name="Saving…")).to_be_visible()
    held[0].continue_()
    page.unroute("**/save")
    expect(page.locator(".tab-dot")).to_have_count(0, timeout=LONG)


def test_a_sample_has_no_file_so_save_asks_where_to(editor: Editor, server: RunningServer, folder: Path) -> None:
    page = editor.page
    page.goto(server.url)
    page.get_by_role("button", name=re.compile("^Multilayer perceptron")).click()
    editor.wait_for_canvas()
    editor.rename_value("features", "inputs")
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Save as")
    dialog.get_by_role("combobox").fill("mine.onnx")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_have_count(0, timeout=LONG)
    shown(page, "mine.onnx")
    editor.rename_value("inputs", "again")
    page.keyboard.press("Control+s")  # its own file by now
    expect(page.locator(".tab-dot")).to_have_count(0, timeout=LONG)
    assert b"again" in (folder / "mine.onnx").read_bytes()


def test_a_file_that_changed_on_disk_is_reloaded_with_the_edits(opened: Editor, folder: Path) -> None:
    page, file = opened.page, folder / "residual_block.onnx"
    opened.rename_value("image", "picture")
    opened.rename_value("features", "scores")
    model = onnx.load(file)
    model.producer_name = "another program"
    for node in model.graph.node:
        node.output[:] = ["logits" if name == "features" else name for name in node.output]
    model.graph.output[0].name = "logits"
    onnx.save(model, str(file))
    expect(page.get_by_text("residual_block.onnx changed on disk")).to_be_visible(timeout=LONG)
    page.keyboard.press("Control+s")
    question = page.get_by_role("dialog", name="residual_block.onnx changed on disk")
    expect(question).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Reload and replay my edits").click()
    told = page.get_by_role("dialog", name="1 of 2 edits did not fit")
    expect(told.get_by_role("listitem")).to_contain_text("Renamed features to scores", timeout=LONG)
    told.get_by_role("button", name="Done").click()
    opened.wait_for_canvas()
    expect(page.get_by_role("tree", name="Outline")).to_contain_text("picture")
    expect(page.get_by_role("tree", name="Outline")).to_contain_text("logits")
    page.get_by_role("tab", name=re.compile("before the reload")).click()  # a way back
    expect(page.get_by_role("tree", name="Outline")).to_contain_text("scores")
    assert onnx.load(file).producer_name == "another program"


def test_models_are_open_side_by_side_and_stay_where_they_were(opened: Editor) -> None:
    page = opened.page
    opened.find("stem/bn", "node")
    before = opened.middle_of("node", "stem/bn")
    open_beside(page, "mlp.onnx")
    shown(page, "mlp.onnx")
    opened.wait_for_canvas()
    page.keyboard.press("Control+Alt+ArrowLeft")
    shown(page, "residual_block.onnx")
    assert opened.middle_of("node", "stem/bn") == pytest.approx(before, abs=2)
    expect(page.get_by_role("complementary", name="Properties")).to_contain_text("BatchNormalization")
    page.reload()  # also in a page that begins anew
    opened.wait_for_canvas()
    assert opened.middle_of("node", "stem/bn") == pytest.approx(before, abs=2)
    expect(page.get_by_role("complementary", name="Properties")).to_contain_text("BatchNormalization")
    expect(page.get_by_role("tablist").get_by_role("tab")).to_have_count(2)


def test_a_file_that_is_open_is_not_opened_again_and_all_are_listed_where_they_do_not_fit(opened: Editor) -> None:
    page = opened.page
    opened.rename_value("image", "picture")
    open_beside(page, "mlp.onnx")
    shown(page, "mlp.onnx")
    open_beside(page, "residual_block.onnx")
    shown(page, "residual_block.onnx")
    expect(page.get_by_text("was open already")).to_be_visible()
    expect(page.get_by_role("tablist").get_by_role("tab")).to_have_count(2)
    expect(page.get_by_role("tree", name="Outline").or_(page.get_by_role("listbox"))).to_contain_text("picture")
    every = page.get_by_role("button", name="All open models")
    expect(every).to_have_count(0)
    for size in ({"width": 1024, "height": 700}, {"width": 900, "height": 600}, {"width": 720, "height": 450}):
        page.set_viewport_size(size)
        page.wait_for_function(SHOWN_TAB_IS_READ, timeout=5_000)
    every.click()
    page.get_by_role("menuitem", name="mlp.onnx").click()
    shown(page, "mlp.onnx")


def test_the_shown_tab_has_most_of_its_name_beside_others_in_a_small_window(opened: Editor, folder: Path) -> None:
    page = opened.page
    for at in range(3):
        name = f"for_the_device_{at}.onnx"
        shutil.copy(folder / "mlp.onnx", folder / name)
        open_beside(page, name)
        shown(page, name)
    page.set_viewport_size({"width": 870, "height": 700})
    page.wait_for_function(SHOWN_TAB_IS_READ, timeout=5_000)


def test_closing_a_tab_asks_when_it_has_unsaved_edits(opened: Editor) -> None:
    page = opened.page
    opened.rename_value("image", "picture")
    open_beside(page, "mlp.onnx")
    shown(page, "mlp.onnx")
    page.get_by_role("tab", name=re.compile("mlp")).click(button="middle")
    shown(page, "residual_block.onnx")
    page.get_by_title("Close residual_block.onnx (Alt+W)").click()
    question = page.get_by_role("dialog", name="Close residual_block.onnx?")
    question.get_by_role("button", name="Keep it open").click()
    expect(page.locator(".tab-dot")).to_be_visible()
    page.keyboard.press("Alt+w")
    question.get_by_role("button", name="Close without saving").click()
    expect(page.get_by_role("heading", name="Scalpel")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("region", name="Open now")).to_have_count(0)


def test_the_original_is_shown_in_the_same_place_and_cannot_be_edited(opened: Editor) -> None:
    page = opened.page
    opened.rename_value("image", "picture")
    opened.delete_with_reconnect("stem/relu")
    opened.find("stem/bn", "node")
    before = opened.middle_of("node", "stem/bn")
    page.get_by_role("button", name="Original", exact=True).click()
    expect(page.get_by_text("Original – read only")).to_be_visible(timeout=LONG)
    expect(opened.on_canvas("node", "stem/relu").first).to_be_attached()
    assert opened.middle_of("node", "stem/bn") == pytest.approx(before, abs=2)
    page.mouse.click(*opened.middle_of("node", "stem/relu"))
    page.keyboard.press("Delete")
    expect(page.get_by_text("This is the original: it is read only")).to_be_visible()
    page.get_by_role("button", name="Back to my edits").click()
    expect(page.get_by_text("Original – read only")).to_have_count(0)
    expect(opened.on_canvas("node", "stem/relu")).to_have_count(0)
    assert opened.revision() == 2
    opened.undo(2)


def test_netron_shows_the_model_with_its_edits_and_nothing_leaves_this_machine(
    opened: Editor, asked: list[str]
) -> None:
    page = opened.page
    opened.rename_value("image", "seen_by_netron")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Open in Netron").click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("svg").get_by_text("seen_by_netron")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Back to the editor").click()
    expect(page.locator("iframe")).to_have_count(0)
    opened.rename_value("seen_by_netron", "renamed_since")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Open in Netron").click()
    expect(frame.locator("svg").get_by_text("renamed_since")).to_be_visible(timeout=LONG)
    assert asked and {url.split("/")[2].split(":")[0] for url in asked if url.startswith("http")} == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("name", "content", "format", "seen"),
    [
        ("net.param", NCNN, "ncnn", "Convolution"),
        ("graph.dot", DOT, "DOT graph", "alpha"),
        ("tiny.prototxt", CAFFE, "Caffe", "ReLU"),
    ],
)
def test_another_format_is_shown_read_only(
    editor: Editor,
    server: RunningServer,
    folder: Path,
    asked: list[str],
    name: str,
    content: str,
    format: str,
    seen: str,
) -> None:
    page = editor.page
    (folder / name).write_text(content)
    page.goto(server.url)
    field = page.get_by_role("combobox", name="Path")
    field.fill(name)
    field.press("Enter")
    expect(page.get_by_text(f"Read only: this is {format}")).to_be_visible(timeout=LONG)
    expect(page.frame_locator("iframe").locator("svg").get_by_text(seen, exact=True).first).to_be_visible(timeout=LONG)
    assert {url.split("/")[2].split(":")[0] for url in asked if url.startswith("http")} == {"127.0.0.1"}
    page.get_by_role("link", name="Scalpel, start page").click()
    expect(page.get_by_role("region", name="Recent")).to_contain_text(name)


def test_files_of_another_format_can_be_chosen_together(editor: Editor, server: RunningServer, folder: Path) -> None:
    page = editor.page
    (folder / "up.param").write_text(NCNN)
    (folder / "up.bin").write_bytes(bytes(4 + 8 * 27 * 4 + 32))
    page.goto(server.url)
    page.get_by_label("Choose files").set_input_files([folder / "up.bin", folder / "up.param"])
    expect(page.get_by_text("Read only: this is ncnn")).to_be_visible(timeout=LONG)
    expect(page.frame_locator("iframe").locator("svg").get_by_text("ReLU", exact=True)).to_be_visible(timeout=LONG)


def test_a_recipe_is_applied_from_a_file(opened: Editor, folder: Path) -> None:
    page = opened.page
    recipe = folder / "recipe.json"
    recipe.write_text(
        '{"format": 1, "edits": [{"kind": "rename-value", "value": "value:image", "name": "from_recipe"},'
        ' {"kind": "rename-value", "value": "value:nothing", "name": "x"}]}'
    )
    page.get_by_role("button", name="Save as…", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Apply recipe…").click()
    chooser.value.set_files(recipe)
    told = page.get_by_role("dialog", name="1 of 2 edits did not fit")
    expect(told).to_contain_text("rename-value", timeout=LONG)
    told.get_by_role("button", name="Done").click()
    opened.wait_for_revision(1)
    opened.undo()


def test_escape_leads_back_from_netron_although_it_has_the_focus(opened: Editor) -> None:
    page = opened.page
    for key in ("n", "a", "Control+a", "Control+k"):  # what lies over the graph has the keys from the first on
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(0)
    frame = page.frame_locator(".netron iframe")
    expect(frame.get_by_text("BatchNormalization").first).to_be_visible(timeout=LONG)
    frame.locator("body").click(position={"x": 40, "y": 200})
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Netron")).to_have_count(0)
    expect_selected(page)
