"""The whole model as typed columns and one table of strings: what the canvas loads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from onnx import AttributeProto

from onnx_scalpel.document.attribute_views import ROW_SHOWN, attribute_view, few_elements
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.exporter_scopes import ExporterScopes
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.live import LiveGraph, LiveNode, LiveValue
from onnx_scalpel.document.operator_facts import Operator, OperatorFacts
from onnx_scalpel.document.protos import dtype_name, pairs, text
from onnx_scalpel.document.record_views import (
    Inferred,
    arrangement_view,
    graph_view,
    held_elements,
    held_tensor,
    model_view,
    shown_type,
)
from onnx_scalpel.document.records import Attribute, Shape

FORMAT = 3
KINDS = {"input": 0, "output": 1, "initializer": 2, "intermediate": 3}
IS_INFERRED, IS_OUTPUT = 1, 2
# an id that is only a prefix and another string takes that string's number, and says in these bits which prefix
NODE_OF, VALUE_OF = 1 << 30, 2 << 30
_GRAPHS = (AttributeProto.GRAPH, AttributeProto.GRAPHS)
_TYPES = {"u8": np.uint8, "u32": np.uint32, "i32": np.int32, "f64": np.float64}


def snapshot_columns(document: Document, inferred: Inferred, revision: int) -> bytes:
    """The snapshot in its binary form; the browser's decoder is static/src/document/columns.ts."""
    graphs = document.tables()[2]
    writer = _Columns(document, inferred)
    writer.run()
    counts = {"nodes": len(writer.columns["node_id"]), "values": len(writer.columns["value_id"])}
    header = {
        "revision": revision,
        "model": model_view(document),
        "graphs": [graph_view(document, graph_id) for graph_id in graphs],
        "operators": [operator.to_json() for operator in writer.operators],
        "arrangement": arrangement_view(document),
        "counts": {**counts, "strings": len(writer.strings)},
    }
    return _pack(header, writer)


