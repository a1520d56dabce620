"""A fragment: nodes cut out of a model with all that they need elsewhere, as JSON; what a copy puts on the clipboard.

Values have keys that mean something inside the fragment only. `inputs` are values that the nodes read and that none of them makes:
with a tensor an initializer, without one something to be joined by name where the fragment is put.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

import msgspec

FORMAT = 1
LARGEST_FRAGMENT = 6 << 20  # bytes of JSON; more does not travel in one message

Dims = list[int | str | None] | None
Base64 = str
_T = TypeVar("_T")
_Name = Annotated[str, msgspec.Meta(min_length=1)]


class FragmentValue(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A value: its name, and what is known of it. `type` is a TypeProto, for what is no dense tensor."""

    name: str = ""
    dtype: str = ""
    shape: Dims = None
    type: Base64 = ""
    declared: bool = False
    tensor: dict[str, Any] | None = None
    doc: str = ""
    metadata: list[tuple[str, str]] = []


class FragmentAttribute(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An attribute. GRAPH: a FragmentGraph; TENSOR: a tensor as `fragment_tensors` writes it; TYPE_PROTO: base64."""

    type: str
    value: Any = None
    ref: str = ""
    doc: str = ""


class FragmentNode(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A node; `inputs` and `outputs` are keys of values by slot. `rest` is a NodeProto with what has no field here."""

    op_type: _Name
    domain: str = ""
    name: str = ""
    overload: str = ""
    inputs: list[str] = []
    outputs: list[str] = []
    attributes: dict[str, FragmentAttribute] = {}
    doc: str = ""
    metadata: list[tuple[str, str]] = []
    rest: Base64 = ""


class FragmentGraph(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A body, or what a local function holds."""

    name: str = ""
    inputs: list[str] = []
    outputs: list[str] = []
    values: dict[str, FragmentValue] = {}
    nodes: list[FragmentNode] = []
    doc: str = ""
    metadata: list[tuple[str, str]] = []


class FragmentFunction(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A local function that something in the fragment calls."""

    graph: FragmentGraph
    domain: str
    overload: str = ""
    attributes: list[str] = []
    defaults: dict[str, FragmentAttribute] = {}
    opset_imports: dict[str, int] = {}


class Origin(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where it was cut out: the model's name and the session that large tensors can be had from."""

    model: str = ""
    session: str = ""


class Fragment(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`opset_imports` are what its nodes mean; `defaults` are of the function that it was cut out of."""

    fragment: int
    nodes: Annotated[list[FragmentNode], msgspec.Meta(min_length=1)]
    values: dict[str, FragmentValue] = {}
    inputs: dict[str, FragmentValue] = {}
    functions: list[FragmentFunction] = []
    opset_imports: dict[str, int] = {}
    defaults: dict[str, FragmentAttribute] = {}
    origin: Origin | None = None


class WrongFragmentError(ValueError):
    """A fragment that cannot be read; its text is the line for the field."""


def fragment_from(data: Mapping[str, Any]) -> Fragment:
    """The fragment that this JSON says. Raises WrongFragmentError."""
    if data.get("fragment") != FORMAT:
        raise WrongFragmentError("must be nodes that were copied here, as this version writes them")
    return _converted(data, Fragment)


def graph_from(data: Any) -> FragmentGraph:
    """A body of a fragment. Raises WrongFragmentError."""
    return _converted(data, FragmentGraph)


def _converted(data: Any, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        place = re.search(r"at `\$\.?([^`]*)`", str(error))
        raise WrongFragmentError(
            f"is no fragment: {place[1] if place and place[1] else 'it'} is not as it must be"
        ) from None


def references_in(data: Any) -> Iterator[dict[str, Any]]:
    """The tensors in a fragment's JSON whose data is elsewhere, to be changed in place."""
    if isinstance(data, dict):
        if isinstance(data.get("source"), str) or isinstance(data.get("digest"), str):
            yield data
        for item in data.values():
            yield from references_in(item)
    elif isinstance(data, list):
        for item in data:
            yield from references_in(item)
