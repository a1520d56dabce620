"""Where a person puts the weights: in a data file beside the model, in a zip to take along; and what is asked when one file is too small."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto
from playwright.sync_api import Locator, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer, running_server
from tests.shared_models import REPOSITORY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(REPOSITORY / "sample_models" / "mlp.onnx", tmp_path / "mlp.onnx")
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[RunningServer]:
    with running_server([folder]) as running:
        yield running


@pytest.fixture
def dialog(editor: Editor, server: RunningServer, folder: Path) -> Locator:
    """The dialog of Save as, on a model with its weights inside."""
    editor.open_from_start_page(server.url, folder / "mlp.onnx")
    editor.page.keyboard.press("Control+Shift+s")
    dialog = editor.page.get_by_role("dialog", name="Save as")
    expect(dialog.get_by_role("radio", name="As they were")).to_be_checked()
    return dialog


def test_weights_are_saved_in_one_data_file_beside_the_model(editor: Editor, dialog: Locator, folder: Path) -> None:
    dialog.get_by_role("combobox", name="path").fill("outside.onnx")
    dialog.get_by_role("radio", name="In one data file").check()
    dialog.get_by_text("More").click()
    dialog.get_by_role("spinbutton", name="size threshold in bytes").fill("0")
    dialog.get_by_role("button", name="Save").click()
    expect(editor.page.get_by_text("Saved to outside.onnx")).to_be_visible(timeout=LONG)
    saved, opened = folder / "outside.onnx", folder / "mlp.onnx"
    held = onnx.load(str(saved), load_external_data=False).graph.initializer
    assert held and {tensor.data_location for tensor in held} == {TensorProto.EXTERNAL}
    assert len(list(folder.glob("scalpel-*.data"))) == 1
    onnx.checker.check_model(str(saved))
    loaded, before = (
        {t.name: onnx.numpy_helper.to_array(t).tobytes() for t in onnx.load(str(p)).graph.initializer}
        for p in (saved, opened)
    )
    assert loaded == before


def test_a_model_is_downloaded_as_a_zip_with_a_file_for_each_tensor(
    editor: Editor, dialog: Locator, tmp_path: Path
) -> None:
    dialog.get_by_role("radio", name="One file per tensor").check()
    dialog.get_by_text("More").click()
    dialog.get_by_role("spinbutton", name="size threshold in bytes").fill("0")
    with editor.page.expect_download(timeout=LONG) as waiting:
        dialog.get_by_role("button", name="Download instead").click()
    assert waiting.value.suggested_filename == "mlp.zip"
    waiting.value.save_as(tmp_path / "mlp.zip")
    expect(dialog).to_have_count(0)
    with zipfile.ZipFile(tmp_path / "mlp.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "unpacked")
    onnx.checker.check_model(str(tmp_path / "unpacked" / "mlp.onnx"))
    assert list((tmp_path / "unpacked" / "scalpel-tensors").iterdir())


def test_a_question_about_the_weights_goes_on_with_the_answer(editor: Editor, dialog: Locator, folder: Path) -> None:
    """The server is made to ask, as it does beyond 2 GB."""
    question = {
        "code": "choice-needed",
        "message": "The model has 3.0 GB inside it; an .onnx file cannot hold more than 2 GB",
        "subjects": [],
        "hint": "",
        "choices": [{"label": "Put the weights into one data file", "weights": "one-file", "threshold": 0}],
    }
    asked: list[dict[str, object]] = []

    def answer(route: object, request: object) -> None:
        asked.append(request.post_data_json)  # type: ignore[attr-defined]
        if "weights" in asked[-1]:
            route.continue_()  # type: ignore[attr-defined]
        else:
            route.fulfill(status=409, json={"error": question})  # type: ignore[attr-defined]

    page = editor.page
    page.route(re.compile(r"/api/sessions/\w+/model"), answer)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save as…").click()
    page.get_by_role("menuitem", name=re.compile("^Download")).click()
    choice = page.get_by_role("dialog", name="Where do the weights go?")
    expect(choice).to_contain_text("3.0 GB")
    with page.expect_download(timeout=LONG) as waiting:
        choice.get_by_role("button", name=re.compile("one data file")).click()
    assert waiting.value.suggested_filename == "mlp.zip"
    assert asked[-1]["weights"] == "one-file"
