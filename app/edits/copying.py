"""Copies of what a graph holds, its bodies too, put into another graph: under names that are free there, wired to what takes the
place of what the copy read."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import rest_of
from onnx_scalpel.document.records import Attribute, GraphRecord, NodeRecord, Shape, ValueRecord, order_between
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.scopes import new_value, shown
from onnx_scalpel.edits.signatures import trimmed
from onnx_scalpel.errors import EditRejected


class CopiedGraph(NamedTuple):
    """What a graph held when it was copied; `bodies` are those of its nodes, by id."""

    record: GraphRecord
    values: tuple[ValueRecord, ...]
    nodes: tuple[NodeRecord, ...]
    bodies: dict[str, CopiedGraph]

    def every_node(self) -> Iterator[NodeRecord]:
        """Its nodes, and those in their bodies."""
        yield from self.nodes
        for body in self.bodies.values():
            yield from body.every_node()

    def every_graph(self) -> Iterator[CopiedGraph]:
        """The bodies at any depth."""
        for body in self.bodies.values():
            yield body
            yield from body.every_graph()


def copied_graph(document: Document, graph_id: str) -> CopiedGraph:
    """All of a graph."""
    values = tuple(document.value(value_id) for value_id in document.value_ids(graph_id))
    nodes = tuple(_whole(document, node_id) for node_id in document.node_ids(graph_id))
    return CopiedGraph(document.graph(graph_id), values, nodes, copied_bodies(document, nodes))


def copied_nodes(document: Document, nodes: Sequence[NodeRecord]) -> CopiedGraph:
    """These nodes of one graph, and the values that they make."""
    made = dict.fromkeys(output for node in nodes for output in node.outputs if output)
    values = tuple(document.value(value_id) for value_id in made)
    whole = tuple(_whole(document, node.id) for node in nodes)
    return CopiedGraph(document.graph(nodes[0].graph), values, whole, copied_bodies(document, nodes))


def _whole(document: Document, node_id: str) -> NodeRecord:
    """A node with what its record has no field for, where the file has such."""
    origin, record = document.live_node(node_id).origin, document.node(node_id)
    return record if origin is None else replace(record, rest=rest_of(origin))


def copied_bodies(document: Document, nodes: Sequence[NodeRecord]) -> dict[str, CopiedGraph]:
    """The bodies that nodes hold, by id."""
    return {body: copied_graph(document, body) for node in nodes for body in document.body_ids(node.id)}


def orders_in_place_of(document: Document, node: NodeRecord, count: int) -> list[tuple[int, ...]]:
    """Places for so many nodes between this one and the next."""
    live = document.live_node(node.id)
    at, orders = live.graph.place(live) + 1, live.graph.orders
    last, following = node.order, orders[at] if at < len(orders) else None
    found = []
    for _ in range(count):
        last = order_between(last, following)
        found.append(last)
    return found


class Paste:
    """One copy being put. `values` says what takes the place of the copy's own values and of those it read ('': nothing);
    what it does not name is put anew, or is a value around the copy and stays.

    `given` are attributes that take the place of references to a function's; None leaves references as they are. `bodies`
    are the graphs that `given` holds. A name that is taken gets `scope` in front; `suffix` comes behind every name but those
    in bodies. `typed` False forgets what is declared of the values, `named_dims` False the names of their dims, which mean something else where they come from. `plain_domains`
    writes the standard domain under the one of its names that runtimes know inside functions.
    """

    def __init__(
        self,
        tx: Transaction,
        values: Mapping[str, str],
        *,
        given: Mapping[str, Attribute] | None = None,
        bodies: Mapping[str, CopiedGraph] | None = None,
        scope: str = "",
        suffix: str = "",
        typed: bool = True,
        named_dims: bool = True,
        plain_domains: bool = False,
    ) -> None:
        self._tx = tx
        self._now = dict(values)
        self._given = given
        self._bodies = dict(bodies or {})
        self._scope = scope
        self._suffix = suffix
        self._typed = typed
        self._named_dims = named_dims
        self._plain_domains = plain_domains

    def now(self, value_id: str) -> str:
        """What takes the place of a value."""
        return self._now.get(value_id, value_id)

    def put(self, graph_id: str, copy: CopiedGraph, orders: Sequence[tuple[int, ...]]) -> None:
        """Put the nodes of the copy, and those of its values for which nothing else stands, into a graph."""
        for value in copy.values:
            if value.id not in self._now:
                renamed = replace(value, name=value.name + self._suffix) if value.name else value
                self._put_value(graph_id, renamed if self._typed else _untyped(renamed), listed=False)
        self._put_nodes(graph_id, copy, orders, self._given, self._suffix)

    def fill(self, record: GraphRecord, copy: CopiedGraph, *, listed_types: bool = True) -> None:
        """Put all of the copy into a new graph that is put already, without inputs and outputs; `listed_types`: its inputs
        and outputs carry their types (those of functions do not)."""
        self._fill(record, copy, self._given, listed_types)

    def _fill(
        self, record: GraphRecord, copy: CopiedGraph, given: Mapping[str, Attribute] | None, listed_types: bool = True
    ) -> None:
        listed = {*copy.record.inputs, *copy.record.outputs} if listed_types else set()
        for value in copy.values:
            self._put_value(record.id, value if self._typed or listed_types else _untyped(value), value.id in listed)
        self._put_nodes(record.id, copy, [(place,) for place in range(len(copy.nodes))], given)
        inputs = tuple(self.now(value_id) for value_id in copy.record.inputs)
        outputs = tuple(self.now(value_id) for value_id in copy.record.outputs)
        self._tx.put(replace(record, inputs=inputs, outputs=outputs))

    def _put_value(self, graph_id: str, value: ValueRecord, listed: bool) -> None:
        """`listed`: its graph's inputs or outputs carry its type."""
        document = self._tx.document
        taken = self._scope and document.values_called(graph_id, value.name)
        made = new_value(self._tx, graph_id, f"{self._scope}/{value.name}" if taken else value.name)
        self._now[value.id] = made.id
        after = replace(value, id=made.id, graph=graph_id, name=made.name)
        if not self._named_dims:
            after = replace(after, shape=_without_names(after.shape))
        if not listed:
            after = _declared(after, value.declared)
        self._tx.put(after)

    def _put_nodes(
        self,
        graph_id: str,
        copy: CopiedGraph,
        orders: Sequence[tuple[int, ...]],
        given: Mapping[str, Attribute] | None,
        suffix: str = "",
    ) -> None:
        taken = self._tx.document.live_graph(graph_id).node_names
        for node, order in zip(copy.nodes, orders, strict=True):
            outputs = tuple(self.now(output) if output else "" for output in node.outputs)
            inputs = tuple(self.now(read) if read else "" for read in node.inputs)
            name = self._free(node.name and node.name + suffix, taken)
            first = next((self._tx.value(output).name for output in outputs if output), "")
            node_id = self._tx.new_node_id(graph_id, first, name, node.op_type)
            attributes = self._attributes(graph_id, node_id, node, copy, given)
            self._tx.put(
                replace(
                    node,
                    id=node_id,
                    graph=graph_id,
                    name=name,
                    domain=normal_domain(node.domain) if self._plain_domains else node.domain,
                    inputs=inputs if inputs and node.inputs[-1:] == ("",) else trimmed(inputs),
                    outputs=outputs,
                    attributes=attributes,
                    order=order,
                )
            )

    def _free(self, wanted: str, taken: Container[str]) -> str:
        """The name, or one with the scope or a number, where another node has it; no name stays none."""
        if not wanted:
            return wanted
        name = wanted if wanted not in taken or not self._scope else f"{self._scope}/{wanted}"
        stem, number = name, 1
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        return name

    def _attributes(
        self, graph_id: str, node_id: str, node: NodeRecord, copy: CopiedGraph, given: Mapping[str, Attribute] | None
    ) -> dict[str, Attribute]:
        """The attributes with references resolved and bodies copied; a reference to what is not given is left out."""
        found: dict[str, Attribute] = {}
        for name, attribute in node.attributes.items():
            inner, bodies = given, copy.bodies
            if attribute.ref and given is not None:
                resolved = given.get(attribute.ref)
                if resolved is None:
                    continue
                attribute = replace(resolved, doc=attribute.doc or resolved.doc)
                inner, bodies = None, self._bodies  # what the caller gives refers to the caller's attributes
            if attribute.type == "GRAPH" and isinstance(attribute.value, str):
                body = self._put_body(graph_id, node_id, name, bodies[attribute.value], inner)
                attribute = replace(attribute, value=body)
            elif attribute.type == "GRAPHS" and isinstance(attribute.value, tuple):
                put = [self._put_body(graph_id, node_id, name, bodies[str(g)], inner) for g in attribute.value]
                attribute = replace(attribute, value=tuple(put))
            found[name] = attribute
        return found

    def _put_body(
        self, parent: str, owner: str, attribute: str, copy: CopiedGraph, given: Mapping[str, Attribute] | None
    ) -> str:
        made = self._tx.new_graph_id(owner, attribute)
        record = replace(copy.record, id=made, parent=parent, owner=owner, attribute=attribute, inputs=(), outputs=())
        self._tx.put(record)
        self._fill(record, copy, given)
        return made


def refuse_omitted(copy: CopiedGraph, omitted: Collection[str], what: str, subjects: Sequence[str]) -> None:
    """EditRejected when a body of the copy hands out one of these values, which have no counterpart."""
    for body in copy.every_graph():
        if any(output in omitted for output in body.record.outputs):
            raise EditRejected(
                f"a body in {shown(what)} hands out an input that the call leaves out",
                subjects=subjects,
                hint="connect that input first",
            )


def _declared(value: ValueRecord, declared: bool) -> ValueRecord:
    """A value that no list of inputs or outputs describes: what is said of it is in value_info; a tensor says its type itself."""
    if value.tensor is not None:
        return value if declared else replace(value, dtype="", shape=None, type=None)
    said = value.dtype or value.shape is not None or value.type is not None or value.doc or value.metadata
    return replace(value, declared=bool(said))


def _untyped(value: ValueRecord) -> ValueRecord:
    return ValueRecord(value.id, value.graph, value.name, tensor=value.tensor)


def _without_names(shape: Shape) -> Shape:
    return None if shape is None else tuple(dim if isinstance(dim, int) else None for dim in shape)
