"""Where data flows: what lies downstream, where a node may stand, and which declared types an edit makes wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.families import MICROSOFT
from onnx_scalpel.document.records import NodeRecord, ValueRecord
from onnx_scalpel.document.schemas import normal_domain, operator
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.scopes import enclosing_graphs, opset_version

# operators whose first output has the dtype and the shape of their first input, whatever their attributes are
_KEEPS_TYPE = frozenset(
    [
        "Abs",
        "Acos",
        "Acosh",
        "Asin",
        "Asinh",
        "Atan",
        "Atanh",
        "BatchNormalization",
        "BitwiseNot",
        "Ceil",
        "Celu",
        "Clip",
        "Cos",
        "Cosh",
        "CumProd",
        "CumSum",
        "Dropout",
        "Elu",
        "Erf",
        "Exp",
        "Floor",
        "Gelu",
        "GroupNormalization",
        "HardSigmoid",
        "HardSwish",
        "Hardmax",
        "Identity",
        "InstanceNormalization",
        "LRN",
        "LayerNormalization",
        "LeakyRelu",
        "Log",
        "LogSoftmax",
        "LpNormalization",
        "MeanVarianceNormalization",
        "Mish",
        "Neg",
        "Not",
        "PRelu",
        "RMSNormalization",
        "Reciprocal",
        "Relu",
        "Round",
        "Selu",
        "Shrink",
        "Sigmoid",
        "Sign",
        "Sin",
        "Sinh",
        "SkipLayerNormalization",
        "Softmax",
        "Softplus",
        "Softsign",
        "Sqrt",
        "Swish",
        "Tan",
        "Tanh",
        "ThresholdedRelu",
        "Trilu",
        "FastGelu",
        "QuickGelu",
        "BiasGelu",
    ]
)
# of these the shape stays, the dtype may not
_KEEPS_SHAPE = frozenset(["Bernoulli", "Cast", "CastLike", "IsInf", "IsNaN", "QuantizeLinear", "DequantizeLinear"])


def keeps_type(node: NodeRecord) -> bool:
    """Whether the first output surely has the dtype and shape of the first input."""
    return normal_domain(node.domain) in ("", MICROSOFT) and node.op_type in _KEEPS_TYPE


def keeps_shape(node: NodeRecord) -> bool:
    """Whether the first output surely has the shape of the first input."""
    return keeps_type(node) or (normal_domain(node.domain) == "" and node.op_type in _KEEPS_SHAPE)


def graphs_that_output(document: Document, value_id: str) -> list[str]:
    """The graphs that list the value as an output: its own, and bodies that hand out what they captured."""
    if not document.live_value(value_id).listed:
        return []
    return [found for found in document.graph_ids() if value_id in document.graph(found).outputs]


def downstream(document: Document, value_ids: Iterable[str], through_unknown: bool = True) -> Iterator[str]:
    """Ids of the nodes that read the values, directly or not; of a node in a body also the node that holds the body.

    `through_unknown` False stops behind operators that have no schema here.
    """
    waiting = list(value_ids)
    seen: set[str] = set()
    while waiting:
        for reader, _ in document.consumers(waiting.pop()):
            for node_id in (reader, *_owners(document, reader)):
                if node_id in seen:
                    continue
                seen.add(node_id)
                yield node_id
                node = document.node(node_id)
                if through_unknown or _is_known(document, node):
                    waiting.extend(output for output in node.outputs if output)


def _owners(document: Document, node_id: str) -> Iterator[str]:
    for graph in enclosing_graphs(document, document.node(node_id).graph):
        if graph.owner:
            yield graph.owner


def _is_known(document: Document, node: NodeRecord) -> bool:
    return operator(node.domain, node.op_type, opset_version(document, node.graph, node.domain)) is not None


def carries_type(document: Document, value: ValueRecord) -> bool:
    """Whether the graph's own list of inputs or outputs says the type; those of a local function are names only."""
    listed = document.is_input(value.id) or document.is_output(value.id)
    return listed and document.graph(value.graph).function is None


def drop_declared_types(tx: Transaction, value_ids: Iterable[str]) -> None:
    """Take away what value_info declares about these values and about all that is computed from them.

    For edits that change the type of a value: what was declared downstream may be wrong now, and nothing is lost, because
    inference finds it again. Where it could not (behind an operator without a schema), and on graph inputs and outputs,
    declarations are the author's and stay.
    """
    touched = list(value_ids)
    for node_id in downstream(tx.document, touched, through_unknown=False):
        node = tx.node(node_id)
        if _is_known(tx.document, node):
            touched.extend(output for output in node.outputs if output)
    for value_id in dict.fromkeys(touched):
        value = tx.value(value_id)
        if value.declared and value.tensor is None and not carries_type(tx.document, value):
            tx.put(replace(value, dtype="", shape=None, type=None, declared=False))


def place_behind(
    document: Document, graph_id: str, value_ids: Iterable[str], readers: Iterable[str]
) -> tuple[int, ...]:
    """The order of a new node that reads the values: right behind the last of their producers.

    Without a producer in the graph (inputs, initializers, captured values) it stands before the first reader.
    """
    producers = [found.node for value_id in value_ids if value_id and (found := document.producer(value_id))]
    makers = [maker for maker in map(document.node, producers) if maker.graph == graph_id]
    if makers:
        return document.order_after(max(makers, key=lambda maker: maker.order).id)
    holders = {holder for reader in readers for holder in (reader, *_owners(document, reader))}
    standing = [node for node in map(document.node, holders) if node.graph == graph_id]
    if standing:
        return document.order_before(min(standing, key=lambda node: node.order).id)
    return document.order_last(graph_id)
