"""Every graph of a model with ids, scopes and words for what is in it: what the validators walk over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from onnx import AttributeProto, FunctionProto, GraphProto, NodeProto

from onnx_scalpel.document import ids
from onnx_scalpel.document.protos import text
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.weightless import WeightlessModel

_NAME_LIMIT = 48  # characters of a name in a message
_MAY_HOLD_GRAPHS = (AttributeProto.UNDEFINED, AttributeProto.GRAPH, AttributeProto.GRAPHS)
STANDARD = ("", "ai.onnx")  # the two names of one domain


@dataclass(frozen=True, eq=False)
class Scope:
    """One graph: the main one, a body or a local function. `where` completes a sentence ("" in the main graph)."""

    id: str
    proto: GraphProto | FunctionProto
    node_ids: Sequence[str]
    opsets: dict[str, int]
    parent: Scope | None = None
    where: str = ""
    model: WeightlessModel = field(repr=False, kw_only=True)

    @property
    def nodes(self) -> Sequence[NodeProto]:
        nodes: Sequence[NodeProto] = self.proto.node
        return nodes

    @property
    def is_function(self) -> bool:
        return isinstance(self.proto, FunctionProto)

    @property
    def is_main(self) -> bool:
        return self.parent is None and not self.is_function

    def input_names(self) -> list[str]:
        """Names of the graph's inputs, in order, as often as they occur."""
        return [text(i if isinstance(i, str | bytes) else i.name) for i in self.proto.input]

    def output_names(self) -> list[str]:
        return [text(o if isinstance(o, str | bytes) else o.name) for o in self.proto.output]

    def initializer_names(self) -> list[str]:
        """Dense ones, then sparse ones; a function has none."""
        if isinstance(self.proto, FunctionProto):
            return []
        dense = [text(t.name) for t in self.proto.initializer]
        return dense + [text(s.values.name) for s in self.proto.sparse_initializer]

    def value_ids(self, names: Iterable[str]) -> tuple[str, ...]:
        """Ids of the values with these names, those that have one."""
        found = (self.model.value_id(self.id, name) for name in names if name)
        return tuple(dict.fromkeys(v for v in found if v))

    def node_id(self, index: int) -> str:
        """The id of the node at this place; the graph's where the model knows no better."""
        return self.node_ids[index] if index < len(self.node_ids) else self.id


def scopes(model: WeightlessModel) -> list[Scope]:
    """The main graph, its bodies depth first, then functions with theirs."""
    opsets = opset_versions(model.proto.opset_import)
    if not opsets and model.proto.ir_version < 3:
        opsets = {"": 1}  # before IR 3 a model could not name its opset
    found: list[Scope] = []
    if model.proto.HasField("graph"):
        nodes = model.node_ids.get(MAIN_GRAPH, ())
        _collect(Scope(MAIN_GRAPH, model.proto.graph, nodes, opsets, model=model), found)
    for function in model.proto.functions:
        graph = ids.function_id(text(function.domain), text(function.name), text(function.overload))
        own = {**opsets, **opset_versions(function.opset_import)}
        where = f" in the function {quote(function.name)}"
        _collect(Scope(graph, function, model.node_ids.get(graph, ()), own, None, where, model=model), found)
    return found


def _collect(root: Scope, found: list[Scope]) -> None:
    pending = [root]
    while pending:
        scope = pending.pop()
        found.append(scope)
        inner: list[Scope] = []
        for index, node in enumerate(scope.nodes):
            for attribute in node.attribute:
                if attribute.type in _MAY_HOLD_GRAPHS and (attribute.HasField("g") or attribute.graphs):
                    inner.extend(_bodies(scope, index, node, attribute))
        pending.extend(reversed(inner))


def _bodies(scope: Scope, index: int, node: NodeProto, attribute: AttributeProto) -> Iterator[Scope]:
    model, owner, name = scope.model, scope.node_id(index), text(attribute.name)
    places: list[tuple[int | None, GraphProto]] = [(None, attribute.g)] if attribute.HasField("g") else []
    places += list(enumerate(attribute.graphs))
    for place, graph in places:
        key = name if place is None else f"{name}[{place}]"
        graph_id = model.graph_ids.get((owner, key)) or ids.body_id(owner, name, place)
        where = f" in {quote(key)} of {node_words(node)}"
        yield Scope(graph_id, graph, model.node_ids.get(graph_id, ()), scope.opsets, scope, where, model=model)


def opset_versions(imports: Iterable[Any]) -> dict[str, int]:
    """Version by domain, the standard domain under ''; the first of two entries counts, as in the libraries."""
    found: dict[str, int] = {}
    for entry in imports:
        domain = text(entry.domain)
        found.setdefault("" if domain in STANDARD else domain, entry.version)
    return found


def domain_of(node: NodeProto) -> str:
    """The node's domain, '' for the standard one under either name."""
    domain = text(node.domain)
    return "" if domain in STANDARD else domain


def quote(name: str | bytes) -> str:
    """A name of the model in quotes, printable and short."""
    shown = ids.printable(text(name))
    if len(shown) > _NAME_LIMIT:
        shown = f"{shown[: _NAME_LIMIT // 2]}…{shown[-_NAME_LIMIT // 2 + 1 :]}"
    return f"'{shown}'"


def node_words(node: NodeProto) -> str:
    """A node as people say it: "the Conv node 'conv1'", or by its first output when it has no name."""
    kind = ids.printable(text(node.op_type))[:_NAME_LIMIT]
    kind = f"the {kind} node" if kind else "the node"
    if node.name:
        return f"{kind} {quote(node.name)}"
    made = next((o for o in node.output if o), None)
    return f"{kind} that makes {quote(made)}" if made else f"{kind} without a name"


def listed(names: Sequence[str], limit: int = 3) -> str:
    """Names in quotes, the first few: 'a', 'b', 'c' and 5 more."""
    shown = ", ".join(quote(n) for n in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its word: 1 node, 2 nodes."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
