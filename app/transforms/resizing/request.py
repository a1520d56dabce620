"""What is asked of resize-inputs: the dims of every input before and after, and the sizes at which it is tried."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import MAIN_GRAPH, ValueRecord
from onnx_scalpel.edits.base import wrong_parameters
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.errors import EditRejected
from onnx_scalpel.validators.dims import evaluate

Dim: TypeAlias = int | str | None
Dims: TypeAlias = tuple[Dim, ...]


class HasShapes(Protocol):
    """A probe: sizes of inputs by value id."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]: ...


@dataclass(frozen=True)
class Place:
    """One axis of an input that is to change."""

    value: str
    axis: int
    old: Dim
    new: Dim


@dataclass(frozen=True)
class Request:
    """Dims of the main graph's inputs by value id, before and after. `listed` are the inputs that were asked for, `followed`
    those that have to change along; `names` are the inputs' names."""

    before: dict[str, Dims]
    after: dict[str, Dims]
    names: dict[str, str]
    listed: tuple[str, ...]
    followed: tuple[str, ...] = ()

    def places(self) -> list[Place]:
        """Every axis that changes, in the order of the inputs."""
        found = []
        for value, before in self.before.items():
            pairs = enumerate(zip(before, self.after[value], strict=True))
            found += [Place(value, axis, old, new) for axis, (old, new) in pairs if old != new]
        return found

    def with_dim(self, value: str, axis: int, new: Dim) -> Request:
        """The request with one more input that changes along."""
        dims = self.after[value]
        after = {**self.after, value: (*dims[:axis], new, *dims[axis + 1 :])}
        return replace(self, after=after, followed=tuple(dict.fromkeys((*self.followed, value))))

    def vector(self, probes: Sequence[HasShapes], value: str, axis: int) -> tuple[int, ...]:
        """The sizes of an input's axis at these probes."""
        return tuple(probe.shapes[value][axis] for probe in probes)

    def symbolic(self) -> bool:
        """Whether a dim becomes one without a fixed size."""
        return any(not isinstance(place.new, int) for place in self.places())


def read_request(document: Document, shapes: Mapping[str, Sequence[Dim]], kind: str) -> Request:
    """The request that `shapes` (input id or name -> dims) means; a dim's name that changes somewhere changes everywhere."""
    wanted: dict[str, Dims] = {}
    for key, dims in shapes.items():
        value = _input(document, key, kind)
        if value.id in wanted:
            raise wrong_parameters({"shapes": f"names {shown(value.name)} twice"}, kind)
        if value.type is not None:
            raise EditRejected(
                f"{shown(value.name)} is a {value.dtype}, which has no dims",
                subjects=(value.id,),
                hint="name an input that is a dense tensor",
            )
        if value.shape is None:
            raise EditRejected(
                f"{shown(value.name)} does not say how many dims it has",
                subjects=(value.id,),
                hint="declare its type with Set type first",
            )
        if len(value.shape) != len(dims):
            line = f"{shown(key)} has {len(value.shape)} dims, {len(dims)} were given"
            raise wrong_parameters({"shapes": line}, kind)
        wanted[value.id] = tuple(dims)
    inputs = [document.value(value) for value in document.graph(MAIN_GRAPH).inputs]
    fed = [value for value in inputs if value.tensor is None and value.type is None]
    before = {value.id: value.shape for value in fed if value.shape is not None}
    before = {value: tuple(None if _is_open(dim) else dim for dim in dims) for value, dims in before.items()}
    names = {value.id: value.name for value in fed}
    return Request(before, _after(before, wanted, names), names, tuple(wanted))


def _is_open(dim: Dim) -> bool:
    return isinstance(dim, int) and dim < 0


def _input(document: Document, key: str, kind: str) -> ValueRecord:
    inputs = document.graph(MAIN_GRAPH).inputs
    found = key if key in inputs else next((i for i in inputs if document.value(i).name == key), None)
    if found is None:
        raise wrong_parameters({"shapes": f"{shown(key)} is no input of the model"}, kind)
    value = document.value(found)
    if value.tensor is not None:
        raise EditRejected(
            f"{shown(value.name)} has a tensor as its default, which has a size of its own",
            subjects=(value.id,),
            hint="resize inputs that have no default",
        )
    return value


def _after(before: dict[str, Dims], wanted: dict[str, Dims], names: dict[str, str]) -> dict[str, Dims]:
    meanings: dict[str, set[Dim]] = {}
    for value, dims in wanted.items():
        for old, new in zip(before[value], dims, strict=True):
            if isinstance(old, str):
                meanings.setdefault(old, set()).add(new)
    after = dict(before) | wanted
    for value, dims in before.items():
        if value in wanted:
            continue
        unclear = next((d for d in dims if isinstance(d, str) and len(meanings.get(d, ())) > 1), None)
        if unclear is not None:
            raise EditRejected(
                f"{shown(names[value])} has the dim {shown(unclear)} too, which would become two different ones",
                subjects=(value,),
                hint="give the dims of this input as well",
            )
        single = {old: next(iter(news)) for old, news in meanings.items() if len(news) == 1}
        after[value] = tuple(_renamed(dim, single) for dim in dims)
    return after


def _renamed(dim: Dim, meanings: Mapping[str, Dim]) -> Dim:
    """A dim with the names in it replaced; sums of sizes that are all known become a size."""
    if not isinstance(dim, str) or dim in meanings:
        return meanings[dim] if isinstance(dim, str) else dim
    words = set(re.findall(r"[^\W\d]\w*", dim))
    if not words & set(meanings):
        return dim
    if any(meanings.get(word, 0) is None for word in words):
        return None
    text = re.sub(r"[^\W\d]\w*", lambda found: str(meanings.get(found[0], found[0])), dim)
    size = evaluate(text, {})
    return text if size is None else size
