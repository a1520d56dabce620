"""What people come for from onnx-modifier: its nine features on one model, by hand, and none of what it breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from playwright.sync_api import Locator, Page, expect

from tests.browser.alike import assert_outputs_equal, assert_same
from tests.browser.editor import LONG, Editor
from tests.browser.hands import Hands
from tests.real_server import running_server

GRAPH = """<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1, "ai.onnx.ml" : 3]>
nine (float[1,3,8,8] image, bool flag) => (float[1,4] scores, float[1,2,8,8] aux) {
  [conv1] c1 = Conv <pads = [1, 1, 1, 1]> (image, w1, b1)
  [relu1] r1 = Relu (c1)
  [gelu1] g1 = com.microsoft.Gelu (r1)
  [noop] n1 = Identity (g1)
  [choose] chosen = If (flag) <
    then_branch = then_graph () => (float[1,6,8,8] t) { [then_add] t = Add (n1, r1) },
    else_branch = else_graph () => (float[1,6,8,8] e) { [else_neg] e = Neg (r1) }
  >
  [pool] p = GlobalAveragePool (chosen)
  [flatten] f = Flatten (p)
  [head] scores = Gemm (f, w2, b2)
  [aux_conv] a1 = Conv (r1, w3)
  [aux_act] aux = Sigmoid (a1)
}"""
SHAPES = {"w1": (6, 3, 3, 3), "b1": (6,), "w2": (6, 4), "b2": (4,), "w3": (2, 6, 1, 1)}
TWO_MINUTES = 120


def weights() -> dict[str, Any]:
    random = np.random.default_rng(0)
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in SHAPES.items()}


def properties(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Properties")


def region(page: Page, name: str) -> Locator:
    return properties(page).get_by_role("region", name=name, exact=True)


@pytest.fixture
def hands(editor: Editor, tmp_path: Path) -> Iterator[Hands]:
    model = onnx.parser.parse_model(GRAPH)
    model.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in weights().items())
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, tmp_path / "nine.onnx")
    with running_server([tmp_path]) as server:
        editor.open_from_start_page(server.url, tmp_path / "nine.onnx")
        yield Hands(editor)


# each of the nine, as it is done on the screen ----------------------------------------------------------------------------


def rename(hands: Hands, at: tuple[float, float], name: str) -> None:
    hands.makes().click(at)
    hands.press("F2")
    hands.type(name)
    hands.press("Enter")
    hands.wait()


def delete_nodes(hands: Hands) -> None:
    hands.makes().click(hands.node("noop"))
    hands.press("Control+Delete")
    hands.wait()
    hands.makes().click(hands.node("aux_conv"), button="right")
    hands.click(hands.page.get_by_role("menuitem", name="Delete with what it feeds"))
    hands.think()
    hands.click(hands.page.get_by_role("dialog").get_by_role("button", name="Remove aux from the outputs"))
    hands.wait()


def add_nodes(hands: Hands) -> None:
    hands.makes().double_click(hands.value("value f,"))
    hands.type("leaky")
    hands.press("Enter")
    hands.wait()


def edit_attributes(hands: Hands) -> None:
    hands.makes().click(properties(hands.page).get_by_role("textbox", name="alpha"), times=3)
    hands.type("0.2")
    hands.press("Enter")
    hands.wait()


def edit_batch_size(hands: Hands, preset: str) -> None:
    """Looks at the preview, and accepts it."""
    page = hands.page
    hands.makes().click(page.get_by_role("button", name="Model", exact=True))
    hands.click(page.get_by_role("menuitem", name="Resize inputs"))
    form = page.get_by_role("dialog", name="Resize inputs")
    hands.click(form.get_by_role("button", name=preset, exact=True))
    hands.click(form.get_by_role("button", name="Preview"))
    preview = page.get_by_role("dialog", name=re.compile("^Preview"))
    expect(preview.get_by_role("button", name="Accept")).to_be_focused(timeout=LONG)
    expect(preview).to_contain_text("old size equal")
    hands.think()
    hands.press("Enter")
    hands.wait()


def rename_inputs_and_outputs_of_nodes(hands: Hands) -> None:
    rename(hands, hands.value("value r1"), "features")


def rename_inputs_and_outputs_of_the_model(hands: Hands) -> None:
    rename(hands, hands.value("input image"), "pixels")
    rename(hands, hands.value("output scores"), "logits")


def add_inputs(hands: Hands) -> None:
    page = hands.page
    hands.makes().click(page.get_by_role("button", name="Model", exact=True))
    hands.click(page.get_by_role("menuitem", name="Add input"))
    form = page.get_by_role("dialog", name="Add input")
    expect(form.get_by_role("textbox", name="name")).to_be_focused()
    hands.type("offset")
    hands.press("Tab")
    hands.type("float32")
    hands.press("Tab")
    hands.type("4")
    hands.press("Enter")
    hands.wait()
    hands.makes().click(hands.node("head"))
    slots = region(page, "Inputs")
    slots.locator(".card").nth(2).hover()
    hands.click(slots.get_by_role("button", name="Connect another value to C"))
    hands.type("offset")
    hands.press("Enter")
    hands.wait()


def add_outputs(hands: Hands) -> None:
    page = hands.page
    hands.makes().click(hands.value("value c1"))
    hands.click(properties(page).get_by_role("button", name="Make output"))
    hands.wait()


def add_a_node_on_the_ground(hands: Hands) -> None:
    page = hands.page
    box = page.locator("canvas").first.bounding_box()
    assert box
    hands.makes().double_click((box["x"] + 160, box["y"] + 500))
    hands.type("softmax")
    hands.press("Enter")
    hands.wait()
    hands.makes().click(region(page, "Inputs").get_by_role("button", name="connect"))
    hands.type("logits")
    hands.press("Enter")
    hands.wait()
    hands.makes().click(region(page, "Outputs").get_by_role("button", name="make output"))
    hands.wait()


def edit_initializers(hands: Hands) -> None:
    page = hands.page
    hands.makes().click(hands.node("head"))
    hands.click(region(page, "Inputs").get_by_role("button", name=re.compile("w2")).first)
    hands.double_click(region(page, "Values").get_by_role("cell").first)
    hands.type("0.5")
    hands.press("Enter")
    hands.wait()
    outline = page.get_by_role("tree", name="Outline")
    hands.makes().click(outline.get_by_role("treeitem", name=re.compile("^conv1")))
    hands.click(region(page, "Inputs").get_by_role("button", name=re.compile("b1")).first)
    hands.click(region(page, "Values").get_by_role("button", name="Set values…"))
    form = page.get_by_role("dialog", name="Set values of b1")
    hands.click(form.get_by_role("radio", name="Formula"))
    hands.click(form.get_by_role("button", name="ones", exact=True))
    hands.click(form.get_by_role("button", name="Set tensor"))
    hands.wait()


def download(hands: Hands, folder: Path) -> onnx.ModelProto:
    expect(hands.page.get_by_test_id("status")).to_have_text("Valid", timeout=LONG)
    path = hands.editor.download(folder)
    hands.gestures += 2
    onnx.checker.check_model(path, full_check=True)
    return onnx.load(path)


def test_the_nine_features_in_less_than_two_minutes(hands: Hands, tmp_path: Path) -> None:
    delete_nodes(hands)
    add_nodes(hands)
    edit_attributes(hands)
    edit_batch_size(hands, "8")
    edit_batch_size(hands, "N, any size")
    rename_inputs_and_outputs_of_nodes(hands)
    rename_inputs_and_outputs_of_the_model(hands)
    add_inputs(hands)
    add_outputs(hands)
    add_a_node_on_the_ground(hands)
    edit_initializers(hands)
    found = download(hands, tmp_path)
    print(f"\n{hands.gestures} gestures, {hands.seconds:.0f} seconds of hands and thought")
    assert hands.seconds < TWO_MINUTES
    assert_same(found, nine_made_by_hand())
    assert_outputs_equal(found, nine_made_by_hand(), feeds("pixels", (1, 5), {"offset": (4,)}))


def test_nothing_dangles_or_is_lost_and_bodies_stay_whole(hands: Hands, tmp_path: Path) -> None:
    page = hands.page
    rename(hands, hands.value("value r1"), "features")  # both bodies read it
    hands.makes().click(hands.node("aux_act"))  # it makes an output
    hands.press("Control+Delete")
    hands.wait()
    hands.makes().double_click(hands.value("value scores"))  # an output's wire
    hands.type("softmax")
    hands.press("Enter")
    hands.wait()
    hands.makes().click(hands.node("conv1"))  # what the bodies declare follows from it
    hands.click(properties(page).get_by_role("textbox", name="pads"), times=3)
    hands.type("0,0,0,0")
    hands.press("Enter")
    hands.wait()
    hands.makes().click(page.get_by_role("group", name="Problems").get_by_role("button", name="Fix", exact=True))
    hands.wait()
    hands.makes().double_click(hands.node("choose"))
    expect(page.get_by_role("navigation", name="Bodies")).to_contain_text("then_branch")
    hands.double_click(hands.value("value t"))  # the body's output
    hands.type("tanh")
    hands.press("Enter")
    hands.wait()
    hands.think()
    hands.click(page.get_by_role("navigation", name="Bodies").get_by_role("button").first)
    expect(page.get_by_role("navigation", name="Bodies")).to_have_count(0)
    rename(hands, hands.value("value chosen"), "selected")
    found = download(hands, tmp_path)
    assert_same(found, whole_made_by_hand())
    assert_outputs_equal(found, whole_made_by_hand(), feeds("image", (1,), {}))


# the truth, made without the product -------------------------------------------------------------------------------------


IMPORTS = [helper.make_opsetid(*one) for one in (("", 17), ("com.microsoft", 1), ("ai.onnx.ml", 3))]


def tensor_value(name: str, *shape: Any) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def body(name: str, *nodes: onnx.NodeProto) -> onnx.GraphProto:
    return helper.make_graph(nodes, name, [], [onnx.ValueInfoProto(name=nodes[-1].output[0])])


def model_of(
    nodes: list[onnx.NodeProto], inputs: list[Any], outputs: list[Any], held: dict[str, Any]
) -> onnx.ModelProto:
    tensors = [numpy_helper.from_array(array, name) for name, array in held.items()]
    graph = helper.make_graph(nodes, "nine", inputs, outputs, tensors)
    return helper.make_model(graph, ir_version=8, opset_imports=IMPORTS)


def nine_made_by_hand() -> onnx.ModelProto:
    """The model with the nine changes made by onnx.helper."""
    held = weights()
    del held["w3"]
    held["w2"][0, 0] = 0.5
    held["b1"] = np.ones(6, np.float32)
    flag = helper.make_tensor_value_info("flag", TensorProto.BOOL, ())
    add = helper.make_node("Add", ["g1", "features"], ["t"], name="then_add")
    negate = helper.make_node("Neg", ["features"], ["e"], name="else_neg")
    branches = {"then_branch": body("then_graph", add), "else_branch": body("else_graph", negate)}
    nodes = [
        helper.make_node("Conv", ["pixels", "w1", "b1"], ["c1"], name="conv1", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["features"], name="relu1"),
        helper.make_node("Gelu", ["features"], ["g1"], name="gelu1", domain="com.microsoft"),
        helper.make_node("If", ["flag"], ["chosen"], name="choose", **branches),
        helper.make_node("GlobalAveragePool", ["chosen"], ["p"], name="pool"),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("LeakyRelu", ["f"], ["f_LeakyRelu"], name="f_LeakyRelu", alpha=0.2),
        helper.make_node("Gemm", ["f_LeakyRelu", "w2", "offset"], ["logits"], name="head"),
        helper.make_node("Softmax", ["logits"], ["Softmax_output"], name="Softmax"),
    ]
    inputs = [tensor_value("pixels", "N", 3, 8, 8), flag, tensor_value("offset", 4)]
    outputs = [tensor_value("logits", "N", 4), tensor_value("c1", "N", 6, 8, 8), tensor_value("Softmax_output", "N", 4)]
    return model_of(nodes, inputs, outputs, held)


def whole_made_by_hand() -> onnx.ModelProto:
    """The model with what is easily broken done by onnx.helper."""
    flag = helper.make_tensor_value_info("flag", TensorProto.BOOL, ())
    then = [
        helper.make_node("Add", ["n1", "features"], ["t_Tanh"], name="then_add"),
        helper.make_node("Tanh", ["t_Tanh"], ["t"], name="t_Tanh"),
    ]
    negate = helper.make_node("Neg", ["features"], ["e"], name="else_neg")
    branches = {"then_branch": body("then_graph", *then), "else_branch": body("else_graph", negate)}
    nodes = [
        helper.make_node("Conv", ["image", "w1", "b1"], ["c1"], name="conv1", pads=[0, 0, 0, 0]),
        helper.make_node("Relu", ["c1"], ["features"], name="relu1"),
        helper.make_node("Gelu", ["features"], ["g1"], name="gelu1", domain="com.microsoft"),
        helper.make_node("Identity", ["g1"], ["n1"], name="noop"),
        helper.make_node("If", ["flag"], ["selected"], name="choose", **branches),
        helper.make_node("GlobalAveragePool", ["selected"], ["p"], name="pool"),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("Gemm", ["f", "w2", "b2"], ["scores_Softmax"], name="head"),
        helper.make_node("Softmax", ["scores_Softmax"], ["scores"], name="scores_Softmax"),
        helper.make_node("Conv", ["features", "w3"], ["aux"], name="aux_conv"),
    ]
    outputs = [tensor_value("scores", 1, 4), tensor_value("aux", 1, 2, 6, 6)]
    return model_of(nodes, [tensor_value("image", 1, 3, 8, 8), flag], outputs, weights())


def feeds(image: str, batches: tuple[int, ...], more: dict[str, tuple[int, ...]]) -> Iterator[dict[str, Any]]:
    """Inputs for both branches and each batch size."""
    random = np.random.default_rng(1)
    for flag in (True, False):
        for batch in batches:
            shapes = {image: (batch, 3, 8, 8), **more}
            made = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
            yield {"flag": np.array(flag), **made}
