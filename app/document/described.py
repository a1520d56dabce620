"""Operators as Netron's installed metadata describes them: those that neither onnx nor the runtime here know, and newer attributes."""

from __future__ import annotations

import importlib.util
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import msgspec

from onnx_scalpel.document.operator_schema import AttributeSchema, OperatorSchema, Slot, brief, normal_domain

FILE = "onnx-metadata.json"
_TYPES = {
    "int64": "INT",
    "float32": "FLOAT",
    "string": "STRING",
    "tensor": "TENSOR",
    "graph": "GRAPH",
    "sparse_tensor": "SPARSE_TENSOR",
    "type_proto": "TYPE_PROTO",
    "DataType": "INT",
}


class _Parameter(msgspec.Struct):
    name: str
    type: str = ""
    description: str = ""
    option: str = ""
    list: bool = False


class _Attribute(msgspec.Struct):
    name: str
    type: str = ""
    required: bool = False
    default: Any = None
    description: str = ""


class _Constraint(msgspec.Struct):
    type_param_str: str
    allowed_type_strs: tuple[str, ...] = ()


class _Operator(msgspec.Struct):
    name: str
    module: str
    version: int = 1
    description: str = ""
    status: str = ""
    attributes: tuple[_Attribute, ...] = ()
    inputs: tuple[_Parameter, ...] = ()
    outputs: tuple[_Parameter, ...] = ()
    type_constraints: tuple[_Constraint, ...] = ()


def described_operators(but: Container[tuple[str, str]]) -> dict[tuple[str, str], list[OperatorSchema]]:
    """Every form of each operator, but of those that are known better, by (domain, op_type), oldest first; none without Netron.
    Reading costs 0.05 s."""
    path = _file()
    if path is None:
        return {}
    found: dict[tuple[str, str], list[OperatorSchema]] = {}
    for one in msgspec.json.decode(path.read_bytes(), type=list[_Operator]):
        key = (normal_domain(one.module), one.name)
        if key not in but:
            found.setdefault(key, []).append(_schema(one))
    for forms in found.values():
        forms.sort(key=lambda schema: schema.since)
    return found


def _file() -> Path | None:
    """The metadata of the installed Netron, found without importing it."""
    spec = importlib.util.find_spec("netron")
    folders = spec.submodule_search_locations if spec is not None else None
    path = Path(next(iter(folders or ()), ""), FILE)
    return path if folders and path.is_file() else None


def _schema(one: _Operator) -> OperatorSchema:
    constraints = {c.type_param_str: tuple(sorted(c.allowed_type_strs)) for c in one.type_constraints}
    return OperatorSchema(
        op_type=one.name,
        domain=normal_domain(one.module),
        since=one.version,
        doc=brief(one.description, 400),
        deprecated=one.status == "deprecated",
        inputs=tuple(_slot(parameter, constraints) for parameter in one.inputs),
        outputs=tuple(_slot(parameter, constraints) for parameter in one.outputs),
        attributes=tuple(_attribute(a) for a in sorted(one.attributes, key=lambda a: a.name)),
    )


def _slot(parameter: _Parameter, constraints: Mapping[str, tuple[str, ...]]) -> Slot:
    types = constraints.get(parameter.type, (parameter.type,) if parameter.type else ())
    variadic = parameter.list
    shared = (
        parameter.type if parameter.type in constraints and not variadic else ""
    )  # it does not say whether all are of one type
    return Slot(
        parameter.name, brief(parameter.description, 160), parameter.option == "optional", variadic, types, shared
    )


def _attribute(attribute: _Attribute) -> AttributeSchema:
    plain = attribute.type.removesuffix("[]")
    kind = _TYPES.get(plain, "UNDEFINED") + ("S" if attribute.type.endswith("[]") else "")
    return AttributeSchema(
        attribute.name, kind, attribute.required, attribute.default, brief(attribute.description, 160)
    )
