"""What a person sees of the parts of a model that have no form: each in the panel of what it belongs to."""

from __future__ import annotations

from pathlib import Path

from onnx import helper
from playwright.sync_api import Locator, Page, expect

from tests.browser.editor import LONG, Editor
from tests.constructs.whole import whole
from tests.real_server import running_server

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
        page.get_by_role("tree", name="Find results").locator('[data-id="node:z"]').click(timeout=LONG)
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


ODD_NAMES = {
    "html": "<img src=x onerror=document.title='hit'><b>bold</b>",
    "direction": "\u202eevil\u202c_name",
    "width": "zero\u200bwidth",
    "control": "ring\x07bell",
    "long": "m" * 1_000_000,
}


def odd_names(folder: Path) -> Path:
    """A chain of nodes and values by these names, an initializer that nothing reads, and two nodes of one name."""
    nodes = []
    last = "x"
    for key, name in ODD_NAMES.items():
        nodes.append(helper.make_node("Relu", [last], [f"{key}_{name}"], name=name))
        last = f"{key}_{name}"
    nodes += [
        helper.make_node("Abs", [last], ["same"], name="twin"),
        helper.make_node("Exp", ["same"], ["y"], name="twin"),
    ]
    inputs, outputs = ([helper.make_tensor_value_info(name, 1, ["\u202eN", 4])] for name in ("x", "y"))
    graph = helper.make_graph(nodes, "<b>g</b>", inputs, outputs, [helper.make_tensor("spare", 1, [2], [1, 2])])
    path = folder / "names.onnx"
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)]).SerializeToString())
    return path


def go_to_node(editor: Editor, typed: str, shown: str) -> None:
    editor.search(typed).locator('[data-id^="node:"]').filter(has_text=shown).first.click(timeout=LONG)


def test_odd_names_are_found_shown_as_they_are_and_mended_by_typing(editor: Editor, tmp_path: Path) -> None:
    page = editor.page
    with running_server([tmp_path]) as server:
        editor.open_from_start_page(server.url, odd_names(tmp_path))
        outline = page.get_by_role("tree", name="Outline")
        expect(outline).to_contain_text("·evil·_name")
        expect(outline.locator("b, img")).to_have_count(0)
        spelt = {
            "evil": ("·evil·_name", "\\u202eevil\\u202c_name"),
            "zerowidth": ("zero·width", "zero\\u200bwidth"),
            "ringbell": ("ring·bell", "ring\\x07bell"),
        }
        for typed, (shown, words) in spelt.items():
            go_to_node(editor, typed, shown)
            expect(section(page, MORE)).to_contain_text(words)
        expect(page.get_by_role("region", name="Outputs")).to_contain_text("·N×4 f32")
        go_to_node(editor, "mmmmmm", "mmmmmm")
        name = page.get_by_role("textbox", name="name", exact=True)
        expect(name).to_have_value(ODD_NAMES["long"])
        name.fill("short")
        name.press("Enter")
        editor.wait_for_revision(1)
        go_to_node(editor, "evil", "·evil·_name")
        expect(name).to_have_value("·evil·_name")
        name.focus()
        expect(name).to_have_value(ODD_NAMES["direction"])
        name.fill("plain")
        name.press("Enter")
        editor.wait_for_revision(2)
        expect(page.get_by_role("region", name=MORE)).to_have_count(0)
        editor.find("spare")
        expect(page.get_by_role("region", name="Taken by")).to_contain_text("nothing")
        assert page.title() != "hit"


def test_the_notes_of_the_model_and_of_its_graph_are_two(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "odd.onnx").write_bytes(whole().SerializeToString())
    page = editor.page
    with running_server([tmp_path]) as server:
        editor.open_from_start_page(server.url, tmp_path / "odd.onnx")
        for revision, (title, words) in enumerate(
            (("Note of the model", "Made for a test."), ("Note of the graph", "Odd.")), 1
        ):
            note = page.get_by_role("region", name=title)
            note.get_by_role("button", name="add").click()
            note.get_by_role("textbox", name="note").fill(words)
            page.keyboard.press("Control+Enter")
            editor.wait_for_revision(revision)
            expect(page.get_by_role("region", name=title)).to_contain_text(words)
