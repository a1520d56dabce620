"""The process of one session: entered from the zygote, it serves its channel until that ends."""

from __future__ import annotations

import resource
import socket
from pathlib import Path
from typing import Any

from onnx_scalpel.session.service import Service


def main(channel: socket.socket, argument: dict[str, Any]) -> None:
    """Serve one session. `argument["memory_bytes"]` is what it may allocate beyond what it starts with; 0: no bound."""
    if argument["memory_bytes"]:
        _bound_memory(argument["memory_bytes"])
    service = Service(channel)
    try:
        service.loop.run()
    finally:
        service.end()


def _bound_memory(allowance: int) -> None:
    """Make allocations beyond the allowance fail with MemoryError. Mapped files do not count: weights stay in them."""
    status = Path("/proc/self/status")
    if not status.exists():
        return  # not Linux: the system's own limits hold
    held = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmData:"))
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (int(held) * 1024 + allowance, hard))
