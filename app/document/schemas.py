"""What operators look like: slots, attributes with defaults and plain-text docs, for forms and for names on the canvas."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import onnx
import onnx.defs
from msgspec.structs import replace

from onnx_scalpel.document.described import described_operators
from onnx_scalpel.document.families import RUNTIME_DOMAINS, family
from onnx_scalpel.document.operator_schema import (
    AttributeSchema,
    OperatorSchema,
    Slot,
    default_as_json,
    normal_domain,
    plain_text,
)

__all__ = [
    "AttributeSchema", "OperatorSchema", "Slot", "SlotNames", "default_as_json", "family", "normal_domain", "operator", "operators",
    "plain_text", "slot_names",
]  # fmt: skip

STANDARD_DOMAINS = frozenset({"", "ai.onnx.ml", "ai.onnx.preview", "ai.onnx.preview.training"})
"""Domains of onnx.defs: an operator that they lack does not exist."""


class SlotNames(msgspec.Struct, frozen=True):
    """Names of an operator's slots; where the last one is variadic it stands for any number of slots."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    variadic_input: bool = False
    variadic_output: bool = False


@functools.lru_cache(maxsize=4096)
def operator(domain: str, op_type: str, version: int | None = None) -> OperatorSchema | None:
    """The operator as it is in opset `version` of its domain (None: the newest); None when that opset lacks it."""
    wanted = normal_domain(domain)
    fitting = [s for s in _history().get((wanted, op_type), ()) if version is None or s.since_version <= version]
    if fitting:
        return _from_onnx(fitting[-1])
    return None if wanted in STANDARD_DOMAINS else _form(_beyond(wanted).get(op_type, ()), version)


@functools.lru_cache(maxsize=4096)
def slot_names(domain: str, op_type: str, version: int | None = None) -> SlotNames:
    """Slot names for display; an operator that this opset lacks is named by its oldest form, an unknown one has none."""
    schema = operator(domain, op_type, version)
    if schema is None:
        forms = _history().get((normal_domain(domain), op_type))
        schema = _from_onnx(forms[0]) if forms else unofficial(domain, op_type, version)
    if schema is None:
        return SlotNames(variadic_input=True, variadic_output=True)
    return SlotNames(
        tuple(s.name for s in schema.inputs),
        tuple(s.name for s in schema.outputs),
        bool(schema.inputs) and schema.inputs[-1].variadic,
        bool(schema.outputs) and schema.outputs[-1].variadic,
    )


def attribute_schema(domain: str, op_type: str, version: int | None, name: str) -> AttributeSchema | None:
    """What the operator says about one attribute; None when it, or its operator, is unknown."""
    schema = operator(domain, op_type, version)
    return None if schema is None else schema.attribute(name)


def operator_names(domain: str) -> list[str]:
    """Every operator that onnx.defs ever had in a domain."""
    return sorted(name for found, name in _history() if found == normal_domain(domain))


def newest_opset(domain: str) -> int:
    """The newest version of a standard domain that is known here."""
    wanted = normal_domain(domain)
    newest: int = max(
        (forms[-1].since_version for (found, _), forms in _history().items() if found == wanted), default=1
    )
    return max(newest, onnx.defs.onnx_opset_version() if wanted == "" else 1)


def operators(opset_imports: Mapping[str, int]) -> list[dict[str, Any]]:
    """Every operator that a model with these opset imports can use, by domain and name, as JSON (OperatorView)."""
    imports = {normal_domain(domain): version for domain, version in opset_imports.items()}
    return list(_operators(tuple(sorted(imports.items()))))


@functools.lru_cache(maxsize=8)
def _operators(imports: tuple[tuple[str, int], ...]) -> tuple[dict[str, Any], ...]:
    versions = dict(imports)
    beyond = {(domain, name) for domain in versions if domain not in STANDARD_DOMAINS for name in _beyond(domain)}
    names = sorted({*_history(), *beyond, *(key for key in _described() if key[0] in STANDARD_DOMAINS)})
    asked = [(domain, name, versions[domain]) for domain, name in names if domain in versions]
    found = (operator(*key) or unofficial(*key) for key in asked)
    return tuple(operator_view(schema) for schema in found if schema is not None)


def operator_view(schema: OperatorSchema) -> dict[str, Any]:
    """The schema as JSON (OperatorView)."""
    view: dict[str, Any] = msgspec.to_builtins(schema)
    view["family"] = family(schema.domain, schema.op_type)
    return view


