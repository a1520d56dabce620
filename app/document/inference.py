"""Types that follow from the inputs: ONNX's shape inference on a weightless model, without believing what is declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import onnx.checker
import onnx.helper
import onnx.shape_inference
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TypeProto

from onnx_scalpel.document import ids
from onnx_scalpel.document.protos import declared_type, text
from onnx_scalpel.document.records import MAIN_GRAPH, Shape
from onnx_scalpel.document.unfinished import finish
from onnx_scalpel.document.weightless import WeightlessModel

_FAILURES = (
    onnx.checker.ValidationError,
    onnx.shape_inference.InferenceError,
    ValueError,
    RuntimeError,
    UnicodeError,
    TypeError,
)
_MAY_HOLD_GRAPHS = (AttributeProto.UNDEFINED, AttributeProto.GRAPH, AttributeProto.GRAPHS)


@dataclass(frozen=True)
class InferredTypes:
    """What inference found: `following` from the inputs alone; `all` also from declarations where that ended (behind custom
    operators). Value id -> type, names of dims only where the model has them. `problem`: why a strict inference failed."""

    following: dict[str, TypeProto] = field(default_factory=dict)
    all: dict[str, TypeProto] = field(default_factory=dict)
    problem: str = ""


def infer_types(model: WeightlessModel) -> InferredTypes:
    """May run for very long on hostile models (functions that double at each level): call it in a job."""
    if not model.proto.HasField("graph"):
        return InferredTypes()
    bare = ModelProto()
    bare.CopyFrom(model.proto)
    found = dict(graphs(model, bare))
    for graph_id, graph in found.items():
        _forget(graph, is_main=graph_id == MAIN_GRAPH)
    _densify(bare.graph)
    finish(bare, found.values())
    fresh, problem = _attempt(bare, strict=True)
    if fresh is None:
        fresh, _ = _attempt(bare, strict=False)
    if fresh is None:
        return InferredTypes(problem=problem)
    known = own_dims(model)
    following = _types(model, fresh, known)
    return InferredTypes(following, _completed(model, following, known), problem)


def shape_of_type(proto: TypeProto) -> tuple[str, Shape]:
    """The dtype and the shape of a type."""
    dtype, shape, _ = declared_type(proto)
    return dtype, shape


def graphs(model: WeightlessModel, proto: ModelProto) -> Iterator[tuple[str, GraphProto]]:
    """The main graph, and every body in it and in the functions, with their ids; `proto` has the structure of the model's."""
    found = [(MAIN_GRAPH, proto.graph)]
    for function in proto.functions:
        owner = ids.function_id(text(function.domain), text(function.name), text(function.overload))
        found.extend(_bodies(model, owner, function.node))
    waiting = found[::-1]
    while waiting:
        graph_id, graph = waiting.pop()
        yield graph_id, graph
        waiting.extend(reversed(list(_bodies(model, graph_id, graph.node))))


def _bodies(model: WeightlessModel, graph_id: str, nodes: Sequence[NodeProto]) -> Iterator[tuple[str, GraphProto]]:
    known = model.node_ids.get(graph_id, ())
    for index, node in enumerate(nodes):
        for attribute in node.attribute:
            if attribute.type not in _MAY_HOLD_GRAPHS:
                continue
            owner, name = known[index] if index < len(known) else graph_id, text(attribute.name)
            places: list[tuple[int | None, GraphProto]] = [(None, attribute.g)] if attribute.HasField("g") else []
            for place, body in [*places, *enumerate(attribute.graphs)]:
                key = name if place is None else f"{name}[{place}]"
                yield model.graph_ids.get((owner, key)) or ids.body_id(owner, name, place), body


def _attempt(proto: ModelProto, *, strict: bool) -> tuple[ModelProto | None, str]:
    """The model with inferred types, or None and the error text."""
    try:
        return onnx.shape_inference.infer_shapes(proto, check_type=strict, strict_mode=strict, data_prop=True), ""
    except _FAILURES as error:
        return None, str(error)


