"""What a stretch of the page's own time cost: processor times of its thread and its workers, read every few milliseconds meanwhile."""

from __future__ import annotations

import contextlib
import threading
import time
from bisect import bisect_right
from pathlib import Path
from types import TracebackType

from bench.page_costs import largest_renderer, threads_that_count

EVERY_S = 0.004


class ProcessorTrace:
    """Reads while it is entered. The kernel counts a thread's time at each of its ticks: a figure may be off by four milliseconds."""

    def __init__(self) -> None:
        self._pid = 0
        self._times: list[float] = []
        self._spent: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> ProcessorTrace:
        self._pid = largest_renderer()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        if not error and largest_renderer() != self._pid:
            raise RuntimeError("the page went to another process while its processor time was read")

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
        pid = self._pid
        spent: dict[int, int] = {}
        while not self._over.is_set():
            for task in threads_that_count(pid):  # also those that began meanwhile; what ended keeps what it spent
                with contextlib.suppress(OSError):
                    read = Path(f"/proc/{pid}/task/{task}/schedstat").read_text(encoding="ascii")
                    spent[task] = int(read.split()[0])
            self._times.append(time.time() * 1000)
            self._spent.append(sum(spent.values()) / 1e6)
            time.sleep(EVERY_S)
