"""Runs the bench at 1k, 10k and 50k nodes, and with gigabytes of weights; prints one JSON document and keeps it in bench/results."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench import big_weights
from bench.in_browser import measure
from bench.models import SIZES, huge_graph
from tests.browser.chromium import FLAGS, NONE_FOUND, find

WEIGHTS = "weights"  # gigabytes of them: 3 GB in a data file, 1.5 GB inside
NO_SCRIPT = "The scripts that make these models are not on this machine: set $SCALPEL_SHARED to their folder's parent."
RESULTS = Path(__file__).resolve().parent / "results"


def costs(path: Path) -> Any:
    """CPU seconds of the document alone, in a process of its own."""
    command = [sys.executable, "-m", "bench.document_costs", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def machine() -> dict[str, Any]:
    """What the figures depend on: cores, load of the last minute, versions."""
    return {
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    known = [*SIZES, WEIGHTS]
    parser.add_argument("sizes", nargs="*", default=known, help="of " + ", ".join(known))
    sizes = parser.parse_args().sizes
    chromium = find()
    if chromium is None:
        sys.exit(NONE_FOUND)
    report: dict[str, Any] = {"machine": machine(), "models": {}}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for size in sizes:
            if size == WEIGHTS:
                report["models"] |= big_weights.measure(browser) or sys.exit(NO_SCRIPT)
                continue
            path = huge_graph(size)
            if path is None:
                sys.exit(NO_SCRIPT)
            document = costs(path)
            report["models"][size] = {"document": document, "browser": measure(browser, path, document["nodes"])}
        browser.close()
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(report, indent=1)
    (RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
