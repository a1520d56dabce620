"""The live objects behind records: each graphsurgeon object with where it came from in the opened file.

The file's part never changes; `record` is what an edit wrote last (None: nobody edited it) and `first` what it was at opening.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import onnx
import onnx_graphsurgeon as gs
from msgspec.structs import replace
from onnx import AttributeProto, NodeProto, ValueInfoProto
from onnx_graphsurgeon.ir.tensor import LazyValues
from onnx_graphsurgeon.util.misc import SynchronizedList, convert_from_onnx_attr_type

from onnx_scalpel.document.protos import (
    attribute_type,
    declared_type,
    dtype_number,
    opset_pairs,
    pairs,
    read_attribute,
    tensor_facts,
    text,
)
from onnx_scalpel.document.records import (
    Attribute,
    FunctionFacts,
    GraphRecord,
    NodeRecord,
    Pairs,
    Shape,
    TypeRef,
    ValueRecord,
)

GsValue = Any  # gs.Variable or gs.Constant; graphsurgeon has no types
Order = tuple[int, ...]


class LiveValue:
    """A value and its graphsurgeon tensor, whose lists of producers and consumers are the index of wires."""

    __slots__ = (
        "declared",
        "first",
        "graph",
        "id",
        "infos",
        "initializers",
        "is_input",
        "is_output",
        "listed",
        "record",
        "tensor",
    )

    def __init__(self, value_id: str, graph: LiveGraph, tensor: GsValue) -> None:
        self.id = value_id
        self.graph = graph
        self.tensor = tensor
        tensor.__dict__["live"] = self  # graphsurgeon's own way of setting costs more than all else here
        self.infos: tuple[ValueInfoProto, ...] = ()  # of the file's inputs, then outputs, then value_info
        self.initializers: tuple[Any, ...] = ()  # the file's TensorProtos or SparseTensorProtos of this name
        self.declared = False  # the file's value_info lists it
        self.is_input = False
        self.is_output = False  # of its own graph
        self.listed = 0  # how often graphs list it as input or output; a body may list an outer value
        self.record: ValueRecord | None = None
        self.first: ValueRecord | None = None

    @property
    def name(self) -> str:
        name: str = self.tensor.name
        return name

    def current(self) -> ValueRecord:
        return self.record or self._from_file()

    def _from_file(self) -> ValueRecord:
        dtype: str = ""
        shape: Shape = None
        kind: TypeRef | None = None
        doc: str = ""
        metadata: Pairs = ()
        for info in self.infos:
            if not dtype and shape is None:
                dtype, shape, kind = declared_type(info.type)
            doc = doc or text(info.doc_string)
            metadata = metadata or pairs(info.metadata_props)
        held = self.initializers[0] if self.initializers else None
        tensor = None if held is None else tensor_facts(held, self.id)
        if held is not None and not self.infos:
            values = held.values if tensor and tensor.sparse else held
            doc, metadata = text(values.doc_string), pairs(values.metadata_props)
        return ValueRecord(self.id, self.graph.id, self.name, dtype, shape, kind, self.declared, tensor, doc, metadata)


class LiveNode:
    """A node and its graphsurgeon node; `origin` is the file's NodeProto, `bodies` the graphs in its attributes.

    A rewiring changes what a node reads and makes no record of it: `wired` is then what it read in the file.
    """

    __slots__ = ("_first", "bodies", "graph", "id", "node", "order", "origin", "record", "wired")

    def __init__(self, node_id: str, graph: LiveGraph, node: Any, origin: NodeProto | None, order: Order) -> None:
        self.id = node_id
        self.graph = graph
        self.node = node
        node.__dict__["live"] = self
        self.origin = origin
        self.order = order
        self.bodies: dict[tuple[str, int | None], str] = {}  # (attribute, index in a list of graphs) -> graph id
        self.record: NodeRecord | None = None
        self.wired: tuple[str, ...] | None = None
        self._first: NodeRecord | None = None

    @property
    def first(self) -> NodeRecord | None:
        """What it was at opening; None while no edit touched it."""
        if self._first is None and self.wired is not None:
            self._first = replace(self._from_file(), inputs=self.wired)
        return self._first

    @property
    def moved(self) -> bool:
        """Whether it is new, or stands elsewhere in its graph than in the file."""
        return self.record is not None and (self.first is None or self.first.order != self.order)

    def keep_first(self) -> None:
        """Before its first record is written."""
        if self.record is None:
            self._first = self.first or self.current()

    @property
    def overload(self) -> str:
        if self.record is not None:
            return self.record.overload
        return "" if self.origin is None else text(self.origin.overload)

    def inputs(self) -> tuple[str, ...]:
        return tuple([t.live.id if t.live is not None else "" for t in self.node.inputs])

    def outputs(self) -> tuple[str, ...]:
        return tuple([t.live.id if t.live is not None else "" for t in self.node.outputs])

    def current(self) -> NodeRecord:
        return self.record or self._from_file()

    def attribute(self, proto: AttributeProto) -> Attribute:
        """An attribute of the file's node as a record."""
        return read_attribute(proto, lambda name, index: self.bodies[name, index], f"{self.id}.{text(proto.name)}")

    def _from_file(self) -> NodeRecord:
        node, proto = self.node, self.origin
        assert proto is not None  # a node made by an edit has its record
        attributes: dict[str, Attribute] = {}
        for attribute in proto.attribute:
            attributes.setdefault(text(attribute.name), self.attribute(attribute))
        return NodeRecord(
            self.id,
            self.graph.id,
            node.name,
            node.op,
            node.domain,
            self.inputs(),
            self.outputs(),
            attributes,
            self.order,
            self.overload,
            text(proto.doc_string),
            pairs(proto.metadata_props),
        )


