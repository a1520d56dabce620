"""What a person sees of the parts of a model that have no form: each in the panel of what it belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.editor import LONG, Editor
from tests.constructs.whole import whole
from tests.real_server import running_server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
MORE, MODEL, GRAPH = "More in the file", "More about the model in the file", "More about the graph in the file"


def section(page: Page, title: str) -> Locator:
    """The section, unfolded."""
    region = page.get_by_role("complementary", name="Properties").get_by_role("region", name=title, exact=True)
    head = region.get_by_role("button", name=title)
    expect(head).to_be_visible(timeout=LONG)
    if head.get_attribute("aria-expanded") == "false":
        head.click()
    return region


def test_every_odd_construct_is_seen_in_the_panel_of_what_carries_it(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "odd.onnx").write_bytes(whole().SerializeToString())
    page = editor.page
    with running_server([tmp_path]) as server:
        editor.open_from_start_page(server.url, tmp_path / "odd.onnx")
        for words in ("one_step", "k_next = Sub(k, rate)", "k = k_next", "two_gpus", "gpu0, gpu1", "from-the-future"):
            expect(section(page, MODEL)).to_contain_text(words)
        for words in ("SCALE_TENSOR = h_scale", "ghost: float32 [3]"):
            expect(section(page, GRAPH)).to_contain_text(words)
        expect(
            page.get_by_role("region", name="Metadata of the graph").get_by_role("textbox", name="split")
        ).to_have_value("train")
        seen = {
            "x": ["DATA_BATCH", "IMAGE"],
            "seq": ["sequence of map from int64 to float32 [N, 4]"],
            "handle": ["opaque type vendor.Handle"],
            "words": ["one, <b>two</b>, \\xffthree"],
            "s": ["s_places int64 [2]"],
            "h": ["SCALE_TENSOR = h_scale"],
        }
        for value, texts in seen.items():
            editor.find(value)
            for words in texts:
                expect(section(page, MORE)).to_contain_text(words)


def test_what_is_told_follows_edits_and_a_broken_name_is_mended_by_typing(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "odd.onnx").write_bytes(whole().SerializeToString())
    page = editor.page
    with running_server([tmp_path]) as server:
        editor.open_from_start_page(server.url, tmp_path / "odd.onnx")
        editor.search("caf")
        page.get_by_role("listbox", name="Find results").locator('[data-id="node:z"]').click(timeout=LONG)
        expect(section(page, MORE)).to_contain_text("caf\\xe9")
        name = page.get_by_role("textbox", name="name", exact=True)
        name.fill("café")
        name.press("Enter")
        editor.wait_for_revision(1)
        expect(section(page, MORE)).not_to_contain_text("caf\\xe9")
        expect(section(page, MORE)).to_contain_text("bias_name")
        editor.find("h")
        name = page.get_by_role("textbox", name="name", exact=True)
        name.fill("hidden")
        name.press("Enter")
        editor.wait_for_revision(2)
        expect(section(page, MORE)).to_contain_text("quantization_annotation")
        expect(section(page, MORE)).to_contain_text("hidden")
