"""A disk that is really full, where the system lets us make one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from onnx_scalpel.errors import AppError
from tests.session.conftest import Sessions, name_node


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small file system here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_refuses_edits_loses_none_and_takes_them_again_once_there_is_room(
    sessions: Sessions, chain: Path, small_disk: Path
) -> None:
    sessions.data_dir = small_disk
    client, heard = sessions.open(chain)
    filler = small_disk / "filler"
    filler.write_bytes(b"\0" * 1_200_000)
    accepted = 0
    with pytest.raises(AppError) as refused:
        while True:
            client.edit(name_node("node:a", f"{accepted}" * 2000), "ann")
            accepted += 1
    assert (refused.value.code, refused.value.status) == ("read-only", 423)
    assert accepted > 0
    with pytest.raises(AppError, match="disk is full"):
        client.undo("ann")
    summary = client.summary()
    assert summary["revision"] == accepted == len(heard.of("revision"))
    assert [message["revision"] for message in client.since(0)] == list(range(1, accepted + 1))
    client.snapshot("json")
    client.write_model(chain.with_name("rescued.onnx"))
    filler.unlink()
    assert client.edit(name_node("node:b", "room"), "ann")["revision"] == accepted + 1
    client.close()
    again, _ = sessions.open(chain)
    assert again.summary()["revision"] == accepted + 1
    again.close()


def test_a_session_cannot_open_where_there_is_no_room_and_says_so(
    sessions: Sessions, chain: Path, small_disk: Path
) -> None:
    sessions.data_dir = small_disk
    (small_disk / "filler").write_bytes(b"\0" * 2_500_000)
    with pytest.raises(AppError) as refused:
        sessions.open(chain)
    assert refused.value.code == "read-only"
