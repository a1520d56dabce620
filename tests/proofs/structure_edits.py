"""Random edits of constants, local functions and bodies, as a careful person would make them."""

from __future__ import annotations

from typing import Any

from onnx_scalpel.document.records import MAIN_GRAPH, NodeRecord, ValueRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.edits.constants import constant_node
from onnx_scalpel.edits.fragment_writing import cut_fragment
from onnx_scalpel.edits.operators import local_function
from tests.proofs.site import FLOATS, Site

EditJson = dict[str, Any]


def constant_to_initializer(site: Site) -> EditJson:
    def fits(node: NodeRecord) -> bool:
        value = node.attributes.get("value")
        return (
            node.op_type == "Constant" and value is not None and not value.ref and not site.is_listed(node.outputs[0])
        )

    node = site.node(lambda n: fits(n) and not _inside_function(site, n.graph))
    return {"values": [node.outputs[0]]}


def _inside_function(site: Site, graph: str) -> bool:
    live = site.document.live_graph(graph)
    while live.parent is not None:
        live = live.parent
    return live.is_function


def initializer_to_constant(site: Site) -> EditJson:
    def fits(value: ValueRecord) -> bool:
        return value.tensor is not None and not site.document.is_input(value.id) and not site.is_listed(value.id)

    return {"values": [site.value(lambda v: fits(v) and site.is_read(v.id)).id]}


def cast_tensor(site: Site) -> EditJson:
    """To a wider type, and back for the readers."""

    def fits(value: ValueRecord) -> bool:
        maker = constant_node(site.document, value)
        dtype = site.type_of(value.id)[0]
        held = value.tensor is not None and not value.tensor.sparse and not site.document.is_input(value.id)
        return (
            (held or (maker is not None and "value" in maker.attributes))
            and dtype in FLOATS
            and not site.is_listed(value.id)
        )

    value = site.value(fits)
    to = site.pick(sorted({"float32", "float64"} - {site.type_of(value.id)[0]}))
    return {"values": [value.id], "to": to, "mismatch": "cast"}


def inline_function(site: Site) -> EditJson:
    node = site.node(lambda n: local_function(site.document, n.domain, n.op_type) is not None)
    return {"node": node.id}


def make_function(site: Site) -> EditJson:
    """Of two nodes that stand next to each other, or of one."""
    node = site.node(lambda n: n.graph == MAIN_GRAPH and not site.document.body_ids(n.id) and bool(n.inputs))
    order = site.document.node_ids(node.graph)
    place = order.index(node.id)
    following = [n for n in order[place + 1 : place + 2] if not site.document.body_ids(n)]
    chosen = [node.id, *following] if site.pick([True, False]) else [node.id]
    return {"nodes": chosen, "name": f"Made{site.random.randrange(1000)}"}


def duplicate_nodes(site: Site) -> EditJson:
    """One node, or several of one graph that read each other."""
    return {"nodes": _several(site)}


def paste_nodes(site: Site) -> EditJson:
    """Nodes of the model, put where they come from: everything that they read is there."""
    nodes = _several(site)
    graph = site.document.node(nodes[0]).graph
    return {"fragment": cut_fragment(site.document, nodes), "graph": graph, "suffix": site.pick(["", "_pasted"])}


def _several(site: Site) -> list[str]:
    node = site.node(lambda n: any(n.outputs))
    readers = [slot.node for output in node.outputs if output for slot in site.document.consumers(output)]
    near = [reader for reader in readers if site.document.node(reader).graph == node.graph]
    return [node.id, *dict.fromkeys(near[: site.random.randrange(3)])]


def extract_body(site: Site) -> EditJson:
    node = site.node(lambda n: n.op_type == "If" and not normal_domain(n.domain))
    return {"node": node.id, "attribute": site.pick(["then_branch", "else_branch"])}
