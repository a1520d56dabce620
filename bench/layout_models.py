"""Writes the structure of every model of the collection as the columns that browsers get, and how wide letters are, for the layout's bench."""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
from pathlib import Path

from bench.models import REPOSITORY
from onnx_scalpel.document.columns import snapshot_columns
from onnx_scalpel.document.load import open_model
from onnx_scalpel.errors import AppError

FONT = REPOSITORY / "static/node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"
# as static/src/scene/measure.ts asks for them
STYLES = {"title": "600 12px Bench", "name": "600 11px Bench", "row": "400 11px Bench"}
ADVANCES = """async ([font, styles]) => {
  const face = await new FontFace('Bench', `url(data:font/woff2;base64,${font})`, { weight: '100 900' }).load()
  document.fonts.add(face)
  const context = document.createElement('canvas').getContext('2d')
  const wide = (style) => (text) => { context.font = style; return context.measureText(text).width }
  const letters = [...Array(95).keys()].map((i) => String.fromCharCode(32 + i)).concat('×', '…')
  return Object.fromEntries(Object.entries(styles).map(([name, style]) => [name, Object.fromEntries(letters.map((letter) => [letter, wide(style)(letter)]))]))
}"""


def models() -> Path | None:
    """The collection of models beside the repository (or in $SCALPEL_SHARED); None where it is missing."""
    folder = Path(os.environ.get("SCALPEL_SHARED", REPOSITORY.parent / "shared")) / "models"
    return folder if folder.is_dir() else None


def write_structures(paths: list[tuple[str, Path]], folder: Path) -> list[dict[str, object]]:
    """One file of columns per model that can be read; what was written, and what could not be."""
    written: list[dict[str, object]] = []
    for number, (name, path) in enumerate(paths):
        try:
            columns = snapshot_columns(open_model(path), {}, 0)
        except AppError as error:  # broken on purpose: told, not hidden
            written.append({"name": name, "unreadable": error.code})
            continue
        file = folder / f"{number}.columns"
        file.write_bytes(columns)
        written.append({"name": name, "file": str(file)})
    return written


def write_index(paths: list[tuple[str, Path]], folder: Path, letters: dict[str, dict[str, float]] | None) -> None:
    """The structures of these models in the folder, which is made, and index.json that names them."""
    folder.mkdir(parents=True, exist_ok=True)
    index = {"models": write_structures(paths, folder), "letters": letters}
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")


def advances() -> dict[str, dict[str, float]]:
    """Width of each letter in pixels by font, measured in Chromium with the font that the page bundles."""
    from playwright.sync_api import sync_playwright

    from tests.browser.chromium import FLAGS, NONE_FOUND, find

    chromium = find()
    if chromium is None:
        sys.exit(NONE_FOUND)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        font = base64.b64encode(FONT.read_bytes()).decode()
        found: dict[str, dict[str, float]] = browser.new_page().evaluate(ADVANCES, [font, STYLES])
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write to")
    parser.add_argument("--letters", action="store_true", help="measure letters too, in Chromium")
    parser.add_argument("paths", nargs="*", type=Path, help="models; all of the collection without any")
    arguments = parser.parse_args()
    collection = models()
    paths = [(path.name, path) for path in arguments.paths]
    if not paths and collection is not None:
        paths = [(str(path.relative_to(collection)), path) for path in sorted(collection.rglob("*.onnx"))]
    write_index(paths, arguments.folder, advances() if arguments.letters else None)


if __name__ == "__main__":
    main()
