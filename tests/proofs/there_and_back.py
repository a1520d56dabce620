"""What must leave no trace: no edit at all, a value renamed and renamed back, a node inserted and removed, each as its own edit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import AppliedEdit, apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.proofs.collections import spread

FREE = "a name that no model has"
EditJson = dict[str, Any]
OPERATORS: tuple[EditJson, ...] = (  # one that keeps types, one that changes them, one that nobody knows
    {"op_type": "Identity"},
    {"op_type": "Transpose"},
    {"op_type": "Ponder", "domain": "org.example.lab"},
)


@dataclass
class Traces:
    """What a model lost (`faults`), how many edits went there and back, and why the others did not go there."""

    unreadable: str = ""
    faults: list[str] = field(default_factory=list)
    renamed: int = 0
    inserted: int = 0
    refused: dict[str, str] = field(default_factory=dict)  # kind -> the last reason


def traces_of(path: Path, values: int = 6) -> Traces:
    """Tries it on one model, at about so many of its values. What is no model, or may not be saved, is `unreadable`."""
    traces = Traces()
    try:
        opened, document = path.read_bytes(), open_model(path)
        if model_bytes(document) != opened:
            traces.faults.append("unedited")
    except AppError as error:
        traces.unreadable = error.message
        return traces
    write_every_record(document)
    if model_bytes(document) != opened:
        traces.faults.append("every record written again")
    document = open_model(path)
    for value in _chosen(document, values):
        traces.renamed += _rename_and_back(document, value, opened, traces)
        for operator in OPERATORS:
            if not traces.faults:
                traces.inserted += _insert_and_remove(document, value, operator, opened, traces)
        if traces.faults:
            break
    return traces


def write_every_record(document: Document) -> None:
    """Write each record as it is: saving then goes through every field of everything, and can copy nothing as untouched."""
    for value in document.value_ids():
        document.write("value", value, document.value(value))
    for graph in document.graph_ids():
        for node in document.node_ids(graph):
            document.write("node", node, document.node(node))
    for graph in document.graph_ids():
        document.write("graph", graph, document.graph(graph))
    document.write("model", "model:", document.model())


def _chosen(document: Document, count: int) -> list[str]:
    """Values all over the model, and one of each kind: a graph output, an initializer, one inside a body or a function."""
    values = document.value_ids()
    kinds: list[Iterator[str]] = [
        (v for v in values if document.is_output(v)),
        (v for v in values if document.value(v).tensor is not None),
        (v for v in values if document.value(v).graph != document.main.id),
    ]
    return list(dict.fromkeys((*spread(values, count), *(v for kind in kinds for v in [next(kind, "")] if v))))


def _rename_and_back(document: Document, value: str, opened: bytes, traces: Traces) -> int:
    name = document.value(value).name
    if not name or any("\ud800" <= letter <= "\udfff" for letter in name):
        traces.refused["rename-value"] = "its name is no text that could be typed again"
        return 0
    if _tried(document, traces, kind="rename-value", value=value, name=FREE) is None:
        return 0
    if model_bytes(document) == opened:
        traces.faults.append(f"{value}: the rename is not saved")
    return _back(document, opened, traces, value, kind="rename-value", value=value, name=name)


def _insert_and_remove(document: Document, value: str, operator: EditJson, opened: bytes, traces: Traces) -> int:
    made = _tried(document, traces, kind="insert-node", value=value, **operator)
    if made is None:
        return 0
    if model_bytes(document) == opened:
        traces.faults.append(f"{value}: the inserted node is not saved")
    node = next(created for created in made.created if created.startswith("node:"))
    through = {node: document.node(node).inputs[0]}
    return _back(document, opened, traces, value, kind="remove-nodes", nodes=[node], reconnect=True, through=through)


def _tried(document: Document, traces: Traces, **edit: Any) -> AppliedEdit | None:
    try:
        return apply_edit(document, parse_edit(edit))
    except AppError as refused:
        traces.refused[edit["kind"]] = refused.message
        return None


def _back(document: Document, opened: bytes, traces: Traces, value_id: str, /, **edit: Any) -> int:
    try:
        apply_edit(document, parse_edit(edit))
    except AppError as refused:
        traces.faults.append(f"{value_id}: no {edit['kind']} back: {refused.message}")
        return 0
    if model_bytes(document) != opened:
        traces.faults.append(f"{value_id}: {edit['kind']} back left a trace")
        return 0
    return 1
