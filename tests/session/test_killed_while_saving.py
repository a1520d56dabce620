"""A session whose process is killed while it saves over its file: the file is old or new, and the session fits to whichever it is."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from pathlib import Path

import pytest

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.client import SessionClient
from tests.session.conftest import NEVER_TIRED, Heard, Sessions
from tests.session.test_rebasing import ANN, LAYOUTS, copy_of, kept_bytes, kill, large_model, rename

KILLS = 3
MANY_KILLS = 40


def save_and_kill(client: SessionClient, path: Path, delay: float, weights: str) -> None:
    def save() -> None:
        with contextlib.suppress(AppError):
            client.save(path, overwrite=True, weights={"weights": weights})

    saving = threading.Thread(target=save)
    saving.start()
    time.sleep(delay)
    if client.pid is not None:
        kill(client)
    saving.join()


def wait_until_recovered(heard: Heard, before: int) -> None:
    with heard.changed:
        assert heard.changed.wait_for(lambda: len(heard.states) >= before + 2 and heard.states[-1] == "ready", 30)


def kill_again_and_again(sessions: Sessions, folder: Path, outside: tuple[str, ...], kills: int) -> None:
    sessions.may_end = True
    (folder / "models").mkdir()
    path = large_model(folder / "models" / "large.onnx", outside)
    client, heard = sessions.open(path, patience=NEVER_TIRED)
    whole = copy_of(client, folder / "whole").read_bytes()
    client.edit(rename("value:a", "n0"), ANN)
    chance = random.Random(kills)
    before = time.perf_counter()
    client.save(path, overwrite=True)
    seconds = time.perf_counter() - before
    new = 0
    for number in range(1, kills + 1):
        client.edit(rename("value:a", f"n{number}"), ANN)
        old = path.read_bytes()
        states = len(heard.states)
        save_and_kill(
            client, path, chance.uniform(0, 2.5 * seconds), chance.choice(("as-opened", "inline", "one-file"))
        )
        wait_until_recovered(heard, states)
        new += path.read_bytes() != old
        assert client.summary()["changed_on_disk"] is False, "the session knows the file"
        assert client.summary()["unsaved"] is (path.read_bytes() == old)
        assert f"n{number}".encode() in copy_of(client, folder / f"copy{number}").read_bytes()
    for _ in range(kills + 1):
        client.undo(ANN)
    assert copy_of(client, folder / "undone").read_bytes() == whole
    assert kept_bytes(sessions) < 1_000_000
    print(f"{kills} kills: {new} saves came through")


@pytest.mark.parametrize("outside", LAYOUTS.values(), ids=LAYOUTS)
def test_a_session_killed_while_it_saves_fits_to_its_file(
    sessions: Sessions, tmp_path: Path, outside: tuple[str, ...]
) -> None:
    kill_again_and_again(sessions, tmp_path, outside, KILLS)


@pytest.mark.long
@pytest.mark.parametrize("outside", LAYOUTS.values(), ids=LAYOUTS)
def test_many_kills_while_a_session_saves(sessions: Sessions, tmp_path: Path, outside: tuple[str, ...]) -> None:
    kill_again_and_again(sessions, tmp_path, outside, MANY_KILLS)
