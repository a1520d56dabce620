"""The edit paste-nodes."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import MAIN_GRAPH, Attribute, ValueRecord, order_between
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.constants import put_constant
from onnx_scalpel.edits.copying import CopiedGraph, Paste, refuse_omitted
from onnx_scalpel.edits.fragment_meaning import Meaning
from onnx_scalpel.edits.fragment_reading import FragmentReader, ReadFragment
from onnx_scalpel.edits.fragment_tensors import same_tensor
from onnx_scalpel.edits.fragments import WrongFragmentError, fragment_from
from onnx_scalpel.edits.parameters import (
    AnyNameParam,
    FragmentParam,
    FunctionsAnswerParam,
    GraphParam,
    OpsetAnswerParam,
    SwitchParam,
    TensorsAnswerParam,
)
from onnx_scalpel.edits.scopes import enclosing_graphs, new_value, shown
from onnx_scalpel.errors import ChoiceNeeded, EditRejected

_NAMED = 3  # names that a sentence spells out


class PasteNodes(Edit):
    """Put copied nodes into a graph, with their bodies, the initializers they read and the local functions they call.

    A `fragment` is what copying gives; it may come from another model. What the nodes read from outside is joined by name
    where the graph sees such a value and nothing says that it is of another type; with `keep_inputs` false, and where there is
    none, the input is left open. Initializers that the graph has already, with the same data, are used again. Names stay where
    they are free; `suffix` comes behind them first. Where a domain is imported in another version in which an operator means
    something else, `opset` answers whether it is put nevertheless; where the model has another function of a name,
    `functions` whether that is called or the one of the fragment gets another name; where large tensors are in a model that
    is not open, `tensors` whether their inputs are left open.
    """

    title, acts_on = "Paste", "graph"

    fragment: FragmentParam
    graph: GraphParam = MAIN_GRAPH
    suffix: AnyNameParam = ""
    keep_inputs: SwitchParam = True
    opset: OpsetAnswerParam = None
    functions: FunctionsAnswerParam = None
    tensors: TensorsAnswerParam = None

    def apply(self, tx: Transaction) -> None:
        document, graph_id = tx.document, tx.graph(self.graph).id
        fragment, read = self._read(document)
        self._refuse_lost(read)
        meaning = Meaning(tx, graph_id, fragment.opset_imports, self.opset, self.functions)
        nodes = meaning.settle(read)
        given = self._given(document, nodes, read.defaults)
        joined, typed = self._join(tx, graph_id, read)
        refuse_omitted(nodes, {key for key, value in joined.items() if not value}, "what was copied", (graph_id,))
        paste = Paste(tx, joined, given=given, suffix=self.suffix, typed=typed)
        last, orders = document.order_last(graph_id), []
        for _ in nodes.nodes:
            orders.append(last)
            last = order_between(last, None)
        paste.put(graph_id, nodes, orders)
        meaning.refuse_recursion(nodes)
        self._tell(tx, read, joined)

    def _read(self, document: Document) -> tuple[Any, ReadFragment]:
        try:
            fragment = fragment_from(self.fragment)
            return fragment, FragmentReader(document).read(fragment)
        except WrongFragmentError as error:
            raise wrong_parameters({"fragment": str(error)}, self.kind) from None

    def _refuse_lost(self, read: ReadFragment) -> None:
        names = [*read.lost, *(read.missing.values() if self.tensors is None else ())]
        if not names:
            return
        many = f"{len(names)} tensors are" if len(names) > 1 else "a tensor is"
        said = f"{many} not here, as the model that was copied from is not open: {_listed(names)}"
        hint = "open that model in this server and copy again"
        if read.lost:
            raise EditRejected(said, hint=hint, code="tensors-missing")
        choices = [{"label": "Leave these inputs open", "tensors": "leave"}]
        raise ChoiceNeeded(said, choices, hint=f"{hint}, or say tensors = leave")

    def _given(
        self, document: Document, nodes: CopiedGraph, defaults: dict[str, Attribute]
    ) -> dict[str, Attribute] | None:
        """What takes the place of references to attributes of the function that the nodes were in; None: they stay references."""
        refs = {a.ref: node for node in nodes.every_node() for a in node.attributes.values() if a.ref}
        *_, outermost = enclosing_graphs(document, self.graph)
        facts = outermost.function
        if not refs or (facts is not None and set(refs) <= {*facts.attributes, *facts.defaults}):
            return None
        for name, node in refs.items():
            if name not in defaults:
                raise EditRejected(
                    f"{shown(node.name or node.op_type)} reads the attribute {shown(name)} of the function that it was "
                    "copied from",
                    hint="inline a call of that function, and copy from there",
                )
        return defaults

    def _join(self, tx: Transaction, graph_id: str, read: ReadFragment) -> tuple[dict[str, str], bool]:
        """What takes the place of each outer value ('': nothing), and whether declared types of the fragment still hold."""
        joined: dict[str, str] = {}
        typed = True
        for value in read.inputs:
            there = self._counterpart(tx.document, graph_id, value) if self.keep_inputs else None
            if there is not None:
                joined[value.id] = there.id
                typed = typed and (there.tensor is not None or _same_type(there, value))
            elif value.tensor is not None:
                joined[value.id] = self._put_tensor(tx, graph_id, value)
            else:
                joined[value.id] = ""
        return joined, typed

    @staticmethod
    def _counterpart(document: Document, graph_id: str, value: ValueRecord) -> ValueRecord | None:
        """The value of the same name that the graph sees, if it may be the same thing."""
        found = document.value_named(graph_id, value.name)
        if found is None:
            return None
        there = document.value(found)
        if value.tensor is not None:
            held = None if document.is_input(found) else there.tensor
            return there if held is not None and same_tensor(document, held, value.tensor) else None
        dtype = there.dtype or (there.tensor.dtype if there.tensor is not None else "")
        return there if not dtype or not value.dtype or dtype == value.dtype else None

    def _put_tensor(self, tx: Transaction, graph_id: str, value: ValueRecord) -> str:
        """An initializer, or in a function, which can have none, a Constant node."""
        made = new_value(tx, graph_id, value.name + self.suffix)
        if tx.graph(graph_id).function is None:
            typed = replace(value, id=made.id, graph=graph_id, name=made.name)
            tx.put(typed if value.declared else replace(typed, dtype="", shape=None, type=None))
            return made.id
        tx.put(made)
        assert value.tensor is not None
        put_constant(tx, made.id, value.tensor, tx.document.order_last(graph_id))
        return made.id

    def _tell(self, tx: Transaction, read: ReadFragment, joined: dict[str, str]) -> None:
        open_inputs = [value.name for value in read.inputs if not joined[value.id]]
        if open_inputs:
            many = "an input is" if len(open_inputs) == 1 else f"{len(open_inputs)} inputs are"
            tx.title = f"{self.describe(tx.document)}; {many} left open: {_listed(open_inputs)}"
            tx.report = {"open_inputs": open_inputs}

    def describe(self, document: Document) -> str:
        nodes = self.fragment.get("nodes")
        count = len(nodes) if isinstance(nodes, list) else 0
        graph = document.graph(self.graph)
        where = "" if graph.id == MAIN_GRAPH else f" into {shown(graph.name, graph.attribute or 'a graph')}"
        return f"Pasted {count} node{'s' if count != 1 else ''}{where}"


def _same_type(there: ValueRecord, value: ValueRecord) -> bool:
    """Whether both say the same, so that what was declared behind one holds behind the other."""
    return (there.dtype, there.shape, there.type) == (value.dtype, value.shape, value.type)


def _listed(names: list[str]) -> str:
    words = [shown(name) for name in names[:_NAMED]]
    return ", ".join(words) + (" …" if len(names) > _NAMED else "")
