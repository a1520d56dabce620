"""The edit inline-function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import Attribute, GraphRecord, NodeRecord
from onnx_scalpel.document.schemas import operator
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.copying import (
    CopiedGraph,
    Paste,
    copied_bodies,
    copied_graph,
    orders_in_place_of,
    refuse_omitted,
)
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.functions import function_called_by, import_what_is_needed, is_called
from onnx_scalpel.edits.identities import put_identity
from onnx_scalpel.edits.operators import drop_unneeded_imports
from onnx_scalpel.edits.parameters import NodeParam, SwitchParam
from onnx_scalpel.edits.remove_nodes import remove_body, remove_node
from onnx_scalpel.edits.scopes import enclosing_graphs, opset_version, shown
from onnx_scalpel.edits.signatures import called, callers
from onnx_scalpel.edits.slot_types import slot_of
from onnx_scalpel.errors import EditRejected


class InlineFunction(Edit):
    """Put the nodes of a local function in the place of a node that calls it; what the call makes keeps its names.

    References to the function's attributes become what the call gives, or the function's defaults. Values and nodes of the
    function keep their names where these are free, else the name of the call comes in front. The function goes when
    nothing calls it any more, unless `keep_function`. Refused where an operator would mean something else, because the
    function imports another opset than the graph around the call.
    """

    title, acts_on = "Inline function", "node"

    node: NodeParam
    keep_function: SwitchParam = False

    def apply(self, tx: Transaction) -> None:
        document, call = tx.document, tx.node(self.node)
        function = self._function(document, call)
        inside = copied_graph(document, function.id)
        given = _given(call, function)
        binding = _Binding(document, call, function)
        self._check(document, call, inside, given, binding)
        import_what_is_needed(tx, inside.every_node(), function, call.graph)
        orders = orders_in_place_of(document, call, len(inside.nodes) + len(binding.passed))
        bodies = copied_bodies(document, [call])
        followed = _followed(document, inside) - binding.values.keys()
        remove_node(tx, call.id)
        paste = Paste(
            tx,
            binding.values,
            given=given,
            bodies=bodies,
            scope=call.name or call.op_type,
            named_dims=False,
        )
        paste.put(call.graph, inside, orders[: len(inside.nodes)])
        for order, (inner, output) in zip(orders[len(inside.nodes) :], binding.passed, strict=True):
            put_identity(tx, call.graph, paste.now(inner), output, order)
        drop_declared_types(tx, sorted(paste.now(value_id) for value_id in followed))
        tx.drop_unused(value_id for value_id in call.inputs if value_id)
        if not self.keep_function and not is_called(document, function):
            remove_body(tx, function.id)
            tx.title = f"{self.describe_call(function.name, call)}, and removed the function, which nothing else calls"
        drop_unneeded_imports(tx, [call])

    def _function(self, document: Document, call: NodeRecord) -> GraphRecord:
        function = function_called_by(document, call)
        if function is None:
            raise EditRejected(
                f"{called(call)} calls no local function", subjects=(call.id,), hint="choose a node that calls one"
            )
        *_, outermost = enclosing_graphs(document, call.graph)
        if outermost.id == function.id:
            raise EditRejected(
                f"{called(call)} stands in the function that it calls",
                subjects=(call.id, function.id),
                hint="inline a call from outside the function",
            )
        return function

    def _check(
        self,
        document: Document,
        call: NodeRecord,
        inside: CopiedGraph,
        given: Mapping[str, Attribute],
        binding: _Binding,
    ) -> None:
        """Nothing that an operator of the function needs is left out by the call."""
        refuse_omitted(inside, binding.omitted, inside.record.name, (call.id,))
        self._refuse_lost_default(document, call, inside.record)
        for node in inside.every_node():
            schema = operator(node.domain, node.op_type, opset_version(document, node.graph, node.domain))
            for name, attribute in node.attributes.items():
                known = schema.attribute(name) if schema is not None else None
                if attribute.ref and attribute.ref not in given and known is not None and known.required:
                    raise EditRejected(
                        f"{called(call)} does not say {shown(attribute.ref)}, which {called(node)} in the function needs",
                        subjects=(call.id, node.id),
                        hint=f"set the attribute {shown(attribute.ref)} first",
                    )
            for place, value_id in enumerate(node.inputs):
                slot = slot_of(schema.inputs, place) if schema is not None and value_id in binding.omitted else None
                if slot is not None and not slot.optional:
                    raise EditRejected(
                        f"{called(call)} leaves out {shown(document.value(value_id).name)}, which {called(node)} in the "
                        "function needs",
                        subjects=(call.id, node.id),
                        hint="connect that input first",
                    )

    @staticmethod
    def _refuse_lost_default(document: Document, call: NodeRecord, function: GraphRecord) -> None:
        """A call that passes on an attribute which the function around it may not be given falls back to the default."""
        *_, around = enclosing_graphs(document, call.graph)
        if function.function is None or around.function is None:
            return
        defaults, known = dict(function.function.defaults), dict(around.function.defaults)
        for name, attribute in call.attributes.items():
            if not attribute.ref or name not in defaults or attribute.ref in known:
                continue
            for caller in callers(document, around):
                said = caller.attributes.get(attribute.ref)
                if said is None or said.ref:
                    raise EditRejected(
                        f"{called(caller)} may leave out {shown(attribute.ref)}, and {shown(name)} of {called(call)} would "
                        "lose its default",
                        subjects=(call.id, caller.id),
                        hint=f"set the attribute {shown(attribute.ref)} there first",
                    )

    @staticmethod
    def describe_call(function: str, call: NodeRecord) -> str:
        """What the history says."""
        where = f" at {shown(call.name)}" if call.name else ""
        return f"Inlined {shown(function)}{where}"

    def describe(self, document: Document) -> str:
        call = document.node(self.node)
        return self.describe_call(call.op_type, call)

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[InlineFunction]) -> str:
        return f"Inlined {len(edits)} calls of functions"


def _followed(document: Document, function: CopiedGraph) -> set[str]:
    """The function's values that an operator with a schema makes: what the function declares of them need not be so at each call."""

    def known(node: NodeRecord) -> bool:
        return operator(node.domain, node.op_type, opset_version(document, node.graph, node.domain)) is not None

    return {output for node in function.nodes if known(node) for output in node.outputs if output}


