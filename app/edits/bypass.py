"""Which value flows through a node that is to go: what its readers are joined to, and when only a person can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NodeRecord, ValueRecord
from onnx_scalpel.document.schemas import OperatorSchema, Slot, operator
from onnx_scalpel.edits.base import wrong_parameters
from onnx_scalpel.edits.flow import graphs_that_output, keeps_type
from onnx_scalpel.edits.scopes import opset_version, shown, told_apart
from onnx_scalpel.errors import ChoiceNeeded, EditRejected


class Join(NamedTuple):
    """What read `output` is to read `source`; `same_type` when that surely makes no difference to its type."""

    output: str
    source: str
    same_type: bool


class Bypass:
    """The way around nodes that are to be deleted. `through` are the answers that were given: node id to value id."""

    def __init__(self, document: Document, doomed: Sequence[NodeRecord], through: Mapping[str, str]) -> None:
        self._document = document
        self._doomed = {node.id: node for node in doomed}
        self._through = dict(through)

    def joins(self) -> list[Join]:
        """One join for each output that something else reads. Raises ChoiceNeeded, EditRejected."""
        return [self._join(output) for output in self._used_outputs()]

    def _used_outputs(self) -> Iterator[str]:
        gone = set(self._doomed) | {n for node_id in self._doomed for n in nodes_below(self._document, node_id)}
        for node in self._doomed.values():
            for output in node.outputs:
                if not output:
                    continue
                readers = self._document.live_value(output).tensor.outputs
                survives = any(reader.live.id not in gone for reader in readers)
                if survives or graphs_that_output(self._document, output):
                    yield output

    def _join(self, output: str) -> Join:
        passed: list[NodeRecord] = []
        source = output
        while (found := self._document.producer(source)) is not None and found.node in self._doomed:
            node = self._doomed[found.node]
            if node in passed:
                raise EditRejected(
                    "these nodes feed each other: nothing flows through them",
                    subjects=(node.id,),
                    hint="delete them without reconnecting",
                )
            passed.append(node)
            source = self._input_of(node, found.slot)
        same = all(keeps_type(node) and node.inputs[0] == self._input_of(node, 0) for node in passed)
        one, other = self._document.value(output), self._document.value(source)
        declared = bool(one.dtype) and (one.dtype, one.shape, one.type) == (other.dtype, other.shape, other.type)
        return Join(output, source, same or (declared and one.shape is not None and None not in one.shape))

    def _input_of(self, node: NodeRecord, output_slot: int) -> str:
        """The input that flows to this output of the node."""
        given = self._through.get(node.id)
        inputs = list(dict.fromkeys(i for i in node.inputs if i))
        if given is not None and given not in inputs:
            raise wrong_parameters({"through": f"names a value that {_called(node)} does not read"}, "remove-nodes")
        schema = operator(node.domain, node.op_type, opset_version(self._document, node.graph, node.domain))
        if not inputs or (node.op_type == "If" and given is None):
            raise EditRejected(
                f"nothing flows through {_called(node)}",
                subjects=(node.id,),
                hint="delete it without reconnecting, or connect another value first",
            )
        source = given or self._only_candidate(node, inputs, schema)
        if given is None and output_slot and not _fits(schema, node, source, output_slot):
            name = shown(self._document.value(node.outputs[output_slot]).name)
            raise EditRejected(
                f"nothing that {_called(node)} reads is like its output {name}",
                subjects=(node.id, node.outputs[output_slot]),
                hint="delete it without reconnecting",
            )
        return source

    def _only_candidate(self, node: NodeRecord, inputs: Sequence[str], schema: OperatorSchema | None) -> str:
        data = [i for i in inputs if not self._is_constant(i)] or list(inputs)
        if len(data) == 1:
            return data[0]
        fitting = [i for i in data if _fits(schema, node, i, 0)] or data
        alike = [i for i in fitting if self._may_be_alike(i, node.outputs[0])] or fitting
        if len(alike) == 1:
            return alike[0]
        names = told_apart([self._document.value(value_id).name for value_id in alike])
        choices = [
            {"label": self._label(value_id, name), "through": {**self._through, node.id: value_id}}
            for value_id, name in zip(alike, names, strict=True)
        ]
        raise ChoiceNeeded(
            f"{len(alike)} inputs of {_called(node)} could flow through it",
            choices,
            subjects=(node.id, *alike),
            hint="say which: through = {node: value}",
        )

    def _is_constant(self, value_id: str) -> bool:
        if self._document.value(value_id).tensor is not None:
            return True
        found = self._document.producer(value_id)
        return found is not None and self._document.node(found.node).op_type in ("Constant", "ConstantOfShape")

    def _may_be_alike(self, one: str, other: str) -> bool:
        """Whether nothing that is declared says that the two are of different types."""
        if not other:
            return True
        a, b = self._document.value(one), self._document.value(other)
        if a.dtype and b.dtype and a.dtype != b.dtype:
            return False
        if a.shape is None or b.shape is None:
            return True
        sizes = [(m, n) for m, n in zip(a.shape, b.shape, strict=False) if isinstance(m, int) and isinstance(n, int)]
        return len(a.shape) == len(b.shape) and all(m == n for m, n in sizes)

    def _label(self, value_id: str, name: str) -> str:
        value: ValueRecord = self._document.value(value_id)
        shape = "" if value.shape is None else "×".join("?" if dim is None else str(dim) for dim in value.shape)
        return " ".join(word for word in (name, value.dtype, shape) if word)


def nodes_below(document: Document, node_id: str) -> Iterator[str]:
    """The nodes in the bodies of a node, at any depth."""
    waiting = list(document.body_ids(node_id))
    while waiting:
        for found in document.node_ids(waiting.pop()):
            yield found
            waiting.extend(document.body_ids(found))


def _called(node: NodeRecord) -> str:
    return shown(node.name or node.op_type)


def _fits(schema: OperatorSchema | None, node: NodeRecord, value_id: str, output_slot: int) -> bool:
    """Whether the operator gives this output the same choice of types as the input."""
    if schema is None:
        return True
    read, made = _slot(schema.inputs, node.inputs.index(value_id)), _slot(schema.outputs, output_slot)
    return read is None or made is None or read.types == made.types


def _slot(slots: Sequence[Slot], place: int) -> Slot | None:
    if place < len(slots):
        return slots[place]
    return slots[-1] if slots and slots[-1].variadic else None
