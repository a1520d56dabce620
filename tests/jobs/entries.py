"""What the zygote's children run in these tests."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

from onnx_scalpel.jobs.child import fork_job
from onnx_scalpel.jobs.limits import MIB, Limits


def echo(channel: socket.socket, argument: dict[str, Any]) -> None:
    """Answers with its argument and what it finds in its process, then waits for the channel's end."""
    threads = len(list(Path("/proc/self/task").iterdir()))
    descriptors = sorted(int(d.name) for d in Path("/proc/self/fd").iterdir())
    facts = f"{argument['word']} {os.environ.get('SECRET', 'nothing')} {threads} {len(descriptors)} {os.getpgrp() == os.getpid()}"
    channel.sendall(facts.encode())
    channel.recv(1)


def crash(channel: socket.socket, argument: dict[str, Any]) -> None:
    os.kill(os.getpid(), argument["signal"])


def fail(channel: socket.socket, argument: dict[str, Any]) -> None:
    raise RuntimeError("this traceback belongs in the log")


def job_in_child(channel: socket.socket, argument: dict[str, Any]) -> None:
    """Starts a job that hangs, tells its pid, and ignores the end of the channel, as a busy session would."""
    job = fork_job(lambda progress: time.sleep(600), Limits(wall_seconds=600, memory_bytes=512 * MIB))
    channel.sendall(f"{os.getpid()} {job.pid}".encode())
    threading.Event().wait(600)
