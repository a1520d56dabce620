"""Notices when another program changes the file that Save writes to, or the weights beside it: by size and time, then by content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from onnx_scalpel.document.document import Document
from onnx_scalpel.errors import AppError
from onnx_scalpel.session.checks import Publish
from onnx_scalpel.session.files import FileIdentity, data_files, identify
from onnx_scalpel.session.loop import Loop
from onnx_scalpel.session.session import Session

EVERY_SECONDS = 2.0
Facts = tuple[int, int, int, int]  # device, inode, size, time of change
GONE: Facts = (0, 0, 0, 0)


class Watch:
    """The file that a session was opened from or saved to last, as it was then; `changed` is what the last look found."""

    def __init__(self, document: Document, about: Mapping[str, Any]) -> None:
        """`about` is what the journal keeps: the `file` saved to last, or else the `identity` of the opened one."""
        self._document = document
        saved = about.get("file")
        self.path = Path(saved["path"]) if saved else document.path
        self.revision = int(saved["revision"]) if saved else 0  # that the file holds
        self._identity = msgspec.convert((saved or about)["identity"], FileIdentity)
        named = saved.get("data") if saved else None
        self._named = None if named is None else [Path(path) for path in named]  # data files of the saved model
        self._facts = GONE if saved else _facts(self.path)  # an opened file was compared just now
        self._same = True
        self._opened = _facts(document.path)
        self._rests_on = {path: _facts(path) for path in self._weights()}
        self._beside = self._data_beside()
        self.changed = False
        self.look()

    def look(self) -> bool:
        """Look again; whether `changed` is another answer than before. Reads the file only when its size or time differ."""
        before = self.changed
        facts = _facts(self.path)
        if facts != self._facts:
            self._facts = facts
            self._same = facts != GONE and self._is_the_same()
        self.changed = not self._same or any(known not in (GONE, _facts(path)) for path, known in self._beside.items())
        return self.changed != before

    def settle(self, path: Path, revision: int, data: Sequence[Path]) -> dict[str, Any]:
        """The model of this revision was written to `path`, the file from now on, with these data files; what the journal
        keeps of it."""
        self.path, self.revision, self._identity, self._named = path, revision, identify(path), list(data)
        self._facts, self._same, self.changed = _facts(path), True, False
        self._beside = self._data_beside()
        return self.kept()

    def kept(self) -> dict[str, Any]:
        """What the journal keeps of the file."""
        return saved_as(self.path, self.revision, self._identity, self._named or ())

    def rests_elsewhere(self) -> None:
        """The document rests on other files now."""
        known, own = self._rests_on, self._document.path
        self._opened = known[own] = _facts(own)
        self._rests_on = {weights: known.get(weights, _facts(weights)) for weights in self._weights()}

    def rests_on_more(self) -> None:
        """Data files that were missing are there now."""
        known = self._rests_on
        self._rests_on = {weights: known.get(weights, GONE) for weights in self._weights()}
        self._rests_on = {path: _facts(path) if facts == GONE else facts for path, facts in self._rests_on.items()}
        self._beside = {path: self._beside.get(path, _facts(path)) for path in self._data_beside()}

    def intact(self) -> bool:
        """Whether the file that the document rests on is still the one that was opened."""
        return _facts(self._document.path) == self._opened

    def lost_weights(self) -> Path | None:
        """A file whose bytes the model refers to, and that was written over or taken away."""
        for path, before in self._rests_on.items():
            now = _facts(path)
            mapped = path == self._document.path  # its bytes stay reachable when another file takes its name
            if now != before and before != GONE and not (mapped and now[:2] != before[:2]):
                return path
        return None

    def require_unchanged(self) -> None:
        """AppError `changed-on-disk` with what can be done about it."""
        self.look()
        if not self.changed:
            return
        gone = self._facts == GONE
        what = "is not there any more" if gone else "was changed by another program"
        raise AppError(
            "changed-on-disk",
            f"{self.path.name} {what} since it was opened or saved here",
            hint="save under another name, overwrite it, or reload it and replay your edits",
            choices=(
                {"label": "Save as…", "do": "save-as"},
                {"label": "Overwrite anyway", "anyway": True},
                *([] if gone else [{"label": "Reload and replay my edits", "do": "reload"}]),
            ),
            status=409,
        )

    def require_weights(self) -> None:
        """AppError `weights-changed` when bytes that the model refers to were written over: saving would mix two models."""
        lost = self.lost_weights()
        if lost is not None:
            what = "was written over" if lost.exists() else "was taken away"
            raise AppError(
                "weights-changed",
                f"{lost.name} {what} since the model was opened, so its weights cannot be saved",
                hint="reload the model and replay your edits, or put the earlier file back",
                status=409,
            )

    def _weights(self) -> list[Path]:
        """The files whose bytes the model refers to without holding them."""
        document = self._document
        mapped = [document.path] if document.file.reads_own and not isinstance(document.file.data, bytes) else []
        return [*mapped, *data_files(document).values()]

    def _data_beside(self) -> dict[Path, Facts]:
        """The data files that the watched file refers to."""
        beside = (self.path.parent / name for name in data_files(self._document))
        paths = beside if self._named is None else self._named
        return {path: _facts(path) for path in paths}

    def _is_the_same(self) -> bool:
        try:
            return identify(self.path).matches(self._identity)
        except OSError:
            return False


def saved_as(path: Path, revision: int, identity: FileIdentity, data: Iterable[Path]) -> dict[str, Any]:
    """What the journal keeps of a file that a session was saved to."""
    named = [str(one) for one in data]
    return {"path": str(path), "revision": revision, "identity": msgspec.to_builtins(identity), "data": named}


def _facts(path: Path) -> Facts:
    try:
        found = path.stat()
    except OSError:
        return GONE
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class Watching:
    """Looks at the file from time to time, and tells everyone when it was changed or put back."""

    def __init__(self, session: Session, watch: Watch, loop: Loop, publish: Publish) -> None:
        self._session = session
        self._watch = watch
        self._loop = loop
        self._publish = publish
        self.on_change: Callable[[], None] | None = None
        self._later()

    def look(self) -> bool:
        """Look now; whether the file is another one."""
        if self._watch.look():
            self.tell()
            if self.on_change is not None:
                self.on_change()
        return self._watch.changed

    @property
    def revision(self) -> int:
        """The revision that the session's file holds."""
        return self._watch.revision

    def tell(self) -> None:
        """Tell everyone how the session stands to its file."""
        self._publish("session", standing(self._session, self._watch))

    def _later(self) -> None:
        self._loop.call_later(EVERY_SECONDS, self._tick)

    def _tick(self) -> None:
        self._later()
        self.look()


def standing(session: Session, watch: Watch) -> dict[str, Any]:
    """The page's SessionMessage."""
    return {
        "session": session.id,
        "state": "ready",
        "unsaved": session.unsaved,
        "saved_path": session.saved_path,
        "revision": session.revision,
        "changed_on_disk": watch.changed,
    }
