"""Local functions by hand: made of a selection, entered, edited, left and inlined again; bodies and constants likewise."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
from playwright.sync_api import expect

from tests.browser.editor import LONG, Editor
from tests.outputs import outputs_of
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY

SAMPLES = REPOSITORY / "sample_models"


def menu(editor: Editor, node: str, entry: str | re.Pattern[str]) -> None:
    """Right-clicks a node and takes an entry of the menu that makes something else of it."""
    editor.page.mouse.click(*editor.middle_of("node", node), button="right")
    editor.page.get_by_role("menu").wait_for()
    within = editor.page.get_by_role("menuitem", name="Refactor", exact=True)
    editor.choose(*(["Refactor"] if within.count() else []), entry)


def test_a_part_becomes_a_function_is_edited_there_and_comes_back_inline(
    editor: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    own = editor.open_copy(server.url, folder, SAMPLES / "residual_block.onnx")
    page = editor.page
    editor.find("layer1/block0/conv", "node")
    for other in ("BatchNormalization layer1/block0/bn,", "Relu layer1/block0/relu,"):
        page.keyboard.down("Shift")
        page.mouse.click(*editor.middle_of("node", other))
        page.keyboard.up("Shift")
    menu(editor, "BatchNormalization layer1/block0/bn,", re.compile("^Make a function"))
    page.keyboard.type("block")
    page.keyboard.press("Enter")
    editor.wait_for_revision(1)
    expect(editor.properties.get_by_role("textbox", name="name", exact=True)).to_have_value("block")  # the call
    expect(page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)

    page.mouse.dblclick(*editor.middle_of("node", "block block,"))
    expect(page.get_by_role("navigation", name="Bodies")).to_contain_text("block")
    page.mouse.dblclick(*editor.middle_of("value", "value layer1/block0/bn_out"))
    page.get_by_role("dialog", name="Operators").get_by_role("combobox", name="Operator").fill("Neg")
    page.keyboard.press("Enter")
    editor.wait_for_revision(2)
    middle = onnx.load(editor.download(tmp_path))
    assert [node.op_type for node in middle.functions[0].node] == ["Conv", "BatchNormalization", "Neg", "Relu"]

    page.keyboard.press("Escape")  # selects nothing
    page.keyboard.press("Escape")  # leaves, to the node through which it was entered
    expect(page.get_by_role("navigation", name="Bodies")).to_have_count(0)
    expect(editor.properties.get_by_role("textbox", name="name", exact=True)).to_have_value("block")
    menu(editor, "block block,", "Inline the function")
    editor.wait_for_revision(3)
    expect(page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)

    found, expected = onnx.load(editor.download(tmp_path)), onnx.load(own)
    assert not found.functions
    made = next(node for node in found.graph.node if node.op_type == "Neg")
    relu = next(node for node in expected.graph.node if node.name == "layer1/block0/relu")
    neg = onnx.helper.make_node("Neg", list(relu.input), list(made.output), made.name)
    expected.graph.node.insert(list(expected.graph.node).index(relu), neg)
    relu.input[:] = made.output
    assert onnx.printer.to_text(found.graph) == onnx.printer.to_text(expected.graph)
    feed = {"image": np.random.default_rng(0).standard_normal((1, 3, 16, 16))}
    one, two, three = (outputs_of(model, feed)[0] for model in (found, expected, middle))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, three)


def test_the_branch_that_is_chosen_takes_the_place_of_an_if(
    editor: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    own = editor.open_copy(server.url, folder, SAMPLES / "if_and_loop.onnx")
    menu(editor, "If choose,", "Put a body in its place")
    editor.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Keep then_branch")).click()
    editor.wait_for_revision(1)
    found = onnx.load(editor.download(tmp_path))
    assert "If" not in [node.op_type for node in found.graph.node]
    feed = {"x": [1, 2, 3, 4], "flag": True}
    for ours, theirs in zip(outputs_of(found, feed), outputs_of(onnx.load(own), feed), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_several_weights_are_stored_smaller_and_cast_back_in_one_edit(
    editor: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    own = editor.open_copy(server.url, folder, SAMPLES / "cnn_batchnorm.onnx")
    page = editor.page
    editor.select_all_hits("weight", 3)
    editor.properties.get_by_role("button", name=re.compile("^Cast their tensors")).click()
    form = page.get_by_role("dialog")
    form.get_by_label("to", exact=True).select_option("float16")
    form.get_by_role("button", name="Cast", exact=False).last.click()
    form.get_by_role("button", name=re.compile("^Cast it back")).click()
    editor.wait_for_revision(1)
    expect(page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)
    found, before = onnx.load(editor.download(tmp_path)), onnx.load(own)
    halves = [t for t in found.graph.initializer if t.data_type == onnx.TensorProto.FLOAT16]
    assert len(halves) == 3
    assert sum(t.ByteSize() for t in found.graph.initializer) < sum(t.ByteSize() for t in before.graph.initializer)
