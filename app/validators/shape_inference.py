"""Shape inference: dtype and shape of every value as far as they follow from the inputs, and where declarations contradict them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from onnx_scalpel.document.diagnostic import Diagnostic, Severity
from onnx_scalpel.document.inference import declarations, infer_types, shape_of_type
from onnx_scalpel.document.records import Shape
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import one_line
from onnx_scalpel.validators.tensors import RANK_LIMIT
from onnx_scalpel.validators.walk import quote
from onnx_scalpel.validators.wording import clean, find_node, only_node

_ERROR = re.compile(r"\(op_type:\s*([^,)]*)(?:, node name: (.*?))?\): (?:\[\w+\] ?)?(.*)")
_SAME_NAMES = re.compile(r"Data for input\s+\S+ already exists")


@dataclass(frozen=True)
class Inferred:
    """Types that follow from the inputs (value id -> dtype and shape) and what was found wrong on the way."""

    types: dict[str, tuple[str, Shape]]
    diagnostics: tuple[Diagnostic, ...] = ()


class ShapeInferenceValidator:
    """Infers types afresh, without believing what is declared for intermediate values, and compares."""

    name = "shape-inference"
    title = "Shape inference"

    def validate(self, model: WeightlessModel) -> list[Diagnostic]:
        """Nodes whose inputs do not fit together, and declarations that contradict what was inferred."""
        return list(self.infer(model).diagnostics)

    def infer(self, model: WeightlessModel) -> Inferred:
        """May run for very long on hostile models (functions that double at each level): call it in a job."""
        inferred = infer_types(model)
        found = list(_failed_nodes(model, inferred.problem)) if inferred.problem else []
        found.extend(_contradictions(model, {v: shape_of_type(t) for v, t in inferred.following.items()}))
        return Inferred({v: shape_of_type(t) for v, t in inferred.all.items()}, tuple(found))


def infer(model: WeightlessModel) -> Inferred:
    """Shape inference on a model."""
    return ShapeInferenceValidator().infer(model)


def _contradictions(model: WeightlessModel, types: dict[str, tuple[str, Shape]]) -> Iterator[Diagnostic]:
    told: set[str] = set()
    for value, name, dtype, shape in declarations(model):
        if value not in types or value in told:
            continue
        real_dtype, real_shape = types[value]
        if dtype == real_dtype and _compatible(shape, real_shape):
            continue
        told.add(value)
        merged = real_shape if not _compatible(shape, real_shape) else _merged(shape, real_shape)
        declared, inferred = _type_words(dtype, shape), _type_words(real_dtype, real_shape)
        message = f"{quote(name)} is declared as {declared}, but its node makes {inferred}"
        fix: dict[str, Any] = {"kind": "set-value-type", "value": value, "dtype": real_dtype}
        if merged is not None:
            fix["shape"] = list(merged)
        hint = "set the declared type to what the node makes, or change the node"
        severity: Severity = "warning" if dtype == real_dtype else "error"  # runtimes forgive a wrong shape
        usable = fix if len(merged or ()) <= RANK_LIMIT else None
        yield Diagnostic(severity, "contradicting-type", one_line(message), (value,), hint, usable)


def _compatible(one: Shape, other: Shape) -> bool:
    if one is None or other is None:
        return True
    if len(one) != len(other):
        return False
    return all(a == b or not _size(a) or not _size(b) for a, b in zip(one, other, strict=True))


def _size(dim: int | str | None) -> bool:
    """True for a real size; old exporters write -1 for a dim that is open."""
    return isinstance(dim, int) and dim >= 0


def _merged(declared: Shape, inferred: Shape) -> Shape:
    """The declared dims, and where they are open the inferred ones."""
    if declared is None or inferred is None:
        return inferred if declared is None else declared
    return tuple(i if d is None or _size(i) else d for d, i in zip(declared, inferred, strict=True))


def _type_words(dtype: str, shape: Shape) -> str:
    if shape is None:
        return dtype
    shown = " × ".join("?" if d is None else str(d) for d in shape[:8]) + (" × …" if len(shape) > 8 else "")
    return f"{dtype} {shown}" if shape else f"{dtype} scalar"


def _failed_nodes(model: WeightlessModel, problem: str) -> Iterator[Diagnostic]:
    """One finding for each node that inference failed at."""
    found = False
    for line in problem.splitlines():
        match = _ERROR.search(line)
        if not match:
            continue
        found = True
        op_type, name, reason = match.groups()
        if "is null" in reason:
            continue  # its input has no type because an earlier node failed
        if _SAME_NAMES.search(reason):
            continue  # the library mixes up values of the same name in two bodies: nothing is wrong with the model
        subjects = find_node(model, line) if name else only_node(model, op_type)
        who = f"the {op_type} node {quote(name)}" if name else f"one {op_type} node"
        message = one_line(f"The inputs of {who} do not fit: {clean(reason, model.folder)}")
        hint = "look at the shapes of its inputs and at its attributes"
        yield Diagnostic("error", "shape-mismatch", message, subjects, hint)
    if not found:
        said = clean(problem, model.folder)
        message = one_line(f"Types could not be inferred: {said}")
        yield Diagnostic(
            "warning", "inference-failed", message, find_node(model, problem), "other findings may say why"
        )
