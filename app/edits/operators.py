"""A new node's operator: whether it exists, what it needs, its attributes from literals, and the import of its domain."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import DTYPE_NUMBERS, text
from onnx_scalpel.document.records import Attribute, GraphRecord, NodeRecord
from onnx_scalpel.document.schemas import (
    STANDARD_DOMAINS,
    OperatorSchema,
    Slot,
    normal_domain,
    operator,
    operator_names,
)
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import wrong_parameters
from onnx_scalpel.edits.literals import SETTABLE, WrongLiteralError, attribute_from_literal, type_of_literal
from onnx_scalpel.edits.scopes import enclosing_graphs, opset_version, shown
from onnx_scalpel.edits.slot_types import slot_of
from onnx_scalpel.errors import EditRejected

MOST_OUTPUTS = 1024  # that a node may be given
OpsetImports = tuple[tuple[str, int], ...]

_TELLING = 4  # characters of a beginning that says which operator is meant


def checked_operator(document: Document, graph_id: str, domain: str, op_type: str) -> OperatorSchema | None:
    """The schema that a new node has to follow; None for custom operators and local functions.

    Raises EditRejected when a standard domain has no such operator in the opset that is imported.
    """
    version = opset_version(document, graph_id, domain)
    schema = operator(domain, op_type, version)
    if schema is not None and schema.deprecated:
        raise _no_such_operator(f"{op_type} is deprecated in opset {version}", "choose what took its place")
    if schema is not None:
        _refuse_two_versions(document, graph_id, domain, schema)
    if schema is not None or normal_domain(domain) not in STANDARD_DOMAINS or local_function(document, domain, op_type):
        return schema
    newest = operator(domain, op_type)
    shown_domain = domain or "ai.onnx"
    if newest is not None:
        hint = f"convert the model to opset {newest.since} first"
        raise _no_such_operator(f"{op_type} is not in opset {version} of {shown_domain}", hint)
    near = _near(op_type, operator_names(domain))
    hint = f"did you mean {near}?" if near else "a custom operator needs a domain of its own"
    raise _no_such_operator(f"{shown_domain} has no operator {shown(op_type)}", hint)


def _refuse_two_versions(document: Document, graph_id: str, domain: str, schema: OperatorSchema) -> None:
    """EditRejected inside a local function whose opset has another version of the operator than the model's: ONNX forbids it."""
    *_, outermost = enclosing_graphs(document, graph_id)
    if outermost.function is None:
        return
    version = opset_version(document, document.main.id, domain)
    models = operator(domain, schema.op_type, version) if version is not None else None
    if models is not None and models.since != schema.since:
        own = opset_version(document, graph_id, domain)
        message = (
            f"{schema.op_type} is another one in opset {own} of this function than in opset {version} of the model"
        )
        raise _no_such_operator(
            message, "ONNX allows only operators that are the same in both; inline the function first"
        )


def _no_such_operator(message: str, hint: str) -> EditRejected:
    """Said at the field of the operator, too."""
    return EditRejected(message, hint=hint, fields={"op_type": f"{message}; {hint}"})


def _near(op_type: str, names: Iterable[str]) -> str:
    """The operator that was probably meant: written otherwise, begun, or misspelled a little; '' when none is near."""
    typed = op_type.lower()
    known = {name.lower(): name for name in names}
    if typed in known:
        return known[typed]
    begun = [name for name in known if len(typed) >= _TELLING and name.startswith(typed)]
    near = begun or difflib.get_close_matches(typed, known, n=1, cutoff=0.75)
    return known[min(near, key=len)] if near else ""


def local_function(document: Document, domain: str, op_type: str, overload: str | None = None) -> GraphRecord | None:
    """The model's own function of this name and overload; None for an overload: the first of them, the one without before others."""
    graphs = document.tables()[2].values()
    named = (live.current() for live in graphs if live.is_function and live.gs.name == op_type)
    found = [
        g
        for g in named
        if g.function
        and normal_domain(g.function.domain) == normal_domain(domain)
        and overload in (None, g.function.overload)
    ]
    return min(found, key=lambda graph: graph.function.overload if graph.function else "", default=None)


