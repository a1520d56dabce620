"""The change that the browser test makes by hand, made with onnx.helper instead: what the downloaded file is held against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper


@dataclass(frozen=True)
class Change:
    """One thin line: rename an input and an output, put a Relu on a wire, delete a node with one data input."""

    model: str
    input: str
    new_input: str
    output: str
    new_output: str
    wire: str
    delete: str
    dims: dict[str, int]


def _rename(model: onnx.ModelProto, old: str, new: str) -> None:
    graphs = [model.graph]
    while graphs:
        graph = graphs.pop()
        for node in graph.node:
            node.input[:] = [new if name == old else name for name in node.input]
            node.output[:] = [new if name == old else name for name in node.output]
            for attribute in node.attribute:
                graphs += [attribute.g] if attribute.type == onnx.AttributeProto.GRAPH else list(attribute.graphs)
        for value in [*graph.input, *graph.output, *graph.value_info]:
            if value.name == old:
                value.name = new


def _redirect(model: onnx.ModelProto, old: str, new: str, but: str) -> None:
    for node in model.graph.node:
        if node.name != but:
            node.input[:] = [new if name == old else name for name in node.input]


def changed_model(source: Path, change: Change) -> onnx.ModelProto:
    """The same change as the browser makes, on a fresh copy of the model."""
    model = onnx.load(source)
    _rename(model, change.input, change.new_input)
    _rename(model, change.output, change.new_output)

    inserted = f"{change.wire}_relu_of_the_test"
    _redirect(model, change.wire, inserted, but="")
    producer = next(i for i, node in enumerate(model.graph.node) if change.wire in node.output)
    model.graph.node.insert(producer + 1, helper.make_node("Relu", [change.wire], [inserted], "relu_of_the_test"))

    removed = next(node for node in model.graph.node if node.name == change.delete)
    through, gone = removed.input[0], removed.output[0]
    model.graph.node.remove(removed)
    _redirect(model, gone, through, but="")
    return model


def feeds(model: onnx.ModelProto, dims: dict[str, int], seed: int = 7) -> dict[str, np.ndarray]:
    """Seeded inputs: small ids for integers, normal numbers for floats; unknown dims take `dims` by name, else 1."""
    random = np.random.default_rng(seed)
    initialized = {tensor.name for tensor in model.graph.initializer}
    made: dict[str, np.ndarray] = {}
    for value in model.graph.input:
        if value.name in initialized:
            continue
        tensor = value.type.tensor_type
        shape = [
            d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else dims.get(d.dim_param, 1)
            for d in tensor.shape.dim
        ]
        dtype = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        if dtype.kind == "f":
            made[value.name] = random.standard_normal(shape).astype(dtype)
        elif not shape and dtype == np.int64:
            made[value.name] = np.array(dims.get(value.name, 1), np.int64)
        else:
            made[value.name] = random.integers(0, 2, shape).astype(dtype)
    return made


def outputs(model: onnx.ModelProto, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What ONNX Runtime computes, optimisations off."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    options.enable_mem_reuse = False  # planning it is quadratic: half a minute at 10k nodes
    runtime = onnxruntime.InferenceSession(model.SerializeToString(), options)
    names = [output.name for output in runtime.get_outputs()]
    return dict(zip(names, runtime.run(names, inputs), strict=True))
