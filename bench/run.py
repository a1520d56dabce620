"""Runs the bench at 1k, 2k, 10k and 50k nodes, on a dense U-Net and with gigabytes of weights, and Netron on what it can show.

Prints each figure beside its bound, and keeps all of them as JSON in bench/results.
"""

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

from playwright.sync_api import Browser, sync_playwright

from bench import big_weights, netron_page
from bench.editing import QUICKLY, HowOften
from bench.figures import table
from bench.in_browser import MODES, measure
from bench.models import DENSE, SIZES, model
from tests.browser.chromium import FLAGS, NONE_FOUND, find

WEIGHTS = "weights"  # gigabytes of them: 3 GB in a data file, 1.5 GB inside
BESIDE_NETRON = ("1k", "2k", "10k")
# the value that is renamed, and gets a node behind it
EDITED = {**dict.fromkeys(SIZES, "/model/layers.0/self_attn/Mul_output_0"), DENSE: "/down.0/layer.3/conv_output_0"}
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


def page_figures(browser: Browser, name: str, modes: list[str], how_often: HowOften) -> dict[str, Any]:
    """The document's own costs, then the page in each mode, then Netron."""
    path = model(name) or sys.exit(NO_SCRIPT)
    document = costs(path)
    found: dict[str, Any] = {"document": document}
    found["browser"] = {
        mode: measure(browser, path, document["nodes"], EDITED[name], mode, how_often) for mode in modes
    }
    if name in BESIDE_NETRON:
        found["netron"] = theirs = netron_page.measure(browser, path)
        found["ratios"] = {mode: netron_page.ratios(ours, theirs) for mode, ours in found["browser"].items()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    known = [*SIZES, DENSE, WEIGHTS]
    parser.add_argument("sizes", nargs="*", default=known, help="of " + ", ".join(known))
    parser.add_argument("--mode", choices=list(MODES), help="instead of all")
    parser.add_argument("--quick", action="store_true", help="each thing a few times only")
    asked = parser.parse_args()
    how_often = QUICKLY if asked.quick else HowOften()
    chromium = find()
    if chromium is None:
        sys.exit(NONE_FOUND)
    report: dict[str, Any] = {"machine": machine(), "models": {}}
    keep = RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for size in asked.sizes:
            if size == WEIGHTS:
                found = big_weights.measure(browser) or sys.exit(NO_SCRIPT)
            else:
                modes = [asked.mode] if asked.mode else list(MODES)
                found = {size: page_figures(browser, size, modes, how_often)}
            report["models"] |= found
            # at once: a run takes a quarter of an hour, and what fails later takes nothing away
            RESULTS.mkdir(exist_ok=True)
            keep.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
            print("\n".join(table(found)), flush=True)
        browser.close()
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