class LiveGraph:
    """The main graph, a body or a local function. `proto` is the file's GraphProto or FunctionProto (None: made by an edit).

    `nodes` runs parallel to the graphsurgeon graph's own list, `orders` are its sort keys. The lists of
    (value, proto) keep the file's order.
    """

    __slots__ = (
        "attribute", "children", "early", "first", "gs", "id", "infos", "initializers", "inputs", "names", "node_names", "nodes", "orders",
        "outputs", "owner", "parent", "proto", "record", "same_named", "sparse",
    )  # fmt: skip

    def __init__(
        self,
        graph_id: str,
        graph: Any,
        proto: Any,
        parent: LiveGraph | None = None,
        owner: str = "",
        attribute: str = "",
    ) -> None:
        self.id = graph_id
        self.gs = graph
        graph.live = self
        self.proto = proto
        self.parent = parent
        self.owner = owner
        self.attribute = attribute
        self.children: dict[str, LiveGraph] = {}
        self.nodes: list[LiveNode] = []
        self.orders: list[Order] = []
        self.early: set[str] = set()  # nodes that may read what a node at or behind them makes
        self.node_names: dict[str, int] = {}  # how many nodes have this name
        self.names: dict[str, LiveValue] = {}
        self.same_named: dict[str, list[LiveValue]] = {}  # further values of a name, which only faulty edits make
        self.inputs: list[tuple[LiveValue, Any]] = []
        self.outputs: list[tuple[LiveValue, Any]] = []
        self.infos: list[tuple[LiveValue | None, Any]] = []
        self.initializers: list[tuple[LiveValue, Any]] = []
        self.sparse: list[tuple[LiveValue, Any]] = []
        self.record: GraphRecord | None = None
        self.first: GraphRecord | None = None

    @property
    def is_function(self) -> bool:
        return isinstance(self.gs, gs.Function)

    def current(self) -> GraphRecord:
        return self.record or self._from_file()

    def _from_file(self) -> GraphRecord:
        proto, facts = self.proto, None
        if self.is_function:
            defaults = {
                text(a.name): read_attribute(a, lambda name, _: name, f"{self.id}.{text(a.name)}")
                for a in proto.attribute_proto
            }
            facts = FunctionFacts(
                text(proto.domain),
                text(proto.overload),
                tuple(text(a) for a in proto.attribute),
                defaults,
                opset_pairs(proto.opset_import),
            )
        return GraphRecord(
            self.id,
            text(proto.name),
            tuple([v.id for v, _ in self.inputs]),
            tuple([v.id for v, _ in self.outputs]),
            self.parent.id if self.parent else "",
            self.owner,
            self.attribute,
            text(proto.doc_string),
            pairs(proto.metadata_props),
            facts,
        )

    def visible(self, name: str) -> LiveValue | None:
        """The value that a name means here: this graph's own, else an enclosing graph's."""
        graph: LiveGraph | None = self
        while graph is not None:
            found = graph.names.get(name)
            if found is not None:
                return found
            graph = graph.parent
        return None

    def add_name(self, value: LiveValue) -> None:
        if self.names.setdefault(value.name, value) is not value:
            self.same_named.setdefault(value.name, []).append(value)

    def drop_name(self, value: LiveValue) -> None:
        others = self.same_named.get(value.name)
        if self.names.get(value.name) is not value:
            if others and value in others:
                others.remove(value)
            return
        if others:
            self.names[value.name] = others.pop(0)
        else:
            del self.names[value.name]

    def count_node_name(self, name: str, by: int) -> None:
        """A node of this name came (1) or went (-1)."""
        left = self.node_names.get(name, 0) + by
        if left:
            self.node_names[name] = left
        else:
            del self.node_names[name]

    def place(self, live: LiveNode) -> int:
        """Where a node of this graph stands, by its order."""
        at = bisect_left(self.orders, live.order)
        while self.nodes[at] is not live:
            at += 1
        return at


