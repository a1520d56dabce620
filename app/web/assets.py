"""Where the package's own files lie, and which built files a page loads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import onnx_scalpel

ENTRY = "src/main.ts"
FONT = "inter-latin-wght-normal"  # of every text in Latin letters, on the canvas too


def package_folder(name: str) -> Path:
    """`templates`, `static/dist` or `sample_models`: inside the installed package, or beside `app` in the repository."""
    package = Path(onnx_scalpel.__file__).resolve().parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


@dataclass(frozen=True)
class PageAssets:
    """Addresses of what index.html loads, from Vite's manifest."""

    script: str
    preloads: tuple[str, ...]
    styles: tuple[str, ...]
    fonts: tuple[str, ...]


def page_assets(dist: Path, base: str = "/static/dist/") -> PageAssets | None:
    """Read the manifest that the build wrote; None when nothing is built."""
    manifest = dist / "manifest.json"
    if not manifest.is_file():
        return None
    chunks = json.loads(manifest.read_text(encoding="utf-8"))
    if ENTRY not in chunks:
        return None
    keys = _imported(chunks, ENTRY)
    styles = dict.fromkeys(style for key in keys for style in chunks[key].get("css", ()))
    preloads = [base + chunks[key]["file"] for key in keys if key != ENTRY]
    fonts = [base + chunk["file"] for key, chunk in chunks.items() if FONT in key]
    return PageAssets(
        base + chunks[ENTRY]["file"], tuple(preloads), tuple(base + style for style in styles), tuple(fonts)
    )


def _imported(chunks: dict[str, dict[str, object]], entry: str) -> list[str]:
    """The entry and every chunk it imports at once, each one time."""
    seen: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        key = waiting.pop(0)
        if key not in seen:
            seen[key] = None
            imports = chunks[key].get("imports", [])
            assert isinstance(imports, list)
            waiting.extend(imports)
    return list(seen)
