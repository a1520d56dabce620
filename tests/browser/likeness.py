"""How far two pictures of the same thing differ to a person's eye: cell by cell, blind to how a Chromium smooths its letters."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

Pixels = NDArray[np.float32]
CELL = 12  # pixels a side
COLOUR = 8  # of 255: by so much the mean colour of a cell may differ
SPREAD = 4  # of 255: and how much its pixels differ from that, with a third of what it is
PLAIN = 2  # a cell whose pixels differ by less shows nothing
SHIFTS = sorted(((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)), key=lambda shift: shift != (0, 0))

DECODE = """async ([data, x, y, width, height]) => {
    const image = new Image()
    image.src = `data:image/png;base64,${data}`
    await image.decode()
    const context = new OffscreenCanvas(width, height).getContext('2d')
    context.drawImage(image, -x, -y)
    const { data: bytes } = context.getImageData(0, 0, width, height)
    let text = ''
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768))
    return btoa(text)
}"""


def pixels(blank: Page, png: bytes, part: tuple[int, int, int, int]) -> Pixels:
    """Rows of red, green and blue of a part (x, y, width, height) of a picture; `blank`: a page without a policy."""
    _, _, width, height = part
    data = base64.b64decode(blank.evaluate(DECODE, [base64.b64encode(png).decode(), *part]))
    return np.frombuffer(data, np.uint8).reshape(height, width, 4)[:, :, :3].astype(np.float32)


def difference(one: Pixels, other: Pixels) -> float:
    """The share of cells that look different, of those in which either picture shows something; 0 to 1."""
    kept_colour, kept_spread = _cells(_blurred(other))
    ours = _blurred(one)
    agree = np.zeros(kept_spread.shape[:2], bool)
    structured = kept_spread.max(axis=2) > PLAIN
    for shift in SHIFTS:  # a letter may stand a pixel aside
        colour, spread = _cells(np.roll(ours, shift, (0, 1)))
        alike = (np.abs(colour - kept_colour) < COLOUR) & (np.abs(spread - kept_spread) < SPREAD + kept_spread / 3)
        agree |= alike.all(axis=2)
        if shift == (0, 0):
            structured |= spread.max(axis=2) > PLAIN
        if not (structured & ~agree).any():
            break
    return float((structured & ~agree).sum() / max(1, structured.sum()))


def _blurred(picture: Pixels) -> Pixels:
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width, _ = picture.shape
    windows = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.asarray(sum(windows) / 9, np.float32)


def _cells(picture: Pixels) -> tuple[Pixels, Pixels]:
    """Mean and standard deviation of each cell, by colour."""
    rows, columns = (side // CELL for side in picture.shape[:2])
    cells = picture[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL, 3)
    return cells.mean(axis=(1, 3)).astype(np.float32), cells.std(axis=(1, 3)).astype(np.float32)
