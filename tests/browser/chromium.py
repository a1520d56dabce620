"""Finds a Chromium for the tests, or installs one: $CHROMIUM, one on PATH, Debian's by apt-get as root, Playwright's download."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# each window loads the pages of the list below the address bar, which no headless one shows; only the last list of features counts,
# so the first ones are those that Playwright switches off
OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    f"--disable-features={','.join(OFF)}",
]
NONE_FOUND = (
    "No Chromium: set $CHROMIUM to one, or run `make test` as root on Debian, or `playwright install chromium`."
)


def find() -> str | None:
    """The path of a usable Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return _downloaded()


def _downloaded() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _attempt(*command: str) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def install() -> str | None:
    """Installs a Chromium with a font where none is; returns its path, or None with nothing left to try."""
    if found := find():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        _attempt("apt-get", "update", "-qq")
        _attempt("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core")
        if found := find():
            return found
    _attempt(sys.executable, "-m", "playwright", "install", "chromium")
    return find()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true")
    path = install() if parser.parse_args().install else find()
    if path is None:
        sys.exit(NONE_FOUND)
    print(path)


if __name__ == "__main__":
    main()
