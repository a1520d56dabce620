"""Nodes against their operators' schemas: unknown operators, slots that are missing or too many, attributes that do not fit."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import onnx.defs
from onnx import AttributeProto, NodeProto

from onnx_scalpel.document import ids, ort, schemas
from onnx_scalpel.document.diagnostic import Diagnostic
from onnx_scalpel.document.protos import ATTRIBUTE_TYPES, VALUE_FIELDS, text
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.validators.walk import Scope, domain_of, node_words, plural, quote, scopes

_STANDARD_DOMAINS = {"", "ai.onnx.ml", "ai.onnx.preview.training", "ai.onnx.preview"}


class OperatorValidator:
    """Checks each node against what its operator's schema says."""

    name = "operators"
    title = "Operators"

    def validate(self, model: WeightlessModel) -> list[Diagnostic]:
        """Every finding; operators that nobody here knows are told once each, as information."""
        functions = {(domain_of_function(f.domain), text(f.name)): f for f in model.proto.functions}
        found: list[Diagnostic] = []
        custom: dict[tuple[str, str], list[str]] = {}
        missing: dict[str, list[str]] = {}
        for scope in scopes(model):
            for index, node in enumerate(scope.nodes):
                domain = domain_of(node)
                if domain not in scope.opsets and model.proto.opset_import:
                    missing.setdefault(domain, []).append(scope.node_id(index))
                found.extend(_attribute_faults(scope, index, node))
                function = functions.get((domain, text(node.op_type)))
                if function is not None:
                    found.extend(_call_faults(scope, index, node, len(function.input), len(function.output)))
                elif not node.op_type:
                    message = f"{_capital(node_words(node))} has no operator (its op_type is empty){scope.where}"
                    hint = "replace it by the node it should be, or remove it"
                    found.append(Diagnostic("error", "missing-op-type", message, (scope.node_id(index),), hint))
                else:
                    found.extend(_node_faults(scope, index, node, custom))
        found.extend(_missing_imports(missing))
        found.extend(_custom_operators(custom))
        return found


def domain_of_function(domain: str | bytes) -> str:
    """A function's domain as its callers name it."""
    return schemas.normal_domain(text(domain))


@functools.lru_cache(maxsize=4096)
def _schema(op_type: str, domain: str, version: int) -> Any:
    """The schema of onnx itself, None when that opset has no such operator."""
    newest = onnx.defs.onnx_opset_version()
    try:
        return onnx.defs.get_schema(
            ids.printable(op_type), min(max(version, 1), max(newest, 100)), ids.printable(domain)
        )
    except onnx.defs.SchemaError:
        return None


@functools.lru_cache(maxsize=1)
def _runtime_operators() -> frozenset[tuple[str, str]]:
    """What ONNX Runtime has beyond the standard; asked only when an operator is unknown, because its import is slow."""
    return frozenset((schemas.normal_domain(s.domain), s.name) for s in ort.operator_schemas())


def _node_faults(
    scope: Scope, index: int, node: NodeProto, custom: dict[tuple[str, str], list[str]]
) -> Iterator[Diagnostic]:
    domain, op_type = domain_of(node), text(node.op_type)
    version = scope.opsets.get(domain, 1)
    subjects = (scope.node_id(index),)
    if domain not in _STANDARD_DOMAINS:
        if schemas.operator(domain, op_type) is None or not schemas.runs_here(domain, op_type):
            custom.setdefault((domain, op_type), []).append(subjects[0])
        return
    schema = _schema(op_type, domain, version)
    if schema is None:
        yield _unknown(scope, node, domain, version, subjects)
        return
    if schema.deprecated:
        message = f"{_capital(node_words(node))} uses an operator that opset {version} has withdrawn{scope.where}"
        hint = "replace it by its successor, or import the opset it was made for"
        yield Diagnostic("warning", "deprecated-operator", message, subjects, hint)
        return
    yield from _slot_faults(scope, node, schema, subjects)
    yield from _schema_attribute_faults(scope, node, schema, subjects)


