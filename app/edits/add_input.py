"""The edit add-input."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import DTYPE_NUMBERS
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.parameters import DtypeParam, GraphParam, NameParam, ShapeParam
from onnx_scalpel.edits.scopes import holder_of_name, new_value, shown
from onnx_scalpel.edits.signatures import refuse_in_body
from onnx_scalpel.errors import EditRejected

DESCRIBED_FUNCTIONS = 10  # the IR version since which local functions can say types


class AddInput(Edit):
    """Add an input to the model, behind those it has; nothing reads it yet. A dim is a number, a name, or unknown.

    `graph` names a local function instead: nodes that call it leave the new input out.
    """

    title, acts_on = "Add input", "graph"

    name: NameParam
    dtype: DtypeParam
    shape: ShapeParam
    graph: GraphParam = MAIN_GRAPH

    def apply(self, tx: Transaction) -> None:
        graph = tx.graph(self.graph)
        refuse_in_body(tx.document, graph, "inputs")
        if self.dtype not in DTYPE_NUMBERS:
            raise wrong_parameters({"dtype": f"must be one of {', '.join(DTYPE_NUMBERS)}"}, self.kind)
        holder = holder_of_name(tx.document, graph.id, self.name)
        if holder is not None:
            made = tx.document.producer(holder) or tx.document.is_input(holder) or tx.value(holder).tensor
            hint = "pick a name that is free" if made else "nothing makes that value: promote it to an input"
            raise EditRejected(f"the name {shown(self.name)} is taken", subjects=(holder,), hint=hint)
        value = new_value(tx, graph.id, self.name)
        if graph.function is None or tx.model().ir_version >= DESCRIBED_FUNCTIONS:
            shape = None if self.shape is None else tuple(self.shape)
            value = replace(value, dtype=self.dtype, shape=shape, declared=graph.function is not None)
        tx.put(value)
        tx.put(replace(graph, inputs=(*graph.inputs, value.id)))

    def describe(self, document: Document) -> str:
        graph = document.graph(self.graph)
        where = f" to the function {shown(graph.name)}" if graph.function else ""
        return f"Added the input {shown(self.name)}{where}"
