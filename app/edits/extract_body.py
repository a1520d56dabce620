"""The edit extract-body."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NodeRecord, ValueRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.tensors import make_tensor, read_array
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.constants import PLAIN_INITIALIZERS, fixed_tensor, put_constant
from onnx_scalpel.edits.copying import CopiedGraph, Paste, copied_graph, orders_in_place_of, refuse_omitted
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.identities import put_identity, put_unsqueezed
from onnx_scalpel.edits.parameters import BodyAnswerParam, NodeParam
from onnx_scalpel.edits.remove_nodes import remove_node
from onnx_scalpel.edits.scopes import new_value, shown
from onnx_scalpel.edits.signatures import called
from onnx_scalpel.errors import ChoiceNeeded, EditRejected

_BRANCHES = ("then_branch", "else_branch")


class ExtractBody(Edit):
    """Put what a body computes in the place of the node that holds it; what the node makes keeps its names.

    Of an If, the branch that its condition chooses, where that is a constant; otherwise `attribute` has to say which branch
    stays, and it is taken whatever the condition is: the model then computes what this branch does. Of a Loop, the body,
    where the loop surely runs exactly once: its trip count is a constant 1, its condition absent or a constant true. Any
    other Loop, and every Scan, may run its body any number of times, which no copy of its nodes does, so these are
    refused. The other branch goes. Initializers of the body become initializers around it, in a local function Constants.
    """

    title, acts_on = "Extract body", "node"

    node: NodeParam
    attribute: BodyAnswerParam | None = None

    def apply(self, tx: Transaction) -> None:
        document, node = tx.document, tx.node(self.node)
        attribute = self._attribute(document, node)
        body = copied_graph(document, str(node.attributes[attribute].value))
        taking = _of_loop(document, node, body) if node.op_type == "Loop" else _of_branch(node, body)
        refuse_omitted(body, taking.omitted, attribute, (node.id,))
        tensors = [value for value in body.values if value.tensor is not None and _has_no_place(tx, node.graph)]
        count = len(tensors) + len(taking.constants) + len(body.nodes) + len(taking.passed) + 2 * len(taking.stacked)
        orders = iter(orders_in_place_of(document, node, count))
        remove_node(tx, node.id)
        for value in tensors:
            if value.tensor is not None:
                made = new_value(tx, node.graph, value.name)
                tx.put(made)
                put_constant(tx, made.id, value.tensor, next(orders))
                taking.values[value.id] = made.id
        for inner, array in taking.constants.items():
            made = new_value(tx, node.graph, f"{node.name or node.op_type}_{_name_in(body, inner)}")
            tx.put(made)
            put_constant(tx, made.id, make_tensor(array), next(orders))
            taking.values[inner] = made.id
        paste = Paste(tx, taking.values, scope=node.name or node.op_type)
        paste.put(node.graph, body, [next(orders) for _ in body.nodes])
        for inner, output in taking.passed:
            put_identity(tx, node.graph, paste.now(inner), output, next(orders))
        for inner, output in taking.stacked:
            put_unsqueezed(tx, node.graph, paste.now(inner), output, (next(orders), next(orders)))
        tx.drop_unused(value_id for value_id in node.inputs if value_id)
        drop_declared_types(tx, [output for output in node.outputs if output])
        tx.title = f"Put the {attribute} of {called(node)} in its place"

    def _attribute(self, document: Document, node: NodeRecord) -> str:
        """The attribute whose body is meant. Raises ChoiceNeeded where only a person can say."""
        holding = [name for name, found in node.attributes.items() if found.type == "GRAPH" and not found.ref]
        if not holding:
            raise EditRejected(f"{called(node)} holds no body", subjects=(node.id,), hint="choose an If or a Loop")
        if normal_domain(node.domain) or node.op_type not in ("If", "Loop"):
            raise EditRejected(
                f"{called(node)} is a {shown(node.op_type)}: its body runs once for each element, not once",
                subjects=(node.id,),
                hint="enter the body, and make a function of its nodes to have them apart",
            )
        if self.attribute is not None:
            if self.attribute not in holding:
                raise wrong_parameters({"attribute": f"must be one of {', '.join(holding)}"}, self.kind)
            return self.attribute
        if node.op_type == "Loop":
            return holding[0]
        known = _constant_item(document, node.inputs[0] if node.inputs else "")
        if known is not None and _BRANCHES[not known] in holding:
            return _BRANCHES[not known]
        raise ChoiceNeeded(
            f"the condition of {called(node)} is computed, so only you can say which branch stays",
            [{"label": _label(document, node, name), "attribute": name} for name in holding],
            subjects=(node.id,),
            hint="say it with attribute; the other branch goes",
        )

    def describe(self, document: Document) -> str:
        return f"Put a body of {called(document.node(self.node))} in its place"


@dataclass
class _Taking:
    """How a body's values are to stand around it: `values` by what stands for them, `constants` that its inputs are,
    `passed` and `stacked` as (a value of the body, the value that it is to be, with a first axis if stacked)."""

    values: dict[str, str] = field(default_factory=dict)
    constants: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    passed: list[tuple[str, str]] = field(default_factory=list)
    stacked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def omitted(self) -> set[str]:
        return {inner for inner, outer in self.values.items() if not outer}

    def hand_out(self, body: CopiedGraph, inner: str, output: str) -> None:
        """Let the node that makes a value of the body make an output, unless it is none's or makes one already."""
        if not output:
            return
        made = any(inner in node.outputs for node in body.nodes)
        if made and inner not in self.values:
            self.values[inner] = output
        else:
            self.passed.append((inner, output))


