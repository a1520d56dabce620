"""The kinds of parameter that edits have: a type to check, and the widget that a form draws for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

LARGEST_INTEGER = 2**63 - 1  # of a dim
LARGEST_SLOT = 1 << 16
DEEPEST = 64  # lists in lists; no tensor has more dims
FARTHEST = 1_000_000_000  # of a coordinate
DEEPEST_FRAGMENT = 300  # objects and lists in each other; a body in a body is six of them


def _wrong(line: str) -> PydanticCustomError:
    return PydanticCustomError("wrong", "{line}", {"line": line})


def _named(text: str) -> str:
    if not text:
        raise _wrong("must not be empty")
    return _text(text)


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _wrong("holds half a character (a lone surrogate), which cannot be saved") from None
    return text


def _dim(dim: Any) -> int | str | None:
    if isinstance(dim, bool) or not isinstance(dim, (int, str, type(None))):
        raise _wrong("must be a whole number, a name or null")
    if isinstance(dim, int) and not 0 <= dim <= LARGEST_INTEGER:
        raise _wrong("a dim is 0 or more; use null for an unknown one, or a name")
    if isinstance(dim, str):
        if not dim:
            raise _wrong("a dim's name must not be empty; use null for an unknown one")
        _text(dim)
    return dim


def _consumer(consumer: Any) -> str | dict[str, Any]:
    if isinstance(consumer, str) and consumer:
        return _text(consumer)
    if isinstance(consumer, Mapping) and set(consumer) == {"node", "slot"}:
        node, slot = consumer["node"], consumer["slot"]
        if isinstance(node, str) and isinstance(slot, int) and not isinstance(slot, bool) and slot >= 0:
            return {"node": _text(node), "slot": slot}
    raise _wrong("must be a node's id, or {node, slot}")


def _edit(edit: Any) -> dict[str, Any]:
    if not isinstance(edit, Mapping) or not isinstance(edit.get("kind"), str):
        raise _wrong("must be an edit: an object with a kind")
    data: dict[str, Any] = _json_value(edit)
    return data


def _json_value(value: Any, depth: int = 0, deepest: int = DEEPEST) -> Any:
    """Refuse what JSON cannot say, so that a recipe always can."""
    if depth > deepest:
        raise _wrong("is nested too deeply")
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _wrong('write a number that is not finite as text: "NaN", "Infinity" or "-Infinity"')
        return value
    if isinstance(value, (list, tuple)):
        return [_json_value(item, depth + 1, deepest) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {_text(key): _json_value(item, depth + 1, deepest) for key, item in value.items()}
    raise _wrong("must be JSON: text, a number, true or false, a list or an object")


def _attribute_value(value: Any) -> Any:
    if value is None:
        raise _wrong("is needed; an attribute cannot be set to nothing")
    return _json_value(value)


def _tensor(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong("must be a tensor: {dtype, shape, data} or {dtype, shape, base64}")
    data: dict[str, Any] = _json_value(value)
    return data


def _place(value: float) -> float:
    if not math.isfinite(value) or abs(value) > FARTHEST:
        raise _wrong(f"must be a number between -{FARTHEST:,} and {FARTHEST:,}")
    return round(float(value), 2)


def _fragment(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong("must be copied nodes: an object with `fragment`")
    data: dict[str, Any] = _json_value(value, deepest=DEEPEST_FRAGMENT)
    return data


def _widget(name: str, **more: Any) -> Any:
    return Field(json_schema_extra={"x-widget": name, **more})


def _ids(widget: str) -> Any:
    return Field(min_length=1, json_schema_extra={"x-widget": widget})


_Id = Annotated[StrictStr, AfterValidator(_named)]
_Consumer = Annotated[
    Any,
    AfterValidator(_consumer),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "properties": {"node": {"type": "string"}, "slot": {"type": "integer"}}},
            ]
        }
    ),
]
_Dim = Annotated[
    Any, AfterValidator(_dim), WithJsonSchema({"anyOf": [{"type": t} for t in ("integer", "string", "null")]})
]
_JSON_SCHEMA_OF_A_VALUE = {"anyOf": [{"type": t} for t in ("number", "string", "boolean", "array", "object")]}
_Json = Annotated[Any, AfterValidator(_attribute_value), WithJsonSchema(_JSON_SCHEMA_OF_A_VALUE)]

_EditJson = Annotated[
    Any,
    AfterValidator(_edit),
    WithJsonSchema({"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]}),
]

NodeParam = Annotated[_Id, _widget("node")]
"""The id of a node."""
NodesParam = Annotated[list[_Id], _ids("nodes")]
"""Ids of one node or more."""
ConsumersParam = Annotated[list[_Consumer] | None, _widget("nodes")]
"""Who reads a value: node ids, {node, slot} for one slot of a node, a graph's id for its outputs; None for all."""
ValueParam = Annotated[_Id, _widget("value")]
"""The id of a value."""
ValuesParam = Annotated[list[_Id], _ids("values")]
"""Ids of one value or more."""
GraphParam = Annotated[_Id, _widget("graph")]
"""The id of a graph: the main one, a body or a local function."""
SlotParam = Annotated[StrictInt, Field(ge=0, lt=LARGEST_SLOT, json_schema_extra={"x-widget": "slot"})]
"""The place of an input slot of a node, counted from 0."""
InputsParam = Annotated[list[Annotated[StrictStr, AfterValidator(_text)]], _widget("inputs")]
"""Ids of values by input slot; '' leaves an optional slot empty."""
NameParam = Annotated[StrictStr, AfterValidator(_named), _widget("name")]
"""A name that must not be empty."""
DimNameParam = Annotated[StrictStr, AfterValidator(_named), _widget("dim_name")]
"""The name of a dim that the model has."""
AnyNameParam = Annotated[StrictStr, AfterValidator(_text), _widget("name")]
"""A name that may be empty."""
NamesParam = Annotated[list[Annotated[StrictStr, AfterValidator(_text)]], _widget("names")]
"""Names by place; '' where a place is to stay empty."""
OpTypeParam = Annotated[StrictStr, AfterValidator(_named), _widget("op_type")]
"""The type of an operator, as in 'Relu'."""
DomainParam = Annotated[StrictStr, AfterValidator(_text), _widget("domain")]
"""An operator domain; '' is the standard one."""
DtypeParam = Annotated[StrictStr, AfterValidator(_named), _widget("dtype")]
"""An element type, as in 'float32'."""
ShapeParam = Annotated[list[_Dim] | None, _widget("shape")]
"""Dims: whole numbers, names, and null for an unknown one; null instead of a list when the rank is unknown."""
AttributeNameParam = Annotated[StrictStr, AfterValidator(_named), _widget("attribute_name")]
"""The name of an attribute."""
AttributeValueParam = Annotated[_Json, _widget("attribute_value")]
"""An attribute's value: a number, text, a list, or a tensor as {dtype, shape, data or base64}."""
AttributesParam = Annotated[dict[Annotated[StrictStr, AfterValidator(_named)], _Json], _widget("attributes")]
"""Attributes by name; {type, value} says a type that cannot be seen from the value."""
TextParam = Annotated[StrictStr, AfterValidator(_text), _widget("text")]
"""Any text."""
SwitchParam = Annotated[StrictBool, _widget("switch")]
"""True or false."""
ThroughParam = Annotated[dict[_Id, _Id], Field(json_schema_extra={"x-widget": "choice"})]
"""Answers to 'which input flows through this node': node id to value id."""
AskedDtypeParam = Annotated[StrictStr, AfterValidator(_named), _widget("choice")]
"""An element type that is only asked for where nothing says it."""
OrderedValuesParam = Annotated[list[_Id], Field(min_length=1, json_schema_extra={"x-widget": "ordered_values"})]
"""Ids of values in the order that they are to have."""
SubjectParam = Annotated[_Id, _widget("subject")]
"""The id of whatever it may be: the model, a graph, a node, a value."""
TensorParam = Annotated[Any, AfterValidator(_tensor), WithJsonSchema({"type": "object", "x-widget": "tensor"})]
"""A tensor as {dtype, shape, data}, data nested or flat, or as {dtype, shape, base64} of little-endian bytes."""
PlaceParam = Annotated[float, AfterValidator(_place), _widget("number")]
"""A coordinate on the canvas, in CSS pixels at zoom 1."""
BesideParam = Annotated[
    dict[_Id, Annotated[list[PlaceParam], Field(min_length=2, max_length=2)]],
    Field(max_length=32, json_schema_extra={"x-widget": "note"}),
]
"""Where a note stands, [x, y] seen from each of the things that it is beside: by their ids, the nearest first."""
NoteParam = Annotated[_Id, _widget("note")]
"""The id of a note on the canvas."""
FragmentParam = Annotated[Any, AfterValidator(_fragment), WithJsonSchema({"type": "object", "x-widget": "fragment"})]
"""Nodes that were copied, as POST /api/sessions/<id>/fragment gives them."""
NumberParam = Annotated[StrictInt, _widget("number")]
"""A whole number."""
OutputsAnswerParam = Annotated[Literal["remove", "leave"] | None, _widget("choice")]
"""The answer to what becomes of graph outputs that lose their maker."""
BodyAnswerParam = Annotated[StrictStr, AfterValidator(_named), _widget("choice")]
"""The answer to which of a node's bodies is meant: the name of the attribute that holds it."""
OpsetAnswerParam = Annotated[Literal["this"] | None, _widget("choice")]
"""The answer to whether pasted operators are meant as the opset here has them."""
FunctionsAnswerParam = Annotated[Literal["use", "rename"] | None, _widget("choice")]
"""The answer to which of two functions of one name pasted nodes call."""
TensorsAnswerParam = Annotated[Literal["leave"] | None, _widget("choice")]
"""The answer to what becomes of inputs whose tensors are not here."""
ShapesParam = Annotated[dict[_Id, list[_Dim]], Field(min_length=1, json_schema_extra={"x-widget": "shapes"})]
"""Dims of inputs by id or name: whole numbers, names, and null for an unknown one."""
EditsParam = Annotated[list[_EditJson], Field(min_length=1, json_schema_extra={"x-widget": "edits"})]
"""Edits as JSON, in the order in which they are applied."""

WIDGETS = frozenset(
    [
        "node",
        "nodes",
        "value",
        "values",
        "name",
        "op_type",
        "domain",
        "dtype",
        "shape",
        "shapes",
        "dim_name",
        "attribute_name",
        "attribute_value",
        "attributes",
        "inputs",
        "text",
        "switch",
        "choice",
        "edits",
        "graph",
        "names",
        "slot",
        "number",
        "ordered_values",
        "subject",
        "tensor",
        "fragment",
        "note",
    ]
)
"""Every widget that the browser can draw; `choice` is filled by the answer to a question, `edits` by selections of several,
`fragment` by the clipboard, `note` by the canvas; these are not drawn."""
