"""Finer jobs on whole models, by pointer and keys: edit in a body, wire a custom operator, mend a fault, keep data files beside the model."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import GraphProto, ModelProto, NodeProto, helper
from playwright.sync_api import expect

from tests.browser.editor import LONG, Editor
from tests.browser.reference import feeds, outputs
from tests.real_server import RunningServer
from tests.shared_models import REPOSITORY, shared_model

SAMPLES = REPOSITORY / "sample_models"
SILERO = "real/silero-vad__silero_vad_16k_op15.onnx"
EXTERNAL = "exported/extdata_mlp/model.onnx"


def node_named(graph: GraphProto, name: str) -> NodeProto:
    return next(node for node in graph.node if node.name == name)


def body(node: NodeProto, attribute: str) -> GraphProto:
    return next(found.g for found in node.attribute if found.name == attribute)


def same_model(found: ModelProto, expected: ModelProto) -> bool:
    return found.SerializeToString(deterministic=True) == expected.SerializeToString(deterministic=True)


# inside an If ------------------------------------------------------------------------------------------------------------


def enter_first_body(editor: Editor, node: str) -> None:
    """Finds a node with bodies and double-clicks the row of the first."""
    editor.find(node, "node")
    editor.page.mouse.dblclick(*editor.middle_of("node", f"If {node},"))
    expect(editor.page.get_by_role("navigation", name="Bodies")).to_contain_text(f"{node} · then_branch")


def insert_by_double_click(editor: Editor, wire: str, op_type: str) -> None:
    before = editor.revision()
    editor.page.mouse.dblclick(*editor.middle_of("value", f"value {wire},"))
    editor.page.get_by_role("dialog", name="Operators").get_by_role("combobox", name="Operator").fill(op_type)
    editor.page.keyboard.press("Enter")
    editor.wait_for_revision(before + 1)
    # labels with the new types move what is aimed at next
    expect(editor.page.get_by_text("Checking…", exact=True)).to_have_count(0, timeout=LONG)


def insert_first(graph: GraphProto, made: NodeProto, op_type: str, value: str, reader: NodeProto) -> None:
    """The same by hand: a node that only this reader reads; the names are those that `made` was given."""
    node = helper.make_node(op_type, [value], list(made.output), made.name)
    graph.node.insert(list(graph.node).index(reader), node)
    reader.input[:] = [made.output[0] if name == value else name for name in reader.input]


def test_the_bodies_of_an_if_are_edited_and_nothing_else_changes(
    editor: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    own = editor.open_copy(server.url, folder, shared_model(SILERO))
    page = editor.page
    relu, sigmoid = "/model/encoder/3/activation/Relu_output_0", "/model/decoder/decoder/3/Sigmoid_output_0"

    enter_first_body(editor, "/model/decoder/If")
    insert_by_double_click(editor, relu, "Identity")
    page.mouse.dblclick(*editor.middle_of("value", "output /model/decoder/Squeeze_output_0"))
    page.keyboard.type("squeezed")
    page.keyboard.press("Enter")
    editor.wait_for_revision(2)
    page.get_by_role("navigation", name="Bodies").get_by_role("button").first.click()
    expect(editor.properties.get_by_role("textbox", name="name", exact=True)).to_have_value("/model/decoder/If")

    editor.find("/model/decoder/Gather_2", "node")
    axis = editor.properties.get_by_role("textbox", name="axis")
    axis.fill("-3")
    axis.press("Enter")
    editor.wait_for_revision(3)
    expect(page.get_by_role("navigation", name="Bodies")).to_have_count(0)  # the body was opened in place

    enter_first_body(editor, "/model/If")
    insert_by_double_click(editor, sigmoid, "Neg")
    expect(page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)

    found, original, expected = onnx.load(editor.download(tmp_path)), onnx.load(own), onnx.load(own)
    first, last = "/model/decoder/If", "/model/If"
    branch, made = (body(node_named(one.graph, first), "then_branch") for one in (expected, found))
    squeeze = node_named(branch, "/model/decoder/Squeeze")
    insert_first(branch, next(n for n in made.node if n.op_type == "Identity"), "Identity", relu, squeeze)
    squeeze.output[0] = branch.output[0].name = "squeezed"
    gather = node_named(
        body(node_named(expected.graph, "/model/decoder/If_1"), "then_branch"), "/model/decoder/Gather_2"
    )
    gather.attribute[0].CopyFrom(helper.make_attribute("axis", -3))
    branch, made = (body(node_named(one.graph, last), "then_branch") for one in (expected, found))
    insert_first(
        branch,
        next(n for n in made.node if n.op_type == "Neg"),
        "Neg",
        sigmoid,
        node_named(branch, "/model/Squeeze"),
    )
    assert same_model(found, expected)

    given = feeds(original, {"batch": 1, "sequence": 512}) | {"sr": np.array(16000, np.int64)}
    before, after = outputs(original, given), outputs(found, given)
    np.testing.assert_allclose(after["output"], -before["output"], rtol=1e-6)
    np.testing.assert_array_equal(after["stateN"], before["stateN"])


# a custom operator -------------------------------------------------------------------------------------------------------


def test_a_custom_operator_with_two_outputs_is_added_and_wired_by_hand(
    editor: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    own = editor.open_copy(server.url, folder, SAMPLES / "residual_block.onnx")
    page = editor.page
    editor.find("layer1/block0/add", "node")
    x, y = editor.middle_of("node", "layer1/block0/add")
    page.mouse.dblclick(x + 260, y - 60)
    palette = page.get_by_role("dialog", name="Operators")
    palette.get_by_role("combobox", name="Operator").fill("SplitGate")
    page.keyboard.press("Enter")
    palette.get_by_label("domain").fill("acme.ops")
    palette.get_by_label("outputs").fill("2")
    page.keyboard.press("Enter")
    editor.wait_for_revision(1)

    gate = editor.port("SplitGate", "input 1")
    editor.drag(editor.port("Conv layer1/block0/conv2", "output Y"), gate)
    editor.wait_for_revision(2)
    add = editor.port("Add", "input A")
    editor.drag(editor.port("SplitGate", "output 1"), add)
    editor.wait_for_revision(3)
    page.mouse.click(*editor.middle_of("node", "SplitGate"))
    made = editor.properties.get_by_role("region", name="Outputs")
    made.get_by_role("button", name="make output").last.click()
    page.get_by_role("dialog").get_by_role("button", name="float32").click()
    editor.wait_for_revision(4)
    page.mouse.click(*editor.middle_of("value", "output SplitGate_output_1"))
    shape = editor.properties.get_by_role("textbox", name="shape")
    shape.fill("1x8x16x16")
    shape.press("Enter")
    editor.wait_for_revision(5)

    page.get_by_role("button", name="Run", exact=True).click()
    status = page.get_by_test_id("status")
    expect(status).to_have_text("Valid · cannot be run here", timeout=LONG)
    run = editor.properties.get_by_text("ONNX Runtime has no kernel here for 'SplitGate'")
    expect(run).to_be_visible()
    expect(page.get_by_role("group", name="Problems")).to_have_count(0)

    found, expected = onnx.load(editor.download(tmp_path)), onnx.load(own)
    onnx.checker.check_model(found)
    reader = node_named(expected.graph, "layer1/block0/add")
    names = ["SplitGate_output_0", "SplitGate_output_1"]
    gate_node = helper.make_node("SplitGate", ["layer1/block0/conv2_out"], names, "SplitGate", domain="acme.ops")
    expected.graph.node.insert(list(expected.graph.node).index(reader), gate_node)
    reader.input[0] = names[0]
    expected.graph.output.append(helper.make_tensor_value_info(names[1], onnx.TensorProto.FLOAT, [1, 8, 16, 16]))
    expected.opset_import.append(helper.make_opsetid("acme.ops", 1))
    assert same_model(found, expected)


# a fault -----------------------------------------------------------------------------------------------------------------


def test_a_fault_is_mended_with_one_click_in_the_problems(
    editor: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    own = editor.open_copy(server.url, folder, SAMPLES / "with_a_fault.onnx")
    with pytest.raises(onnx.shape_inference.InferenceError):
        onnx.checker.check_model(onnx.load(own), full_check=True)
    page = editor.page
    expect(page.get_by_test_id("status")).to_have_text("Valid · 1 warning", timeout=LONG)
    page.get_by_test_id("status").click()
    problems = page.get_by_role("region", name="All problems")
    problems.get_by_role("button", name="Fix").click()
    editor.wait_for_revision(1)
    expect(problems).to_contain_text("Nothing to mend", timeout=LONG)
    expect(page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)
    expect(editor.run({})).to_contain_text("same")

    found, expected = onnx.load(editor.download(tmp_path)), onnx.load(own)
    onnx.checker.check_model(found, full_check=True)
    expected.graph.value_info[0].type.tensor_type.shape.dim[3].dim_value = 8
    assert same_model(found, expected)
    given = feeds(found, {})
    np.testing.assert_array_equal(outputs(found, given)["features"], outputs(onnx.load(own), given)["features"])


# data files --------------------------------------------------------------------------------------------------------------


def open_with_data(editor: Editor, server: RunningServer, own: Path, how: str) -> None:
    """By its path on the server, or both files chosen in the browser's dialog."""
    if how == "path":
        editor.open_from_start_page(server.url, own)
        return
    editor.page.goto(server.url)
    with editor.page.expect_file_chooser() as chooser:
        editor.page.get_by_role("button", name="Choose files…").click()
    chooser.value.set_files(sorted(own.parent.iterdir()))
    editor.wait_for_canvas()


