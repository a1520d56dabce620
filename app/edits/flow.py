"""Where data flows: what lies downstream, where a node may stand, and which declared types an edit makes wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.families import MICROSOFT
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.records import NodeRecord, ValueRecord
from onnx_scalpel.document.schemas import normal_domain, operator
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.scopes import opset_version

# operators whose first output has the dtype and the shape of their first input, whatever their attributes are
_SAME_TYPE = """
    Abs Acos Acosh Asin Asinh Atan Atanh BatchNormalization BiasGelu BitwiseNot Ceil Celu Clip Cos Cosh CumProd
    CumSum Dropout Elu Erf Exp FastGelu Floor Gelu GroupNormalization HardSigmoid HardSwish Hardmax Identity
    InstanceNormalization LRN LayerNormalization LeakyRelu Log LogSoftmax LpNormalization
    MeanVarianceNormalization Mish Neg Not PRelu QuickGelu RMSNormalization Reciprocal Relu Round Selu Shrink
    Sigmoid Sign Sin Sinh SkipLayerNormalization Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu
    Trilu
"""
# of these the shape stays, the dtype may not
_SAME_SHAPE = "Bernoulli Cast CastLike DequantizeLinear IsInf IsNaN QuantizeLinear"
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
    return [found for found in document.graph_ids() if value_id in document.graph(found).outputs]


def downstream(document: Document, value_ids: Iterable[str], through_unknown: bool = True) -> Iterator[LiveNode]:
    """The nodes that read the values, directly or not; for a node in a body also the node that holds the body.

    `through_unknown` False stops at operators that have no schema here. Works on live nodes, not records: an edit high up
    in a large model passes all of it.
    """
    waiting = [document.live_value(value_id).tensor for value_id in value_ids]
    seen: set[str] = set()
    known: dict[tuple[str, str, str], bool] = {}
    while waiting:
        for found in waiting.pop().outputs:
            for reader in (found.live, *_holders(document, found.live)):
                if reader.id in seen:
                    continue
                seen.add(reader.id)
                key = (reader.graph.id, reader.node.domain or "", reader.node.op)
                if not through_unknown and key not in known:
                    version = opset_version(document, key[0], key[1])
                    known[key] = operator(key[1], key[2], version) is not None
                if through_unknown or known[key]:
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


def _may_be_silent(document: Document, value: ValueRecord) -> bool:
    """Whether a model may leave the type of the value to inference."""
    if not carries_type(document, value):
        return True
    return document.live_graph(value.graph).owner != "" and not document.is_input(value.id)


def drop_declared_types(tx: Transaction, value_ids: Iterable[str]) -> None:
    """Take away what value_info declares about these values and about all that is computed from them.

    For edits that change the type of a value: what was declared downstream may be wrong now, and nothing is lost, because
    inference finds it again. Where it could not (behind an operator without a schema), and on graph inputs and outputs,
    declarations are the author's and stay; those of a body's outputs go, because they are believed against what is computed.
    """
    document = tx.document
    _, values, _ = document.tables()
    declared = {
        id_ for id_, live in values.items() if (live.record or live).declared or (live.listed and live.graph.owner)
    }
    if not declared:
        return
    first = list(value_ids)
    behind = (t.live.id for node in downstream(document, first, False) for t in node.node.outputs if t.live is not None)
    for value_id in dict.fromkeys((*first, *behind)):
        value = tx.value(value_id) if value_id in declared else None
        if value is not None and value.tensor is None and _may_be_silent(document, value):
            documented = bool(value.doc or value.metadata)  # which has no other place
            tx.put(replace(value, dtype="", shape=None, type=None, declared=documented))


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
