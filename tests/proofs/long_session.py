"""One real session that is edited, undone, redone, saved and killed at random, and a document beside it that does the same in here."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from msgspec import json

from onnx_scalpel.cli import main as cli
from onnx_scalpel.document.delta import Delta, decode_delta, encode_delta
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, edit_types, parse_edit
from onnx_scalpel.errors import AppError
from tests.proofs.apart import Told, each_apart
from tests.proofs.careless import careless_edit
from tests.proofs.sensible import MAKERS, any_sensible_edit
from tests.session.conftest import NEVER_TIRED, Sessions

AUTHOR = "ann"
KINDS = sorted(MAKERS)
QUICK = [kind for kind in KINDS if not edit_types()[kind].in_job]
STEPS = ("edit",) * 12 + ("careless",) * 3 + ("undo",) * 4 + ("redo",) * 3
ROUGH_STEPS = (*STEPS, "kill", "save", "save as")


class LongSession:
    """`original` is the model's file as it was; the session works on a copy in `folder`, with the data files beside it.

    Edits are of these `kinds`.
    """

    def __init__(
        self, sessions: Sessions, original: Path, folder: Path, counts: Counter[str], kinds: Sequence[str] = QUICK
    ) -> None:
        self.original, self.folder, self.counts, self.kinds = original, folder, counts, kinds
        self.path = folder / original.name
        shutil.copyfile(original, self.path)
        for location in open_model(original).file.locations:
            if (source := original.parent / location).is_file():
                (folder / location).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder / location)
        sessions.may_end = True
        self.client, self.heard = sessions.open(self.path, folder.name, NEVER_TIRED)
        self.document = open_model(original)
        self.done: list[Delta] = []
        self.undone: list[Delta] = []

    def step(self, seed: int, rough: bool) -> None:
        """One step at random; it must end in the same model here and there, which `proved` looks at."""
        chance = random.Random(f"{self.original.parent.name}/{self.original.name}/{seed}")
        how = chance.choice(ROUGH_STEPS if rough else STEPS)
        if how == "undo" and self.done:
            for _ in range(chance.choice([1, 2, 4])):
                self._undo()
            for _ in range(chance.choice([0, 1, 3])):
                self._redo()
        elif how == "redo" and self.undone:
            self._redo()
        elif how == "kill":
            self._kill()
        elif how in ("save", "save as"):
            self._save(self.path if how == "save" else self.folder / "elsewhere.onnx")
        elif how == "careless":
            self._edit(self._chosen(lambda: careless_edit(self.document, chance)))
        else:
            how = "edit"
            self._edit(self._chosen(lambda: any_sensible_edit(self.document, chance, self.kinds)))
        self.counts["steps"] += 1
        if how in ("kill", "save", "save as"):
            self.counts[how] += 1

    def proved(self) -> None:
        """Undo everything, redo everything, and replay the recipe."""
        edited = self.bytes()
        assert edited == model_bytes(self.document), "the session's model is not what its edits make of the file"
        assert self._replayed() == edited, "the recipe makes another model"
        for _ in self.done:
            self.client.undo(AUTHOR)
        assert self.bytes() == self.original.read_bytes(), "undoing everything does not give the original bytes"
        for _ in self.done:
            self.client.redo(AUTHOR)
        assert self.bytes() == edited, "redoing everything does not give the edited bytes"

    def bytes(self) -> bytes:
        target = self.folder / "written.onnx"
        self.client.write_model(target, alone=True)
        try:
            return target.read_bytes()
        finally:
            target.unlink()

    def _undo(self) -> None:
        if self.done:
            self.client.undo(AUTHOR)
            self.undone.append(self.done.pop())
            self.document.apply(self.undone[-1].inverse())
            self.counts["undo"] += 1

    def _redo(self) -> None:
        if self.undone:
            self.client.redo(AUTHOR)
            self.done.append(self.undone.pop())
            self.document.apply(self.done[-1])
            self.counts["redo"] += 1

    def _edit(self, edit: dict[str, Any] | None) -> None:
        if edit is None:
            return
        self.counts["made"] += 1
        try:
            answer = self.client.edit(edit, AUTHOR)
        except AppError as refused:
            assert refused.status < 500, refused.message
            return
        if not answer["delta"] and not answer["created"]:
            return
        delta, created = self._applied(edit, answer["created"])
        assert created == answer["created"], f"{edit} made {created} here, {answer['created']} there"
        self.done.append(delta)
        self.undone.clear()
        self.counts["accepted"] += 1

    def _chosen(self, choose: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
        """An edit, chosen in a child process: inferring types of what careless edits left may crash."""
        [(_, told)] = each_apart(lambda _: choose(), [None])
        if isinstance(told, Told):
            return told.result
        assert told.how.startswith("the process ended"), told.how
        self.counts["inference crashed"] += 1
        return None

    def _applied(self, edit: dict[str, Any], created: list[str]) -> tuple[Delta, list[str]]:
        """The edit made of the document; what asks libraries in a child process, because they may end it."""
        kind = edit_types()[edit["kind"]]
        if not kind.in_job and not kind.asks_types:
            applied = apply_edit(self.document, parse_edit(edit), created)
            return applied.delta, applied.created
        assert self.document.file.store.folder.is_dir()  # the child puts tensors there
        [(_, told)] = each_apart(self._worked_out, [(edit, created)])
        assert isinstance(told, Told), told
        delta = decode_delta(told.result[0])
        self.document.apply(delta)
        self.counts["of them transforms"] += kind.in_job
        return delta, told.result[1]

    def _worked_out(self, item: tuple[dict[str, Any], list[str]]) -> tuple[bytes, list[str]]:
        applied = apply_edit(self.document, parse_edit(item[0]), item[1])
        return encode_delta(applied.delta), applied.created

    def _kill(self) -> None:
        """End the session's process at once, and wait for the next one."""
        pid, heard = self.client.pid, self.heard
        assert pid is not None
        with heard.changed:
            before = heard.states.count("recovering")
            os.kill(pid, signal.SIGKILL)
            recovered = heard.changed.wait_for(
                lambda: heard.states.count("recovering") > before and heard.states[-1] == "ready", 120
            )
            assert recovered, "the session does not come back"

    def _save(self, target: Path) -> None:
        self.client.save(target, overwrite=True)
        assert target.read_bytes() == model_bytes(self.document), "what is saved is another model"

    def _replayed(self) -> bytes:
        recipe, target = self.folder / "recipe.json", self.folder / "replayed.onnx"
        recipe.write_bytes(json.encode(self.client.recipe()))
        result = CliRunner().invoke(cli, ["apply", str(recipe), str(self.original), "-o", str(target)])
        assert result.exit_code == 0, result.output
        return target.read_bytes()
