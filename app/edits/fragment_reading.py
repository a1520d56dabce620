"""A fragment as copies of graphs that can be put: every key is looked up, so that nothing in it can mean a value of the model."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import onnx
from google.protobuf.message import DecodeError
from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import ATTRIBUTE_TYPES, type_text
from onnx_scalpel.document.records import (
    Attribute,
    AttributeItem,
    FunctionFacts,
    GraphRecord,
    NodeRecord,
    TypeRef,
    ValueRecord,
)
from onnx_scalpel.edits.copying import CopiedGraph
from onnx_scalpel.edits.fragment_tensors import MissingTensorError, tensor_of_spec
from onnx_scalpel.edits.fragments import (
    Fragment,
    FragmentAttribute,
    FragmentFunction,
    FragmentGraph,
    FragmentNode,
    FragmentValue,
    WrongFragmentError,
    graph_from,
)
from onnx_scalpel.edits.literals import WrongLiteralError, attribute_from_literal

_OF_FRAGMENT = "fragment:"  # what ids in a copy begin with; no id of a document does
_Seen = Mapping[str, str]  # keys that a graph sees: its own, and those of graphs around it


class ReadFragment(NamedTuple):
    """The nodes as a copied graph; `inputs` are what they read from outside, `missing` names tensors that are not here."""

    nodes: CopiedGraph
    inputs: tuple[ValueRecord, ...]
    functions: tuple[CopiedGraph, ...]
    defaults: dict[str, Attribute]
    missing: dict[str, str]  # input id -> name
    lost: tuple[str, ...]  # names of values and attributes in it whose tensor is not here either


class FragmentReader:
    """Reads one fragment for one document. Raises WrongFragmentError."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0
        self._lost: list[str] = []
        self._bodies: list[dict[str, CopiedGraph]] = []

    def read(self, fragment: Fragment) -> ReadFragment:
        missing: dict[str, str] = {}
        inputs: list[ValueRecord] = []
        seen: dict[str, str] = {}
        for key, said in fragment.inputs.items():
            made = seen[key] = self._id("value")
            value, here = self._value(made, said)
            inputs.append(value)
            if not here:
                missing[made] = said.name
        if set(fragment.values) & set(fragment.inputs):
            raise WrongFragmentError("makes a value that it also reads from outside")
        graph = FragmentGraph(values=fragment.values, nodes=fragment.nodes)
        nodes = self._graph(graph, seen)
        functions = tuple(self._function(function) for function in fragment.functions)
        defaults, _ = self._attributes(fragment.defaults, {})
        return ReadFragment(nodes, tuple(inputs), functions, defaults, missing, tuple(self._lost))

    def _id(self, what: str) -> str:
        self._count += 1
        return f"{_OF_FRAGMENT}{what}{self._count}"

    def _graph(self, said: FragmentGraph, around: _Seen) -> CopiedGraph:
        own = {key: self._id("value") for key in said.values}
        if "" in own:
            raise WrongFragmentError("has a value without a key")
        seen = {**around, **own}
        values = tuple(self._own_value(own[key], value) for key, value in said.values.items())
        bodies: dict[str, CopiedGraph] = {}
        made: set[str] = set()
        nodes = tuple(self._node(node, seen, own, made, bodies) for node in said.nodes)
        record = GraphRecord(
            self._id("graph"),
            said.name,
            inputs=tuple(_found(seen, key) for key in said.inputs),
            outputs=tuple(_found(seen, key) for key in said.outputs),
            doc=said.doc,
            metadata=_pairs(said.metadata),
        )
        if not {*said.inputs} <= set(own):
            raise WrongFragmentError("has a body whose inputs are not its own")
        return CopiedGraph(record, values, nodes, bodies)

    def _function(self, said: FragmentFunction) -> CopiedGraph:
        if any(value.tensor is not None for value in said.graph.values.values()):
            raise WrongFragmentError("has a function with initializers, which functions cannot have")
        copy = self._graph(said.graph, {})
        defaults, bodies = self._attributes(said.defaults, {})
        facts = FunctionFacts(
            said.domain, said.overload, tuple(said.attributes), defaults, tuple(said.opset_imports.items())
        )
        return copy._replace(record=replace(copy.record, function=facts), bodies=copy.bodies | bodies)

    def _own_value(self, made: str, said: FragmentValue) -> ValueRecord:
        value, here = self._value(made, said)
        if not here:
            self._lost.append(said.name)
        return value

    def _value(self, made: str, said: FragmentValue) -> tuple[ValueRecord, bool]:
        """The value, and whether its tensor is here."""
        tensor, type_ref, here = None, None, True
        if said.tensor is not None:
            try:
                tensor = tensor_of_spec(self._document, said.tensor, stored=True)
            except MissingTensorError:
                here = False
        if said.type:
            type_ref = _type(said.type)
        shape = None if said.shape is None else tuple(said.shape)
        pairs = _pairs(said.metadata)
        value = ValueRecord(made, "", said.name, said.dtype, shape, type_ref, said.declared, tensor, said.doc, pairs)
        return value, here

    def _node(
        self, said: FragmentNode, seen: _Seen, own: _Seen, made: set[str], bodies: dict[str, CopiedGraph]
    ) -> NodeRecord:
        outputs = tuple(own[key] if key in own else _missing(key) for key in said.outputs)
        written = [output for output in outputs if output]
        if made & set(written) or len(set(written)) < len(written):
            raise WrongFragmentError("has a value that two nodes make")
        made |= set(written)
        stored = (said.op_type, said.domain) in (("Constant", ""), ("Constant", "ai.onnx"))
        attributes, inner = self._attributes(said.attributes, seen, stored=stored)
        bodies |= inner
        return NodeRecord(
            self._id("node"),
            "",
            said.name,
            said.op_type,
            said.domain,
            tuple(_found(seen, key) if key else "" for key in said.inputs),
            outputs,
            attributes,
            (),
            said.overload,
            said.doc,
            _pairs(said.metadata),
            _rest(said.rest),
        )

    def _attributes(
        self, said: Mapping[str, FragmentAttribute], seen: _Seen, *, stored: bool = False
    ) -> tuple[dict[str, Attribute], dict[str, CopiedGraph]]:
        bodies: dict[str, CopiedGraph] = {}
        found = {name: self._attribute(name, attribute, seen, bodies, stored) for name, attribute in said.items()}
        return found, bodies

    def _attribute(
        self, name: str, said: FragmentAttribute, seen: _Seen, bodies: dict[str, CopiedGraph], stored: bool
    ) -> Attribute:
        if said.type not in ATTRIBUTE_TYPES.values():
            raise WrongFragmentError(f"has an attribute of an unknown type, {said.type[:20]}")
        if said.ref or said.type == "UNDEFINED":
            return Attribute(said.type, ref=said.ref, doc=said.doc)
        many = said.type.endswith("S")
        if many and not isinstance(said.value, list):
            raise WrongFragmentError("has a list of attributes that is none")
        kind = said.type[:-1] if many else said.type
        items = [self._item(name, kind, item, seen, bodies, stored) for item in (said.value if many else [said.value])]
        return Attribute(said.type, tuple(items) if many else items[0], doc=said.doc)

    def _item(
        self, name: str, kind: str, item: Any, seen: _Seen, bodies: dict[str, CopiedGraph], stored: bool
    ) -> AttributeItem:
        if kind == "GRAPH":
            body = self._graph(graph_from(item), seen)
            bodies[body.record.id] = body
            return body.record.id
        if kind in ("TENSOR", "SPARSE_TENSOR"):
            return self._tensor(name, kind, item, stored)
        if kind == "TYPE_PROTO":
            return _type(item)
        if kind == "STRING" and isinstance(item, dict):
            return _decoded(item.get("base64")).decode("utf-8", "surrogateescape")
        if kind == "FLOAT" and item == "-0.0":
            return -0.0
        try:
            one: AttributeItem = attribute_from_literal(kind, item).value  # type: ignore[assignment]
        except WrongLiteralError as error:
            raise WrongFragmentError(f"has an attribute {name[:40]} that {error}") from None
        return one

    def _tensor(self, name: str, kind: str, item: Any, stored: bool) -> AttributeItem:
        if not isinstance(item, dict):
            raise WrongFragmentError(f"has an attribute {name[:40]} that is no tensor")
        try:
            found = tensor_of_spec(self._document, item, stored=stored)
        except MissingTensorError:
            self._lost.append(name)
            return ""
        if found.sparse != (kind == "SPARSE_TENSOR"):
            raise WrongFragmentError(f"has an attribute {name[:40]} that is another kind of tensor")
        return found


def _found(seen: _Seen, key: str) -> str:
    return seen[key] if key in seen else _missing(key)


def _missing(key: str) -> str:
    if key == "":
        return ""
    raise WrongFragmentError("names a value that is not in it")


def _type(text: Any) -> TypeRef:
    data = _decoded(text)
    try:
        proto = onnx.TypeProto.FromString(data)
    except DecodeError:
        raise WrongFragmentError("has a type that cannot be read") from None
    return TypeRef(type_text(proto), data)


def _rest(text: str) -> bytes:
    data = _decoded(text)
    try:
        onnx.NodeProto.FromString(data)
    except DecodeError:
        raise WrongFragmentError("has a node that cannot be read") from None
    return data


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise WrongFragmentError("has data that is no base64") from None


def _pairs(said: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in said)
