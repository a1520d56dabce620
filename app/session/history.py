"""Which revisions stand, and what each author can undo and redo."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from onnx_scalpel.errors import AppError

How = Literal["edit", "undo", "redo"]


class Revision(msgspec.Struct, frozen=True):
    """A numbered edit, undo or redo; `target` is the edit that an undo or redo is about, `client` the author's own id for it."""

    number: int
    how: How
    target: int | None
    kind: str
    title: str
    author: str
    author_name: str
    client: str
    at: str
    created: tuple[str, ...] = ()


class History:
    """The revisions of a session in order. An undo takes its author's newest standing edit; a new edit ends what he could redo."""

    def __init__(self, revisions: Iterable[Revision] = ()) -> None:
        self.revisions: list[Revision] = []
        self._undoable: dict[str, list[int]] = {}
        self._redoable: dict[str, list[int]] = {}
        self._undone: set[int] = set()
        self._done_at: dict[int, int] = {}  # edit -> the revision that made it or brought it back last
        self._known: dict[tuple[str, str], int] = {}
        for revision in revisions:
            self.add(revision)

    @property
    def head(self) -> int:
        """The newest revision's number; 0 before the first."""
        return len(self.revisions)

    def revision(self, number: int) -> Revision:
        return self.revisions[number - 1]

    def add(self, revision: Revision) -> None:
        """Take the next revision in."""
        if revision.number != self.head + 1:
            raise ValueError(f"revision {revision.number} after {self.head}")
        undoable = self._undoable.setdefault(revision.author, [])
        redoable = self._redoable.setdefault(revision.author, [])
        if revision.how == "edit":
            number = revision.number
            undoable.append(number)
            redoable.clear()
        elif revision.how == "undo":
            number = undoable.pop()
            redoable.append(number)
            self._undone.add(number)
        else:
            number = redoable.pop()
            undoable.append(number)
            self._undone.discard(number)
        if revision.how != "undo":
            self._done_at[number] = revision.number
        if revision.how != "edit" and number != revision.target:
            raise ValueError(f"revision {revision.number} is about {revision.target}, not {number}")
        self.revisions.append(revision)
        self._known[revision.author, revision.client] = revision.number

    def known(self, author: str, client: str) -> Revision | None:
        """The revision that this request made when it came the first time."""
        number = self._known.get((author, client))
        return None if number is None else self.revision(number)

    def next_undo(self, author: str) -> Revision:
        """The edit that an undo by this author takes back."""
        undoable = self._undoable.get(author)
        if not undoable:
            raise AppError("nothing-to-undo", "there is nothing of yours to undo", status=409)
        return self.revision(undoable[-1])

    def next_redo(self, author: str) -> Revision:
        """The edit that a redo by this author brings back."""
        redoable = self._redoable.get(author)
        if not redoable:
            raise AppError("nothing-to-redo", "there is nothing of yours to redo", status=409)
        return self.revision(redoable[-1])

    def others_since(self, target: Revision) -> list[Revision]:
        """What other authors did after this edit, oldest first."""
        return [r for r in self.revisions[target.number :] if r.author != target.author]

    def standing(self) -> list[Revision]:
        """The edits that make up the model as it is, in the order in which they came to stand: one that was redone stands
        on what others did meanwhile."""
        edits = [r for r in self.revisions if r.how == "edit" and r.number not in self._undone]
        return sorted(edits, key=lambda r: self._done_at[r.number])

    def view(self, limit: int) -> list[dict[str, Any]]:
        """The newest `limit` edits for the page, newest last; undone ones are marked."""
        edits = [r for r in self.revisions if r.how == "edit"][-limit:]
        return [
            {
                "revision": r.number,
                "title": r.title,
                "kind": r.kind,
                "author": r.author,
                "author_name": r.author_name,
                "at": r.at,
                "undone": r.number in self._undone,
            }
            for r in edits
        ]

    def without(self, number: int) -> History:
        """The history before this revision."""
        return History(self.revisions[: number - 1])
