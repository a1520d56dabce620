"""Which nodes, attributes and tensors of a rewritten model are those that were there before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import onnx
from onnx import AttributeProto, NodeProto, SparseTensorProto, TensorProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.protos import attribute_type, read_attribute, tensor_facts, text, texts
from onnx_scalpel.document.records import Attribute, AttributeItem, TensorRef, same_data
from onnx_scalpel.document.schemas import default_as_json, normal_domain, operator
from onnx_scalpel.document.source import safe_location
from onnx_scalpel.document.tensors import full_tensor, tensor_proto
from onnx_scalpel.document.weightless import external_entries, number
from onnx_scalpel.errors import AppError

GRAPHS = ("GRAPH", "GRAPHS")


def match_nodes(before: Sequence[LiveNode], after: Sequence[NodeProto]) -> dict[int, LiveNode]:
    """By place in `after`: the node that it was. By its first output's name, else by its own where that is unique, else by
    what it reads first where that is unique; a node whose operator changed is another one."""
    by_output = {first: node for node in before if (first := next(filter(None, _outputs(node)), ""))}
    matched: dict[int, LiveNode] = {}
    for place, proto in enumerate(after):
        node = by_output.get(next(filter(None, texts(proto.output)), ""))
        if node is not None and _same_operator(node, proto):
            matched[place] = node
    _match_by(before, after, matched, lambda node: str(node.node.name), lambda proto: text(proto.name))
    _match_by(before, after, matched, _reads_first, lambda proto: _joined(text(proto.op_type), texts(proto.input)))
    return matched


def _match_by(
    before: Sequence[LiveNode],
    after: Sequence[NodeProto],
    matched: dict[int, LiveNode],
    key_of_node: Callable[[LiveNode], str],
    key_of_proto: Callable[[NodeProto], str],
) -> None:
    """Match what is left by a key that only one node has on either side."""
    taken = {node.id for node in matched.values()}
    nodes = [(key_of_node(node), node) for node in before if node.id not in taken]
    protos = [(key_of_proto(proto), place) for place, proto in enumerate(after) if place not in matched]
    times, found = Counter(key for key, _ in nodes), Counter(key for key, _ in protos)
    by_key = {key: node for key, node in nodes if key and times[key] == 1}
    for key, place in protos:
        node = by_key.get(key)
        if node is not None and found[key] == 1 and _same_operator(node, after[place]):
            matched[place] = node


def _reads_first(node: LiveNode) -> str:
    return _joined(node.node.op, [tensor.name for tensor in node.node.inputs])


def _joined(op_type: str, inputs: Sequence[str]) -> str:
    return f"{op_type} {inputs[0]}" if inputs and inputs[0] else ""


def _outputs(node: LiveNode) -> Iterable[str]:
    return (tensor.name for tensor in node.node.outputs)


def _same_operator(node: LiveNode, proto: NodeProto) -> bool:
    if node.node.op != text(proto.op_type):
        return False
    if normal_domain(node.node.domain or "") != normal_domain(text(proto.domain)):
        return False
    bodies = {text(a.name) for a in proto.attribute if attribute_type(a) in GRAPHS}
    return bodies == {name for name, _ in node.bodies}


def merged_attributes(
    document: Document,
    before: Mapping[str, Attribute],
    proto: NodeProto,
    version: int | None,
    folder: Path,
) -> dict[str, Attribute]:
    """A surviving node's attributes: what was said and is still true stays as it was said; bodies stay. A default that is
    spelled out, or left out, is no change."""
    schema = operator(text(proto.domain), text(proto.op_type), version)
    defaults = {a.name: a.default for a in schema.attributes if a.default is not None} if schema else {}
    after: dict[str, Attribute] = {}
    for attribute in proto.attribute:
        name = text(attribute.name)
        if attribute_type(attribute) in GRAPHS:
            continue
        read = new_attribute(attribute, folder)
        old = before.get(name)
        if old is not None and _same_attribute(document, old, read):
            after[name] = old
        elif old is not None or not _is_default(attribute, name, defaults):
            after[name] = read
    kept = {
        name: after.get(name, old)
        for name, old in before.items()
        if name in after or old.type in GRAPHS or _says_default(old, name, defaults)
    }
    return kept | {name: found for name, found in after.items() if name not in kept}


def new_attribute(
    proto: AttributeProto, folder: Path, graph: Callable[[str, int | None], str] | None = None
) -> Attribute:
    """An attribute of the rewritten model as a record that carries its tensors."""
    copy = AttributeProto()
    copy.CopyFrom(proto)
    for tensor in ([copy.t] if copy.HasField("t") else []) + list(copy.tensors):
        fill(tensor, folder)
    return read_attribute(copy, graph or (lambda name, _: name), "")


def _is_default(attribute: AttributeProto, name: str, defaults: Mapping[str, object]) -> bool:
    if name not in defaults or attribute.ref_attr_name:
        return False
    return bool(default_as_json(onnx.helper.get_attribute_value(attribute)) == defaults[name])


def _says_default(attribute: Attribute, name: str, defaults: Mapping[str, object]) -> bool:
    value = list(attribute.value) if isinstance(attribute.value, tuple) else attribute.value
    if name not in defaults or isinstance(value, TensorRef):
        return False
    return bool(default_as_json(value) == defaults[name])


def _same_attribute(document: Document, one: Attribute, other: Attribute) -> bool:
    if (one.type, one.ref) != (other.type, other.ref):
        return False
    if not isinstance(one.value, (TensorRef, tuple)) or not isinstance(other.value, (TensorRef, tuple)):
        return same_data(one.value, other.value)
    was, now = (v if isinstance(v, tuple) else (v,) for v in (one.value, other.value))
    return len(was) == len(now) and all(_same_item(document, a, b) for a, b in zip(was, now, strict=True))


def _same_item(document: Document, one: AttributeItem, other: AttributeItem) -> bool:
    if not isinstance(one, TensorRef) or not isinstance(other, TensorRef):
        return same_data(one, other)
    if other.sparse:
        return one.sparse and _same_sparse(document, one, other)
    return same_tensor(document, one, TensorProto.FromString(other.proto), Path())


def _same_sparse(document: Document, one: TensorRef, other: TensorRef) -> bool:
    """Whether two sparse tensors are written alike, but for names."""
    try:
        was, now = SparseTensorProto(), SparseTensorProto.FromString(other.proto)
        was.CopyFrom(tensor_proto(document, one))
    except AppError:
        return False
    for proto in (was, now):
        proto.values.ClearField("name")
        proto.indices.ClearField("name")
    return bool(was == now)


def same_tensor(document: Document, ref: TensorRef, proto: TensorProto, folder: Path) -> bool:
    """Whether a tensor has the dtype, shape and data of a reference, however it is written."""
    facts = tensor_facts(proto, "?")
    if ref.sparse or (ref.dtype, ref.shape) != (facts.dtype, facts.shape):
        return False
    try:
        before = full_tensor(document, ref)
    except AppError:
        return False
    after = TensorProto()
    after.CopyFrom(proto)
    fill(after, folder)
    if ref.dtype == "string":
        return list(before.string_data) == list(after.string_data)
    return _raw(before) == _raw(after)


def new_tensor(proto: TensorProto, folder: Path) -> TensorRef:
    """A reference that carries a tensor of the rewritten model."""
    copy = TensorProto()
    copy.CopyFrom(proto)
    fill(copy, folder)
    return tensor_facts(copy)


def fill(tensor: TensorProto, folder: Path) -> None:
    """Put the data of an external tensor into it. AppError `external-data`."""
    if tensor.data_location != TensorProto.EXTERNAL:
        return
    entries = external_entries(tensor)
    with (folder / safe_location(entries.get("location", ""))).open("rb") as stream:
        stream.seek(max(0, number(entries.get("offset", "0"))))
        data = stream.read(number(entries.get("length", "")))
    tensor.ClearField("external_data")
    tensor.ClearField("data_location")
    tensor.raw_data = data


def _raw(proto: TensorProto) -> bytes:
    if proto.HasField("raw_data"):
        return bytes(proto.raw_data)
    try:
        return bytes(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(proto)).raw_data)
    except (ValueError, TypeError, KeyError):
        return bytes(proto.SerializeToString())
