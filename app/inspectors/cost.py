"""What one run of the model costs: multiply-accumulates, operations and memory, as far as sizes are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import onnx
import onnx.checker
import onnx.inliner
import onnx.shape_inference
from onnx import GraphProto, ModelProto, NodeProto, SparseTensorProto, TypeProto

from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.protos import declared_type, dtype_name, nbytes_of, text
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.inspectors.amounts import bytes_text, count_text, plural, table
from onnx_scalpel.inspectors.inspected import Facts, Inspected
from onnx_scalpel.inspectors.macs import Call, Dims, multiplies, work_of

HEAVIEST_SHOWN = 10
_LINES = 8
_LARGEST = 2**63 - 1
_FAILURES = (
    onnx.checker.ValidationError,
    onnx.shape_inference.InferenceError,
    ValueError,
    RuntimeError,
    TypeError,
    UnicodeError,
)


@dataclass
class _Counted:
    """Work by operator, added up node by node."""

    nodes: int = 0
    unknown: int = 0
    macs: int = 0
    other: int = 0

    def to_json(self, op_type: str, domain: str) -> Facts:
        return {
            "op_type": printable(op_type),
            "domain": printable(domain),
            "nodes": self.nodes,
            "unknown": self.unknown,
            "macs": min(self.macs, _LARGEST),
            "flops": min(2 * self.macs + self.other, _LARGEST),
        }


@dataclass
class _Tally:
    by_operator: dict[tuple[str, str], _Counted] = field(default_factory=dict)
    heaviest: list[tuple[int, str, str]] = field(default_factory=list)  # macs, first output, operator


class CostInspector:
    """An estimate by rules, not a measurement. Local functions are laid open first; each body counts once, however often a loop
    runs it. Open dims of the inputs have the sizes that a run suggests. A node counts as unknown where its sizes do not follow."""

    name = "cost"
    title = "Cost of one run"

    def inspect(self, model: Inspected) -> Facts:
        if not model.libraries:
            return {"known": False, "why": "types could not be inferred for this model", "sizes": {}}
        proto = _sized(model.proto, {**model.derived, **model.sizes})
        shapes = _Shapes(proto.graph)
        tally = _Tally()
        _count(proto.graph, shapes, {}, tally)
        operators = [counted.to_json(*key) for key, counted in tally.by_operator.items()]
        operators.sort(key=lambda one: (-int(str(one["macs"])), -int(str(one["flops"]))))
        matrix = [one for one in operators if multiplies(str(one["op_type"]))]
        return {
            "known": True,
            "why": "",
            "sizes": dict(model.sizes),
            "macs": min(sum(int(str(one["macs"])) for one in operators), _LARGEST),
            "flops": min(sum(int(str(one["flops"])) for one in operators), _LARGEST),
            "matrix_nodes": sum(int(str(one["nodes"])) for one in matrix),
            "matrix_unknown": sum(int(str(one["unknown"])) for one in matrix),
            "unknown": sum(int(str(one["unknown"])) for one in operators),
            "by_operator": operators,
            "heaviest": _heaviest(model, tally),
            **_activations(proto.graph, shapes),
        }

    def tell(self, facts: Facts) -> list[str]:
        if not facts["known"]:
            return [facts["why"]]
        assumed = ", ".join(f"{name} = {size}" for name, size in list(facts["sizes"].items())[:6])
        head = f"{count_text(facts['macs'])} multiply-accumulates, {count_text(facts['flops'])} operations"
        lines = [head + (f" for {assumed}" if assumed else "")]
        if facts["matrix_unknown"] == facts["matrix_nodes"] > 0:
            lines = [f"sizes of none of the {plural(facts['matrix_nodes'], 'node')} that multiply are known"]
        elif facts["matrix_unknown"]:
            lines.append(
                f"without {plural(facts['matrix_unknown'], 'node')} of {facts['matrix_nodes']:,} that multiply, whose sizes are not known"
            )
        lines.append(
            f"{bytes_text(facts['activation_bytes'])} of values are made, {bytes_text(facts['peak_bytes'])} at a time at most"
        )
        rows = [
            [one["op_type"], f"{count_text(one['macs'])} MACs", f"{100 * one['macs'] / facts['macs']:.1f} %", ""]
            for one in facts["by_operator"][:_LINES]
            if one["macs"]
        ]
        return [*lines, *table(rows)]


def _sized(proto: ModelProto, sizes: Mapping[str, int]) -> ModelProto:
    """A copy with functions laid open, with these sizes in place of open dims, and with what follows from them inferred."""
    copy = ModelProto()
    copy.CopyFrom(proto)
    if copy.functions:
        try:
            copy = onnx.inliner.inline_local_functions(copy)
        except _FAILURES:
            copy.CopyFrom(proto)  # its functions count as unknown
    defaults = {text(t.name) for t in copy.graph.initializer}
    for info in copy.graph.input:
        _fix(info.type, sizes, text(info.name) if text(info.name) not in defaults else "")
    for info in (*copy.graph.output, *copy.graph.value_info):
        _fix(info.type, sizes, "")
    try:
        return onnx.shape_inference.infer_shapes(copy, data_prop=True)
    except _FAILURES:
        return copy


def _fix(declared: TypeProto, sizes: Mapping[str, int], name: str) -> None:
    if not declared.tensor_type.HasField("shape"):
        return
    for axis, dim in enumerate(declared.tensor_type.shape.dim):
        kind = dim.WhichOneof("value")
        if kind == "dim_value" and dim.dim_value >= 0:
            continue
        size = sizes.get(text(dim.dim_param) if kind == "dim_param" else "")
        size = sizes.get(f"{name}:{axis}") if size is None and name else size
        dim.Clear()
        if size is not None:
            dim.dim_value = size


class _Shapes:
    """Sizes and dtypes of the values of one graph, by name."""

    def __init__(self, graph: GraphProto) -> None:
        self.dims: dict[str, tuple[int, ...]] = {}
        self.dtypes: dict[str, str] = {}
        for info in (*graph.value_info, *graph.output, *graph.input):
            dtype, shape, _ = declared_type(info.type)
            self.dtypes[text(info.name)] = dtype
            if shape is not None and all(isinstance(d, int) and d >= 0 for d in shape):
                self.dims[text(info.name)] = tuple(d for d in shape if isinstance(d, int))
        for tensor in graph.initializer:
            self._put(text(tensor.name), tensor.dims, tensor.data_type)
        for sparse in graph.sparse_initializer:
            self._put(text(sparse.values.name), sparse.dims, sparse.values.data_type)
        for node in graph.node:
            if node.op_type == "Constant" and node.output:
                for attribute in node.attribute:
                    if attribute.HasField("t"):
                        self._put(text(node.output[0]), attribute.t.dims, attribute.t.data_type)
                    elif isinstance(attribute.sparse_tensor, SparseTensorProto) and attribute.HasField("sparse_tensor"):
                        held = attribute.sparse_tensor
                        self._put(text(node.output[0]), held.dims, held.values.data_type)

    def _put(self, name: str, dims: Iterable[int], dtype: int) -> None:
        self.dims[name], self.dtypes[name] = tuple(dims), dtype_name(dtype)

    def nbytes(self, name: str) -> int:
        dims = self.dims.get(name)
        return 0 if dims is None else nbytes_of(self.dtypes.get(name, ""), dims)


def _count(graph: GraphProto, shapes: _Shapes, outer: Mapping[str, tuple[int, ...]], tally: _Tally) -> None:
    """Adds up a graph and its bodies; a list instead of a recursion."""
    waiting: list[tuple[GraphProto, _Shapes, Mapping[str, tuple[int, ...]]]] = [(graph, shapes, outer)]
    while waiting:
        current, known, around = waiting.pop()
        visible = {**around, **known.dims}
        for node in current.node:
            _add(node, visible, tally, main=current is graph)
            for attribute in node.attribute:
                bodies = ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs)
                waiting.extend((body, _Shapes(body), visible) for body in bodies)


def _add(node: NodeProto, visible: Mapping[str, tuple[int, ...]], tally: _Tally, *, main: bool) -> None:
    call = _call(node, visible)
    counted = tally.by_operator.setdefault((text(node.op_type), text(node.domain)), _Counted())
    counted.nodes += 1
    work = work_of(call)
    if work is None:
        counted.unknown += 1
        return
    counted.macs += work.macs
    counted.other += work.other
    if main and work.macs and node.output:
        tally.heaviest.append((work.macs, text(node.output[0]), text(node.op_type)))


def _call(node: NodeProto, visible: Mapping[str, tuple[int, ...]]) -> Call:
    attributes = {text(a.name): a for a in node.attribute}

    def number(name: str, default: int) -> int:
        return attributes[name].i if name in attributes else default

    def numbers(name: str) -> tuple[int, ...]:
        return tuple(attributes[name].ints) if name in attributes else ()

    def word(name: str) -> str:
        return attributes[name].s.decode("utf-8", "replace") if name in attributes else ""

    inputs: list[Dims] = [visible.get(text(name)) for name in node.input]
    outputs: list[Dims] = [visible.get(text(name)) for name in node.output]
    return Call(text(node.op_type), inputs, outputs, number, numbers, word)


def _activations(graph: GraphProto, shapes: _Shapes) -> Facts:
    """Bytes of what the main graph's nodes make, and the most that is alive at a time in the order of the nodes."""
    made = {text(name) for node in graph.node for name in node.output if name}
    last: dict[str, int] = {}
    for at, node in enumerate(graph.node):
        last.update((text(name), at) for name in (*node.input, *node.output, *_captured(node)))
    last.update((text(output.name), len(graph.node)) for output in graph.output)
    ends: dict[int, list[str]] = {}
    for name in made:
        ends.setdefault(last.get(name, 0), []).append(name)
    alive = peak = whole = 0
    for at, node in enumerate(graph.node):
        size = sum(shapes.nbytes(text(name)) for name in set(node.output) if name)
        alive, whole = alive + size, whole + size
        peak = max(peak, alive)
        alive -= sum(shapes.nbytes(name) for name in ends.get(at, ()))
    return {"activation_bytes": min(whole, _LARGEST), "peak_bytes": min(peak, _LARGEST)}


def _captured(node: NodeProto) -> Iterable[str]:
    """Names that the node's bodies read, their own ones included; a list instead of a recursion."""
    waiting = [g for a in node.attribute for g in ([a.g] if a.HasField("g") else []) + list(a.graphs)]
    while waiting:
        body = waiting.pop()
        for inner in body.node:
            yield from inner.input
            waiting.extend(g for a in inner.attribute for g in ([a.g] if a.HasField("g") else []) + list(a.graphs))
        yield from (output.name for output in body.output)


def _heaviest(model: Inspected, tally: _Tally) -> list[Facts]:
    """The main graph's nodes that multiply most; what came out of a function is no node of this model."""
    found: list[Facts] = []
    for macs, output, op_type in sorted(tally.heaviest, reverse=True):
        value = model.document.value_named(MAIN_GRAPH, output)
        producer = None if value is None else model.document.producer(value)
        if producer is None:
            continue
        node = model.document.node(producer.node)
        found.append(
            {"node": node.id, "name": printable(node.name or output), "op_type": printable(op_type), "macs": macs}
        )
        if len(found) == HEAVIEST_SHOWN:
            break
    return found
