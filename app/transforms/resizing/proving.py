"""Proves a resize by running: as before at the old size, at each new size, and sample by sample."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx

from onnx_scalpel.document.inference import graphs, tensor_shapes
from onnx_scalpel.document.protos import set_text, text
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.transaction import TellProgress
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import AppError, EditRejected
from onnx_scalpel.transforms.resizing.baseline import SEED, Baseline, equal
from onnx_scalpel.transforms.resizing.mixing import mixing_nodes
from onnx_scalpel.transforms.resizing.plan import BlockedError
from onnx_scalpel.transforms.resizing.probes import Probe
from onnx_scalpel.transforms.resizing.request import Request
from onnx_scalpel.transforms.resizing.sampling import Samples
from onnx_scalpel.transforms.resizing.vectors import Vector, varies
from onnx_scalpel.transforms.resizing.walking import Walk
from onnx_scalpel.validators.inputs import Generated, generate
from onnx_scalpel.validators.runtime import LoadedModel

_RUN_FAILED = re.compile(r"^(?:The run failed in|ONNX Runtime refuses the model)[^:]*: ")
_NOT_THE_MODEL = ("input-too-large", "cannot-make-input")

Outputs = dict[str, Any]


@dataclass
class Verdict:
    """What was proved, in words; `apart`: False where samples of a batch were found to influence each other."""

    proved: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    apart: bool = True


class Proof:
    """The runs of one mended model. Raises BlockedError at the first that is not as it should be."""

    def __init__(self, baseline: Baseline, walk: Walk, request: Request, tell: TellProgress) -> None:
        self._baseline = baseline
        self._walk = walk
        self._request = request
        self._tell = tell
        self._verdict = Verdict()
        self._loaded: LoadedModel | None = None
        self._loaded_open: LoadedModel | None = None

    def run(self, model: WeightlessModel, free: WeightlessModel | None) -> Verdict:
        """`free`: the same with sizes that are looked up where `model` has them as numbers; None where some cannot be."""
        baked = free is None
        model = _with_names(model)
        self._free = model if free is None else _with_names(free)
        self._old_size(baked)
        batches = self._batches()
        for at, probe in enumerate(self._walk.probes):
            if at and probe.needed:
                self._new_size(model, at, probe, batches, baked)
        return self._verdict

    # the old size

    def _old_size(self, baked: bool) -> None:
        self._tell(0.5, "running the old size")
        try:
            made = self._open().run(self._baseline.inputs)
        except AppError as error:
            if baked:
                self._verdict.warnings.append("constants hold the new size, so the old size no longer fits")
                return
            raise self._blocked(error) from error
        wrong = [name for name, data in self._baseline.outputs.items() if not equal(made.get(name), data)]
        if not wrong:
            self._verdict.proved.append("old size equal")
        elif baked:
            self._verdict.warnings.append("constants hold the new size, so the old size no longer fits")
        elif self._baseline.random().issuperset(wrong):
            self._verdict.warnings.append(f"random outputs cannot be compared: {', '.join(wrong[:3])}")
        else:
            raise BlockedError(self._suspect(wrong[0]), "the mended model gives something else at the old size")

    def _load(self, model: WeightlessModel) -> LoadedModel:
        """The mended model, taken by the runtime once."""
        if self._loaded is None:
            self._loaded = LoadedModel(model)
        return self._loaded

    def _open(self) -> LoadedModel:
        """The same that takes the old size too."""
        if self._loaded_open is None:
            self._loaded_open = LoadedModel(self._opened(self._free))
        return self._loaded_open

    def _opened(self, model: WeightlessModel) -> WeightlessModel:
        """The model with every dim open that was to change, so that it takes the old size too."""
        proto = onnx.ModelProto()
        proto.CopyFrom(model.proto)
        changed: dict[str, set[int]] = {}
        for place in self._request.places():
            changed.setdefault(self._request.names[place.value], set()).add(place.axis)
        for info in proto.graph.input:
            for axis in changed.get(text(info.name), ()):
                info.type.tensor_type.shape.dim[axis].ClearField("value")
        for graph_id, graph in graphs(model, proto):
            for info in (*graph.output, *(() if graph_id == MAIN_GRAPH else graph.input)):
                for shape in tensor_shapes(info.type):
                    for dim in shape.dim:
                        dim.ClearField("value")
            del graph.value_info[:]
        return replace(model, proto=proto)

    # new sizes

    def _new_size(self, model: WeightlessModel, at: int, probe: Probe, batches: dict[Vector, str], baked: bool) -> None:
        words = self._words(probe)
        self._tell(0.6 + 0.1 * at, f"running {words}")
        try:
            inputs = generate(model, probe.dims, SEED)
            made = self._load(model).run(inputs)
        except AppError as error:
            if error.code in _NOT_THE_MODEL:
                raise EditRejected(error.message, subjects=error.subjects, hint=error.hint) from error
            raise self._blocked(error) from error
        except MemoryError:
            if not self._verdict.proved:
                raise
            self._verdict.warnings.append(f"{words} was not run: it takes more memory than there is")
            return
        self._check_shapes(made, at)
        singles = [batch for batch in batches if batch[at] != batch[0]]
        if len(singles) != 1 or not self._verdict.apart:
            self._verdict.proved.append(f"{words} runs")
            return
        batch = singles[0]
        agreed = self._samples(inputs, made, at, batch, baked)
        if agreed is None:
            self._verdict.proved.append(f"{words} runs")
        elif agreed:
            self._verdict.proved.append(f"{batches[batch]}={batch[at]} equals {batch[at]} {_runs_of(batch[0])}")
            others = self._words(probe, but=batch)
            if others:
                self._verdict.proved.append(f"{others} runs")
        else:
            self._verdict.proved.append(f"not per-sample: {words} only runs")

    def _check_shapes(self, made: Outputs, at: int) -> None:
        """Every output has the shape that the walk expected."""
        for value in self._walk.document.graph(MAIN_GRAPH).outputs:
            fact = self._walk.facts.get(value)
            data = made.get(self._walk.document.value(value).name)
            expected = fact.shapes[at] if fact is not None else None
            if expected is not None and isinstance(data, np.ndarray) and data.shape != expected:
                raise BlockedError(self._maker(value), "its output has another size than follows from its inputs")

    def _words(self, probe: Probe, but: Vector | None = None) -> str:
        """The sizes of a probe: 'N=8, H=288' or '4×3×224×224'."""
        at = self._walk.probes.index(probe)
        found: dict[str, int] = {}
        for place in self._request.places():
            vector = self._vector(place.value, place.axis)
            if vector == but:
                continue
            name = place.new if isinstance(place.new, str) else f"{self._request.names[place.value]}[{place.axis}]"
            found.setdefault(name, vector[at])
        return ", ".join(f"{name}={size}" for name, size in list(found.items())[:6])

    # sample by sample

    def _batches(self) -> dict[Vector, str]:
        """The dims that are batches (the first of an input with more than one dim) and what they are called."""
        found: dict[Vector, str] = {}
        for place in self._request.places():
            if place.axis == 0 and len(self._request.before[place.value]) > 1:
                vector = self._vector(place.value, 0)
                if varies(vector) and vector[0] > 0:
                    found.setdefault(vector, place.new if isinstance(place.new, str) else "N")
        return found

    def _vector(self, value: str, axis: int) -> Vector:
        return self._request.vector(self._walk.probes, value, axis)

    def _samples(self, inputs: list[Generated], made: Outputs, at: int, batch: Vector, baked: bool) -> bool | None:
        """Whether the batch gives what its samples give on their own; None where that cannot be told."""
        only_batch = all(self._vector(p.value, p.axis) == batch for p in self._request.places())
        if not only_batch and baked:
            return None
        try:
            reference = self._baseline.loaded if only_batch else self._open()
            agreed = Samples(self._baseline, self._walk, self._request, batch, at, inputs).agree(made, reference)
        except AppError as error:
            if only_batch:
                raise self._blocked(error) from error
            return None
        return self._told_apart(batch) if agreed is False else agreed

    def _told_apart(self, batch: Vector) -> bool:
        """Samples differ from runs of their own because a node mixes them; otherwise a mend was wrong."""
        mixing = mixing_nodes(self._walk, batch)
        if not mixing:
            outputs = self._walk.document.graph(MAIN_GRAPH).outputs
            raise BlockedError(self._maker(outputs[0]), "a sample of a batch does not get what it gets on its own")
        self._verdict.apart = False
        node = self._walk.document.node(mixing[0])
        name = node.name or self._walk.document.value(next(o for o in node.outputs if o)).name
        self._verdict.warnings.append(f"{node.op_type} {name} may mix the samples of a batch")
        return False

    # whom to name

    def _blocked(self, error: AppError) -> BlockedError:
        node = next((s for s in error.subjects if self._walk.document.has("node", s)), "")
        return BlockedError(node or self._suspect(""), _RUN_FAILED.sub("", error.message))

    def _suspect(self, output: str) -> str:
        """The first mended node; without one what makes the output."""
        if self._walk.plan.notes:
            return next(iter(self._walk.plan.notes))
        outputs = self._walk.document.graph(MAIN_GRAPH).outputs
        named = [v for v in outputs if self._walk.document.value(v).name == output]
        return self._maker((named or list(outputs))[0])

    def _maker(self, value: str) -> str:
        producer = self._walk.document.producer(value)
        return producer.node if producer is not None else value


def _with_names(model: WeightlessModel) -> WeightlessModel:
    """The model with a name of its own for every node: the runtime says names when it fails."""
    proto = onnx.ModelProto()
    proto.CopyFrom(model.proto)
    taken: set[str] = set()
    for _, graph in graphs(model, proto):
        for at, node in enumerate(graph.node):
            name = text(node.name)
            if not name or name in taken:
                set_text(node, "name", f"{name or text(node.op_type)}#{len(taken)}.{at}")
            taken.add(text(node.name))
    return replace(model, proto=proto)


def _runs_of(old: int) -> str:
    return "singles" if old == 1 else f"samples in runs of {old}"
