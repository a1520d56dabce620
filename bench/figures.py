"""Figures in the form in which they are kept and told: median and 95th percentile, beside the bound."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from typing import Any

# size: bound; the first paint in seconds, edits in milliseconds
BYTES_TO_PAINT = {"1k": 0.15, "10k": 0.35, "50k": 0.8, "dense": 1.5}
FILE_TO_PAINT = {"1k": 0.5, "10k": 1.0, "50k": 2.5}
EDIT_TO_FRAME = {"10k": 30, "50k": 50}
KEY_TO_FRAME = {"10k": 60, "50k": 90}
FRAMES = 55
SCRIPT_MS = 3
PAGE_MB = {"50k": 250}


def summed_up(figures: list[float], digits: int = 1) -> dict[str, Any]:
    """Their median, 95th percentile and worst, and the best third's worst, which a busy machine disturbs least."""
    ordered = sorted(figures)
    rounded = [round(figure, digits) for figure in ordered]
    return {
        "median": round(statistics.median(ordered), digits),
        "p95": rounded[max(0, math.ceil(0.95 * len(ordered)) - 1)],
        "worst": rounded[-1],
        "best_third": rounded[max(0, math.ceil(len(ordered) / 3) - 1)],
        "of": len(ordered),
    }


def table(models: dict[str, Any]) -> Iterator[str]:
    """One line for each figure that has a bound: model, mode, what, figure, bound, and whether it holds."""
    yield f"{'model':7}{'mode':11}{'what':46}{'median':>9}{'p95':>9}{'bound':>9}"
    for size, model in models.items():
        for mode, found in model.get("browser", {}).items():
            for what, median, p95, judged, bound, least in _bounded(size, found):
                holds = "" if bound is None else "ok" if (judged >= bound if least else judged <= bound) else "SHORT"
                shown = "-" if bound is None else f"{bound:g}"
                yield f"{size:7}{mode:11}{what:46}{median:9g}{p95:9g}{shown:>9} {holds}"


def _bounded(size: str, found: dict[str, Any]) -> Iterator[tuple[str, float, float, float, float | None, bool]]:
    opening = found["opening"]
    for name, what, bounds in (
        ("bytes_to_first_paint_s", "bytes arrived → first paint, s", BYTES_TO_PAINT),
        ("page_and_worker_cpu_s", "… processor s of page and worker", BYTES_TO_PAINT),
        ("file_to_first_paint_s", "file on disk → first paint, s", FILE_TO_PAINT),
        ("with_server_cpu_s", "… processor s with the server's", FILE_TO_PAINT),
    ):
        if name not in opening:
            continue
        one = opening[name]
        yield what, one["median"], one["p95"], one["median"], bounds.get(size), False
    for kind, edits in found["edits"].items():
        for name, bounds in (
            ("heard_to_frame_ms", EDIT_TO_FRAME),
            ("heard_to_frame_cpu_ms", EDIT_TO_FRAME),
            ("key_to_frame_ms", KEY_TO_FRAME),
            ("heard_to_its_place_ms", {}),
            ("cpu_until_all_at_its_place_ms", {}),
        ):
            one = edits[name]
            yield f"{kind}, {name}", one["median"], one["p95"], one["p95"], bounds.get(size), False
    for place, moves in found["frames"].items():
        for name, one in moves.items():
            yield (
                f"{name}, {place}: frames/s",
                one["frames_per_second"],
                one["frames_per_second"],
                one["frames_per_second"],
                FRAMES,
                True,
            )
            script = one["script_ms_each"]
            yield f"{name}, {place}: script a frame, ms", script, script, script, SCRIPT_MS, False
    for when, memory in found["page_mb"].items():
        for name, megabytes in memory.items():
            yield f"page, {when}: {name}, MB", megabytes, megabytes, megabytes, PAGE_MB.get(size), False