@pytest.mark.parametrize("how", ["path", "upload"])
def test_a_model_with_a_data_file_is_downloaded_as_a_zip_that_works(
    editor: Editor, server: RunningServer, folder: Path, tmp_path: Path, how: str
) -> None:
    source = shared_model(EXTERNAL)
    for file in source.parent.iterdir():
        shutil.copyfile(file, folder / file.name)
    own = folder / source.name
    open_with_data(editor, server, own, how)
    editor.rename_value("input", "features")
    editor.insert_on_wire("relu", "Identity")
    archive = editor.download(tmp_path)
    assert archive.name == "model.zip"

    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(archive) as members:
        assert members.testzip() is None
        members.extractall(unpacked)
    assert sorted(file.name for file in unpacked.iterdir()) == sorted(file.name for file in folder.iterdir())
    assert (unpacked / "model.onnx.data").read_bytes() == (folder / "model.onnx.data").read_bytes()

    found, expected = (onnx.load(path, load_external_data=False) for path in (unpacked / own.name, own))
    made = next(node for node in found.graph.node if node.op_type == "Identity")
    expected.graph.input[0].name = expected.graph.node[0].input[0] = "features"
    reader = next(node for node in expected.graph.node if "relu" in node.input)
    insert_first(expected.graph, made, "Identity", "relu", reader)
    assert same_model(found, expected)

    onnx.checker.check_model(str(unpacked / own.name), full_check=True)
    given = np.random.default_rng(3).standard_normal((2, 256)).astype(np.float32)
    before, after = (onnxruntime.InferenceSession(str(path)) for path in (own, unpacked / own.name))
    np.testing.assert_array_equal(after.run(None, {"features": given})[0], before.run(None, {"input": given})[0])
