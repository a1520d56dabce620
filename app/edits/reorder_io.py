"""The edit reorder-io."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import GraphRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.parameters import GraphParam, OrderedValuesParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.signatures import Side, Slots, rearrange_callers, refuse_in_body


class ReorderIo(Edit):
    """Put the inputs or the outputs of the model, or of a local function, into another order.

    Each list names all of them; inputs with a default may be left out and follow behind. Nodes that call the function
    keep their wires. `graph` is where the values belong to, when it is left out.
    """

    title, acts_on = "Reorder inputs and outputs", "graph"

    inputs: OrderedValuesParam | None = None
    outputs: OrderedValuesParam | None = None
    graph: GraphParam | None = None

    def apply(self, tx: Transaction) -> None:
        graph = self._graph(tx.document)
        orders = self._orders(tx.document, graph)
        for side, order in orders.items():
            refuse_in_body(tx.document, graph, side)
            rearrange_callers(tx, graph, side, _arranger(order))
        inputs, outputs = orders.get("inputs"), orders.get("outputs")
        after = replace(
            graph,
            inputs=_arranger(inputs)(graph.inputs) if inputs else graph.inputs,
            outputs=_arranger(outputs)(graph.outputs) if outputs else graph.outputs,
        )
        if after != graph:
            tx.put(after)

    def _graph(self, document: Document) -> GraphRecord:
        if self.graph is not None:
            return document.graph(self.graph)
        first = next(iter((*(self.inputs or ()), *(self.outputs or ()))), None)
        if first is None:
            raise wrong_parameters({"inputs": "is needed, or outputs"}, self.kind)
        return document.graph(document.value(first).graph)

    def _orders(self, document: Document, graph: GraphRecord) -> dict[Side, list[int]]:
        """For each given side, the present place of what is to stand first, second …"""
        wrong: dict[str, str] = {}
        orders: dict[Side, list[int]] = {}
        given: tuple[tuple[Side, Sequence[str] | None, Slots], ...] = (
            ("inputs", self.inputs, graph.inputs),
            ("outputs", self.outputs, graph.outputs),
        )
        for side, wanted, present in given:
            if wanted is None:
                continue
            left_out = Counter(present) - Counter(wanted)
            foreign = next(iter(Counter(wanted) - Counter(present)), None)
            needed = [v for v in left_out if side == "outputs" or document.value(v).tensor is None]
            if foreign is not None:
                found = shown(document.value(foreign).name)
                wrong[side] = f"{found} is named too often, or is not one of the {side} of this graph"
            elif needed:
                wrong[side] = f"must name every one; {shown(document.value(needed[0]).name)} is missing"
            else:
                orders[side] = _places((*wanted, *(v for v in present if v in left_out)), present)
        if wrong or not orders:
            raise wrong_parameters(wrong or {"inputs": "is needed, or outputs"}, self.kind)
        return orders

    def describe(self, document: Document) -> str:
        sides = [name for name, given in (("inputs", self.inputs), ("outputs", self.outputs)) if given is not None]
        graph = self._graph(document)
        where = f" of the function {shown(graph.name)}" if graph.function else ""
        return f"Put the {' and '.join(sides)}{where} into another order"


def _places(wanted: Sequence[str], present: Sequence[str]) -> list[int]:
    """Where each wanted value stands now; a value that is listed twice keeps its two places in order."""
    places: dict[str, list[int]] = {}
    for place, value in enumerate(present):
        places.setdefault(value, []).append(place)
    return [places[value].pop(0) for value in wanted]


def _arranger(order: Sequence[int]) -> Callable[[Slots], Slots]:
    """Puts slots into this order."""
    return lambda slots: tuple(slots[place] for place in order)