def _of_branch(node: NodeRecord, body: CopiedGraph) -> _Taking:
    _refuse_misfit(node, body, 0, len(node.outputs))
    taking = _Taking()
    for inner, output in zip(body.record.outputs, node.outputs, strict=False):
        taking.hand_out(body, inner, output)
    return taking


def _of_loop(document: Document, node: NodeRecord, body: CopiedGraph) -> _Taking:
    """The one round of a Loop that runs once: it is round 0, and what is collected of all rounds is stacked."""
    count, condition = (*node.inputs, "", "")[:2]
    goes_on = _constant_item(document, condition) if condition else True
    if not count or _constant_item(document, count) != 1 or not goes_on:
        raise EditRejected(
            f"{called(node)} may run any number of rounds: its body takes its place only where it surely runs once",
            subjects=(node.id, *(value for value in (count, condition) if value)),
            hint="make its trip count a constant 1 first, and its condition a constant true",
        )
    carried = len(body.record.inputs) - 2
    _refuse_misfit(node, body, 2, len(node.outputs) + 1)
    given = node.inputs[2 : 2 + carried]
    taking = _Taking(values=dict(zip_longest(body.record.inputs[2:], given, fillvalue="")))
    for inner, array in zip(body.record.inputs, (np.zeros((), np.int64), np.ones((), np.bool_)), strict=False):
        taking.constants[inner] = array.reshape((1,) * len(_value_in(body, inner).shape or ()))
    for place, inner in enumerate(body.record.outputs[1:]):
        output = node.outputs[place] if place < len(node.outputs) else ""
        if place < carried:
            taking.hand_out(body, inner, output)
        elif output:
            taking.stacked.append((inner, output))
    if any(inner in taking.omitted for inner, _ in (*taking.passed, *taking.stacked)):
        raise EditRejected(
            f"{called(node)} hands out a value that it is not given",
            subjects=(node.id,),
            hint="connect that input first",
        )
    return taking


def _refuse_misfit(node: NodeRecord, body: CopiedGraph, least_inputs: int, least_outputs: int) -> None:
    graph = body.record
    fits = len(graph.inputs) >= least_inputs if node.op_type == "Loop" else not graph.inputs
    if not fits or len(graph.outputs) < least_outputs:
        raise EditRejected(
            f"the body {shown(graph.name)} does not take or give what {called(node)} does",
            subjects=(node.id, graph.id),
            hint="mend the body first",
        )


def _constant_item(document: Document, value_id: str) -> int | None:
    """The one element of a value that is always the same; None where nothing says so."""
    if not value_id:
        return None
    tensor = fixed_tensor(document, document.value(value_id))
    array = None if tensor is None or tensor.dtype == "string" else read_array(document, tensor)
    return int(array.reshape(-1)[0]) if array is not None and array.size == 1 else None


def _has_no_place(tx: Transaction, graph_id: str) -> bool:
    """Whether an initializer cannot simply be added to a graph."""
    return tx.graph(graph_id).function is not None or tx.model().ir_version < PLAIN_INITIALIZERS


def _value_in(body: CopiedGraph, value_id: str) -> ValueRecord:
    return next(value for value in body.values if value.id == value_id)


def _name_in(body: CopiedGraph, value_id: str) -> str:
    return _value_in(body, value_id).name


def _label(document: Document, node: NodeRecord, attribute: str) -> str:
    count = len(document.node_ids(str(node.attributes[attribute].value)))
    return f"Keep {attribute}: {count} {'node' if count == 1 else 'nodes'}"
