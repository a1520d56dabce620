"""Which declared types an edit makes wrong: the types behind it are worked out node by node, until they are what they were."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from msgspec.structs import replace
from onnx import TypeProto

from onnx_scalpel.document.live import LiveGraph, LiveNode, LiveValue
from onnx_scalpel.document.protos import declared_type
from onnx_scalpel.document.records import NodeRecord, Shape, ValueRecord
from onnx_scalpel.document.schemas import operator
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.flow import carries_type
from onnx_scalpel.edits.followed_types import UNKNOWN_DIM, Effort, FollowedTypes
from onnx_scalpel.edits.operators import local_function
from onnx_scalpel.edits.signatures import callers

_INFERENCES = 1_000  # for one edit; behind so many nodes whose types change, types count as unknown
_NUMBERS = ("int64", "int32")  # of which shapes are computed
_VISITS = 3  # of one node: in a graph that is not sorted, or has a cycle, it may come before what it reads


def drop_declared_types(tx: Transaction, value_ids: Iterable[str]) -> None:
    """Take away what value_info declares about these values, and about what is computed from them, where it is wrong now.

    For edits that may change the types of values; the nodes that make them are the ones that changed. A declaration stays
    where the type that follows now is the declared one, or the one that followed before. Where neither can be told it goes,
    and nothing is lost, because inference finds it again. Behind an operator without a schema, and on graph inputs and
    outputs, declarations are the author's and stay; those of a body's outputs go, because they are believed against what is
    computed. What comes out depends on the model alone, never on what a session inferred so far.
    """
    document = tx.document
    if document.declared_values or len(document.graph_ids()) > 1:
        _Walk(tx).run(value_ids)


def type_that_follows(tx: Transaction, value_id: str) -> tuple[str, Shape]:
    """The dtype and shape of a dense value as they follow from what is declared at it or close above; '' and None: not known."""
    found = FollowedTypes(tx, Effort(_INFERENCES), now=True, only_dtypes=False).of(value_id)
    dtype, shape, kind = declared_type(found) if found is not None else ("", None, None)
    if kind is not None or not dtype:
        return "", None
    known = [None if isinstance(size, str) and size.startswith(UNKNOWN_DIM) else size for size in shape or ()]
    return dtype, None if shape is None else tuple(known)


def interchangeable(tx: Transaction, one: str, other: str) -> bool:
    """Whether what reads one value surely makes the same types of the other: both are of one type, known whole, and have no
    numbers that could say a shape."""
    types = FollowedTypes(tx, Effort(_INFERENCES), now=True, only_dtypes=False)
    if not _same(types.of(one), types.of(other)):
        return False
    dtype, shape, _ = declared_type(types.of(one))
    countable = dtype in _NUMBERS and (shape is None or len(shape) <= 1)
    return not countable and types.data(one) is None and types.data(other) is None


class _Walk:
    """From the nodes that an edit changed downwards, in graph order. `after` and `before` are the types now and as they were."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._document = tx.document
        self._effort = Effort(_INFERENCES)
        # where nothing but dtypes is declared, other shapes make nothing wrong
        self._only_dtypes = not self._document.declared_shapes and len(self._document.graph_ids()) == 1
        self.after = FollowedTypes(tx, self._effort, now=True, only_dtypes=self._only_dtypes)
        self.before = FollowedTypes(tx, self._effort, now=False, only_dtypes=self._only_dtypes)
        self._waiting: list[tuple[tuple[tuple[int, ...], ...], str]] = []
        self._visits: dict[str, int] = {}
        self._first: set[str] = set()  # nodes that the edit changed itself
        self._bodies_changed: set[str] = set()  # nodes with a body whose outputs changed
        self._pending: set[str] = set()
        self._other_dtype: set[str] = set()  # values whose dtype may be another one, not only their shape

    def run(self, value_ids: Iterable[str]) -> None:
        for value_id in dict.fromkeys(value_ids):
            producer = self._document.producer(value_id)
            if producer is None:
                self._other_dtype.add(value_id)
                self._changed(self._tx.value(value_id), None)
            else:
                self._first.add(producer.node)
                self._push(self._document.live_node(producer.node))
        while self._waiting:
            node_id = heapq.heappop(self._waiting)[1]
            self._pending.discard(node_id)
            self._visit(self._document.live_node(node_id))

    def _visit(self, live: LiveNode) -> None:
        self._visits[live.id] = self._visits.get(live.id, 0) + 1
        node = live.current()
        if live.bodies:
            if node.op_type == "If" and not self._first & {live.id} and live.id not in self._bodies_changed:
                return  # only its condition changed
        elif live.id not in self._first and not self._known(node):
            return
        # dtypes follow from dtypes: other shapes alone change none
        same_dtypes = not live.bodies and live.id not in self._first and self._other_dtype.isdisjoint(node.inputs)
        if same_dtypes and self._only_dtypes:
            return
        now = self.after.infer(node)
        then: list[TypeProto | None] | None = None
        for slot, value_id in enumerate(node.outputs):
            if not value_id or value_id in self.after.told:
                continue
            value = self._tx.value(value_id)
            stands = _says(value) and _agrees(now[slot], value)
            if stands and _is_whole(value) and self._was_declared(value):
                self._pass_numbers(value, now[slot])
                continue
            if then is None:
                then = self._as_it_was(live.id, node.outputs)
            if _same(then[slot], now[slot]):
                self._pass_numbers(value, now[slot])
                continue
            stands = stands or (same_dtypes and value.shape is None and value.type is None)
            if not (same_dtypes or _same_dtype(then[slot], now[slot]) or _has_dtype(now[slot], value.dtype)):
                self._other_dtype.add(value_id)
            self._changed(value, now[slot], stands)

    def _pass_numbers(self, value: ValueRecord, now: TypeProto | None) -> None:
        """Numbers that may say a shape can be others although their type is the same: who reads them is looked at."""
        dtype, shape, _ = declared_type(now) if now is not None else (value.dtype, value.shape, None)
        if dtype in _NUMBERS and shape is not None and len(shape) <= 1 and not self._only_dtypes:
            for reader in self._document.live_value(value.id).tensor.outputs:
                if not reader.live.bodies:
                    self._push(reader.live)

    def _was_declared(self, value: ValueRecord) -> bool:
        """Whether the declaration is the one from before the edit."""
        was = self._tx.before("value", value.id)
        return isinstance(was, ValueRecord) and (was.dtype, was.shape, was.type) == (
            value.dtype,
            value.shape,
            value.type,
        )

    def _as_it_was(self, node_id: str, outputs: tuple[str, ...]) -> list[TypeProto | None]:
        """The types before the edit of those of these values that the node made in the same slot."""
        was = self._tx.before("node", node_id)
        if not isinstance(was, NodeRecord):
            return [None] * len(outputs)
        made = dict(zip(was.outputs, self.before.infer(was), strict=True))
        return [made.get(v) if was.outputs[slot : slot + 1] == (v,) else None for slot, v in enumerate(outputs)]

    def _changed(self, value: ValueRecord, now: TypeProto | None, stands: bool = False) -> None:
        """The type of the value is another one, or nobody can tell: its declaration goes, and its readers are looked at."""
        self.before.told[value.id] = self.before.of(value.id) if self._effort.left > 0 else None
        self.after.told[value.id] = now
        live = self._document.live_value(value.id)
        if not stands and _says(value) and value.tensor is None and self._may_be_silent(value):
            documented = bool(value.doc or value.metadata)  # which has no other place
            self._tx.put(replace(value, dtype="", shape=None, type=None, declared=documented))
        for reader in live.tensor.outputs:
            self._push(reader.live)
        for owner in self._handed_out(live):
            self._bodies_changed.add(owner.id)
            self._push(owner)

    def _handed_out(self, value: LiveValue) -> Iterator[LiveNode]:
        """The nodes with a body that lists the value as an output, and those that call a function that does."""
        if not value.listed:
            return
        waiting: list[LiveGraph] = [value.graph]
        outer = value.listed > int(value.is_input) + int(value.is_output)
        while waiting:
            graph = waiting.pop()
            if any(tensor is value.tensor for tensor in graph.gs.outputs):
                if graph.owner:
                    yield self._document.live_node(graph.owner)
                elif graph.is_function:
                    for call in callers(self._document, graph.current()):
                        yield self._document.live_node(call.id)
            if outer:
                waiting.extend(graph.children.values())

    def _push(self, node: LiveNode) -> None:
        if self._visits.get(node.id, 0) >= _VISITS:
            return
        if node.id not in self._pending:
            self._pending.add(node.id)
            heapq.heappush(self._waiting, (self._place(node), node.id))

    def _place(self, node: LiveNode) -> tuple[tuple[int, ...], ...]:
        """Where a node stands in the whole model: the orders of the nodes that hold it, outermost first."""
        orders, graph = [node.order], node.graph
        while graph.owner and graph.parent is not None:
            orders.append(self._document.live_node(graph.owner).order)
            graph = graph.parent
        return tuple(reversed(orders))

    def _known(self, node: NodeRecord) -> bool:
        """Whether inference can follow what the node does."""
        known = operator(node.domain, node.op_type, self._effort.version(self._tx, node))
        return known is not None or local_function(self._document, node.domain, node.op_type) is not None

    def _may_be_silent(self, value: ValueRecord) -> bool:
        """Whether a model may leave the type of the value to inference."""
        if not carries_type(self._document, value):
            return True
        return self._document.live_graph(value.graph).owner != "" and not self._document.is_input(value.id)


