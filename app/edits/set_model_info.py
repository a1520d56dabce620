"""The edit set-model-info."""

from __future__ import annotations

from typing import Any

import onnx
from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit, wrong_parameters
from onnx_scalpel.edits.constants import PLAIN_INITIALIZERS
from onnx_scalpel.edits.parameters import LARGEST_INTEGER, NumberParam, TextParam
from onnx_scalpel.edits.scopes import shown

OLDEST_IR = 3  # before it a model could not name its opsets
FUNCTIONS_IR = 8  # local functions came with it
OVERLOADS_IR = 10


class SetModelInfo(Edit):
    """Say who made the model: the producer and its version, the model's domain and own version, the IR version of the format.

    What is not given stays; an empty text takes an entry away.
    """

    title, acts_on = "Set model info", "model"

    producer: TextParam | None = None
    version: TextParam | None = None
    domain: TextParam | None = None
    model_version: NumberParam | None = None
    ir_version: NumberParam | None = None

    def apply(self, tx: Transaction) -> None:
        given = {
            "producer_name": self.producer,
            "producer_version": self.version,
            "domain": self.domain,
            "model_version": self.model_version,
            "ir_version": self.ir_version,
        }
        changes: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
        wrong = self._wrong(tx.document)
        if not changes:
            wrong = {"producer": "is needed, or another of the fields"}
        if wrong:
            raise wrong_parameters(wrong, self.kind)
        after = replace(tx.model(), **changes)
        if after != tx.model():
            tx.put(after)

    def _wrong(self, document: Document) -> dict[str, str]:
        wrong: dict[str, str] = {}
        if self.model_version is not None and abs(self.model_version) > LARGEST_INTEGER:
            wrong["model_version"] = "must fit into 64 bits"
        line = "" if self.ir_version is None else _misfit(document, self.ir_version)
        if line:
            wrong["ir_version"] = line
        return wrong

    def describe(self, document: Document) -> str:
        texts = (("the producer", self.producer), ("its version", self.version), ("the domain", self.domain))
        numbers = (("the model version", self.model_version), ("the IR version", self.ir_version))
        said = [f"{what} to {shown(value, 'nothing')}" for what, value in texts if value is not None]
        said += [f"{what} to {value}" for what, value in numbers if value is not None]
        return f"Set {', '.join(said)}" if said else self.title


def _misfit(document: Document, version: int) -> str:
    """Why the model cannot be of this IR version; '' when it can."""
    if not OLDEST_IR <= version <= onnx.IR_VERSION:
        return f"must be from {OLDEST_IR} to {onnx.IR_VERSION}, the newest known here"
    _, values, graphs = document.tables()
    functions = [graph.current() for graph in graphs.values() if graph.is_function]
    if functions and version < FUNCTIONS_IR:
        return f"must be {FUNCTIONS_IR} or more: the model has local functions"
    if version < OVERLOADS_IR and any(f.function is not None and f.function.overload for f in functions):
        return f"must be {OVERLOADS_IR} or more: a local function has an overload"
    if version >= PLAIN_INITIALIZERS:
        return ""
    plain = [v for v in values.values() if not v.is_input and (v.record.tensor if v.record else v.initializers)]
    count = len(plain)
    if count:
        return f"must be {PLAIN_INITIALIZERS} or more: {count} {'initializer is' if count == 1 else 'initializers are'} no input"
    return ""
