"""All validators on one model: their findings in one list, most telling first, and no fault told twice."""

from __future__ import annotations

from typing import Protocol

import msgspec

from onnx_scalpel.document.diagnostic import Diagnostic
from onnx_scalpel.document.records import Shape
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import one_line
from onnx_scalpel.validators.checker import CheckerValidator
from onnx_scalpel.validators.external_data import ExternalDataValidator
from onnx_scalpel.validators.operators import OperatorValidator
from onnx_scalpel.validators.shape_inference import ShapeInferenceValidator
from onnx_scalpel.validators.structure import StructureValidator
from onnx_scalpel.validators.tensors import TensorValidator

_SEVERITIES = ("error", "warning", "info")
# what makes everything else meaningless comes first; within one rank, findings keep the order of the validators
_FUNDAMENTAL = (
    ("no-graph", "no-ir-version", "ir-version-too-new", "no-opset-import", "unknown-opset"),
    ("recursive-function", "duplicate-function", "missing-op-type"),
    ("duplicate-input", "duplicate-initializer", "duplicate-graph-output", "duplicate-output", "cycle"),
)
# data that is away is no reason why a library would stumble: it is given the model without it
_AWAY = ("external-missing-file", "external-out-of-range")
_LIBRARIES = ("checker", "shape-inference")
LIMIT = 500  # findings that are kept; a model with more has one cause for most of them


class Validator(Protocol):
    """One file of the shelf."""

    name: str
    title: str

    def validate(self, model: WeightlessModel) -> list[Diagnostic]:
        """Every finding about this model."""


class CheckReport(msgspec.Struct, frozen=True):
    """What a check found. `types` are inferred: value id -> (dtype, shape)."""

    diagnostics: tuple[Diagnostic, ...]
    types: dict[str, tuple[str, Shape]]


def validators() -> tuple[Validator, ...]:
    """The shelf, in the order in which findings are told; shape inference, which also gives types, comes after them."""
    return (StructureValidator(), OperatorValidator(), TensorValidator(), ExternalDataValidator(), CheckerValidator())


def check_all(model: WeightlessModel) -> CheckReport:
    """Run every validator. May crash or hang on hostile models: call it in a job, with the model's folder as working directory."""
    found: list[Diagnostic] = []
    for validator in validators():
        found.extend(_new(found, _signed(validator, validator.validate(model))))
    inference = ShapeInferenceValidator()
    inferred = inference.infer(model)
    found.extend(_new(found, _signed(inference, list(inferred.diagnostics))))
    return CheckReport(tuple(sorted(found, key=_rank)[:LIMIT]), inferred.types)


def _signed(validator: Validator, found: list[Diagnostic]) -> list[Diagnostic]:
    """Names of a model may hold anything: each message becomes one printable line here."""
    lines = ((d, one_line(d.message), one_line(d.hint)) for d in found)
    return [msgspec.structs.replace(d, message=m, hint=h, validator=validator.name) for d, m, h in lines]


def _new(known: list[Diagnostic], found: list[Diagnostic]) -> list[Diagnostic]:
    """Those that no earlier, more specific validator told already, as the same code or as an error about the same thing."""
    codes = {(d.code, s) for d in known for s in d.subjects}
    errors = [d for d in known if d.severity == "error" and d.code not in _AWAY]
    faulty = {s for d in errors for s in d.subjects}
    general = {d.code for d in known}
    told = {(d.code, d.message) for d in known}
    new: list[Diagnostic] = []
    for d in found:
        repeated = (d.code, d.message) in told or any((d.code, s) in codes for s in d.subjects)
        if not repeated and not (d.validator in _LIBRARIES and _explained(d, faulty, general)):
            new.append(d)
        told.add((d.code, d.message))
    return new


def _explained(found: Diagnostic, faulty: set[str], general: set[str]) -> bool:
    """True when our own findings explain this one: the checker stops at its first fault, and inference stumbles over ours."""
    if found.code in general or faulty.intersection(found.subjects):
        return True
    return bool(faulty) and (found.validator == "checker" or found.code == "inference-failed")


def _rank(diagnostic: Diagnostic) -> tuple[int, int]:
    for rank, codes in enumerate(_FUNDAMENTAL):
        if diagnostic.code in codes:
            return _SEVERITIES.index(diagnostic.severity), rank
    return _SEVERITIES.index(diagnostic.severity), len(_FUNDAMENTAL)
