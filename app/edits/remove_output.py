"""The edit remove-output."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import Attribute, GraphRecord, NodeRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.flow import graphs_that_output
from onnx_scalpel.edits.parameters import GraphParam, ValueParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.signatures import called, callers, is_read, trimmed, without
from onnx_scalpel.edits.value_types import unlisted
from onnx_scalpel.errors import EditRejected


class RemoveOutput(Edit):
    """Take a value from the outputs of its graph; what makes it stays.

    In a body or a local function, the nodes that hold or call it lose the matching output: it must be one that nothing
    reads, and no value that is carried from one round to the next. `graph` says which graph, where a body hands out a
    value of a graph around it.
    """

    title, acts_on = "Remove output", "value"

    value: ValueParam
    graph: GraphParam | None = None

    def apply(self, tx: Transaction) -> None:
        graph = self._graph(tx.document)
        places = {place for place, found in enumerate(graph.outputs) if found == self.value}
        name = shown(tx.value(self.value).name)
        if len(places) == len(graph.outputs):
            raise EditRejected(
                f"{name} is the only output; without one, nothing would be computed",
                subjects=(self.value,),
                hint="make another value an output first",
            )
        if graph.owner:
            self._take_from_owner(tx, graph, places)
        else:
            for node in callers(tx.document, graph):
                _take(tx, node, places)
            _delist(tx, graph, places)

    def _graph(self, document: Document) -> GraphRecord:
        value = document.value(self.value)
        listing = graphs_that_output(document, value.id)
        if self.graph is not None and document.graph(self.graph).id not in listing:
            raise wrong_parameters({"graph": f"does not list {shown(value.name)} as an output"}, self.kind)
        if not listing:
            raise EditRejected(f"{shown(value.name)} is no output", subjects=(value.id,), hint="choose a graph output")
        if self.graph is not None or value.graph in listing or len(listing) == 1:
            return document.graph(self.graph or (value.graph if value.graph in listing else listing[0]))
        line = f"is needed: {len(listing)} bodies hand out {shown(value.name)}"
        raise wrong_parameters({"graph": line}, self.kind)

    def _take_from_owner(self, tx: Transaction, graph: GraphRecord, places: set[int]) -> None:
        owner = tx.node(graph.owner)
        given = _given_outside(owner, graph)
        if given is None or not all(given(place) is not None for place in places):
            why = "carries it from one round to the next" if given else "says what its bodies give"
            raise EditRejected(
                f"{called(owner)}, the {owner.op_type} that holds this body, {why}",
                subjects=(owner.id, self.value),
                hint="change the node that holds the body instead",
            )
        outside = {place: slot for place in places if (slot := given(place)) is not None}
        _take(tx, owner, set(outside.values()))
        if owner.op_type == "Scan":
            _forget_scan_outputs(tx, owner.id, len(graph.inputs), outside)
        for body in tx.document.body_ids(owner.id):
            _delist(tx, tx.graph(body), places)

    def describe(self, document: Document) -> str:
        return f"Removed the output {shown(document.value(self.value).name)}"


def _given_outside(owner: NodeRecord, body: GraphRecord) -> Callable[[int], int | None] | None:
    """From the place of a body's output to the output slot of its node, None for what is carried on; None: not known."""
    if normal_domain(owner.domain):
        return None
    if owner.op_type in ("If", "SequenceMap"):
        return lambda place: place
    if (
        owner.op_type == "Loop"
    ):  # the condition, then values carried on (as many as inputs without the first two), then scans
        return lambda place: place - 1 if place > max(len(body.inputs) - 2, 0) else None
    if owner.op_type == "Scan":
        scanned = _integer(owner.attributes.get("num_scan_inputs"))
        return lambda place: place if place >= len(body.inputs) - scanned else None
    return None


def _integer(attribute: Attribute | None) -> int:
    return attribute.value if attribute is not None and isinstance(attribute.value, int) else 0


def _take(tx: Transaction, node: NodeRecord, slots: set[int]) -> None:
    """Take output slots from a node that holds or calls a graph. Raises EditRejected when one of them is read."""
    going = [node.outputs[slot] for slot in sorted(slots) if slot < len(node.outputs) and node.outputs[slot]]
    used = next((output for output in going if is_read(tx.document, output)), None)
    if used is not None:
        raise EditRejected(
            f"{called(node)} hands it out as {shown(tx.value(used).name)}, which is still read",
            subjects=(node.id, used),
            hint="connect what reads that to another value first",
        )
    left = trimmed(without(node.outputs, slots))
    if not left and going:
        raise EditRejected(
            f"it is the only output that {called(node)} has", subjects=(node.id,), hint="delete that node instead"
        )
    tx.put(replace(node, outputs=left))
    tx.drop_unused(going)


def _forget_scan_outputs(tx: Transaction, node_id: str, body_inputs: int, outside: dict[int, int]) -> None:
    """A Scan says the axis and the direction of each scan output in a list."""
    node = tx.node(node_id)
    carried = body_inputs - _integer(node.attributes.get("num_scan_inputs"))
    gone = {slot - carried for slot in outside.values()}
    attributes = dict(node.attributes)
    for name in ("scan_output_axes", "scan_output_directions"):
        found = attributes.get(name)
        if found is not None and isinstance(found.value, tuple):
            kept = tuple(item for place, item in enumerate(found.value) if place not in gone)
            attributes[name] = replace(found, value=kept)
    if attributes != node.attributes:
        tx.put(replace(node, attributes=attributes))


def _delist(tx: Transaction, graph: GraphRecord, places: set[int]) -> None:
    """Take places from a graph's outputs; what is declared about the values goes to where it is kept otherwise."""
    tx.put(replace(graph, outputs=without(graph.outputs, places)))
    for value_id in dict.fromkeys(_at(graph.outputs, places)):
        value = tx.value(value_id)
        if value.graph != graph.id or graph.function is not None:
            continue
        if tx.document.in_use(value_id):
            tx.put(unlisted(tx.document, value))
        else:
            tx.drop("value", value_id)


def _at(values: tuple[str, ...], places: set[int]) -> Iterator[str]:
    return (value for place, value in enumerate(values) if place in places)
