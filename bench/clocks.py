"""What the bench puts into the page before anything else runs: clocks for revisions and keys, and a copy of the first picture.

A revision is *heard* when its message reaches the page, *seen* when the first frame that shows it is out, and *shown* when one is out in
which everything stands where the layout puts it: a frame is out when a message posted inside it arrives, which is after it was handed to the
compositor. All times are the page's own, in milliseconds.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

CLOCKS = """
window.__shown = {}; window.__seen = {}; window.__heard = {}; window.__watching = false; window.__frame = null; window.__pressed = 0; window.__picture = null
const mark = performance.mark.bind(performance)
const copied = () => {
  const canvas = [...document.querySelectorAll('canvas[data-painted-revision]')].find((one) => one.clientWidth > 0)
  const copy = new OffscreenCanvas(canvas.width, canvas.height)
  copy.getContext('2d').drawImage(canvas, 0, 0)
  return copy
}
window.__copied = copied
performance.mark = (name, options) => {
  if (name.startsWith('scalpel:shown:')) {
    const revision = name.slice(14)
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      window.__seen[revision] ??= performance.now()
      channel.port1.close()
      if (window.__watching) window.__frame = copied()
    }
    channel.port2.postMessage(0)
  }
  if (name.startsWith('scalpel:painted:')) {
    const revision = name.slice(16)
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      window.__shown[revision] ??= performance.now()
      channel.port1.close()
      window.__picture ??= copied()
    }
    channel.port2.postMessage(0)
  }
  return mark(name, options)
}
window.addEventListener('keydown', (event) => {
  window.__pressed = event.timeStamp
  sessionStorage.setItem('bench-pressed', String(performance.timeOrigin + event.timeStamp))
}, true)
window.WebSocket = class extends WebSocket {
  constructor(...how) {
    super(...how)
    this.addEventListener('message', ({ data }) => {
      const found = typeof data === 'string' && data.includes('"revision"') && /"revision":(\\d+)/.exec(data)
      if (found) window.__heard[found[1]] ??= performance.now()
    })
  }
}
"""
SHOWN = """(revision) => new Promise((done) => {
  const look = () => (revision in window.__shown ? done() : setTimeout(look, 5)); look() })"""
ARRIVAL = """() => {
  const one = performance.getEntriesByType('resource').find((entry) => entry.name.endsWith('/snapshot'))
  return { origin: performance.timeOrigin, asked: one.requestStart, first: one.responseStart, last: one.responseEnd, shown: window.__shown[0],
    pressed: Number(sessionStorage.getItem('bench-pressed')) - performance.timeOrigin, bytes: one.encodedBodySize } }"""
# Of the nodes and closed scopes that were wholly in sight: how many had a title (one colour with another one written on it, in the uppermost
# strip) and how many had a wire below them (a few pixels of another colour than what is around them) in the first picture.
SEEN = """() => {
  const canvas = [...document.querySelectorAll('canvas[data-painted-revision]')].find((one) => one.clientWidth > 0)
  const place = canvas.getBoundingClientRect()
  const ratio = canvas.width / place.width
  const picture = window.__picture.getContext('2d')
  const colours = (x, y, w, h) => {
    const { data } = picture.getImageData(Math.round(x * ratio), Math.round(y * ratio), Math.max(1, Math.round(w * ratio)), Math.max(1, Math.round(h * ratio)))
    const counts = new Map()
    for (let i = 0; i < data.length; i += 4) {
      const key = (data[i] >> 4) * 256 + (data[i + 1] >> 4) * 16 + (data[i + 2] >> 4)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    const sorted = [...counts].sort((a, b) => b[1] - a[1])
    const far = (key) => Math.abs((key >> 8) - (sorted[0][0] >> 8)) + Math.abs(((key >> 4) & 15) - ((sorted[0][0] >> 4) & 15)) + Math.abs((key & 15) - (sorted[0][0] & 15))
    const other = (least) => sorted.reduce((sum, [key, count]) => sum + (far(key) >= least ? count : 0), 0)
    return { main: sorted[0][1] / (data.length / 4), other }
  }
  let nodes = 0, titles = 0, wires = 0
  for (const item of document.querySelectorAll('[role="treeitem"][data-kind="node"], [data-kind="scope"][aria-expanded="false"]')) {
    const [x, y, w, h] = ['x', 'y', 'w', 'h'].map((name) => Number(item.dataset[name]))
    const left = x - place.left, top = y - place.top
    if (left < 0 || top < 0 || left + w > place.width || top + h > place.height - 12) continue
    nodes++
    const strip = colours(left + 4, top + 3, w - 8, Math.min(h, 24) - 6)
    if (strip.main > 0.3 && strip.other(9) >= 12) titles++
    if (colours(left, top + h + 3, w, 4).other(2) >= 2) wires++
  }
  return { nodes, titles, wires } }"""


# How many pixels of the picture have a colour, and how many at least a quarter of it over the ground's, as what fades in has: of a copy, or of
# the canvas as it is.
PIXELS_OF = """([colour, ground, whole]) => {
  const picture = whole ? window.__copied() : window.__frame
  const { data } = picture.getContext('2d').getImageData(0, 0, picture.width, picture.height)
  const way = colour.map((part, c) => part - ground[c])
  const length = way.reduce((sum, part) => sum + part * part, 0)
  let full = 0, faded = 0
  for (let i = 0; i < data.length; i += 4) {
    const by = [data[i] - ground[0], data[i + 1] - ground[1], data[i + 2] - ground[2]]
    const share = (by[0] * way[0] + by[1] * way[1] + by[2] * way[2]) / length
    if (share < 0.25 || share > 1.05 || by.some((part, c) => Math.abs(part - share * way[c]) > 8)) continue
    faded++
    if (by.every((part, c) => part === way[c])) full++
  }
  return [full, faded] }"""
COLOUR_AT = """([x, y]) => {
  const copy = window.__copied(), canvas = [...document.querySelectorAll('canvas[data-painted-revision]')].find((one) => one.clientWidth > 0)
  const place = canvas.getBoundingClientRect(), ratio = canvas.width / place.width
  return [...copy.getContext('2d').getImageData((x - place.left) * ratio, (y - place.top) * ratio, 1, 1).data].slice(0, 3) }"""


def wait_until_shown(page: Page, revision: int, timeout: float) -> None:
    """The page's policy allows no expression that is looked at again and again, as wait_for_function would."""
    page.wait_for_selector(f'canvas[data-painted-revision="{revision}"]', timeout=timeout)
    page.evaluate(SHOWN, str(revision))


def first_picture(page: Page, nodes: int) -> dict[str, int]:
    """What the pixels of the first picture show; RuntimeError when titles or wires of nodes in sight are not there."""
    page.wait_for_selector('[role="treeitem"]', state="attached")
    seen: dict[str, int] = page.evaluate(SEEN)
    if seen["nodes"] < 1 or min(seen["titles"], seen["wires"]) < 0.8 * seen["nodes"]:
        raise RuntimeError(f"the first picture of {nodes} nodes does not show them: {seen}")
    return seen


def arrival(page: Page) -> dict[str, Any]:
    """When the key was pressed that opened the model, the snapshot was asked for and came, and the first picture was shown."""
    found: dict[str, Any] = page.evaluate(ARRIVAL)
    return found
