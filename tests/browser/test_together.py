"""What happens around an edit: a killed session, a second reader, a refused name, unsaved work."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer, running_server
from tests.shared_models import REPOSITORY

SAMPLE = REPOSITORY / "sample_models" / "residual_block.onnx"


def session_processes(server: RunningServer) -> list[psutil.Process]:
    """The processes that hold a model: children of the zygote."""
    return [grandchild for child in psutil.Process(server.pid).children() for grandchild in child.children()]


def close_all(server: RunningServer) -> None:
    for one in server.json("GET", "/api/sessions")["sessions"]:
        server.request("DELETE", f"/api/sessions/{one['session']}")


def test_the_page_goes_on_by_itself_when_the_session_process_is_killed(
    editor: Editor, sample_server: RunningServer, tmp_path: Path
) -> None:
    close_all(sample_server)
    editor.open_from_start_page(sample_server.url, SAMPLE)
    editor.rename_value("image", "picture")
    editor.insert_on_wire("layer1/block0/conv2_out", "Relu")
    processes = session_processes(sample_server)
    assert len(processes) == 1
    processes[0].kill()
    editor.rename_value("features", "summary")
    editor.undo(3)
    assert editor.download(tmp_path).read_bytes() == SAMPLE.read_bytes()
    assert session_processes(sample_server)[0].pid != processes[0].pid


def test_two_browsers_on_one_model_see_each_others_edits(
    editor: Editor, browser: Browser, sample_server: RunningServer
) -> None:
    editor.open_from_start_page(sample_server.url, SAMPLE)
    context = browser.new_context(viewport={"width": 1024, "height": 700})
    other = Editor(context.new_page())
    other.page.goto(f"{sample_server.origin}/?token={sample_server.token}")
    other.page.goto(editor.page.url)
    other.wait_for_canvas()

    editor.rename_value("image", "picture")
    other.wait_for_revision(1)
    other.find("picture")
    other.rename_value("features", "summary")
    editor.wait_for_revision(2)
    editor.find("summary")
    people = editor.page.get_by_role("group", name="Participants").get_by_role("button")
    expect(people).to_have_count(2)
    context.close()
    expect(people).to_have_count(1, timeout=LONG)


def test_a_name_that_is_taken_is_refused_at_the_field_and_nothing_changes(
    editor: Editor, sample_server: RunningServer
) -> None:
    editor.open_from_start_page(sample_server.url, SAMPLE)
    editor.find("image")
    field = editor.page.get_by_role("complementary", name="Properties").get_by_role("textbox", name="name", exact=True)
    field.fill("features")
    field.press("Enter")
    expect(editor.page.get_by_role("alert")).to_contain_text("taken")
    field.press("Escape")
    expect(field).to_have_value("image")
    assert editor.revision() == 0


def test_a_name_typed_for_a_node_that_somebody_removes_meanwhile_is_not_lost(
    editor: Editor, sample_server: RunningServer
) -> None:
    editor.open_from_start_page(sample_server.url, SAMPLE)
    editor.find("stem/relu", "node")
    properties = editor.page.get_by_role("complementary", name="Properties")
    properties.get_by_role("textbox", name="name", exact=True).fill("clip")
    session = editor.page.url.partition("/s/")[2].split("?")[0]
    edit = {"kind": "remove-nodes", "nodes": ["node:stem/relu_out"], "reconnect": True}
    assert sample_server.request("POST", f"/api/sessions/{session}/edits", edit)[0] == 200
    line = "name was not changed to clip: stem/relu was removed."
    expect(properties.get_by_role("alert")).to_contain_text(line)


@pytest.mark.usefixtures("window_of_its_own")
def test_leaving_with_unsaved_edits_asks_first(editor: Editor, sample_server: RunningServer) -> None:
    editor.open_from_start_page(sample_server.url, SAMPLE)
    asked: list[str] = []
    editor.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    editor.rename_value("image", "picture")
    expect(editor.page.locator(".tab-dot")).to_be_visible()
    editor.page.goto("about:blank")
    assert asked == ["beforeunload"]


def test_save_as_writes_beside_the_original_and_asks_before_it_overwrites(editor: Editor, tmp_path: Path) -> None:
    original, target = tmp_path / "model.onnx", tmp_path / "edited.onnx"
    original.write_bytes(SAMPLE.read_bytes())
    with running_server([tmp_path]) as server:
        editor.open_from_start_page(server.url, original)
        editor.rename_value("image", "picture")
        for exists in (False, True):
            editor.page.keyboard.press("Control+Shift+s")
            dialog = editor.page.get_by_role("dialog", name="Save as")
            dialog.get_by_role("combobox").fill(target.name)
            dialog.get_by_role("button", name="Save", exact=True).click()
            if exists:
                expect(dialog.get_by_role("alert")).to_contain_text("exists", timeout=LONG)
                dialog.get_by_role("button", name="Overwrite").click()
            expect(dialog).to_have_count(0, timeout=LONG)
            expect(editor.page.locator(".tab-dot")).to_have_count(0)
            assert b"picture" in target.read_bytes()
    assert original.read_bytes() == SAMPLE.read_bytes()


def test_a_problem_is_mended_from_the_problems_bar(editor: Editor, sample_server: RunningServer) -> None:
    editor.open_from_start_page(sample_server.url, REPOSITORY / "sample_models" / "with_a_fault.onnx")
    bar = editor.page.get_by_role("group", name="Problems")
    expect(bar).to_contain_text("conv_out", timeout=LONG)
    bar.get_by_role("button", name="Fix").click()
    editor.wait_for_revision(1)
    expect(editor.page.get_by_role("status").filter(has_text="Valid")).to_be_visible(timeout=LONG)


def test_a_file_that_is_no_model_is_refused_on_the_start_page_in_one_line(
    editor: Editor, sample_server: RunningServer, tmp_path: Path
) -> None:
    page = tmp_path / "download.onnx"
    page.write_text("<!DOCTYPE html><html><body>404</body></html>", encoding="utf-8")
    editor.page.goto(sample_server.url)
    editor.page.get_by_label("Choose files").set_input_files(page)
    expect(editor.page.get_by_role("alert")).to_contain_text("HTML", timeout=LONG)


def test_choosing_a_file_uploads_and_opens_it(editor: Editor, sample_server: RunningServer, tmp_path: Path) -> None:
    editor.page.goto(sample_server.url)
    editor.page.get_by_label("Choose files").set_input_files(SAMPLE)
    editor.wait_for_canvas()
    assert editor.download(tmp_path).read_bytes() == SAMPLE.read_bytes()


def test_sizes_of_symbolic_dimensions_are_asked_once(editor: Editor, sample_server: RunningServer) -> None:
    editor.open_from_start_page(sample_server.url, REPOSITORY / "sample_models" / "dynamic_axes.onnx")
    editor.run({"batch": 2, "sequence": 4})
    editor.rename_value("summary", "result")
    editor.page.get_by_role("button", name="Run", exact=True).click()
    outputs = editor.page.get_by_role("table", name="Outputs")
    expect(outputs).to_contain_text("result", timeout=LONG)
    expect(outputs).to_contain_text("2×2×4")
