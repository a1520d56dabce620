"""What is being opened right now, under ids that whoever asks chose: how far it is, and giving it up."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.refusals import cancelled

OPENING_ID = re.compile(r"[0-9a-f]{32}")
KEPT = 200


class Opening:
    """One model on its way; thread-safe. `progress`: {"step": "receiving" | "reading" | "nodes", "done", "of"},
    of the bytes of the file while it is read, of its nodes while they are made, else 0 of 0."""

    def __init__(self) -> None:
        self.progress: dict[str, Any] = {"step": "receiving", "done": 0, "of": 0}
        self._lock = threading.Lock()
        self._given_up = False
        self._undo: Callable[[], None] | None = None

    def told(self, progress: dict[str, Any]) -> None:
        """The process that opens the model says how far it is."""
        self.progress = {name: progress[name] for name in ("step", "done", "of")}

    def undone_by(self, undo: Callable[[], None]) -> None:
        """From now on, this is how to give it up. AppError `cancelled`: that is wanted already."""
        with self._lock:
            if self._given_up:
                raise cancelled()
            self._undo = undo

    def give_up(self) -> None:
        """End it, whatever it is at; once it is open, close it."""
        with self._lock:
            self._given_up = True
            undo, self._undo = self._undo, None
        if undo is not None:
            undo()


class Openings:
    """The newest ones, also for a while after they ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Opening] = OrderedDict()

    def begun(self, opening_id: Any) -> Opening:
        """The opening of a request; one without a fit id is nobody else's to follow."""
        return (
            self._found(opening_id) if isinstance(opening_id, str) and OPENING_ID.fullmatch(opening_id) else Opening()
        )

    def progress(self, opening_id: str) -> dict[str, Any]:
        """How far it is. AppError 404."""
        opening = self._known.get(opening_id)
        if opening is None:
            raise AppError("no-such-opening", "nothing is being opened under that id", status=404)
        return opening.progress

    def give_up(self, opening_id: str) -> None:
        """Give it up, even if the request that begins it is still on its way. AppError 404: that is no id."""
        if not OPENING_ID.fullmatch(opening_id):
            raise AppError("no-such-opening", "nothing is being opened under that id", status=404)
        self._found(opening_id).give_up()

    def _found(self, opening_id: str) -> Opening:
        with self._lock:
            opening = self._known.setdefault(opening_id, Opening())
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return opening
