"""The edit remove-attribute."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.schemas import AttributeSchema, attribute_schema
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.flow import keeps_type
from onnx_scalpel.edits.meant import meant
from onnx_scalpel.edits.parameters import AttributeNameParam, NodeParam
from onnx_scalpel.edits.remove_nodes import remove_body
from onnx_scalpel.edits.scopes import opset_version, shown
from onnx_scalpel.errors import EditRejected


class RemoveAttribute(Edit):
    """Take an attribute off a node; its default counts again, where the operator has one.

    An attribute that the operator needs stays. Declared types of what the node makes, and of what is computed from that,
    are dropped when the attribute may have decided them.
    """

    title, acts_on = "Remove attribute", "node"

    node: NodeParam
    attribute: AttributeNameParam

    def apply(self, tx: Transaction) -> None:
        document, node = tx.document, tx.node(self.node)
        name = meant(node.attributes, self.attribute)
        if name != self.attribute:
            return self.model_copy(update={"attribute": name}).apply(tx)
        current = node.attributes.get(self.attribute)
        called = shown(node.name or node.op_type)
        if current is None:
            raise EditRejected(
                f"{called} has no attribute {shown(self.attribute)}",
                subjects=(node.id,),
                hint="there is nothing to remove",
            )
        schema = self._schema(document)
        if schema is not None and schema.required:
            raise EditRejected(
                f"{shown(node.op_type)} needs {shown(self.attribute)}",
                subjects=(node.id,),
                hint="set another value, or delete the node",
            )
        bodies = set(document.body_ids(node.id))
        after = replace(node, attributes={n: a for n, a in node.attributes.items() if n != self.attribute})
        tx.put(after)
        for body in bodies - set(document.body_ids(node.id)):
            remove_body(tx, body)
        if current.type != "FLOAT" and not keeps_type(node):
            drop_declared_types(tx, [output for output in node.outputs if output])

    def _schema(self, document: Document) -> AttributeSchema | None:
        node = document.node(self.node)
        version = opset_version(document, node.graph, node.domain)
        return attribute_schema(node.domain, node.op_type, version, self.attribute)

    def describe(self, document: Document) -> str:
        node = document.node(self.node)
        title = f"Removed {shown(self.attribute)} from {shown(node.name or node.op_type)}"
        schema = self._schema(document)
        default = None if schema is None else schema.default
        return title if default is None or len(str(default)) > 40 else f"{title}, which is {default} by default"

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[RemoveAttribute]) -> str:
        names = {edit.attribute for edit in edits}
        return f"Removed {shown(names.pop()) if len(names) == 1 else 'attributes'} from {len(edits)} nodes"
