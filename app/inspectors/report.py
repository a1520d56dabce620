"""All inspectors on one model: their facts in one report, and the report as text for people."""

from __future__ import annotations

from typing import Any

from onnx_scalpel.inspectors.cost import CostInspector
from onnx_scalpel.inspectors.domains import DomainInspector
from onnx_scalpel.inspectors.external_files import ExternalFileInspector
from onnx_scalpel.inspectors.functions import FunctionInspector
from onnx_scalpel.inspectors.identity import IdentityInspector
from onnx_scalpel.inspectors.inspected import Facts, Inspected, Inspector
from onnx_scalpel.inspectors.interface import InterfaceInspector
from onnx_scalpel.inspectors.operators import OperatorInspector
from onnx_scalpel.inspectors.provenance import ProvenanceInspector
from onnx_scalpel.inspectors.safety import SafetyInspector
from onnx_scalpel.inspectors.weights import WeightInspector


def inspectors() -> tuple[Inspector, ...]:
    """The shelf, in the order in which facts are told."""
    return (
        IdentityInspector(),
        ProvenanceInspector(),
        InterfaceInspector(),
        OperatorInspector(),
        WeightInspector(),
        CostInspector(),
        DomainInspector(),
        FunctionInspector(),
        ExternalFileInspector(),
        SafetyInspector(),
    )


def report(model: Inspected) -> dict[str, Facts]:
    """Facts by the name of their inspector."""
    return {inspector.name: inspector.inspect(model) for inspector in inspectors()}


def tell(facts: dict[str, Any]) -> list[str]:
    """The report as lines: a title, and below it what there is to say."""
    lines: list[str] = []
    for inspector in inspectors():
        told = inspector.tell(facts[inspector.name])
        if told:
            lines += ["", inspector.title, *(f"  {line}" for line in told)]
    return lines[1:]
