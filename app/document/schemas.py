"""What operators look like: slots, attributes with defaults and plain-text docs, for forms and for names on the canvas."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import onnx
import onnx.defs

from onnx_scalpel.document.families import MICROSOFT, family

__all__ = ["AttributeSchema", "OperatorSchema", "Slot", "SlotNames", "family", "operator", "operators", "slot_names"]

SAFE_INTEGER = 2**53  # beyond this a browser's number loses digits; such integers travel as text

STANDARD_DOMAINS = frozenset({"", "ai.onnx.ml", "ai.onnx.preview", "ai.onnx.preview.training"})
"""Domains of onnx.defs: an operator that they lack does not exist."""


class Slot(msgspec.Struct, frozen=True):
    """One input or output of an operator; `types` are as in 'tensor(float)'. Slots with the same `parameter` ('T') are of one type;
    it is '' where each may be of its own."""

    name: str
    doc: str = ""
    optional: bool = False
    variadic: bool = False
    types: tuple[str, ...] = ()
    parameter: str = ""


class AttributeSchema(msgspec.Struct, frozen=True):
    """An attribute; `type` as in onnx.AttributeProto ('INTS'), `default` as JSON, None when there is none."""

    name: str
    type: str
    required: bool = False
    default: Any = None
    doc: str = ""


class OperatorSchema(msgspec.Struct, frozen=True):
    """One operator as it is since opset `since` of its domain."""

    op_type: str
    domain: str
    since: int
    doc: str = ""
    deprecated: bool = False
    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Slot, ...] = ()
    attributes: tuple[AttributeSchema, ...] = ()

    def attribute(self, name: str) -> AttributeSchema | None:
        return next((a for a in self.attributes if a.name == name), None)


class SlotNames(msgspec.Struct, frozen=True):
    """Names of an operator's slots; where the last one is variadic it stands for any number of slots."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    variadic_input: bool = False
    variadic_output: bool = False


def normal_domain(domain: str) -> str:
    """'' for the standard domain under its other name, as the schemas know it."""
    return "" if domain == "ai.onnx" else domain


@functools.lru_cache(maxsize=4096)
def operator(domain: str, op_type: str, version: int | None = None) -> OperatorSchema | None:
    """The operator as it is in opset `version` of its domain (None: the newest); None when that opset lacks it."""
    wanted = normal_domain(domain)
    fitting = [s for s in _history().get((wanted, op_type), ()) if version is None or s.since_version <= version]
    if fitting:
        return _from_onnx(fitting[-1])
    return _contributed().get((wanted, op_type)) if wanted == MICROSOFT else None


@functools.lru_cache(maxsize=4096)
def slot_names(domain: str, op_type: str, version: int | None = None) -> SlotNames:
    """Slot names for display; an operator that this opset lacks is named by its oldest form, an unknown one has none."""
    schema = operator(domain, op_type, version)
    if schema is None:
        forms = _history().get((normal_domain(domain), op_type))
        if not forms:
            return SlotNames(variadic_input=True, variadic_output=True)
        schema = _from_onnx(forms[0])
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
    contributed = _contributed() if MICROSOFT in versions else {}
    names = sorted({*_history(), *contributed})
    found = (operator(domain, name, versions[domain]) for domain, name in names if domain in versions)
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


@functools.lru_cache(maxsize=1)
def _contributed() -> dict[tuple[str, str], OperatorSchema]:
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


def default_as_json(value: Any) -> Any:
    """A default as JSON; None for what JSON has no word for (tensors, graphs)."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, int):
        return value if abs(value) <= SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return float(str(np.float32(value))) if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return value
    return [default_as_json(item) for item in value] if isinstance(value, (list, tuple)) else None


def plain_text(doc: str | None) -> str:
    """A schema's Markdown as plain text: no tags, no code fences, links by their words."""
    text = re.sub(r"```\w*\n?|`", "", doc or "")
    text = re.sub(r"\[([^\]]+)\]\((?:https?|#|Broadcasting|[A-Za-z]+\.md)[^)]*\)", r"\1", text)
    text = re.sub(r"<br\s*/?>", "\n", text)
    text = re.sub(r"</?(?:b|i|em|strong|p|a|dl|dt|dd|tt|code|sub|sup)(?:\s[^>]*)?>", "", text)
    text = re.sub(r"\*\*([^*\n]+)\*\*", r"\1", text)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
