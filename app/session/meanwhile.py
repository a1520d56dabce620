"""What others did while a job worked an edit out: whether its result still says what it would say now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from onnx_scalpel.document.delta import Delta
from onnx_scalpel.document.records import (
    GraphRecord,
    ModelRecord,
    NodeRecord,
    Record,
    ValueRecord,
    same_record,
)
from onnx_scalpel.errors import AppError


def refuse_changed(since: Iterable[Delta]) -> None:
    """AppError `conflict` when the deltas together changed what the model computes.

    A transform reads the whole model, and its delta says only what it wrote: a weight that it folded may have another
    content by now. Names, documentation and metadata may change meanwhile.
    """
    first: dict[tuple[str, str], Record | None] = {}
    last: dict[tuple[str, str], Record | None] = {}
    for delta in since:
        for change in delta.changes:
            first.setdefault((change.table, change.id), change.before)
            last[change.table, change.id] = change.after
    wrong = [key for key, before in first.items() if not same_record(_meaning(before), _meaning(last[key]))]
    if wrong:
        raise changed_meanwhile([subject for _, subject in wrong])


def changed_meanwhile(subjects: Sequence[str]) -> AppError:
    """What whoever waited for the job is told."""
    return AppError(
        "conflict",
        "the model was changed meanwhile",
        subjects=tuple(subjects)[:20],
        hint="start it again: it then works on the model as it is now",
        status=409,
    )


def _meaning(record: Record | None) -> Record | None:
    """The record without what may change under a job."""
    if isinstance(record, NodeRecord):
        return replace(record, name="", doc="", metadata=())
    if isinstance(record, ValueRecord):
        return replace(record, name="", doc="", metadata=())
    if isinstance(record, GraphRecord):
        return replace(record, name="" if record.function is None else record.name, doc="", metadata=())
    if isinstance(record, ModelRecord):
        return replace(record, producer_name="", producer_version="", domain="", model_version=0, doc="", metadata=())
    return None
