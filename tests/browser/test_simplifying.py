"""Simplifying MobileNets by pointer and keys, judged in the downloaded file."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, helper, numpy_helper
from playwright.sync_api import Route, expect

from tests.browser.editor import LONG, Editor
from tests.browser.reference import feeds, outputs
from tests.real_server import RunningServer
from tests.shared_models import shared_model

MOBILENET = "exported/mobilenetv3_dynamo_op18.onnx"
MOBILENET_INT8 = "real/onnxgraphqt__mobilenetv2-12-int8.onnx"


def operators(model: ModelProto) -> Counter[str]:
    return Counter(node.op_type for node in model.graph.node)


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
    own = editor.open_copy(server.url, folder, shared_model(MOBILENET_INT8))
    editor.model_menu("Simplify…")
    assert "Same outputs" in editor.accept_preview()
    original, simplified = onnx.load(own), onnx.load(editor.download(tmp_path))
    assert len(simplified.graph.initializer) < len(original.graph.initializer)
    given = feeds(original, {})
    for name, expected in outputs(original, given).items():
        np.testing.assert_array_equal(outputs(simplified, given)[name], expected)
    editor.undo()
    assert editor.download(tmp_path).read_bytes() == own.read_bytes()


def test_a_menu_that_was_opened_too_early_fills_once_it_is_known_what_can_be_done(
    editor: Editor, server: RunningServer, folder: Path
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    editor.page.route(re.compile("/api/edits$"), hold)
    editor.open_copy(server.url, folder, shared_model(MOBILENET))
    editor.page.get_by_role("button", name="Model", exact=True).click()
    expect(editor.page.get_by_role("menuitem")).to_have_count(1)
    held[0].continue_()
    expect(editor.page.get_by_role("menuitem", name="Simplify…")).to_be_visible()


def test_a_model_with_nothing_to_simplify_says_so(editor: Editor, server: RunningServer, folder: Path) -> None:
    editor.open_copy(server.url, folder, shared_model(MOBILENET))
    editor.model_menu("Simplify…")
    form = editor.page.get_by_role("dialog")
    form.get_by_role("button", name="Preview").click()
    expect(form.get_by_role("alert")).to_contain_text("onnxsim finds nothing to simplify", timeout=3 * LONG)
    editor.page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    assert editor.revision() == 0
