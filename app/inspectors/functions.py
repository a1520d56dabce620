"""The model's own functions: operators that it defines by other operators."""

from __future__ import annotations

from collections import Counter

from onnx_scalpel.document.ids import printable
from onnx_scalpel.inspectors.amounts import plural, table
from onnx_scalpel.inspectors.inspected import Facts, Inspected

FUNCTIONS_SHOWN = 500
_LINES = 12


class FunctionInspector:
    """Lists local functions, most used first: their nodes, slots, and how often they are called."""

    name = "functions"
    title = "Local functions"

    def inspect(self, model: Inspected) -> Facts:
        calls = Counter((live.node.domain, live.node.op) for live in model.nodes)
        found = []
        for live in model.document.tables()[2].values():
            if not live.is_function:
                continue
            record = live.current()
            assert record.function is not None
            found.append(
                {
                    "graph": record.id,
                    "domain": printable(record.function.domain),
                    "name": printable(record.name),
                    "overload": printable(record.function.overload),
                    "nodes": len(live.nodes),
                    "inputs": len(record.inputs),
                    "outputs": len(record.outputs),
                    "calls": calls[record.function.domain, record.name],
                }
            )
        found.sort(key=lambda one: -int(str(one["calls"])))
        return {"count": len(found), "functions": found[:FUNCTIONS_SHOWN]}

    def tell(self, facts: Facts) -> list[str]:
        shown = facts["functions"][:_LINES]
        rows = [
            [f"{one['domain']}.{one['name']}", plural(one["nodes"], "node"), plural(one["calls"], "call"), ""]
            for one in shown
        ]
        more = [f"and {plural(facts['count'] - _LINES, 'function')} more"] if facts["count"] > _LINES else []
        return [*table(rows), *more]
