"""Which operators a model is made of, and how many of each."""

from __future__ import annotations

from collections import Counter

from onnx_scalpel.document import schemas
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.live import LiveGraph
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.inspectors.amounts import plural, table
from onnx_scalpel.inspectors.inspected import Facts, Inspected

_LINES = 20


class OperatorInspector:
    """Counts nodes by operator, bodies and functions included; most frequent first, then in the order they come."""

    name = "operators"
    title = "Operators"

    def inspect(self, model: Inspected) -> Facts:
        _, _, graphs = model.document.tables()
        called = {(g.function.domain, g.name) for g in (live.current() for live in graphs.values()) if g.function}
        counted = Counter((live.node.domain, live.node.op) for live in model.nodes)
        bodies = [graph for graph in graphs.values() if graph.parent is not None]
        return {
            "nodes": len(graphs[MAIN_GRAPH].nodes),
            "total_nodes": len(model.nodes),
            "kinds": len(counted),
            "bodies": sum(_root(body).id == MAIN_GRAPH for body in bodies),
            "function_bodies": sum(_root(body).id != MAIN_GRAPH for body in bodies),
            "depth": max((_depth(body) for body in bodies if _root(body).id == MAIN_GRAPH), default=0),
            "by_operator": [
                {
                    "domain": printable(domain),
                    "op_type": printable(op_type),
                    "family": "custom" if (domain, op_type) in called else schemas.family(domain, op_type),
                    "count": count,
                }
                for (domain, op_type), count in counted.most_common()
            ],
        }

    def tell(self, facts: Facts) -> list[str]:
        if facts["total_nodes"] == 0:
            return ["no nodes"]
        inside = facts["total_nodes"] - facts["nodes"]
        head = f"{plural(facts['total_nodes'], 'node')} of {plural(facts['kinds'], 'kind')}"
        if inside:
            head += f", {inside:,} of them in {plural(facts['bodies'], 'body', 'bodies')} and functions"
        found = facts["by_operator"]
        rows = [[_full_name(one), f"{one['count']:,}", ""] for one in found[:_LINES]]
        more = [f"and {plural(len(found) - _LINES, 'kind')} more"] if len(found) > _LINES else []
        return [head, *table(rows), *more]


def _full_name(operator: Facts) -> str:
    return f"{operator['domain']}.{operator['op_type']}" if operator["domain"] else str(operator["op_type"])


def _root(graph: LiveGraph) -> LiveGraph:
    while graph.parent is not None:
        graph = graph.parent
    return graph


def _depth(graph: LiveGraph) -> int:
    depth = 0
    while graph.parent is not None:
        graph, depth = graph.parent, depth + 1
    return depth
