"""The type of one value as ONNX Runtime works it out: it knows operators of its own that ONNX's inference stops at."""

from __future__ import annotations

from onnx import ModelProto, helper

from onnx_scalpel.document.data_files import where_most_is
from onnx_scalpel.document.inference import own_dims
from onnx_scalpel.document.ort import onnxruntime, refusals
from onnx_scalpel.document.protos import DTYPE_NUMBERS, set_text, text
from onnx_scalpel.document.records import Shape
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import AppError

_LONG_NAMES = {"float": "float32", "double": "float64"}
_PROBE = "scalpel rank of the value"


def runtime_type(model: WeightlessModel, name: str) -> tuple[str, Shape]:
    """dtype and shape of a value of the main graph; ('', None) when it is no tensor, or the runtime cannot load the model.

    May crash on hostile models: call it in a job.
    """
    model = where_most_is(model)
    try:
        proto = ModelProto()
        proto.CopyFrom(model.runnable())
    except AppError:  # too large to be loaded from memory
        return "", None
    if all(text(output.name) != name for output in proto.graph.output):
        set_text(proto.graph.output.add(), "name", name)
    found = _outputs(proto, model).get(name)
    dtype = "" if found is None else _dtype(found[0])
    if found is None or not dtype:
        return "", None
    known = own_dims(model)
    dims = tuple(dim if isinstance(dim, int) or dim in known else None for dim in found[1])
    return dtype, dims if dims or _is_scalar(proto, model, name) else None


def _is_scalar(proto: ModelProto, model: WeightlessModel, name: str) -> bool:
    """The runtime says [] of a scalar and of an unknown rank; the shape of its Shape tells them apart."""
    proto.graph.node.append(helper.make_node("Shape", [name], [_PROBE]))
    proto.graph.output.add().name = _PROBE
    found = _outputs(proto, model).get(_PROBE)
    return found is not None and found[1] == [0]


def _outputs(proto: ModelProto, model: WeightlessModel) -> dict[str, tuple[str, list[int | str | None]]]:
    """Type and shape of each graph output; empty when the runtime refuses the model, which then says nothing about types."""
    ort = onnxruntime()
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    options.enable_mem_reuse = False  # planning it is quadratic
    options.add_session_config_entry("session.disable_prepacking", "1")
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(model.folder))
    try:
        session = ort.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except refusals():  # a model that the runtime cannot load is a finding of the checks
        return {}
    return {output.name: (output.type, list(output.shape)) for output in session.get_outputs()}


def _dtype(type_text: str) -> str:
    if not type_text.startswith("tensor("):
        return ""
    word = type_text.removeprefix("tensor(").removesuffix(")")
    word = _LONG_NAMES.get(word, word)
    return word if word in DTYPE_NUMBERS else ""
