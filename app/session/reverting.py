"""What an undo or redo among several authors must not bring about: two values of one name, or a cycle."""

from __future__ import annotations

from onnx_scalpel.document.delta import Delta, Rewire
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NodeRecord, ValueRecord
from onnx_scalpel.edits.flow import downstream
from onnx_scalpel.errors import AppError


def refuse_taken_names(document: Document, delta: Delta) -> None:
    """Before the delta is applied. AppError naming the values that have a name by now that it would give."""
    after = {change.id: change.after for change in delta.changes if change.table == "value"}
    for change in delta.changes:
        record, before = change.after, change.before
        if not isinstance(record, ValueRecord) or not record.name:
            continue
        if isinstance(before, ValueRecord) and before.name == record.name:
            continue
        if not document.has("graph", record.graph):
            continue  # it comes back with the body that it is in
        taken = [
            found
            for found in document.values_called(record.graph, record.name)
            if found != change.id and (found not in after or _keeps_name(after[found], record.name))
        ]
        if taken:
            raise AppError("conflict", f"the name {record.name!r} is taken by now", subjects=taken, status=409)


def refuse_cycles(document: Document, delta: Delta) -> None:
    """After the delta was applied. AppError naming a node that would feed itself."""
    for rewire in delta.rewires:
        _refuse_cycles_through(document, rewire)
    for change in delta.changes:
        record, before = change.after, change.before
        if not isinstance(record, NodeRecord):
            continue
        if isinstance(before, NodeRecord) and set(record.inputs) <= set(before.inputs):
            continue
        reached = downstream(document, [output for output in record.outputs if output])
        if any(found.id == record.id for found in reached):
            raise AppError("conflict", "a node would feed itself", subjects=(record.id,), status=409)


def _refuse_cycles_through(document: Document, rewire: Rewire) -> None:
    """A rewiring makes a cycle where what its nodes make flows into what they read now."""
    producer = document.producer(rewire.after)
    if producer is None:
        return
    made = [output for node in rewire.nodes for output in document.live_node(node).outputs() if output]
    if producer.node in rewire.nodes or any(found.id == producer.node for found in downstream(document, made)):
        raise AppError("conflict", "a node would feed itself", subjects=(producer.node,), status=409)


def _keeps_name(record: object, name: str) -> bool:
    return isinstance(record, ValueRecord) and record.name == name
