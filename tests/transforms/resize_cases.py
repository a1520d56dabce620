"""What the sweep of resize-inputs asks of a model: another batch, a named one, and for images and sequences other lengths."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.records import MAIN_GRAPH, NodeRecord, TensorRef, ValueRecord
from onnx_scalpel.document.save import weightless
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from onnx_scalpel.transforms.resizing.baseline import Baseline

SECONDS = 600  # for one request; a model that takes longer is a failure
FLOATS = ("float16", "float32", "float64")
TOKENS = ("int32", "int64")
STATES = ("state", "past", "cache", "hidden", "memory")
RUNS, BATCH, NAMED, LENGTHS, OPEN = "runs", "batch 4", "batch N", "other lengths", "open lengths"


@dataclass(frozen=True)
class Case:
    """One request to one model. `kind` is one of the words above."""

    kind: str
    shapes: dict[str, list[int | str | None]]


def main_input(document: Document) -> ValueRecord | None:
    """The input that an image or a sequence goes into: floats of the highest rank (2 at least), else tokens; states last."""
    values = [document.value(v) for v in document.graph(MAIN_GRAPH).inputs]
    fed = [v for v in values if v.tensor is None and 0 not in (v.shape or (0,))]
    ranked = [v for v in fed if v.dtype in FLOATS and 2 <= len(v.shape or ()) <= 5]
    first = [v for v in ranked if not any(word in v.name.lower() for word in STATES)]
    tokens = [v for v in fed if v.dtype in TOKENS and len(v.shape or ()) == 2]
    return max(first or tokens[:1] or ranked, key=lambda v: min(len(v.shape or ()), 4), default=None)


def batch_axis(shape: tuple[int | str | None, ...]) -> int:
    """The axis that a name calls a batch, else the first."""
    return next((a for a, d in enumerate(shape) if isinstance(d, str) and "batch" in d.lower()), 0)


def lengths(value: ValueRecord) -> list[tuple[int, ...]]:
    """Axes of height and width, or of time: each possible reading; none for what is no image and no sequence."""
    shape = value.shape or ()
    if any(word in value.name.lower() for word in STATES):
        return []
    if len(shape) == 4:
        last = shape[3] in (1, 3, 4) and shape[1] not in (1, 3, 4)
        return [(1, 2)] if last else [(2, 3)]
    return [(1,), (2,)] if len(shape) == 3 else [(1,)] if value.dtype in TOKENS else []


def cases(document: Document) -> Iterator[list[Case]]:
    """Requests; of several in a list one has to succeed: nobody can tell the time from the features by looking."""
    value = main_input(document)
    if value is None or value.shape is None:
        return
    dims = [None if isinstance(d, int) and d < 0 else d for d in value.shape]
    first = batch_axis(value.shape)
    batch = 4 if dims[first] != 4 else 5
    yield [Case(BATCH, {value.id: [batch if a == first else d for a, d in enumerate(dims)]})]
    yield [Case(NAMED, {value.id: ["samples" if a == first else d for a, d in enumerate(dims)]})]
    readings = lengths(value)
    more, other = (4, 12) if value.dtype in TOKENS else (64, 256)
    fixed = [{a: d + more if isinstance(d := dims[a], int) else other for a in axes} for axes in readings]
    if readings:
        yield [Case(LENGTHS, {value.id: [size.get(a, d) for a, d in enumerate(dims)]}) for size in fixed]
        yield [
            Case(OPEN, {value.id: [f"length{a}" if a in axes else d for a, d in enumerate(dims)]}) for axes in readings
        ]


def attempt(path: Path, case: Case) -> dict[str, Any]:
    """Apply the edit; what it reported, or why it was refused, which node it named and whether a weight fixes the size there."""
    document = open_model(path)
    edit = parse_edit({"kind": "resize-inputs", "shapes": case.shapes})
    try:
        applied = apply_edit(document, edit)
    except AppError as error:
        nodes = [document.node(s) for s in error.subjects if document.has("node", s)]
        weight = bool(nodes) and all(has_weight(document, node) for node in nodes)
        operators = [node.op_type for node in nodes]
        return {"ok": False, "message": error.message, "operators": operators, "weight": weight}
    return {"ok": True, **applied.report}


def has_weight(document: Document, node: NodeRecord) -> bool:
    """Whether the node reads a constant of several elements, or what is computed from one: its size is part of what was learned."""
    return any(is_constant(document, value) for value in node.inputs if value)


def is_constant(document: Document, value: str) -> bool:
    pending, seen, elements = [value], set(), 0
    while pending:
        current = pending.pop()
        seen.add(current)
        record, producer = document.value(current), document.producer(current)
        maker = document.node(producer.node) if producer is not None else None
        held = maker.attributes.get("value") if maker is not None and maker.op_type == "Constant" else None
        tensor = record.tensor or (held.value if held is not None else None)
        if isinstance(tensor, TensorRef):
            elements += prod(tensor.shape)
        elif maker is None or len(seen) > 50:
            return False
        else:
            pending += [v for v in maker.inputs if v and v not in seen]
    return elements > 1


def sweep_model(path: Path) -> Iterator[dict[str, Any]]:
    """One line for each case of a model; a first one that says whether it runs as it is."""
    document = open_model(path)
    if main_input(document) is None:
        return
    try:
        Baseline(weightless(document), {})
    except AppError as error:
        yield {"kind": RUNS, "ok": False, "message": error.message}
        return
    yield {"kind": RUNS, "ok": True}
    for readings in cases(document):
        found: list[dict[str, Any]] = []
        for case in readings:
            found.append({"kind": case.kind, "shapes": case.shapes, **attempt(path, case)})
            if found[-1]["ok"]:
                break
        yield found[-1] if found[-1]["ok"] else found[0]


def sweep_in_child(path: Path) -> list[dict[str, Any]]:
    """The lines of a model, worked out in a process that may crash or take too long."""
    command = [sys.executable, "-m", "tests.transforms.resize_cases", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=4 * SECONDS, check=False)
    except subprocess.TimeoutExpired as expired:
        said = (expired.stdout or b"").decode() if isinstance(expired.stdout, bytes) else expired.stdout or ""
        return [*map(json.loads, said.splitlines()), {"kind": "time", "ok": False, "message": "it took too long"}]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no words"])[-1]
        lines.append({"kind": "crash", "ok": False, "message": f"ended with {done.returncode}: {last}"})
    return lines


if __name__ == "__main__":
    for found in sweep_model(Path(sys.argv[1])):
        print(json.dumps(found), flush=True)
