"""What somebody should know before they trust a model they were given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod

from onnx_scalpel.document.protos import nbytes_of
from onnx_scalpel.document.source import safe_location
from onnx_scalpel.errors import AppError, one_line
from onnx_scalpel.inspectors.amounts import bytes_text, plural, some
from onnx_scalpel.inspectors.domains import DomainInspector
from onnx_scalpel.inspectors.inspected import Facts, Inspected
from onnx_scalpel.inspectors.placing import place_of

HUGE = 4 << 30  # bytes of one tensor
DEEP = 16  # graphs inside graphs
SUBJECTS_SHOWN = 20
_LOOPS = frozenset({"Loop", "Scan", "SequenceMap"})
_OPAQUE = re.compile(r"^(EPContext|Snpe|TRT_.*|PyOp|PythonOp|TensorRT.*Op)$")
_PATH = re.compile(r"(?:^|[\s\"'(=])((?:/(?:home|Users|root|mnt|data|tmp|opt|workspace)/|[A-Z]:\\)[^\s\"'),;]{3,160})")


class SafetyInspector:
    """Notes, each with a severity, a code, one line and subjects; nothing is opened, run or followed to find them."""

    name = "safety"
    title = "Safety notes"

    def inspect(self, model: Inspected) -> Facts:
        found = [*_paths(model), *_claims(model), *_foreign(model), *_loops(model), *_leaks(model)]
        return {"notes": sorted(found, key=lambda note: ("warning", "info").index(str(note["severity"])))}

    def tell(self, facts: Facts) -> list[str]:
        return [f"{note['severity']}: {note['message']}" for note in facts["notes"]]


def _note(severity: str, code: str, message: str, subjects: list[str] | None = None) -> Facts:
    return {
        "severity": severity,
        "code": code,
        "message": one_line(message),
        "subjects": list(dict.fromkeys(subjects or []))[:SUBJECTS_SHOWN],
    }


def _paths(model: Inspected) -> Iterator[Facts]:
    """Data files that are not below the model's folder."""
    leaving: dict[str, list[str]] = {}
    for held in model.tensors:
        location = place_of(model.document, held.ref).location
        if location is None:
            continue
        try:
            safe_location(location)
        except AppError:
            leaving.setdefault(location, []).append(held.subject)
    for location, subjects in leaving.items():
        kind = "an address on the network" if "://" in location else "a path that leaves the model's folder"
        shown = location.replace("\0", " ")
        yield _note("warning", "external-path", f"A tensor's data is said to lie at {kind}: {shown}", subjects)


def _claims(model: Inspected) -> Iterator[Facts]:
    """Tensors and values that say they are huge."""
    for held in model.tensors:
        place = place_of(model.document, held.ref)
        if held.ref.nbytes > max(HUGE, 16 * (place.inline + 1)) and place.location is None:
            message = f"A tensor claims {bytes_text(held.ref.nbytes)} but has {bytes_text(place.inline)} of data"
            yield _note("warning", "huge-tensor", message, [held.subject])
    large: dict[str, int] = {}
    for live in model.document.tables()[1].values():
        record = live.current()
        shape = record.shape if record.shape is not None else model.types.get(live.id, ("", None))[1]
        dtype = record.dtype or model.types.get(live.id, ("", None))[0]
        sizes = [d for d in shape or () if isinstance(d, int)]
        if record.tensor is None and sizes and all(d >= 0 for d in sizes) and prod(sizes) > 1 << 20:
            size = nbytes_of(dtype, sizes)
            if size > HUGE:
                large[live.id] = size
    if large:
        most = max(large.values())
        message = f"{plural(len(large), 'value')} of more than {bytes_text(HUGE)}, the largest of {bytes_text(most)}"
        yield _note("warning", "huge-value", f"The model makes {message}", sorted(large, key=lambda v: -large[v]))


def _foreign(model: Inspected) -> Iterator[Facts]:
    """Operators whose code is not in ONNX, and blobs that only a vendor's runtime can read."""
    domains = DomainInspector().inspect(model)
    custom = [one for one in domains["unknown"] if "schema" in one["why"]]
    if custom:
        names = some([f"{one['domain']}.{one['op_type']}".strip(".") for one in custom], 4)
        subjects = [node for one in custom for node in one["nodes"]]
        message = f"Custom operators run code that is not in this file: {names}"
        yield _note("warning", "custom-operator", message, subjects)
    opaque = [live.id for live in model.nodes if _OPAQUE.match(live.node.op)]
    if opaque:
        message = f"{plural(len(opaque), 'node')} hold compiled or vendor code that nothing here can look into"
        yield _note("warning", "opaque-operator", message, opaque)


def _loops(model: Inspected) -> Iterator[Facts]:
    """What may take long to run, or deep nesting that breaks tools."""
    loops = [live.id for live in model.nodes if live.node.op in _LOOPS]
    if loops:
        message = f"{plural(len(loops), 'loop')}: how long a run takes depends on the data"
        yield _note("info", "loops", message, loops)
    depth = 0
    for live in model.document.tables()[2].values():
        graph, levels = live, 0
        while graph.parent is not None:
            graph, levels = graph.parent, levels + 1
        depth = max(depth, levels)
    if depth > DEEP:
        yield _note("warning", "deep-nesting", f"Bodies are nested {depth} levels deep; many tools fail at that")


def _leaks(model: Inspected) -> Iterator[Facts]:
    """Paths of the exporting machine that the file tells everyone."""
    record = model.document.model()
    found, subjects = [], []
    texts = [("", record.doc), *(("", value) for _, value in record.metadata)]
    for live in model.nodes:
        if live.record is not None or (
            live.origin is not None and (live.origin.doc_string or live.origin.metadata_props)
        ):
            node = live.current()
            texts += [(live.id, node.doc), *((live.id, value) for _, value in node.metadata)]
    for subject, said in texts:
        match = _PATH.search(said)
        if match:
            found.append(match[1])
            subjects += [subject] if subject else []
    if found:
        message = f"{plural(len(found), 'text')} of the model name paths of the machine that made it, as {found[0]}"
        yield _note("info", "paths-inside", message, subjects)