def slots_of(
    document: Document, graph_id: str, domain: str, op_type: str, overload: str | None = None
) -> OperatorSchema | None:
    """The operator as a node of this graph has it; a local function as an operator with its inputs, outputs and nothing more."""
    function = local_function(document, domain, op_type, overload)
    if function is None:
        return operator(domain, op_type, opset_version(document, graph_id, domain))
    inputs = tuple(Slot(document.value(v).name, optional=True) for v in function.inputs)
    outputs = tuple(Slot(document.value(v).name) for v in function.outputs)
    return OperatorSchema(op_type, domain, 1, inputs=inputs, outputs=outputs)


def input_label(document: Document, node: NodeRecord, place: int) -> str:
    """An input slot in words: by its schema's name, else by its number from 1."""
    schema = slots_of(document, node.graph, node.domain, node.op_type, node.overload)
    slot = slot_of(schema.inputs, place) if schema is not None else None
    return f"input {shown(slot.name)}" if slot is not None and not slot.variadic else f"input {place + 1}"


def check_inputs(schema: OperatorSchema | None, inputs: Sequence[str]) -> str:
    """What is wrong with these inputs ('' is an empty slot), as a line for a field; '' when nothing is."""
    if schema is None:
        return ""
    slots = schema.inputs
    if not slots:
        return f"{schema.op_type} takes no input"
    variadic = slots[-1].variadic
    if len(inputs) > len(slots) and not variadic:
        return f"{schema.op_type} takes at most {len(slots)} inputs, with the value"
    missing = [
        slot.name
        for place, slot in enumerate(slots)
        if not (slot.optional or slot.variadic) and not (place < len(inputs) and inputs[place])
    ]
    return f"{schema.op_type} also needs {', '.join(missing)}" if missing else ""


def required_outputs(schema: OperatorSchema | None) -> tuple[str, ...]:
    """Names of the outputs that a node must have, the first one left out."""
    return () if schema is None else tuple(s.name for s in schema.outputs[1:] if not (s.optional or s.variadic))


def output_count(schema: OperatorSchema | None, attributes: Mapping[str, Attribute]) -> tuple[int, int | None]:
    """How many outputs a node has at least, and at most (None: any number)."""
    if schema is None:
        return 1, None
    needed = [place + 1 for place, slot in enumerate(schema.outputs) if not slot.optional]
    least = max(needed, default=min(1, len(schema.outputs)))
    if not schema.outputs or not schema.outputs[-1].variadic:
        return least, len(schema.outputs)
    said = attributes.get("num_outputs")
    return (said.value if said and isinstance(said.value, int) and 0 < said.value <= MOST_OUTPUTS else least), None


def refuse_recursion(document: Document, graph_id: str, function: GraphRecord | None) -> None:
    """EditRejected when a call of the function, in this graph, would make a function call itself."""
    if function is None:
        return
    *_, outermost = enclosing_graphs(document, graph_id)
    calls = {function.id}
    waiting = [function.id]
    while waiting:
        called = waiting.pop()
        if called == outermost.id:
            name = shown(function.name)
            raise EditRejected(
                f"{name} would call itself here", subjects=(outermost.id,), hint="choose another operator"
            )
        for node_id in document.node_ids(called):
            live = document.live_node(node_id)
            node = live.current()
            inner = local_function(document, node.domain, node.op_type, node.overload)
            found = [*document.body_ids(node_id), *([inner.id] if inner is not None else [])]
            waiting += [graph for graph in found if graph not in calls]
            calls.update(found)


def certain_dtype(schema: OperatorSchema | None) -> str:
    """The dtype of the first output when the operator allows only one; '' otherwise."""
    if schema is None or not schema.outputs or len(schema.outputs[0].types) != 1:
        return ""
    word = schema.outputs[0].types[0].removeprefix("tensor(").removesuffix(")")
    word = {"float": "float32", "double": "float64"}.get(word, word)
    return word if word in DTYPE_NUMBERS else ""


def attributes_of(
    schema: OperatorSchema | None, literals: Mapping[str, Any], kind: str, kept: Container[str] = ()
) -> dict[str, Attribute]:
    """The attributes that these literals say, and none that the operator needs missing, beside those `kept`; `kind` is the edit's."""
    wrong: list[str] = []
    attributes: dict[str, Attribute] = {}
    for name, literal in literals.items():
        try:
            attributes[name] = _attribute(schema, name, literal)
        except WrongLiteralError as error:
            wrong.append(f"{shown(name)} {error}")
    if schema is not None:
        wrong += [
            f"{a.name} is needed"
            for a in schema.attributes
            if a.required and a.name not in literals and a.name not in kept
        ]
    if wrong:
        raise wrong_parameters({"attributes": "; ".join(wrong)}, kind)
    return attributes


