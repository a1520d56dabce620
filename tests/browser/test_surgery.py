"""Finer jobs on whole models, by pointer and keys: simplify, edit in a body, wire a custom operator, mend, data files beside the model."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, helper, numpy_helper
from playwright.sync_api import expect

from tests.browser.editor import LONG, Editor
from tests.browser.reference import feeds, outputs
from tests.real_server import RunningServer, running_server
from tests.shared_models import REPOSITORY, shared_model

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SAMPLES = REPOSITORY / "sample_models"
MOBILENET = "exported/mobilenetv3_dynamo_op18.onnx"
MOBILENET_INT8 = "real/onnxgraphqt__mobilenetv2-12-int8.onnx"
SILERO = "real/silero-vad__silero_vad_16k_op15.onnx"
EXTERNAL = "exported/extdata_mlp/model.onnx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "models"
    path.mkdir()
    return path


@pytest.fixture
def server(folder: Path) -> Iterator[RunningServer]:
    with running_server([folder]) as running:
        yield running


def opened_copy(editor: Editor, server: RunningServer, folder: Path, model: Path) -> Path:
    """Opens a copy of the model, which is the test's own."""
    own = folder / model.name
    shutil.copyfile(model, own)
    editor.open_from_start_page(server.url, own)
    return own


def operators(model: ModelProto) -> Counter[str]:
    return Counter(node.op_type for node in model.graph.node)


def node_named(graph: GraphProto, name: str) -> NodeProto:
    return next(node for node in graph.node if node.name == name)


def body(node: NodeProto, attribute: str) -> GraphProto:
    return next(found.g for found in node.attribute if found.name == attribute)


def same_model(found: ModelProto, expected: ModelProto) -> bool:
    return found.SerializeToString(deterministic=True) == expected.SerializeToString(deterministic=True)


# simplify ----------------------------------------------------------------------------------------------------------------


def as_trained(model: ModelProto) -> ModelProto:
    """With a BatchNormalization behind each convolution that has no bias, and an Identity where a Dropout was."""
    random = np.random.default_rng(11)
    graph, changed = model.graph, []
    for node in graph.node:
        changed.append(node)
        if node.op_type != "Conv" or len(node.input) > 2:
            continue
        made = node.output[0]
        weights = next(tensor for tensor in graph.initializer if tensor.name == node.input[1])
        names = [f"{made}.{part}" for part in ("scale", "shift", "mean", "var")]
        parts = [random.random(weights.dims[0]) * 0.2 + low for low in (0.9, -0.1, -0.1, 0.9)]
        graph.initializer.extend(
            numpy_helper.from_array(part.astype(np.float32), name) for part, name in zip(parts, names, strict=True)
        )
        node.output[0] = f"{made}_raw"
        changed.append(
            helper.make_node("BatchNormalization", [node.output[0], *names], [made], f"{node.name}_bn", epsilon=1e-5)
        )
    last = changed[-1]
    changed.insert(-1, helper.make_node("Identity", [last.input[0]], ["kept"], "dropout"))
    last.input[0] = "kept"
    del graph.node[:]
    graph.node.extend(changed)
    return model


def test_a_mobilenet_is_simplified_after_its_preview_was_seen(
    editor: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    exported = onnx.load(shared_model(MOBILENET))
    original = as_trained(onnx.load(shared_model(MOBILENET)))
    own = folder / "mobilenet.onnx"
    onnx.save(original, own)
    editor.open_from_start_page(server.url, own)
    editor.model_menu("Simplify…")
    said = editor.accept_preview()
    assert "Same outputs" in said
    assert re.search(r"BatchNormalization\s+46\s+→\s+0", said), said
    assert re.search(r"Identity\s+1\s+→\s+0", said), said
    expect(editor.history).to_contain_text("Simplified the model with onnxsim")

    simplified = onnx.load(editor.download(tmp_path))
    assert operators(simplified) == operators(exported)
    given = feeds(original, {})
    before, after = outputs(original, given), outputs(simplified, given)
    assert before.keys() == after.keys()
    np.testing.assert_allclose(after["logits"], before["logits"], rtol=1e-3, atol=1e-4)
    editor.undo()
    assert editor.download(tmp_path).read_bytes() == own.read_bytes()


def test_a_quantised_mobilenet_computes_the_very_same_after_simplifying(
    editor: Editor, server: RunningServer, folder: Path, tmp_path: Path
) -> None:
    own = opened_copy(editor, server, folder, shared_model(MOBILENET_INT8))
    editor.model_menu("Simplify…")
    assert "Same outputs" in editor.accept_preview()
    original, simplified = onnx.load(own), onnx.load(editor.download(tmp_path))
    assert len(simplified.graph.initializer) < len(original.graph.initializer)
    given = feeds(original, {})
    for name, expected in outputs(original, given).items():
        np.testing.assert_array_equal(outputs(simplified, given)[name], expected)
    editor.undo()
    assert editor.download(tmp_path).read_bytes() == own.read_bytes()


def test_a_model_with_nothing_to_simplify_says_so(editor: Editor, server: RunningServer, folder: Path) -> None:
    opened_copy(editor, server, folder, shared_model(MOBILENET))
    editor.model_menu("Simplify…")
    form = editor.page.get_by_role("dialog")
    form.get_by_role("button", name="Preview").click()
    expect(form.get_by_role("alert")).to_contain_text("onnxsim finds nothing to simplify", timeout=3 * LONG)
    editor.page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    assert editor.revision() == 0
