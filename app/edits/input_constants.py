"""An input that becomes a constant: whether a tensor fits its declaration, and where the tensor is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import GraphRecord, TensorRef, ValueRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import wrong_parameters
from onnx_scalpel.edits.constants import PLAIN_INITIALIZERS, put_constant
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.literals import WrongLiteralError
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.signatures import take_from_inputs
from onnx_scalpel.edits.tensor_literals import written_tensor
from onnx_scalpel.edits.value_types import shape_words, type_words, unlisted
from onnx_scalpel.errors import EditRejected


def require_input(document: Document, value: ValueRecord) -> None:
    """Raise EditRejected unless the value is an input of its graph."""
    if not document.is_input(value.id):
        raise EditRejected(f"{shown(value.name)} is no input", subjects=(value.id,), hint="choose a graph input")


def fitting_tensor(document: Document, value: ValueRecord, literal: Mapping[str, Any], kind: str) -> TensorRef:
    """The tensor that the literal says, of the type that the input declares. `kind` is the edit's; errors name the field."""
    try:
        tensor = written_tensor(document, literal, value.tensor, value.dtype, value.shape)
    except WrongLiteralError as error:
        raise wrong_parameters({"tensor": str(error)}, kind) from None
    if value.type is not None:
        raise EditRejected(
            f"{shown(value.name)} is a {value.type.text}: no tensor can take its place",
            subjects=(value.id,),
            hint="replace its uses by another value first",
        )
    line = _misfit(value, tensor)
    if line:
        raise wrong_parameters({"tensor": line}, kind)
    return tensor


def _misfit(value: ValueRecord, tensor: TensorRef) -> str:
    name = shown(value.name)
    if value.dtype and tensor.dtype != value.dtype:
        return f"is {tensor.dtype}, but {name} is declared as {type_words(value)}"
    if value.shape is None:
        return ""
    sizes: dict[int | str, set[int]] = {}
    for declared, size in zip(value.shape, tensor.shape, strict=False):
        if declared is not None and not (isinstance(declared, int) and declared < 0):
            sizes.setdefault(declared, set()).add(size)
    apart = len(tensor.shape) != len(value.shape) or any(
        len(found) > 1 or (isinstance(dim, int) and found != {dim}) for dim, found in sizes.items()
    )
    return f"is of shape {shape_words(tensor.shape)}, but {name} is declared as {type_words(value)}" if apart else ""


def become_constant(tx: Transaction, value: ValueRecord, tensor: TensorRef) -> None:
    """Make an input a constant: an initializer, in a local function what a new Constant node makes.

    Before IR version 4 an initializer has to be an input as well: there it stays listed. What is declared behind it goes where
    the shape or the numbers of the tensor make it wrong.
    """
    _put_constant(tx, value, tensor)
    if tensor.shape != value.shape or tensor.dtype in ("int64", "int32"):
        readers = dict.fromkeys(reader for reader, _ in tx.document.consumers(value.id))
        drop_declared_types(tx, [o for reader in readers for o in tx.node(reader).outputs if o])


def _put_constant(tx: Transaction, value: ValueRecord, tensor: TensorRef) -> None:
    graph = tx.graph(value.graph)
    if graph.function is not None:
        take_from_inputs(tx, graph, value.id)
        _make_in_function(tx, graph, value, tensor)
        return
    if tx.model().ir_version >= PLAIN_INITIALIZERS:
        take_from_inputs(tx, graph, value.id)
    tx.put(unlisted(tx.document, replace(value, tensor=tensor, dtype=tensor.dtype, shape=tensor.shape)))


def _make_in_function(tx: Transaction, graph: GraphRecord, value: ValueRecord, tensor: TensorRef) -> None:
    nodes = tx.document.node_ids(graph.id)
    order = tx.document.order_before(nodes[0]) if nodes else tx.document.order_last(graph.id)
    put_constant(tx, value.id, tensor, order)
