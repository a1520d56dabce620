"""What goes into a model and what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence

from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.record_views import shown_type
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.errors import one_line
from onnx_scalpel.inspectors.amounts import plural, table, type_text
from onnx_scalpel.inspectors.inspected import Facts, Inspected

_LINES = 30


class InterfaceInspector:
    """Lists inputs and outputs with their types, declared or else inferred. An input with a default value need not be fed."""

    name = "interface"
    title = "Inputs and outputs"

    def inspect(self, model: Inspected) -> Facts:
        graph = model.document.graph(MAIN_GRAPH)
        inputs, outputs = ([_described(model, value) for value in side] for side in (graph.inputs, graph.outputs))
        open_dims = [d for one in inputs if not one["default"] for d in one["shape"] or () if not isinstance(d, int)]
        return {
            "inputs": inputs,
            "outputs": outputs,
            "needed": sum(not one["default"] for one in inputs),
            "dims": list(dict.fromkeys(d for d in open_dims if d is not None)),
        }

    def tell(self, facts: Facts) -> list[str]:
        defaults = len(facts["inputs"]) - facts["needed"]
        lines = _side("in ", [one for one in facts["inputs"] if not one["default"]])
        if defaults:
            lines.append(f"and {plural(defaults, 'input')} with a default value")
        lines += _side("out", facts["outputs"])
        if facts["dims"]:
            lines.append(f"open sizes: {', '.join(one_line(dim, 40) for dim in facts['dims'][:12])}")
        return lines or ["neither inputs nor outputs"]


def _described(model: Inspected, value_id: str) -> Facts:
    record = model.document.value(value_id)
    dtype, shape, inferred = shown_type(record, model.types.get(value_id))
    return {
        "value": value_id,
        "name": printable(record.name),
        "dtype": printable(dtype),
        "shape": None if shape is None else [printable(d) if isinstance(d, str) else d for d in shape],
        "inferred": inferred,
        "default": record.tensor is not None,
    }


def _side(word: str, values: Sequence[Facts]) -> list[str]:
    rows = [
        [f"{word} {one_line(one['name'], 60) or '(no name)'}", type_text(one["dtype"], one["shape"])]
        for one in values[:_LINES]
    ]
    more = [f"and {len(values) - _LINES:,} more"] if len(values) > _LINES else []
    return [*table(rows), *more]
