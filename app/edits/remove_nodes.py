"""The edit remove-nodes."""

from __future__ import annotations

from msgspec.structs import replace
from pydantic import Field

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NodeRecord, TensorRef, ValueRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.bypass import Bypass, Join, nodes_below
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.declared_again import restore_declared_types
from onnx_scalpel.edits.flow import carries_type, graphs_that_output
from onnx_scalpel.edits.operators import drop_unneeded_imports
from onnx_scalpel.edits.parameters import NodesParam, SwitchParam, ThroughParam
from onnx_scalpel.edits.readers import made_by
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import EditRejected


class RemoveNodes(Edit):
    """Delete nodes. Reconnecting joins what read a node to the input that flows through it; graph outputs keep their names.

    Where several inputs could flow through, the answer is asked for: `through` names the value for each node. Without
    reconnecting, what read the nodes is left with inputs that nothing makes. Initializers stay, also those that nothing
    reads any more; an opset import that the file did not have goes with the last node that needed it.
    """

    title, acts_on = "Delete", "nodes"

    nodes: NodesParam
    reconnect: SwitchParam = False
    through: ThroughParam = Field(default_factory=dict)

    def apply(self, tx: Transaction) -> None:
        doomed = self._doomed(tx.document)
        below = [tx.node(inner) for node in doomed for inner in nodes_below(tx.document, node.id)]
        wired = dict.fromkeys(v for node in (*doomed, *below) for v in (*node.inputs, *node.outputs) if v)
        joins = Bypass(tx.document, doomed, self.through).joins() if self.reconnect else []
        for node in reversed(doomed):
            remove_node(tx, node.id)
        renamed: dict[str, str] = {}
        for join in joins:
            _join(tx, join, renamed)
        tx.drop_unused(wired)
        drop_unneeded_imports(tx, (*doomed, *below))
        if joins:
            restore_declared_types(tx)

    def _doomed(self, document: Document) -> list[NodeRecord]:
        """The nodes to delete, in graph order; those inside the body of another one go with it."""
        chosen = {node_id: document.node(node_id) for node_id in self.nodes}
        if not set(self.through) <= set(chosen):
            raise wrong_parameters({"through": "names a node that is not to be deleted"}, self.kind)
        inside = {inner for node_id in chosen for inner in nodes_below(document, node_id)}
        kept = [node for node_id, node in chosen.items() if node_id not in inside]
        return sorted(kept, key=lambda node: (node.graph, node.order))

    def describe(self, document: Document) -> str:
        nodes = [document.node(node_id) for node_id in dict.fromkeys(self.nodes)]
        first = shown(nodes[0].name or nodes[0].op_type)
        what = first if len(nodes) == 1 else f"{len(nodes)} nodes"
        return f"Deleted {what} and reconnected" if self.reconnect else f"Deleted {what}"


def remove_node(tx: Transaction, node_id: str) -> None:
    """Drop a node with all that is in its bodies; its wires stay as values."""
    bodies = tx.document.body_ids(node_id)
    tx.drop("node", node_id)
    for body in bodies:
        remove_body(tx, body)


def remove_body(tx: Transaction, graph_id: str) -> None:
    """Drop a graph that no node holds any more, with all that is in it."""
    for inner in reversed(tx.document.node_ids(graph_id)):
        remove_node(tx, inner)
    values = tx.document.value_ids(graph_id)
    tx.drop("graph", graph_id)
    for value_id in values:
        tx.drop("value", value_id)


def _join(tx: Transaction, join: Join, renamed: dict[str, str]) -> None:
    """Join what read an output of a deleted node to the value that flowed through. `renamed`: sources that took a name."""
    source = renamed.get(join.source, join.source)
    if graphs_that_output(tx.document, join.output):
        _hand_name_on(tx, tx.value(join.output), tx.value(source))
        renamed[join.source] = source = join.output
    else:
        tx.rewire(tx.document.consumers(join.output), source)
    if not join.same_type:
        readers = dict.fromkeys([reader.node for reader in tx.document.consumers(source)])
        drop_declared_types(tx, made_by(tx.document, readers))


def _hand_name_on(tx: Transaction, output: ValueRecord, source: ValueRecord) -> None:
    """The node that makes `source` makes the graph output now, or its tensor becomes the output's, under the output's name."""
    document = tx.document
    producer = document.producer(source.id)
    listed = bool(graphs_that_output(document, source.id))
    made = producer is not None or (source.tensor is not None and not document.is_input(source.id))
    if not made or listed or source.graph != output.graph:
        what = "an input" if document.is_input(source.id) else "another output" if listed else "made elsewhere"
        raise EditRejected(
            f"the output {shown(output.name)} would be {shown(source.name)}, which is {what}; both names cannot stay",
            subjects=(output.id, source.id),
            hint="insert an Identity on that wire first",
        )
    if producer is not None:
        maker = tx.node(producer.node)
        tx.put(replace(maker, outputs=tuple(output.id if o == source.id else o for o in maker.outputs)))
    tx.rewire(document.consumers(source.id), output.id)
    if source.dtype:
        declared = output.declared or not carries_type(document, output)
        output = replace(output, dtype=source.dtype, shape=source.shape, type=source.type, declared=declared)
    elif source.tensor is not None and output.dtype and not _fits(output, source.tensor):
        first = document.live_value(output.id).first  # what the file says of it may leave dims open
        said = first.shape if first is not None and _fits(first, source.tensor) else source.tensor.shape
        output = replace(output, dtype=source.tensor.dtype, shape=said, type=None)
    tx.put(replace(output, tensor=source.tensor))
    if source.tensor is not None:
        tx.put(replace(source, tensor=None))
    tx.drop_unused([source.id])


def _fits(value: ValueRecord, tensor: TensorRef) -> bool:
    """Whether a tensor is of the type that is declared."""
    dims = value.shape
    if value.dtype != tensor.dtype or dims is None or len(dims) != len(tensor.shape):
        return False
    return all(dim == size for dim, size in zip(dims, tensor.shape, strict=True) if isinstance(dim, int))