@functools.lru_cache(maxsize=1)
def _history() -> dict[tuple[str, str], list[onnx.defs.OpSchema]]:
    """Every form that an operator of onnx.defs ever had, oldest first."""
    history: dict[tuple[str, str], list[onnx.defs.OpSchema]] = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        history.setdefault((schema.domain, schema.name), []).append(schema)
    for forms in history.values():
        forms.sort(key=lambda s: s.since_version)
    return history


def unofficial(domain: str, op_type: str, version: int | None = None) -> OperatorSchema | None:
    """An operator that models have in a standard domain although no opset of it ever did: to be explained, not to be used."""
    wanted = normal_domain(domain)
    if wanted not in STANDARD_DOMAINS or (wanted, op_type) in _history():
        return None
    form = _form(_described().get((wanted, op_type), ()), version)
    return None if form is None else replace(form, deprecated=True)


def runs_here(domain: str, op_type: str) -> bool:
    """Whether the ONNX Runtime here knows an operator of its own domains; True for other domains, which are not its matter."""
    return domain not in RUNTIME_DOMAINS or (domain, op_type) in _contributed()


def _form(forms: Sequence[OperatorSchema], version: int | None) -> OperatorSchema | None:
    """The form that holds in an opset: the newest that is not newer; the oldest where all are, for such domains are numbered loosely."""
    if not forms:
        return None
    return next((form for form in reversed(forms) if version is None or form.since <= version), forms[0])


@functools.lru_cache(maxsize=64)
def _beyond(domain: str) -> dict[str, tuple[OperatorSchema, ...]]:
    """The operators of a domain that is not ONNX's own: as the runtime has them, and else as they are described."""
    described = {name: tuple(forms) for (found, name), forms in _described().items() if found == domain}
    if domain not in RUNTIME_DOMAINS:
        return described
    here = {name: forms for (found, name), forms in _contributed().items() if found == domain}
    return described | {
        name: tuple(_completed(f, described.get(name, ())) for f in forms) for name, forms in here.items()
    }


def _completed(schema: OperatorSchema, described: Sequence[OperatorSchema]) -> OperatorSchema:
    """A schema of the runtime with docs and attributes that only the description has."""
    other = next((form for form in described if form.since == schema.since), None)
    if other is None:
        return schema
    known = {attribute.name: attribute for attribute in schema.attributes}
    attributes = []
    for one in other.attributes:
        own = known.pop(one.name, None)
        if own is None:
            attributes.append(replace(one, required=False, doc=f"Newer than the ONNX Runtime here. {one.doc}"))
        else:
            attributes.append(
                replace(own, doc=own.doc or one.doc, default=one.default if own.default is None else own.default)
            )
    attributes = sorted((*attributes, *known.values()), key=lambda attribute: attribute.name)
    return replace(schema, doc=schema.doc or other.doc, attributes=tuple(attributes))


@functools.lru_cache(maxsize=1)
def _described() -> dict[tuple[str, str], list[OperatorSchema]]:
    return described_operators(_history())


@functools.lru_cache(maxsize=1)
def _contributed() -> dict[tuple[str, str], list[OperatorSchema]]:
    # imported late: the runtime is slow to import, and only models with its operators need it
    from onnx_scalpel.document.contributed import contributed_operators

    return contributed_operators()


def _from_onnx(schema: onnx.defs.OpSchema) -> OperatorSchema:
    constraints = {c.type_param_str: tuple(sorted(c.allowed_type_strs)) for c in schema.type_constraints}
    return OperatorSchema(
        op_type=schema.name,
        domain=schema.domain,
        since=schema.since_version,
        doc=plain_text(schema.doc),
        deprecated=schema.deprecated,
        inputs=tuple(_slot(p, constraints) for p in schema.inputs),
        outputs=tuple(_slot(p, constraints) for p in schema.outputs),
        attributes=tuple(_attribute(a) for _, a in sorted(schema.attributes.items())),
    )


def _slot(parameter: Any, constraints: Mapping[str, tuple[str, ...]]) -> Slot:
    option = parameter.option.name
    return Slot(
        name=parameter.name,
        doc=plain_text(parameter.description),
        optional=option == "Optional",
        variadic=option == "Variadic",
        types=constraints.get(parameter.type_str, (parameter.type_str,)),
        parameter=parameter.type_str if parameter.type_str in constraints and parameter.is_homogeneous else "",
    )


def _attribute(attribute: Any) -> AttributeSchema:
    default = None
    if attribute.default_value.type != onnx.AttributeProto.UNDEFINED:
        default = default_as_json(onnx.helper.get_attribute_value(attribute.default_value))
    return AttributeSchema(
        name=attribute.name,
        type=attribute.type.name,
        required=attribute.required,
        default=default,
        doc=plain_text(attribute.description),
    )
