"""One node at one probe: the types it makes, and what it makes of small tensors."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnx.checker
import onnx.defs
import onnx.helper
import onnx.numpy_helper
import onnx.shape_inference
from onnx import NodeProto, TypeProto

from onnx_scalpel.document.ort import onnxruntime
from onnx_scalpel.transforms.resizing.facts import SMALL, Array

_IR = 10
_RANDOM_NAMES = "RandomNormal RandomNormalLike RandomUniform RandomUniformLike Multinomial Bernoulli"
_RANDOM = frozenset(_RANDOM_NAMES.split())
# what these make depends on more than types and small integers, or is not worth computing
_NOT_COMPUTED_NAMES = "Dropout If Loop Scan SequenceMap StringNormalizer TfIdfVectorizer"
_NOT_COMPUTED = _RANDOM | frozenset(_NOT_COMPUTED_NAMES.split())
_LARGEST_TRY = 1 << 24  # elements of an input that an operator outside the standard is tried with


class NodeFailedError(Exception):
    """The inputs do not fit the node; the text is the library's."""


def is_random(op_type: str) -> bool:
    return op_type in _RANDOM


@functools.lru_cache(maxsize=1024)
def schema_of(domain: str, op_type: str, version: int) -> onnx.defs.OpSchema | None:
    try:
        return onnx.defs.get_schema(op_type, version, domain)
    except onnx.defs.SchemaError:
        return None


def infer_outputs(
    node: NodeProto, version: int, types: Mapping[str, TypeProto], data: Mapping[str, Array]
) -> list[TypeProto | None]:
    """The types of the node's outputs, None where they cannot be told. Raises NodeFailedError where the inputs do not fit."""
    if any(name and name not in types for name in node.input):
        return [None] * len(node.output)
    schema = schema_of(node.domain, node.op_type, version)
    if schema is None:
        return _tried(node, version, types, data)
    constants = {
        name: onnx.numpy_helper.from_array(array) for name, array in data.items() if array.dtype.kind in "iufb"
    }
    imports = [onnx.helper.make_opsetid(node.domain, version)]
    try:
        found = onnx.shape_inference.infer_node_outputs(schema, node, dict(types), constants, opset_imports=imports)
    except onnx.shape_inference.InferenceError as error:
        raise NodeFailedError(str(error)) from error
    except (
        onnx.checker.ValidationError,
        ValueError,
        RuntimeError,
        KeyError,
    ):  # an operator that inference knows nothing about, or a faulty node
        return [None] * len(node.output)
    return [found.get(name) if name else None for name in node.output]


def compute_outputs(node: NodeProto, version: int, feeds: Sequence[Array | None]) -> list[Array] | None:
    """What the node makes of these small inputs; None where that is not known."""
    if node.op_type in _NOT_COMPUTED or node.domain:
        return None
    from onnx.reference import ReferenceEvaluator  # late: most models never need it

    named = {name: array for name, array in zip(node.input, feeds, strict=True) if name and array is not None}
    if len(named) < len({name for name in node.input if name}):
        return None
    try:
        with np.errstate(all="ignore"):
            results = ReferenceEvaluator(node, opsets={"": version}).run(None, named)
    except Exception:  # noqa: BLE001 - the reference runs any operator and raises anything; then the content is unknown
        return None
    if any(not isinstance(r, np.ndarray | np.generic) or np.size(r) > SMALL for r in results):
        return None
    return [np.asarray(r) for r in results]


def _tried(
    node: NodeProto, version: int, types: Mapping[str, TypeProto], data: Mapping[str, Array]
) -> list[TypeProto | None]:
    """The outputs' types of an operator outside the standard, by running it alone on zeros; None where it does not run."""
    key = NodeProto()
    key.CopyFrom(node)
    key.name = ""
    names = {name: f"i{at}" for at, name in enumerate(dict.fromkeys(n for n in node.input if n))}
    del key.input[:], key.output[:]
    key.input.extend(names.get(name, "") for name in node.input)
    key.output.extend(f"o{at}" if name else "" for at, name in enumerate(node.output))
    described = tuple((names[n], types[n].SerializeToString()) for n in names)
    contents = tuple((names[n], onnx.numpy_helper.from_array(data[n]).SerializeToString()) for n in names if n in data)
    found = _try(key.SerializeToString(), version, described, contents)
    return [TypeProto.FromString(proto) if proto else None for proto in found]


@functools.lru_cache(maxsize=512)
def _try(
    node_bytes: bytes, version: int, described: tuple[tuple[str, bytes], ...], contents: tuple[tuple[str, bytes], ...]
) -> list[bytes]:
    node = NodeProto.FromString(node_bytes)
    nothing = [b""] * len(node.output)
    known = dict(contents)
    inputs, feeds = [], {}
    for name, raw in described:
        proto = TypeProto.FromString(raw)
        tensor = proto.tensor_type
        sizes = [d.dim_value for d in tensor.shape.dim]
        if proto.WhichOneof("value") != "tensor_type" or not tensor.HasField("shape"):
            return nothing
        if any(not d.HasField("dim_value") for d in tensor.shape.dim) or np.prod(sizes or [1]) > _LARGEST_TRY:
            return nothing
        inputs.append(onnx.helper.make_value_info(name, proto))
        content = onnx.TensorProto.FromString(known[name]) if name in known else None
        numpy_type = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        feeds[name] = np.zeros(sizes, numpy_type) if content is None else onnx.numpy_helper.to_array(content)
    outputs = [onnx.ValueInfoProto(name=name) for name in node.output if name]
    imports = {node.domain: version, "": 17} if node.domain else {"": version}
    model = onnx.helper.make_model(
        onnx.helper.make_graph([node], "one", inputs, outputs),
        opset_imports=[onnx.helper.make_opsetid(d, v) for d, v in imports.items()],
        ir_version=_IR,
    )
    ran = _run(model, feeds)
    if ran is None:
        return nothing
    made = dict(zip([o.name for o in outputs], ran, strict=True))
    return [_type_of(made[name]) if name else b"" for name in node.output]


def _run(model: onnx.ModelProto, feeds: Mapping[str, Array]) -> list[Any] | None:
    ort = onnxruntime()
    options = ort.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        results: list[Any] = session.run(None, dict(feeds))
    except Exception:  # noqa: BLE001 - it raises its own kinds for everything; then the types stay unknown
        return None
    return results


def _type_of(made: Any) -> bytes:
    if not isinstance(made, np.ndarray) or made.dtype.kind not in "fiub":
        return b""
    number = onnx.helper.np_dtype_to_tensor_dtype(made.dtype)
    proto: bytes = onnx.helper.make_tensor_type_proto(number, made.shape).SerializeToString()
    return proto


def run_constant(model: onnx.ModelProto) -> Array | None:
    """What a model without inputs makes; None where it does not run."""
    ran = _run(model, {})
    return ran[0] if ran and isinstance(ran[0], np.ndarray) else None
