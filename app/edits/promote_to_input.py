"""The edit promote-to-input."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import GraphRecord, NodeRecord, TensorRef, ValueRecord
from onnx_scalpel.document.schemas import normal_domain, operator
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.bypass import nodes_below
from onnx_scalpel.edits.constants import PLAIN_INITIALIZERS
from onnx_scalpel.edits.flow import graphs_that_output
from onnx_scalpel.edits.parameters import AskedDtypeParam, SwitchParam, ValueParam
from onnx_scalpel.edits.remove_nodes import remove_node
from onnx_scalpel.edits.scopes import new_value, opset_version, shown
from onnx_scalpel.edits.signatures import callers, refuse_in_body
from onnx_scalpel.edits.value_types import typed
from onnx_scalpel.errors import EditRejected


class PromoteToInput(Edit):
    """Make an initializer or an intermediate value an input of the model, with its declared or else inferred type.

    `keep_default` keeps the tensor as a default that whoever runs the model may override. What computed the value is
    deleted: the node that made it, and the nodes before it that serve nothing else; graph inputs and initializers stay.
    A node whose other outputs are still read stays, too. Where nothing says the element type, `dtype` does.
    """

    title, acts_on, asks_types = "Promote to input", "value", True

    value: ValueParam
    keep_default: SwitchParam = False
    dtype: AskedDtypeParam | None = None

    def apply(self, tx: Transaction) -> None:
        document, value = tx.document, tx.value(self.value)
        graph = tx.graph(value.graph)
        refuse_in_body(document, graph, "inputs")
        self._refuse_called(document, graph)
        tensor = self._default(document, value)
        if document.is_input(value.id):
            if value.tensor is None or self.keep_default:
                raise EditRejected(
                    f"{shown(value.name)} is an input already", subjects=(value.id,), hint="choose another value"
                )
            tx.put(replace(typed(document, value, self.dtype, self.kind), tensor=None))
            return
        if graph.function is None:
            value = replace(typed(document, value, self.dtype, self.kind), declared=False)
        producer = document.producer(value.id)
        if producer is not None:
            _stop_making(tx, tx.node(producer.node), value)
        tx.put(replace(value, tensor=tensor))
        tx.put(replace(graph, inputs=(*graph.inputs, value.id)))

    def _refuse_called(self, document: Document, graph: GraphRecord) -> None:
        calling = callers(document, graph)
        if calling:
            raise EditRejected(
                f"{len(calling)} {'node calls' if len(calling) == 1 else 'nodes call'} the function "
                f"{shown(graph.name)} without this input",
                subjects=tuple(node.id for node in calling),
                hint="add an input to the function, connect it where the function is called, then use it here",
            )

    def _default(self, document: Document, value: ValueRecord) -> TensorRef | None:
        """The tensor that stays as a default."""
        if not self.keep_default:
            return None
        tensor = value.tensor or _constant(document, value)
        if tensor is None:
            line = f"{shown(value.name)} is computed: it has no tensor to keep"
            raise wrong_parameters({"keep_default": line}, self.kind)
        if tensor.sparse:
            raise wrong_parameters({"keep_default": "a sparse tensor cannot be a default"}, self.kind)
        if document.model().ir_version < PLAIN_INITIALIZERS:
            raise EditRejected(
                "before IR version 4 nobody can override an initializer, so it is no default",
                subjects=(value.id,),
                hint="set the IR version to 4 or more first, or do not keep the default",
            )
        return tensor

    def describe(self, document: Document) -> str:
        value = document.value(self.value)
        producer = document.producer(value.id)
        kept = ", with its tensor as the default" if self.keep_default else ""
        gone = len(_serving_only(document, document.node(producer.node), value.id)) if producer else 0
        deleted = f", and deleted {gone} {'node' if gone == 1 else 'nodes'} that only computed it" if gone else ""
        return f"Promoted {shown(value.name)} to an input{kept}{deleted}"


def _constant(document: Document, value: ValueRecord) -> TensorRef | None:
    """The tensor of the Constant node that makes the value."""
    producer = document.producer(value.id)
    node = document.node(producer.node) if producer else None
    if node is None or node.op_type != "Constant" or normal_domain(node.domain):
        return None
    held = node.attributes.get("value")
    return held.value if held is not None and isinstance(held.value, TensorRef) else None


def _stop_making(tx: Transaction, node: NodeRecord, value: ValueRecord) -> None:
    """The node makes the value no more: it goes with all that served only it, or its slot is left to nobody."""
    going = _serving_only(tx.document, node, value.id)
    wires = dict.fromkeys(wire for gone in going for wire in (*gone.inputs, *gone.outputs) if wire)
    below = [tx.node(inner) for gone in going for inner in nodes_below(tx.document, gone.id)]
    wires |= dict.fromkeys(wire for gone in below for wire in gone.inputs if wire)
    for gone in going:
        remove_node(tx, gone.id)
    wires.pop(value.id, None)
    tx.drop_unused(wires)
    if going:
        return
    place = node.outputs.index(value.id)
    schema = operator(node.domain, node.op_type, opset_version(tx.document, node.graph, node.domain))
    slot = schema.outputs[place] if schema is not None and place < len(schema.outputs) else None
    instead = ""
    if slot is None or not slot.optional:
        fresh = new_value(tx, node.graph, f"{value.name}_{node.op_type}")
        tx.put(fresh)
        instead = fresh.id
    tx.put(replace(node, outputs=tuple(instead if output == value.id else output for output in node.outputs)))


def _serving_only(document: Document, node: NodeRecord, value_id: str) -> list[NodeRecord]:
    """The node and those before it, of its graph, whose outputs nothing else needs once `value_id` comes from elsewhere."""
    going: dict[str, NodeRecord] = {}
    gone: set[str] = set()  # these, and the nodes in their bodies
    waiting = [node]
    while waiting:
        one = waiting.pop()
        outputs = [output for output in one.outputs if output and output != value_id]
        if one.id in going or any(_needed(document, output, gone) for output in outputs):
            continue
        inner = list(nodes_below(document, one.id))
        going[one.id] = one
        gone.update((one.id, *inner))
        read = dict.fromkeys(i for reader in (one.id, *inner) for i in document.live_node(reader).inputs() if i)
        makers = {found.node for i in read if (found := document.producer(i)) is not None}
        waiting.extend(maker for maker in map(document.node, makers - gone) if maker.graph == node.graph)
    return sorted(going.values(), key=lambda one: one.order)


def _needed(document: Document, value_id: str, gone: set[str]) -> bool:
    """Whether anything outside these nodes reads the value or hands it out."""
    if any(reader.node not in gone for reader in document.consumers(value_id)):
        return True
    listing = (document.graph(graph) for graph in graphs_that_output(document, value_id))
    return any(not graph.owner or graph.owner not in gone for graph in listing)
