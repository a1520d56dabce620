"""The picture itself: sharp at two device pixels per pixel, without seams in the overview, and with findings to be seen from afar."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper
from playwright.sync_api import Browser, Page, expect

from tests.browser.editor import LONG, Editor
from tests.real_server import RunningServer, running_server

NODES = 150
OPERATORS = ["Relu", "Neg", "Abs", "Exp", "Tanh", "Sigmoid", "Floor", "Ceil", "Sin", "Cos"]
ERROR_RED = 120  # how much more red than green and blue a badge has, at least
Pixels = NDArray[np.int16]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One long straight line of nodes without any pattern; one near the middle reads a value that nobody makes."""
    choose = random.Random(7)
    nodes = [helper.make_node(choose.choice(OPERATORS), [f"v{i}"], [f"v{i + 1}"], name=f"n{i}") for i in range(NODES)]
    nodes[NODES // 2] = helper.make_node("Add", [f"v{NODES // 2}", "nowhere"], [f"v{NODES // 2 + 1}"], name="faulty")
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [3]) for name in ("v0", f"v{NODES}")]
    graph = helper.make_graph(nodes, "chain", ends[:1], ends[1:])
    path = tmp_path_factory.mktemp("crisp") / "chain.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)
    return path


@pytest.fixture(scope="module")
def server(chain: Path) -> Iterator[RunningServer]:
    with running_server([chain.parent]) as running:
        yield running


@pytest.fixture
def fine_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 800}, device_scale_factor=2, color_scheme="light")
    yield context.new_page()
    context.close()


PIXELS = """(canvas, [x, y, width, height]) => {
  const { data } = canvas.getContext('2d').getImageData(x, y, width, height)
  let text = ''
  for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768))
  return btoa(text) }"""


def pixels_of(page: Page, x: int = 0, y: int = 0, width: int = 0, height: int = 0) -> Pixels:
    """Device pixels of a part of the canvas (all of it without one), as rows of red, green and blue."""
    canvas = page.locator("canvas[data-painted-revision]")
    width = width or canvas.evaluate("(one) => one.width")
    height = height or canvas.evaluate("(one) => one.height")
    data = np.frombuffer(base64.b64decode(canvas.evaluate(PIXELS, [x, y, width, height])), np.uint8)
    return data.reshape(height, width, 4)[:, :, :3].astype(np.int16)


def box_of(page: Page, label: str) -> tuple[float, float, float, float]:
    item = page.locator(f'[role="treeitem"][data-kind="node"][aria-label*="{label}"]').first
    item.wait_for(state="attached", timeout=LONG)
    x, y, w, h = (float(item.get_attribute(f"data-{key}") or "nan") for key in "xywh")
    return x, y, w, h


def test_boxes_are_sharp_at_two_device_pixels_per_pixel(fine_page: Page, server: RunningServer, chain: Path) -> None:
    Editor(fine_page).open_from_start_page(server.url, chain)
    canvas = fine_page.locator("canvas[data-painted-revision]")
    assert canvas.evaluate("(one) => one.width === 2 * one.clientWidth")
    x, y, _, h = box_of(fine_page, " n1,")
    place = canvas.bounding_box()
    assert place is not None
    across = pixels_of(fine_page, round(2 * (x - place["x"])) - 12, round(2 * (y + h / 2 - place["y"])), 24, 1)[0]
    outside, inside = across[0], across[-1]
    assert np.abs(outside - inside).sum() > 90
    between = [p for p in across if np.abs(p - outside).sum() > 12 and np.abs(p - inside).sum() > 12]
    assert len(between) <= 2, across  # half a CSS pixel on either side of the border


def test_the_overview_has_no_seams(fine_page: Page, server: RunningServer, chain: Path) -> None:
    Editor(fine_page).open_from_start_page(server.url, chain)
    fine_page.keyboard.press("f")
    fine_page.wait_for_timeout(2000)
    assert float(fine_page.locator("canvas[data-zoom]").get_attribute("data-zoom") or "nan") < 0.2
    picture = pixels_of(fine_page)
    ground = np.abs(picture - picture[2, 2]).sum(axis=2) < 10
    column = int(np.argmin(ground[:, 100:-100].sum(axis=0))) + 100  # the line of nodes
    around = ~ground[:, column - 3 : column + 4].all(axis=1)
    rows = np.flatnonzero(around)
    assert rows[-1] - rows[0] > 0.6 * len(around)
    assert around[rows[0] : rows[-1]].all()  # where a tile ends the line goes on


def test_a_finding_is_seen_from_afar(fine_page: Page, server: RunningServer, chain: Path) -> None:
    Editor(fine_page).open_from_start_page(server.url, chain)
    expect(fine_page.get_by_test_id("status")).to_contain_text("error", timeout=LONG)
    fine_page.keyboard.press("f")
    fine_page.wait_for_timeout(2000)
    picture = pixels_of(fine_page)
    red = (picture[:, :, 0] - np.maximum(picture[:, :, 1], picture[:, :, 2])) > ERROR_RED
    middle = len(red) // 2 - 40  # the line of problems is below the graph
    assert red[middle - 60 : middle + 60].sum() >= 100  # the faulty node is the middle one
    assert red.sum() < 2 * red[middle - 60 : middle + 60].sum()
