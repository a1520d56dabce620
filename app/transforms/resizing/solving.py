"""Looks for a plan that stands up to its proof: the usual reading of every constant first, then the other ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.save import weightless
from onnx_scalpel.document.transaction import TellProgress, Transaction
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import EditRejected
from onnx_scalpel.transforms.resizing.baseline import Baseline
from onnx_scalpel.transforms.resizing.declaring import declare_inputs, declare_rest, names_of
from onnx_scalpel.transforms.resizing.plan import (
    AgainError,
    BlockedError,
    Choices,
    FollowError,
    LostProbeError,
    Plan,
)
from onnx_scalpel.transforms.resizing.probes import Probe, open_names, trials
from onnx_scalpel.transforms.resizing.proving import Proof, Verdict
from onnx_scalpel.transforms.resizing.request import Request
from onnx_scalpel.transforms.resizing.rules import RULES
from onnx_scalpel.transforms.resizing.vectors import Vector
from onnx_scalpel.transforms.resizing.walking import Walk
from onnx_scalpel.transforms.resizing.writing import PlanWriter
from onnx_scalpel.validators.wording import clean

_MOST_TURNS = 2000  # walks that begin again because something further up was mended
_MOST_READINGS, _FEWER_READINGS = 12, 3  # combinations of readings that are tried at the usual sizes, and at other ones


@dataclass(frozen=True)
class Solution:
    """A plan that was proved, with what it was made for."""

    request: Request
    walk: Walk
    verdict: Verdict


class Solver:
    """Finds the plan for one request. The document is the same afterwards: what is tried is taken back."""

    def __init__(self, document: Document, request: Request, tell: TellProgress) -> None:
        self._document = document
        self._request = request
        self._tell = tell
        tell(0.0, "running the model as it is")
        self._baseline = Baseline(weightless(document), _fixed_sizes(request))
        self._old_dims = self._baseline.dims
        self._loose = self._baseline.loose(open_names(request))

    def solve(self) -> Solution:
        """Raises EditRejected that names the node in the way."""
        asked = self._request
        try:
            return self._solve_following()
        except EditRejected as rejected:
            self._request = self._with_all_alike(asked)
            if self._request == asked:
                raise
            try:
                return self._solve_following()
            except EditRejected:
                raise rejected from None

    def _solve_following(self) -> Solution:
        while True:
            try:
                return self._solve()
            except FollowError as followed:
                self._request = self._following(followed)

    def _with_all_alike(self, request: Request) -> Request:
        """The request with every other input that has the same dim on the same axis: one batch or sequence in all of them."""
        news = {(place.axis, place.old): place.new for place in request.places()}
        for value, dims in request.before.items():
            if value in request.listed or request.after[value] != dims:
                continue
            for axis, dim in enumerate(dims):
                if (axis, dim) in news:
                    request = request.with_dim(value, axis, news[axis, dim])
        return request

    def _solve(self) -> Solution:
        first: BlockedError | None = None
        fallback: Solution | None = None
        most = _MOST_READINGS
        for probes in trials(self._request, self._old_dims, self._loose):
            for taken, open_questions in self._readings(most):
                choices = Choices(taken)
                try:
                    found = self._try(probes, choices)
                    if found.verdict.apart:
                        return found
                    fallback = fallback or found
                except BlockedError as blocked:
                    first = first or blocked
                open_questions.update(choices.open)
            if fallback is not None:
                return fallback
            most = _FEWER_READINGS
        assert first is not None
        raise self._rejected(first)

    def _readings(self, most: int) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
        """Which way every question is answered, and a place to put the questions that came up then; `most` of them."""
        questions: dict[str, int] = {}
        yield {}, questions
        pairs = [(question, way) for question, ways in questions.items() for way in range(1, ways)]
        both = [{q: w, other: its} for at, (q, w) in enumerate(pairs) for other, its in pairs[at + 1 :] if other != q]
        for taken in [*({question: way} for question, way in pairs), *both][: most - 1]:
            yield taken, questions

    def _try(self, probes: tuple[Probe, ...], choices: Choices) -> Solution:
        walk = self._walk(probes, choices)
        model, baked = self._written(walk)
        free: WeightlessModel | None = model
        if baked:
            free = self._size_free(walk)
        verdict = Proof(self._baseline, walk, self._request, self._tell).run(model, free)
        return Solution(self._request, walk, verdict)

    def _written(self, walk: Walk) -> tuple[WeightlessModel, bool]:
        """The model with the plan; the document is as before then."""
        trial = Transaction(self._document)
        try:
            baked = write_plan(trial, walk, self._request)
            return weightless(self._document), baked
        finally:
            trial.rollback()

    def _size_free(self, walk: Walk) -> WeightlessModel | None:
        """The same with every size looked up, which can show that nothing else was changed; None where that cannot be."""
        walk.free = True
        try:
            model, baked = self._written(walk)
        except BlockedError:
            return None
        finally:
            walk.free = False
        return None if baked else model

    def _walk(self, probes: tuple[Probe, ...], choices: Choices) -> Walk:
        """A walk to the end: again from where something was mended, and without a probe that need not work and does not."""
        while True:
            walk = Walk(self._document, probes, Plan(), choices, RULES, names_of(self._request, probes))
            walk.keeps_open = open_names(self._request) <= self._loose.keys()
            start = ""
            try:
                for _ in range(_MOST_TURNS):
                    try:
                        walk.run(start)
                        return walk
                    except AgainError as again:
                        start = again.node
                raise BlockedError(start, "what it needs is never enough")
            except LostProbeError as lost:
                probes = tuple(probe for at, probe in enumerate(probes) if at != lost.probe)
            except FollowError as follow:
                raise FollowError(follow.value, follow.axis, self._short(probes, follow.vector)) from follow

    def _vectors(self, probes: tuple[Probe, ...]) -> dict[tuple[str, int], Vector]:
        return {
            (place.value, place.axis): self._request.vector(probes, place.value, place.axis)
            for place in self._request.places()
        }

    def _short(self, probes: tuple[Probe, ...], vector: Vector) -> Vector:
        """The sizes at the probes that matter."""
        return tuple(size for size, probe in zip(vector, probes, strict=True) if probe.needed)

    def _following(self, followed: FollowError) -> Request:
        """The request with the input that has to change along; its dim becomes what the dim that drives it becomes."""
        for probes in trials(self._request, self._old_dims, self._loose):
            needed = tuple(probe for probe in probes if probe.needed)
            for (value, axis), vector in self._vectors(needed).items():
                if vector == followed.vector:
                    return self._request.with_dim(followed.value, followed.axis, self._request.after[value][axis])
        new = set(followed.vector[1:])
        dim = new.pop() if len(new) == 1 else None
        before = self._request.after.get(followed.value)
        if before is None or before[followed.axis] == dim:
            name = shown(self._document.value(followed.value).name)
            raise EditRejected(
                f"the input {name} would have to change along",
                subjects=(followed.value,),
                hint="give its dims as well",
            )
        return self._request.with_dim(followed.value, followed.axis, dim)

    def _rejected(self, blocked: BlockedError) -> EditRejected:
        document = self._document
        if not document.has("node", blocked.node):
            return EditRejected(blocked.reason, subjects=[s for s in (blocked.node,) if s], hint=blocked.hint)
        node = document.node(blocked.node)
        name = node.name or next((document.value(o).name for o in node.outputs if o), "")
        reason = clean(blocked.reason, document.folder)
        message = f"the {shown(node.op_type)} node {shown(name)} stands in the way: {reason}"
        return EditRejected(message, subjects=(node.id,), hint=blocked.hint or _hint(node.op_type))


def _fixed_sizes(request: Request) -> dict[str, int]:
    """The numbers that open dims are to get, by what runs call the dims."""
    return {
        place.old or f"{request.names[place.value]}:{place.axis}": place.new
        for place in request.places()
        if isinstance(place.new, int) and not isinstance(place.old, int)
    }


def _hint(op_type: str) -> str:
    if op_type in ("Gemm", "MatMul", "QGemm", "QLinearMatMul", "MatMulInteger"):
        return "its weight has a size of its own: keep the size, or pool to a fixed size before it"
    if op_type in ("Squeeze",):
        return "it removes a dim of size 1 that would grow"
    return "choose a size that this node takes, or change the node first"


def write_plan(tx: Transaction, walk: Walk, request: Request) -> bool:
    """Write everything; whether constants hold new sizes as numbers."""
    writer = PlanWriter(tx, walk)
    writer.write()
    declare_inputs(tx, request)
    tx.report["declared"] = declare_rest(tx, walk, request)
    return writer.baked