def _attribute(schema: OperatorSchema | None, name: str, literal: Any) -> Attribute:
    said = ""
    if isinstance(literal, Mapping) and set(literal) == {"type", "value"}:
        said, literal = str(literal["type"]), literal["value"]
        if said not in SETTABLE:
            raise WrongLiteralError(f"has no type {shown(said)}; known: {', '.join(SETTABLE)}")
    known = schema.attribute(name) if schema is not None else None
    if known is None:
        if schema is not None and not said:
            raise WrongLiteralError(
                f"is no attribute of {schema.op_type}; write {{type, value}} to add it all the same"
            )
        said = said or type_of_literal(literal)
        if not said:
            raise WrongLiteralError("has no type that can be seen; write {type, value}")
    elif said and said != known.type:
        raise WrongLiteralError(f"must be of type {known.type}")
    return attribute_from_literal(known.type if known else said, literal)


def missing_import(document: Document, graph_id: str, domain: str, op_type: str) -> int | None:
    """The version to import of a domain that the graph does not import yet: the one its operator came with, or 1."""
    if opset_version(document, graph_id, domain) is not None:
        return None
    schema = operator(domain, op_type)
    return 1 if schema is None else schema.since


def import_domain(tx: Transaction, graph_id: str, domain: str, version: int) -> None:
    """Import the domain where the graph's operators come from; inside a local function in the function and the model."""
    model = tx.model()
    if all(normal_domain(found) != normal_domain(domain) for found, _ in model.opset_imports):
        tx.put(replace(model, opset_imports=(*model.opset_imports, (domain, version))))
    outermost: GraphRecord = list(enclosing_graphs(tx.document, graph_id))[-1]
    function = outermost.function
    if function is not None and opset_version(tx.document, graph_id, domain) is None:
        imports = (*function.opset_imports, (domain, version))
        tx.put(replace(outermost, function=replace(function, opset_imports=imports)))


def drop_unneeded_imports(tx: Transaction, nodes: Iterable[NodeRecord]) -> None:
    """After these nodes were removed: an import that the file does not have goes with the last node that needed it."""
    document = tx.document
    for graph_id, domain in dict.fromkeys((node.graph, node.domain) for node in nodes):
        if not document.has("graph", graph_id):
            continue  # it was a body of one of them
        model = tx.model()
        *_, outermost = enclosing_graphs(document, graph_id)
        function, opened = outermost.function, document.live_graph(outermost.id).first
        if function is not None and opened is not None and opened.function is not None:
            kept = _needed(function.opset_imports, opened.function.opset_imports, domain)
            if kept != function.opset_imports and not _speaks(document, domain, outermost.id):
                tx.put(replace(outermost, function=replace(function, opset_imports=kept)))
        kept = _needed(model.opset_imports, document.first_model().opset_imports, domain)
        if kept != model.opset_imports and not _speaks(document, domain):
            tx.put(replace(model, opset_imports=kept))


def _needed(imports: OpsetImports, opened: OpsetImports, domain: str) -> OpsetImports:
    """The imports without this domain, unless the file has it."""
    if any(normal_domain(found) == normal_domain(domain) for found, _ in opened):
        return imports
    return tuple(entry for entry in imports if normal_domain(entry[0]) != normal_domain(domain))


def _speaks(document: Document, domain: str, function: str = "") -> bool:
    """Whether an edit made a node or a local function of the domain; `function`: only its own nodes count."""
    nodes, _, graphs = document.tables()
    made = (live for live in nodes.values() if live.origin is None or text(live.origin.domain) != live.node.domain)
    using = [live for live in made if normal_domain(live.node.domain or "") == normal_domain(domain)]
    if function:
        return any(list(enclosing_graphs(document, live.graph.id))[-1].id == function for live in using)
    functions = (live.gs.domain or "" for live in graphs.values() if live.is_function and live.proto is None)
    return bool(using) or any(normal_domain(found) == normal_domain(domain) for found in functions)
