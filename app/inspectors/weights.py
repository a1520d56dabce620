"""Sizes and precision of the weights: initializers, and the tensors that attributes hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import prod

from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.inspectors.amounts import bytes_text, count_text, plural, table, type_text
from onnx_scalpel.inspectors.inspected import Facts, Held, Inspected
from onnx_scalpel.inspectors.placing import place_of, stored_bytes

LARGEST_SHOWN = 10
UNREAD_SHOWN = 200
MOSTLY = 0.9  # of the bytes: such a model is called by this dtype
_LARGEST_NUMBER = 2**53  # what a number in a browser can count


class WeightInspector:
    """Counts tensors, elements and bytes. `bytes` follow from dtype and shape, wherever the data lies; `stored` is what the
    model's own file holds, as its fields hold it: numbers of a repeated field by the field's width, strings by their length,
    sparse tensors by values and indices."""

    name = "weights"
    title = "Weights"

    def inspect(self, model: Inspected) -> Facts:
        initializers = [held for held in model.tensors if held.value]
        attributes = [held for held in model.tensors if held.node]
        places = {id(held): place_of(model.document, held.ref) for held in model.tensors}
        stored = {
            "initializers": sum(places[id(h)].inline for h in initializers) + _repeated(model),
            "attributes": sum(places[id(h)].inline for h in attributes if not h.ref.sparse),
            "sparse_attributes": sum(places[id(h)].inline for h in attributes if h.ref.sparse),
            "external": sum(place.external for place in places.values()),
        }
        unread = [h for h in initializers if not model.document.live_value(h.value).tensor.outputs]
        unread = [h for h in unread if not model.document.live_value(h.value).is_output]
        return {
            "initializers": _count(model, sparse=False),
            "sparse_initializers": _count(model, sparse=True),
            "initializers_in_bodies": sum(h.graph != MAIN_GRAPH for h in initializers),
            "constants": len(attributes),
            "parameters": _elements(initializers),
            "bytes": _bytes(initializers),
            "constant_elements": _elements(attributes),
            "constant_bytes": _bytes(attributes),
            "stored": stored,
            "by_dtype": _by_dtype(model.tensors),
            "precision": _precision(model.tensors),
            "quantised": _quantised(model),
            "unread": len(unread),
            "unread_bytes": _bytes(unread),
            "unread_values": [held.value for held in unread[:UNREAD_SHOWN]],
            "largest": [_described(model, held) for held in _largest(model.tensors)],
        }

    def tell(self, facts: Facts) -> list[str]:
        if not facts["by_dtype"]:
            return ["no initializers and no constants"]
        lines = [
            f"{count_text(facts['parameters'])} parameters in {plural(_all_initializers(facts), 'initializer')}"
            f" ({bytes_text(facts['bytes'])})"
        ]
        if facts["constants"]:
            elements = plural(facts["constant_elements"], "element")
            lines.append(f"{plural(facts['constants'], 'constant')} with {elements}")
        if facts["stored"]["external"]:
            lines.append(f"{bytes_text(facts['stored']['external'])} of it in data files")
        if facts["quantised"]:
            lines.append(f"quantised: {facts['quantised']}")
        if facts["unread"]:
            lines.append(
                f"{plural(facts['unread'], 'initializer')} that nothing reads ({bytes_text(facts['unread_bytes'])})"
            )
        rows = [
            [one["dtype"], plural(one["tensors"], "tensor"), count_text(one["elements"]), bytes_text(one["bytes"])]
            for one in facts["by_dtype"]
        ]
        return [*lines, *table(rows)]


def _all_initializers(facts: Facts) -> int:
    return int(facts["initializers"] + facts["sparse_initializers"] + facts["initializers_in_bodies"])


def _count(model: Inspected, *, sparse: bool) -> int:
    """Entries of the main graph's list; a faulty file may list one name twice, and both count."""
    found = 0
    for live in model.document.tables()[1].values():
        if live.graph.id != MAIN_GRAPH:
            continue
        if live.record is not None:
            found += live.record.tensor is not None and live.record.tensor.sparse == sparse
        else:
            found += sum(hasattr(held, "values") == sparse for held in live.initializers)
    return found


def _repeated(model: Inspected) -> int:
    """Bytes of further entries of a name that a faulty file lists more than once."""
    values = (live for live in model.document.tables()[1].values() if live.record is None)
    return sum(stored_bytes(t) for live in values for t in live.initializers[1:] if not hasattr(t, "values"))


def _elements(tensors: Iterable[Held]) -> int:
    sizes = (prod(held.ref.shape) for held in tensors if all(d >= 0 for d in held.ref.shape))
    return min(sum(sizes), _LARGEST_NUMBER)


def _bytes(tensors: Iterable[Held]) -> int:
    return min(sum(held.ref.nbytes for held in tensors), _LARGEST_NUMBER)


def _by_dtype(tensors: Iterable[Held]) -> list[Facts]:
    together: dict[str, list[Held]] = {}
    for held in tensors:
        together.setdefault(held.ref.dtype, []).append(held)
    found = [
        {"dtype": dtype, "tensors": len(group), "elements": _elements(group), "bytes": _bytes(group)}
        for dtype, group in together.items()
    ]
    return sorted(found, key=lambda one: (-int(str(one["bytes"])), str(one["dtype"])))


def _precision(tensors: Iterable[Held]) -> str:
    """'float32'; 'mixed: int8, float32' when no dtype holds nearly all of the bytes; '' without any."""
    counted: Counter[str] = Counter()
    for held in tensors:
        counted[held.ref.dtype] += held.ref.nbytes
    whole, most = counted.total(), counted.most_common()
    if not whole:
        return ""
    if most[0][1] >= MOSTLY * whole:
        return most[0][0]
    return "mixed: " + ", ".join(dtype for dtype, size in most[:3] if size)


def _quantised(model: Inspected) -> str:
    """How a quantised model says so."""
    kinds = {live.node.op for live in model.nodes}
    ways = []
    if {"DequantizeLinear", "QuantizeLinear"} & kinds:
        ways.append("QuantizeLinear and DequantizeLinear around float operators")
    if any(kind.startswith("QLinear") or kind == "QGemm" for kind in kinds):
        ways.append("operators on integers (QLinear…)")
    if {"DynamicQuantizeLinear", "MatMulInteger", "ConvInteger", "DynamicQuantizeMatMul"} & kinds:
        ways.append("dynamic quantisation")
    if {"MatMulNBits", "MatMulBnb4", "GatherBlockQuantized", "QMoE"} & kinds:
        ways.append("blocks of few bits (MatMulNBits…)")
    return "; ".join(ways)


def _largest(tensors: Iterable[Held]) -> list[Held]:
    return sorted((h for h in tensors if h.ref.nbytes), key=lambda h: -h.ref.nbytes)[:LARGEST_SHOWN]


def _described(model: Inspected, held: Held) -> Facts:
    name = model.document.live_value(held.value).name if held.value else _node_name(model, held)
    return {
        "subject": held.subject,
        "attribute": held.attribute,
        "name": printable(name),
        "dtype": held.ref.dtype,
        "shape": list(held.ref.shape),
        "bytes": held.ref.nbytes,
        "text": type_text(held.ref.dtype, held.ref.shape),
    }


def _node_name(model: Inspected, held: Held) -> str:
    """A Constant is called by what it makes."""
    live = model.document.live_node(held.node)
    made = next((t.name for t in live.node.outputs if t.name), "")
    return str(made or live.node.name or live.node.op)
