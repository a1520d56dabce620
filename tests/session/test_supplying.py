"""Which of the files that somebody offers are the ones that a model lacks."""

from __future__ import annotations

from pathlib import Path

from onnx_scalpel.document.data_files import DataFile
from onnx_scalpel.session.supplying import Offered, match


def lacking(*locations: str, needed: int = 8) -> list[DataFile]:
    return [DataFile(location, 1, needed, needed, None) for location in locations]


def offered(*names: str, size: int = 8) -> list[Offered]:
    return [Offered(name, Path("/received") / name, size) for name in names]


def taken(files: list[DataFile], offers: list[Offered]) -> dict[str, str]:
    return {location: one.name for location, one in match(files, offers)[0].items()}


def said(files: list[DataFile], offers: list[Offered]) -> list[str]:
    return [one["message"] for one in match(files, offers)[1]]


def test_a_file_is_known_by_its_last_name() -> None:
    assert taken(lacking("weights/w.bin"), offered("w.bin")) == {"weights/w.bin": "w.bin"}


def test_a_folder_that_holds_the_model_and_its_files_is_matched_by_path() -> None:
    files = lacking("a/w.bin", "b/w.bin")
    assert taken(files, offered("net/b/w.bin", "net/a/w.bin")) == {"b/w.bin": "net/b/w.bin", "a/w.bin": "net/a/w.bin"}


def test_a_name_that_may_be_two_files_is_not_guessed() -> None:
    assert taken(lacking("a/w.bin", "b/w.bin"), offered("w.bin")) == {}
    assert said(lacking("a/w.bin", "b/w.bin"), offered("w.bin")) == [
        "w.bin may be a/w.bin or b/w.bin: drop their folder"
    ]


def test_a_file_that_is_too_short_is_another_one() -> None:
    assert said(lacking("w.bin", needed=9_000), offered("w.bin")) == [
        "w.bin has 8 bytes, and the model needs 9,000: it is another file"
    ]


def test_a_larger_file_is_taken() -> None:
    assert taken(lacking("w.bin"), offered("w.bin", size=4096)) == {"w.bin": "w.bin"}


def test_a_file_that_nothing_needs_stays_out() -> None:
    assert said(lacking("w.bin"), offered("readme.md")) == ["no tensor of this model is in a file readme.md"]


def test_a_file_that_is_there_is_not_replaced() -> None:
    there = [DataFile("w.bin", 1, 8, 8, 8)]
    assert said(there, offered("w.bin")) == ["w.bin is there already"]


def test_a_file_that_is_there_but_too_short_is_replaced() -> None:
    cut_off = [DataFile("w.bin", 1, 8, 8, 3)]
    assert taken(cut_off, offered("w.bin")) == {"w.bin": "w.bin"}
