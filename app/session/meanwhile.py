"""What others did while a job worked an edit out: whether its result still says what it would say now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from onnx_scalpel.document.delta import Change, Delta, Rewire
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import ARRANGEMENT, GraphRecord, Record, same_record, table_of
from onnx_scalpel.errors import AppError

_WORDS: dict[str, tuple[str, ...]] = {  # by table: what a record says to people only
    "node": ("name", "doc", "metadata"),
    "value": ("name", "doc", "metadata"),
    "graph": ("name", "doc", "metadata"),
    "model": ("producer_name", "producer_version", "domain", "model_version", "doc", "metadata"),
}


def refuse_changed(since: Iterable[Delta]) -> None:
    """AppError `conflict` when the deltas together changed what the model computes.

    A transform reads the whole model, and its delta says only what it wrote: a weight that it folded may have another
    content by now. Names, documentation and metadata may change meanwhile.
    """
    first: dict[tuple[str, str], Record | None] = {}
    last: dict[tuple[str, str], Record | None] = {}
    rewired: set[str] = set()
    standing: list[Rewire] = []  # those that were not taken back
    for delta in since:
        for rewire in delta.rewires:
            rewired.update(rewire.nodes)
            if rewire.inverse() in standing:
                standing.remove(rewire.inverse())
            else:
                standing.append(rewire)
        for change in delta.changes:
            if change.table in ARRANGEMENT:
                continue
            first.setdefault((change.table, change.id), change.before)
            last[change.table, change.id] = change.after
    wrong = [key for _, key in first if key in rewired]  # which of the two was first is not looked into
    wrong += [key[1] for key, before in first.items() if not same_record(_meaning(before), _meaning(last[key]))]
    if wrong or standing:
        raise changed_meanwhile([*wrong, *(node for rewire in standing for node in rewire.nodes)])


def rebased(delta: Delta, document: Document) -> Delta:
    """The delta on the model as it is now: what others named or documented meanwhile stays so, unless the delta says it, too."""
    changes = (_rebased(change, document.record(change.table, change.id)) for change in delta.changes)
    return Delta(tuple(changes), delta.rewires)


def _rebased(change: Change, current: Record | None) -> Change:
    before, after = change.before, change.after
    if before is None or current is None or same_record(before, current):
        return change
    words = _WORDS.get(change.table, ())
    if not same_record(_meaning(before), _meaning(current)):
        return change  # applying it will tell
    if after is not None and any(getattr(after, word) != getattr(before, word) for word in words):
        return change
    if after is not None:
        after = replace(after, **{word: getattr(current, word) for word in words})
    return Change(change.table, change.id, current, after)


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
    if record is None or (isinstance(record, GraphRecord) and record.function is not None):
        return record
    empty: dict[str, Any] = {"metadata": (), "model_version": 0}
    return replace(record, **{word: empty.get(word, "") for word in _WORDS[table_of(record)]})
