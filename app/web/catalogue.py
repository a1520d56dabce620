"""The edit catalogue for pages and scripts, asked once of a child process and kept for the server's life."""

from __future__ import annotations

import threading
from typing import Any

from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.zygote import Zygote
from onnx_scalpel.session.messages import Response, frames

CATALOGUE_PROCESS = "onnx_scalpel.session.catalogue"  # by name: importing it would import the libraries
PATIENCE = 30.0  # seconds


class EditCatalogue:
    """What GET /api/edits answers: [{"kind", "title", "acts_on", "schema", "description"}]."""

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self._lock = threading.Lock()
        self._edits: list[dict[str, Any]] | None = None

    def edits(self) -> list[dict[str, Any]]:
        """The catalogue. AppError: its process failed; the next call tries again."""
        with self._lock:
            if self._edits is None:
                self._edits = self._ask()
            return self._edits

    def takes_long(self, edit: object) -> bool:
        """Whether this edit is, or holds, one that is worked out in a job. An edit nobody knows is not."""
        if not isinstance(edit, dict):
            return False
        inside = edit.get("edits")
        if isinstance(inside, list) and any(self.takes_long(one) for one in inside):
            return True
        return any(known["kind"] == edit.get("kind") and known["in_job"] for known in self.edits())

    def _ask(self) -> list[dict[str, Any]]:
        child = self._zygote.spawn(f"{CATALOGUE_PROCESS}:main", {})
        with child.channel as channel:
            channel.settimeout(PATIENCE)
            try:
                for frame in frames(channel):
                    if isinstance(frame, Response):
                        edits: list[dict[str, Any]] = frame.value()
                        return edits
            except TimeoutError:
                child.kill()
        hint = "try again; the details are in the server's log"
        raise AppError("no-catalogue", "the list of edits could not be made", hint=hint, status=500)
