"""The edit replace-node."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec.structs import replace
from pydantic import Field

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import Attribute, GraphRecord, NodeRecord
from onnx_scalpel.document.schemas import OperatorSchema, normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.flow import carries_type
from onnx_scalpel.edits.operators import (
    attributes_of,
    checked_operator,
    import_domain,
    local_function,
    missing_import,
    output_count,
    refuse_recursion,
    slots_of,
)
from onnx_scalpel.edits.output_types import makes_same_types, replaced_output
from onnx_scalpel.edits.parameters import AttributesParam, DomainParam, NodeParam, OpTypeParam
from onnx_scalpel.edits.remove_nodes import remove_body
from onnx_scalpel.edits.scopes import new_value, shown
from onnx_scalpel.edits.slot_types import slot_of
from onnx_scalpel.errors import EditRejected


class ReplaceNode(Edit):
    """Make a node one of another operator. Its name, its outputs and the wires that fit stay.

    Inputs stay in their slots, those beyond what the operator takes are dropped; inputs that it needs and that are not there
    are shown as missing. Attributes that the operator has too stay, the others go, and `attributes` sets some. An output in
    use that the operator does not make is refused. The domain is imported if it is not yet.
    """

    title, acts_on = "Replace node", "node"

    node: NodeParam
    op_type: OpTypeParam
    domain: DomainParam = ""
    attributes: AttributesParam = Field(default_factory=dict)

    def apply(self, tx: Transaction) -> None:
        document, node = tx.document, tx.node(self.node)
        same = normal_domain(node.domain) == normal_domain(self.domain)
        domain = node.domain if same else normal_domain(self.domain)  # the standard domain has two names
        known = checked_operator(document, node.graph, domain, self.op_type)
        function = local_function(document, domain, self.op_type)
        refuse_recursion(document, node.graph, function)
        attributes = self._attributes(known, _attribute_names(known, function, node), node)
        version = missing_import(document, node.graph, domain, self.op_type)
        if version is not None:
            import_domain(tx, node.graph, domain, version)
        schema = slots_of(document, node.graph, domain, self.op_type)
        after = replace(
            node,
            op_type=self.op_type,
            domain=domain,
            inputs=_fitting_inputs(schema, node.inputs),
            outputs=self._outputs(tx, schema, attributes, node),
            attributes=attributes,
            overload=function.function.overload if function is not None and function.function is not None else "",
        )
        bodies = set(document.body_ids(node.id))
        tx.put(after)
        for body in bodies - set(document.body_ids(node.id)):
            remove_body(tx, body)
        _mend_types(tx, node, after)
        tx.drop_unused([v for v in (*node.inputs, *node.outputs) if v])

    def _attributes(
        self, schema: OperatorSchema | None, names: Collection[str], node: NodeRecord
    ) -> dict[str, Attribute]:
        """Those of the node that the operator has too, and those that are given."""
        kept = {name: attribute for name, attribute in node.attributes.items() if name in names}
        if schema is not None:
            kept = {n: a for n, a in kept.items() if (s := schema.attribute(n)) is not None and s.type == a.type}
        return {**kept, **attributes_of(schema, self.attributes, self.kind, kept)}

    def _outputs(
        self, tx: Transaction, schema: OperatorSchema | None, attributes: dict[str, Attribute], node: NodeRecord
    ) -> tuple[str, ...]:
        """The node's outputs without those the operator does not make, and new ones that it must make."""
        least, most = output_count(schema, attributes)
        outputs = list(node.outputs if most is None else node.outputs[:most])
        lost = [output for output in node.outputs[len(outputs) :] if output]
        used = [v for v in lost if tx.document.consumers(v) or tx.document.live_value(v).listed]
        if used:
            name = shown(tx.value(used[0]).name)
            raise EditRejected(
                f"{shown(self.op_type)} makes {'one output' if most == 1 else f'{most} outputs'}, and {name} is in use",
                subjects=(node.id, *used),
                hint="replace the uses of that output first",
            )
        stem = node.name or self.op_type
        for place in range(len(outputs), least):
            slot = slot_of(schema.outputs, place) if schema is not None else None
            value = new_value(tx, node.graph, f"{stem}_{slot.name}" if slot else f"{stem}_output_{place}")
            tx.put(value)
            outputs.append(value.id)
        return tuple(outputs)

    def describe(self, document: Document) -> str:
        node = document.node(self.node)
        called = f" {shown(node.name)}" if node.name else ""
        return f"Replaced the {shown(node.op_type)}{called} by {shown(self.op_type)}"

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[ReplaceNode]) -> str:
        before = {document.node(edit.node).op_type for edit in edits if document.has("node", edit.node)}
        after = {edit.op_type for edit in edits}
        what = shown(before.pop()) if len(before) == 1 else "nodes"
        by = f" by {shown(after.pop())}" if len(after) == 1 else ""
        return f"Replaced {len(edits)} {what}{by}"


def _mend_types(tx: Transaction, before: NodeRecord, after: NodeRecord) -> None:
    """Keep what is declared of the outputs where it is surely still true; correct or drop it elsewhere."""
    if len(before.outputs) == len(after.outputs) == 1 and makes_same_types(before, after):
        return
    for output in after.outputs:
        value = tx.value(output) if output else None
        if value is not None and carries_type(tx.document, value):
            tx.put(replaced_output(tx, value, before, after))
    drop_declared_types(tx, [output for output in after.outputs if output])


def _attribute_names(schema: OperatorSchema | None, function: GraphRecord | None, node: NodeRecord) -> Collection[str]:
    """Which of the node's attributes the operator has too; all, where nothing is known of it."""
    if schema is not None:
        return [attribute.name for attribute in schema.attributes]
    if function is not None and function.function is not None:
        return [*function.function.attributes, *function.function.defaults]
    return list(node.attributes)


def _fitting_inputs(schema: OperatorSchema | None, inputs: Sequence[str]) -> tuple[str, ...]:
    """The inputs in the slots that the operator has, without empty ones at the end."""
    fitting = [
        value for place, value in enumerate(inputs) if schema is None or slot_of(schema.inputs, place) is not None
    ]
    while fitting and not fitting[-1]:
        fitting.pop()
    return tuple(fitting)
