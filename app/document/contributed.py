"""What ONNX Runtime says of its own operators (com.microsoft, and the layouts it optimises into): asked of the installed package, so that it is never out of date."""

from __future__ import annotations

from typing import Any

import onnx

from onnx_scalpel.document.families import RUNTIME_DOMAINS
from onnx_scalpel.document.operator_schema import (
    AttributeSchema,
    OperatorSchema,
    Slot,
    brief,
    default_as_json,
)
from onnx_scalpel.document.ort import operator_schemas


def contributed_operators() -> dict[tuple[str, str], list[OperatorSchema]]:
    """Every form of each operator in the runtime's own domains by (domain, op_type), oldest first. Importing the runtime costs
    0.3 s where it is not loaded yet."""
    found: dict[tuple[str, str], list[OperatorSchema]] = {}
    for schema in operator_schemas():
        if schema.domain in RUNTIME_DOMAINS:
            found.setdefault((schema.domain, schema.name), []).append(_operator(schema))
    for forms in found.values():
        forms.sort(key=lambda form: form.since)
    return found


def _operator(schema: Any) -> OperatorSchema:
    constraints = {c.type_param_str: tuple(sorted(c.allowed_type_strs)) for c in schema.type_constraints}
    return OperatorSchema(
        op_type=schema.name,
        domain=schema.domain,
        since=schema.since_version,
        doc=brief(schema.doc, 400),
        deprecated=schema.deprecated,
        inputs=tuple(_slot(p, constraints) for p in schema.inputs),
        outputs=tuple(_slot(p, constraints) for p in schema.outputs),
        attributes=tuple(_attribute(a) for _, a in sorted(schema.attributes.items())),
    )


def _slot(parameter: Any, constraints: dict[str, tuple[str, ...]]) -> Slot:
    option = parameter.option.name
    types = constraints.get(parameter.typeStr, (parameter.typeStr,))
    shared = parameter.typeStr if parameter.typeStr in constraints and parameter.isHomogeneous else ""
    doc = brief(parameter.description, 160)
    return Slot(parameter.name, doc, option == "Optional", option == "Variadic", types, shared)


def _attribute(attribute: Any) -> AttributeSchema:
    proto = onnx.AttributeProto.FromString(attribute._default_value)
    default = None
    if proto.type != onnx.AttributeProto.UNDEFINED:
        default = default_as_json(onnx.helper.get_attribute_value(proto))
    doc = brief(attribute.description, 160)
    return AttributeSchema(attribute.name, attribute.type.name, attribute.required, default, doc)
