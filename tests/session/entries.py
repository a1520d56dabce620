"""Session processes with other settings, for tests to spawn."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

from onnx_scalpel.session import checks, process


def impatient(channel: socket.socket, argument: dict[str, Any]) -> None:
    """A session whose checks may take one second of processor time."""
    checks.CHECK_LIMITS = replace(checks.CHECK_LIMITS, cpu_seconds=1)
    process.main(channel, argument)
