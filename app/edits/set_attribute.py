"""The edit set-attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import dtype_name
from onnx_scalpel.document.records import Attribute, NodeRecord, TensorRef
from onnx_scalpel.document.schemas import attribute_schema, normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.flow import keeps_type
from onnx_scalpel.edits.literals import SETTABLE, WrongLiteralError, attribute_from_literal
from onnx_scalpel.edits.meant import meant
from onnx_scalpel.edits.parameters import AttributeNameParam, AttributeValueParam, NodeParam
from onnx_scalpel.edits.scopes import opset_version, shown
from onnx_scalpel.edits.tensor_literals import is_heavy, written_tensor
from onnx_scalpel.errors import EditRejected

SettableType = Literal["FLOAT", "INT", "STRING", "TENSOR", "FLOATS", "INTS", "STRINGS", "TENSORS"]


class SetAttribute(Edit):
    """Set an attribute of a node, also one that it does not have yet.

    The type is what the operator says; for an attribute it does not know, what the attribute has; else `type` says it.
    A tensor is written as {dtype, shape, data} or {dtype, shape, base64}, or as set-tensor takes it. Declared types of what the node makes, and
    of what is computed from that, are dropped when the attribute may change them.
    """

    title, acts_on = "Set attribute", "node"

    node: NodeParam
    attribute: AttributeNameParam
    value: AttributeValueParam
    type: SettableType | None = None

    @classmethod
    def takes_long(cls, data: Mapping[str, Any], document: Document) -> bool:
        node_id, name = data.get("node"), data.get("attribute")
        if not isinstance(node_id, str) or not document.has("node", node_id):
            return False
        attribute = document.node(node_id).attributes.get(name) if isinstance(name, str) else None
        held = attribute.value if attribute is not None and isinstance(attribute.value, TensorRef) else None
        return is_heavy(data.get("value"), held, None if held is None else held.shape)

    def apply(self, tx: Transaction) -> None:
        node = tx.node(self.node)
        name = meant(node.attributes, self.attribute)
        if name != self.attribute:
            return self.model_copy(update={"attribute": name}).apply(tx)
        current = node.attributes.get(self.attribute)
        if current is not None and current.ref:
            raise EditRejected(
                f"{shown(self.attribute)} takes its value from the function's attribute {shown(current.ref)}",
                subjects=(node.id,),
                hint="set the attribute where the function is called",
            )
        kind = self._type(tx.document, node, current)
        try:
            attribute = self._attribute(tx.document, kind, current)
        except WrongLiteralError as error:
            raise wrong_parameters({"value": str(error)}, self.kind) from None
        if attribute == current:
            return
        after = replace(node, attributes={**node.attributes, self.attribute: attribute})
        tx.put(after)
        if attribute.type != "FLOAT" and not keeps_type(node):
            self._mend_types(tx, after)

    def _type(self, document: Document, node: NodeRecord, current: Attribute | None) -> str:
        version = opset_version(document, node.graph, node.domain)
        schema = attribute_schema(node.domain, node.op_type, version, self.attribute)
        known = schema.type if schema else current.type if current and current.type != "UNDEFINED" else None
        if known is not None and known not in SETTABLE:
            raise EditRejected(
                f"{shown(self.attribute)} is of type {known}: it can be read here, not set",
                subjects=(node.id,),
                hint="open the body and edit what is in it" if known.startswith("GRAPH") else "",
            )
        if known is None and self.type is None:
            line = f"is needed: {shown(node.op_type)} says nothing about {shown(self.attribute)}"
            raise wrong_parameters({"type": line}, self.kind)
        if known is not None and self.type is not None and self.type != known:
            raise wrong_parameters({"type": f"must be {known}, or be left out"}, self.kind)
        return known or str(self.type)

    def _attribute(self, document: Document, kind: str, current: Attribute | None) -> Attribute:
        doc = current.doc if current else ""
        if kind != "TENSOR" or not isinstance(self.value, Mapping):
            return attribute_from_literal(kind, self.value, doc)
        held = current.value if current and isinstance(current.value, TensorRef) else None
        dtype, shape = (held.dtype, held.shape) if held else ("float32", None)
        return Attribute("TENSOR", written_tensor(document, self.value, held, dtype, shape), doc=doc)

    def _mend_types(self, tx: Transaction, node: NodeRecord) -> None:
        """Correct what is certain (a Cast's output dtype), drop what may be wrong now."""
        drop_declared_types(tx, [output for output in node.outputs if output])
        target = node.attributes.get("to")
        if normal_domain(node.domain) == "" and node.op_type == "Cast" and target and isinstance(target.value, int):
            output = tx.value(node.outputs[0])
            dtype = dtype_name(target.value)
            if output.dtype and output.dtype != dtype and not dtype.startswith("unknown"):
                tx.put(replace(output, dtype=dtype))

    def describe(self, document: Document) -> str:
        node = document.node(self.node)
        return f"Set {shown(self.attribute)} of {shown(node.name, node.op_type)}{self._as_text()}"

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[SetAttribute]) -> str:
        first = edits[0]
        if any(edit.attribute != first.attribute for edit in edits):
            return f"Set {len(edits)} attributes"
        same = all(repr(edit.value) == repr(first.value) for edit in edits)
        return f"Set {shown(first.attribute)} of {len(edits)} nodes{first._as_text() if same else ''}"

    def _as_text(self) -> str:
        if isinstance(self.value, (int, float, str)) and len(str(self.value)) <= 40:
            return f" to {self.value}"
        if isinstance(self.value, list) and len(str(self.value)) <= 40:
            return f" to [{', '.join(str(item) for item in self.value)}]"
        return ""
