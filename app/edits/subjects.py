"""Whatever can carry documentation and metadata: the model, a graph, a node, a value, by its id."""

from __future__ import annotations

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import (
    MODEL_ID,
    ModelPart,
    NoteRecord,
    PlaceRecord,
    Table,
    ValueRecord,
)
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.value_types import unlisted
from onnx_scalpel.errors import AppError

_TABLES: tuple[Table, ...] = ("value", "node", "graph")


def subject_record(document: Document, subject: str) -> ModelPart:
    """The record with this id. Raises AppError `no-such-subject`."""
    if subject == MODEL_ID:
        return document.model()
    for table in _TABLES:
        found = document.record(table, subject)
        if found is not None and not isinstance(found, PlaceRecord | NoteRecord):
            return found
    raise AppError(
        "no-such-subject",
        f"there is nothing called {shown(subject)}",
        subjects=(subject,),
        hint="it may have been removed, or belong to another model",
        status=404,
    )


def with_place(document: Document, record: ModelPart) -> ModelPart:
    """The record as it is to be put when its documentation or metadata has changed: value_info lists values that have no
    other place for them."""
    if not isinstance(record, ValueRecord) or record.tensor is not None:
        return record
    return unlisted(document, record)


def subject_words(document: Document, subject: str) -> str:
    """The subject for a sentence."""
    record = subject_record(document, subject)
    if subject == MODEL_ID:
        return "the model"
    kind = {"Graph": "the graph", "Node": "the node"}.get(type(record).__name__.removesuffix("Record"), "")
    name = getattr(record, "name", "") or getattr(record, "op_type", "")
    return f"{kind} {shown(name, '')}".strip() or "a value"
