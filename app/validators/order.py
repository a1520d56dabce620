"""Cycles and order: nodes that wait for one another, nodes listed before what they need, functions that call themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from onnx import NodeProto

from onnx_scalpel.document import ids
from onnx_scalpel.document.diagnostic import Diagnostic
from onnx_scalpel.document.protos import text
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.validators.walk import Scope, listed, node_words, quote

_SHOWN = 50  # members of a cycle that are marked


def order_faults(scope: Scope, makers: Mapping[str, Sequence[int]]) -> Iterator[Diagnostic]:
    """A cycle among the graph's nodes (bodies count as part of their node), or else nodes that stand too early."""
    needs = [_needs(node, makers) for node in scope.nodes]
    early = [i for i, needed in enumerate(needs) if any(j >= i for j in needed)]
    if not early:
        return
    cycle = find_cycle(needs)
    if cycle:
        nodes = [scope.nodes[i] for i in cycle]
        if len(cycle) == 1:
            message = f"T{node_words(nodes[0])[1:]} needs its own output{scope.where}"
        else:
            names = [text(n.name) or text(next(iter(n.output), "")) for n in nodes]
            message = f"{len(cycle)} nodes wait for one another in a cycle{scope.where}: {listed(names, 4)}"
        hint = "cut the cycle: connect one of these inputs to another value"
        yield Diagnostic("error", "cycle", message, tuple(scope.node_id(i) for i in cycle[:_SHOWN]), hint)
        return
    subjects = tuple(scope.node_id(i) for i in early[:_SHOWN])
    first = scope.nodes[early[0]]
    rest = f", and so do {len(early) - 1} more" if len(early) > 1 else ""
    words = node_words(first)
    message = f"T{words[1:]} stands before a node whose output it needs{scope.where}{rest}"
    yield Diagnostic("warning", "unsorted-nodes", message, subjects, "sort the nodes: some runtimes refuse this order")


def _needs(node: NodeProto, makers: Mapping[str, Sequence[int]]) -> list[int]:
    found = [makers[n][0] for n in map(text, node.input) if n in makers]
    if not any(a.HasField("g") or a.graphs for a in node.attribute):
        return found
    return found + [makers[n][0] for n in captured(node) if n in makers]


def captured(node: NodeProto) -> set[str]:
    """Names that the bodies of a node take from outside of them."""
    found: set[str] = set()
    pending = [(g, frozenset[str]()) for a in node.attribute for g in ([a.g] if a.HasField("g") else list(a.graphs))]
    while pending:
        graph, hidden = pending.pop()
        own = {text(i.name) for i in graph.input} | {text(t.name) for t in graph.initializer}
        own |= {text(s.values.name) for s in graph.sparse_initializer}
        own |= {text(o) for n in graph.node for o in n.output}
        inside = hidden | own
        found |= {text(o.name) for o in graph.output} - inside
        for inner in graph.node:
            found |= {text(i) for i in inner.input} - inside
            for a in inner.attribute:
                pending.extend((g, inside) for g in ([a.g] if a.HasField("g") else list(a.graphs)))
    found.discard("")
    return found


def find_cycle(needs: Sequence[Sequence[int]]) -> list[int]:
    """The indices along one cycle, from the lowest on; empty when there is none. Iterative: chains may be long."""
    state = [0] * len(needs)  # 0 unseen, 1 on the path, 2 done
    for root in range(len(needs)):
        if state[root]:
            continue
        path, iterators = [root], [iter(needs[root])]
        state[root] = 1
        while path:
            following = next(iterators[-1], None)
            if following is None:
                state[path.pop()] = 2
                iterators.pop()
            elif state[following] == 1:
                cycle = path[path.index(following) :][::-1]
                start = cycle.index(min(cycle))
                return cycle[start:] + cycle[:start]
            elif state[following] == 0:
                state[following] = 1
                path.append(following)
                iterators.append(iter(needs[following]))
    return []


def recursive_functions(model: WeightlessModel) -> Iterator[Diagnostic]:
    """Local functions that call themselves, directly or in a round, which ONNX forbids; and ones defined twice."""
    keys: dict[tuple[str, str, str], int] = {}
    for index, function in enumerate(model.proto.functions):
        key = (text(function.domain), text(function.name), text(function.overload))
        if key in keys:
            message = f"The function {quote(function.name)} of {quote(function.domain)} is defined twice"
            yield Diagnostic("error", "duplicate-function", message, (ids.function_id(*key),), "remove one of them")
        keys.setdefault(key, index)
    calls = [[keys[k] for k in dict.fromkeys(_called(f.node)) if k in keys] for f in model.proto.functions]
    cycle = find_cycle(calls)
    if cycle:
        functions = [model.proto.functions[i] for i in cycle]
        subjects = tuple(ids.function_id(text(f.domain), text(f.name), text(f.overload)) for f in functions[:_SHOWN])
        if len(functions) == 1:
            message = f"The function {quote(functions[0].name)} calls itself, which ONNX does not allow"
        else:
            message = (
                f"{len(functions)} functions call one another in a round: {listed([text(f.name) for f in functions])}"
            )
        hint = "a function must end without itself: write a Loop, or inline it by hand"
        yield Diagnostic("error", "recursive-function", message, subjects, hint)


def _called(nodes: Sequence[NodeProto]) -> Iterator[tuple[str, str, str]]:
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield text(node.domain), text(node.op_type), text(node.overload)
        for attribute in node.attribute:
            for graph in [attribute.g] if attribute.HasField("g") else list(attribute.graphs):
                pending.extend(graph.node)
