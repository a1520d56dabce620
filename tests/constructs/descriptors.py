"""Every field of every message of ONNX, at every place where the message can be, with a value in it that is found again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from onnx import AttributeProto, ModelProto, TensorProto, helper, numpy_helper

TEXT, NUMBER, REAL = "w0nder", 7654321, 1234567.5
UNKNOWN = bytes((0xA2, 0x38, len(TEXT))) + TEXT.encode()  # field 900, which ONNX does not define
Path = tuple[FieldDescriptor, ...]


@dataclass(frozen=True)
class Planted:
    """A model with a value in one field, the kind of subject that it is about, and words of which one must be told."""

    model: ModelProto
    kind: str
    words: tuple[str, ...]


def fields() -> list[str]:
    """Every field by the path to it."""
    return ["/".join(field.name for field in path) for path in _paths()]


def messages() -> list[str]:
    """One field of each message at each place where it can be."""
    found = {path.rpartition("/")[0]: path for path in fields()}
    return list(found.values())


@lru_cache(maxsize=1)
def _paths() -> tuple[Path, ...]:
    """For each field of a message each way in which the message is held, by the shortest way there."""
    shortest = _shortest()
    found: list[Path] = []
    for message, way in shortest.items():
        for holder in _holders(message) or [None]:
            road = way if holder is None else (*shortest[holder.containing_type.full_name], holder)
            found += [(*road, field) for field in _descriptors()[message].fields]
    return tuple(found)


@lru_cache(maxsize=1)
def _descriptors() -> dict[str, Descriptor]:
    found: dict[str, Descriptor] = {}
    waiting: list[Descriptor] = [ModelProto.DESCRIPTOR]
    while waiting:
        message = waiting.pop()
        if message.full_name not in found:
            found[message.full_name] = message
            waiting += [field.message_type for field in message.fields if field.message_type]
    return found


def _holders(message: str) -> list[FieldDescriptor]:
    """The fields that hold messages of this kind."""
    every = (field for holder in _descriptors().values() for field in holder.fields)
    return [field for field in every if field.message_type and field.message_type.full_name == message]


def _shortest() -> dict[str, Path]:
    """The shortest way to each message."""
    ways: dict[str, Path] = {ModelProto.DESCRIPTOR.full_name: ()}
    waiting = [ModelProto.DESCRIPTOR]
    for message in waiting:
        for field in message.fields:
            held = field.message_type
            if held is not None and held.full_name not in ways:
                ways[held.full_name] = (*ways[message.full_name], field)
                waiting.append(held)
    return ways


def planted(path: str, unknown: bool = False) -> Planted:
    """The model with a value in the field of this path; `unknown`: in a field of its message that ONNX does not define."""
    road = next(one for one in _paths() if "/".join(field.name for field in one) == path)
    model = _start()
    message: Any = model
    for field in road[:-1]:
        message = _enter(message, field)
    if unknown:
        message.MergeFromString(UNKNOWN)
        return Planted(model, _kind(road[:-1]), (TEXT,))
    words = _plant(message, road[-1])
    kind = "graph" if _names_nothing(road) and _kind(road) != "model" else _kind(road)
    return Planted(model, kind, _complete(message, road[-1], words))


def _kind(road: Path) -> str:
    """What kind of subject the field at the end of a road is about: the innermost that the road passes."""
    kind = "model"
    for field in road:
        if field.name in ("training_info", "configuration", "attribute_proto"):
            return kind  # what is inside has no subjects of its own
        kind = _KINDS.get(field.message_type.name, kind) if field.message_type else kind
        kind = "value" if field.name.endswith("initializer") else kind
    return kind


def _names_nothing(road: Path) -> bool:
    """Whether the field makes a description of a value that is not there."""
    names = [field.name for field in road]
    return names[-1:] == ["value_info"] or names[-2:] == ["value_info", "name"]


_KINDS = {"GraphProto": "graph", "FunctionProto": "graph", "NodeProto": "node", "ValueInfoProto": "value"}


def _start() -> ModelProto:
    """A model in which every list that has subjects has a first one."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Foo", ["x", "w", "s"], ["h"], domain="c"), helper.make_node("F", ["h"], ["y"], domain="c")],
        "g", [value("x", 1, ["N"])], [value("y", 1, ["N"])], [numpy_helper.from_array(np.ones(1, "f"), "w")],
        value_info=[value("h", 1, ["N"])],
    )  # fmt: skip
    graph.sparse_initializer.append(
        helper.make_sparse_tensor(helper.make_tensor("s", 1, [1], [1.0]), helper.make_tensor("i", 7, [1], [0]), [4])
    )
    function = helper.make_function(
        "c", "F", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], [helper.make_opsetid("", 21)]
    )
    function.value_info.append(value("b", 1, ["N"]))
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("c", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=11, functions=[function])


