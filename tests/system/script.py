"""A script that talks to a running server over HTTP: opens, edits, waits, downloads."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlsplit

import psutil

from tests.real_server import Answer, RunningServer

PATIENCE = 60.0  # seconds; a busy machine starts processes slowly


class Script:
    """One user of a running server."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server

    def ask(self, method: str, route: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """One request with the token; `body` is JSON unless it is bytes."""
        sent = {"Authorization": f"Bearer {self.server.token}", **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(self.server.origin).port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, route, body, sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def get(self, route: str) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.ask("GET", route)
        assert answer.status == 200, (route, answer.body[:500])
        return answer.json()

    def post(self, route: str, body: Any = None, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON of a POST that must end with this status."""
        answer = self.ask("POST", route, body, headers)
        assert answer.status == status, (route, answer.status, answer.body[:500])
        return answer.json()

    def open(self, path: Path) -> Model:
        """Open a file by its path."""
        return Model(self, self.post("/api/sessions", {"path": str(path)}, status=201)["session"])

    def upload(self, *files: tuple[str, bytes]) -> Answer:
        """Send files to be opened."""
        return self.send("/api/sessions", *files)

    def send(self, route: str, *files: tuple[str, bytes]) -> Answer:
        """Send files as a browser's form does."""
        boundary = "----scalpel-test"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n".encode()
            + content
            + b"\r\n"
            for name, content in files
        ]
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self.ask("POST", route, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def uploaded(self, *files: tuple[str, bytes]) -> Model:
        """Open files by sending them."""
        answer = self.upload(*files)
        assert answer.status == 201, answer.body[:500]
        return Model(self, answer.json()["session"])

    def session_pids(self) -> set[int]:
        """The processes that hold a model: what the zygote forked."""
        web = psutil.Process(self.server.pid)
        return {child.pid for zygote in web.children() for child in zygote.children()}


class Model:
    """One open session."""

    def __init__(self, script: Script, session: str) -> None:
        self.script = script
        self.id = session
        self.route = f"/api/sessions/{session}"

    @property
    def summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = self.script.get(self.route)
        return summary

    @property
    def snapshot(self) -> dict[str, Any]:
        snapshot: dict[str, Any] = self.script.get(f"{self.route}/snapshot?format=json")
        return snapshot

    def edit(self, kind: str, **parameters: Any) -> dict[str, Any]:
        """One edit that must be accepted."""
        answer: dict[str, Any] = self.script.post(f"{self.route}/edits", {"kind": kind, **parameters})
        return answer

    def refused(self, kind: str, **parameters: Any) -> dict[str, Any]:
        """One edit that must not be; its error."""
        return self.script.ask("POST", f"{self.route}/edits", {"kind": kind, **parameters}).error

    def undo(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.script.post(f"{self.route}/undo")
        return answer

    def redo(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.script.post(f"{self.route}/redo")
        return answer

    def undo_all(self) -> int:
        """Take back everything that this script did; how much that was."""
        count = 0
        while (answer := self.script.ask("POST", f"{self.route}/undo")).status == 200:
            count += 1
        assert answer.error["code"] == "nothing-to-undo"
        return count

    def checked(self, seconds: float = PATIENCE) -> dict[str, Any]:
        """The summary once the newest revision is checked."""
        end = time.monotonic() + seconds
        while True:
            summary = self.summary
            if summary["checked_revision"] == summary["revision"]:
                return summary
            assert time.monotonic() < end, "the check does not end"
            time.sleep(0.05)

    def run(self, **request: Any) -> str:
        """Start a run; its job."""
        job: str = self.script.post(f"{self.route}/run", request, status=202)["job"]
        return job

    def job(self, job: str) -> dict[str, Any]:
        state: dict[str, Any] = self.script.get(f"/api/jobs/{job}")
        return state

    def ended(self, job: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """The state of a job once it has ended."""
        end = time.monotonic() + seconds
        while (state := self.job(job))["state"] == "running":
            assert time.monotonic() < end, f"the job still runs: {state}"
            time.sleep(0.05)
        return state

    def download(self) -> bytes:
        """The model as it is now: the .onnx file, or a zip."""
        answer = self.script.ask("GET", f"{self.route}/model")
        assert answer.status == 200, answer.body[:500]
        return answer.body

    def download_files(self) -> dict[str, bytes]:
        """What the zip of a model with data files holds."""
        with zipfile.ZipFile(io.BytesIO(self.download())) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def attribute(self, node: str, name: str) -> Answer:
        return self.script.ask("GET", f"{self.route}/nodes/{quote(node, safe='')}/attributes/{quote(name, safe='')}")

    def close(self) -> None:
        answer = self.script.ask("DELETE", self.route)
        assert answer.status == 200, answer.body


class Heartbeat:
    """Asks /healthz again and again from a thread of its own; what it met is told at the end."""

    def __init__(self, server: RunningServer, pause: float = 0.1) -> None:
        self._port = urlsplit(server.origin).port
        self._pause = pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self.seconds: list[float] = []
        self.wrong: list[str] = []

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(30)

    def _beat(self) -> None:
        while not self._over.wait(self._pause):
            started = time.monotonic()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
                with contextlib.closing(connection):
                    connection.request("GET", "/healthz")
                    status = connection.getresponse().status
                if status != 200:
                    self.wrong.append(f"status {status}")
            except OSError as error:
                self.wrong.append(repr(error))
            self.seconds.append(time.monotonic() - started)


def eventually(true: Callable[[], bool], what: str = "it did not happen", seconds: float = PATIENCE) -> None:
    """Wait until something that another process is about to do has happened."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@contextlib.contextmanager
def opened(script: Script, path: Path) -> Iterator[Model]:
    """A session that is closed at the end."""
    model = script.open(path)
    try:
        yield model
    finally:
        model.close()
