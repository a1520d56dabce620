"""Whole jobs on real models, by pointer and keys: resize, cut, rename dims, open dims, swap operators; judged in the downloaded file."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto, helper
from playwright.sync_api import expect

from tests.browser.editor import LONG, Editor
from tests.browser.reference import feeds, outputs
from tests.real_server import RunningServer
from tests.shared_models import shared_model

RESNET = "exported/resnet50_legacy_op13.onnx"
YOLO = "exported/yolo_like_legacy_op12.onnx"
GPT2 = "exported/gpt2_depth12_kvcache_legacy_op17.onnx"
SQUEEZENET = "real/onnx__light_squeezenet.onnx"
UNETS = ["exported/unet_legacy_op11_dynamic_hw.onnx", "exported/unet_uint8_qoperator.onnx"]


class Opens:
    """Opens a model of the collection as a file of the test's own."""

    def __init__(self, editor: Editor, server: RunningServer, folder: Path) -> None:
        self.editor, self.server, self.folder = editor, server, folder

    def __call__(self, model: str | ModelProto) -> Editor:
        own = self.folder / f"{len(list(self.folder.iterdir()))}.onnx"
        if isinstance(model, str):
            shutil.copyfile(shared_model(model), own)
        else:
            onnx.save(model, own)
        self.editor.open_from_start_page(self.server.url, own)
        return self.editor


@pytest.fixture
def opens(editor: Editor, server: RunningServer, folder: Path) -> Opens:
    return Opens(editor, server, folder)


def downloaded(editor: Editor, folder: Path) -> ModelProto:
    """The file that the browser got; it must pass the checker."""
    path = editor.download(folder)
    onnx.checker.check_model(str(path))
    return onnx.load(path)


def original(name: str) -> ModelProto:
    return onnx.load(shared_model(name))


def dims(info: onnx.ValueInfoProto) -> list[int | str | None]:
    return [d.dim_value if d.HasField("dim_value") else d.dim_param or None for d in info.type.tensor_type.shape.dim]


def with_outputs(model: ModelProto, names: list[str]) -> ModelProto:
    """The model as it stands, with more wires handed out."""
    found = ModelProto()
    found.CopyFrom(model)
    found.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
    return found


def assert_outputs_equal(got: ModelProto, wanted: ModelProto, inputs: dict[str, np.ndarray], rtol: float = 0) -> None:
    found, truth = outputs(got, inputs), outputs(wanted, inputs)
    assert list(found) == list(truth)
    for name, expected in truth.items():
        np.testing.assert_allclose(found[name], expected, rtol=rtol, atol=rtol, err_msg=name)


def stacked_singles(model: ModelProto, name: str, batch: np.ndarray) -> dict[str, np.ndarray]:
    """What the model gives for each sample alone, stacked."""
    singles = [outputs(model, {name: batch[at : at + 1]}) for at in range(len(batch))]
    return {output: np.concatenate([single[output] for single in singles]) for output in singles[0]}


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(11).standard_normal(shape).astype(np.float32)


# (a) the batch of a classifier ---------------------------------------------------------------------------------------------


def assert_batch(model: ModelProto, batch: int) -> None:
    """The model takes this many images and gives what the original gives for each alone."""
    images = random(batch, 3, 224, 224)
    truth = stacked_singles(original(RESNET), "input", images)
    for name, got in outputs(model, {"input": images}).items():
        np.testing.assert_allclose(got, truth[name], rtol=1e-4, atol=1e-4, err_msg=name)


