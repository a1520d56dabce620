"""Names that follow a rename where no record holds them: in quantization annotations, sharding specs and the training info."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from onnx import GraphProto, ModelProto, NodeProto

from onnx_scalpel.document.live import LiveGraph, LiveNode
from onnx_scalpel.document.protos import set_text, set_texts, text, texts

Renamed = Mapping[str, str]
"""Old names of values and what they are now."""


def follow_in_annotations(live: LiveGraph, target: GraphProto, renamed: Mapping[str, Renamed]) -> None:
    """Annotations of a graph name its values, or those of a graph around it. `renamed` is by graph id."""
    for message, field in annotated(target):
        name, graph = text(getattr(message, field)), live
        while name not in renamed.get(graph.id, {}) and graph.parent is not None:
            graph = graph.parent
        _follow(message, field, renamed.get(graph.id, {}))


def annotated(graph: Any) -> Iterator[tuple[Any, str]]:
    """Every field of a graph's quantization annotations that names a value, as (message, field)."""
    for annotation in getattr(graph, "quantization_annotation", ()):
        yield annotation, "tensor_name"
        for entry in annotation.quant_parameter_tensor_names:
            yield entry, "value"


def follow_in_sharding(live: LiveNode, target: NodeProto, slots: Iterable[tuple[str, str]]) -> None:
    """Sharding specs of a node name what its slots hold: they follow a rename, and another value in the slot. `slots` are old and
    new names."""
    values = [tensor.live for tensor in (*live.node.inputs, *live.node.outputs) if tensor.live is not None]
    held = {value.name for value in values}
    renamed = {was: now for was, now in slots if was and now and was not in held}
    renamed |= {v.first.name: v.name for v in values if v.first is not None and v.first.name != v.name}
    for device in target.device_configurations:
        for spec in device.sharding_spec:
            _follow(spec, "tensor_name", renamed)


def follow_in_training(proto: ModelProto, renamed: Renamed) -> None:
    """The training graphs see the main graph's values, but those that they define themselves."""
    for training in proto.training_info if renamed else ():
        algorithm = training.algorithm
        seen = _unhidden(algorithm, renamed)
        for binding in (*training.initialization_binding, *training.update_binding):
            _follow(binding, "key", seen)
        _follow_in_graph(algorithm, seen)


def defined_in_training(proto: ModelProto) -> set[str]:
    """The names that training graphs define: to them, a value of the main graph by such a name is hidden."""
    return {name for training in proto.training_info for name in _defined(training.algorithm)}


def _follow_in_graph(graph: GraphProto, renamed: Renamed) -> None:
    if not renamed:
        return
    for info in (*graph.output, *graph.value_info):
        _follow(info, "name", renamed)
    for message, field in annotated(graph):
        _follow(message, field, renamed)
    for node in graph.node:
        names = texts(node.input)
        if any(name in renamed for name in names):
            set_texts(node, "input", [renamed.get(name, name) for name in names])
        for device in node.device_configurations:
            for spec in device.sharding_spec:
                _follow(spec, "tensor_name", renamed)
        for attribute in node.attribute:
            for body in (attribute.g, *attribute.graphs) if attribute.HasField("g") else attribute.graphs:
                _follow_in_graph(body, _unhidden(body, renamed))


def _follow(message: Any, field: str, renamed: Renamed) -> None:
    now = renamed.get(text(getattr(message, field)))
    if now is not None:
        set_text(message, field, now)


def _unhidden(graph: GraphProto, renamed: Renamed) -> Renamed:
    own = _defined(graph)
    return {was: now for was, now in renamed.items() if was not in own}


def _defined(graph: GraphProto) -> set[str]:
    listed = {text(named.name) for named in (*graph.input, *graph.initializer)}
    sparse = {text(tensor.values.name) for tensor in graph.sparse_initializer}
    return listed | sparse | {name for node in graph.node for name in texts(node.output)}
