"""Proves a resize by running: as before at the old size, at each new size, and sample by sample."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from math import prod
from typing import Any

import numpy as np
import onnx

from onnx_scalpel.document.inference import graphs, tensor_shapes
from onnx_scalpel.document.protos import set_text, text
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.transaction import TellProgress
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import AppError, EditRejected
from onnx_scalpel.transforms.resizing.mixing import mixing_nodes
from onnx_scalpel.transforms.resizing.plan import BlockedError
from onnx_scalpel.transforms.resizing.probes import Probe
from onnx_scalpel.transforms.resizing.request import Request
from onnx_scalpel.transforms.resizing.vectors import Vector, varies
from onnx_scalpel.transforms.resizing.walking import Walk
from onnx_scalpel.validators.compare import difference
from onnx_scalpel.validators.dims import open_dims
from onnx_scalpel.validators.inputs import Generated, generate
from onnx_scalpel.validators.runtime import LoadedModel

_RUN_FAILED = re.compile(r"^(?:The run failed in|ONNX Runtime refuses the model)[^:]*: ")
_SEED = 0
_REPEATS = 4  # runs that show whether an output is random
_SEARCHING = 30  # seconds of looking for sizes that a model takes
_WRITTEN_SIZES = 12  # sizes from the model's own constants that are tried
_USUAL_SIZES = (1, 2, 3, 4, 8, 9, 10, 16, 24, 32, 48, 64, 80, 96, 112, 128, 160, 224, 256, 320, 384, 416, 480, 512, 640)
_LARGEST_SIZE = 1 << 12
_MOST_DIMS = 8  # elements of a constant that may be a list of sizes
_CHUNKS = 4  # of a batch that are compared with runs of their own
_NEAR = 1e-3  # of the largest number: what other orders of summation may make of the same thing

Outputs = dict[str, Any]


@dataclass
class Verdict:
    """What was proved, in words; `apart`: False where samples of a batch were found to influence each other."""

    proved: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    apart: bool = True


class Baseline:
    """The model as it is, run once at its old size. `dims` are sizes at which it runs, for dims that its inputs leave open."""

    def __init__(self, model: WeightlessModel, hints: Mapping[str, int]) -> None:
        """`hints`: sizes that open dims will surely take, if the model runs at all."""
        self._model = model
        self._hints = hints
        self._random: set[str] | None = None
        self.dims = open_dims(model)
        try:
            self.loaded = LoadedModel(model)
            try:
                self.inputs = generate(model, self.dims, _SEED)
                self.outputs = self.loaded.run(self.inputs)
            except AppError:
                found = next((dims for dims in self._other_sizes() if self.runs(dims)), None)
                if found is None:
                    raise
                self.dims = found
                self.inputs = generate(model, self.dims, _SEED)
                self.outputs = self.loaded.run(self.inputs)
        except AppError as error:
            raise EditRejected(
                f"the model does not run here as it is, so a resize cannot be proved: {error.message}",
                subjects=error.subjects,
                hint="mend what keeps it from running first, or declare the size with Set type",
            ) from error

    def runs(self, dims: Mapping[str, int]) -> bool:
        """Whether it runs with these sizes of its open dims."""
        try:
            self.loaded.run(generate(self._model, dims, _SEED))
        except AppError:
            return False
        return True

    def _other_sizes(self) -> Iterator[dict[str, int]]:
        """Sizes for models that say they take any but do not: first those that are written in them, then usual ones."""
        written = (int(n) for t in _small_tensors(self._model) for n in t.reshape(-1) if 1 <= n <= _LARGEST_SIZE)
        sizes = [size for size, _ in Counter(written).most_common(_WRITTEN_SIZES)]
        sizes = list(dict.fromkeys((*sizes, *_USUAL_SIZES)))
        names = list(self.dims)
        alone = [{**self.dims, name: size} for name in names for size in sizes]
        first = sizes[:_WRITTEN_SIZES]
        pairs = [
            {**self.dims, one: a, other: b}
            for one, other in combinations(names, 2)
            for a, b in product(first, repeat=2)
        ]
        yield {**self.dims, **self._hints}
        until = time.monotonic() + _SEARCHING
        for dims in (*sorted(alone, key=lambda d: prod(d.values())), *sorted(pairs, key=lambda d: prod(d.values()))):
            if time.monotonic() > until:
                return
            yield dims

    def loose(self, names: Collection[str]) -> dict[str, tuple[int, int]]:
        """Two other sizes for each of these open dims that can have any: for all at once, else for those that can alone."""
        wanted = {name: _other_pair(name, self.dims[name]) for name in names if name in self.dims}
        if self._takes(wanted):
            return wanted
        alone = {name: pair for name, pair in wanted.items() if self._takes({name: pair})}
        return alone if self._takes(alone) else {}

    def _takes(self, pairs: Mapping[str, tuple[int, int]]) -> bool:
        return all(self.runs({**self.dims, **{n: pair[at] for n, pair in pairs.items()}}) for at in (0, 1))

    def random(self) -> set[str]:
        """Outputs that are not the same each time, because of random operators."""
        if self._random is None:
            again = [self.loaded.run(self.inputs) for _ in range(_REPEATS)]
            self._random = {n for n, data in self.outputs.items() if not all(_equal(a[n], data) for a in again)}
        return self._random


def _other_pair(name: str, size: int) -> tuple[int, int]:
    batch = size < 4 or "batch" in name.lower() or name.endswith(":0")
    return (size + 2, size + 1) if batch else (size + size // 2, 2 * size)


def _small_tensors(model: WeightlessModel) -> Iterator[np.ndarray[Any, Any]]:
    """Constants that may hold sizes: those that are targets and bounds."""
    held = list(model.proto.graph.initializer)
    held += [a.t for n in model.proto.graph.node if n.op_type == "Constant" for a in n.attribute if a.HasField("t")]
    for tensor in held:
        whole = tensor.data_type == onnx.TensorProto.INT64 and len(tensor.dims) <= 1 and sum(tensor.dims) <= _MOST_DIMS
        if whole and tensor.data_location != onnx.TensorProto.EXTERNAL:
            yield onnx.numpy_helper.to_array(tensor)


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
        wrong = [name for name, data in self._baseline.outputs.items() if not _equal(made.get(name), data)]
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
            inputs = generate(model, probe.dims, _SEED)
            made = self._load(model).run(inputs)
        except AppError as error:
            raise self._blocked(error) from error
        self._check_shapes(made, at)
        singles = [batch for batch in batches if batch[at] != batch[0]]
        if len(singles) != 1 or not self._verdict.apart:
            self._verdict.proved.append(f"{words} runs")
            return
        batch = singles[0]
        equal = self._samples(inputs, made, at, batch, baked)
        if equal is None:
            self._verdict.proved.append(f"{words} runs")
        elif equal:
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
        return tuple(probe.shapes[value][axis] for probe in self._walk.probes)

    def _samples(self, inputs: list[Generated], made: Outputs, at: int, batch: Vector, baked: bool) -> bool | None:
        """Whether the batch gives what its samples give on their own; None where no model takes them on their own."""
        only_batch = all(self._vector(p.value, p.axis) == batch for p in self._request.places())
        if not only_batch and baked:
            return None
        reference = self._baseline.loaded if only_batch else self._open()
        old, new = batch[0], batch[at]
        starts = sorted({*range(0, new, old)})
        if len(starts) > _CHUNKS:
            starts = [*starts[: _CHUNKS - 2], starts[len(starts) // 2], starts[-1]]
        for start in starts:
            rows = [(start + k) % new for k in range(old)]
            fed = self._taken(inputs, batch, rows)
            if fed is None:
                return None
            try:
                alone = reference.run(fed)
            except AppError as error:
                if only_batch:
                    raise self._blocked(error) from error
                return None
            if not self._same_rows(made, alone, batch, at, rows):
                return self._told_apart(batch)
        return True

    def _taken(self, inputs: list[Generated], batch: Vector, rows: Sequence[int]) -> list[Generated] | None:
        """The inputs with these samples only."""
        found = []
        for one in inputs:
            dims = self._request.before.get(one.value, ())
            axes = [axis for axis in range(len(dims)) if self._vector(one.value, axis) == batch]
            data = one.data
            if axes and not isinstance(data, np.ndarray):
                return None
            for axis in axes[:1]:
                data = np.take(data, rows, axis=axis)
            found.append(
                Generated(one.name, one.value, one.dtype, np.shape(data) if axes else one.shape, one.how, data)
            )
        return found

    def _same_rows(self, made: Outputs, alone: Outputs, batch: Vector, at: int, rows: Sequence[int]) -> bool:
        for value in self._walk.document.graph(MAIN_GRAPH).outputs:
            name = self._walk.document.value(value).name
            fact, whole, part = self._walk.facts.get(value), made.get(name), alone.get(name)
            if fact is None or fact.vectors is None or not isinstance(whole, np.ndarray):
                continue
            places = [(axis, v) for axis, v in enumerate(fact.vectors) if self._walk.known.parts(v)[0] == batch]
            if places:
                axis, vector = places[0]
                each = vector[at] // batch[at]
                whole = np.take(whole, [row * each + k for row in rows for k in range(each)], axis=axis)
            if not _equal(whole, part) and name not in self._baseline.random():
                return False
        return True

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


def _equal(one: Any, other: Any) -> bool:
    """Equal as far as numbers of this kind can be: within the tolerance, or within a thousandth of the largest number."""
    if one is None or other is None:
        return one is other
    if difference(one, other, "")["equal"]:
        return True
    if not isinstance(one, np.ndarray) or not isinstance(other, np.ndarray) or one.shape != other.shape:
        return False
    if one.dtype.kind != "f" or not (np.isfinite(one) == np.isfinite(other)).all():
        return False
    finite = np.isfinite(other)
    a, b = one[finite].astype("f8"), other[finite].astype("f8")
    return bool(np.abs(a - b).max(initial=0) <= _NEAR * np.abs(b).max(initial=0))
