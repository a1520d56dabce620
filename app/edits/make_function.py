"""The edit make-function."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import Attribute, FunctionFacts, GraphRecord, NodeRecord, Pairs
from onnx_scalpel.document.schemas import STANDARD_DOMAINS, normal_domain, operator
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.copying import CopiedGraph, Paste, copied_nodes
from onnx_scalpel.edits.functions import DECLARATIONS_SINCE, allow_functions
from onnx_scalpel.edits.operators import import_domain, local_function, missing_import
from onnx_scalpel.edits.parameters import DomainParam, NameParam, NodesParam
from onnx_scalpel.edits.remove_nodes import remove_node
from onnx_scalpel.edits.scopes import free_node_name, new_value, opset_imports, shown
from onnx_scalpel.edits.selections import Border, border_of, nodes_of_one_graph
from onnx_scalpel.edits.signatures import called
from onnx_scalpel.edits.wiring import settle_order
from onnx_scalpel.errors import EditRejected

OWN_DOMAIN = "local"


class MakeFunction(Edit):
    """Make a local function of nodes of one graph, and put a node that calls it in their place.

    What the nodes read from elsewhere (initializers too) becomes the function's inputs, what others read of what they
    make becomes its outputs, and references to attributes of a function around them become its attributes. The function
    imports the domains that its nodes use, as the graph does. Nodes in bodies go with the node that holds them. Models of
    an IR version before 8, which had no functions, are set to 8; only then may types of values inside be dropped.
    """

    title, acts_on = "Make function", "nodes"

    nodes: NodesParam
    name: NameParam
    domain: DomainParam = OWN_DOMAIN

    def apply(self, tx: Transaction) -> None:
        document = tx.document
        chosen = nodes_of_one_graph(document, self.nodes, "a function is made of one part of one graph")
        graph_id = chosen[0].graph
        self._check_name(document)
        version = allow_functions(tx)
        if version:
            tx.title = f"{self.describe(document)}, and set the IR version to {version}"
        border = border_of(document, chosen)
        copy = copied_nodes(document, chosen)
        _refuse_overloads(copy)
        facts, passed_on = self._facts(document, copy, graph_id)
        after = chosen[-1].order
        for node in reversed(chosen):
            remove_node(tx, node.id)
        function = self._put_function(tx, copy, border, facts)
        self._call(tx, function, border, passed_on, after)
        tx.drop_unused(value.id for value in copy.values if value.id not in border.outputs)
        for value_id in border.outputs:
            for reader in dict.fromkeys(found.node for found in document.consumers(value_id)):
                settle_order(tx, reader, value_id)

    def _check_name(self, document: Document) -> None:
        domain = normal_domain(self.domain)
        if domain in STANDARD_DOMAINS:
            line = "is a domain of standard operators; name one of your own"
            raise wrong_parameters({"domain": line}, self.kind)
        there = local_function(document, domain, self.name)
        if there is not None or operator(domain, self.name) is not None:
            raise EditRejected(
                f"{shown(domain)} has {shown(self.name)} already",
                subjects=(there.id,) if there is not None else (),
                hint="choose another name or domain",
                fields={"name": "is taken; choose another"},
            )

    def _facts(
        self, document: Document, copy: CopiedGraph, graph_id: str
    ) -> tuple[FunctionFacts, dict[str, Attribute]]:
        """What the function has beyond a graph, and the attributes that its call passes on."""
        nodes = list(copy.every_node())
        refs = {a.ref: Attribute(a.type, ref=a.ref) for node in nodes for a in node.attributes.values() if a.ref}
        used = {normal_domain(node.domain) for node in nodes}
        known = {normal_domain(domain): version for domain, version in opset_imports(document, graph_id).items()}
        imports = tuple((domain, version) for domain, version in known.items() if domain in used)
        facts = FunctionFacts(normal_domain(self.domain), attributes=tuple(refs), opset_imports=imports)
        return facts, refs

    def _put_function(self, tx: Transaction, copy: CopiedGraph, border: Border, facts: FunctionFacts) -> GraphRecord:
        function_id = tx.new_function_id(facts.domain, self.name, facts.overload)
        empty = GraphRecord(function_id, self.name, function=facts)
        tx.put(empty)
        typed = tx.model().ir_version >= DECLARATIONS_SINCE
        inputs: dict[str, str] = {}
        for value_id in border.inputs:
            value = new_value(tx, function_id, tx.value(value_id).name)
            tx.put(value)
            inputs[value_id] = value.id
        paste = Paste(tx, inputs, typed=typed, plain_domains=True)
        paste.put(function_id, copy, [(place,) for place in range(len(copy.nodes))])
        outputs = tuple(paste.now(value_id) for value_id in border.outputs)
        function = replace(empty, inputs=tuple(inputs.values()), outputs=outputs)
        tx.put(function)
        return function

    def _call(
        self,
        tx: Transaction,
        function: GraphRecord,
        border: Border,
        attributes: dict[str, Attribute],
        order: tuple[int, ...],
    ) -> None:
        facts, graph_id = function.function, border.graph
        domain = facts.domain if facts is not None else ""
        version = missing_import(tx.document, graph_id, domain, self.name)
        if version is not None:
            import_domain(tx, graph_id, domain, version)
        name = free_node_name(tx.document, graph_id, self.name)
        node_id = tx.new_node_id(graph_id, tx.value(border.outputs[0]).name, name, self.name)
        tx.put(
            NodeRecord(
                node_id, graph_id, name, self.name, domain, border.inputs, border.outputs, attributes, order,
                metadata=_common_metadata(border.nodes),
            )
        )  # fmt: skip

    def describe(self, document: Document) -> str:
        count = len(dict.fromkeys(self.nodes))
        return f"Made the function {shown(self.name)} of {count} {'node' if count == 1 else 'nodes'}"


def _refuse_overloads(copy: CopiedGraph) -> None:
    """ONNX Runtime takes the function without an overload for any that is called inside a function, and says nothing."""
    for node in copy.every_node():
        if node.overload:
            raise EditRejected(
                f"{called(node)} calls the overload {shown(node.overload)}, which runtimes do not look at inside functions",
                subjects=(node.id,),
                hint="inline that call first, or leave the node out",
            )


def _common_metadata(nodes: Sequence[NodeRecord]) -> Pairs:
    """What the metadata of all the nodes says alike, so that the call stays in the scope in which they were."""
    first, *others = (node.metadata for node in nodes)
    return tuple(pair for pair in first if all(pair in other for other in others))
