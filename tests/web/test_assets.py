"""Which built files a page loads, and how they are served."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from onnx_scalpel.web.assets import package_folder, page_assets
from tests.web.live import LiveServer


def test_the_entry_brings_its_styles_and_what_it_imports(tmp_path: Path) -> None:
    chunks = {
        "src/main.ts": {"file": "assets/main-1.js", "css": ["assets/main-2.css"], "imports": ["_shared.js"]},
        "node_modules/inter/files/inter-latin-wght-normal.woff2": {"file": "assets/inter-5.woff2"},
        "node_modules/inter/files/inter-greek-wght-normal.woff2": {"file": "assets/inter-6.woff2"},
        "_shared.js": {"file": "assets/shared-3.js", "css": ["assets/shared-4.css"], "imports": ["src/main.ts"]},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(chunks))
    assets = page_assets(tmp_path)
    assert assets is not None
    assert assets.script == "/static/dist/assets/main-1.js"
    assert assets.preloads == ("/static/dist/assets/shared-3.js",)
    assert assets.styles == ("/static/dist/assets/main-2.css", "/static/dist/assets/shared-4.css")
    assert assets.fonts == ("/static/dist/assets/inter-5.woff2",)


def test_without_a_build_there_are_none(tmp_path: Path) -> None:
    assert page_assets(tmp_path) is None


def test_the_package_finds_its_own_files() -> None:
    assert (package_folder("templates") / "index.html").is_file()


@pytest.fixture
def built() -> None:
    if page_assets(package_folder("static/dist")) is None:
        pytest.skip("the browser side is not built")


@pytest.mark.usefixtures("built")
def test_pages_load_built_files_that_may_be_kept_for_ever(server: LiveServer, session: str) -> None:
    start, editor = server.get("/"), server.get(f"/s/{session}")
    assert b'data-page="start" data-session=""' in start.body
    assert f'data-page="editor" data-session="{session}"'.encode() in editor.body
    assert start.headers["Cache-Control"] == "no-store"
    scripts = re.findall(rb"<script[^>]*>", start.body)
    assert len(scripts) == 1 and b'src="/static/dist/assets/' in scripts[0]
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', start.body.decode()):
        answer = server.get(address)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"].startswith(("text/javascript", "text/css", "font/woff2"))


@pytest.mark.parametrize("path", ["../package.json", "..%2Fpackage.json", "assets/../../package.json", "%2Fetc/passwd"])
def test_nothing_but_built_files_is_served(server: LiveServer, path: str) -> None:
    assert server.get(f"/static/dist/{path}").status == 404