_DTYPES: dict[int, Any] = {}


def gs_dtype(number: int) -> Any:
    """What graphsurgeon holds as a dtype: NumPy's where there is one, else ONNX's number; None for none."""
    if number not in _DTYPES:
        try:
            _DTYPES[number] = onnx.helper.tensor_dtype_to_np_dtype(number) if number else None
        except (KeyError, TypeError, ValueError):
            _DTYPES[number] = number
    return _DTYPES[number]


def new_variable(name: str) -> GsValue:
    """A gs.Variable without its constructor's cost; `live` is None until a LiveValue takes it."""
    tensor = gs.Variable.__new__(gs.Variable)
    fields = tensor.__dict__
    fields["name"], fields["dtype"], fields["shape"], fields["type"], fields["live"] = (
        name,
        None,
        None,
        "tensor_type",
        None,
    )
    fields["inputs"], fields["outputs"] = _linked(tensor, "outputs"), _linked(tensor, "inputs")
    return tensor


def _linked(owner: Any, field: str) -> Any:
    """An empty gs list of what is linked to `owner`, which stands in that field of theirs; without its constructor's cost."""
    made = SynchronizedList.__new__(SynchronizedList)
    made.parent_obj, made.field_name = owner, field
    return made


def declare(tensor: GsValue, dtype: str, shape: Shape) -> None:
    """Tell a gs.Variable its dtype and shape."""
    try:
        tensor.dtype = gs_dtype(dtype_number(dtype))
    except KeyError:  # a sequence, map, optional …: graphsurgeon has no field for it
        tensor.dtype = None
    tensor.shape = None if shape is None else list(shape)


def lazy_values(proto: Any) -> Any:
    """gs.LazyValues of a TensorProto or SparseTensorProto, also of the dtypes that its constructor refuses."""
    values = LazyValues.__new__(LazyValues)
    values.tensor = proto
    values.shape = list(proto.dims)
    values.dtype = gs_dtype((proto.values if hasattr(proto, "values") else proto).data_type)
    values.nbytes = 0
    return values


def make_constant(tensor: GsValue, proto: Any) -> None:
    """Turn a tensor into a gs.Constant in place."""
    fields = tensor.__dict__
    fields.pop("dtype", None)
    fields.pop("shape", None)
    fields.update(_values=lazy_values(proto), data_location=None, _export_dtype=None)
    tensor.__class__ = gs.Constant


def make_variable(tensor: GsValue) -> None:
    """Turn a gs.Constant back into a gs.Variable in place."""
    for field in ("_values", "data_location", "_export_dtype"):
        tensor.__dict__.pop(field, None)
    tensor.__class__ = gs.Variable
    tensor.__dict__.update(dtype=None, shape=None, type="tensor_type")


def gs_attribute(proto: AttributeProto) -> Any:
    """An attribute's value as graphsurgeon holds it; what it cannot hold stays the proto. Graphs are the caller's."""
    kind = attribute_type(proto)
    if proto.ref_attr_name:
        return gs.Node.AttributeRef(text(proto.ref_attr_name), convert_from_onnx_attr_type(proto.type))
    if kind == "INT":
        return proto.i
    if kind == "FLOAT":
        return proto.f
    if kind == "STRING":
        return proto.s.decode("utf-8", "surrogateescape")
    if kind == "INTS":
        return list(proto.ints)
    if kind == "FLOATS":
        return list(proto.floats)
    if kind == "STRINGS":
        return [s.decode("utf-8", "surrogateescape") for s in proto.strings]
    if kind == "TENSOR":
        tensor = new_variable(text(proto.t.name))
        make_constant(tensor, proto.t)
        return tensor
    return proto


def new_node(op_type: str, name: str, domain: str) -> Any:
    """A gs.Node without its constructor's cost and without wires."""
    node = gs.Node.__new__(gs.Node)
    fields = node.__dict__
    fields["op"], fields["name"], fields["attrs"], fields["domain"] = op_type, name, {}, domain
    fields["inputs"], fields["outputs"] = _linked(node, "outputs"), _linked(node, "inputs")
    return node


def empty_slot() -> GsValue:
    """What stands in an omitted slot."""
    return new_variable("")
