"""Types of values before and after an edit: as found on the way, declared, of tensors, or inferred from a few nodes above."""

from __future__ import annotations

from onnx import TensorProto, TypeProto, helper

from onnx_scalpel.document.local_types import inferable, output_types
from onnx_scalpel.document.protos import dtype_number, set_text
from onnx_scalpel.document.records import ModelRecord, NodeRecord, Shape, TensorRef, ValueRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.tensors import tensor_proto
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.scopes import enclosing_graphs, opset_version

SMALL = 1024  # bytes; larger constants say nothing about types
UNKNOWN_DIM = "\0"  # how the name of a dim that nobody knows begins
_UPWARDS = 40  # nodes that are asked about values of which nothing is declared
_DEPTH = 20  # how far above such a value


class Effort:
    """How many inferences of single nodes an edit may still cost; and the opsets, looked up once."""

    def __init__(self, inferences: int) -> None:
        self.left = inferences
        self._versions: dict[tuple[str, str, bool], int | None] = {}

    def version(self, tx: Transaction, node: NodeRecord, *, now: bool = True) -> int | None:
        """The opset that a node's graph imports of its domain, or did before the transaction."""
        key = node.graph, node.domain, now
        if key not in self._versions:
            self._versions[key] = _version(tx, node) if now else _version_before(tx, node)
        return self._versions[key]


def _version(tx: Transaction, node: NodeRecord) -> int | None:
    return opset_version(tx.document, node.graph, node.domain)


def _version_before(tx: Transaction, node: NodeRecord) -> int | None:
    model, was = tx.model(), tx.before("model", "model:")
    *_, outermost = enclosing_graphs(tx.document, node.graph)
    if outermost.function is not None or not isinstance(was, ModelRecord) or was.opset_imports == model.opset_imports:
        return _version(tx, node)
    domain = normal_domain(node.domain)
    return next((version for found, version in was.opset_imports if normal_domain(found) == domain), None)


class FollowedTypes:
    """Types of values at one time, `now` or before the transaction. `told` holds what was found on the way; `only_dtypes`: shapes
    are of no interest where a dtype is declared."""

    def __init__(self, tx: Transaction, effort: Effort, *, now: bool, only_dtypes: bool) -> None:
        self._tx = tx
        self._document = tx.document
        self._effort = effort
        self._now = now
        self._only_dtypes = only_dtypes
        self.told: dict[str, TypeProto | None] = {}
        self._known: dict[str, TypeProto | None] = {}
        self._depth, self._left = 0, _UPWARDS

    def infer(self, node: NodeRecord) -> list[TypeProto | None]:
        """The types of what a node makes, given those of what it reads."""
        version = self._effort.version(self._tx, node, now=self._now)
        if self._effort.left <= 0 or inferable(node.domain, node.op_type, version) is None:
            return [None] * len(node.outputs)
        self._effort.left -= 1
        inputs = [self.of(value) if value else None for value in node.inputs]
        data = {slot: d for slot, value in enumerate(node.inputs) if value and (d := self.data(value)) is not None}
        return output_types(self._document, node, version, inputs, data)

    def of(self, value_id: str) -> TypeProto | None:
        """The type of a value; dims that nobody knows have names of their own. None: it cannot be told."""
        if value_id in self.told:
            return self.told[value_id]
        if value_id not in self._known:
            self._known[value_id] = None  # of a cycle
            self._known[value_id] = self._find(value_id)
        return self._known[value_id]

    def data(self, value_id: str) -> TensorProto | None:
        """The tensor of a small constant; None for anything else."""
        value, maker = self._value(value_id), self._maker(value_id)
        held = value.tensor if value is not None else None
        if held is None and maker is not None and maker.op_type == "Constant":
            for attribute in maker.attributes.values():
                if isinstance(attribute.value, TensorRef):
                    held = attribute.value
                elif attribute.type == "INTS" and isinstance(attribute.value, tuple):
                    return helper.make_tensor("", TensorProto.INT64, [len(attribute.value)], attribute.value)
        if held is None or held.sparse or held.digest or not 0 < held.nbytes <= SMALL:
            return None
        proto: TensorProto = tensor_proto(self._document, held)
        return None if proto.data_location == TensorProto.EXTERNAL else proto

    def _find(self, value_id: str) -> TypeProto | None:
        value = self._value(value_id)
        if value is None:
            return None
        if value.type is not None:
            return TypeProto.FromString(value.type.proto)
        if value.tensor is not None and not value.dtype:
            return None if value.tensor.sparse else self._tensor_type(value_id, value.tensor.dtype, value.tensor.shape)
        declared = self._tensor_type(value_id, value.dtype, value.shape) if value.dtype else None
        if value.dtype and (value.shape is not None or self._only_dtypes):
            return declared
        maker = self._maker(value_id)
        if maker is None or self._depth >= _DEPTH or self._left <= 0:
            return declared
        self._depth += 1
        self._left -= 1
        found = self.infer(maker)[maker.outputs.index(value_id)]
        self._depth -= 1
        return found or declared

    def _value(self, value_id: str) -> ValueRecord | None:
        if self._now:
            return self._document.value(value_id)
        record = self._tx.before("value", value_id)
        return record if isinstance(record, ValueRecord) else None

    def _maker(self, value_id: str) -> NodeRecord | None:
        """The node that makes the value; before the edit: as far as it is the same one."""
        if not self._document.has("value", value_id):
            return None
        producer = self._document.producer(value_id)
        if producer is None:
            return None
        record = self._document.node(producer.node) if self._now else self._tx.before("node", producer.node)
        return record if isinstance(record, NodeRecord) and value_id in record.outputs else None

    def _tensor_type(self, value_id: str, dtype: str, shape: Shape) -> TypeProto | None:
        proto = TypeProto()
        try:
            proto.tensor_type.elem_type = dtype_number(dtype)
        except (KeyError, ValueError):
            return None
        if shape is not None:
            dims = proto.tensor_type.shape
            for axis, size in enumerate(shape):
                dim = dims.dim.add()
                if isinstance(size, int):
                    dim.dim_value = size
                else:
                    set_text(dim, "dim_param", size or f"{UNKNOWN_DIM}{value_id}.{axis}")
        return proto
