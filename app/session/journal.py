"""The journal of one session on disk: every revision before it is acknowledged. The only file that knows SQL."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.history import Revision

JOURNAL_FILE = "journal.sqlite"
BALLAST_FILE = "journal.ballast"
BALLAST_BYTES = (
    1 << 20
)  # given back when the disk is full, so that the journal can still be read, rolled back and closed
SCHEMA_VERSION = 2  # since 2, deltas may hold rewirings; all else is as in 1
_FULL_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC})
# SQLITE_ERROR is what a table that is not there any more gives
_DAMAGE_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SCHEMA = """
create table about (key text primary key, value blob not null) without rowid;
create table revision (
  number integer primary key, author text not null, client text not null,
  entry blob not null, edit blob not null, delta blob not null, message blob not null
);
create unique index revision_client on revision (author, client);
"""


class JournalFull(Exception):
    """The disk has no room: nothing of the open transaction is on it."""


class JournalDamaged(Exception):
    """What is on disk can be read only in part."""


class Entry(msgspec.Struct, frozen=True):
    """One revision as it is kept: what happened, the edit, its exact effect, and the message that browsers got."""

    revision: Revision
    edit: bytes
    delta: bytes
    message: bytes


class Journal:
    """One SQLite file, written by one process. `add` collects, `commit` makes everything collected durable at once."""

    def __init__(self, folder: Path, patience: float = 10.0) -> None:
        self._folder = folder
        self._database = sqlite3.connect(folder / JOURNAL_FILE, timeout=patience, isolation_level=None)
        self._open_transaction = False
        try:
            with _damage(), _disk_errors():
                self._prepare()
            self.restore_ballast()
        except BaseException:
            self._database.close()
            raise

    def _prepare(self) -> None:
        # exclusive: a process that is about to die must be gone before its successor writes
        for pragma in ("locking_mode=exclusive", "journal_mode=wal", "synchronous=full"):
            self._database.execute(f"pragma {pragma}").fetchall()
        version = self._database.execute("pragma user_version").fetchone()[0]
        if version == 0:
            self._database.executescript(f"begin; {_SCHEMA} pragma user_version = {SCHEMA_VERSION}; commit;")
        elif version > SCHEMA_VERSION:
            raise AppError(
                "journal-too-new",
                "this session was written by a newer version of Scalpel",
                hint="open it with that version, or open the model afresh",
                status=409,
            )
        elif version < SCHEMA_VERSION:
            self._database.execute(f"pragma user_version = {SCHEMA_VERSION}")

    def restore_ballast(self) -> None:
        """Lay aside the bytes that a full disk will need; JournalFull when there are none."""
        path = self._folder / BALLAST_FILE
        if path.exists() and path.stat().st_size == BALLAST_BYTES:
            return
        try:
            with _disk_errors(), path.open("wb") as file:
                file.write(b"\0" * BALLAST_BYTES)
                file.flush()
                os.fsync(file.fileno())
        except JournalFull:
            path.unlink(missing_ok=True)
            raise

    def drop_ballast(self) -> None:
        """Give its room back to a full disk."""
        (self._folder / BALLAST_FILE).unlink(missing_ok=True)

    def add(self, entry: Entry) -> None:
        """Collect one revision for the next commit."""
        with _disk_errors():
            self._begin()
            self._database.execute(
                "insert into revision (number, author, client, entry, edit, delta, message) values (?, ?, ?, ?, ?, ?, ?)",
                (
                    entry.revision.number,
                    entry.revision.author,
                    entry.revision.client,
                    msgspec.msgpack.encode(entry.revision),
                    entry.edit,
                    entry.delta,
                    entry.message,
                ),
            )

    def put(self, **about: Any) -> None:
        """Collect facts about the session (MessagePack values) for the next commit."""
        with _disk_errors():
            self._begin()
            self._database.executemany(
                "insert or replace into about (key, value) values (?, ?)",
                [(key, msgspec.msgpack.encode(value)) for key, value in about.items()],
            )

    def _begin(self) -> None:
        if not self._open_transaction:
            self._database.execute("begin immediate")
            self._open_transaction = True

    def commit(self) -> None:
        """Make everything collected durable; on JournalFull nothing of it is, and it is forgotten."""
        if not self._open_transaction:
            return
        try:
            with _disk_errors():
                self._database.execute("commit")
        except JournalFull:
            self.roll_back()
            raise
        self._open_transaction = False

    def roll_back(self) -> None:
        """Forget what was collected."""
        if self._database.in_transaction:
            self._database.execute("rollback")
        self._open_transaction = False

    def about(self) -> dict[str, Any]:
        """The facts that `put` kept."""
        with _damage():
            rows = self._database.execute("select key, value from about").fetchall()
            return {key: msgspec.msgpack.decode(value) for key, value in rows}

    def entries(self) -> Iterator[Entry]:
        """Every revision in order; JournalDamaged where it cannot be read any further."""
        expected = 1
        with _damage():
            cursor = self._database.execute("select number, entry, edit, delta, message from revision order by number")
            for number, entry, edit, delta, message in cursor:
                revision = msgspec.msgpack.decode(entry, type=Revision)
                if number != expected or revision.number != number:
                    raise JournalDamaged(f"revision {expected} is missing")
                yield Entry(revision, edit, delta, message)
                expected += 1

    def delta(self, number: int) -> bytes:
        """The delta of one revision, collected ones included."""
        with _damage():
            return bytes(self._database.execute("select delta from revision where number = ?", (number,)).fetchone()[0])

    def edits(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """The edits of these revisions, as they were submitted, with what they created."""
        with _damage():
            query = "select edit from revision where number = ?"
            rows = [self._database.execute(query, (number,)).fetchone() for number in numbers]
            return [msgspec.msgpack.decode(row[0]) for row in rows]

    def message_bytes(self, after: int) -> int:
        """The size of all messages after this revision."""
        with _damage():
            query = "select total(length(message)) from revision where number > ?"
            return int(self._database.execute(query, (after,)).fetchone()[0])

    def messages(self, after: int, limit: int) -> list[bytes]:
        """The messages of at most `limit` revisions after this one, in order."""
        with _damage():
            query = "select message from revision where number > ? order by number limit ?"
            return [bytes(row[0]) for row in self._database.execute(query, (after, limit))]

    def close(self) -> None:
        """Fold the log into the file and let go of it."""
        with contextlib.suppress(sqlite3.Error):  # a full disk: the log stays beside the file, complete
            self._database.execute("pragma wal_checkpoint(truncate)").fetchall()
        self._database.close()


def remove_journal(folder: Path) -> None:
    """Take a session's journal off the disk."""
    for name in (JOURNAL_FILE, f"{JOURNAL_FILE}-wal", f"{JOURNAL_FILE}-shm", BALLAST_FILE):
        (folder / name).unlink(missing_ok=True)


def set_aside(folder: Path, suffix: str) -> None:
    """Rename a damaged journal, so that a fresh one takes its place and nothing is thrown away."""
    for name in (JOURNAL_FILE, f"{JOURNAL_FILE}-wal", f"{JOURNAL_FILE}-shm"):
        if (folder / name).exists():
            (folder / name).rename(folder / f"{name}.{suffix}")


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) in _FULL_CODES:
            raise JournalFull from error
        raise
    except OSError as error:
        if error.errno in _FULL_ERRNOS:
            raise JournalFull from error
        raise


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if primary == sqlite3.SQLITE_BUSY:
            raise AppError(
                "session-in-use",
                "this session is open in another process",
                hint="close it there, or try again in a moment",
                status=409,
            ) from error
        if primary not in _DAMAGE_CODES:
            raise
        raise JournalDamaged("the journal cannot be read") from error
    except (msgspec.MsgspecError, TypeError) as error:
        raise JournalDamaged("the journal cannot be read") from error
