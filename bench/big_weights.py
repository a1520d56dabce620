"""Gigabytes of weights: from a file to the first paint, edits, a check, a run, saves against a plain copy, and memory meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from bench.clocks import CLOCKS
from bench.figures import summed_up
from bench.in_browser import first_paint
from bench.models import scripts
from tests.real_server import RunningServer, running_server

GIGABYTES = {"external": 3.0, "inline": 1.5}
TIMES = 3
NODES = 12


class Memory:
    """The most anonymous memory that each process of a server was seen to have, in MB."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._most: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            for place, pid in enumerate(self._server.processes()):
                role = ("web", "zygote", "session")[place] if place < 3 else "jobs"
                self._most[role] = max(self._most.get(role, 0.0), anonymous(pid))

    def end(self) -> dict[str, float]:
        self._stop.set()
        self._thread.join()
        return {role: round(size, 1) for role, size in self._most.items()}


def anonymous(pid: int) -> float:
    """Anonymous memory of a process, in MB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Anonymous:"))


def make_external(folder: Path, gigabytes: float) -> Path | None:
    """A model with so many GB in a data file; None where the script that makes it is missing."""
    found = scripts()
    if found is None:
        return None
    command = [sys.executable, str(found / "make_big_external.py"), str(folder), "--gb", str(gigabytes)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "model.onnx"


def make_inline(folder: Path, gigabytes: float) -> Path | None:
    """The same with the weights inside the .onnx file."""
    external = make_external(folder / "outside", gigabytes)
    if external is None:
        return None
    path = folder / "model.onnx"
    write = (
        "import sys; from pathlib import Path; from onnx_scalpel.document.load import open_model;"
        "from onnx_scalpel.document.placement import SaveOptions; from onnx_scalpel.document.write_model import write_model;"
        "write_model(open_model(Path(sys.argv[1])), Path(sys.argv[2]), options=SaveOptions('inline'))"
    )
    subprocess.run([sys.executable, "-c", write, str(external), str(path)], check=True)
    shutil.rmtree(external.parent)
    return path


def copied(sources: list[Path], folder: Path) -> float:
    """Wall seconds to copy files by copy_file_range and to sync them: what no save can beat."""
    folder.mkdir()
    os.sync()
    start = time.perf_counter()
    for source in sources:
        with source.open("rb") as read, (folder / source.name).open("wb") as write:
            left = source.stat().st_size
            while left:
                left -= os.copy_file_range(read.fileno(), write.fileno(), left)
            os.fsync(write.fileno())
    seconds = time.perf_counter() - start
    shutil.rmtree(folder)
    return seconds


def timed(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


class Weights:
    """One model in one session of a server."""

    def __init__(self, server: RunningServer, session: str, path: Path) -> None:
        self._server, self._session, self._path = server, session, path
        self._names = iter(f"renamed_{number}" for number in range(1000))

    def post(self, what: str, body: dict[str, Any]) -> Any:
        status, answer = self._server.request("POST", f"/api/sessions/{self._session}/{what}", body)
        if status >= 400:
            raise RuntimeError(answer.decode())
        return json.loads(answer)

    def rename(self) -> None:
        self.post("edits", {"kind": "rename-value", "value": "value:h0", "name": next(self._names)})

    def insert(self) -> None:
        self.post("edits", {"kind": "insert-node", "op_type": "Identity", "domain": "", "value": "value:a0"})

    def job(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """Start a job and wait until it has ended."""
        job = self.post(what, body)["job"]
        while True:
            found: dict[str, Any] = self._server.json("GET", f"/api/jobs/{job}")
            if found["state"] != "running":
                return found
            time.sleep(0.005)

    def check(self) -> None:
        if self.job("check", {})["state"] != "done":
            raise RuntimeError("the check failed")

    def run(self) -> None:
        if (ended := self.job("run", {"dims": {"N": 1}}))["state"] != "done":
            raise RuntimeError(f"the run failed: {ended['error']}")

    def edits(self) -> dict[str, Any]:
        acts = {"rename": self.rename, "insert": self.insert, "check": self.check}
        return {f"{name}_s": summed_up([timed(act) for _ in range(TIMES)], 3) for name, act in acts.items()}

    def save(self) -> float:
        """Wall seconds of a save in place, of an edit."""
        self.rename()
        os.sync()
        return timed(lambda: self.post("save", {"overwrite": True}))

    def save_as(self) -> float:
        folder = self._path.parent / next(self._names)  # another file each time: what was saved to is watched
        folder.mkdir()
        os.sync()
        seconds = timed(lambda: self.post("save", {"path": str(folder / "copy.onnx")}))
        shutil.rmtree(folder)
        return seconds

    def against_a_copy(self, save: Callable[[], float], files: list[Path]) -> dict[str, Any]:
        """Saves and plain copies of the same bytes in turns, and what a save takes of a copy's time, in percent."""
        copies, saves = [], []
        for _ in range(TIMES):
            copies.append(copied(files, self._path.parent / "plain"))
            saves.append(save())
        percent = [round(100 * s / c) for s, c in zip(saves, copies, strict=True)]
        return {
            "save_s": summed_up(saves, 2),
            "copy_file_range_and_fsync_s": summed_up(copies, 2),
            "percent": {
                "of_medians": round(100 * statistics.median(saves) / statistics.median(copies)),
                "all": percent,
            },
        }


def measure_one(browser: Browser, name: str, path: Path) -> dict[str, Any]:
    """Everything for one model."""
    files = [one for one in path.parent.iterdir() if one.is_file()]
    report: dict[str, Any] = {"bytes": sum(one.stat().st_size for one in files), "load_before": os.getloadavg()[0]}
    with running_server([path.parent]) as server:
        memory = Memory(server)
        server.json("POST", "/api/sessions", {"sample": "mlp"})
        page = browser.new_context(viewport={"width": 1440, "height": 900})
        page.add_init_script(CLOCKS)
        tab = page.new_page()
        opens, session = [], ""
        for _ in range(TIMES):
            tab.goto(server.url)
            tab.wait_for_load_state("networkidle")
            if session:
                server.request("DELETE", f"/api/sessions/{session}")
            seconds, session = first_paint(tab, server, path, NODES)
            opens.append(seconds)
        report["file_to_first_paint_s"] = summed_up(opens, 3)
        weights = Weights(server, session, path)
        report |= weights.edits()
        report["run_s"] = summed_up([timed(weights.run) for _ in range(TIMES)], 2)
        if name == "external":
            report["save_structure_s"] = summed_up([weights.save() for _ in range(TIMES)], 3)
        else:
            report["save_in_place"] = weights.against_a_copy(weights.save, files)
            report["check_after_save_s"] = round(timed(weights.check), 3)
        report["save_as"] = weights.against_a_copy(weights.save_as, files)
        report["anonymous_mb_at_most"] = memory.end()
        report["load_after"] = os.getloadavg()[0]
        page.close()
    return report


def measure(browser: Browser) -> dict[str, Any] | None:
    """Both models, made in a temporary folder that goes; None where the script that makes them is missing."""
    found = {}
    for name, make in (("external", make_external), ("inline", make_inline)):
        with tempfile.TemporaryDirectory(prefix="scalpel-bench-") as folder:
            path = make(Path(folder), GIGABYTES[name])
            if path is None:
                return None
            found[f"{GIGABYTES[name]} GB {name}"] = measure_one(browser, name, path)
    return found
