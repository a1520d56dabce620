"""Real sessions for tests: a zygote, models written as ONNX text, and clients that remember the events they heard."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import onnx
import pytest

from onnx_scalpel.jobs.zygote import Zygote
from onnx_scalpel.session.client import PRELOAD, SessionClient
from onnx_scalpel.session.lifeline import Patience

REPOSITORY = Path(__file__).resolve().parents[2]
NEVER_TIRED = Patience(restarts=10_000, attempts=1_000)
CHAIN = """
<ir_version: 8, opset_import: ["" : 17]>
chain (float[N, 4] x) => (float[N, 4] y)
<float[4] bias = {1, 2, 3, 4}>
{
  [first] a = Relu(x)
  [second] b = Add(a, bias)
  [third] y = Tanh(b)
}
"""
FIXED = CHAIN.replace("[N, 4]", "[2, 4]")


def write_text_model(text: str, path: Path) -> Path:
    """A model from its ONNX text."""
    onnx.save_model(onnx.parser.parse_model(text), str(path))
    return path


@dataclass
class Heard:
    """The events of one client, in order; `wait` blocks until one fits."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def event(self, name: str, payload: dict[str, Any]) -> None:
        with self.changed:
            self.events.append((name, payload))
            self.changed.notify_all()

    def state(self, state: str) -> None:
        with self.changed:
            self.states.append(state)
            self.changed.notify_all()

    def of(self, name: str) -> list[dict[str, Any]]:
        with self.changed:
            return [payload for found, payload in self.events if found == name]

    def wait(
        self, name: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True, seconds: float = 20
    ) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for found, payload in self.events:
                    if found == name and fits(payload):
                        return payload
                if not self.changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f"no {name} event that fits; heard {self.events[-5:]}")


@dataclass
class Sessions:
    """Opens sessions of one zygote, below one folder, and closes them after the test."""

    zygote: Zygote
    data_dir: Path
    clients: list[SessionClient] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    may_end: bool = False  # a test that ends processes itself says so

    def open(self, path: Path, session_id: str = "s1", patience: Patience | None = None) -> tuple[SessionClient, Heard]:
        heard = Heard()
        client = SessionClient.open(
            self.zygote,
            session_id=session_id,
            model_path=path,
            name=path.name,
            data_dir=self.data_dir,
            on_event=heard.event,
            on_state=heard.state,
            patience=patience,
        )
        self.clients.append(client)
        self.heard.append(heard)
        return client, heard

    def folder(self, session_id: str = "s1") -> Path:
        return self.data_dir / session_id


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY), *([before] if before else [])])
    zygote = Zygote.start(PRELOAD)
    yield zygote
    zygote.stop()
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


@pytest.fixture
def sessions(zygote: Zygote, tmp_path: Path) -> Iterator[Sessions]:
    found = Sessions(zygote, tmp_path / "data")
    yield found
    for client in found.clients:
        client.close()
    assert found.may_end or not any("recovering" in heard.states for heard in found.heard), (
        "a session's process crashed"
    )


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """x -> Relu -> Add(bias) -> Tanh -> y, with a symbolic first dim."""
    return write_text_model(CHAIN, tmp_path / "chain.onnx")


@pytest.fixture
def fixed(tmp_path: Path) -> Path:
    """The chain with fixed sizes."""
    return write_text_model(FIXED, tmp_path / "fixed.onnx")


def rename(value: str, name: str) -> dict[str, Any]:
    return {"kind": "rename-value", "value": value, "name": name}


def name_node(node: str, name: str) -> dict[str, Any]:
    return {"kind": "rename-node", "node": node, "name": name}


def insert_identity(value: str) -> dict[str, Any]:
    return {"kind": "insert-node", "op_type": "Identity", "domain": "", "value": value}
