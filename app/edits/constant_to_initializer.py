"""The edit constant-to-initializer."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import MAIN_GRAPH, NodeRecord, TensorRef, ValueRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.constants import PLAIN_INITIALIZERS, constant_node, held_tensor
from onnx_scalpel.edits.operators import drop_unneeded_imports
from onnx_scalpel.edits.parameters import ValuesParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import EditRejected


class ConstantToInitializer(Edit):
    """Make what Constant nodes make initializers of the same name and data; the nodes go.

    Documentation and metadata of a node become its value's. Local functions have no initializers, so there it is refused.
    In models of an IR version before 4, where every initializer is an input as well, it becomes one; runtimes do not ask
    for it.
    """

    title, acts_on = "Constant to initializer", "values"

    values: ValuesParam

    def apply(self, tx: Transaction) -> None:
        for value_id in dict.fromkeys(self.values):
            value = tx.value(value_id)
            node, tensor = self._constant(tx.document, value)
            self._refuse_in_function(tx.document, value)
            old = tx.model().ir_version < PLAIN_INITIALIZERS
            if old and value.graph != MAIN_GRAPH:
                raise EditRejected(
                    "before IR version 4 an initializer has to be an input as well, which a body cannot have more of",
                    subjects=(value.id,),
                    hint="set the IR version to 4 or more first",
                )
            tx.drop("node", node.id)
            tx.put(_documented(replace(value, tensor=tensor), node))
            if old:
                value = tx.value(value_id)
                tx.put(replace(value, dtype=tensor.dtype, shape=tensor.shape, type=None, declared=False))
                main = tx.graph(MAIN_GRAPH)
                tx.put(replace(main, inputs=(*main.inputs, value.id)))
            drop_unneeded_imports(tx, [node])

    def _constant(self, document: Document, value: ValueRecord) -> tuple[NodeRecord, TensorRef]:
        node = constant_node(document, value)
        tensor = None if node is None else held_tensor(node)
        if node is None or tensor is None:
            raise EditRejected(
                f"{shown(value.name)} is {'an initializer already' if value.tensor else 'made by no Constant node'}",
                subjects=(value.id,),
                hint="choose values that Constant nodes make",
            )
        return node, tensor

    def _refuse_in_function(self, document: Document, value: ValueRecord) -> None:
        graph = document.graph(value.graph)
        if graph.function is not None:
            raise EditRejected(
                f"the function {shown(graph.name)} can have no initializers: ONNX has no place for them there",
                subjects=(value.id, graph.id),
                hint="leave it a Constant, or add an input to the function",
            )

    def describe(self, document: Document) -> str:
        values = list(dict.fromkeys(self.values))
        return f"Made {_named(document, values)} of {'a Constant' if len(values) == 1 else 'Constants'}"


def _named(document: Document, values: list[str]) -> str:
    return (
        f"the initializer {shown(document.value(values[0]).name)}"
        if len(values) == 1
        else f"{len(values)} initializers"
    )


def _documented(value: ValueRecord, node: NodeRecord) -> ValueRecord:
    """The value with what was said of the node, as far as nothing is said of itself."""
    known = {key for key, _ in value.metadata}
    more = tuple(pair for pair in node.metadata if pair[0] not in known)
    return replace(value, doc=value.doc or node.doc, metadata=(*value.metadata, *more))
