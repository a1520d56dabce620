"""What browsers and scripts see of a document: snapshots of the whole and views of a delta."""

from __future__ import annotations

import msgspec

from onnx_scalpel.document.columns import snapshot_columns
from onnx_scalpel.document.delta import Delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.operator_facts import OperatorFacts
from onnx_scalpel.document.record_views import (
    Inferred,
    View,
    arrangement_view,
    attribute,
    graph_view,
    model_view,
    node_view,
    value_view,
)
from onnx_scalpel.document.records import ARRANGEMENT, MODEL_ID, GraphRecord, ModelRecord, ValueRecord

__all__ = [
    "attribute",
    "delta_view",
    "graph_view",
    "model_view",
    "node_view",
    "snapshot_columns",
    "snapshot_json",
    "value_view",
]


def snapshot_json(document: Document, inferred: Inferred, revision: int) -> View:
    """The whole model, for people and scripts; nodes in graph order, the main graph's first."""
    _, values, graphs = document.tables()
    facts = OperatorFacts(document)
    return {
        "revision": revision,
        "model": model_view(document),
        "graphs": [graph_view(document, graph_id) for graph_id in graphs],
        "nodes": [node_view(document, node.id, facts) for graph in graphs.values() for node in graph.nodes],
        "values": [value_view(document, value_id, inferred) for value_id in values],
        "arrangement": arrangement_view(document),
    }


def delta_view(document: Document, delta: Delta, inferred: Inferred) -> list[View]:
    """The changes that a browser has to know to follow an applied delta: its records, others that now look different, and
    last the rewirings, whose nodes are told as they were in nothing but their inputs."""
    touched = {(change.table, change.id): None for change in delta.changes}
    for change in delta.changes:
        before, after = change.before, change.after
        if change.table == "graph":
            sides = [r for r in (before, after) if isinstance(r, GraphRecord)]
            listed = [{*r.inputs, *r.outputs} for r in sides]
            changed = listed[0] if len(listed) == 1 else _moved(sides[0], sides[1])
            touched |= {("value", value_id): None for value_id in sorted(changed)}
            if any(r.function for r in sides):
                touched["model", MODEL_ID] = None
                touched |= {("node", node_id): None for node_id in _callers(document, sides)}
        elif isinstance(before, ValueRecord | None) and isinstance(after, ValueRecord | None):
            if (before.tensor if before else None) != (after.tensor if after else None):
                touched["model", MODEL_ID] = None
        elif (
            isinstance(before, ModelRecord)
            and isinstance(after, ModelRecord)
            and before.opset_imports != after.opset_imports
        ):
            touched |= {("node", node_id): None for node_id in _renamed_slots(document, before, after)}
    facts = OperatorFacts(document)
    seen = [
        {"table": table, "id": key, "after": _view(document, table, key, inferred, facts)} for table, key in touched
    ]
    return seen + [
        {"table": "uses", "id": r.before, "after": {"value": r.after, "nodes": r.nodes, "slots": r.slots}}
        for r in delta.rewires
    ]


def _moved(before: GraphRecord, after: GraphRecord) -> set[str]:
    """Values that became or ceased to be an input or output."""
    return set(before.inputs) ^ set(after.inputs) | set(before.outputs) ^ set(after.outputs)


def _callers(document: Document, functions: list[GraphRecord]) -> list[str]:
    """Nodes whose slots a function names."""
    keys = {(f.function.domain, f.name) for f in functions if f.function}
    nodes, _, _ = document.tables()
    return [node.id for node in nodes.values() if (node.node.domain, node.node.op) in keys]


def _renamed_slots(document: Document, before: ModelRecord, after: ModelRecord) -> list[str]:
    """Nodes whose slots another opset names otherwise."""
    was, now = OperatorFacts(document, dict(before.opset_imports)), OperatorFacts(document, dict(after.opset_imports))
    nodes, _, _ = document.tables()
    return [node.id for node in nodes.values() if was.of(node) != now.of(node)]


def _view(document: Document, table: str, key: str, inferred: Inferred, facts: OperatorFacts) -> View | None:
    if table == "model":
        return model_view(document)
    if table == "node":
        return node_view(document, key, facts) if document.has("node", key) else None
    if table == "value":
        return value_view(document, key, inferred) if document.has("value", key) else None
    if table in ARRANGEMENT:
        record = document.record("place" if table == "place" else "note", key)
        return None if record is None else msgspec.to_builtins(record)
    return graph_view(document, key) if document.has("graph", key) else None
