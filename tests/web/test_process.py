"""The server as a process: what it loads, what it prints, how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.web.live import LiveServer, write_model

HEAVY = ("onnx", "onnx_graphsurgeon", "onnxruntime", "numpy", "pydantic")


def test_the_web_process_imports_none_of_the_heavy_libraries() -> None:
    program = (
        "import sys, onnx_scalpel.web.serve, onnx_scalpel.web.factory;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_a_live_server_has_no_library_of_theirs_mapped(server: LiveServer, session: str) -> None:
    server.get("/api/edits")
    server.get("/api/openapi.json")
    server.snapshot(session)
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "python" in maps
    for name in ("onnxruntime", "onnx_cpp2py", "/numpy/", "/onnx/"):
        assert name not in maps


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_three_seconds_and_leaves_no_process(tmp_path: Path, how: signal.Signals) -> None:
    write_model(tmp_path / "small.onnx")
    with LiveServer(tmp_path / "data", [tmp_path]) as live:
        live.open({"path": "small.onnx"})
        family = psutil.Process(live.process.pid).children(recursive=True)
        assert family
        assert live.stop(how) < 3
        assert live.process.returncode == 0
        gone, alive = psutil.wait_procs(family, timeout=2)
        assert not alive and gone


def test_a_killed_server_leaves_no_process(tmp_path: Path) -> None:
    write_model(tmp_path / "small.onnx")
    with LiveServer(tmp_path / "data", [tmp_path]) as live:
        live.open({"path": "small.onnx"})
        family = psutil.Process(live.process.pid).children(recursive=True)
        live.stop(signal.SIGKILL)
        _, alive = psutil.wait_procs(family, timeout=5)
        assert not alive


def test_it_prints_one_line_and_nothing_else(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", [tmp_path]) as live:
        live.get("/api/sessions")
        live.get("/nothing")
        live.process.send_signal(signal.SIGTERM)
        stdout, stderr = live.process.communicate(timeout=20)
        assert (stdout, stderr) == ("", "")
        log = (tmp_path / "data" / "server.log").read_text()
        assert live.token not in log


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AssertionError) as caught:
            LiveServer(tmp_path / "data", [tmp_path], port=port)
    assert f"cannot listen on 127.0.0.1:{port}" in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_model_that_is_refused_ends_it_with_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"<html></html>")
    started = time.monotonic()
    with pytest.raises(AssertionError) as caught:
        LiveServer(tmp_path / "data", [tmp_path], model=broken)
    assert "Traceback" not in str(caught.value) and str(tmp_path) not in str(caught.value)
    assert time.monotonic() - started < 20
