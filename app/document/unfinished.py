"""Unfinished nodes made fit for inference: the library gives up on the whole model at the first one that lacks an input."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

import onnx.defs
from onnx import GraphProto, ModelProto, NodeProto

from onnx_scalpel.document.operator_schema import normal_domain
from onnx_scalpel.document.protos import text


def finish(proto: ModelProto, graphs: Iterable[GraphProto]) -> None:
    """Gives nodes the inputs that their operators need at least, as empty ones, and imports the domains that nodes are of."""
    imports = {normal_domain(text(one.domain)): one.version for one in proto.opset_import}
    for graph in graphs:
        _fill(graph.node, imports)
    for function in proto.functions:
        own = {normal_domain(text(one.domain)): one.version for one in function.opset_import}
        _fill(function.node, own or imports)
    used = {text(node.domain) for graph in (proto.graph, *proto.functions) for node in graph.node}
    for domain in sorted(used):
        if normal_domain(domain) not in imports:
            proto.opset_import.add(domain=domain, version=1)


def _fill(nodes: Iterable[NodeProto], imports: Mapping[str, int]) -> None:
    for node in nodes:
        domain = normal_domain(text(node.domain))
        missing = _least_inputs(text(node.op_type), imports.get(domain), domain) - len(node.input)
        if missing > 0:
            node.input.extend([""] * missing)


@functools.lru_cache(maxsize=4096)
def _least_inputs(op_type: str, version: int | None, domain: str) -> int:
    """0 for an operator that is not known, or whose name is no text."""
    try:
        return int(onnx.defs.get_schema(op_type, version or 1, domain).min_input)
    except (onnx.defs.SchemaError, TypeError):
        return 0