def _forget(graph: GraphProto, *, is_main: bool) -> None:
    """Drop what the graph declares about values that nodes make; a body's output types stay, its owner may need them."""
    made = {text(o) for n in graph.node for o in n.output}
    kept = [v for v in graph.value_info if text(v.name) not in made]
    del graph.value_info[:]
    graph.value_info.extend(kept)
    if is_main:
        for output in graph.output:
            if text(output.name) in made and output.type.WhichOneof("value") == "tensor_type":
                output.type.tensor_type.ClearField("shape")
                output.type.tensor_type.ClearField("elem_type")


def _densify(graph: GraphProto) -> None:
    """Sparse initializers become inputs of the same dense type: inference would take them for scalars."""
    for sparse in graph.sparse_initializer:
        dims = [d for d in sparse.dims if d >= 0]
        graph.input.append(onnx.helper.make_tensor_value_info(text(sparse.values.name), sparse.values.data_type, dims))
    del graph.sparse_initializer[:]


def own_dims(model: WeightlessModel) -> set[str]:
    """Names of dims that the model itself uses; inference makes up others (unk__0), which nobody should see."""
    found: set[str] = set()
    infos = [info for function in model.proto.functions for info in function.value_info]
    for _, graph in graphs(model, model.proto):
        infos += [*graph.value_info, *graph.input, *graph.output]
    for info in infos:
        found.update(dim_names(info.type))
    return found


def dim_names(proto: TypeProto) -> Iterator[str]:
    """The names of dims in a type, at any depth."""
    for shape in tensor_shapes(proto):
        yield from (text(dim.dim_param) for dim in shape.dim if dim.dim_param)


def tensor_shapes(proto: TypeProto) -> Iterator[onnx.TensorShapeProto]:
    """The shapes in a type: its own, and those of the elements of sequences, optionals and maps."""
    kind = proto.WhichOneof("value")
    while kind in ("sequence_type", "optional_type", "map_type"):
        held = getattr(proto, kind)
        proto = held.value_type if kind == "map_type" else held.elem_type
        kind = proto.WhichOneof("value")
    if kind in ("tensor_type", "sparse_tensor_type") and getattr(proto, kind).HasField("shape"):
        yield getattr(proto, kind).shape


def _types(model: WeightlessModel, proto: ModelProto, own_dims: set[str]) -> dict[str, TypeProto]:
    found: dict[str, TypeProto] = {}
    for graph_id, graph in graphs(model, proto):
        for info in (*graph.value_info, *graph.output):
            value = model.value_id(graph_id, text(info.name)) if info.name else None
            if value and declared_type(info.type)[0]:
                found[value] = _readable(info.type, own_dims)
    return found


def _readable(proto: TypeProto, own_dims: set[str]) -> TypeProto:
    """The type without dims that inference made up."""
    for shape in tensor_shapes(proto):
        for dim in shape.dim:
            made_up = dim.HasField("dim_param") and text(dim.dim_param) not in own_dims
            if made_up or (dim.HasField("dim_value") and dim.dim_value < 0):
                dim.ClearField("value")
    return proto


def declarations(model: WeightlessModel) -> Iterator[tuple[str, str, str, Shape]]:
    """Value id, name, dtype and shape of what is declared about values that nodes make."""
    for graph_id, graph in graphs(model, model.proto):
        for info in (*graph.value_info, *graph.output):
            value = model.value_id(graph_id, text(info.name)) if info.name else None
            dtype, shape, _ = declared_type(info.type)
            if value and dtype:
                yield value, text(info.name), dtype, shape


def _completed(model: WeightlessModel, types: dict[str, TypeProto], own_dims: set[str]) -> dict[str, TypeProto]:
    """Where inference from the inputs alone ends (custom operators), a second one goes on from what is declared."""
    shapes = {value: shape_of_type(proto)[1] for value, proto in types.items()}
    declared = {value: shape for value, _, _, shape in declarations(model)}
    if all(value in types and (shapes[value] is not None or shape is None) for value, shape in declared.items()):
        return types
    copy = ModelProto()
    copy.CopyFrom(model.proto)
    finish(copy, dict(graphs(model, copy)).values())
    again, _ = _attempt(copy, strict=False)
    if again is None:
        return types
    believing = _types(model, again, own_dims)
    return {**believing, **{v: t for v, t in types.items() if shapes[v] is not None or v not in believing}}
