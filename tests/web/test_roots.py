"""Which files may be opened, listed and saved, and how their paths are shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.roots import Roots


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    """Two roots, `first` and `second`, and a folder `outside` with a secret."""
    for name in ("first/inner", "second", "outside"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("first/a.onnx", "first/inner/b.onnx", "second/c.onnx", "outside/secret.onnx", "first/notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    return Roots([tmp_path / "first", tmp_path / "second"])


def refusal(roots: Roots, text: str) -> tuple[int, str]:
    with pytest.raises(AppError) as caught:
        roots.model_file(text)
    return caught.value.status, caught.value.code


def test_paths_start_from_the_first_root_or_are_absolute(roots: Roots, tmp_path: Path) -> None:
    assert roots.model_file("inner/b.onnx") == tmp_path / "first/inner/b.onnx"
    assert roots.model_file(str(tmp_path / "second/c.onnx")) == tmp_path / "second/c.onnx"


def test_a_shown_path_leads_back_to_its_file(roots: Roots, tmp_path: Path) -> None:
    for name in ("first/a.onnx", "first/inner/b.onnx", "second/c.onnx"):
        assert roots.model_file(roots.show(tmp_path / name)) == tmp_path / name
    assert roots.show(tmp_path / "outside/secret.onnx") == "secret.onnx"


@pytest.mark.parametrize(
    "text", ["../outside/secret.onnx", "inner/../../outside/secret.onnx", "../outside/missing", "/etc/passwd"]
)
def test_what_lies_outside_is_refused_whether_it_exists_or_not(roots: Roots, text: str) -> None:
    assert refusal(roots, text) == (403, "outside-roots")


def test_a_link_counts_as_what_it_leads_to(roots: Roots, tmp_path: Path) -> None:
    (tmp_path / "first/out.onnx").symlink_to(tmp_path / "outside/secret.onnx")
    (tmp_path / "first/way").symlink_to(tmp_path / "outside")
    (tmp_path / "first/fine.onnx").symlink_to(tmp_path / "second/c.onnx")
    (tmp_path / "first/circle").symlink_to(tmp_path / "first/circle")
    assert refusal(roots, "out.onnx") == (403, "outside-roots")
    assert refusal(roots, "way/secret.onnx") == (403, "outside-roots")
    assert refusal(roots, "circle")[0] in (400, 404)
    assert roots.model_file("fine.onnx") == tmp_path / "second/c.onnx"
    names = [entry["name"] for entry in roots.listing("")["entries"]]
    assert "fine.onnx" in names and "out.onnx" not in names and "way" not in names


def test_only_regular_files_are_models(roots: Roots, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "first/pipe.onnx")
    assert refusal(roots, "pipe.onnx") == (400, "not-a-file")
    assert refusal(roots, "inner") == (400, "is-a-folder")
    assert refusal(roots, "missing.onnx") == (404, "no-such-file")


def test_a_listing_holds_folders_and_models_and_the_other_roots(roots: Roots) -> None:
    listing = roots.listing("")
    assert [entry["name"] for entry in listing["entries"]] == ["inner", "second", "a.onnx"]
    assert listing["entries"][2] == {"name": "a.onnx", "path": "a.onnx", "folder": False, "bytes": 1}
    assert roots.listing("second")["entries"][0]["path"] == "second/c.onnx"
    assert roots.listing("inner")["path"] == "inner"


def test_a_name_that_is_no_utf8_can_still_be_listed(roots: Roots, tmp_path: Path) -> None:
    Path(os.fsdecode(bytes(tmp_path / "first") + b"/caf\xe9.onnx")).write_bytes(b"")
    names = [entry["name"] for entry in roots.listing("")["entries"]]
    assert "caf\ufffd.onnx" in names
