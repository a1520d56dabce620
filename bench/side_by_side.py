"""The same models in Scalpel, Netron and, where it is installed, Model Explorer, beside one another: `make side-by-side`; for eyes."""

from __future__ import annotations

import argparse
import base64
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, Playwright, TimeoutError, sync_playwright

from bench import model_explorer
from bench.models import REPOSITORY
from bench.netron_page import CLOCK, MODEL, served
from tests.browser.chromium import FLAGS, NONE_FOUND, find
from tests.browser.editor import Editor
from tests.real_server import RunningServer, running_server

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTH, HEIGHT = 1440, 900
NETRON_S = 90
SETTLED_MS = 2500  # what a person sees two seconds after the graph is there: the first check has come, too


@dataclass(frozen=True)
class Look:
    """One model to look at: `path` below the collection of models; `keys` are pressed in Scalpel, `node` selected before."""

    name: str
    path: str
    node: str = ""
    keys: tuple[str, ...] = ()


LOOKS = (
    Look("squeezenet", "real/onnx__light_squeezenet.onnx"),
    Look("resnet50", "exported/resnet50_legacy_op13.onnx"),
    Look("gpt2", "exported/gpt2_depth12_nocache_legacy_op14.onnx"),
    Look("yolo", "exported/yolo_like_legacy_op12.onnx"),
    Look("unet", "exported/unet_legacy_op11_dynamic_hw.onnx"),
    Look("silero-vad", "real/silero-vad__silero_vad.onnx"),
    Look("dynamo", "exported/segformer_like_dynamo_op23.onnx"),
    Look("huge-10k", "exported/huge_10k_llama.onnx"),
    Look("qdq", "exported/resnet50_int8_qdq.onnx"),
    Look("html-names", "odd/html_injection_names.onnx"),
    Look("megabyte-names", "odd/one_mb_names.onnx"),
    Look("loops", "exported/scripted_loop_if_gru_op13.onnx", node="Loop", keys=("e",)),
)


def collection() -> Path:
    """The collection of models beside the repository (or in $SCALPEL_SHARED)."""
    return Path(os.environ.get("SCALPEL_SHARED", REPOSITORY.parent / "shared")) / "models"


def scalpel(browser: Browser, server: RunningServer, look: Look, path: Path, scheme: Scheme) -> bytes:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
    editor = Editor(context.new_page())
    editor.open_from_start_page(server.url, path)
    page = editor.page
    if look.keys:
        page.mouse.click(*editor.middle_of("node", look.node))
        for key in look.keys:
            page.keyboard.press(key)
            page.wait_for_timeout(SETTLED_MS / 2)
    page.wait_for_timeout(SETTLED_MS)
    picture = page.screenshot()
    context.close()
    return picture


def netron(browser: Browser, path: Path, scheme: Scheme) -> bytes:
    """What it shows when the graph is in sight, or after a minute and a half."""
    with served(path) as origin:
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
        context.add_cookies([{"name": "consent", "value": "1", "url": origin}])
        context.add_init_script(CLOCK)
        page = context.new_page()
        page.goto(f"{origin}/?url={MODEL}&identifier={path.name}", wait_until="commit")
        try:
            page.wait_for_selector("body[data-visible]", timeout=NETRON_S * 1000)
            page.wait_for_timeout(500)
        except TimeoutError:
            pass  # the picture shows what a person sees then
        picture = page.screenshot(timeout=120_000)
        context.close()
        return picture


@contextmanager
def third_column(playwright: Playwright, chromium: str) -> Iterator[Callable[[Path, Scheme], bytes] | None]:
    """Gives what draws a model in Model Explorer; None where that is not installed."""
    command = model_explorer.find()
    if command is None:
        print(model_explorer.HOW)
        yield None
        return
    flags = [flag for flag in FLAGS if flag != "--disable-gpu"] + model_explorer.WEBGL
    with model_explorer.served(command) as origin:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield lambda path, scheme: model_explorer.picture(browser, origin, path, scheme, (WIDTH, HEIGHT))
        browser.close()


def beside(page: Page, pictures: list[bytes], path: Path) -> None:
    page.set_viewport_size({"width": len(pictures) * (WIDTH + 8) - 8, "height": HEIGHT})
    sides = "".join(f'<img src="data:image/png;base64,{base64.b64encode(one).decode()}">' for one in pictures)
    page.set_content(f'<body style="margin:0;display:flex;gap:8px;background:#888">{sides}')
    page.screenshot(path=path, full_page=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of {', '.join(look.name for look in LOOKS)}, or paths")
    parser.add_argument("--to", type=Path, default=Path(tempfile.gettempdir()) / "scalpel-side-by-side")
    parser.add_argument("--scheme", choices=SCHEMES)
    chosen = parser.parse_args()
    known = {look.name: look for look in LOOKS}
    looks = [known.get(name) or Look(Path(name).stem, str(Path(name).resolve())) for name in chosen.names or known]
    schemes: tuple[Scheme, ...] = (chosen.scheme,) if chosen.scheme else SCHEMES
    chromium = find()
    if chromium is None:
        raise SystemExit(NONE_FOUND)
    chosen.to.mkdir(parents=True, exist_ok=True)
    paths = {look.name: collection() / look.path for look in looks}  # an absolute path stays what it is
    with (
        sync_playwright() as playwright,
        running_server(sorted({path.parent for path in paths.values()})) as server,
        third_column(playwright, chromium) as third,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        frame = browser.new_page()
        for look in looks:
            path = paths[look.name]
            if not path.is_file():
                print(f"{look.name}: not on this machine")
                continue
            for scheme in schemes:
                ours = scalpel(browser, server, look, path, scheme)
                theirs = [netron(browser, path, scheme), *([third(path, scheme)] if third else [])]
                to = chosen.to / f"{look.name}-{scheme}.png"
                beside(frame, [ours, *theirs], to)
                (chosen.to / f"{look.name}-{scheme}-scalpel.png").write_bytes(ours)
                print(to, flush=True)
        browser.close()


if __name__ == "__main__":
    main()