def _given(call: NodeRecord, function: GraphRecord) -> dict[str, Attribute]:
    """The function's attributes by name: what the call says, else the defaults."""
    facts = function.function
    defaults = dict(facts.defaults) if facts is not None else {}
    return defaults | call.attributes


class _Binding:
    """What takes the place of the function's inputs and outputs at one call.

    `values`: the function's values, by what stands for them ('': nothing); `passed`: outputs that need a node of their own,
    because the function hands an input or another output on, as (what it hands out, the value it is to be).
    """

    def __init__(self, document: Document, call: NodeRecord, function: GraphRecord) -> None:
        for side, slots, has in (("inputs", call.inputs, function.inputs), ("outputs", call.outputs, function.outputs)):
            if len(slots) > len(has):
                raise EditRejected(
                    f"{called(call)} has {len(slots)} {side}, the function {shown(function.name)} {len(has)}",
                    subjects=(call.id, function.id),
                    hint="make both agree first",
                )
        self.values = dict(zip_longest(function.inputs, call.inputs, fillvalue=""))
        self.omitted = {inner for inner, outer in self.values.items() if not outer}
        self.passed: list[tuple[str, str]] = []
        for inner, output in zip(function.outputs, call.outputs, strict=False):
            if not output:
                continue
            if inner in self.omitted or not (inner in self.values or document.producer(inner)):
                raise EditRejected(
                    f"the function {shown(function.name)} has nothing to give as {shown(document.value(output).name)}",
                    subjects=(call.id, inner),
                    hint="mend the function first",
                )
            if inner in self.values:
                self.passed.append((inner, output))
            else:
                self.values[inner] = output
