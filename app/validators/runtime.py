"""Runs the model in ONNX Runtime on made-up inputs and says how its outputs differ from those of the model that was opened."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx.helper

from onnx_scalpel.document.data_files import require_data, where_most_is
from onnx_scalpel.document.ort import onnxruntime
from onnx_scalpel.document.protos import dtype_name, text
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.store import STORED_FROM
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import AppError
from onnx_scalpel.validators.compare import describe, difference
from onnx_scalpel.validators.dims import dims_like, dims_of_data, open_dims
from onnx_scalpel.validators.inputs import Generated, generate
from onnx_scalpel.validators.runtime_errors import refusal

__all__ = ["LoadedModel", "RunRequest", "dims_like", "open_dims", "run"]

_THREADS = 2
_PLAIN = {f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)} | {
    "float16",
    "float32",
    "float64",
    "bool",
}
_BITS = {
    "bfloat16": np.uint16,
    **dict.fromkeys(("float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz"), np.uint8),
}
_MANY_NODES = 1000


@dataclass(frozen=True)
class RunRequest:
    """What a run needs: a seed for the inputs, a size for every dim that they leave open, and what to call the other model."""

    seed: int = 0
    dims: Mapping[str, int] = field(default_factory=dict)
    other: str = "the opened model"


@dataclass(frozen=True)
class _Ran:
    """Outputs by name, in order, and how long loading and running took, in milliseconds."""

    outputs: dict[str, Any]
    load: float
    run: float


def run(model: WeightlessModel, original: WeightlessModel | None, request: RunRequest) -> dict[str, Any]:
    """The run's result as JSON (RunResult). AppError: why it could not be run. May crash or hang: call it in a job.

    `original` gets the same inputs, matched by value id, so that renamed ones are compared too.
    """
    require_data(model)
    missing = {name: size for name, size in open_dims(model).items() if name not in request.dims}
    if missing:
        raise _choice(missing)
    inputs = generate(model, request.dims, request.seed)
    ran = _run(model, inputs)
    before, note = (None, "") if original is None else _run_original(original, inputs, request)
    matches = {} if original is None or before is None else _match(model, ran, original, before)
    outputs = []
    for name, data in ran.outputs.items():
        told = {"value": model.value_id(MAIN_GRAPH, name) or "", "name": name, **describe(data)}
        if name in matches:
            told |= difference(data, matches[name], request.other)
        else:
            why = note or ("" if original is None else f"{request.other} has no such output")
            told |= {"difference": None, "equal": None, "note": why}
        if note and not told["equal"]:  # other inputs: that the outputs differ says nothing
            told |= {"difference": None, "equal": None}
        told["note"] = note or told["note"]
        outputs.append(told)
    return {
        "outputs": outputs,
        "milliseconds": round(ran.run, 3),
        "load_milliseconds": round(ran.load, 3),
        "original_milliseconds": None if before is None else round(before.run, 3),
        "seed": request.seed,
        "dims": dict(request.dims),
        "inputs": [i.to_json() for i in inputs],
    }


def _choice(missing: Mapping[str, int]) -> AppError:
    names = ", ".join(missing)
    return AppError(
        "choice-needed",
        f"The inputs leave sizes open: give a size for {names}",
        hint="the sizes offered are guesses that usually work",
        status=409,
        fields={name: str(size) for name, size in missing.items()},
        choices=[{"label": "Use " + ", ".join(f"{n} = {s}" for n, s in missing.items()), "dims": dict(missing)}],
    )


class LoadedModel:
    """A model that the runtime has taken, to be run as often as wanted. `load`: how long taking it took, in milliseconds.

    AppError when the runtime refuses the model or fails in it; MemoryError when it says that memory ran out. May crash or
    hang: use it in a job.
    """

    def __init__(self, model: WeightlessModel) -> None:
        require_data(model)
        self._model = model = where_most_is(model)
        ort = onnxruntime()
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads, options.inter_op_num_threads = _THREADS, 1
        options.log_severity_level = 4
        options.enable_cpu_mem_arena = False  # what it keeps would count against the limit
        # planning which buffers to share is quadratic: 27 CPU s at 10k nodes, against 0.3 s without
        options.enable_mem_reuse = len(model.proto.graph.node) < _MANY_NODES
        options.add_session_config_entry("session.disable_prepacking", "1")
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(model.folder))
        given = _given_weights(model)
        if given:
            options.add_external_initializers(list(given), list(given.values()))
        data = model.runnable(given).SerializeToString()
        started = time.perf_counter()
        try:
            self._session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise refusal(model, error, loading=True) from error
        self.load = (time.perf_counter() - started) * 1e3

    def run(self, inputs: list[Generated]) -> dict[str, Any]:
        """The outputs by name."""
        names = [o.name for o in self._session.get_outputs()]
        wanted = {i.name for i in self._session.get_inputs()}
        try:
            results = self._session.run(names, {i.name: i.data for i in inputs if i.name in wanted})
        except Exception as error:
            raise refusal(self._model, error, loading=False) from error
        return dict(zip(names, results, strict=True))


def _run(model: WeightlessModel, inputs: list[Generated]) -> _Ran:
    loaded = LoadedModel(model)
    started = time.perf_counter()
    outputs = loaded.run(inputs)
    return _Ran(outputs, loaded.load, (time.perf_counter() - started) * 1e3)


def _given_weights(model: WeightlessModel) -> dict[str, Any]:
    """Large initializers whose data is apart, from its files: they need no room in the proto, whose size is bounded. Small
    ones go inside, because the runtime may ask for their values before it is given any."""
    found: dict[str, Any] = {}
    for tensor in model.proto.graph.initializer:
        apart = model.apart(tensor)
        if apart is None or apart.length < STORED_FROM:
            continue
        name, values = dtype_name(tensor.data_type), onnxruntime().OrtValue
        bits = _BITS.get(name)  # of what numpy has no type for
        if bits is None and name not in _PLAIN:
            continue
        dtype = bits or onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
        data = np.memmap(apart.path, dtype=dtype, mode="r", offset=apart.offset, shape=tuple(tensor.dims))
        found[text(tensor.name)] = (
            values.ortvalue_from_numpy(data)
            if bits is None
            else values.ortvalue_from_numpy_with_onnx_type(data, tensor.data_type)
        )
    return found


def _run_original(original: WeightlessModel, inputs: list[Generated], request: RunRequest) -> tuple[_Ran | None, str]:
    """The opened model on the same data; and what keeps the comparison from being fair, if anything does."""
    by_value = {i.value: i for i in inputs}
    dims = {**open_dims(original), **request.dims, **dims_of_data(original, {i.value: i.shape for i in inputs})}
    note = ""
    fed: list[Generated] = []
    try:
        for own in generate(original, dims, request.seed):
            same = by_value.get(own.value)
            if same is not None and (same.dtype, same.shape) == (own.dtype, own.shape):
                own = Generated(own.name, own.value, own.dtype, own.shape, own.how, same.data)
            else:
                note = f"the input '{own.name}' of {request.other} got data of its own: its type or shape differs"
            fed.append(own)
        return _run(original, fed), note
    except AppError as error:
        return None, f"not compared: {request.other} does not run ({error.message})"


def _match(model: WeightlessModel, ran: _Ran, original: WeightlessModel, before: _Ran) -> dict[str, Any]:
    """The opened model's output for each output: the same value, else the same name, else the same place."""
    by_value = {original.value_id(MAIN_GRAPH, name): data for name, data in before.outputs.items()}
    by_value.pop(None, None)
    found: dict[str, Any] = {}
    for place, name in enumerate(ran.outputs):
        value = model.value_id(MAIN_GRAPH, name)
        if value in by_value:
            found[name] = by_value[value]
        elif name in before.outputs:
            found[name] = before.outputs[name]
        elif len(ran.outputs) == len(before.outputs):
            found[name] = list(before.outputs.values())[place]
    return found
