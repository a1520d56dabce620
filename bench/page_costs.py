"""What a page costs: processor time of its thread, and memory of its JavaScript, its workers' and its whole process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page

MEGA = 1 << 20


class PageCosts:
    """Asks over the DevTools protocol, once for each page: times are processor times, not wall."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._protocol = page.context.new_cdp_session(page)
        self._protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._workers: list[str] = []
        self._answers: dict[str, dict[str, Any]] = {}
        self._protocol.on("Target.attachedToTarget", lambda event: self._workers.append(event["sessionId"]))
        self._protocol.on("Target.receivedMessageFromTarget", self._hear)

    def thread(self) -> dict[str, float]:
        """Milliseconds that the page's thread worked until now: in scripts, and in all tasks."""
        metrics = {one["name"]: one["value"] for one in self._protocol.send("Performance.getMetrics")["metrics"]}
        return {"script": metrics["ScriptDuration"] * 1000, "task": metrics["TaskDuration"] * 1000}

    def memory(self, tidied: bool = False) -> dict[str, float]:
        """MB of JavaScript objects and of array buffers, page and workers together, and the private memory of the process.

        `tidied`: after a garbage collection in each of them.
        """
        if tidied:
            self._protocol.send("HeapProfiler.collectGarbage")
        heaps = [self._protocol.send("Runtime.getHeapUsage"), *self._in_workers(tidied)]
        return {
            "js_heap": round(sum(heap["usedSize"] for heap in heaps) / MEGA, 1),
            "array_buffers": round(sum(heap["backingStorageSize"] for heap in heaps) / MEGA, 1),
            "process_private": round(max(_private(pid) for pid in renderers()), 1),
        }

    def _in_workers(self, tidied: bool) -> list[dict[str, float]]:
        self._workers.clear()
        self._answers.clear()
        how = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
        self._protocol.send("Target.setAutoAttach", how)
        self._page.wait_for_timeout(200)
        for worker in self._workers:
            if tidied:
                self._tell(worker, 1, "HeapProfiler.collectGarbage")
            self._tell(worker, 2, "Runtime.getHeapUsage")
        for _ in range(100):
            if len(self._answers) == len(self._workers):
                break
            self._page.wait_for_timeout(50)
        self._protocol.send("Target.setAutoAttach", {**how, "autoAttach": False})
        return list(self._answers.values())

    def _tell(self, worker: str, number: int, method: str) -> None:
        message = json.dumps({"id": number, "method": method})
        self._protocol.send("Target.sendMessageToTarget", {"sessionId": worker, "message": message})

    def _hear(self, event: dict[str, str]) -> None:
        answer = json.loads(event["message"])
        if answer.get("id") == 2 and "result" in answer:
            self._answers[event["sessionId"]] = answer["result"]


@dataclass(frozen=True)
class Threads:
    """Milliseconds of processor time of the page's own thread, of its workers, and of the other threads of its process."""

    page: float
    workers: float
    others: float
    process: int

    def since(self, earlier: Threads) -> Threads:
        """A page that was loaded anew may be in another process: all that it spent came after."""
        if self.process != earlier.process:
            return self
        return Threads(
            self.page - earlier.page, self.workers - earlier.workers, self.others - earlier.others, self.process
        )

    @property
    def in_turn(self) -> float:
        """What a reader waits for: the page's thread and the layout worker work one after the other."""
        return self.page + self.workers


def threads() -> Threads:
    """Until now, of the renderer with the most private memory, as the kernel counts it: a busy machine does not add to it."""
    pid = largest_renderer()
    found = {"page": 0.0, "workers": 0.0, "others": 0.0}
    for task, kind in _kinds_of_threads(pid).items():
        try:
            spent = int(Path(f"/proc/{pid}/task/{task}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6
        except OSError:
            continue  # it ended while we looked
        found[kind] += spent
    return Threads(**found, process=pid)


def threads_that_count(pid: int) -> list[int]:
    """Those of the page's own thread and of its workers, as it has them now."""
    return [task for task, kind in _kinds_of_threads(pid).items() if kind != "others"]


def _kinds_of_threads(pid: int) -> dict[int, str]:
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name = (task / "comm").read_text(encoding="utf-8")
        except OSError:
            continue  # it ended while we looked
        kind = "page" if task.name == str(pid) else "workers" if name.startswith("DedicatedWorker"[:14]) else "others"
        found[int(task.name)] = kind
    return found


def largest_renderer() -> int:
    """The process of the page that is measured: the renderer with the most private memory."""
    return max(renderers(), key=_private)


def renderers() -> list[int]:
    """The processes that show pages, of every Chromium that this process has started."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if "--type=renderer" in child.cmdline():
                found.append(child.pid)
        except psutil.NoSuchProcess:
            continue  # it ended while we looked
    return found


def _private(pid: int) -> float:
    """MB that belong to the process alone: what smaps_rollup calls private, file pages that it only reads left out."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:")) / 1024
