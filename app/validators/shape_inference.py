"""Shape inference: dtype and shape of every value as far as they follow from the inputs, and where declarations contradict them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import onnx.checker
import onnx.helper
import onnx.shape_inference
from onnx import GraphProto, ModelProto, TypeProto

from onnx_scalpel.document.diagnostic import Diagnostic, Severity
from onnx_scalpel.document.protos import declared_type, text
from onnx_scalpel.document.records import Shape
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import one_line
from onnx_scalpel.validators.tensors import RANK_LIMIT
from onnx_scalpel.validators.walk import Scope, quote, scopes
from onnx_scalpel.validators.wording import clean, find_node, only_node

_ERROR = re.compile(r"\(op_type:\s*([^,)]*)(?:, node name: (.*?))?\): (?:\[\w+\] ?)?(.*)")
_FAILURES = (
    onnx.checker.ValidationError,
    onnx.shape_inference.InferenceError,
    ValueError,
    RuntimeError,
    UnicodeError,
    TypeError,
)


@dataclass(frozen=True)
class Inferred:
    """Types that follow from the inputs (value id -> dtype and shape) and what was found wrong on the way."""

    types: dict[str, tuple[str, Shape]]
    diagnostics: tuple[Diagnostic, ...] = ()


class ShapeInferenceValidator:
    """Infers types afresh, without believing what is declared for intermediate values, and compares."""

    name = "shape-inference"
    title = "Shape inference"

    def validate(self, model: WeightlessModel) -> list[Diagnostic]:
        """Nodes whose inputs do not fit together, and declarations that contradict what was inferred."""
        return list(self.infer(model).diagnostics)

    def infer(self, model: WeightlessModel) -> Inferred:
        """May run for very long on hostile models (functions that double at each level): call it in a job."""
        if not model.proto.HasField("graph"):
            return Inferred({})
        bare = ModelProto()
        bare.CopyFrom(model.proto)
        for scope in scopes(_with(model, bare)):
            if isinstance(scope.proto, GraphProto):
                _forget(scope)
        _densify(bare.graph)
        found: list[Diagnostic] = []
        fresh, problem = _attempt(bare, strict=True)
        if fresh is None:
            found.extend(_failed_nodes(model, problem))
            fresh, problem = _attempt(bare, strict=False)
        if fresh is None:
            return Inferred({}, tuple(found))
        types = _types(_with(model, fresh), _own_dims(model))
        found.extend(_contradictions(model, types))
        return Inferred(_completed(model, types), tuple(found))


def infer(model: WeightlessModel) -> Inferred:
    """Shape inference on a model."""
    return ShapeInferenceValidator().infer(model)


def _with(model: WeightlessModel, proto: ModelProto) -> WeightlessModel:
    return WeightlessModel(proto, model.folder, model.node_ids, model.graph_ids, model.value_id)


def _attempt(proto: ModelProto, *, strict: bool) -> tuple[ModelProto | None, str]:
    """The model with inferred types, or None and the error text."""
    try:
        return onnx.shape_inference.infer_shapes(proto, check_type=strict, strict_mode=strict, data_prop=True), ""
    except _FAILURES as error:
        return None, str(error)


def _forget(scope: Scope) -> None:
    """Drop what the graph declares about values that nodes make; a body's output types stay, its owner may need them."""
    made = {text(o) for n in scope.nodes for o in n.output}
    kept = [v for v in scope.proto.value_info if text(v.name) not in made]
    del scope.proto.value_info[:]
    scope.proto.value_info.extend(kept)
    if scope.is_main:
        for output in scope.proto.output:
            if text(output.name) in made and output.type.WhichOneof("value") == "tensor_type":
                output.type.tensor_type.ClearField("shape")
                output.type.tensor_type.ClearField("elem_type")


def _densify(graph: GraphProto) -> None:
    """Sparse initializers become inputs of the same dense type: inference would take them for scalars."""
    for sparse in graph.sparse_initializer:
        dims = [d for d in sparse.dims if d >= 0]
        graph.input.append(onnx.helper.make_tensor_value_info(text(sparse.values.name), sparse.values.data_type, dims))
    del graph.sparse_initializer[:]


def _own_dims(model: WeightlessModel) -> set[str]:
    """Names of dims that the model itself uses; inference makes up others (unk__0), which nobody should see."""
    found: set[str] = set()
    for scope in scopes(model):
        infos = [*scope.proto.value_info]
        if isinstance(scope.proto, GraphProto):
            infos += [*scope.proto.input, *scope.proto.output]
        for info in infos:
            found.update(text(d.dim_param) for d in info.type.tensor_type.shape.dim)
    return found


