"""Domains beyond the standard one, and operators that nothing here knows."""

from __future__ import annotations

from onnx_scalpel.document import schemas
from onnx_scalpel.document.families import LAYOUT_DOMAINS, MICROSOFT
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.inspectors.amounts import plural, some
from onnx_scalpel.inspectors.inspected import Facts, Inspected

SUBJECTS_SHOWN = 20


class DomainInspector:
    """Sorts the domains that are imported or used: standard, ONNX Runtime's, the model's own functions, and custom ones."""

    name = "domains"
    title = "Domains"

    def inspect(self, model: Inspected) -> Facts:
        graphs = [live.current() for live in model.document.tables()[2].values() if live.is_function]
        called = {(g.function.domain, g.name): g for g in graphs if g.function}
        known = _Imports(model)
        imports = known.model
        used: dict[str, int] = {}
        unknown: dict[tuple[str, str], list[LiveNode]] = {}
        for node in model.nodes:
            domain = schemas.normal_domain(node.node.domain)
            used[domain] = used.get(domain, 0) + 1
            if (node.node.domain, node.node.op) not in called and not known.knows(node):
                unknown.setdefault((domain, node.node.op), []).append(node)
        listed = dict.fromkeys([*imports, *used])
        functions = {domain for domain, _ in called}
        return {
            "domains": [
                {
                    "domain": printable(domain),
                    "version": imports.get(domain),
                    "nodes": used.get(domain, 0),
                    "kind": _kind(domain, functions),
                }
                for domain in listed
            ],
            "unknown": [
                {
                    "domain": printable(domain),
                    "op_type": printable(op_type),
                    "count": len(nodes),
                    "nodes": [node.id for node in nodes[:SUBJECTS_SHOWN]],
                    "why": _why(domain, imports),
                }
                for (domain, op_type), nodes in unknown.items()
            ],
        }

    def tell(self, facts: Facts) -> list[str]:
        custom = [one for one in facts["domains"] if one["kind"] != "standard" and one["nodes"]]
        lines = [f"{one['domain']} ({one['kind']}): {plural(one['nodes'], 'node')}" for one in custom]
        if facts["unknown"]:
            names = [f"{one['domain']}.{one['op_type']}".strip(".") for one in facts["unknown"]]
            lines.append(f"unknown here: {some(names)}")
        return lines


class _Imports:
    """Which version of a domain holds where: a function has its own imports, and its bodies share them."""

    def __init__(self, model: Inspected) -> None:
        self.model = _versions(model.document.model().opset_imports)
        functions = (live.current() for live in model.document.tables()[2].values() if live.is_function)
        self._functions = {g.id: _versions(g.function.opset_imports) for g in functions if g.function}

    def knows(self, node: LiveNode) -> bool:
        graph = node.graph
        while graph.parent is not None:
            graph = graph.parent
        domain, op_type = node.node.domain, node.node.op
        version = self._functions.get(graph.id, self.model).get(schemas.normal_domain(domain))
        return schemas.operator(domain, op_type, version) is not None


def _versions(imports: tuple[tuple[str, int], ...]) -> dict[str, int]:
    return {schemas.normal_domain(domain): version for domain, version in imports}


def _kind(domain: str, functions: set[str]) -> str:
    if domain in functions:
        return "functions of this model"
    if domain in schemas.STANDARD_DOMAINS:
        return "standard"
    if domain == MICROSOFT or domain in LAYOUT_DOMAINS or domain.startswith("com.microsoft."):
        return "ONNX Runtime"
    return "custom"


def _why(domain: str, imports: dict[str, int]) -> str:
    if domain not in imports:
        return "its domain is not imported"
    if domain in schemas.STANDARD_DOMAINS:
        return f"opset {imports[domain]} has no such operator"
    return "no schema of it is known here; it needs a runtime that has it"