def _unknown(scope: Scope, node: NodeProto, domain: str, version: int, subjects: tuple[str, ...]) -> Diagnostic:
    op_type = text(node.op_type)
    known = schemas.operator(domain, op_type)
    where = f"opset {version}" + (f" of {quote(domain)}" if domain else "")
    if known is not None:
        message = f"{_capital(node_words(node))} uses an operator that {where} does not have yet{scope.where}"
        hint = f"this form of it came with opset {known.since}: raise the model's opset or replace the node"
        return Diagnostic("error", "operator-not-in-opset", message, subjects, hint)
    message = f"{_capital(node_words(node))} uses an operator that does not exist in {where}{scope.where}"
    if (domain, op_type) in _runtime_operators():
        message = f"{_capital(node_words(node))} uses an operator that is not in ONNX, though ONNX Runtime has it{scope.where}"
        hint = "other tools refuse it: replace it by standard operators"
        return Diagnostic("info", "experimental-operator", message, subjects, hint)
    hint = "check the spelling; a custom operator belongs in a domain of its own"
    return Diagnostic("error", "unknown-operator", message, subjects, hint)


def _slot_faults(scope: Scope, node: NodeProto, schema: Any, subjects: tuple[str, ...]) -> Iterator[Diagnostic]:
    words = _capital(node_words(node))
    for what, count, least, most in (
        ("input", len(node.input), schema.min_input, schema.max_input),
        ("output", len(node.output), schema.min_output, schema.max_output),
    ):
        if count < least:
            message = f"{words} has {plural(count, what)}, {least} at least are needed{scope.where}"
            yield Diagnostic("error", f"too-few-{what}s", message, subjects, f"connect the missing {what}s")
        elif count > most:
            message = f"{words} has {plural(count, what)}, {most} at most are allowed{scope.where}"
            yield Diagnostic("error", f"too-many-{what}s", message, subjects, f"disconnect the {what}s beyond that")
    for slot, name in enumerate(node.input):
        if not name and slot < schema.min_input:
            formal = schema.inputs[min(slot, len(schema.inputs) - 1)]
            if formal.option == onnx.defs.OpSchema.FormalParameterOption.Optional:
                continue
            message = f"{words} has nothing at its input {slot} ({quote(formal.name)}), which it needs{scope.where}"
            yield Diagnostic("error", "missing-input", message, subjects, "connect a value to it")


def _schema_attribute_faults(
    scope: Scope, node: NodeProto, schema: Any, subjects: tuple[str, ...]
) -> Iterator[Diagnostic]:
    words = _capital(node_words(node))
    for attribute in node.attribute:
        name = text(attribute.name)
        known = schema.attributes.get(name)
        if known is None:
            if name.startswith("__") or (not schema.attributes and domain_of(node) not in ("", "ai.onnx.ml")):
                continue  # runtimes leave private notes there
            message = f"{words} has an attribute {quote(name)} that {quote(node.op_type)} does not know{scope.where}"
            hint = "remove the attribute; ONNX Runtime refuses the model with it"
            yield Diagnostic("error", "unknown-attribute", message, subjects, hint)
            continue
        wanted = ATTRIBUTE_TYPES.get(int(known.type.value), "")
        given = ATTRIBUTE_TYPES.get(attribute.type, "UNDEFINED")
        if given not in (wanted, "UNDEFINED"):
            message = f"The attribute {quote(name)} of {node_words(node)} is {given}, it must be {wanted}{scope.where}"
            hint = "set it again with the type its operator asks for"
            yield Diagnostic("error", "attribute-type-mismatch", message, subjects, hint)
    present = {text(a.name) for a in node.attribute}
    for name, known in schema.attributes.items():
        if known.required and name not in present:
            message = f"{words} lacks the attribute {quote(name)}, which it needs{scope.where}"
            hint = f"set {quote(name)} ({ATTRIBUTE_TYPES.get(int(known.type.value), '')})"
            yield Diagnostic("error", "missing-attribute", message, subjects, hint)


