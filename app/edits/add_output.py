"""The edit add-output."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import GraphRecord, ValueRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.parameters import AskedDtypeParam, ValueParam
from onnx_scalpel.edits.scopes import new_value, shown
from onnx_scalpel.edits.signatures import called, callers, refuse_in_body
from onnx_scalpel.edits.value_types import typed
from onnx_scalpel.errors import EditRejected


class AddOutput(Edit):
    """Make a value an output of its graph, with the type that is declared for it or else inferred.

    In a local function, each node that calls it gets a new output as well; in the body of a Loop or a Scan, the node
    collects what the value is in each round. Where nothing says the element type (behind custom operators), `dtype` does.
    """

    title, acts_on, asks_types = "Add output", "value", True

    value: ValueParam
    dtype: AskedDtypeParam | None = None

    def apply(self, tx: Transaction) -> None:
        document, value = tx.document, tx.value(self.value)
        graph = tx.graph(value.graph)
        if not _collects(document, graph):
            refuse_in_body(document, graph, "outputs")
        if document.is_output(value.id):
            raise EditRejected(
                f"{shown(value.name)} is an output already", subjects=(value.id,), hint="choose another value"
            )
        if not (document.producer(value.id) or document.is_input(value.id) or value.tensor):
            raise EditRejected(
                f"nothing makes {shown(value.name)}, so it has nothing to give",
                subjects=(value.id,),
                hint="connect what reads it to another value first",
            )
        if value.tensor is not None and value.tensor.sparse:
            raise EditRejected(
                f"{shown(value.name)} is a sparse tensor, which runtimes do not hand out",
                subjects=(value.id,),
                hint="insert an Identity behind it and make that an output",
            )
        if graph.function is None:
            after = replace(typed(document, value, self.dtype, self.kind), declared=False)
            if after.shape is None and after.type is None:
                tx.title = f"Made {shown(value.name)} an output; nothing says its shape"
            tx.put(after)
            if graph.owner:
                _collect(tx, graph, value)
        else:
            _give_to_callers(tx, graph, value)
        tx.put(replace(graph, outputs=(*graph.outputs, value.id)))

    def describe(self, document: Document) -> str:
        value = document.value(self.value)
        function = document.graph(value.graph) if document.graph(value.graph).function else None
        body = document.graph(value.graph) if document.graph(value.graph).owner else None
        where = f" of the function {shown(function.name)}" if function else ""
        if body is not None:
            where = f", collected by {called(document.node(body.owner))}"
        return f"Made {shown(value.name)} an output{where}"

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[AddOutput]) -> str:
        found = [document.value(edit.value).name for edit in edits if document.has("value", edit.value)]
        return f"Made {shown(found[0])} and {len(edits) - 1} more outputs" if found else f"Made {len(edits)} outputs"


def _collects(document: Document, graph: GraphRecord) -> bool:
    """Whether the graph is a body whose node makes something of each further output: a tensor of all rounds."""
    owner = document.node(graph.owner) if graph.owner else None
    return owner is not None and owner.op_type in ("Loop", "Scan") and normal_domain(owner.domain) == ""


def _collect(tx: Transaction, body: GraphRecord, value: ValueRecord) -> None:
    """The node that holds the body gets an output that is the value in each round, along a first axis."""
    owner = tx.node(body.owner)
    beside = next((tx.value(output).name for output in owner.outputs if output), owner.name or owner.op_type)
    fresh = new_value(tx, owner.graph, f"{beside}_{value.name}")
    tx.put(fresh)
    missing = len(body.outputs) - (owner.op_type == "Loop") - len(owner.outputs)
    attributes = dict(owner.attributes)
    for name in ("scan_output_axes", "scan_output_directions"):
        found = attributes.get(name)
        if found is not None and isinstance(found.value, tuple):
            attributes[name] = replace(found, value=(*found.value, 0))
    tx.put(replace(owner, outputs=(*owner.outputs, *[""] * missing, fresh.id), attributes=attributes))


def _give_to_callers(tx: Transaction, function: GraphRecord, value: ValueRecord) -> None:
    """A node with fewer outputs than the function it calls is refused by runtimes: each gets one more."""
    for node in callers(tx.document, function):
        beside = next((tx.value(output).name for output in node.outputs if output), node.name or node.op_type)
        fresh = new_value(tx, node.graph, f"{beside}_{value.name}")
        tx.put(fresh)
        missing = len(function.outputs) - len(node.outputs)
        tx.put(replace(node, outputs=(*node.outputs, *[""] * missing, fresh.id)))
