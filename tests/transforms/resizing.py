"""What the tests of resize-inputs are made of: models with weights, the edit, and what it did."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from tests.laws import HEADER, Checked

WEIGHTS = np.random.default_rng(7)


def model(text: str, **tensors: np.ndarray[Any, Any] | tuple[int, ...]) -> onnx.ModelProto:
    """A model from ONNX text; tensors by name, a shape stands for random floats of it."""
    proto = onnx.parser.parse_model(HEADER + text)
    for name, tensor in tensors.items():
        data = WEIGHTS.standard_normal(tensor).astype("f4") if isinstance(tensor, tuple) else tensor
        proto.graph.initializer.append(onnx.numpy_helper.from_array(data, name))
    return proto


def resize(**shapes: list[int | str | None]) -> dict[str, Any]:
    return {"kind": "resize-inputs", "shapes": shapes}


def dims(info: onnx.ValueInfoProto) -> list[int | str]:
    return [d.dim_param or d.dim_value for d in info.type.tensor_type.shape.dim]


def constant(checked: Checked, name: str) -> Any:
    return onnx.numpy_helper.to_array(next(t for t in checked.proto.graph.initializer if t.name == name)).tolist()


def mended(checked: Checked) -> list[tuple[str, str, str]]:
    return [(m["what"], m["before"], m["after"]) for m in checked.applied.report["mended"]]