class _Columns:
    """Collects the columns of one document. Every distinct string is stored once; attributes and types that look the
    same are described once."""

    def __init__(self, document: Document, inferred: Inferred) -> None:
        self._document = document
        self._inferred: Mapping[str, tuple[str, Shape]] = inferred
        self._facts = OperatorFacts(document)
        self._scopes = ExporterScopes()
        self.strings: dict[str, int] = {"": 0}
        self.operators: list[Operator] = []
        self._operator_at: dict[int, int] = {}
        self._attributes: dict[bytes, tuple[int, int]] = {}
        self._types: dict[bytes, tuple[int, int, bool]] = {}
        self._elements_of: dict[tuple[int, bytes], int] = {}
        self.columns: dict[str, list[Any]] = {name: [] for name in (*_NODE_SECTIONS, *_VALUE_SECTIONS)}

    def run(self) -> None:
        _, values, graphs = self._document.tables()
        graph_at = {graph_id: at for at, graph_id in enumerate(graphs)}
        value_at: dict[LiveValue | None, int] = {live: at for at, live in enumerate(values.values())}
        value_at[None] = -1  # an omitted slot
        for at, graph in enumerate(graphs.values()):
            self._nodes(graph, at, value_at, graph_at)
        for name in ("node_in_start", "node_out_start", "node_attr_start", "body_start"):
            self.columns[name].append(len(self.columns[_STARTS[name]]))
        self._values(values.values(), graph_at)

    def _string(self, value: str) -> int:
        return self.strings.setdefault(value, len(self.strings))

    def _name(self, value: str) -> int:
        return self.strings.setdefault(value if value.isascii() else printable(value), len(self.strings))

    def _id(self, live_id: str, prefix: str, name: str, says_prefix: int) -> int:
        """The string that an id is; where it is only a prefix and a name, the name, and the bits that say so."""
        strings = self.strings
        if not name.isascii():
            name = printable(name)
        if live_id == prefix + name:
            return says_prefix | strings.setdefault(name, len(strings))
        return strings.setdefault(live_id, len(strings))

    def _nodes(
        self, graph: LiveGraph, graph_index: int, value_at: dict[LiveValue | None, int], graph_at: dict[str, int]
    ) -> None:
        columns, strings = self.columns, self.strings
        # in locals: this runs once for each node
        node_id, node_name, node_op = columns["node_id"].append, columns["node_name"].append, columns["node_op"].append
        in_start, out_start = columns["node_in_start"].append, columns["node_out_start"].append
        attr_start, body_start = columns["node_attr_start"].append, columns["body_start"].append
        node_doc, node_scope = columns["node_doc"].append, columns["node_scope"].append
        node_in, node_out, bodies = columns["node_in"], columns["node_out"], columns["body"]
        attr_name, attr_view = columns["attr_name"], columns["attr_view"]
        columns["node_graph"] += [graph_index] * len(graph.nodes)
        operators: dict[tuple[str, str, str], int] = {}
        for live in graph.nodes:
            node, record, origin = live.node, live.record, live.origin
            name = node.name
            node_name(strings.setdefault(name if name.isascii() else printable(name), len(strings)))
            first = node.outputs[0].name if node.outputs else ""
            node_id(self._id(live.id, "node:", first or name, NODE_OF))
            operator = node.domain, node.op, live.overload
            known = operators.get(operator)
            if known is None:
                known = operators[operator] = self._operator(live)
            node_op(known)
            in_start(len(node_in))
            out_start(len(node_out))
            attr_start(len(attr_name))
            body_start(len(bodies))
            node_in += [value_at[t.live] for t in node.inputs]
            node_out += [value_at[t.live] for t in node.outputs]
            if live.bodies:
                bodies += [graph_at[g] for g in live.bodies.values()]
            if node.attrs or record is not None:
                for name, view in self._node_attributes(live):
                    attr_name.append(name)
                    attr_view.append(view)
            doc = record.doc if record is not None else origin.doc_string if origin is not None else ""
            node_doc(self._name(text(doc)) if doc else 0)
            node_scope(0 if record is None and origin is not None and not origin.metadata_props else self._scope(live))

    def _operator(self, live: LiveNode) -> int:
        operator = self._facts.of(live)
        # the facts give one object for all nodes of an operator, and keep it
        known = self._operator_at.get(id(operator))
        if known is None:
            known = self._operator_at[id(operator)] = len(self.operators)
            self.operators.append(operator)
        return known

    def _scope(self, live: LiveNode) -> int:
        if live.record is not None:
            scope = self._scopes.of(live.record.metadata)
        elif live.origin is not None and live.origin.metadata_props:
            scope = self._scopes.of(pairs(live.origin.metadata_props))
        else:
            return 0
        return self._name(scope)

    def _node_attributes(self, live: LiveNode) -> list[tuple[int, int]]:
        if live.record is not None:
            return [self._attribute(name, a) for name, a in live.record.attributes.items()]
        assert live.origin is not None
        found: dict[int, int] = {}
        for proto in live.origin.attribute:
            if proto.type in _GRAPHS:
                name, view = self._attribute(text(proto.name), live.attribute(proto))
            else:
                key = proto.SerializeToString()
                known = self._attributes.get(key)
                if known is None:
                    known = self._attributes[key] = self._attribute(text(proto.name), live.attribute(proto))
                name, view = known
            found.setdefault(name, view)
        return list(found.items())

    def _attribute(self, name: str, attribute: Attribute) -> tuple[int, int]:
        return self._name(name), self._string(_json(attribute_view(self._document, attribute)))

    def _values(self, values: Iterable[LiveValue], graph_at: dict[str, int]) -> None:
        columns, strings = self.columns, self.strings
        # in locals: this runs once for each value
        value_id, value_name, value_dtype = (columns[f"value_{name}"].append for name in ("id", "name", "dtype"))
        value_shape, value_doc, value_graph = (columns[f"value_{name}"].append for name in ("shape", "doc", "graph"))
        value_kind, value_flags = columns["value_kind"].append, columns["value_flags"].append
        value_bytes, value_elements = columns["value_bytes"].append, columns["value_elements"].append
        for live in values:
            name: str = live.tensor.name
            value_name(strings.setdefault(name if name.isascii() else printable(name), len(strings)))
            value_id(self._id(live.id, "value:", name, VALUE_OF))
            dtype, shape, guessed, doc, held = self._facts_of(live)
            value_dtype(dtype)
            value_shape(shape)
            value_doc(doc)
            value_graph(graph_at[live.graph.id])
            value_kind(0 if live.is_input else 2 if held is not None else 1 if live.is_output else 3)
            value_flags((IS_INFERRED if guessed else 0) | (IS_OUTPUT if live.is_output else 0))
            value_bytes(held or 0)
            value_elements(self._elements(live) if held else 0)

    @cached_property
    def _unknown(self) -> tuple[int, int, bool, int, int | None]:
        """What is said of a value of which nothing is known."""
        return (*self._shown("", None), False, 0, None)

    def _facts_of(self, live: LiveValue) -> tuple[int, int, bool, int, int | None]:
        """dtype, shape, whether those are inferred, doc, bytes of its tensor (None: it has none)."""
        if live.record is None and not live.initializers and len(live.infos) < 2:
            return self._plain_value(live)
        if live.record is None and not live.infos:
            return self._plain_tensor(live)
        return self._recorded_value(live)

    def _elements(self, live: LiveValue) -> int:
        """Of a small tensor; those with equal bytes are read once."""
        if live.record is not None or live.infos:
            return self._string(held_elements(self._document, live.current()))
        held = live.initializers[0]
        if hasattr(held, "values") or len(held.dims) > 1 or held.data_location or math.prod(held.dims) > ROW_SHOWN:
            return 0
        key = held.data_type, held.raw_data or held.SerializeToString()
        known = self._elements_of.get(key)
        if known is None:
            known = self._elements_of[key] = self._string(few_elements(held, dtype_name(held.data_type)))
        return known

    def _plain_value(self, live: LiveValue) -> tuple[int, int, bool, int, int | None]:
        """A value that nobody edited, with at most one description and no tensor: equal descriptions are read once."""
        guess = self._inferred.get(live.id)
        if not live.infos:
            return self._unknown if guess is None else (*self._shown(*guess), True, 0, None)
        info = live.infos[0]
        doc = self._name(text(info.doc_string)) if info.doc_string else 0
        if guess is not None:
            return (*self._recorded_value(live)[:3], doc, None)
        key = info.type.SerializeToString()
        known = self._types.get(key)
        if known is None:
            known = self._types[key] = self._recorded_value(live)[:3]
        return (*known, doc, None)

    def _plain_tensor(self, live: LiveValue) -> tuple[int, int, bool, int, int | None]:
        """An initializer that nobody edited and nothing else describes."""
        dtype, shape, nbytes = held_tensor(live) or ("", (), 0)
        held = live.initializers[0]
        doc = text((held.values if hasattr(held, "values") else held).doc_string)
        return (*self._shown(dtype, shape), False, self._name(doc), nbytes)

    def _recorded_value(self, live: LiveValue) -> tuple[int, int, bool, int, int | None]:
        record = live.current()
        dtype, shape, guessed = shown_type(record, self._inferred.get(live.id))
        held = None if record.tensor is None else record.tensor.nbytes
        return (*self._shown(dtype, shape), guessed, self._name(record.doc), held)

    def _shown(self, dtype: str, shape: Shape) -> tuple[int, int]:
        dims = None if shape is None else [printable(d) if isinstance(d, str) else d for d in shape]
        return self._name(dtype), self._string("null" if dims is None else _json(dims))


