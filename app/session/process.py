"""The process of one session: entered from the zygote, it serves its channel until that ends."""

from __future__ import annotations

import resource
import socket
from typing import Any

from onnx_scalpel.session.service import Service


def main(channel: socket.socket, argument: dict[str, Any]) -> None:
    """Serve one session. `argument["memory_bytes"]` bounds what it may allocate; mapped files do not count."""
    memory = argument.get("memory_bytes", 0)
    if memory:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (memory, hard))
    service = Service(channel)
    try:
        service.loop.run()
    finally:
        service.end()
