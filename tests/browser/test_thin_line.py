"""The thin line on real models: open, rename, insert, delete, run, undo, redo and download, by pointer and keys; judged in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.browser.editor import Editor
from tests.browser.reference import Change, changed_model, feeds, outputs
from tests.real_server import RunningServer
from tests.shared_models import shared_model

CHANGES = [
    Change(
        model="exported/resnet50_legacy_op13.onnx",
        input="input", new_input="image", output="logits", new_output="scores",
        wire="/layer1/layer1.0/conv3/Conv_output_0", delete="/layer4/layer4.2/relu/Relu",
        dims={"batch": 1},
    ),
    Change(
        model="exported/gpt2_depth12_kvcache_legacy_op17.onnx",
        input="past_key_values.0.key", new_input="first_key", output="logits", new_output="scores",
        wire="/lm/transformer/h.0/attn/Add_output_0", delete="/lm/transformer/h.1/attn/Softmax",
        dims={"batch": 1, "seq": 3, "past_seq": 2, "total_seq": 5},
    ),
    Change(
        model="real/silero-vad__silero_vad_16k_op15.onnx",
        input="input", new_input="audio", output="output", new_output="speech",
        wire="/model/stft/Sqrt_output_0", delete="/model/encoder/0/activation/Relu",
        dims={"batch": 1, "sequence": 512, "sr": 16000},
    ),
    Change(
        model="exported/huge_10k_llama.onnx",
        input="input_ids", new_input="tokens", output="logits", new_output="scores",
        wire="/model/layers.0/self_attn/Mul_output_0", delete="/model/layers.1/self_attn/Softmax",
        dims={"batch": 1, "seq": 4},
    ),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: Path(change.model).stem)
def test_what_hands_do_in_the_browser_is_right_in_the_downloaded_file(
    change: Change, editor: Editor, shared_server: RunningServer, tmp_path: Path
) -> None:
    source = shared_model(change.model)
    editor.open_from_start_page(shared_server.url, source)
    editor.rename_value(change.input, change.new_input)
    editor.rename_value(change.output, change.new_output)
    editor.insert_on_wire(change.wire, "Relu")
    editor.delete_with_reconnect(change.delete)
    results = editor.run(change.dims)
    assert change.new_output in results.inner_text()

    editor.undo(4)
    assert editor.download(tmp_path).read_bytes() == source.read_bytes(), "undoing everything gives the opened file"

    editor.redo(4)
    edited = onnx.load(editor.download(tmp_path))
    onnx.checker.check_model(edited)
    expected = changed_model(source, change)
    inputs = feeds(expected, change.dims)
    wanted, got = outputs(expected, inputs), outputs(edited, inputs)
    assert list(got) == list(wanted)
    for name in wanted:
        np.testing.assert_array_equal(got[name], wanted[name], err_msg=name)
