"""The report on a model and the statistics of its tensors: what the inspectors find, each in a job."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any

from onnx import ModelProto

from onnx_scalpel.document import save
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import text
from onnx_scalpel.document.records import Shape, TensorRef
from onnx_scalpel.errors import AppError
from onnx_scalpel.inspectors.inspected import Inspected
from onnx_scalpel.inspectors.report import report
from onnx_scalpel.inspectors.tensor_view import Piece, formula_tensor, initializer_of, tensor_of, tensor_view
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.checks import Checks
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.job_list import JobList, state_of
from onnx_scalpel.session.session import Session
from onnx_scalpel.validators import dims, shape_inference

REPORT_LIMITS = Limits(cpu_seconds=120, wall_seconds=360, memory_bytes=3 << 30, file_bytes=1 << 30)
TENSOR_LIMITS = Limits(cpu_seconds=600, wall_seconds=1800, memory_bytes=2 << 30, file_bytes=1 << 20)
NICENESS = 10  # edits and pages come first where processors are few
Inferred = Mapping[str, tuple[str, Shape]]
Answer = Callable[[Any], None]  # hears the result or the AppError


class Inspecting:
    """Answers what a model and its tensors are made of; each question is a fork of the document as it is then."""

    def __init__(self, session: Session, children: Children, checks: Checks, jobs: JobList, mapped_bytes: int) -> None:
        self._session = session
        self._children = children
        self._checks = checks
        self._jobs = jobs
        self._report_limits = replace(REPORT_LIMITS, mapped_bytes=2 * mapped_bytes)
        self._tensor_limits = replace(TENSOR_LIMITS, mapped_bytes=2 * mapped_bytes)
        self._waiting: list[Answer] = []  # for the report that is being made
        self._asked_for = (-1, -1)  # the state that it is about
        self._last: tuple[tuple[int, int], dict[str, Any]] | None = None

    def report(self, answer: Answer) -> None:
        """The report with the revision it is about; who asks while it is being made hears the same one."""
        state = (self._session.revision, self._checks.types_serial)
        if self._last is not None and self._last[0] == state:
            answer(self._last[1])
            return
        if self._waiting and self._asked_for == state:
            self._waiting.append(answer)
            return
        waiting = self._waiting = [answer]
        self._asked_for = state
        document, inferred = self._session.document, self._session.inferred

        def tell(result: dict[str, Any] | AppError) -> None:
            if self._waiting is waiting:
                self._waiting = []
            if isinstance(result, dict):
                result = {"revision": state[0], **result}
                self._last = (state, result)
            for one in waiting:
                one(result)

        def on_second_end(outcome: JobOutcome, why: AppError) -> None:
            if outcome.error is None:
                outcome.result["cost"]["why"] = why.message
            tell(outcome.error or outcome.result)

        def on_end(outcome: JobOutcome) -> None:
            error = outcome.error
            if error is None:
                tell(outcome.result)
            else:  # a library could not bear the model: the rest can be told all the same
                self._start(lambda _: inspect_without_libraries(document, inferred), lambda o: on_second_end(o, error))

        self._start(lambda progress: inspect(document, inferred, progress), on_end)

    def tensor(self, arguments: dict[str, Any], answer: Answer) -> None:
        """Values and statistics of an initializer, of a tensor in an attribute, or of what a formula would make; with `wait` false the id of a job whose
        result they will be. AppError `no-such-tensor`, `wrong-parameters`, `bad-tensor`, `external-data`."""
        document = self._session.document
        piece = Piece(**arguments["piece"])
        formula, ref = arguments["formula"], None
        if formula:
            document.value(arguments["value"])
        else:
            ref = _tensor(document, arguments)
            if wrong := piece.wrong(_elements(ref)):
                raise AppError("wrong-parameters", "there are no such values in the tensor", fields=wrong, status=422)
        job = None if arguments["wait"] else self._jobs.new("tensor")

        def look(progress: Progress) -> dict[str, Any]:
            found = ref or formula_tensor(document, arguments["value"], formula)
            return tensor_view(document, found, piece, arguments["statistics"], progress)

        def on_end(outcome: JobOutcome) -> None:
            if job is None:
                answer(outcome.error or outcome.result)
            else:
                self._jobs.end(job, state_of(outcome), outcome.result, outcome.error)

        running = self._children.start(
            look,
            self._tensor_limits,
            folder=document.folder,
            readable=(document.path.parent,),
            on_end=on_end,
            on_progress=None if job is None else lambda: self._jobs.heard(job),
        )
        if job is not None:
            job.running = running
            answer(job.id)

    def _start(self, work: Callable[[Progress], Any], on_end: Callable[[JobOutcome], None]) -> None:
        document = self._session.document
        self._children.start(
            work, self._report_limits, folder=document.folder, readable=(document.path.parent,), on_end=on_end
        )


def inspect(document: Document, inferred: Inferred | None, progress: Progress) -> dict[str, Any]:
    """The report, in the child. `inferred` None: infer types first. May crash or hang on hostile models."""
    os.nice(NICENESS)
    model = save.weightless(document)
    if inferred is None:
        progress(None, "inferring types")
        inferred = shape_inference.infer(model).types
    progress(None, "inspecting the model")
    sizes = dims.open_dims(model) if model.proto.HasField("graph") else {}
    return report(Inspected(document, model.proto, inferred, sizes, _derived(model.proto, sizes)))


def inspect_without_libraries(document: Document, inferred: Inferred | None) -> dict[str, Any]:
    """The report as far as it goes without inference, for a model that a library cannot bear."""
    return report(Inspected(document, save.weightless(document).proto, inferred or {}, libraries=False))


def _derived(proto: ModelProto, sizes: Mapping[str, int]) -> dict[str, int]:
    """Sizes of dims that are written as sums and products of others."""
    found: dict[str, int] = {}
    for info in (*proto.graph.input, *proto.graph.output, *proto.graph.value_info):
        for dim in info.type.tensor_type.shape.dim:
            name = text(dim.dim_param)
            if name and name not in sizes and name not in found:
                size = dims.evaluate(name, sizes)
                if size is not None:
                    found[name] = size
    return found


def _tensor(document: Document, arguments: dict[str, Any]) -> TensorRef:
    if arguments["value"]:
        return initializer_of(document, arguments["value"])
    return tensor_of(document, arguments["node"], arguments["attribute"])


def _elements(ref: TensorRef) -> int:
    return max(0, prod(ref.shape))