def _attribute_faults(scope: Scope, index: int, node: NodeProto) -> Iterator[Diagnostic]:
    """What is wrong with attributes whatever the operator: contents that are not of their type, names given twice."""
    subjects = (scope.node_id(index),)
    for attribute in node.attribute:
        wrong = _contradiction(attribute)
        if wrong:
            message = f"The attribute {quote(attribute.name)} of {node_words(node)} {wrong}{scope.where}"
            hint = "set the attribute again, with one type and one value"
            yield Diagnostic("error", "attribute-type-mismatch", message, subjects, hint)
        if attribute.ref_attr_name and not _inside_function(scope):
            message = f"The attribute {quote(attribute.name)} of {node_words(node)} refers to a function's attribute, but is in no function"
            yield Diagnostic("error", "stray-attribute-reference", message, subjects, "give it a value")
    if len(node.attribute) > 1:
        for name, count in Counter(text(a.name) for a in node.attribute).items():
            if count > 1:
                message = f"{_capital(node_words(node))} has the attribute {quote(name)} {count} times{scope.where}"
                yield Diagnostic("error", "duplicate-attribute", message, subjects, "keep one of them")


def _inside_function(scope: Scope) -> bool:
    outer: Scope | None = scope
    while outer is not None:
        if outer.is_function:
            return True
        outer = outer.parent
    return False


def _contradiction(attribute: AttributeProto) -> str:
    """In words, what the attribute's content has against its type; '' when they agree."""
    if attribute.ref_attr_name:
        return ""
    kind = ATTRIBUTE_TYPES.get(attribute.type)
    filled = [f.name for f, _ in attribute.ListFields() if f.name in VALUE_FIELDS.values()]
    if kind is None:
        return f"has type number {attribute.type}, which ONNX does not define"
    if kind == "UNDEFINED":
        return "" if len(filled) <= 1 else "has several values and no type"
    wanted = VALUE_FIELDS[kind]
    others = [f for f in filled if f != wanted]
    if others:
        held = next(k for k, f in VALUE_FIELDS.items() if f == others[0])
        return f"says it is {kind} but holds {held}"
    if wanted not in filled and wanted in ("t", "g", "sparse_tensor", "tp"):
        return f"says it is {kind} but holds nothing"
    return ""


def _call_faults(scope: Scope, index: int, node: NodeProto, inputs: int, outputs: int) -> Iterator[Diagnostic]:
    for what, given, most in (("input", len(node.input), inputs), ("output", len(node.output), outputs)):
        if given > most:
            message = f"{_capital(node_words(node))} has {plural(given, what)}, its function has {most}{scope.where}"
            hint = f"disconnect the {what}s beyond that"
            yield Diagnostic("error", f"too-many-{what}s", message, (scope.node_id(index),), hint)


def _missing_imports(missing: dict[str, list[str]]) -> Iterator[Diagnostic]:
    for domain, nodes in missing.items():
        shown = quote(domain) if domain else "the standard domain"
        message = (
            f"{plural(len(nodes), 'node uses', 'nodes use')} operators of {shown}, but the model imports no opset of it"
        )
        hint = "declare the opset of that domain"
        yield Diagnostic("error", "domain-not-imported", message, (*nodes[:20], MAIN_GRAPH), hint)


def _custom_operators(custom: dict[tuple[str, str], list[str]]) -> Iterator[Diagnostic]:
    for (domain, op_type), nodes in custom.items():
        uses = plural(len(nodes), "node")
        if schemas.operator(domain, op_type) is not None:
            message = f"{quote(op_type)} of the domain {quote(domain)} is newer than the ONNX Runtime here ({uses}): the model cannot be run"
            hint = "it can be edited and saved all the same"
            yield Diagnostic("info", "no-kernel", message, tuple(nodes[:20]), hint)
            continue
        message = f"{quote(op_type)} of the domain {quote(domain)} is a custom operator ({uses}): it is not checked"
        hint = "its shapes are unknown here, and running the model needs a runtime that has it"
        yield Diagnostic("info", "custom-operator", message, tuple(nodes[:20]), hint)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
