"""The open sessions by id: opening, finding again after a restart, closing. One SessionClient each."""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.zygote import Zygote
from onnx_scalpel.session.client import SessionClient
from onnx_scalpel.web.openings import Opening
from onnx_scalpel.web.recent import read_json, write_json
from onnx_scalpel.web.roots import Roots

LOG = logging.getLogger("onnx_scalpel.web")
SESSION_ID = re.compile(r"[0-9a-f]{24}")
JOBS_KEPT = 1000
DAY = 86400.0  # seconds
CUT_OFF_AGE = DAY  # another server with the same data folder may be receiving a younger upload
UNEDITED_AGE = 7 * DAY
Publish = Callable[[str, str, dict[str, Any]], None]


@dataclass(frozen=True)
class Opened:
    """What a session was opened from. `source` is `path`, `upload` or `sample`; only a path is shown to the user.

    `saved` is the file that it was saved to last, which from then on is the session's own.
    """

    id: str
    name: str
    path: Path
    source: str
    saved: Path | None = None

    @property
    def file(self) -> Path | None:
        """The user's file that this session stands for; None for an upload or a sample that was never saved."""
        return self.saved or (self.path if self.source == "path" else None)


@dataclass(frozen=True)
class Session:
    """One open session: what it was opened from and the line to its process."""

    opened: Opened
    client: SessionClient

    @property
    def name(self) -> str:
        """What the model is called: its file's name."""
        return self.opened.saved.name if self.opened.saved else self.opened.name


