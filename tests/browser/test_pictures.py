"""Pictures of the graph as files and on paper: what is in them, how large they are, and that names in them stay text."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.editor import LONG, Editor
from tests.browser.test_moving import go_to
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY, shared_model

SAMPLE = REPOSITORY / "sample_models" / "residual_block.onnx"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def opened(editor: Editor, sample_server: RunningServer) -> Editor:
    editor.open_from_start_page(sample_server.url, SAMPLE)
    return editor


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Export picture")


def exported(page: Page, folder: Path) -> Path:
    with page.expect_download(timeout=LONG) as waiting:
        dialog(page).get_by_role("button", name=re.compile("^Export")).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def texts(path: Path) -> list[str]:
    return [one.text or "" for one in ElementTree.parse(path).iter(f"{SVG}text")]


COLOURS = """async (data) => {
    const image = new Image()
    image.src = `data:image/png;base64,${data}`
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext('2d')
    context.drawImage(image, 0, 0)
    const { data: bytes } = context.getImageData(0, 0, image.width, image.height)
    const hex = (at) => [...bytes.slice(at, at + 3)].map((one) => one.toString(16).padStart(2, '0')).join('')
    const seen = new Set()
    for (let at = 0; at < bytes.length; at += 4) seen.add(hex(at))
    return [image.width, image.height, hex(0), [...seen]]
}"""


def pixels(page: Page, path: Path) -> tuple[int, int, str, list[str]]:
    """Width, height, the colour of the corner and every colour that is there, as another page sees the file."""
    other = page.context.new_page()
    width, height, corner, seen = other.evaluate(COLOURS, base64.b64encode(path.read_bytes()).decode())
    return width, height, corner, seen


def test_an_svg_of_everything_has_text_as_text_and_draws_in_another_page(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_role("menuitem", name="Export picture…").click()
    expect(dialog(page)).to_contain_text("11 nodes")
    path = exported(page, tmp_path)
    assert path.name == "residual_block.svg"
    said = texts(path)
    assert said.count("Conv") == 3 and "image" in said and "1×3×16×16  f32" in said
    root = ElementTree.parse(path).getroot()
    assert "Inter" in (root.get("font-family") or "") and "sans-serif" in (root.get("font-family") or "")
    other = page.context.new_page()
    other.goto(path.as_uri())
    box = other.locator("svg").bounding_box()
    assert box is not None and box["height"] == pytest.approx(float(root.get("height") or 0), abs=1)
    assert other.locator("text").filter(has_text="Conv").count() == 3


def test_an_svg_of_the_selection_by_keys_alone(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    go_to(opened, "stem/bn")
    page.keyboard.press("Control+Shift+ArrowDown")
    page.keyboard.press("Control+Shift+e")
    expect(dialog(page).get_by_role("radio", name="Selected: 2 nodes")).to_be_checked()
    with page.expect_download(timeout=LONG) as waiting:
        page.keyboard.press("Enter")
    path = tmp_path / "selection.svg"
    waiting.value.save_as(path)
    said = texts(path)
    assert "BatchNormalization" in said and "Relu" in said
    assert "Conv" not in said and "image" not in said


def test_the_dialog_says_whether_everything_or_the_selection_is_exported(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("Control+Shift+e")
    expect(dialog(page)).to_contain_text("Everything that is shown")
    page.keyboard.press("Escape")
    go_to(opened, "stem/bn")
    page.keyboard.press("Control+Shift+e")
    expect(dialog(page).get_by_role("button", name="Export selected")).to_be_visible()
    dialog(page).get_by_role("radio", name="Everything: 11 nodes").click()
    expect(dialog(page).get_by_role("button", name="Export everything")).to_be_visible()


def test_a_png_has_the_size_that_the_dialog_says_and_the_colours_that_were_chosen(
    opened: Editor, tmp_path: Path
) -> None:
    page = opened.page
    page.keyboard.press("Control+Shift+e")
    dialog(page).get_by_role("radio", name="PNG").click()
    dialog(page).get_by_role("radio", name="Dark").click()
    dialog(page).get_by_label("scale").fill("1.5")
    said = re.search(r"([\d,]+) × ([\d,]+) px", dialog(page).inner_text())
    assert said is not None
    width, height, corner, seen = pixels(page, exported(page, tmp_path))
    assert (width, height) == tuple(int(side.replace(",", "")) for side in said.groups())
    assert corner == "14171c", "the dark ground"
    assert "2f5d9b" in seen, "the title of a Conv"


def test_a_png_that_no_browser_draws_is_refused_with_what_to_do(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    page.keyboard.press("Control+Shift+e")
    dialog(page).get_by_role("radio", name="PNG").click()
    dialog(page).get_by_label("scale").fill("16")
    alert = dialog(page).get_by_role("alert")
    expect(alert).to_contain_text("A browser draws no PNG of this size. Take a scale of at most")
    expect(dialog(page).get_by_role("button", name=re.compile("^Export"))).to_be_disabled()
    alert.get_by_role("button", name=re.compile("^Use")).click()
    expect(alert).to_have_count(0)
    dialog(page).get_by_label("scale").fill("nonsense")
    expect(alert).to_contain_text("A scale is a number from")


def test_dot_has_nodes_wires_and_types(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    page.keyboard.press("Control+Shift+e")
    dialog(page).get_by_role("radio", name="DOT").click()
    text = exported(page, tmp_path).read_text()
    assert text.startswith('digraph "residual_block.onnx" {')
    assert text.count(" -> ") == 13
    assert r'label="Conv\nstem/conv"' in text and "1×3×16×16  f32" in text


def test_names_that_are_html_stay_text_in_a_picture(
    editor: Editor, shared_server: RunningServer, tmp_path: Path
) -> None:
    editor.open_from_start_page(shared_server.url, shared_model("odd/html_injection_names.onnx"))
    page = editor.page
    page.keyboard.press("Control+Shift+e")
    path = exported(page, tmp_path)
    names = {one.tag.removeprefix(SVG) for one in ElementTree.parse(path).iter()}
    assert names <= {"svg", "title", "rect", "path", "g", "text"}
    attributes = {name for one in ElementTree.parse(path).iter() for name in one.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name or name == "style"]
    other = page.context.new_page()
    asked: list[str] = []
    other.on("dialog", lambda shown: (asked.append(shown.message), shown.dismiss()))
    other.goto(path.as_uri())
    other.wait_for_timeout(300)
    assert asked == []


def test_a_long_picture_shows_how_far_it_is_and_can_be_given_up(
    editor: Editor, shared_server: RunningServer, tmp_path: Path
) -> None:
    editor.open_from_start_page(shared_server.url, shared_model("exported/huge_10k_llama.onnx"))
    page = editor.page
    page.keyboard.press("s")  # all nodes, flat
    expect(page.get_by_role("button", name="Scopes")).to_have_attribute("aria-pressed", "false")
    for _ in range(60):  # until they are laid out
        page.keyboard.press("Control+Shift+e")
        if "10,0" in dialog(page).inner_text():
            break
        page.keyboard.press("Escape")
        page.wait_for_timeout(1000)
    shown = page.evaluate(
        """async () => {
        const button = (name) => [...document.querySelectorAll('dialog button')].find((one) => one.textContent === name)
        button('Export everything').click()
        for (let frame = 0; frame < 200; frame++) {
            await new Promise((resolve) => setTimeout(resolve))
            const bar = document.querySelector('dialog [aria-label=Drawing]')
            if (bar) { button('Cancel').click(); return bar.querySelector('span').getAttribute('style') }
        }
        return null
    }"""
    )
    assert shown is not None and shown.startswith("--done")
    expect(dialog(page).get_by_role("status", name="Drawing")).to_have_count(0)
    expect(dialog(page)).to_be_visible()
    assert len(texts(exported(page, tmp_path))) > 10_000


def test_printing_gives_the_graph_on_pages_with_a_head_and_no_panels(opened: Editor, tmp_path: Path) -> None:
    page = opened.page
    expect(page.get_by_role("tab", name=SAMPLE.name)).to_be_visible()  # its name is known by then
    pdf = page.pdf()
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    heads = page.locator(".print-view header")
    count = heads.count()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == count
    expect(heads.last).to_contain_text(SAMPLE.name)
    expect(heads.last).to_contain_text(f"page {count} of {count}")
    picture = page.locator(".print-view svg")
    expect(picture.last).to_be_visible()
    expect(picture.locator("text").filter(has_text="GlobalAveragePool")).to_have_count(1)
    fills = set(picture.locator("[fill]").evaluate_all("(all) => all.map((one) => one.getAttribute('fill'))"))
    assert all(re.fullmatch("#[0-9A-Fa-f]{6}|none", fill) for fill in fills), fills
    narrowest = "(all) => Math.min(...all.map((one) => one.clientWidth / one.viewBox.baseVal.width))"
    assert picture.evaluate_all(narrowest) * 11 * 0.75 >= 6  # points
    for hidden in (
        page.locator(".topbar"),
        page.locator(".panel").first,
        page.locator(".zoombar"),
        page.locator("canvas").first,
    ):
        expect(hidden).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(page.locator(".print-view > *")).to_have_count(0)
    expect(page.locator(".topbar")).to_be_visible()


def test_what_is_selected_is_printed_alone_where_that_is_asked_for(opened: Editor) -> None:
    page = opened.page
    go_to(opened, "head/pool")
    # the printer's own dialog is no page's
    page.evaluate("window.print = () => window.dispatchEvent(new Event('beforeprint'))")
    page.keyboard.press("Alt+p")
    printed = page.locator(".print-view svg text")
    assert "GlobalAveragePool" in printed.all_text_contents()
    assert not {"Conv", "BatchNormalization", "features"} & set(printed.all_text_contents())
    expect(page.locator(".print-view header")).to_contain_text("the selection")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.keyboard.press("Control+p")
    assert {"GlobalAveragePool", "Conv"} <= set(printed.all_text_contents())
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
