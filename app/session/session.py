"""One open model: its document, the revisions that made it what it is, and the only ways to add one."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from onnx_scalpel.document import views
from onnx_scalpel.document.delta import Delta, decode_delta, encode_delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import ARRANGEMENT, Record, Shape, table_of
from onnx_scalpel.document.tensors import require_data
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError, one_line
from onnx_scalpel.session.history import History, How, Revision
from onnx_scalpel.session.journal import Entry, Journal, JournalFull
from onnx_scalpel.session.meanwhile import changed_meanwhile, rebased, refuse_changed
from onnx_scalpel.session.refusals import disk_full, too_large
from onnx_scalpel.session.reverting import refuse_cycles, refuse_taken_names

HISTORY_SHOWN = 2_000  # edits that a summary lists
CATCH_UP_BYTES = 16 << 20
CATCH_UP_LIMIT = 1_000  # revisions; a page that missed more is faster with a snapshot
AS_OPENED = b"\0" * 16


@dataclass(frozen=True)
class Author:
    """Who asks, and the id that makes asking twice harmless."""

    author: str
    author_name: str
    client: str


@dataclass(frozen=True)
class WorkedOut:
    """What a job found an edit to do to the model at `revision`; `edit` is its JSON, as a recipe keeps it."""

    revision: int
    edit: dict[str, Any]
    delta: Delta
    created: tuple[str, ...]
    title: str
    report: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.edit["kind"])


@dataclass
class Session:
    """The single writer of a document. A revision counts once `commit` has made it durable; until then `roll_back` takes it back."""

    id: str
    name: str
    folder: Path
    document: Document
    journal: Journal
    history: History
    fingerprint: bytes  # of the content: 16 bytes, zeros for the model as it was opened
    saved_fingerprint: bytes
    saved_path: str | None = None
    read_only: bool = False
    inferred: dict[str, tuple[str, Shape]] = field(default_factory=dict)
    _uncommitted: list[tuple[Revision, Delta]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.document.inferred = self.inferred

    @property
    def revision(self) -> int:
        return self.history.head

    @property
    def unsaved(self) -> bool:
        """Whether the model differs from what was last opened or saved."""
        return self.fingerprint != self.saved_fingerprint

    def submit(self, who: Author, data: dict[str, Any]) -> dict[str, Any]:
        """Apply an edit; the message of its revision. The same client id again gives the same message; no effect, no revision."""
        if (known := self.history.known(who.author, who.client)) is not None:
            return self.message(known.number)
        self.require_writable()
        edit = parse_edit(data)
        try:
            applied = apply_edit(self.document, edit, creates_of(data))
        except MemoryError:
            raise too_large(edit.kind) from None
        if applied.delta.is_empty:
            return self._nothing_happened(who, edit.kind)
        revision = self._next(who, "edit", None, edit.kind, applied.title, tuple(applied.created))
        return self._keep(revision, applied.delta, {**edit.to_json(), "creates": list(applied.created)}, applied.report)

    def adopt(self, who: Author, work: WorkedOut) -> dict[str, Any]:
        """Apply what a job worked out; the message of its revision. AppError `conflict` when the model changed meanwhile."""
        if (known := self.history.known(who.author, who.client)) is not None:
            return self.message(known.number)
        self.require_writable()
        if work.delta.is_empty:
            return self._nothing_happened(who, work.kind)
        since = [decode_delta(self.journal.delta(n)) for n in range(work.revision + 1, self.revision + 1)]
        refuse_changed(since)
        delta = rebased(work.delta, self.document) if since else work.delta
        try:
            if since:
                refuse_taken_names(self.document, delta)
            self.document.apply(delta)
        except AppError as error:
            raise changed_meanwhile(error.subjects) from error
        revision = self._next(who, "edit", None, work.kind, work.title, work.created)
        return self._keep(revision, delta, {**work.edit, "creates": list(work.created)}, work.report)

    def undo(self, who: Author) -> dict[str, Any]:
        """Take back this author's newest standing edit; the message of the new revision."""
        if (known := self.history.known(who.author, who.client)) is not None:
            return self.message(known.number)
        self.require_writable()
        return self._revert(who, "undo", self.history.next_undo(who.author))

    def redo(self, who: Author) -> dict[str, Any]:
        """Bring back what this author undid last; the message of the new revision."""
        if (known := self.history.known(who.author, who.client)) is not None:
            return self.message(known.number)
        self.require_writable()
        return self._revert(who, "redo", self.history.next_redo(who.author))

    def commit(self) -> None:
        """Make every new revision durable. JournalFull: none of them is, the document is as before, and edits are refused."""
        try:
            self.journal.commit()
        except JournalFull:
            self.roll_back()
            raise
        self._uncommitted.clear()

    def roll_back(self) -> None:
        """Take back what is not committed, and refuse further edits until there is room again."""
        self.journal.roll_back()
        for revision, delta in reversed(self._uncommitted):
            self._apply(delta.inverse())
            self.history = self.history.without(revision.number)
        self._uncommitted.clear()
        self.read_only = True
        self.journal.drop_ballast()

    def message(self, number: int) -> dict[str, Any]:
        """The message that browsers got for a revision."""
        return _decode(self.journal.messages(number - 1, 1)[0])

    def since(self, number: int) -> list[dict[str, Any]]:
        """The messages after a revision; AppError `too-old` when a snapshot is the better answer."""
        known = 0 <= number <= self.revision and self.revision - number <= CATCH_UP_LIMIT
        if not known or self.journal.message_bytes(number) > CATCH_UP_BYTES:
            raise AppError("too-old", f"revision {number} is too far away", hint="fetch a snapshot", status=409)
        return [_decode(message) for message in self.journal.messages(number, CATCH_UP_LIMIT)]

    def replay(self, entry: Entry) -> None:
        """Take in a revision from the journal. AppError when it is not what was, or a tensor of it is gone."""
        delta = decode_delta(entry.delta)
        for change in delta.changes:
            require_data(self.document.file.store, change.after)
        self._apply(delta)
        self.history.add(entry.revision)

    def _revert(self, who: Author, how: How, target: Revision) -> dict[str, Any]:
        delta = decode_delta(self.journal.delta(target.number))
        if how == "undo":
            delta = delta.inverse()
        others = self.history.others_since(target)
        try:
            if others:
                refuse_taken_names(self.document, delta)
            self.document.apply(delta)
        except AppError as error:
            raise self._conflict(how, target, others, error.subjects) from error
        try:
            if others:
                refuse_cycles(self.document, delta)
        except BaseException as error:
            self.document.apply(delta.inverse())
            if isinstance(error, AppError):
                raise self._conflict(how, target, others, error.subjects) from error
            raise
        title = ("Undid: " if how == "undo" else "Redid: ") + target.title
        created = target.created if how == "redo" else ()
        return self._keep(self._next(who, how, target.number, target.kind, title, created), delta, {})

    def _conflict(self, how: How, target: Revision, others: list[Revision], subjects: tuple[str, ...]) -> AppError:
        """Who changed what is in the way, as far as the journal tells."""
        ids = set(subjects)
        for subject in subjects:
            if self.document.has("value", subject):
                ids.update(slot.node for slot in self.document.consumers(subject))
        cause = ": the model has changed since"
        for revision in reversed(others):
            if ids.intersection(decode_delta(self.journal.delta(revision.number)).ids()):
                cause = f": {revision.author_name or 'another participant'} changed the same things since"
                break
        return AppError(
            "conflict",
            f"“{target.title}” cannot be {'undone' if how == 'undo' else 'redone'}{cause}",
            subjects=subjects,
            hint="let the later edit be undone first, or change it by hand",
            status=409,
        )

    def _next(
        self, who: Author, how: How, target: int | None, kind: str, title: str, created: tuple[str, ...]
    ) -> Revision:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        number = self.revision + 1
        return Revision(
            number, how, target, kind, one_line(title), who.author, who.author_name, who.client, now, created
        )

    def _keep(
        self, revision: Revision, delta: Delta, edit: dict[str, Any], report: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Journal a delta that is applied already; whatever goes wrong here takes it back."""
        self._uncommitted.append((revision, delta))
        self.fingerprint = _mix(self.fingerprint, delta)
        try:
            message = self._message(revision, delta) | ({"report": report} if report else {})
            encode = msgspec.msgpack.encode
            self.journal.add(Entry(revision, encode(edit), encode_delta(delta), encode(message)))
        except BaseException:
            self._take_back()
            raise
        self.history.add(revision)
        return message

    def _take_back(self) -> None:
        _, delta = self._uncommitted.pop()
        self._apply(delta.inverse())

    def _apply(self, delta: Delta) -> None:
        self.document.apply(delta)
        self.fingerprint = _mix(self.fingerprint, delta)

    def _message(self, revision: Revision, delta: Delta) -> dict[str, Any]:
        return {
            "session": self.id,
            "revision": revision.number,
            "how": revision.how,
            "target": revision.target,
            "kind": revision.kind,
            "title": revision.title,
            "author": revision.author,
            "author_name": revision.author_name,
            "client": revision.client,
            "at": revision.at,
            "delta": views.delta_view(self.document, delta, self.inferred),
            "created": list(revision.created),
            "unsaved": self.unsaved,
        }

    def _nothing_happened(self, who: Author, kind: str) -> dict[str, Any]:
        return {"revision": self.revision, "delta": [], "created": [], "kind": kind, "client": who.client}

    def require_writable(self) -> None:
        if not self.read_only:
            return
        try:
            self.journal.restore_ballast()
        except JournalFull:
            raise disk_full() from None
        self.read_only = False


def creates_of(data: dict[str, Any]) -> list[str]:
    """The ids that an edit from a recipe brings along."""
    creates = data.get("creates") or []
    if not isinstance(creates, list) or not all(isinstance(made, str) for made in creates):
        raise AppError("wrong-parameters", "creates is a list of ids", fields={"creates": "a list of ids"}, status=422)
    return creates


def _mix(fingerprint: bytes, delta: Delta) -> bytes:
    """The content's fingerprint after a delta.

    XOR of one hash per record that differs from the opened model, and of one per rewiring, whichever way it goes: a delta and
    its inverse cancel out, in any order. Two ways to one content may be told apart where rewirings and changes of the same
    nodes alternate; never are two contents taken for one.
    """
    number = int.from_bytes(fingerprint, "big")
    records = (record for change in delta.changes for record in (change.before, change.after))
    rewires = (min(rewire, rewire.inverse(), key=lambda way: way.before) for rewire in delta.rewires)
    content = (record for record in records if _is_content(record))
    for said in chain(content, rewires):
        number ^= int.from_bytes(hashlib.blake2b(_bytes(said), digest_size=16).digest(), "big")
    return number.to_bytes(16, "big")


def _is_content(record: Record | None) -> bool:
    """Whether it is of the model: its readers' own arrangement is not saved with it."""
    return record is not None and table_of(record) not in ARRANGEMENT


def _bytes(record: Any) -> bytes:
    try:
        return type(record).__name__.encode() + msgspec.msgpack.encode(record)
    except UnicodeEncodeError:  # a name that is no UTF-8
        return repr(record).encode("utf-8", "surrogateescape")


def _decode(message: bytes) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.msgpack.decode(message)
    return decoded
