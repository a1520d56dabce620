"""Writes a plan into the document: constants made anew, and nodes that look sizes up where no constant can say them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from msgspec.structs import replace

from onnx_scalpel.document.protos import DTYPE_NUMBERS
from onnx_scalpel.document.records import Attribute, NodeRecord, TensorRef
from onnx_scalpel.document.tensors import make_tensor, read_array
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.constants import PLAIN_INITIALIZERS, constant_takes
from onnx_scalpel.edits.flow import graphs_that_output
from onnx_scalpel.edits.scopes import free_node_name, new_value, opset_version
from onnx_scalpel.transforms.resizing.evaluating import schema_of
from onnx_scalpel.transforms.resizing.facts import Array
from onnx_scalpel.transforms.resizing.plan import BlockedError, Floats, Fresh, Item, Items
from onnx_scalpel.transforms.resizing.sourcing import Axis, Source, Sources
from onnx_scalpel.transforms.resizing.vectors import Vector, varies
from onnx_scalpel.transforms.resizing.walking import Walk

_INLINE = 1 << 16  # bytes of a constant that is written out; a larger one is expanded when the model runs


class PlanWriter:
    """Writes one plan. `baked`: some constant holds a new size as a number, so the old size no longer fits."""

    def __init__(self, tx: Transaction, walk: Walk) -> None:
        self._tx = tx
        self._walk = walk
        self._sources = Sources(tx.document, walk.facts, walk.order)
        self._shapes: dict[tuple[str, str], str] = {}  # (graph, value) -> the value that holds its shape
        self._sizes: dict[tuple[str, Vector], str] = {}  # (graph, dim) -> the value that holds its size
        self._fresh: dict[str, str] = {}  # constants that are wanted several times
        self._left: list[str] = []  # values that mended nodes read before
        self._loose = tx.model().ir_version >= PLAIN_INITIALIZERS  # an initializer need not be an input
        self.baked = False

    def write(self) -> None:
        plan = self._walk.plan
        # in the order of the walk: a shape that was looked up for one node is there for those behind it
        place = {node: at for at, node in enumerate(self._walk.steps)}
        for node_id in sorted({*plan.slots, *plan.attributes, *plan.operators}, key=lambda node: place[node]):
            for slot, mend in sorted(plan.slots.get(node_id, {}).items()):
                self._write_slot(node_id, slot, mend)
            self._write_attributes(node_id)
        self._prune()

    def _write_attributes(self, node_id: str) -> None:
        plan, node = self._walk.plan, self._tx.node(node_id)
        attributes = dict(node.attributes)
        for name, attribute in plan.attributes.get(node_id, {}).items():
            if attribute is None:
                attributes.pop(name, None)
            else:
                attributes[name] = attribute  # where it stands: the file keeps that order
                self.baked = self.baked or node_id not in plan.operators
        op_type = plan.operators.get(node_id, node.op_type)
        if attributes != node.attributes or op_type != node.op_type:
            self._tx.put(replace(node, attributes=attributes, op_type=op_type))

    def _write_slot(self, node_id: str, slot: int, mend: Items | Floats | Fresh | None) -> None:
        node = self._tx.node(node_id)
        old = node.inputs[slot] if slot < len(node.inputs) else ""
        if mend is None:
            self._connect(node_id, slot, "")
        elif isinstance(mend, Items):
            numbers = [self._number(item) for item in mend.items]
            if all(n is not None for n in numbers):
                array = np.array([n for n in numbers if n is not None], np.dtype(mend.dtype))
                self._constant(node, slot, old, array.reshape(()) if mend.scalar else array)
            else:
                self._connect(node_id, slot, self._looked_up(node_id, mend))
        elif isinstance(mend, Floats):
            self._constant(node, slot, old, np.array(mend.items, np.float32))
        else:
            self._connect(node_id, slot, self._made_anew(node, mend))
        if old:
            self._left.append(old)

    def _number(self, item: Item) -> int | None:
        if isinstance(item, int):
            return item
        found = self._walk.number(item)
        self.baked = self.baked or found is not None
        return found

    def _connect(self, node_id: str, slot: int, value: str) -> None:
        node = self._tx.node(node_id)
        inputs = [*node.inputs, *[""] * (slot + 1 - len(node.inputs))]
        inputs[slot] = value
        while inputs and not inputs[-1]:
            inputs.pop()
        self._tx.put(replace(node, inputs=tuple(inputs)))

    # constants

    def _constant(self, node: NodeRecord, slot: int, old: str, array: Array) -> None:
        """Put the array where the old constant is, if nobody else reads that; else beside it."""
        document, tensor = self._tx.document, make_tensor(array)
        if old and len(document.consumers(old)) == 1 and not graphs_that_output(document, old):
            value, producer = self._tx.value(old), document.producer(old)
            own = self._loose and document.is_input(old)  # a default, which whoever runs the model may override
            if value.tensor is not None and not own and value.tensor.dtype == tensor.dtype:
                declared = value if value.shape in (None, tensor.shape) else replace(value, shape=tensor.shape)
                self._tx.put(replace(declared, tensor=tensor))
                return
            maker = self._tx.node(producer.node) if producer is not None else None
            if maker is not None and maker.op_type == "Constant" and set(maker.attributes) == {"value"}:
                self._tx.put(replace(maker, attributes={"value": Attribute("TENSOR", tensor)}))
                self._drop_type(old)
                return
        name = self._tx.value(old).name if old else f"{node.name or self._tx.value(node.outputs[0]).name}_{slot}"
        self._connect(node.id, slot, self._new_constant(node, name, tensor))

    def _drop_type(self, value_id: str) -> None:
        value = self._tx.value(value_id)
        if value.shape is not None:
            self._tx.put(replace(value, dtype="", shape=None, declared=False))

    def _new_constant(self, node: NodeRecord, name: str, tensor: TensorRef) -> str:
        """A constant that the node can read: an initializer, or a Constant node where that would be no initializer alone."""
        key = f"{node.graph} {name} {tensor.dtype} {tensor.shape} {hash(tensor.proto)}"
        as_node = self._tx.document.live_graph(node.graph).is_function or not self._loose
        if key in self._fresh and not as_node:
            return self._fresh[key]
        value = new_value(self._tx, node.graph, f"{name}_resized")
        if as_node and not constant_takes(self._tx.document, node.graph, tensor.dtype):
            self._tx.put(value)
            array = read_array(self._tx.document, tensor).astype(np.float64)
            made = self._new_constant(node, name, make_tensor(array))
            cast = {"to": Attribute("INT", DTYPE_NUMBERS[tensor.dtype])}
            self._put_node(node, "Cast", (made,), value.id, cast)
        elif as_node:
            self._tx.put(value)
            self._put_node(node, "Constant", (), value.id, {"value": Attribute("TENSOR", tensor)})
        else:
            self._tx.put(replace(value, tensor=tensor))
            self._fresh[key] = value.id
        return value.id

    def _array(self, node: NodeRecord, numbers: Any, dtype: str = "int64", name: str = "") -> str:
        array = np.array(numbers, np.dtype(dtype))
        return self._new_constant(node, name or f"{node.name or node.op_type}_size", make_tensor(array))

    # sizes that are looked up

    def _looked_up(self, node_id: str, mend: Items) -> str:
        """A value with these items, computed before the node."""
        node = self._tx.node(node_id)
        parts, plain = [], []
        for item in (*mend.items, None):
            number = self._number(item) if item is not None else None
            if number is not None:
                plain.append(number)
                continue
            if plain:
                parts.append(self._array(node, plain))
                plain = []
            if item is not None and not isinstance(item, int):
                parts.append(self._size(node, item))
        joined = parts[0] if len(parts) == 1 else self._node(node, "Concat", parts, {"axis": Attribute("INT", 0)})
        if mend.scalar:
            joined = self._node(node, "Reshape", [joined, self._array(node, np.zeros(0))])
        return joined if mend.dtype == "int64" else self._cast(node, joined, mend.dtype)

    def _size(self, node: NodeRecord, vector: Vector) -> str:
        known = self._sizes.get((node.graph, vector))
        if known is not None:
            return known
        source = self._sources.find(vector, node.id)
        if source is None:
            raise BlockedError(node.id, "the size that it needs cannot be found in what comes before it")
        self._sizes[node.graph, vector] = self._computed(node, source)
        return self._sizes[node.graph, vector]

    def _computed(self, node: NodeRecord, source: Source) -> str:
        if isinstance(source, Axis):
            key = node.graph, source.value
            if key not in self._shapes:
                self._shapes[key] = self._node(node, "Shape", [source.value])
            axis = self._array(node, [source.axis])
            return self._node(node, "Gather", [self._shapes[key], axis], {"axis": Attribute("INT", 0)})
        left = self._computed(node, source.left)
        plain = isinstance(source.right, int)
        right = self._array(node, [source.right]) if plain else self._computed(node, source.right)  # type: ignore[arg-type]
        return self._node(node, source.operator, [left, right])

    def _cast(self, node: NodeRecord, value: str, dtype: str) -> str:
        return self._node(node, "Cast", [value], {"to": Attribute("INT", DTYPE_NUMBERS[dtype])})

    def _node(
        self, node: NodeRecord, op_type: str, inputs: Iterable[str], attributes: dict[str, Attribute] | None = None
    ) -> str:
        """A new node before `node`; the value that it makes."""
        version = opset_version(self._tx.document, node.graph, "") or 1
        if schema_of("", op_type, version) is None:
            raise BlockedError(
                node.id, f"it would need {op_type}, which opset {version} lacks", "convert the model first"
            )
        stem = node.name or self._tx.value(next(o for o in node.outputs if o)).name
        value = new_value(self._tx, node.graph, f"{stem}_{op_type}")
        self._tx.put(value)
        self._put_node(node, op_type, tuple(inputs), value.id, attributes or {})
        return value.id

    def _put_node(
        self, node: NodeRecord, op_type: str, inputs: tuple[str, ...], output: str, attributes: dict[str, Attribute]
    ) -> None:
        made = self._tx.value(output)
        name = free_node_name(self._tx.document, node.graph, made.name)
        node_id = self._tx.new_node_id(node.graph, made.name, name, op_type)
        order = self._tx.document.order_before(node.id)
        domain = "" if opset_version(self._tx.document, node.graph, "") is not None else node.domain
        self._tx.put(NodeRecord(node_id, node.graph, name, op_type, domain, inputs, (output,), attributes, order))

    # tensors made anew

    def _made_anew(self, node: NodeRecord, mend: Fresh) -> str:
        if mend.kind == "expand":
            return self._expanded(node, mend.value, mend)
        name = self._tx.value(mend.value).name
        if mend.kind == "uniform":
            if not any(varies(v) for v in mend.shape):
                return self._new_constant(node, name, make_tensor(mend.array))
            shape = [self._number(v) for v in mend.shape]
            known = [n for n in shape if n is not None]
            if len(known) == len(shape) and int(np.prod(known)) * mend.array.itemsize <= _INLINE:
                return self._new_constant(node, name, make_tensor(np.broadcast_to(mend.array, known).copy()))
            return self._expanded(node, self._new_constant(node, name, make_tensor(mend.array)), mend)
        vector = mend.shape[mend.axes[0]]
        number = self._number(vector)
        if number is not None:
            return self._new_constant(node, name, make_tensor(_drawn(mend, number)))
        return self._range(node, mend, vector) if mend.kind == "range" else self._triangle(node, mend, vector)

    def _expanded(self, node: NodeRecord, value: str, mend: Fresh) -> str:
        items = tuple(v if axis in mend.axes else 1 for axis, v in enumerate(mend.shape))
        numbers = [self._number(item) for item in items]
        known = [n for n in numbers if n is not None]
        shape = self._array(node, known) if len(known) == len(items) else self._looked_up(node.id, Items(items))
        return self._node(node, "Expand", [value, shape])

    def _line(self, node: NodeRecord, vector: Vector) -> str:
        size = self._node(node, "Reshape", [self._size(node, vector), self._array(node, np.zeros(0))])
        return self._node(node, "Range", [self._array(node, 0), size, self._array(node, 1)])

    def _range(self, node: NodeRecord, mend: Fresh, vector: Vector) -> str:
        line = self._line(node, vector)
        if len(mend.shape) > 1:
            shape = [-1 if axis in mend.axes else 1 for axis in range(len(mend.shape))]
            line = self._node(node, "Reshape", [line, self._array(node, shape)])
        if mend.dtype != "int64":
            line = self._cast(node, line, mend.dtype)
        step = np.asarray(mend.numbers[0])
        if step.ndim or step != 1:
            line = self._node(node, "Mul", [line, self._array(node, step, mend.dtype)])
        if mend.array.any():
            line = self._node(node, "Add", [line, self._new_constant(node, "start", make_tensor(mend.array))])
        return line

    def _triangle(self, node: NodeRecord, mend: Fresh, vector: Vector) -> str:
        line = self._line(node, vector)
        sides = []
        for side in mend.axes:
            shape = [-1 if axis == side else 1 for axis in range(len(mend.shape))]
            sides.append(self._node(node, "Reshape", [line, self._array(node, shape)]))
        above = self._node(node, "Less", sides)
        low, high = (self._array(node, number, mend.dtype) for number in mend.numbers)
        return self._node(node, "Where", [above, high, low])

    # what nobody reads any more

    def _prune(self) -> None:
        """Remove what only mended inputs read: nodes that computed an old size, and constants."""
        document, pending = self._tx.document, list(dict.fromkeys(self._left))
        while pending:
            value_id = pending.pop()
            if (
                not document.has("value", value_id)
                or document.consumers(value_id)
                or document.live_value(value_id).listed
            ):
                continue
            producer = document.producer(value_id)
            if producer is None:
                if document.value(value_id).tensor is not None:
                    self._tx.drop("value", value_id)
                continue
            node = self._tx.node(producer.node)
            if document.body_ids(node.id) or any(o and o != value_id for o in node.outputs):
                continue
            self._tx.drop("node", node.id)
            self._tx.drop_unused([value_id])
            pending += [i for i in node.inputs if i]


def _drawn(mend: Fresh, size: int) -> Array:
    """A range or a triangle of a known size."""
    made: Array
    if mend.kind == "range":
        count = np.arange(size).reshape([-1 if axis in mend.axes else 1 for axis in range(len(mend.shape))])
        made = mend.array + mend.numbers[0] * count
    else:
        low, high = mend.numbers
        shape = [size if axis in mend.axes else 1 for axis in range(len(mend.shape))]
        made = np.where(np.tri(size, dtype=bool), low, high).reshape(shape)
    return made.astype(np.dtype(mend.dtype))
