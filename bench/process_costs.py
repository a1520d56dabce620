"""What processes cost: processor seconds and anonymous memory of the server and of Chromium, read from /proc through psutil."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Costs:
    """Processor seconds until now: of the web process and the sessions, of their jobs (checks, mostly), of Chromium."""

    server: float
    jobs: float
    browser: dict[int, float]  # by process: pages come and go

    def since(self, earlier: Costs, times: int = 1) -> dict[str, float]:
        """Milliseconds of processor time since then, for each of `times`."""
        browser = sum(cpu - earlier.browser.get(pid, 0.0) for pid, cpu in self.browser.items())
        spent = {"server": self.server - earlier.server, "jobs": self.jobs - earlier.jobs, "browser": browser}
        return {name: round(seconds / times * 1000, 1) for name, seconds in spent.items()}


def costs(server: int) -> Costs:
    """Of the server with this pid and of every Chromium that this process has started."""
    zygotes = _children(server)
    sessions = [child for zygote in zygotes for child in _children(zygote)]
    lasting = [_cpu(pid) for pid in (server, *zygotes, *sessions)]
    running = [_cpu(pid)[0] for session in sessions for pid in _children(session)]
    ended = [_cpu(session)[1] for session in sessions]
    browser = {pid: _cpu(pid)[0] for pid in _browsers()}
    return Costs(sum(own for own, _ in lasting), sum(running) + sum(ended), browser)


def anonymous_megabytes(server: int) -> dict[str, float]:
    """RssAnon of the web process, of the session (the largest below it) and of the page (the largest renderer)."""
    children = [_anonymous(child.pid) for child in psutil.Process(server).children(recursive=True)]
    pages = [_anonymous(pid) for pid in _browsers()]
    return {"web": _anonymous(server), "session": max(children, default=0.0), "page": max(pages, default=0.0)}


def _children(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.NoSuchProcess:
        return []


def _browsers() -> list[int]:
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if "chrom" in child.name():
                found.append(child.pid)
        except psutil.NoSuchProcess:
            continue  # it ended while we looked
    return found


def _cpu(pid: int) -> tuple[float, float]:
    """Of the process itself, and of its children that it has waited for; nothing when it is gone."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0, 0.0
    return times.user + times.system, times.children_user + times.children_system


def _anonymous(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    size = re.search(r"RssAnon:\s+(\d+) kB", status)
    return round(int(size.group(1)) / 1024, 1) if size else 0.0
