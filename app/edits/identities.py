"""Nodes that let one value be another: as it is, or as the only element of a new first axis."""

from __future__ import annotations

import numpy as np

from onnx_scalpel.document.records import Attribute, NodeRecord
from onnx_scalpel.document.tensors import make_tensor
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.constants import put_constant
from onnx_scalpel.edits.operators import import_domain, missing_import
from onnx_scalpel.edits.scopes import free_node_name, new_value, opset_version

AXES_ARE_INPUTS = 13  # opset from which Unsqueeze reads its axes


def put_identity(tx: Transaction, graph_id: str, value_id: str, output_id: str, order: tuple[int, ...]) -> None:
    """Make one value from another of the same graph or one around it."""
    version = missing_import(tx.document, graph_id, "", "Identity")
    if version is not None:
        import_domain(tx, graph_id, "", version)
    output = tx.value(output_id).name
    name = free_node_name(tx.document, graph_id, f"{output}_Identity")
    node_id = tx.new_node_id(graph_id, output, name, "Identity")
    tx.put(NodeRecord(node_id, graph_id, name, "Identity", "", (value_id,), (output_id,), {}, order))


def put_unsqueezed(
    tx: Transaction, graph_id: str, value_id: str, output_id: str, orders: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    """Make one value from another with an axis of size 1 in front."""
    document = tx.document
    version = opset_version(document, graph_id, "")
    output = tx.value(output_id).name
    inputs: tuple[str, ...] = (value_id,)
    attributes: dict[str, Attribute] = {}
    if version is None or version >= AXES_ARE_INPUTS:
        axes = new_value(tx, graph_id, f"{output}_axes")
        tx.put(axes)
        put_constant(tx, axes.id, make_tensor(np.zeros(1, np.int64)), orders[0])
        inputs = (value_id, axes.id)
    else:
        attributes = {"axes": Attribute("INTS", (0,))}
    name = free_node_name(document, graph_id, f"{output}_Unsqueeze")
    node_id = tx.new_node_id(graph_id, output, name, "Unsqueeze")
    tx.put(NodeRecord(node_id, graph_id, name, "Unsqueeze", "", inputs, (output_id,), attributes, orders[1]))
