"""Frozen pictures of what a model is made of: nodes, values, graphs and the model itself; the only things a delta holds."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Table = Literal["node", "value", "graph", "model", "place", "note"]
ARRANGEMENT: tuple[Table, ...] = ("place", "note")
"""What readers arranged for themselves: journalled with the session, and no part of the model."""
Shape: TypeAlias = tuple[int | str | None, ...] | None
"""None: the rank is unknown; a dim is a size, a name, or None when it is unknown."""
Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Keys and values of metadata_props in file order; keys may repeat."""

MODEL_ID = "model:"
MAIN_GRAPH = "graph:"


class TensorRef(msgspec.Struct, frozen=True, tag="tensor", omit_defaults=True):
    """A tensor without its data. Either `source` names the opened model's tensor (a value id, or
    `<node id>.<attribute>`), or `proto` holds a serialized TensorProto (SparseTensorProto) without a name; with a
    `digest` its data is left out and lies in the store."""

    dtype: str
    shape: tuple[int, ...]
    nbytes: int
    source: str = ""
    proto: bytes = b""
    sparse: bool = False
    digest: str = ""


class TypeRef(msgspec.Struct, frozen=True, tag="type", omit_defaults=True):
    """A TypeProto as it is: `text` reads like 'seq(tensor(float32))'."""

    text: str
    proto: bytes


AttributeItem: TypeAlias = int | float | str | TensorRef | TypeRef
AttributeValue: TypeAlias = AttributeItem | tuple[AttributeItem, ...] | None


class Attribute(msgspec.Struct, frozen=True, omit_defaults=True):
    """One attribute. `type` is a name of onnx.AttributeProto.AttributeType ('INTS', 'TENSOR' …).

    INT, FLOAT, STRING: int, float, str (bytes that are no UTF-8 by surrogateescape); TENSOR, SPARSE_TENSOR: TensorRef;
    TYPE_PROTO: TypeRef; GRAPH: a graph id; lists: tuples of these. `ref` names the function attribute it stands for
    (`value` is None then).
    """

    type: str
    value: AttributeValue = None
    ref: str = ""
    doc: str = ""


class NodeRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A node. `inputs` and `outputs` are value ids by slot, '' where a slot is omitted; `order` is its place in its graph
    (compared as a tuple: node i of the opened file has (i,)). `rest` is for a copy of a node of the file: a NodeProto
    with what no other field here holds (device configurations, unknown fields) and the names that this refers to."""

    id: str
    graph: str
    name: str
    op_type: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute]
    order: tuple[int, ...]
    overload: str = ""
    doc: str = ""
    metadata: Pairs = ()
    rest: bytes = b""


class ValueRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value. `dtype` and `shape` are what is *declared* about it as an input, output or in value_info ('' and None: nothing);
    a type that is no dense tensor is in `type`, and `dtype` is its text. A value with a tensor is an initializer.

    `declared` says that value_info lists it; graph inputs and outputs carry their type anyway, and a type that would have no
    place otherwise is listed there too.
    """

    id: str
    graph: str
    name: str
    dtype: str = ""
    shape: Shape = None
    type: TypeRef | None = None
    declared: bool = False
    tensor: TensorRef | None = None
    doc: str = ""
    metadata: Pairs = ()


class FunctionFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a local function has beyond a graph; `attributes` are names without a default, `defaults` those with one."""

    domain: str
    overload: str = ""
    attributes: tuple[str, ...] = ()
    defaults: dict[str, Attribute] = {}
    opset_imports: tuple[tuple[str, int], ...] = ()


class GraphRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """The main graph, a body, or a function. A body has `parent` (a graph id), `owner` (a node id) and `attribute`;
    a function has `function` and no parent."""

    id: str
    name: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    parent: str = ""
    owner: str = ""
    attribute: str = ""
    doc: str = ""
    metadata: Pairs = ()
    function: FunctionFacts | None = None


class ModelRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the model says about itself; its id is always `model:`."""

    ir_version: int
    opset_imports: tuple[tuple[str, int], ...] = ()
    producer_name: str = ""
    producer_version: str = ""
    domain: str = ""
    model_version: int = 0
    doc: str = ""
    metadata: Pairs = ()
    id: str = MODEL_ID


class Spot(msgspec.Struct, frozen=True, omit_defaults=True):
    """A left upper corner on the canvas, in CSS pixels at zoom 1, measured from that of the open scope of this path; '': from
    where the layout puts the graph's first node."""

    x: float
    y: float
    within: str = ""


class PlaceRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a node was put by hand; its id is the node's. One place for each way in which a graph can run on the canvas, from top
    to bottom or from left to right: nothing stands there alike."""

    id: str
    graph: str
    down: Spot | None = None
    right: Spot | None = None


class NoteSpot(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a note stands, as in NoteRecord."""

    x: float
    y: float
    near: str = ""
    beside: dict[str, tuple[float, float]] = {}


class NoteRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A note on the canvas of a graph, with its left upper corner in CSS pixels at zoom 1, measured from that of the node which it
    is near; '', or a node that is not there: from the first of those in `beside` that is there, else from the graph's first node.
    That is its place where the graph runs in this direction; `turned`: where it was put when the graph ran the other way."""

    id: str
    graph: str
    x: float
    y: float
    text: str
    near: str = ""
    beside: dict[str, tuple[float, float]] = {}  # where it stands from other things by their ids, nodes and one scope
    direction: Literal["down", "right"] = "down"
    turned: NoteSpot | None = None


ModelPart: TypeAlias = NodeRecord | ValueRecord | GraphRecord | ModelRecord
Record: TypeAlias = ModelPart | PlaceRecord | NoteRecord

_TABLES: dict[type, Table] = {
    NodeRecord: "node",
    ValueRecord: "value",
    GraphRecord: "graph",
    ModelRecord: "model",
    PlaceRecord: "place",
    NoteRecord: "note",
}
_encoder = msgspec.msgpack.Encoder()


def table_of(record: Record) -> Table:
    """The table that a record belongs to."""
    return _TABLES[type(record)]


def same_record(one: Record | None, other: Record | None) -> bool:
    """Whether two records say exactly the same: NaN equals itself, 0.0 is not -0.0, and attribute order counts."""
    if one is other:
        return True
    if one is None or other is None or type(one) is not type(other):
        return False
    return same_data(one, other)


def same_data(one: object, other: object) -> bool:
    """Exact equality of two parts of records, as `same_record` means it."""
    try:
        return _encoder.encode(one) == _encoder.encode(other)
    except UnicodeEncodeError:  # names that are no UTF-8 (lone surrogates) cannot be packed
        return repr(one) == repr(other)


def order_between(before: tuple[int, ...] | None, after: tuple[int, ...] | None) -> tuple[int, ...]:
    """An order strictly between two others (None: no neighbour on that side). Repeated use stays short."""
    if before is None:
        return (0,) if after is None else (after[0] - 1,)
    if after is None:
        return (before[0] + 1,)
    beside = (*before[:-1], before[-1] + 1)
    if before < beside < after:
        return beside
    if after[: len(before)] == before:
        return (*before, after[len(before)] - 1)
    return (*before, 0)
