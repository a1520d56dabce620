"""Takes over what a library made of the model: the difference as writes, in which whatever survived stays what it was."""

from __future__ import annotations

from collections import ChainMap
from pathlib import Path

from msgspec.structs import replace
from onnx import ModelProto

from onnx_scalpel.document.protos import text
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.transforms.graph_takeover import Effect, GraphTakeover
from onnx_scalpel.transforms.preparing import nodes_in


def take_over(tx: Transaction, proto: ModelProto, folder: Path, drop_defaults: bool = False) -> Effect:
    """Make the model what `proto` says; its external data is in `folder`. EditRejected when inputs or outputs got lost.
    `drop_defaults`: inputs with a default value go when nothing reads them any more.

    Nodes keep their ids, names, documentation, metadata and places as long as their operator stays and their first output,
    their name or what they read first; inputs, outputs and declared types stay; inferred types are not taken over, local
    functions only dropped when nothing calls them any more.
    """
    old = tx.model().ir_version < 4  # then every initializer had to be an input, and is none that anybody feeds
    graphs = GraphTakeover(tx, proto.graph, folder, old or drop_defaults)
    _import_domains(tx, proto)
    graphs.take(MAIN_GRAPH, proto.graph, ChainMap())
    _allow_loose_initializers(tx)
    while _drop_functions(tx, graphs, proto):
        pass  # one that is gone may have been the only caller of another
    return graphs.effect


def _import_domains(tx: Transaction, proto: ModelProto) -> None:
    """The versions that the nodes are of now; a domain that nothing uses is not added."""
    model = tx.model()
    used = {normal_domain(text(node.domain)) for node in nodes_in(proto.graph)}
    wanted = {normal_domain(text(o.domain)): o.version for o in proto.opset_import}
    imports = [(d, wanted.get(normal_domain(d), v)) for d, v in model.opset_imports]
    known = {normal_domain(domain) for domain, _ in imports}
    imports += [(domain, wanted[domain]) for domain in sorted(used & wanted.keys() - known)]
    if tuple(imports) != model.opset_imports:
        tx.put(replace(model, opset_imports=tuple(imports)))


def _allow_loose_initializers(tx: Transaction) -> None:
    """Initializers that are no inputs need IR version 4."""
    model, listed = tx.model(), tx.graph(MAIN_GRAPH).inputs
    values = (tx.value(value_id) for value_id in tx.document.value_ids(MAIN_GRAPH))
    if model.ir_version < 4 and any(value.tensor is not None and value.id not in listed for value in values):
        tx.put(replace(model, ir_version=4))


def _drop_functions(tx: Transaction, graphs: GraphTakeover, proto: ModelProto) -> bool:
    """Drop local functions that the result lacks and nothing calls; whether there were any."""
    document, dropped = tx.document, False
    kept = {(text(f.domain), text(f.name), text(f.overload)) for f in proto.functions}
    for graph_id in document.graph_ids():
        graph = document.graph(graph_id)
        if graph.function is None or (graph.function.domain, graph.name, graph.function.overload) in kept:
            continue
        nodes, _, _ = document.tables()
        if any((n.node.domain or "", n.node.op) == (graph.function.domain, graph.name) for n in nodes.values()):
            continue
        for node_id in document.node_ids(graph_id):
            graphs.remove(node_id)
        values = document.value_ids(graph_id)
        tx.drop("graph", graph_id)
        for value_id in values:
            tx.drop("value", value_id)
        dropped = True
    return dropped
