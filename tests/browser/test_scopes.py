"""Scopes by hand: opened and closed in place with the pointer and with keys, found through, edited through, and switched off."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer

NEAR = 3.0  # px
BLOCKS = 12


def chain() -> onnx.ModelProto:
    """x, a head, twelve equal blocks, a tail of four nodes, y."""
    lines = [("/head/Abs", "h0 = Abs(x)"), ("/head/Exp", "h = Exp(h0)")]
    last = "h"
    for number in range(BLOCKS):
        at, scope = f"b{number}", f"/net/block{number}"
        lines += [
            (f"{scope}/first/Neg", f"{at}_n = Neg({last})"),
            (f"{scope}/Relu", f"{at}_r = Relu({at}_n)"),
            (f"{scope}/Add", f"{at} = Add({at}_r, {last})"),
        ]
        last = at
    lines += [
        ("/tail/Sqrt", f"t0 = Sqrt({last})"),
        ("/tail/Sin", "t1 = Sin(t0)"),
        ("/tail/Cos", "t2 = Cos(t1)"),
        ("/tail/Tan", "y = Tan(t2)"),
    ]
    body = "\n".join(text for _, text in lines)
    model = onnx.parser.parse_model(
        f'<ir_version: 10, opset_import: ["" : 21]> g (float[N, 4] x) => (float[N, 4] y) {{ {body} }}'
    )
    for node, (name, _) in zip(model.graph.node, lines, strict=True):
        node.name = name
    return model


@pytest.fixture
def folder(folder: Path) -> Path:
    onnx.save(chain(), folder / "chain.onnx")
    return folder


@pytest.fixture
def opened(editor: Editor, server: RunningServer, folder: Path) -> Editor:
    editor.open_from_start_page(server.url, folder / "chain.onnx")
    return editor


def scope(page: Page, name: str, is_open: bool) -> Locator:
    state = "true" if is_open else "false"
    return page.locator(f'[role="treeitem"][data-kind="scope"][aria-expanded="{state}"][aria-label^="scope {name}"]')


def corner(editor: Editor, name: str, is_open: bool) -> tuple[float, float]:
    """Where the sign stands that opens or closes a scope."""
    item = scope(editor.page, name, is_open).first
    item.wait_for(state="attached", timeout=LONG)
    editor.page.wait_for_timeout(600)
    x, y, w, _ = (float(item.get_attribute(f"data-{key}") or "nan") for key in "xywh")
    return x + w - 17, y + 15


def close_all(editor: Editor) -> None:
    editor.page.keyboard.press("Shift+G")
    expect(scope(editor.page, "tail", False)).to_be_attached(timeout=LONG)
    editor.page.wait_for_timeout(400)


def test_the_sign_on_a_card_opens_the_scope_in_place_and_the_sign_in_its_corner_closes_it(opened: Editor) -> None:
    page = opened.page
    close_all(opened)
    x, y = corner(opened, "tail", False)
    page.mouse.click(x, y)
    expect(opened.on_canvas("node", "Sqrt /tail/Sqrt")).to_be_attached(timeout=LONG)
    top = corner(opened, "tail", True)[1]
    assert top == pytest.approx(y, abs=NEAR)
    page.mouse.click(*corner(opened, "tail", True))
    expect(scope(page, "tail", False)).to_be_attached(timeout=LONG)
    expect(opened.on_canvas("node", "Sqrt /tail/Sqrt")).not_to_be_attached()
    assert corner(opened, "tail", False) == pytest.approx((x, y), abs=NEAR)


def test_a_double_click_opens_a_scope_and_keys_open_and_close_it(opened: Editor) -> None:
    page = opened.page
    close_all(opened)
    x, y = corner(opened, "tail", False)
    page.mouse.dblclick(x - 60, y + 20)
    expect(scope(page, "tail", True)).to_be_attached(timeout=LONG)
    page.mouse.click(*opened.middle_of("node", "Sin /tail/Sin"))
    page.keyboard.press("g")
    expect(scope(page, "tail", False)).to_be_attached(timeout=LONG)
    page.keyboard.press("e")
    expect(scope(page, "tail", True)).to_be_attached(timeout=LONG)


def test_with_keys_alone_one_walks_to_a_scope_opens_it_and_closes_all(opened: Editor) -> None:
    page = opened.page
    close_all(opened)
    page.locator("canvas[data-painted-revision]").focus()
    page.keyboard.press("ArrowUp")
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    selected = page.locator('[role="treeitem"][data-kind="scope"][aria-selected="true"]')
    expect(selected).to_have_count(1, timeout=LONG)
    expect(selected).to_have_attribute("aria-label", "scope head, closed, 2 nodes, Abs · Exp")
    page.keyboard.press("Enter")
    expect(opened.on_canvas("node", "Abs /head/Abs")).to_be_attached(timeout=LONG)
    page.keyboard.press("1")
    expect(scope(page, "tail", True)).to_be_attached(timeout=LONG)
    page.keyboard.press("Shift+G")
    expect(scope(page, "tail", False)).to_be_attached(timeout=LONG)


def test_equal_blocks_stand_as_one_card_with_their_number(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("Shift+G")
    page.get_by_role("button", name="View", exact=True).click()
    opened.choose("Scopes", "Open scopes to depth 1")
    stack = page.locator('[role="treeitem"][data-kind="scope"][aria-label*="12 times"]')
    expect(stack).to_be_attached(timeout=LONG)
    expect(stack).to_have_attribute(
        "aria-label", "scope net / block0–11, 12 times, closed, 36 nodes, 12 Add · 12 Neg · 12 Relu"
    )


def test_a_hit_opens_what_hides_it(opened: Editor) -> None:
    close_all(opened)
    opened.find("/net/block7/Relu", "node")
    expect(opened.on_canvas("node", "Relu /net/block7/Relu")).to_be_attached(timeout=LONG)
    expect(
        opened.page.locator('[role="treeitem"][aria-selected="true"][aria-label^="Relu /net/block7/Relu"]')
    ).to_be_attached(timeout=LONG)


def test_the_name_of_a_scope_at_the_edge_leads_to_its_start_by_a_click_and_by_a_key(opened: Editor) -> None:
    page = opened.page
    page.keyboard.press("Shift+E")
    stage = page.get_by_role("main", name="Graph").bounding_box()
    assert stage is not None
    first = opened.on_canvas("node", "Neg /net/block0/first/Neg")
    opened.find("/net/block11/Add", "node")
    opened.middle_of("node", "/net/block11/Add")
    inner = opened._box(scope(page, "net / block0–11 / block11", True).first)
    title = (inner[0] - 8, stage["y"] + 26)  # two grounds farther out
    expect(first).not_to_be_attached(timeout=LONG)
    page.mouse.move(*title)
    expect(page.locator("canvas[data-painted-revision]")).to_have_attribute("title", "net")
    page.mouse.click(*title)
    expect(first).to_be_attached(timeout=LONG)
    opened.find("/net/block11/Add", "node")
    opened.middle_of("node", "/net/block11/Add")
    page.locator("canvas[data-painted-revision]").focus()
    page.keyboard.press("Shift+Home")
    expect(scope(page, "net / block0–11 / block11", True)).to_be_attached(timeout=LONG)


def test_a_selected_scope_is_removed_as_a_whole_and_comes_back(opened: Editor) -> None:
    page = opened.page
    close_all(opened)
    x, y = corner(opened, "tail", False)
    page.mouse.click(x - 60, y + 20)
    expect(opened.properties.get_by_role("heading", level=2)).to_contain_text("4 nodes", timeout=LONG)
    page.keyboard.press("Delete")
    opened.wait_for_revision(1)
    expect(scope(page, "tail", False)).not_to_be_attached(timeout=LONG)
    opened.undo()
    expect(scope(page, "tail", False)).to_be_attached(timeout=LONG)


def test_a_model_shown_flat_is_flat_again_after_a_reload(opened: Editor) -> None:
    page = opened.page
    close_all(opened)
    page.get_by_role("button", name="Scopes", exact=True).click()
    expect(page.locator('[role="treeitem"][data-kind="scope"]')).to_have_count(0, timeout=LONG)
    page.reload()
    opened.wait_for_canvas()
    expect(page.get_by_role("button", name="Scopes", exact=True)).to_have_attribute(
        "aria-pressed", "false", timeout=LONG
    )
    page.wait_for_timeout(500)
    expect(page.locator('[role="treeitem"][data-kind="scope"]')).to_have_count(0)
    page.keyboard.press("s")
    expect(page.locator('[role="treeitem"][data-kind="scope"]').first).to_be_attached(timeout=LONG)


def test_bodies_and_functions_open_in_place_by_pointer_by_keys_and_for_a_hit(
    editor: Editor, server: RunningServer, folder: Path
) -> None:
    text = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]> g (float[N, 4] x, bool c) => (float[N, 4] y) {
        p = my.Twice(x)
        y = If(c) <then_branch = a () => (float[N, 4] t) { t = Neg(p) }, else_branch = b () => (float[N, 4] e) { e = Exp(p) }>
    }
    <domain: "my", opset_import: ["" : 21]> Twice (i) => (o) { o = Add(i, i) }"""
    onnx.save(onnx.parser.parse_model(text), folder / "branches.onnx")
    editor.open_from_start_page(server.url, folder / "branches.onnx")
    page, trail = editor.page, editor.page.get_by_role("navigation", name="Bodies")
    opened, neg, add = page.locator('[data-kind="scope"][aria-expanded="true"]'), "Neg,", "Add,"
    for node, inside, count in (("If,", neg, 2), ("Twice,", add, 1)):
        editor.middle_of("node", node)
        x, y, w, _ = editor._box(editor.on_canvas("node", node).first)
        page.mouse.click(x + w - 11, y + 38)  # the triangle of its first row
        expect(editor.on_canvas("node", inside)).to_be_attached(timeout=LONG)
        expect(opened).to_have_count(count)
        page.mouse.click(*corner(editor, "If" if count == 2 else "function", True))
        expect(editor.on_canvas("node", inside)).not_to_be_attached(timeout=LONG)
    x, y = editor.middle_of("node", "Twice,")
    page.mouse.click(x, y - 20)
    page.keyboard.press("Enter")  # goes on meaning: into it
    expect(trail).to_contain_text("Twice", timeout=LONG)
    page.keyboard.press("Escape")
    expect(trail).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # before the function is on the canvas
    expect(trail).to_have_count(0)
    page.keyboard.press("e")
    expect(editor.on_canvas("node", add)).to_be_attached(timeout=LONG)
    editor.search("op:Neg")
    expect(page.get_by_role("heading", name="1 hit")).to_be_visible(timeout=LONG)
    page.keyboard.press("Enter")
    expect(editor.on_canvas("node", neg)).to_have_attribute("aria-selected", "true", timeout=LONG)
    expect(trail).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")  # takes what is open in place, too
    selected = editor.properties.get_by_role("heading", level=2)
    expect(selected).to_have_text("5 nodes")
    editor.select_all_hits("op:/Neg|Exp/", 2)
    expect(selected).to_have_text("2 nodes")
    page.mouse.click(*editor.middle_of("node", neg))
    page.keyboard.press("Shift+Home")
    page.keyboard.press("g")
    expect(editor.on_canvas("node", neg)).not_to_be_attached(timeout=LONG)
