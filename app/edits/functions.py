"""Local functions: which one a node calls, whether its nodes mean the same elsewhere, and taking one away."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import text
from onnx_scalpel.document.records import GraphRecord, NodeRecord
from onnx_scalpel.document.schemas import OperatorSchema, normal_domain, operator
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.constants import PLAIN_INITIALIZERS
from onnx_scalpel.edits.operators import import_domain, local_function
from onnx_scalpel.edits.scopes import opset_imports, shown
from onnx_scalpel.errors import EditRejected

FUNCTIONS_SINCE = 8  # IR version
DECLARATIONS_SINCE = 10  # IR version in which functions may declare types
_GROWN = (
    "Cast",
    "CastLike",
    "Reshape",
    "Shape",
)  # newer versions have more attributes, which by default change nothing
_REDEFINED = ("AveragePool", "Resize", "RoiAlign")  # versions that look alike but compute borders otherwise


def function_called_by(document: Document, node: NodeRecord) -> GraphRecord | None:
    """The local function that a node calls, its overload included; None when it calls none."""
    return local_function(document, node.domain, node.op_type, node.overload)


def is_called(document: Document, function: GraphRecord) -> bool:
    """Whether any node calls the function, or the training graphs, which are not edited here, name it."""
    facts = function.function
    if facts is None:
        return False
    key = (normal_domain(facts.domain), function.name)
    nodes, _, _ = document.tables()
    named = (n for n in nodes.values() if (normal_domain(n.node.domain or ""), n.node.op) == key)
    if any(live.current().overload == facts.overload for live in named):
        return True
    trained = (node for info in document.file.proto.training_info for node in info.algorithm.node)
    return any((normal_domain(text(node.domain)), text(node.op_type)) == key for node in trained)


def allow_functions(tx: Transaction) -> int:
    """Set the IR version to one that has functions; that version, 0 when the model's has them already."""
    model = tx.model()
    if model.ir_version >= FUNCTIONS_SINCE:
        return 0
    if model.ir_version < PLAIN_INITIALIZERS:
        raise EditRejected(
            f"functions need IR version {FUNCTIONS_SINCE}, and this model is of {model.ir_version}, "
            "in which inputs mean something else",
            hint=f"set the IR version to {FUNCTIONS_SINCE} first",
        )
    tx.put(replace(model, ir_version=FUNCTIONS_SINCE))
    return FUNCTIONS_SINCE


def import_what_is_needed(tx: Transaction, nodes: Iterable[NodeRecord], function: GraphRecord, graph_id: str) -> None:
    """Import the domains that nodes of a function use where they are to stand.

    Raises EditRejected when the versions that both import differ and an operator means something else in the other one.
    """
    document = tx.document
    facts = function.function
    own = {normal_domain(domain): version for domain, version in (facts.opset_imports if facts else ())}
    there = {normal_domain(domain): version for domain, version in opset_imports(document, graph_id).items()}
    for node in nodes:
        domain = normal_domain(node.domain)
        version = own.get(domain)
        if version is None:
            continue  # faulty: the function does not say what it means
        if domain not in there:
            import_domain(tx, graph_id, node.domain, version)
            there[domain] = version
        elif there[domain] != version and function_called_by(document, node) is None:
            _refuse_other_meaning(node, function, version, there[domain])


def _refuse_other_meaning(node: NodeRecord, function: GraphRecord, version: int, there: int) -> None:
    if means_the_same(node, version, there):
        return
    one, other = (operator(node.domain, node.op_type, v) for v in (version, there))
    domain = normal_domain(node.domain) or "ai.onnx"
    why = "lacks it" if one is not None and other is None else "defines it otherwise"
    if one is None:
        why = "may define it otherwise"
    raise EditRejected(
        f"{shown(node.op_type)} in {shown(function.name)} is of {shown(domain)} {version}, and opset {there}, "
        f"which stands where it is called, {why}",
        subjects=(node.id, function.id),
        hint="make both import the same version first",
    )


def means_the_same(node: NodeRecord, version: int, there: int) -> bool:
    """Whether a node of one version of its domain may stand where another version is imported."""
    one, other = (operator(node.domain, node.op_type, v) for v in (version, there))
    return one is not None and other is not None and _means_the_same(one, other)


def _means_the_same(one: OperatorSchema, other: OperatorSchema) -> bool:
    """Whether a node of one version of an operator may be of the other one: they are the same, or the other is newer and takes
    more types at the same slots, with the same attributes and defaults."""
    if one.since == other.since:
        return True
    return one.since < other.since and one.op_type not in _REDEFINED and _signature(one) == _signature(other)


def _signature(schema: OperatorSchema) -> object:
    said = () if schema.op_type in _GROWN else schema.attributes
    attributes = sorted((a.name, a.type, a.required, repr(a.default)) for a in said)
    slots = [[(slot.optional, slot.variadic) for slot in side] for side in (schema.inputs, schema.outputs)]
    return attributes, slots, schema.deprecated
