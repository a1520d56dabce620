"""The pictures of the README, light and dark: `make pictures` writes them into docs/, test_looks.py holds the canvas against them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import onnx
from onnx import TensorProto, helper
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import FLAGS, NONE_FOUND, find
from tests.browser.editor import LONG, Editor
from tests.browser.test_moving import go_to
from tests.real_server import RunningServer, running_server
from tests.shared_models import REPOSITORY

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
DOCS = REPOSITORY / "docs"
SAMPLES = REPOSITORY / "sample_models"
BLOCKS, WIDTH, HEADS = 12, 768, 12
# three frames on, what was asked for is on the canvas
PAINTED = "async () => { for (let n = 0; n < 3; n++) await new Promise(requestAnimationFrame) }"
FADED_MS = 400  # the panels' colours pass into one another, and the map rests before it is drawn


@dataclass(frozen=True)
class ReadmePicture:
    """`arrange` does what the picture is to show, once the model is open and checked; `of`: what of the page is in it."""

    name: str
    model: str
    arrange: Callable[[Editor], None]
    size: tuple[int, int]
    of: str = "body"

    def path(self, scheme: Scheme) -> Path:
        return DOCS / f"{self.name}-{scheme}.png"


def one_selected(editor: Editor) -> None:
    editor.page.mouse.click(*editor.middle_of("node", "Conv stem/conv"))
    expect(editor.properties.get_by_role("textbox", name="name", exact=True)).to_have_value("stem/conv", timeout=LONG)


def blocks(editor: Editor) -> None:
    """As it opens."""
    editor.page.locator('[data-kind="scope"][aria-expanded="false"]').first.wait_for(state="attached", timeout=LONG)


def bodies(editor: Editor) -> None:
    page = editor.page
    go_to(editor, "repeat")
    page.keyboard.press("e")
    body = page.locator('[role="treeitem"][data-kind="scope"][aria-expanded="true"]')
    expect(body).to_have_count(1, timeout=LONG)
    page.keyboard.press("f")
    editor.middle_of("node", "ReduceSum total")


PICTURES = (
    ReadmePicture("editor", "residual_block.onnx", one_selected, (1440, 900)),
    ReadmePicture("scopes", "decoder.onnx", blocks, (1200, 760)),
    ReadmePicture("bodies", "if_and_loop.onnx", bodies, (1440, 760), ".stage"),
)


def decoder() -> onnx.ModelProto:
    """A transformer of 12 equal blocks, as exporters name them; its weights are declared without data that anybody reads."""
    nodes: list[onnx.NodeProto] = []
    tensors: list[onnx.TensorProto] = []

    def put(scope: str, op: str, *inputs: str, name: str = "", **attributes: object) -> str:
        at = f"/{scope}/{name or op}"
        nodes.append(helper.make_node(op, list(inputs), [f"{at}_output_0"], at, **attributes))
        return f"{at}_output_0"

    def weight(name: str, *shape: int) -> str:
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="decoder.data")
        tensors.append(tensor)
        return name

    def dense(scope: str, value: str, inputs: int, outputs: int) -> str:
        module = scope.replace("/", ".")
        product = put(scope, "MatMul", value, weight(f"{module}.weight", inputs, outputs))
        return put(scope, "Add", product, weight(f"{module}.bias", outputs))

    def norm(scope: str, value: str) -> str:
        module = scope.replace("/", ".")
        scale, bias = weight(f"{module}.weight", WIDTH), weight(f"{module}.bias", WIDTH)
        return put(scope, "LayerNormalization", value, scale, bias, axis=-1)

    def heads(scope: str, value: str, perm: list[int]) -> str:
        return put(scope, "Transpose", put(scope, "Reshape", value, "split"), perm=perm)

    def attention(scope: str, value: str) -> str:
        query, key, content = (dense(f"{scope}/{part}", value, WIDTH, WIDTH) for part in ("query", "key", "value"))
        scores = put(
            scope,
            "MatMul",
            heads(f"{scope}/query", query, [0, 2, 1, 3]),
            heads(f"{scope}/key", key, [0, 2, 3, 1]),
            name="scores",
        )
        shares = put(scope, "Softmax", put(scope, "Div", scores, "root"), axis=-1)
        mixed = put(scope, "MatMul", shares, heads(f"{scope}/value", content, [0, 2, 1, 3]), name="mix")
        joined = put(scope, "Reshape", put(scope, "Transpose", mixed, perm=[0, 2, 1, 3]), "join")
        return dense(f"{scope}/output", joined, WIDTH, WIDTH)

    value = put("embed", "Gather", weight("embed.weight", 32_000, WIDTH), "tokens")
    for block in range(BLOCKS):
        scope = f"blocks.{block}"
        value = put(scope, "Add", value, attention(f"{scope}/attention", norm(f"{scope}/norm1", value)), name="skip1")
        wide = put(f"{scope}/mlp", "Gelu", dense(f"{scope}/mlp/up", norm(f"{scope}/norm2", value), WIDTH, 4 * WIDTH))
        value = put(scope, "Add", value, dense(f"{scope}/mlp/down", wide, 4 * WIDTH, WIDTH), name="skip2")
    nodes.append(
        helper.make_node(
            "MatMul", [norm("norm", value), weight("head.weight", WIDTH, 32_000)], ["logits"], "/head/MatMul"
        )
    )
    constants = [
        helper.make_tensor("split", TensorProto.INT64, [4], [0, 0, HEADS, WIDTH // HEADS]),
        helper.make_tensor("join", TensorProto.INT64, [3], [0, 0, WIDTH]),
        helper.make_tensor("root", TensorProto.FLOAT, [], [8.0]),
    ]
    ends = (
        helper.make_tensor_value_info("tokens", TensorProto.INT64, ["batch", "time"]),
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "time", 32_000]),
    )
    graph = helper.make_graph(nodes, "decoder", [ends[0]], [ends[1]], [*tensors, *constants])
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", 20)],
        producer_name="pytorch",
        producer_version="2.9.0",
        ir_version=9,
    )


def write_models(folder: Path) -> None:
    """The generated models, and the samples beside them; the weights are holes in a file."""
    onnx.save(decoder(), folder / "decoder.onnx")
    with (folder / "decoder.data").open("wb") as file:
        file.truncate(4 * WIDTH * 32_000)
    for name in {picture.model for picture in PICTURES} - {"decoder.onnx"}:
        (folder / name).write_bytes((SAMPLES / name).read_bytes())


def arranged(page: Page, server: RunningServer, folder: Path, picture: ReadmePicture) -> None:
    """The page shows what the picture is to show, and nothing moves any more."""
    editor = Editor(page)
    editor.open_from_start_page(server.url, folder / picture.model)
    status = page.get_by_test_id("status")
    expect(status).to_contain_text("Valid", timeout=LONG)
    page.reload()  # the layout knows all types from the start now, whichever came first before
    editor.wait_for_canvas()
    expect(status).to_contain_text("Valid", timeout=LONG)
    picture.arrange(editor)
    page.mouse.move(picture.size[0] / 2, 20)
    page.wait_for_timeout(500)


def shown(page: Page, scheme: Scheme, of: str = "body") -> bytes:
    """The page or a part of it in light or dark, as PNG."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(PAINTED)
    return page.locator(of).screenshot()


def open_window(browser: Browser, picture: ReadmePicture) -> Page:
    width, height = picture.size
    return browser.new_context(viewport={"width": width, "height": height}, color_scheme="light").new_page()


def main() -> None:
    chromium = find()
    if chromium is None:
        raise SystemExit(NONE_FOUND)
    with tempfile.TemporaryDirectory(prefix="scalpel-pictures-") as scratch, sync_playwright() as playwright:
        write_models(Path(scratch))
        with running_server([Path(scratch)]) as server:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            for picture in PICTURES:
                page = open_window(browser, picture)
                arranged(page, server, Path(scratch), picture)
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme)
                    page.wait_for_timeout(FADED_MS)
                    picture.path(scheme).write_bytes(shown(page, scheme, picture.of))
                page.context.close()
            browser.close()


if __name__ == "__main__":
    main()
