"""What models compute in ONNX Runtime, and made-up inputs for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

_NUMPY = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
_NUMPY |= {f"tensor({name})": getattr(np, name) for name in ("int64", "int32", "int16", "int8", "uint8")}
_NUMPY |= {"tensor(bool)": np.bool_, "tensor(string)": np.str_}


def session_of(model: onnx.ModelProto | bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL  # fusions round otherwise
    options.intra_op_num_threads = 1
    data = model if isinstance(model, bytes) else model.SerializeToString()
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def some_inputs(session: ort.InferenceSession, seed: int = 0) -> dict[str, Any]:
    """Small numbers for every input; an open dim is 2."""
    random = np.random.default_rng(seed)
    made: dict[str, Any] = {}
    for one in session.get_inputs():
        shape = [dim if isinstance(dim, int) else 2 for dim in one.shape]
        made[one.name] = random.integers(0, 2, shape).astype(_NUMPY[one.type])
        if "float" in one.type or "double" in one.type:
            made[one.name] = random.standard_normal(shape).astype(_NUMPY[one.type])
    return made


def outputs_of(model: onnx.ModelProto | bytes, feed: Mapping[str, Any] | None = None, seed: int = 0) -> list[Any]:
    """The outputs for these inputs (numbers and lists will do), or for made-up ones."""
    session = session_of(model)
    given = some_inputs(session, seed)
    if feed is not None:
        given = {one.name: np.asarray(feed[one.name], dtype=_NUMPY[one.type]) for one in session.get_inputs()}
    found: list[Any] = session.run(None, given)
    return found


def assert_computes_the_same(one: onnx.ModelProto | bytes, other: onnx.ModelProto | bytes, *, runs: int = 3) -> None:
    """Both give the same outputs for the same made-up inputs."""
    first, second = session_of(one), session_of(other)
    assert [i.name for i in first.get_inputs()] == [i.name for i in second.get_inputs()]
    for seed in range(runs):
        feed = some_inputs(first, seed)
        for a, b in zip(first.run(None, feed), second.run(None, feed), strict=True):
            np.testing.assert_array_equal(a, b)
