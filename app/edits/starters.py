"""Bodies for a new If, Loop, Scan or SequenceMap: small and valid, passing on what they are given, so that there is something to edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace

from onnx_scalpel.document.records import Attribute, GraphRecord, NodeRecord, Shape, ValueRecord
from onnx_scalpel.document.schemas import OperatorSchema, normal_domain
from onnx_scalpel.document.tensors import make_tensor
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.scopes import new_value

_BODIES = {
    "If": ("then_branch", "else_branch"),
    "Loop": ("body",),
    "Scan": ("body",),
    "SequenceMap": ("body",),
}


class _Type(NamedTuple):
    dtype: str = ""
    shape: Shape = None


def starter_attributes(schema: OperatorSchema | None, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The attributes of the operator that get a body here."""
    if schema is None or normal_domain(schema.domain) != "":
        return ()
    return tuple(name for name in _BODIES.get(schema.op_type, ()) if name not in given)


def with_starter_bodies(tx: Transaction, node: NodeRecord, names: tuple[str, ...]) -> NodeRecord:
    """Put a body for each of these attributes of a node that is about to be put; the node with them."""
    attributes = dict(node.attributes)
    for name in names:
        attributes[name] = Attribute("GRAPH", _put_body(tx, node, name))
    return replace(node, attributes=attributes)


def _put_body(tx: Transaction, node: NodeRecord, attribute: str) -> str:
    graph_id = tx.new_graph_id(node.id, attribute)
    name = f"{node.name or node.op_type}_{attribute}"
    empty = GraphRecord(graph_id, name, parent=node.graph, owner=node.id, attribute=attribute)
    tx.put(empty)
    body = _Body(tx, graph_id, f"{name}_")
    outputs = len(node.outputs)
    if node.op_type == "If":
        body.outputs = [body.zero(f"output_{place}") for place in range(outputs)]
    elif node.op_type == "Loop":
        _fill_loop(body, node, outputs)
    else:
        _fill_scan(body, node, outputs)
    tx.put(replace(empty, inputs=tuple(body.inputs), outputs=tuple(body.outputs)))
    return graph_id


def _fill_loop(body: _Body, node: NodeRecord, outputs: int) -> None:
    """The condition and the state pass through; further outputs collect the number of the iteration."""
    iteration = body.input("iteration", _Type("int64", ()))
    condition = body.input("condition", _Type("bool", ()))
    states = [body.input(f"state_{place}", body.type_of(v)) for place, v in enumerate(node.inputs[2:])]
    body.outputs.append(body.identity(condition, "condition_out"))
    passed = states[:outputs] + [iteration] * (outputs - len(states))
    body.outputs += [body.identity(value, f"output_{place}") for place, value in enumerate(passed)]


def _fill_scan(body: _Body, node: NodeRecord, outputs: int) -> None:
    """What comes in goes out; further outputs collect the last input."""
    inputs = [body.input(f"input_{place}", _Type()) for place in range(max(1, len(node.inputs)))]
    passed = inputs[:outputs] + inputs[-1:] * (outputs - len(inputs))
    body.outputs += [body.identity(value, f"output_{place}") for place, value in enumerate(passed)]


class _Body:
    """A body that is being filled."""

    def __init__(self, tx: Transaction, graph_id: str, prefix: str) -> None:
        self._tx = tx
        self._graph = graph_id
        self._prefix = prefix
        self.inputs: list[str] = []
        self.outputs: list[str] = []

    def input(self, name: str, type_: _Type) -> ValueRecord:
        value = self._value(name, type_)
        self.inputs.append(value.id)
        return value

    def identity(self, value: ValueRecord, name: str) -> str:
        made = self._value(name, _Type(value.dtype, value.shape))
        self._node("Identity", (value.id,), made, {})
        return made.id

    def zero(self, name: str) -> str:
        made = self._value(name, _Type("float32", ()))
        tensor = make_tensor(np.zeros((), np.float32))
        self._node("Constant", (), made, {"value": Attribute("TENSOR", tensor)})
        return made.id

    def type_of(self, value_id: str) -> _Type:
        if not value_id:
            return _Type()
        value = self._tx.value(value_id)
        if value.tensor is not None and not value.dtype:
            return _Type(value.tensor.dtype, value.tensor.shape)
        return _Type() if value.type is not None else _Type(value.dtype, value.shape)

    def _value(self, name: str, type_: _Type) -> ValueRecord:
        value = replace(new_value(self._tx, self._graph, self._prefix + name), dtype=type_.dtype, shape=type_.shape)
        self._tx.put(value)
        return value

    def _node(self, op_type: str, inputs: tuple[str, ...], made: ValueRecord, attributes: dict[str, Attribute]) -> None:
        node_id = self._tx.new_node_id(self._graph, made.name, made.name, op_type)
        order = self._tx.document.order_last(self._graph)
        self._tx.put(NodeRecord(node_id, self._graph, made.name, op_type, "", inputs, (made.id,), attributes, order))
