"""Family and slot names of the operators in a document, local functions included, looked up once each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from onnx_scalpel.document import schemas
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.live import LiveNode

Key = tuple[str, str, str, int | None]


class Operator(NamedTuple):
    """How nodes of one operator are shown."""

    op_type: str
    domain: str
    family: str
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    variadic_input: bool
    variadic_output: bool
    overload: str = ""
    function: str = ""
    """The graph of the local function that they call."""

    def inputs(self, count: int) -> list[str]:
        """Names of the first `count` input slots; a variadic slot repeats its name with a number."""
        return _labels(self.input_names, self.variadic_input, count)

    def outputs(self, count: int) -> list[str]:
        return _labels(self.output_names, self.variadic_output, count)

    def to_json(self) -> dict[str, Any]:
        return self._asdict()


class _Function(NamedTuple):
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    graph: str


def _labels(names: tuple[str, ...], variadic: bool, count: int) -> list[str]:
    last = len(names) - 1
    repeats = variadic and last >= 0
    return [
        f"{names[last]}{slot - last + 1}" if repeats and slot >= last else names[slot] if slot <= last else ""
        for slot in range(count)
    ]


class OperatorFacts:
    """The operators of one document at one moment; `imports` overrides the main graph's opset imports."""

    def __init__(self, document: Document, imports: Mapping[str, int] | None = None) -> None:
        model = _versions(document.model().opset_imports) if imports is None else _versions(tuple(imports.items()))
        self._imports: dict[str, dict[str, int]] = {}
        self._functions: dict[tuple[str, str, str], _Function] = {}
        self._known: dict[Key, Operator] = {}
        _, _, graphs = document.tables()
        for graph in graphs.values():
            if graph.parent is not None:
                self._imports[graph.id] = self._imports.get(graph.parent.id, model)
                continue
            self._imports[graph.id] = model
            if graph.is_function:
                record = graph.current()
                assert record.function is not None
                self._imports[graph.id] = _versions(record.function.opset_imports)
                inputs, outputs = (
                    tuple(printable(t.name) for t in side) for side in (graph.gs.inputs, graph.gs.outputs)
                )
                name = (schemas.normal_domain(record.function.domain), record.name, record.function.overload)
                self._functions.setdefault(name, _Function(inputs, outputs, graph.id))

    def of(self, node: LiveNode) -> Operator:
        """The operator of a node."""
        domain, op_type = node.node.domain, node.node.op
        imports = self._imports.get(node.graph.id, {})
        key = (domain, op_type, node.overload, imports.get(schemas.normal_domain(domain)))
        return self._known.get(key) or self._look_up(key)

    def _look_up(self, key: Key) -> Operator:
        domain, op_type, overload, version = key
        function = self._functions.get((schemas.normal_domain(domain), op_type, overload))
        if function is not None:
            family, names = "custom", schemas.SlotNames(function.inputs, function.outputs)
        else:
            family, names = schemas.family(domain, op_type), schemas.slot_names(domain, op_type, version)
        found = Operator(
            printable(op_type),
            printable(domain),
            family,
            names.inputs,
            names.outputs,
            names.variadic_input,
            names.variadic_output,
            printable(overload),
            "" if function is None else function.graph,
        )
        self._known[key] = found
        return found


def _versions(imports: tuple[tuple[str, int], ...]) -> dict[str, int]:
    return {schemas.normal_domain(domain): version for domain, version in imports}
