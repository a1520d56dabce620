"""The journal on a real disk: groups, a disk that is full, files that are damaged."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.history import Revision
from onnx_scalpel.session.journal import (
    BALLAST_FILE,
    JOURNAL_FILE,
    SCHEMA_VERSION,
    Entry,
    Journal,
    JournalDamaged,
    JournalFull,
    remove_journal,
)


def entry(number: int, size: int = 10) -> Entry:
    revision = Revision(number, "edit", None, "k", f"edit {number}", "ann", "Ann", f"c{number}", "now", ("node:x",))
    return Entry(revision, b"\x80", b"d" * size, b"m")


def filled(folder: Path, count: int) -> None:
    journal = Journal(folder)
    journal.put(name="model.onnx")
    for number in range(1, count + 1):
        journal.add(entry(number, 2000))
    journal.commit()
    journal.close()


def test_what_is_committed_is_there_again(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    journal = Journal(tmp_path)
    assert journal.about() == {"name": "model.onnx"}
    assert list(journal.entries()) == [entry(n, 2000) for n in (1, 2, 3)]
    assert journal.delta(2) == b"d" * 2000
    assert journal.messages(1, 10) == [b"m", b"m"]
    journal.close()


def test_what_is_not_committed_is_not_there(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    journal = Journal(tmp_path)
    journal.add(entry(2))
    journal.roll_back()
    journal.add(entry(2, 5))
    journal.commit()
    assert [len(found.delta) for found in journal.entries()] == [2000, 5]
    journal.close()


def test_a_full_disk_keeps_what_was_committed_and_takes_more_once_there_is_room(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add(entry(1))
    journal.commit()
    database = journal._database
    pages = database.execute("pragma page_count").fetchone()[0]
    database.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(JournalFull):
        journal.add(entry(2, 1_000_000))
        journal.commit()
    journal.roll_back()
    journal.drop_ballast()
    assert not (tmp_path / BALLAST_FILE).exists()
    assert [found.revision.number for found in journal.entries()] == [1]
    database.execute("pragma max_page_count = 1073741823")
    journal.restore_ballast()
    journal.add(entry(2, 1_000_000))
    journal.commit()
    journal.close()
    assert [found.revision.number for found in Journal(tmp_path).entries()] == [1, 2]


def test_a_damaged_journal_gives_what_can_be_read(tmp_path: Path) -> None:
    filled(tmp_path, 50)
    file = tmp_path / JOURNAL_FILE
    data = bytearray(file.read_bytes())
    data[len(data) // 2 :] = b"\xaa" * (len(data) - len(data) // 2)
    file.write_bytes(data)
    read = []
    with pytest.raises(JournalDamaged):
        journal = Journal(tmp_path)
        for found in journal.entries():
            read.append(found)
    assert read == [entry(n, 2000) for n in range(1, len(read) + 1)]


def test_a_file_that_is_no_journal_is_damage(tmp_path: Path) -> None:
    (tmp_path / JOURNAL_FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(JournalDamaged):
        Journal(tmp_path)


def test_one_client_id_of_one_author_is_kept_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add(entry(1))
    twin = entry(2)
    with pytest.raises(sqlite3.IntegrityError):
        journal.add(
            Entry(Revision(2, "edit", None, "k", "t", "ann", "Ann", "c1", "now"), twin.edit, twin.delta, twin.message)
        )
    journal.close()


def test_a_removed_journal_leaves_nothing(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    remove_journal(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_another_process_writes_is_not_damaged(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    first = Journal(tmp_path)
    with pytest.raises(AppError) as refused:
        Journal(tmp_path, patience=0.1)
    assert refused.value.code == "session-in-use"
    first.close()
    assert [found.revision.number for found in Journal(tmp_path).entries()] == [1]


def test_a_journal_of_an_earlier_version_is_taken_on_and_one_of_a_later_refused(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    for version, refused in ((1, False), (99, True)):
        with sqlite3.connect(tmp_path / JOURNAL_FILE) as database:
            database.execute(f"pragma user_version = {version}")
        database.close()
        if refused:
            with pytest.raises(AppError, match="newer version"):
                Journal(tmp_path)
        else:
            journal = Journal(tmp_path)
            assert list(journal.entries()) == [entry(1, 2000)]
            journal.close()
            with sqlite3.connect(tmp_path / JOURNAL_FILE) as database:
                assert database.execute("pragma user_version").fetchone() == (SCHEMA_VERSION,)
            database.close()
