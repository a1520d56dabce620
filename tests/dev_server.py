"""`make dev`: Vite rebuilds the browser side on each change, the server is started again when a Python file changes."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
WATCHED = ("app", "templates")
KINDS = {".py", ".html", ".css"}
PORT = "8765"
TOKEN = {"SCALPEL_TOKEN": secrets.token_urlsafe(24)}  # one for all starts, so that an open page goes on working


def newest() -> float:
    """The time of the latest change below what is watched."""
    files = (path for folder in WATCHED for path in (REPOSITORY / folder).rglob("*") if path.suffix in KINDS)
    return max(path.stat().st_mtime for path in files)


def start(model: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "onnx_scalpel.cli", model, "--port", PORT, "--no-browser"], env={**os.environ, **TOKEN}
    )


def main(model: str) -> None:
    vite = subprocess.Popen(["npm", "run", "watch"], cwd=REPOSITORY / "static")
    server, changed = start(model), newest()
    try:
        while True:
            time.sleep(0.5)
            if (now := newest()) > changed:
                changed = now
                server.terminate()
                server.wait()
                server = start(model)
    except KeyboardInterrupt:
        pass
    finally:
        for process in (server, vite):
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main(sys.argv[1])