def _types(model: WeightlessModel, own_dims: set[str]) -> dict[str, tuple[str, Shape]]:
    found: dict[str, tuple[str, Shape]] = {}
    for scope in scopes(model):
        if not isinstance(scope.proto, GraphProto):
            continue
        for info in (*scope.proto.value_info, *scope.proto.output):
            value = model.value_id(scope.id, text(info.name)) if info.name else None
            dtype, shape = _readable(info.type, own_dims)
            if value and dtype:
                found[value] = (dtype, shape)
    return found


def _readable(proto: TypeProto, own_dims: set[str]) -> tuple[str, Shape]:
    dtype, shape, _ = declared_type(proto)
    if shape is None:
        return dtype, None
    return dtype, tuple(d if _size(d) or d in own_dims else None for d in shape)


def _declared(model: WeightlessModel) -> Iterator[tuple[str, str, str, Shape]]:
    """Value id, name, dtype and shape of what is declared about values that nodes make."""
    for scope in scopes(model):
        if not isinstance(scope.proto, GraphProto):
            continue
        for info in (*scope.proto.value_info, *scope.proto.output):
            value = model.value_id(scope.id, text(info.name)) if info.name else None
            dtype, shape, _ = declared_type(info.type)
            if value and dtype:
                yield value, text(info.name), dtype, shape


def _contradictions(model: WeightlessModel, types: dict[str, tuple[str, Shape]]) -> Iterator[Diagnostic]:
    told: set[str] = set()
    for value, name, dtype, shape in _declared(model):
        if value not in types or value in told:
            continue
        real_dtype, real_shape = types[value]
        if dtype == real_dtype and _compatible(shape, real_shape):
            continue
        told.add(value)
        merged = real_shape if not _compatible(shape, real_shape) else _merged(shape, real_shape)
        declared, inferred = _type_words(dtype, shape), _type_words(real_dtype, real_shape)
        message = f"{quote(name)} is declared as {declared}, but its node makes {inferred}"
        fix: dict[str, Any] = {"kind": "set-value-type", "value": value, "dtype": real_dtype}
        if merged is not None:
            fix["shape"] = list(merged)
        hint = "set the declared type to what the node makes, or change the node"
        severity: Severity = "warning" if dtype == real_dtype else "error"  # runtimes forgive a wrong shape
        usable = fix if len(merged or ()) <= RANK_LIMIT else None
        yield Diagnostic(severity, "contradicting-type", one_line(message), (value,), hint, usable)


def _compatible(one: Shape, other: Shape) -> bool:
    if one is None or other is None:
        return True
    if len(one) != len(other):
        return False
    return all(a == b or not _size(a) or not _size(b) for a, b in zip(one, other, strict=True))


def _size(dim: int | str | None) -> bool:
    """True for a real size; old exporters write -1 for a dim that is open."""
    return isinstance(dim, int) and dim >= 0


def _merged(declared: Shape, inferred: Shape) -> Shape:
    """The declared dims, and where they are open the inferred ones."""
    if declared is None or inferred is None:
        return inferred if declared is None else declared
    return tuple(i if d is None or _size(i) else d for d, i in zip(declared, inferred, strict=True))


def _type_words(dtype: str, shape: Shape) -> str:
    if shape is None:
        return dtype
    shown = " × ".join("?" if d is None else str(d) for d in shape[:8]) + (" × …" if len(shape) > 8 else "")
    return f"{dtype} {shown}" if shape else f"{dtype} scalar"


def _completed(model: WeightlessModel, types: dict[str, tuple[str, Shape]]) -> dict[str, tuple[str, Shape]]:
    """Where inference from the inputs alone ends (custom operators), a second one goes on from what is declared."""
    declared = {value: (dtype, shape) for value, _, dtype, shape in _declared(model)}
    if all(value in types and (types[value][1] is not None or shape is None) for value, (_, shape) in declared.items()):
        return types
    again, _ = _attempt(model.proto, strict=False)
    if again is None:
        return types
    believing = _types(_with(model, again), _own_dims(model))
    return {**believing, **{v: t for v, t in types.items() if t[1] is not None or v not in believing}}


def _failed_nodes(model: WeightlessModel, problem: str) -> Iterator[Diagnostic]:
    """One finding for each node that inference failed at."""
    found = False
    for line in problem.splitlines():
        match = _ERROR.search(line)
        if not match:
            continue
        found = True
        op_type, name, reason = match.groups()
        if "is null" in reason:
            continue  # its input has no type because an earlier node failed
        subjects = find_node(model, line) if name else only_node(model, op_type)
        who = f"the {op_type} node {quote(name)}" if name else f"one {op_type} node"
        message = one_line(f"The inputs of {who} do not fit: {clean(reason, model.folder)}")
        hint = "look at the shapes of its inputs and at its attributes"
        yield Diagnostic("error", "shape-mismatch", message, subjects, hint)
    if not found:
        said = clean(problem, model.folder)
        message = one_line(f"Types could not be inferred: {said}")
        yield Diagnostic(
            "warning", "inference-failed", message, find_node(model, problem), "other findings may say why"
        )
