"""Amounts as people write them: bytes, counts, shapes and lists of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SHOWN = 8  # items of a list in one line


def bytes_text(count: int) -> str:
    """1234567 as '1.2 MB'."""
    return f"{count} B" if count < 1000 else _scaled(count, ("kB", "MB", "GB", "TB", "PB"))


def count_text(count: int) -> str:
    """25557032 as '25.6 M'."""
    return f"{count:,}" if count < 10_000 else _scaled(count, ("k", "M", "G", "T", "P"))


def _scaled(count: int, units: Sequence[str]) -> str:
    amount, unit = float(count), -1
    while (amount >= 999.5 and unit < len(units) - 1) or unit < 0:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {units[unit]}" if amount >= 99.95 else f"{amount:.1f} {units[unit]}"


def plural(count: int, one: str, many: str = "") -> str:
    """'1 node', '2 nodes', '12,345 nodes'."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def type_text(dtype: str, shape: Sequence[int | str | None] | None) -> str:
    """'float32 1×3×224×224', 'float32 scalar', 'float32' where the rank is unknown."""
    if shape is None:
        return dtype or "type unknown"
    dims = "×".join("?" if d is None else str(d) for d in shape) if shape else "scalar"
    return f"{dtype or '?'} {dims}"


def some(items: Sequence[Any], limit: int = SHOWN) -> str:
    """The first few of a list, and how many more there are."""
    shown = ", ".join(map(str, items[:limit]))
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit:,} more"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with their columns aligned; the first column to the left, the others to the right, the last as it comes."""
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row[:-1], widths, strict=False))]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    return lines