def _says(value: ValueRecord) -> bool:
    return bool(value.dtype) or value.shape is not None or value.type is not None


def _is_whole(value: ValueRecord) -> bool:
    """Whether the declaration leaves nothing open."""
    return value.type is not None or bool(value.dtype and value.shape is not None and None not in value.shape)


def _agrees(now: TypeProto | None, value: ValueRecord) -> bool:
    """Whether all that is declared of the value follows."""
    if now is None:
        return False
    dtype, shape, kind = declared_type(now)
    if kind is not None or value.type is not None:
        return kind == value.type
    if dtype != value.dtype or value.shape is None:
        return dtype == value.dtype
    if shape is None or len(shape) != len(value.shape):
        return False
    return all(was is None or was == size for was, size in zip(value.shape, shape, strict=True))


def _has_dtype(now: TypeProto | None, dtype: str) -> bool:
    return now is not None and dtype != "" and declared_type(now)[0] == dtype


def _same_dtype(one: TypeProto | None, other: TypeProto | None) -> bool:
    """Whether two types are known and differ in their shape at most."""
    if one is None or other is None:
        return False
    (dtype, _, kind), (other_dtype, _, other_kind) = declared_type(one), declared_type(other)
    return bool(dtype) and (dtype, kind) == (other_dtype, other_kind)


def _same(one: TypeProto | None, other: TypeProto | None) -> bool:
    """Whether two types are known whole and equal."""
    if one is None or other is None:
        return False
    dtype, shape, kind = declared_type(one)
    whole = kind is not None or (bool(dtype) and shape is not None and None not in shape)
    return whole and (dtype, shape, kind) == declared_type(other)
