"""What hands do to bring a model in: without its weights and with them later, in a zip, as several files, as text."""

from __future__ import annotations

import base64
import io
import re
import shutil
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from google.protobuf import text_format
from playwright.sync_api import JSHandle, Locator, Page, Route, expect

from tests.browser.editor import LONG, Editor
from tests.document.models import split_model
from tests.real_server import RunningServer, running_server
from tests.shared_models import REPOSITORY

SAMPLES = REPOSITORY / "sample_models"


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A model with its two data files."""
    return split_model(tmp_path / "whole")


@pytest.fixture
def root(tmp_path: Path, whole: Path) -> Path:
    """The server's folder: the same model without them."""
    (tmp_path / "root").mkdir()
    shutil.copy(whole, tmp_path / "root" / whole.name)
    return tmp_path / "root"


@pytest.fixture
def server(root: Path) -> Iterator[RunningServer]:
    with running_server([root]) as running:
        yield running


def transfer(page: Page, *files: Path) -> JSHandle:
    """What the browser carries while files are dragged over the page."""
    contents = [{"name": one.name, "data": base64.b64encode(one.read_bytes()).decode()} for one in files]
    return page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer()
            for (const {name, data} of files) {
                transfer.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], name))
            }
            return transfer
        }""",
        contents,
    )


def drop(place: Locator, *files: Path) -> None:
    """Files are dragged over a place and let go."""
    carried = transfer(place.page, *files)
    for event in ("dragenter", "dragover", "drop"):
        place.dispatch_event(event, {"dataTransfer": carried})


def stage(page: Page) -> Locator:
    return page.get_by_role("main", name="Graph")


def banner(page: Page) -> Locator:
    return page.get_by_role("status", name="Missing data files")


def test_a_structure_says_what_it_lacks_and_is_whole_once_that_is_dropped(
    editor: Editor, server: RunningServer, root: Path, whole: Path
) -> None:
    page = editor.page
    editor.open_from_start_page(server.url, root / whole.name)
    expect(banner(page)).to_contain_text("2 data files are missing", timeout=LONG)
    expect(banner(page)).to_contain_text("w.bin2 tensors, 80 B")
    expect(banner(page)).to_contain_text("b.bin1 tensor, 16 B")
    editor.rename_value("h", "hidden")  # it is edited all the same
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("The model cannot be run: 2 data files are missing: w.bin, b.bin.").first).to_be_visible(
        timeout=LONG
    )
    page.keyboard.press("Escape")
    drop(stage(page), whole.parent / "w.bin")
    expect(banner(page)).to_contain_text("A data file is missing", timeout=LONG)
    drop(stage(page), whole.parent / "deep" / "b.bin")
    expect(banner(page)).to_have_count(0, timeout=LONG)
    expect(page.get_by_text("The weights are complete")).to_be_visible()
    expect(page.get_by_text("Valid", exact=True)).to_be_visible(timeout=LONG)
    editor.run({"N": 2})
    expect(page.get_by_role("table", name="Outputs")).to_contain_text("y")
    assert [path.name for path in root.iterdir()] == [whole.name]


def test_the_banner_is_put_away_and_the_problems_still_name_the_files(
    editor: Editor, server: RunningServer, root: Path, whole: Path
) -> None:
    page = editor.page
    editor.open_from_start_page(server.url, root / whole.name)
    banner(page).get_by_role("button", name="Put away").click()
    expect(banner(page)).to_have_count(0, timeout=LONG)
    page.reload()
    editor.wait_for_canvas()
    expect(page.get_by_role("group", name="Problems")).to_contain_text("2 errors", timeout=LONG)
    expect(banner(page)).to_have_count(0, timeout=LONG)
    files = editor.properties.get_by_role("region", name="Data files")
    expect(files).to_contain_text("the file is missing: 2 tensors, 80 B", timeout=LONG)
    with page.expect_file_chooser() as asked:
        files.get_by_role("button", name="Supply files…").click()
    asked.value.set_files([whole.parent / "w.bin", whole.parent / "deep" / "b.bin"])
    expect(files).not_to_contain_text("missing", timeout=LONG)
    expect(page.get_by_role("group", name="Problems")).to_have_count(0, timeout=LONG)


def test_a_file_that_does_not_fit_is_told(
    editor: Editor, server: RunningServer, root: Path, whole: Path, tmp_path: Path
) -> None:
    page = editor.page
    (tmp_path / "w.bin").write_bytes(b"another")
    editor.open_from_start_page(server.url, root / whole.name)
    drop(stage(page), tmp_path / "w.bin")
    expect(page.get_by_role("alert")).to_contain_text("w.bin has 7 bytes, and the model needs 80", timeout=LONG)
    expect(banner(page)).to_contain_text("2 data files are missing", timeout=LONG)


def test_what_is_dropped_while_a_model_is_opened_goes_to_that_model(
    editor: Editor, server: RunningServer, root: Path, whole: Path
) -> None:
    page = editor.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST" or route.request.url.endswith("/snapshot"):
            held.append(route)
        else:
            route.continue_()

    page.route(re.compile(r"/api/sessions$|/snapshot$"), hold)
    page.goto(server.url)
    page.get_by_role("combobox", name="Path").fill(str(root / whole.name))
    page.keyboard.press("Enter")
    drop(page.get_by_test_id("drop-zone"), whole.parent / "w.bin")  # the server has not answered yet
    expect(page.get_by_test_id("drop-zone")).to_contain_text("goes along", timeout=LONG)
    held.pop().continue_()
    expect(page.get_by_text("Opening the model…")).to_be_visible(timeout=LONG)
    drop(stage(page), whole.parent / "deep" / "b.bin")  # nothing is known of the model yet
    held.pop().continue_()
    expect(page.get_by_text("The weights are complete")).to_be_visible(timeout=LONG)
    expect(banner(page)).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_only_the_structure_is_downloaded_while_weights_are_missing(
    editor: Editor, server: RunningServer, root: Path, whole: Path, tmp_path: Path
) -> None:
    editor.open_from_start_page(server.url, root / whole.name)
    assert editor.download(tmp_path).read_bytes() == whole.read_bytes()


def test_what_is_saved_before_the_page_is_linked_goes_to_the_file_without_the_weights_that_are_missing(
    editor: Editor, server: RunningServer, root: Path, whole: Path, tmp_path: Path, window_of_its_own: None
) -> None:
    page = editor.page
    page.route_web_socket(re.compile("/socket.io/"), lambda socket: None)  # it opens, and nothing is heard
    editor.open_from_start_page(server.url, root / whole.name)
    assert editor.download(tmp_path).read_bytes() == whole.read_bytes()
    page.reload()
    editor.wait_for_canvas()
    page.keyboard.press("Control+s")
    expect(page.get_by_text(f"{whole.name} has all your edits already")).to_be_visible(timeout=LONG)


def test_a_zip_that_is_dropped_on_the_start_page_opens_with_its_weights(
    editor: Editor, server: RunningServer, whole: Path, tmp_path: Path
) -> None:
    page = editor.page
    packed = tmp_path / "net.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in (whole.name, "w.bin", "deep/b.bin"):
            archive.write(whole.parent / name, f"net/{name}")
    page.goto(server.url)
    drop(page.get_by_test_id("drop-zone"), packed)
    editor.wait_for_canvas()
    expect(page.get_by_test_id("model-name")).to_have_text(whole.name)
    expect(banner(page)).to_have_count(0, timeout=LONG)
    with zipfile.ZipFile(io.BytesIO(editor.download(tmp_path).read_bytes())) as archive:
        assert sorted(archive.namelist()) == ["deep/b.bin", "split.onnx", "w.bin"]


def test_a_zip_with_several_models_asks_which_one(editor: Editor, server: RunningServer, tmp_path: Path) -> None:
    page = editor.page
    packed = tmp_path / "zoo.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("mlp.onnx", "lstm.onnx"):
            archive.write(SAMPLES / name, f"models/{name}")
    page.goto(server.url)
    drop(page.get_by_test_id("drop-zone"), packed)
    question = page.get_by_role("alert", name="Which model?")
    expect(question.get_by_role("button")).to_have_text(["models/lstm.onnx", "models/mlp.onnx"], timeout=LONG)
    question.get_by_role("button", name="mlp.onnx").click()
    editor.wait_for_canvas()
    expect(page.get_by_test_id("model-name")).to_have_text("mlp.onnx")


def test_several_files_are_chosen_at_once(editor: Editor, server: RunningServer, whole: Path) -> None:
    page = editor.page
    page.goto(server.url)
    files = [whole.parent / "deep" / "b.bin", whole, whole.parent / "w.bin"]
    page.get_by_label("Choose files").set_input_files(files)
    editor.wait_for_canvas()
    expect(page.get_by_test_id("model-name")).to_have_text(whole.name)
    expect(banner(page)).to_have_count(0, timeout=LONG)
    expect(page.get_by_text("Valid", exact=True)).to_be_visible(timeout=LONG)


def test_a_model_that_is_dropped_on_an_open_one_opens_beside_it(
    editor: Editor, server: RunningServer, root: Path, whole: Path
) -> None:
    page = editor.page
    editor.open_from_start_page(server.url, root / whole.name)
    drop(stage(page), SAMPLES / "mlp.onnx")
    expect(page.get_by_test_id("model-name")).to_have_text("mlp.onnx", timeout=LONG)
    editor.wait_for_canvas()
    expect(page.get_by_role("tablist").get_by_role("tab")).to_have_count(2)


def test_a_text_model_is_opened_edited_and_saved(editor: Editor, server: RunningServer, root: Path) -> None:
    page, file = editor.page, root / "mlp.textproto"
    file.write_text(text_format.MessageToString(onnx.load(SAMPLES / "mlp.onnx")), encoding="utf-8")
    editor.open_from_start_page(server.url, file)
    editor.rename_value("features", "inputs")
    page.keyboard.press("Control+s")
    question = page.get_by_role("dialog", name="Replace mlp.textproto?")
    expect(question).to_contain_text("written as protobuf text again", timeout=LONG)
    question.get_by_role("button", name="Replace").click()
    expect(page.locator(".tab-dot")).to_have_count(0, timeout=LONG)
    assert b'name: "inputs"' in file.read_bytes()
    page.keyboard.press("Control+Shift+s")  # elsewhere it is a binary file unless its name says otherwise
    dialog = page.get_by_role("dialog", name="Save as")
    expect(dialog.get_by_role("combobox")).to_have_value("mlp-edited.onnx", timeout=LONG)
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_have_count(0, timeout=LONG)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert onnx.load(root / "mlp-edited.onnx").graph.input[0].name == "inputs"


def test_text_of_something_else_is_one_line(editor: Editor, server: RunningServer, tmp_path: Path) -> None:
    page, package = editor.page, tmp_path / "package.json"
    package.write_text('{"name": "a package", "version": "1.0"}', encoding="utf-8")
    page.goto(server.url)
    drop(page.get_by_test_id("drop-zone"), package)
    expect(page.get_by_role("alert")).to_contain_text("'package.json' is JSON, but no ONNX model.", timeout=LONG)
