"""A real server process on a free port, and what tests talk to it with: plain HTTP and a small Socket.IO client."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import onnx
import onnx.numpy_helper
import onnx.parser
import simple_websocket

from tests.real_server import Answer

LAUNCH = """
import json, sys
from pathlib import Path
from onnx_scalpel.config import Config
from onnx_scalpel.errors import AppError
from onnx_scalpel.web.serve import serve
given = json.loads(sys.argv[1])
model = Path(given["model"]) if given["model"] else None
try:
    serve(Config.build(port=given["port"], roots=[Path(r) for r in given["roots"]], data_dir=Path(given["data_dir"]),
                       open_browser=False, model=model, upload_limit=given["upload_limit"]))
except AppError as error:
    sys.exit(f"{error.message} ({error.hint})")
"""
PATIENCE = 30.0  # seconds; a busy machine starts processes slowly
SMALL_MODEL = """
<ir_version: 10, opset_import: ["" : 20]>
small (float[N, 4] x) => (float[N, 3] y)
<float[4, 3] w = {0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}>
{
  h = MatMul(x, w)
  y = Relu(h)
}
"""


def eventually(true: Callable[[], bool]) -> None:
    """Wait until something that another process is about to do has happened."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def write_model(path: Path, text: str = SMALL_MODEL) -> Path:
    """Save a model written as ONNX text."""
    onnx.save(onnx.parser.parse_model(text), str(path))
    return path


def write_external_model(folder: Path) -> list[Path]:
    """Save a model whose one tensor lies in a data file of its own: [model, data]."""
    model = onnx.parser.parse_model(SMALL_MODEL)
    weights = model.graph.initializer[0]
    weights.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(weights), weights.name))  # as raw bytes
    options = {"save_as_external_data": True, "location": "w.bin", "size_threshold": 0, "convert_attribute": False}
    onnx.save(model, str(folder / "external.onnx"), **options)
    return [folder / "external.onnx", folder / "w.bin"]


class LiveServer:
    """A server process; a context manager that ends it."""

    def __init__(
        self,
        data_dir: Path,
        roots: list[Path],
        *,
        model: Path | None = None,
        upload_limit: int = 1 << 30,
        port: int = 0,
    ) -> None:
        self.data_dir = data_dir
        self.root = roots[0]
        given = {"port": port, "roots": [str(r) for r in roots], "data_dir": str(data_dir)}
        given |= {"model": str(model) if model else "", "upload_limit": upload_limit}
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, json.dumps(given)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        if not self.line:
            _, stderr = self.process.communicate(timeout=PATIENCE)
            raise AssertionError(f"the server did not start: {stderr}")
        address = urlsplit(self.line.strip())
        self.port = address.port or 0
        self.token = parse_qs(address.query)["token"][0]

    def __enter__(self) -> LiveServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, how: int = signal.SIGTERM) -> float:
        """End it; how many seconds that took."""
        started = time.monotonic()
        if self.process.poll() is None:
            # a terminal's Ctrl-C reaches every process of the group
            os.killpg(self.process.pid, how) if how == signal.SIGINT else self.process.send_signal(how)
        try:
            self.process.communicate(timeout=PATIENCE)
        finally:
            self.process.kill()
        return time.monotonic() - started

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        signed: bool = True,
    ) -> Answer:
        """One request; `body` is JSON unless it is bytes; `signed` with the token as Bearer."""
        sent = dict(headers or {})
        if signed:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, (bytes, bytearray)):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask("POST", path, body, headers)

    def cookie(self) -> str:
        """The cookie that a first page load is given."""
        answer = self.ask("GET", f"/?token={self.token}", signed=False)
        assert answer.status == 303
        return "; ".join(value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or [])

    def open(self, what: dict[str, str]) -> str:
        """Open a session; its id."""
        answer = self.post("/api/sessions", what)
        assert answer.status == 201, answer.body
        session: str = answer.json()["session"]
        return session

    def upload(self, *files: tuple[str, bytes]) -> Answer:
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
        return self.post("/api/sessions", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def snapshot(self, session: str) -> dict[str, Any]:
        answer = self.get(f"/api/sessions/{session}/snapshot?format=json")
        assert answer.status == 200, answer.body
        data: dict[str, Any] = answer.json()
        return data

    def finished_job(self, job: str) -> dict[str, Any]:
        """Wait for a job's end."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            state: dict[str, Any] = self.get(f"/api/jobs/{job}").json()
            if state["state"] != "running":
                return state
            time.sleep(0.02)
        raise AssertionError("the job does not end")


class _WebSocket(simple_websocket.Client):  # type: ignore[misc]
    """A client that names the port in its Host header, as browsers do."""

    def handshake(self) -> None:
        self.host = f"{self.host}:{self.port}"
        super().handshake()
        self._handle_events()  # what came in one packet with the handshake


class LiveSocket:
    """One Socket.IO connection over a websocket, spoken by hand; a context manager that closes it."""

    def __init__(self, server: LiveServer, headers: Mapping[str, str] | None = None) -> None:
        sent = {"Authorization": f"Bearer {server.token}"} if headers is None else dict(headers)
        url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        self._socket = _WebSocket(url, headers=sent)
        self._ids = itertools.count()
        self._answers: dict[int, queue.Queue[Any]] = {}
        self._events: queue.Queue[tuple[str, Any]] = queue.Queue()
        assert self._socket.receive(PATIENCE)[0] == "0"
        self._socket.send("40")
        assert self._socket.receive(PATIENCE).startswith("40")
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> LiveSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._socket.connected:
            self._socket.close()

    def send(self, event: str, data: Any) -> queue.Queue[Any]:
        """Send without waiting; where the answer will be."""
        number = next(self._ids)
        self._answers[number] = queue.Queue()
        self._socket.send(f"42{number}{json.dumps([event, data])}")
        return self._answers[number]

    def call(self, event: str, data: Any) -> Any:
        """Send and wait for the answer."""
        return self.send(event, data).get(timeout=PATIENCE)

    def join(self, session: str, participant: str, name: str = "", **more: Any) -> Any:
        return self.call("join", {"session": session, "participant": participant, "name": name, **more})

    def event(self, name: str, **having: Any) -> Any:
        """The next event of this name whose payload has these values; others are dropped."""
        end = time.monotonic() + PATIENCE
        while True:
            got, payload = self._events.get(timeout=max(end - time.monotonic(), 0.01))
            if got == name and all(payload.get(key) == value for key, value in having.items()):
                return payload

    def _read(self) -> None:
        while True:
            try:
                text = self._socket.receive()
            except simple_websocket.ConnectionClosed:
                return
            if text == "2":
                self._socket.send("3")
            elif text.startswith("42"):
                self._events.put(tuple(json.loads(text[2:])))
            elif text.startswith("43"):
                start = text.index("[")
                self._answers[int(text[2:start])].put(json.loads(text[start:])[0])
