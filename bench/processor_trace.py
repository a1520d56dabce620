"""What a stretch of the page's own time cost: processor times of its thread and its workers, read every few milliseconds meanwhile."""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_right
from types import TracebackType

from bench.page_costs import largest_renderer, threads_that_count

EVERY_S = 0.002


class ProcessorTrace:
    """Reads while it is entered. The kernel counts a thread's time at each of its ticks: a figure may be off by four milliseconds."""

    def __init__(self) -> None:
        self._files: list[int] = []
        self._times: list[float] = []
        self._spent: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> ProcessorTrace:
        pid = largest_renderer()
        self._files = [os.open(f"/proc/{pid}/task/{task}/schedstat", os.O_RDONLY) for task in threads_that_count(pid)]
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        for file in self._files:
            os.close(file)

    def between(self, begin: float, end: float) -> float:
        """Milliseconds of processor time; both are milliseconds since 1970."""
        return self._at(end) - self._at(begin)

    def _at(self, moment: float) -> float:
        after = bisect_right(self._times, moment)
        if after == 0 or after == len(self._times):
            return self._spent[min(after, len(self._times) - 1)]
        before, share = after - 1, moment - self._times[after - 1]
        part = share / (self._times[after] - self._times[before])
        return self._spent[before] + part * (self._spent[after] - self._spent[before])

    def _read(self) -> None:
        while not self._over.is_set():
            spent = sum(int(os.pread(file, 64, 0).split()[0]) for file in self._files)
            self._times.append(time.time() * 1000)
            self._spent.append(spent / 1e6)
            time.sleep(EVERY_S)
