"""resize-inputs on real and exported models: another batch, a named one, other lengths; and who stands in the way where it cannot be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.shared_models import model_paths, shared_model, shared_models
from tests.transforms.resize_cases import BATCH, LENGTHS, NAMED, OPEN, RUNS, sweep_in_child, sweep_model

QUICK = (
    "real/qonnx__residual_block_clean.onnx",
    "real/connxr__model_quantized.onnx",
    "real/dtln__model_1.onnx",
    "real/qonnx__sdp.onnx",
    "real/vnncomp2021__Convnet_avgpool.onnx",
    "real/windows-machine-learni__mnist.onnx",
    "real/tribuo__cnn_mnist.onnx",
    "exported/scripted_loop_if_gru_op13.onnx",
    "exported/tf2onnx_like_nhwc_a.onnx",
    "exported/unoptimized_dynamo_functions.onnx",
)
SHARE = 0.9  # of what is asked of models that run has to be done
SKIPPED = ("run_bomb",)  # endless on purpose


@pytest.mark.parametrize("name", QUICK)
def test_a_real_model_is_resized_or_names_the_weight_that_fixes_its_size(name: str) -> None:
    lines = list(sweep_model(shared_model(name)))
    assert [line["kind"] for line in lines][:3] == [RUNS, BATCH, NAMED]
    wrong = [
        told("", line) for line in lines if not (line["ok"] or (line["kind"] in (LENGTHS, OPEN) and stopped(line)))
    ]
    assert wrong == []


def stopped(line: dict[str, Any]) -> bool:
    """Whether the refusal is right: a weight at the node that it names has a size of its own, or a dim of 1 is squeezed away."""
    return bool(line.get("weight")) or line.get("operators") == ["Squeeze"]


def told(name: str, line: dict[str, Any]) -> str:
    return f"{name} | {line['kind']} | {line['message']}"


@pytest.mark.long
def test_nine_of_ten_models_that_run_are_resized() -> None:
    base = shared_models()
    done: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for path in model_paths("real", "exported", "odd"):
        if any(word in path.name for word in SKIPPED):
            continue
        for line in sweep_in_child(path):
            if line["kind"] != RUNS:
                kind = line["kind"]
                asked[kind] += 1
                done[kind] += line["ok"]
                if not line["ok"]:
                    right = kind in (LENGTHS, OPEN) and stopped(line)
                    done[kind] += right
                    print("(a weight) " if right else "", told(relative(path, base), line), sep="", flush=True)
    print({kind: f"{done[kind]} of {asked[kind]}" for kind in asked})
    assert {kind for kind in asked if done[kind] < SHARE * asked[kind]} == set()


def relative(path: Path, base: Path) -> str:
    return str(path.relative_to(base))
