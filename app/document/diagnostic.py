"""One finding about a model, as validators return it and browsers show it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Severity = Literal["error", "warning", "info"]


class Diagnostic(msgspec.Struct, frozen=True):
    """A finding: `subjects` are node, value or graph ids; `fix` is an edit (kind and parameters) that mends it."""

    severity: Severity
    code: str
    message: str
    subjects: tuple[str, ...] = ()
    hint: str = ""
    fix: dict[str, Any] | None = None
    validator: str = ""
