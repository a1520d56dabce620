"""What a child process may use: CPU, wall time, memory, file size."""

from __future__ import annotations

import math
import resource
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MIB = 1 << 20
CONTROL_MESSAGE_LIMIT = 1 << 16  # bytes of one message between server and zygote


@dataclass(frozen=True)
class Limits:
    """Bounds of one child; 0 means no bound.

    `memory_bytes` is an allowance on top of what is mapped when the child starts. `mapped_bytes` is the size of the
    files it will map: they count in the address space though they cost no memory. CPU and wall time are bounded apart,
    because a wall limit alone blames good models on a busy machine. `wall_seconds` is enforced by whoever waits.
    """

    cpu_seconds: float = 0
    wall_seconds: float = 0
    memory_bytes: int = 0
    file_bytes: int = 0
    mapped_bytes: int = 0
    open_files: int = 1024

    def to_json(self) -> dict[str, Any]:
        """As plain data, for the zygote's control messages."""
        return asdict(self)


def address_space_bytes(pid: int | str = "self") -> int:
    """The size of a process's address space now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def anonymous_bytes(pid: int | str = "self") -> int:
    """Memory that really belongs to a process, mapped files left out; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def impose(limits: Limits) -> None:
    """Bind the calling process to these limits, for good."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    if limits.cpu_seconds:
        # the soft limit ends it with SIGXCPU, which tells the cause; a second later SIGKILL makes sure
        _lower(resource.RLIMIT_CPU, math.ceil(limits.cpu_seconds), slack=1)
    if limits.file_bytes:
        _lower(resource.RLIMIT_FSIZE, limits.file_bytes)
    if limits.memory_bytes:
        _lower(resource.RLIMIT_AS, address_space_bytes() + limits.memory_bytes + limits.mapped_bytes)


def _lower(which: int, soft: int, slack: int = 0) -> None:
    hard = resource.getrlimit(which)[1]
    bound = soft + slack if hard == resource.RLIM_INFINITY else min(soft + slack, hard)
    resource.setrlimit(which, (min(soft, bound), bound))