_NODE_SECTIONS = {
    "node_id": "u32",
    "node_name": "u32",
    "node_doc": "u32",
    "node_scope": "u32",
    "node_graph": "u32",
    "node_op": "u32",
    "node_in_start": "u32",
    "node_in": "i32",
    "node_out_start": "u32",
    "node_out": "i32",
    "node_attr_start": "u32",
    "attr_name": "u32",
    "attr_view": "u32",
    "body_start": "u32",
    "body": "u32",
}
_VALUE_SECTIONS = {
    "value_id": "u32",
    "value_name": "u32",
    "value_dtype": "u32",
    "value_shape": "u32",
    "value_doc": "u32",
    "value_graph": "u32",
    "value_kind": "u8",
    "value_flags": "u8",
    "value_bytes": "f64",
    "value_elements": "u32",
}
_STARTS = {
    "node_in_start": "node_in",
    "node_out_start": "node_out",
    "node_attr_start": "attr_name",
    "body_start": "body",
}


def _json(data: Any) -> str:
    return msgspec.json.encode(data).decode()


def _pack(header: dict[str, Any], writer: _Columns) -> bytes:
    """Magic, format, header length, header, sections; sections start at multiples of 8 from the file's start."""
    strings = list(writer.strings)
    blob = "".join(strings).encode("utf-8")
    lengths = map(len, strings) if blob.isascii() else (len(s.encode("utf-16-le")) // 2 for s in strings)
    ends = np.cumsum(np.fromiter(lengths, np.int64, len(strings)), dtype=np.uint32)
    parts: list[tuple[str, str, int, bytes]] = [
        ("strings", "utf8", len(blob), blob),
        ("string_ends", "u32", len(ends), ends.tobytes()),
    ]
    for name, kind in {**_NODE_SECTIONS, **_VALUE_SECTIONS}.items():
        column: NDArray[Any] = np.array(writer.columns[name], dtype=_TYPES[kind])
        parts.append((name, kind, len(column), column.tobytes()))

    def sections(at: int) -> dict[str, dict[str, Any]]:
        found = {}
        for name, kind, length, data in parts:
            found[name] = {"offset": at, "length": length, "type": kind}
            at += -(-len(data) // 8) * 8
        return found

    # the header holds offsets that depend on its own length: room for the longest ones, filled up with spaces
    room = len(msgspec.json.encode({**header, "sections": sections(1 << 40)}))
    start = -(-(12 + room) // 8) * 8
    encoded = msgspec.json.encode({**header, "sections": sections(start)}).ljust(start - 12)
    out = [b"SCLP", FORMAT.to_bytes(4, "little"), len(encoded).to_bytes(4, "little"), encoded]
    for _, _, _, data in parts:
        out += data, b"\0" * (-len(data) % 8)
    return b"".join(out)
