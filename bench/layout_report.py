"""Tells how good and how fast the layout is: beside Netron's dagre, after 300 random edits, and in processor time at many sizes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.layout_models import advances, models, write_index
from bench.models import REPOSITORY, huge_graph

NODE = Path(sys.executable).parent / "node"
NO_MODELS = "The collection of models is not on this machine: set $SCALPEL_SHARED to its folder's parent."


def netron() -> Path:
    """The folder of the installed Netron."""
    found = importlib.util.find_spec("netron")
    if found is None or found.origin is None:
        raise RuntimeError("netron is not installed")
    return Path(found.origin).parent


def run(script: str, *arguments: str) -> None:
    print(f"\n== {script} {' '.join(a for a in arguments if not a.startswith('/'))}", flush=True)
    subprocess.run([str(NODE), f"bench/{script}", *arguments], cwd=REPOSITORY / "static", check=True)


def main() -> None:
    collection = models()
    if collection is None:
        sys.exit(NO_MODELS)
    letters = advances()
    with tempfile.TemporaryDirectory() as folder:
        small, huge = Path(folder) / "small", Path(folder) / "huge"
        paths = sorted(collection.rglob("*.onnx"))
        write_index([(str(path.relative_to(collection)), path) for path in paths], small, letters)
        made = [path for size in ("1k", "10k", "50k") if (path := huge_graph(size))]
        write_index([(path.name, path) for path in made], huge, letters)
        run("quality.mjs", str(small), str(netron()))
        run("edits.mjs", str(small))
        run("inplace.mjs", str(small))
        run("grown.mjs")
        run("layout.mjs", "--structures", str(huge))


if __name__ == "__main__":
    main()
