"""A delta as writes in an order that works."""

from __future__ import annotations

from typing import TypeAlias

from msgspec.structs import replace

from onnx_scalpel.document.delta import Delta, Rewire
from onnx_scalpel.document.records import GraphRecord, Record, Table

Step: TypeAlias = tuple[Table, str, Record | None] | Rewire


def steps_of(delta: Delta) -> list[Step]:
    """Writes in an order in which everything a record refers to exists, and nothing in use is removed.

    A graph and its values need each other: a new graph comes empty first, one that goes is emptied before its values go.
    """
    steps: list[tuple[tuple[int, int], Step]] = [((4, 1), rewire) for rewire in delta.rewires]
    for change in delta.changes:
        table, key, after = change.table, change.id, change.after
        if table == "graph":
            empty = change.after or change.before
            if isinstance(empty, GraphRecord) and (change.before is None or after is None):
                empty = replace(empty, inputs=(), outputs=())
                depth = key.count("@") + key.count(".")
                steps.append(((1, depth) if change.before is None else (5, 0), (table, key, empty)))
                if after is None:
                    steps.append(((7, -depth), (table, key, None)))
            if after is not None:
                steps.append(((5, 0), (table, key, after)))
        else:
            ranks = {"node": (4, 0), "value": (3, 6), "model": (8, 8), "place": (8, 8), "note": (8, 8)}[table]
            steps.append(((ranks[after is None], 0), (table, key, after)))
    return [step for _, step in sorted(steps, key=lambda ranked: ranked[0])]
