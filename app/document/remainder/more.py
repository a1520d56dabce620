"""What the file says about one subject beyond what the rest of a page shows, in pages of rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.records import MODEL_ID
from onnx_scalpel.document.remainder.parts import parts_of
from onnx_scalpel.document.remainder.rows import Row, Walk
from onnx_scalpel.document.remainder.standing import Standing
from onnx_scalpel.document.remainder.words import spelt_out

ROWS_SHOWN = 40  # at first
ROWS_MOST = 2000  # at a time
TEXT_MOST = 4 << 20  # characters at a time


def more_of(
    standing: Standing, subject: str, start: int = 0, count: int = ROWS_SHOWN, whole: bool = False
) -> dict[str, Any]:
    """{"rows": [{"depth", "name", "text", "cut"?}], "next"}: the rows from `start` on, and where the next one would be, None at the end.

    `whole`: texts are not cut. AppError `no-such-value` for a subject that is not there.
    """
    shown: list[dict[str, Any]] = []
    size = 0
    rows = islice(_rows(standing, subject, whole), start, None)
    for row in rows:
        if len(shown) >= min(count, ROWS_MOST) or (shown and size > TEXT_MOST):
            return {"rows": shown, "next": start + len(shown)}
        size += len(row.text)
        told: dict[str, Any] = {"depth": row.depth, "name": printable(row.name), "text": printable(row.text)}
        shown.append(told | {"cut": True} if row.cut else told)
    return {"rows": shown, "next": None}


def _rows(standing: Standing, subject: str, whole: bool) -> Iterator[Row]:
    walk = Walk(whole)
    spelt = spelt_out(_name_of(standing.document, subject))
    named = walk.row(0, "name, spelt out", spelt)
    if spelt:
        yield named
    for part in parts_of(standing, subject):
        path = f"{part.name}." if part.name else ""
        rest = None if part.elsewhere is None else walk.rest_of(part.message, part.elsewhere, path=path)
        for row in walk.all_of(part.name, part.message) if rest is None else rest:
            if (row.name, row.text) != (f"{path}name", named.text):  # spelt out already
                yield row


def _name_of(document: Document, subject: str) -> str:
    """The name that a subject is shown by."""
    if subject == MODEL_ID:
        return ""
    for table in ("graph", "node", "value"):
        record = document.record(table, subject)
        if record is not None:
            return str(getattr(record, "name", ""))
    return ""
