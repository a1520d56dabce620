"""What an edit would do, worked out on a copy: the changes in numbers, the difference to draw, and the outputs compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from onnx_scalpel.document import save, views
from onnx_scalpel.document.delta import Delta, encode_delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.record_views import Inferred
from onnx_scalpel.edits.base import Edit, apply_edit
from onnx_scalpel.errors import AppError, sayable
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.session.session import WorkedOut
from onnx_scalpel.validators import runtime

COMPARE_LIMITS = Limits(cpu_seconds=120, wall_seconds=360, memory_bytes=6 << 30, file_bytes=1 << 30)
DELTA_SHOWN = 2 << 20  # bytes of JSON; a larger difference is told in numbers only
ACCEPTS = "accept_difference"  # the parameter of edits that refuse, unseen, what changes outputs


@dataclass(frozen=True)
class Previewed:
    """An edit that was previewed, and what it was found to do."""

    edit: Edit
    work: WorkedOut


def preview(
    document: Document, edit: Edit, creates: Sequence[str], inferred: Inferred, progress: Progress
) -> dict[str, Any]:
    """Runs in the child: apply the edit to this copy and say what it did."""
    before, operators = views.model_view(document), _operators(document)
    nodes = sum(operators.values())
    applied = apply_edit(document, edit, creates, progress, trial=True)
    progress(None, "comparing the graphs")
    after, now = views.model_view(document), _operators(document)
    shown: Any = views.delta_view(document, applied.delta, inferred)
    return {
        "title": applied.title,
        "report": applied.report,
        "changes": {f"{table}s": _counts(applied.delta, table) for table in ("node", "value")},
        "operators": [
            {
                "op_type": sayable(op_type),
                "domain": sayable(domain),
                "before": operators[domain, op_type],
                "after": now[domain, op_type],
            }
            for domain, op_type in sorted(operators.keys() | now.keys())
            if operators[domain, op_type] != now[domain, op_type]
        ],
        "totals": {
            "nodes": {"before": nodes, "after": sum(now.values())},
            **{name: {"before": before[name], "after": after[name]} for name in ("weight_bytes", "parameters")},
        },
        "delta_view": shown if len(msgspec.json.encode(shown)) <= DELTA_SHOWN else None,
        "delta": encode_delta(applied.delta),
        "created": applied.created,
    }


def compare(document: Document, delta: Delta, progress: Progress) -> dict[str, Any]:
    """Runs in a child of its own: the model before and after on the same inputs. What keeps them from running is a note."""
    progress(None, "comparing the outputs")
    before = save.weightless(document)
    document.apply(delta)
    after = save.weightless(document)
    try:
        request = runtime.RunRequest(dims=runtime.dims_like(after, before), other="the model before")
        ran = runtime.run(after, before, request)
    except AppError as error:
        return uncompared(error.message)
    told = ("name", "difference", "equal", "note")
    return {"outputs": [{key: output[key] for key in told} for output in ran["outputs"]], "outputs_note": ""}


def uncompared(why: str) -> dict[str, Any]:
    """The part of a result that says that the outputs could not be compared."""
    return {"outputs": None, "outputs_note": why}


def allowing_difference(edit: Edit, compared: dict[str, Any]) -> Edit:
    """The edit as it is kept once its preview is accepted: whoever replays it accepts the difference that was seen."""
    outputs = compared["outputs"]
    proved = outputs is not None and all(output["equal"] for output in outputs)
    if proved or ACCEPTS not in type(edit).model_fields:
        return edit
    return edit.model_copy(update={ACCEPTS: True})


def _operators(document: Document) -> Counter[tuple[str, str]]:
    nodes, _, _ = document.tables()
    return Counter((live.node.domain or "", live.node.op) for live in nodes.values())


def _counts(delta: Delta, table: str) -> dict[str, int]:
    changes = [(c.before, c.after) for c in delta.changes if c.table == table]
    return {
        "added": sum(before is None for before, _ in changes),
        "removed": sum(after is None for _, after in changes),
        "changed": sum(before is not None and after is not None for before, after in changes)
        + (len(delta.rewired()) if table == "node" else 0),
    }
