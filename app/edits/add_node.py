"""The edit add-node."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import MAIN_GRAPH, Attribute, NodeRecord, ValueRecord
from onnx_scalpel.document.schemas import OperatorSchema, normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.flow import place_behind
from onnx_scalpel.edits.operators import (
    MOST_OUTPUTS,
    attributes_of,
    checked_operator,
    import_domain,
    local_function,
    missing_import,
    output_count,
    refuse_recursion,
    slots_of,
)
from onnx_scalpel.edits.parameters import (
    AnyNameParam,
    AttributesParam,
    DomainParam,
    GraphParam,
    InputsParam,
    NamesParam,
    OpTypeParam,
)
from onnx_scalpel.edits.scopes import free_node_name, holder_of_name, new_value, shown
from onnx_scalpel.edits.slot_types import check_type, slot_of
from onnx_scalpel.edits.starters import starter_attributes, with_starter_bodies
from onnx_scalpel.edits.wiring import refuse_cycle, sees, settle_order
from onnx_scalpel.errors import EditRejected


class AddNode(Edit):
    """Add a node of any operator, standard or custom, to a graph (the main one, unless `graph` names a body or function).

    It may stand unconnected: inputs that are not given can be connected later, until then those it needs are shown as
    missing. `outputs` are names for what it makes, '' for an output that is left out; without them it makes what its operator
    always makes, an unknown operator one output. The domain is imported if it is not yet. If, Loop and Scan get bodies that
    pass on what they are given, to be edited.
    """

    title, acts_on = "Add node", "graph"

    op_type: OpTypeParam
    domain: DomainParam = ""
    graph: GraphParam = MAIN_GRAPH
    inputs: InputsParam = Field(default_factory=list)
    attributes: AttributesParam = Field(default_factory=dict)
    name: AnyNameParam | None = None
    outputs: NamesParam = Field(default_factory=list)

    def apply(self, tx: Transaction) -> None:
        document = tx.document
        graph_id = tx.graph(self.graph).id
        domain = normal_domain(self.domain)
        schema = checked_operator(document, graph_id, domain, self.op_type)
        function = local_function(document, domain, self.op_type)
        refuse_recursion(document, graph_id, function)
        starters = starter_attributes(schema, self.attributes)
        attributes = attributes_of(schema, self.attributes, self.kind, starters)
        version = missing_import(document, graph_id, domain, self.op_type)
        if version is not None:
            import_domain(tx, graph_id, domain, version)
        slots = slots_of(document, graph_id, domain, self.op_type)
        inputs = self._inputs(document, graph_id, slots)
        name = self.name if self.name is not None else free_node_name(document, graph_id, self.op_type)
        outputs = self._put_outputs(tx, graph_id, self._output_names(document, graph_id, slots, attributes, name))
        node_id = tx.new_node_id(graph_id, _first_name(tx, outputs), name, self.op_type)
        order = place_behind(document, graph_id, inputs, ())
        overload = function.function.overload if function is not None and function.function is not None else ""
        node = NodeRecord(
            node_id, graph_id, name, self.op_type, domain, inputs, outputs, attributes, order, overload=overload
        )
        tx.put(with_starter_bodies(tx, node, starters))
        for value_id in inputs:
            if value_id:
                refuse_cycle(document, [node_id], value_id)
                settle_order(tx, node_id, value_id)

    def _inputs(self, document: Document, graph_id: str, schema: OperatorSchema | None) -> tuple[str, ...]:
        """The inputs without empty slots at the end. Raises AppError when one does not exist, is not visible or does not fit."""
        inputs = list(self.inputs)
        while inputs and not inputs[-1]:
            inputs.pop()
        if schema is not None and inputs and slot_of(schema.inputs, len(inputs) - 1) is None:
            most = len(schema.inputs)
            raise wrong_parameters(
                {"inputs": f"{self.op_type} takes {f'at most {most}' if most else 'none'}"}, self.kind
            )
        for place, value_id in enumerate(inputs):
            if not value_id:
                continue
            name = shown(document.value(value_id).name)
            if not sees(document, graph_id, value_id):
                line = f"item {place + 1}: {name} cannot be seen from the graph of the node"
                raise wrong_parameters({"inputs": line}, self.kind)
            check_type(document, schema, inputs, place, value_id)
        return tuple(inputs)

    def _output_names(
        self,
        document: Document,
        graph_id: str,
        schema: OperatorSchema | None,
        attributes: dict[str, Attribute],
        name: str,
    ) -> list[str]:
        """A name for each output; '' for one that is left out."""
        least, most = output_count(schema, attributes)
        given = list(self.outputs)
        if len(given) > (MOST_OUTPUTS if most is None else most):
            many = MOST_OUTPUTS if most is None else most
            raise wrong_parameters({"outputs": f"{self.op_type} makes at most {many}"}, self.kind)
        self._check_names(document, graph_id, [n for n in given if n])
        stem = name or self.op_type
        names = [*given, *[""] * (least - len(given))]
        for place in range(len(names)):
            if not names[place] and (place >= len(given) or _is_needed(schema, place) or not any(names)):
                slot = slot_of(schema.outputs, place) if schema is not None else None
                names[place] = f"{stem}_{slot.name}" if slot and not slot.variadic else f"{stem}_output_{place}"
        while names and not names[-1]:
            names.pop()
        return names

    def _check_names(self, document: Document, graph_id: str, names: Sequence[str]) -> None:
        if len(set(names)) < len(names):
            raise wrong_parameters({"outputs": "must be different names"}, self.kind)
        for name in names:
            holder = holder_of_name(document, graph_id, name)
            if holder is not None:
                raise EditRejected(
                    f"the name {shown(name)} is taken", subjects=(holder,), hint="pick a name that is free"
                )

    def _put_outputs(self, tx: Transaction, graph_id: str, names: Sequence[str]) -> tuple[str, ...]:
        """Put the values; names that were given stay as they are, also where a replay brings other ids along."""
        made: list[str] = []
        for name in names:
            if not name:
                made.append("")
                continue
            given = name in self.outputs
            value = (
                ValueRecord(tx.new_value_id(graph_id, name), graph_id, name) if given else new_value(tx, graph_id, name)
            )
            tx.put(value)
            made.append(value.id)
        return tuple(made)

    def describe(self, document: Document) -> str:
        graph = document.graph(self.graph)
        title = f"Added {shown(self.op_type)}"
        if graph.id != MAIN_GRAPH:
            title += f" to {shown(graph.name, graph.attribute or 'a graph without a name')}"
        domain = normal_domain(self.domain)
        version = missing_import(document, graph.id, domain, self.op_type)
        return title if version is None else f"{title} and imported {shown(domain or 'ai.onnx')} {version}"


def _is_needed(schema: OperatorSchema | None, place: int) -> bool:
    """Whether the output at this place cannot be left out."""
    slot = slot_of(schema.outputs, place) if schema is not None else None
    return slot is not None and not slot.optional and not slot.variadic


def _first_name(tx: Transaction, outputs: Sequence[str]) -> str:
    return next((tx.value(output).name for output in outputs if output), "")
