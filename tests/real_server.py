"""A real server for the bench and for tests: started as a user starts it, stopped by its own process id."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """The error of a refusal, which must be one that a user can be shown."""
        assert 400 <= self.status < 500, (self.status, self.body[:500])
        error: dict[str, Any] = self.json()["error"]
        assert set(error) >= {"code", "message", "subjects", "hint"}, error
        assert "\n" not in error["message"] and len(error["message"]) <= 200, error
        return error


@dataclass(frozen=True)
class RunningServer:
    """`origin` is http://127.0.0.1:PORT; `url` has the token too; `pid` is the web process."""

    origin: str
    token: str
    pid: int
    data_dir: Path

    @property
    def url(self) -> str:
        return f"{self.origin}/?token={self.token}"

    def request(self, method: str, route: str, body: Any = None) -> tuple[int, bytes]:
        """One HTTP call with the token; gives the status and the body."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.origin + route, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def json(self, method: str, route: str, body: Any = None) -> Any:
        return json.loads(self.request(method, route, body)[1])

    def processes(self) -> list[int]:
        """The web process and all below it."""
        import psutil

        return [self.pid, *(child.pid for child in psutil.Process(self.pid).children(recursive=True))]

    def anonymous_megabytes(self) -> dict[str, float]:
        """RssAnon per process, largest first, named by its role on the command line."""
        found: dict[str, float] = {}
        for pid in self.processes():
            try:
                status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            except OSError:
                continue
            name, size = re.search(r"Name:\s+(.*)", status), re.search(r"RssAnon:\s+(\d+) kB", status)
            if name and size:
                found[f"{name.group(1)} {pid}"] = round(int(size.group(1)) / 1024, 1)
        return dict(sorted(found.items(), key=lambda item: -item[1]))


def command() -> list[str]:
    """$SCALPEL_COMMAND (an installed wheel), else this environment's own."""
    named = os.environ.get("SCALPEL_COMMAND")
    return [named] if named else [sys.executable, "-m", "onnx_scalpel.cli"]


@contextmanager
def running_server(
    roots: Sequence[Path], *, model: Path | None = None, data_dir: Path | None = None
) -> Iterator[RunningServer]:
    """Starts `onnx-scalpel` on a free port of 127.0.0.1 and stops it at the end."""
    with tempfile.TemporaryDirectory(prefix="scalpel-data-") as scratch:
        folder = data_dir or Path(scratch)
        arguments = [
            *command(),
            *([str(model)] if model else []),
            "--port",
            "0",
            "--no-browser",
            "--data-dir",
            str(folder),
        ]
        for root in roots:
            arguments += ["--root", str(root)]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            yield _ready(process, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()


def _ready(process: subprocess.Popen[str], folder: Path) -> RunningServer:
    assert process.stdout is not None and process.stderr is not None
    line = process.stdout.readline()
    found = re.search(r"(http://127\.0\.0\.1:\d+)/\?token=([A-Za-z0-9_-]+)", line)
    if found is None:
        process.kill()
        raise RuntimeError(f"the server did not start: {line!r} {process.stderr.read()[-2000:]!r}")
    return RunningServer(found.group(1), found.group(2), process.pid, folder)