def test_the_batch_goes_from_one_to_any_to_eight(opens: Opens, tmp_path: Path) -> None:
    editor = opens(RESNET)
    page = editor.page
    form = page.get_by_role("dialog", name="Resize this input")
    editor.find("input")
    editor.properties.get_by_role("button", name="Resize this input…").click()
    form.get_by_role("textbox", name="input").fill("1, 3, 224, 224")
    assert "Same outputs" in editor.accept_preview()
    single = downloaded(editor, tmp_path)
    assert dims(single.graph.input[0]) == [1, 3, 224, 224] and dims(single.graph.output[0]) == [1, 1000]
    assert_batch(single, 1)

    form = page.get_by_role("dialog", name="Resize inputs")
    editor.model_menu("Resize inputs…")
    form.get_by_role("button", name="N, any size").click()
    assert "Same outputs" in editor.accept_preview()
    free = downloaded(editor, tmp_path)
    assert dims(free.graph.input[0]) == ["N", 3, 224, 224] and dims(free.graph.output[0]) == ["N", 1000]
    assert_batch(free, 3)

    editor.model_menu("Resize inputs…")
    form.get_by_role("button", name="8", exact=True).click()
    form.get_by_role("button", name="Apply").click()
    editor.wait_for_revision(3)
    eight = downloaded(editor, tmp_path)
    assert dims(eight.graph.input[0]) == [8, 3, 224, 224] and dims(eight.graph.output[0]) == [8, 1000]
    assert_batch(eight, 8)


# (b) the heads of a detector ------------------------------------------------------------------------------------------------

HEADS = [
    "/detect/Concat_output_0",
    "/detect/Concat_2_output_0",
    "/detect/Concat_4_output_0",
]  # boxes and classes by scale


def needed_for(model: ModelProto, names: list[str]) -> tuple[list[str], set[str]]:
    """The first outputs of the nodes that these values need, in order, and the initializers among what they read."""
    wanted, kept, read = set(names), [], set()
    for node in reversed(model.graph.node):
        if wanted & set(node.output):
            wanted.update(node.input)
            read.update(node.input)
            kept.append(node.output[0])
    return kept[::-1], {tensor.name for tensor in model.graph.initializer} & read


def test_a_detector_is_cut_behind_its_three_heads(opens: Opens, tmp_path: Path) -> None:
    editor = opens(YOLO)
    editor.select_hits("/detect/Concat", HEADS)
    editor.properties.get_by_role("button", name="Make 3 outputs").click()
    editor.wait_for_revision(1)
    editor.find("output0")
    editor.properties.get_by_role("button", name="Remove from the outputs").click()
    editor.wait_for_revision(2)
    editor.model_menu("Remove unused")
    editor.wait_for_revision(3)
    expect(editor.page.locator('[role="treeitem"][data-kind]').first).to_be_attached(
        timeout=LONG
    )  # something is in sight

    cut, whole = downloaded(editor, tmp_path), original(YOLO)
    assert [output.name for output in cut.graph.output] == HEADS
    nodes, tensors = needed_for(whole, HEADS)
    assert [node.output[0] for node in cut.graph.node] == nodes
    assert {tensor.name for tensor in cut.graph.initializer} == tensors
    exposed = with_outputs(whole, HEADS)
    del exposed.graph.output[0]
    assert_outputs_equal(cut, exposed, feeds(whole, {}))


# (c) the cache of a language model --------------------------------------------------------------------------------------------


def past_dims_called(model: ModelProto, name_of: dict[str, str]) -> ModelProto:
    """The model with the third dim of its past inputs called so."""
    for info in model.graph.input:
        if info.name in name_of:
            info.type.tensor_type.shape.dim[2].dim_param = name_of[info.name]
    return model


def assert_cache_is_called(got: ModelProto, name: str) -> None:
    truth = original(GPT2)
    past = [info.name for info in truth.graph.input if info.name.startswith("past")]
    assert len(past) == 24
    inputs = feeds(truth, {"batch": 2, "seq": 3, "past_seq": 4})
    past_dims_called(truth, dict.fromkeys(past, name))
    assert list(got.graph.input) == list(truth.graph.input)
    assert list(got.graph.output) == list(truth.graph.output)
    assert list(got.graph.node) == list(truth.graph.node)
    assert_outputs_equal(got, truth, inputs)


def test_all_past_inputs_of_a_language_model_get_another_name_for_their_length(opens: Opens, tmp_path: Path) -> None:
    editor = opens(GPT2)
    editor.select_all_hits("past_key_values", 24)
    field = editor.properties.get_by_role("textbox", name="past_seq", exact=True)
    field.fill("cached")
    field.press("Enter")
    editor.wait_for_revision(1)
    assert_cache_is_called(downloaded(editor, tmp_path), "cached")


