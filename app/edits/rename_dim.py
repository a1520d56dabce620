"""The edit rename-dim."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace
from onnx import AttributeProto, TypeProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.inference import dim_names, tensor_shapes
from onnx_scalpel.document.live import LiveNode, LiveValue
from onnx_scalpel.document.protos import set_text, text, type_text
from onnx_scalpel.document.records import Attribute, TypeRef, ValueRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.meant import meant
from onnx_scalpel.edits.parameters import DimNameParam, NameParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import EditRejected

_TYPES = (AttributeProto.TYPE_PROTO, AttributeProto.TYPE_PROTOS)


class RenameDim(Edit):
    """Give a named dim another name wherever the model says it: inputs, outputs, what is declared in between, bodies too.

    A name that other dims have already makes them one: the model then says that they are always equal.
    """

    title, acts_on = "Rename dim", "model"

    old: DimNameParam
    new: NameParam

    def apply(self, tx: Transaction) -> None:
        if self.new.strip().removeprefix("-").isdecimal():
            line = "is a number; a dim of a fixed size is set where it is declared"
            raise wrong_parameters({"new": line}, self.kind)
        naming = [(live, found) for live in _everything(tx.document) if (found := _names(live))]
        names = {name for _, found in naming for name in found}
        old = meant(names, self.old)
        if old != self.old:
            return self.model_copy(update={"old": old}).apply(tx)
        if self.old not in names:
            near = difflib.get_close_matches(self.old, names, n=1)
            known = f"the model has {', '.join(sorted(map(shown, names))[:5])}" if names else "the model names no dim"
            hint = f"did you mean {shown(near[0])}?" if near else known
            raise EditRejected(f"no dim is called {shown(self.old)}", hint=hint)
        if self.new == self.old:
            return
        for live in [live for live, found in naming if self.old in found]:
            if isinstance(live, LiveValue):
                tx.put(self._renamed_value(live.current()))
            else:
                node = live.current()
                attributes = {name: self._renamed_attribute(held) for name, held in node.attributes.items()}
                tx.put(replace(node, attributes=attributes))

    def _renamed_value(self, value: ValueRecord) -> ValueRecord:
        shape = value.shape
        if shape is not None:
            shape = tuple(self.new if dim == self.old else dim for dim in shape)
        return replace(value, shape=shape, type=None if value.type is None else self._renamed_type(value.type))

    def _renamed_attribute(self, attribute: Attribute) -> Attribute:
        if isinstance(attribute.value, TypeRef):
            return replace(attribute, value=self._renamed_type(attribute.value))
        if isinstance(attribute.value, tuple) and any(isinstance(item, TypeRef) for item in attribute.value):
            items = (self._renamed_type(i) if isinstance(i, TypeRef) else i for i in attribute.value)
            return replace(attribute, value=tuple(items))
        return attribute

    def _renamed_type(self, held: TypeRef) -> TypeRef:
        proto = TypeProto.FromString(held.proto)
        if self.old not in dim_names(proto):
            return held
        for shape in tensor_shapes(proto):
            for dim in shape.dim:
                if text(dim.dim_param) == self.old:
                    set_text(dim, "dim_param", self.new)
        return TypeRef(type_text(proto), proto.SerializeToString())

    def describe(self, document: Document) -> str:
        said = f"Renamed the dim {shown(self.old)} to {shown(self.new)}"
        merges = self.new != self.old and self.new in set(_all_names(document))
        return f"{said}, one with those called so already" if merges else said

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[RenameDim]) -> str:
        names = {edit.new for edit in edits}
        return f"Renamed {len(edits)} dims" + (f" to {shown(names.pop())}" if len(names) == 1 else "")


def _all_names(document: Document) -> Iterator[str]:
    return (name for live in _everything(document) for name in _names(live))


def _everything(document: Document) -> list[LiveValue | LiveNode]:
    nodes, values, _ = document.tables()
    return [*values.values(), *nodes.values()]


def _names(live: LiveValue | LiveNode) -> list[str]:
    return _names_of_value(live) if isinstance(live, LiveValue) else _names_of_node(live)


def _names_of_value(live: LiveValue) -> list[str]:
    """The names of dims in what a value declares; the file's messages where no edit wrote a record, which is faster."""
    if live.record is None:
        return [name for info in live.infos for name in dim_names(info.type)]
    named = [dim for dim in live.record.shape or () if isinstance(dim, str)]
    return named if live.record.type is None else [*named, *dim_names(TypeProto.FromString(live.record.type.proto))]


def _names_of_node(live: LiveNode) -> list[str]:
    """The names of dims in a node's attributes that are types."""
    if live.record is None:
        held: list[Any] = [a for a in live.origin.attribute if a.type in _TYPES] if live.origin else []
        return [name for a in held for proto in (a.tp, *a.type_protos) for name in dim_names(proto)]
    items = [a.value if isinstance(a.value, tuple) else (a.value,) for a in live.record.attributes.values()]
    types = [TypeProto.FromString(i.proto) for found in items for i in found if isinstance(i, TypeRef)]
    return [name for proto in types for name in dim_names(proto)]
