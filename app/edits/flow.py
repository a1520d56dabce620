"""Where data flows: what lies downstream, where a node may stand, and which declared types an edit makes wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.families import MICROSOFT
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.records import NodeRecord, ValueRecord
from onnx_scalpel.document.schemas import normal_domain

# operators whose first output has the dtype and the shape of their first input, whatever their attributes are
_SAME_TYPE = """
    Abs Acos Acosh Asin Asinh Atan Atanh BatchNormalization BiasGelu BitwiseNot Ceil Celu Clip Cos Cosh CumProd
    CumSum Dropout Elu Erf Exp FastGelu Floor Gelu GroupNormalization HardSigmoid HardSwish Hardmax Identity
    InstanceNormalization LRN LayerNormalization LeakyRelu Log LogSoftmax LpNormalization
    MeanVarianceNormalization Mish Neg PRelu QuickGelu RMSNormalization Reciprocal Relu Round Selu Shrink
    Sigmoid Sign Sin Sinh SkipLayerNormalization Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu
    Trilu
"""
# of these the shape stays, the dtype may not
_SAME_SHAPE = "Bernoulli Cast CastLike DequantizeLinear IsInf IsNaN Not QuantizeLinear"
_KEEPS_TYPE, _KEEPS_SHAPE = frozenset(_SAME_TYPE.split()), frozenset(_SAME_SHAPE.split())


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
    tensor = document.live_value(value_id).tensor
    return [i for i, graph in document.tables()[2].items() if any(t is tensor for t in graph.gs.outputs)]


def downstream(document: Document, value_ids: Iterable[str]) -> Iterator[LiveNode]:
    """The nodes that read the values, directly or not; for a node in a body also the node that holds the body, and for what
    a body hands out the node that holds it.

    Works on live nodes, not records: an edit high up in a large model passes all of it.
    """
    waiting = [document.live_value(value_id).tensor for value_id in value_ids]
    seen: set[str] = set()
    while waiting:
        tensor = waiting.pop()
        owners = (document.graph(graph).owner for graph in graphs_that_output(document, tensor.live.id))
        readers = (*(found.live for found in tensor.outputs), *(document.live_node(owner) for owner in owners if owner))
        for found in readers:
            for reader in (found, *_holders(document, found)):
                if reader.id not in seen:
                    seen.add(reader.id)
                    yield reader
                    waiting.extend(tensor for tensor in reader.node.outputs if tensor.live is not None)


def _holders(document: Document, node: LiveNode) -> Iterator[LiveNode]:
    """The nodes whose bodies this one is in, outwards."""
    graph = node.graph
    while graph.owner and graph.parent is not None:
        yield document.live_node(graph.owner)
        graph = graph.parent


def carries_type(document: Document, value: ValueRecord) -> bool:
    """Whether the graph's own list of inputs or outputs says the type; those of a local function are names only."""
    listed = document.is_input(value.id) or document.is_output(value.id)
    return listed and document.graph(value.graph).function is None


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
    reading = [document.live_node(reader) for reader in readers]
    holders = {holder.id: holder for reader in reading for holder in (reader, *_holders(document, reader))}
    standing = [holder for holder in holders.values() if holder.graph.id == graph_id]
    if standing:
        return document.order_before(min(standing, key=lambda node: node.order).id)
    return document.order_last(graph_id)