_SUBJECT_LISTS = ("node", "input", "output", "value_info", "initializer", "sparse_initializer", "functions")


def _enter(message: Any, field: FieldDescriptor) -> Any:
    """The message in a field: the first where the model has one, else a new one."""
    content = getattr(message, field.name)
    if not field.is_repeated:
        content.SetInParent()
        held = content
    elif field.name in _SUBJECT_LISTS and len(content):
        return content[0]
    else:
        held = content.add()
    if isinstance(message, AttributeProto):
        message.type = _attribute_type(field.name)
        message.name = message.name or "planted"
    if field.message_type.name == "GraphProto" and isinstance(message, AttributeProto):
        held.name = "inside"
        held.node.add(op_type="Foo", output=["inner"])
        held.initializer.add(name="iw", data_type=1, dims=[0])
        held.sparse_initializer.add(dims=[0]).values.name = "is"
        for name, listed in (("ii", held.input), ("inner", held.output), ("inner", held.value_info)):
            listed.add(name=name)
    return held


_ATTRIBUTE_TYPES = {
    "t": "TENSOR", "g": "GRAPH", "sparse_tensor": "SPARSE_TENSOR", "tp": "TYPE_PROTO", "tensors": "TENSORS", "graphs": "GRAPHS",
    "sparse_tensors": "SPARSE_TENSORS", "type_protos": "TYPE_PROTOS", "f": "FLOAT", "i": "INT", "s": "STRING",
    "floats": "FLOATS", "ints": "INTS", "strings": "STRINGS",
}  # fmt: skip


def _attribute_type(field: str) -> int:
    return int(AttributeProto.AttributeType.Value(_ATTRIBUTE_TYPES[field]))


def _plant(message: Any, field: FieldDescriptor) -> str:
    """Put a value in; the words by which it is found."""
    if field.message_type is not None:
        held = getattr(message, field.name)
        held = held.add() if field.is_repeated else held
        held.SetInParent()
        held.MergeFromString(UNKNOWN)
        return TEXT
    value: Any
    if field.enum_type is not None:
        value = field.enum_type.values[-1].number
        words = str(field.enum_type.values[-1].name)
    elif field.cpp_type in (field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE):
        value, words = REAL, "1234567.5"
    elif field.type == field.TYPE_BYTES:
        value, words = TEXT.encode(), TEXT
    elif field.cpp_type == field.CPPTYPE_STRING:
        value, words = TEXT, TEXT
    else:
        value, words = NUMBER, str(NUMBER)
    if field.is_repeated:
        del getattr(message, field.name)[:]
        getattr(message, field.name).append(value)
    else:
        setattr(message, field.name, value)
    return words


_DATA_TYPES = {
    "float_data": TensorProto.FLOAT, "int32_data": TensorProto.INT32, "string_data": TensorProto.STRING,
    "int64_data": TensorProto.INT64, "double_data": TensorProto.DOUBLE, "uint64_data": TensorProto.UINT64,
}  # fmt: skip


def _complete(message: Any, field: FieldDescriptor, words: str) -> tuple[str, ...]:
    """Make the rest of the message agree with the value: a tensor's dtype with its data, an attribute's type with its field."""
    if isinstance(message, TensorProto) and field.name in _DATA_TYPES:
        message.ClearField("raw_data")
        message.data_type, message.dims[:] = _DATA_TYPES[field.name], [1]
    if isinstance(message, TensorProto) and field.name == "raw_data":
        message.ClearField("float_data")
        message.data_type, message.dims[:] = TensorProto.UINT8, [len(TEXT)]
        return words, ", ".join(str(byte) for byte in TEXT.encode())
    if isinstance(message, AttributeProto):
        message.name = message.name or "planted"
        if field.name in _ATTRIBUTE_TYPES:
            message.type = _attribute_type(field.name)
    if field.name in ("elem_type", "data_type", "key_type") and field.message_type is None:
        return (f"unknown({words})",)
    return (words,)
