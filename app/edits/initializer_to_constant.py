"""The edit initializer-to-constant."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import TensorRef, ValueRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.constants import PLAIN_INITIALIZERS, constant_takes, put_constant
from onnx_scalpel.edits.flow import place_behind
from onnx_scalpel.edits.parameters import ValuesParam
from onnx_scalpel.edits.scopes import named_in_training, opset_version, refuse_hiding, shown
from onnx_scalpel.errors import EditRejected

SPARSE_SINCE = 11  # opset of the Constant that may hold a sparse tensor


class InitializerToConstant(Edit):
    """Let Constant nodes make what is in initializers, under the same names; they stand before the first node that reads them.

    Documentation and metadata of an initializer become the node's. An initializer that is an input too is a default that
    whoever runs the model may override, so it is refused; before IR version 4, where it is no such default, it is listed as
    an input no more.
    """

    title, acts_on = "Initializer to constant", "values"

    values: ValuesParam

    def apply(self, tx: Transaction) -> None:
        for value_id in dict.fromkeys(self.values):
            value = tx.value(value_id)
            tensor = self._tensor(tx.document, value)
            self._refuse_named(tx.document, value)
            refuse_hiding(tx.document, value)
            self._refuse_dtype(tx.document, value, tensor)
            self._take_from_inputs(tx, value)
            said = value.declared or tx.document.is_output(value.id)
            bare = replace(tx.value(value_id), tensor=None)
            if not said:
                bare = replace(bare, dtype="", shape=None, doc="", metadata=())
            tx.put(bare)
            readers = [found.node for found in tx.document.consumers(value.id)]
            node_id = put_constant(tx, value.id, tensor, place_behind(tx.document, value.graph, (), readers))
            if not said:
                tx.put(replace(tx.node(node_id), doc=value.doc, metadata=value.metadata))

    def _tensor(self, document: Document, value: ValueRecord) -> TensorRef:
        if value.tensor is None:
            raise EditRejected(
                f"{shown(value.name)} is no initializer", subjects=(value.id,), hint="choose initializers"
            )
        if document.producer(value.id) is not None:
            raise EditRejected(
                f"a node makes {shown(value.name)} too, so it cannot be a constant",
                subjects=(value.id,),
                hint="delete that node first",
            )
        return value.tensor

    def _take_from_inputs(self, tx: Transaction, value: ValueRecord) -> None:
        if not tx.document.is_input(value.id):
            return
        graph = tx.graph(value.graph)
        if graph.owner or tx.model().ir_version >= PLAIN_INITIALIZERS:
            raise EditRejected(
                f"{shown(value.name)} is an input, and its tensor only what it is by default",
                subjects=(value.id,),
                hint="remove it from the inputs first, which keeps the tensor",
            )
        tx.put(replace(graph, inputs=tuple(found for found in graph.inputs if found != value.id)))

    def _refuse_named(self, document: Document, value: ValueRecord) -> None:
        if named_in_training(document, value):
            raise EditRejected(
                f"the training info names {shown(value.name)}, and it can change initializers only",
                subjects=(value.id,),
                hint="leave it an initializer",
            )

    def _refuse_dtype(self, document: Document, value: ValueRecord, tensor: TensorRef) -> None:
        """A Constant of the graph's opset has to be able to make the tensor."""
        version = opset_version(document, value.graph, "")
        able = constant_takes(document, value.graph, tensor.dtype)
        if not able or (tensor.sparse and version is not None and version < SPARSE_SINCE):
            what = "a sparse tensor" if able else tensor.dtype
            raise EditRejected(
                f"a Constant of opset {version} cannot hold {what}, which {shown(value.name)} is",
                subjects=(value.id,),
                hint="leave it an initializer",
            )

    def describe(self, document: Document) -> str:
        values = list(dict.fromkeys(self.values))
        named = f"a Constant of {shown(document.value(values[0]).name)}"
        return f"Made {named if len(values) == 1 else f'Constants of {len(values)} initializers'}"
