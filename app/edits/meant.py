"""Names that are no UTF-8: a page has U+FFFD for their bytes, and means the one that looks so."""

from __future__ import annotations

from collections.abc import Iterable

from onnx_scalpel.document.ids import printable


def meant(known: Iterable[str], said: str) -> str:
    """The name among these that a page shows as `said`; `said` itself when there is none."""
    if "\ufffd" not in said:
        return said
    names = list(known)
    return said if said in names else next((name for name in names if printable(name) == said), said)