class Sessions:
    """All open sessions of this server; thread-safe.

    `data_dir/sessions/<id>` is the session's journal, `data_dir/uploads/<id>` its uploaded files, and
    `data_dir/opened/<id>.json` says what it was opened from, so that a server that is started again finds it.
    """

    def __init__(
        self, zygote: Zygote, data_dir: Path, roots: Roots, samples: Path, limit: int, publish: Publish
    ) -> None:
        self._zygote = zygote
        self._journals = data_dir / "sessions"
        self._uploads = data_dir / "uploads"
        self._records = data_dir / "opened"
        self._roots = roots
        self._samples = samples
        self._limit = limit
        self._publish = publish
        self._lock = threading.Lock()
        self._opening: dict[str, threading.Lock] = {}
        self._open: dict[str, Session] = {}
        self._jobs: OrderedDict[str, str] = OrderedDict()
        self._first: str | None = None

    def new_id(self) -> str:
        """An id that cannot be guessed; it is also the name of the session's folders."""
        return secrets.token_hex(12)

    def upload_folder(self, session_id: str) -> Path:
        """Where the files uploaded for a session lie."""
        return self._uploads / session_id

    def waiting_upload(self, upload: str) -> Path:
        """The folder of files that were sent and wait for a choice. AppError 404: there are none."""
        folder = self._uploads / upload
        if not SESSION_ID.fullmatch(upload) or not folder.is_dir() or self.has(upload):
            raise AppError("no-such-upload", "those files are not here any more", hint="send them again", status=404)
        return folder

    def open(
        self,
        path: Path,
        *,
        source: str,
        session_id: str | None = None,
        keep_files: bool = False,
        opening: Opening | None = None,
    ) -> Session:
        """Open a model in a new session. AppError: it is refused, or too many are open; uploaded files then go, unless
        `keep_files`. `opening` hears how far it is, and may give it up: `cancelled`."""
        opened = Opened(session_id or self.new_id(), path.name, path, source)
        try:
            session = self._start(opened, opening)
            self._record(opened)
            if opening is not None:
                self._keep_giving_up(opened.id, opening)
        except BaseException:
            if not keep_files:
                self.remove_files(opened.id)
            raise
        return session

    def _keep_giving_up(self, session_id: str, opening: Opening) -> None:
        """A session that is open is given up by closing it. AppError `cancelled`: it was not wanted any more."""
        try:
            opening.undone_by(lambda: self.close(session_id))
        except AppError:
            self.close(session_id)
            raise

    def find(self, session_id: str) -> Session:
        """An open session, or one of an earlier run whose journal is still there: that is opened again. AppError 404."""
        session = self._open.get(session_id)
        if session is not None:
            return session
        missing = AppError("no-such-session", "there is no such session", hint="open the model again", status=404)
        if not SESSION_ID.fullmatch(session_id):
            raise missing
        with self._lock:
            lock = self._opening.setdefault(session_id, threading.Lock())
        with lock:
            session = self._open.get(session_id)
            if session is None:
                opened = self._recorded(session_id)
                if opened is None:
                    raise missing
                session = self._start(opened)
        return session

    def has(self, session_id: str) -> bool:
        """Whether a session is open, or one of an earlier run that can be opened again."""
        recorded = SESSION_ID.fullmatch(session_id) and (self._records / f"{session_id}.json").exists()
        return session_id in self._open or bool(recorded)

    def own_file(self, session: Session) -> Path | None:
        """The session's file as it is now; None when it has none. AppError 403: a link that took its place leads outside
        the roots."""
        file = session.opened.file
        return None if file is None else self._roots.resolve(str(file))

    def on_file(self, path: Path, among: Collection[str]) -> Session | None:
        """The newest of these sessions that stands for this file."""
        found = [session for session in self.all() if session.opened.file == path and session.opened.id in among]
        return found[-1] if found else None

    def saved(self, session: Session, path: Path) -> None:
        """The session was saved to a file below the roots, which is its own from now on."""
        opened = replace(session.opened, saved=path)
        with self._lock:
            if opened.id in self._open:
                self._open[opened.id] = Session(opened, session.client)
        self._record(opened)

    def lead_to(self, session: Session) -> None:
        """Remember the session of the model that the server was started with."""
        self._first = session.opened.id

    def first(self) -> Session | None:
        """That session, while it is open."""
        return self._open.get(self._first) if self._first else None

    def all(self) -> list[Session]:
        """Every open session, in the order of opening."""
        with self._lock:
            return list(self._open.values())

    def close(self, session_id: str) -> None:
        """Close a session for good: its process, its journal and its uploaded files. AppError 404."""
        session = self.find(session_id)
        with self._lock:
            self._open.pop(session_id, None)
        (self._records / f"{session_id}.json").unlink(missing_ok=True)
        session.client.close()
        self.remove_files(session_id)
        closed = {"session": session_id, "state": "closed", "unsaved": False, "saved_path": None, "revision": 0}
        closed["changed_on_disk"] = False
        self._publish(session_id, "session", closed)

    def stop(self, patience: float) -> None:
        """End every session's process and keep the journals: the server stops. Waits at most `patience` seconds."""
        with self._lock:
            sessions, self._open = list(self._open.values()), {}
        if not sessions:
            return
        pool = ThreadPoolExecutor(len(sessions))
        wait([pool.submit(session.client.close) for session in sessions], patience)
        pool.shutdown(wait=False, cancel_futures=True)

    def shown_path(self, opened: Opened) -> str:
        """The path of its file relative to its root; '' for an upload or a sample that was never saved."""
        return self._roots.show(opened.file) if opened.file else ""

    def known(self, opened: Opened) -> dict[str, Any]:
        """What a session is called, and where its file is."""
        name = opened.saved.name if opened.saved else opened.name
        return {"session": opened.id, "name": name, "path": self.shown_path(opened)}

    def summary(self, session: Session) -> dict[str, Any]:
        """The page's SessionSummary."""
        summary = session.client.summary() | self.known(session.opened)
        if summary.get("saved_path"):
            summary["saved_path"] = self._roots.show(Path(summary["saved_path"]))
        # an upload and a sample are the server's own
        summary["changed_on_disk"] = summary["changed_on_disk"] and session.opened.file is not None
        return summary

    def tell(self, session: Session, event: str, payload: dict[str, Any]) -> None:
        """Tell the browsers of a session something that its own process does not know."""
        self._publish(session.opened.id, event, payload | {"session": session.opened.id})

    def remember_job(self, job: str, session_id: str) -> None:
        """Note which session a job belongs to; the oldest are forgotten."""
        with self._lock:
            self._jobs[job] = session_id
            while len(self._jobs) > JOBS_KEPT:
                self._jobs.popitem(last=False)

    def of_job(self, job: str) -> Session:
        """The session that a job belongs to. AppError 404."""
        with self._lock:
            session_id = self._jobs.get(job)
        if session_id is None or session_id not in self._open:
            raise AppError("no-such-job", "there is no such job", hint="its session may have been closed", status=404)
        return self.find(session_id)

    def sweep(self) -> None:
        """Remove what nobody will ask for again: uploads that were cut off, and old sessions in which nothing was edited."""
        for folder in self._folders(self._uploads):
            if not (self._records / f"{folder.name}.json").exists() and _age(folder) > CUT_OFF_AGE:
                shutil.rmtree(folder)
        for record in self._records.glob("*.json"):
            if _age(record) > UNEDITED_AGE and not (self._journals / record.stem).exists():
                record.unlink()
                self.remove_files(record.stem)

    def _folders(self, parent: Path) -> list[Path]:
        if not parent.is_dir():
            return []
        return [path for path in parent.iterdir() if SESSION_ID.fullmatch(path.name) and path.is_dir()]

    def _start(self, opened: Opened, opening: Opening | None = None) -> Session:
        with self._lock:
            if len(self._open) >= self._limit:
                hint = "close a session that is no longer needed"
                raise AppError("too-many-sessions", f"{self._limit} sessions are open", hint=hint, status=429)
        client = SessionClient.open(
            self._zygote,
            session_id=opened.id,
            model_path=opened.path,
            name=opened.name,
            data_dir=self._journals,
            on_event=lambda event, payload: self._forward(opened, event, payload),
            on_state=lambda state: self._forget_lost(opened.id, state),
            on_progress=opening.told if opening else None,
            on_start=opening.undone_by if opening else None,
        )
        session = Session(opened, client)
        with self._lock:
            self._open[opened.id] = session
        return session

    def _forward(self, opened: Opened, event: str, payload: dict[str, Any]) -> None:
        """Pass what a session's process reports on to its browsers, paths as users see them."""
        if event == "job":
            self.remember_job(payload["job"], opened.id)
        if event == "session" and payload.get("saved_path"):
            payload = payload | {"saved_path": self._roots.show(Path(payload["saved_path"]))}
        if event == "session" and opened.source != "path" and not payload.get("saved_path"):
            payload = payload | {"changed_on_disk": False}
        self._publish(opened.id, event, payload)

    def _forget_lost(self, session_id: str, state: str) -> None:
        """A session whose process could not be started again is opened anew when it is asked for."""
        if state == "lost":
            with self._lock:
                self._open.pop(session_id, None)

    def _recorded(self, session_id: str) -> Opened | None:
        """What a session of an earlier run was opened from. AppError 403: outside what this server may open."""
        record = read_json(self._records / f"{session_id}.json")
        if not isinstance(record, dict):
            return None
        path, source = Path(record["path"]), record["source"]
        allowed = {"upload": self.upload_folder(session_id), "sample": self._samples}.get(source)
        inside = path.is_relative_to(allowed) if allowed else self._roots.contains(path.resolve())
        if not inside:
            hint = "start it with --root FOLDER to open files there"
            raise AppError(
                "outside-roots", "that model is outside the folders this server may use", hint=hint, status=403
            )
        saved = Path(record["saved"]) if record.get("saved") else None
        if saved is not None and not self._roots.contains(saved.resolve()):
            saved = None
        return Opened(session_id, record["name"], path, source, saved)

    def _record(self, opened: Opened) -> None:
        record = {"name": opened.name, "path": str(opened.path), "source": opened.source}
        if opened.saved:
            record["saved"] = str(opened.saved)
        write_json(self._records / f"{opened.id}.json", record)

    def remove_files(self, session_id: str) -> None:
        """Delete a session's journal and its uploaded files."""
        for folder in (self._journals / session_id, self.upload_folder(session_id)):
            if folder.is_dir():
                shutil.rmtree(folder)


def _age(path: Path) -> float:
    """Seconds since a file or folder was last written."""
    return time.time() - path.stat().st_mtime
