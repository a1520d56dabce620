"""What it costs to open a structure whose weights are missing, and to supply them: `python -m bench.supplying MODEL` with its one
data file beside it. Prints seconds and the anonymous memory of every process; the files are sent as a browser sends them."""

from __future__ import annotations

import http.client
import json
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.real_server import RunningServer, running_server

BOUNDARY = "----scalpel-bench"
PIECE = 1 << 20


def send(server: RunningServer, route: str, data: Path) -> Any:
    """A multipart form with one file, streamed."""
    disposition = f'Content-Disposition: form-data; name="file"; filename="{data.name}"'
    head, tail = f"--{BOUNDARY}\r\n{disposition}\r\n\r\n".encode(), f"\r\n--{BOUNDARY}--\r\n".encode()
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.origin).port, timeout=1800)
    connection.putrequest("POST", route)
    connection.putheader("Authorization", f"Bearer {server.token}")
    connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    connection.putheader("Content-Length", str(len(head) + data.stat().st_size + len(tail)))
    connection.endheaders(head)
    with data.open("rb") as file:
        while piece := file.read(PIECE):
            connection.send(piece)
    connection.send(tail)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    return json.loads(answer.read())


class Peak:
    """The most anonymous memory that any process of a server had, in MB, looked at ten times a second."""

    def __init__(self, server: RunningServer) -> None:
        self.megabytes = 0.0
        self._server = server
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.megabytes = max([self.megabytes, *self._server.anonymous_megabytes().values()])


def main() -> None:
    model = Path(sys.argv[1])
    (data,) = [path for path in model.parent.iterdir() if path != model]
    with tempfile.TemporaryDirectory(prefix="scalpel-bench-", dir=model.parent.parent) as scratch:
        root = Path(scratch) / "root"
        root.mkdir()
        shutil.copy(model, root / model.name)
        with running_server([root], data_dir=Path(scratch) / "data") as server, Peak(server) as peak:
            server.json("GET", "/api/edits")
            report: dict[str, Any] = {"bytes": data.stat().st_size}

            def timed(name: str, started: float) -> None:
                report[name] = round(time.monotonic() - started, 2)

            started = time.monotonic()
            session = server.json("POST", "/api/sessions", {"path": model.name})["session"]
            timed("open without data", started)
            route = f"/api/sessions/{session}"
            started = time.monotonic()
            report["left"] = send(server, f"{route}/data-files", data)["missing"]["count"]
            timed("send and take in", started)
            started = time.monotonic()
            job = server.json("POST", f"{route}/run", {"dims": {}})
            if "error" in job:
                job = server.json("POST", f"{route}/run", {"dims": job["error"]["choices"][0]["dims"]})
            while (state := server.json("GET", f"/api/jobs/{job['job']}"))["state"] == "running":
                time.sleep(0.05)
            timed("run", started)
            report["ran"] = state["state"] if state["error"] is None else state["error"]["message"]
        report["most anonymous MB of a process"] = peak.megabytes
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
