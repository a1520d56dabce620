"""The start page: paths completed while typed, recent models, samples, dropped files, and what is refused."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.editor import LONG, Editor
from tests.long_chain import chain_of
from tests.real_server import RunningServer, running_server
from tests.shared_models import REPOSITORY
from tests.web.live import eventually

SAMPLES = REPOSITORY / "sample_models"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models of the tests' own."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[RunningServer]:
    with running_server([SAMPLES.parent, folder]) as server:
        yield server


def drop(page: Page, *files: Path) -> None:
    """What the browser tells the page when files are dragged over it and let go."""
    contents = [{"name": one.name, "data": base64.b64encode(one.read_bytes()).decode()} for one in files]
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer()
            for (const {name, data} of files) {
                transfer.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], name))
            }
            return transfer
        }""",
        contents,
    )
    zone = page.get_by_test_id("drop-zone")
    zone.dispatch_event("dragenter", {"dataTransfer": transfer})
    expect(zone).to_contain_text("Let go to open it")
    zone.dispatch_event("dragover", {"dataTransfer": transfer})
    zone.dispatch_event("drop", {"dataTransfer": transfer})


def test_a_path_is_completed_folder_by_folder(editor: Editor, server: RunningServer) -> None:
    page = editor.page
    page.goto(server.url)
    path = page.get_by_role("combobox", name="Path")
    path.press_sequentially("sample_m")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("sample_models/")
    path.press("Enter")
    expect(path).to_have_value("sample_models/")
    path.press_sequentially("resid")
    expect(options).to_have_count(1)
    path.press("Enter")
    editor.wait_for_canvas()
    expect(page.get_by_test_id("model-name")).to_have_text("residual_block.onnx")


def test_a_path_that_leads_nowhere_is_told_below_it(editor: Editor, server: RunningServer) -> None:
    page = editor.page
    page.goto(server.url)
    path = page.get_by_role("combobox", name="Path")
    path.fill("nowhere/nothing.onnx")
    path.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is no file nowhere/nothing.onnx.")
    expect(page.get_by_role("alert")).not_to_contain_text("api")
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_a_sample_opens_with_a_click_and_is_recent_afterwards(editor: Editor, server: RunningServer) -> None:
    page = editor.page
    page.goto(server.url)
    page.get_by_role("region", name="Samples").get_by_role("button", name="Multilayer perceptron").click()
    editor.wait_for_canvas()
    page.goto(server.origin)
    page.get_by_role("region", name="Open now").get_by_role("link", name="mlp.onnx").first.click()
    editor.wait_for_canvas()


def test_a_model_that_was_opened_by_its_path_is_recent_once_it_is_closed(editor: Editor, server: RunningServer) -> None:
    page = editor.page
    editor.open_from_start_page(server.url, SAMPLES / "cnn_batchnorm.onnx")
    session = page.url.rpartition("/")[2]
    page.goto(server.origin)
    expect(page.get_by_role("region", name="Open now")).to_contain_text("cnn_batchnorm.onnx")
    expect(page.get_by_text("cnn_batchnorm.onnx")).to_have_count(1)
    server.request("DELETE", f"/api/sessions/{session}")
    page.goto(server.origin)
    page.get_by_role("region", name="Recent").get_by_role("button", name="cnn_batchnorm.onnx").click()
    editor.wait_for_canvas()


def test_a_dropped_model_is_uploaded_and_opened(editor: Editor, server: RunningServer, tmp_path: Path) -> None:
    editor.page.goto(server.url)
    drop(editor.page, SAMPLES / "lstm.onnx")
    editor.wait_for_canvas()
    expect(editor.page.get_by_test_id("model-name")).to_have_text("lstm.onnx")
    assert editor.download(tmp_path).read_bytes() == (SAMPLES / "lstm.onnx").read_bytes()


def test_a_dropped_file_that_is_no_model_is_refused_and_the_page_can_be_used_again(
    editor: Editor, server: RunningServer, tmp_path: Path
) -> None:
    page = editor.page
    picture = tmp_path / "picture.onnx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    page.goto(server.url)
    drop(page, picture)
    expect(page.get_by_role("alert")).to_contain_text("PNG", timeout=LONG)
    drop(page, SAMPLES / "mlp.onnx")
    editor.wait_for_canvas()


@pytest.mark.usefixtures("window_of_its_own")
def test_an_upload_is_cancelled_by_a_click(editor: Editor, server: RunningServer, tmp_path: Path) -> None:
    page = editor.page
    large = tmp_path / "large.onnx"
    large.write_bytes(os.urandom(20_000_000))
    page.goto(server.url)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
    network.send("Network.emulateNetworkConditions", slow)
    page.get_by_label("Choose files").set_input_files(large)
    expect(page.get_by_role("status")).to_contain_text("Sending large.onnx")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("drop-zone")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def processes(server: RunningServer) -> set[int]:
    """All that run below a server."""
    return {one.pid for one in psutil.Process(server.pid).children(recursive=True)}


def test_an_opening_says_how_far_it_is_and_is_cancelled_by_a_click(
    editor: Editor, server: RunningServer, folder: Path
) -> None:
    page = editor.page
    chain = folder / "chain.onnx"
    chain.write_bytes(chain_of(100_000))
    page.goto(server.url)
    path = page.get_by_role("combobox", name="Path")
    before = processes(server)
    path.fill(str(chain))
    path.press("Enter")
    expect(page.get_by_test_id("drop-zone")).to_contain_text("of 100,000 nodes")
    assert processes(server) - before
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Choose files…")).to_be_visible()
    eventually(lambda: not processes(server) - before)
    assert b"chain.onnx" not in server.request("GET", "/api/sessions")[1]


def test_the_theme_is_chosen_and_kept(editor: Editor, server: RunningServer) -> None:
    page = editor.page
    page.goto(server.url)
    page.get_by_role("button", name="Dark theme").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Light theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
