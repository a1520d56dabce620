"""What ONNX Runtime says of its own operators (com.microsoft): asked of the installed package, so that it is never out of date."""

from __future__ import annotations

from typing import Any

import onnx

from onnx_scalpel.document.families import MICROSOFT
from onnx_scalpel.document.ort import operator_schemas
from onnx_scalpel.document.schemas import (
    AttributeSchema,
    OperatorSchema,
    Slot,
    default_as_json,
    plain_text,
)


def contributed_operators() -> dict[tuple[str, str], OperatorSchema]:
    """The newest form of each com.microsoft operator by (domain, op_type). Importing the runtime costs 0.3 s where it is not loaded yet."""
    known = [_operator(s) for s in operator_schemas() if s.domain == MICROSOFT]
    return {(s.domain, s.op_type): s for s in sorted(known, key=lambda s: s.since)}


def _operator(schema: Any) -> OperatorSchema:
    constraints = {c.type_param_str: tuple(sorted(c.allowed_type_strs)) for c in schema.type_constraints}
    return OperatorSchema(
        op_type=schema.name,
        domain=schema.domain,
        since=schema.since_version,
        doc=_brief(schema.doc, 400),
        deprecated=schema.deprecated,
        inputs=tuple(_slot(p, constraints) for p in schema.inputs),
        outputs=tuple(_slot(p, constraints) for p in schema.outputs),
        attributes=tuple(_attribute(a) for _, a in sorted(schema.attributes.items())),
    )


def _slot(parameter: Any, constraints: dict[str, tuple[str, ...]]) -> Slot:
    option = parameter.option.name
    types = constraints.get(parameter.typeStr, (parameter.typeStr,))
    shared = parameter.typeStr if parameter.typeStr in constraints and parameter.isHomogeneous else ""
    doc = _brief(parameter.description, 160)
    return Slot(parameter.name, doc, option == "Optional", option == "Variadic", types, shared)


def _attribute(attribute: Any) -> AttributeSchema:
    proto = onnx.AttributeProto.FromString(attribute._default_value)
    default = None
    if proto.type != onnx.AttributeProto.UNDEFINED:
        default = default_as_json(onnx.helper.get_attribute_value(proto))
    doc = _brief(attribute.description, 160)
    return AttributeSchema(attribute.name, attribute.type.name, attribute.required, default, doc)


def _brief(doc: str, limit: int) -> str:
    """The beginning of a doc, to the end of a word: whole manuals of a hundred operators would weigh 300 KB."""
    text = plain_text(doc)
    return text if len(text) <= limit else text[:limit].rsplit(None, 1)[0] + " …"
