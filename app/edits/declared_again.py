"""Declared types that come back: an edit that is taken back by hand gives the values behind it what the file says of them."""

from __future__ import annotations

from itertools import islice

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveNode, LiveValue
from onnx_scalpel.document.records import ValueRecord, same_data
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.flow import downstream
from onnx_scalpel.edits.scopes import enclosing_graphs

_MOST = 2_000  # nodes behind what still differs from the file; behind more, nothing comes back, because edits are to be quick


def restore_declared_types(tx: Transaction) -> None:
    """Declare again what edits took away as possibly wrong, where all that a value is computed from is as in the file again.

    Only declarations that are gone come back; what somebody declared otherwise stays.
    """
    document = tx.document
    _, values, _ = document.tables()
    touched = (values[key] for key in document.touched["value"] if key in values)
    gone = sorted((live for live in touched if _lost_its_type(live)), key=lambda live: live.id)
    if not gone:
        return
    changed = _changed_values(document)
    if changed is None:
        return
    behind = list(islice(downstream(document, changed), _MOST + 1))
    if len(behind) > _MOST:
        return
    changed.update(output for node in behind for output in node.outputs() if output)
    for live in gone:
        first = live.first
        if first is not None and live.id not in changed and document.producer(live.id) is not None:
            kept = {"dtype": first.dtype, "shape": first.shape, "type": first.type, "declared": first.declared}
            tx.put(replace(tx.value(live.id), **kept))


def _lost_its_type(live: LiveValue) -> bool:
    return live.record is not None and live.first is not None and _is_typed(live.first) and not _is_typed(live.record)


def _is_typed(value: ValueRecord) -> bool:
    return bool(value.dtype) or value.shape is not None or value.type is not None


def _changed_values(document: Document) -> set[str] | None:
    """The values whose own making differs from the file's, not counting what is behind them; None: too much differs to tell."""
    nodes, values, _ = document.tables()
    found: set[str] = set()
    for table, key in ((table, key) for table, keys in document.touched.items() for key in keys):
        opened = document.opened(table, key) if table in ("node", "graph") else None
        if table == "graph" and (
            opened is None or opened.first is None or not same_data(opened.first, opened.current())
        ):
            return None
        if table == "model" and document.model().opset_imports != document.first_model().opset_imports:
            return None
        if table == "node" and key not in nodes:
            first = opened.first if opened is not None else None
            found.update(output for output in (first.outputs if first else ()) if output in values)
        elif table == "node" and _is_made_otherwise(nodes[key]):
            *_, outermost = enclosing_graphs(document, nodes[key].graph.id)
            if outermost.function is not None:
                return None  # whatever calls it is made otherwise
            found.update(output for output in nodes[key].outputs() if output)
        elif table == "value" and key in values and _is_given_otherwise(values[key]):
            found.add(key)
    return found


def _is_made_otherwise(node: LiveNode) -> bool:
    if node.record is None:
        return node.wired is not None and node.wired != node.inputs()
    first, now = node.first, node.current()
    if first is None or node.origin is None:
        return node.origin is None
    return not same_data(
        replace(first, order=(), name="", doc="", metadata=()), replace(now, order=(), name="", doc="", metadata=())
    )


def _is_given_otherwise(value: LiveValue) -> bool:
    """Whether it is a tensor or an input that differs from the file's."""
    first, now = value.first, value.current()
    if first is None:
        return value.is_input or now.tensor is not None
    typed = (first.dtype, first.shape, first.type) != (now.dtype, now.shape, now.type)
    return first.tensor != now.tensor or (value.is_input and typed)