def test_past_inputs_whose_lengths_have_many_names_get_one(opens: Opens, tmp_path: Path) -> None:
    model = original(GPT2)
    past = [info.name for info in model.graph.input if info.name.startswith("past")]
    editor = opens(past_dims_called(model, {name: f"past_{at}" for at, name in enumerate(past)}))
    editor.select_all_hits("past_key_values", 24)
    field = editor.properties.get_by_role("textbox", name="dim 2", exact=True)
    field.fill("cached")
    field.press("Enter")
    editor.wait_for_revision(1)
    expect(editor.history).to_contain_text("Renamed 24 dims to cached")
    assert_cache_is_called(downloaded(editor, tmp_path), "cached")


# (d) the size of a picture --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", UNETS, ids=lambda name: Path(name).stem)
def test_a_picture_of_fixed_size_becomes_one_of_any_size(name: str, opens: Opens, tmp_path: Path) -> None:
    editor, truth = opens(name), original(name)
    editor.model_menu("Resize inputs…")
    editor.page.get_by_role("textbox", name="image").fill("1, 3, 64, 64")
    assert "Same outputs" in editor.accept_preview()
    fixed = downloaded(editor, tmp_path)
    assert dims(fixed.graph.input[0]) == [1, 3, 64, 64] and dims(fixed.graph.output[0]) == [1, 2, 64, 64]

    editor.find("image")
    shape = editor.properties.get_by_role("textbox", name="shape", exact=True)
    expect(shape).to_have_value("1×3×64×64")
    shape.fill("1×3×H×W")
    shape.press("Enter")
    editor.properties.get_by_role("button", name="Resize: ").click()
    assert "Same outputs" in editor.accept_preview()
    free = downloaded(editor, tmp_path)
    assert dims(free.graph.input[0]) == [1, 3, "H", "W"]
    assert dims(free.graph.output[0])[:2] == [1, 2] and not any(type(d) is int for d in dims(free.graph.output[0])[2:])
    for height, width in ((96, 64), (128, 208)):
        assert_outputs_equal(free, truth, {"image": random(1, 3, height, width)})


# (e) the activations of a classifier ----------------------------------------------------------------------------------------


def test_every_relu_is_swapped_for_a_leaky_one_in_one_edit(opens: Opens, tmp_path: Path) -> None:
    editor = opens(SQUEEZENET)
    panel = editor.properties
    panel.get_by_role("button", name="Relu: 26 nodes").click()
    panel.get_by_role("button", name="Replace their operator").click()
    panel.get_by_role("combobox").fill("LeakyRelu")
    editor.page.keyboard.press("Enter")
    panel.get_by_role("button", name="+ alpha").click()
    panel.get_by_role("textbox", name="alpha").fill("0.2")
    panel.get_by_role("button", name="Replace 26 operators").click()
    editor.wait_for_revision(1)
    expect(editor.history.get_by_role("button")).to_have_count(2)
    expect(editor.history).to_contain_text("Replaced 26 Relu by LeakyRelu")

    got, wanted = downloaded(editor, tmp_path), original(SQUEEZENET)
    swapped = [node for node in wanted.graph.node if node.op_type == "Relu"]
    for node in swapped:
        node.op_type = "LeakyRelu"
        node.attribute.append(helper.make_attribute("alpha", 0.2))
    assert list(got.graph.node) == list(wanted.graph.node)
    # the weights of one layer are all alike, and so are the classes: what is told apart is inside
    wires = [node.output[0] for node in swapped]
    pictures = {"data_0": -100 * np.abs(random(1, 3, 224, 224))}
    seen, truth = with_outputs(got, wires), with_outputs(wanted, wires)
    assert_outputs_equal(seen, truth, pictures)
    relu = outputs(with_outputs(original(SQUEEZENET), wires), pictures)
    assert all(
        not np.array_equal(value, relu[name]) for name, value in outputs(truth, pictures).items() if name in wires
    )
