"""The sizes at which a resize is looked at and tried: as it is, as it is to be, and one more that tells dims apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from onnx_scalpel.transforms.resizing.request import Dims, Place, Request
from onnx_scalpel.validators.dims import evaluate

_Recipe: TypeAlias = Callable[[int, int], int]
"""A size to try, from the old one and the place among the dims that become open."""

_LARGE = 256  # beyond it smaller sizes are tried first: they cost less
_APART = 64  # sizes that differ by multiples of it pass through the same strides and patches


@dataclass(frozen=True)
class Probe:
    """Sizes of the inputs by value id, and of open dims by the names that runs use. `needed`: the model must take them."""

    shapes: dict[str, tuple[int, ...]]
    dims: dict[str, int]
    needed: bool = True


@dataclass(frozen=True)
class _Group:
    """Axes that change together: all that get the same name, or that go from the same old to the same new size."""

    key: str
    places: tuple[Place, ...]
    base: int
    is_batch: bool
    fixed: bool


def trials(
    request: Request, old_dims: Mapping[str, int], loose: Mapping[str, tuple[int, int]]
) -> Iterator[tuple[Probe, ...]]:
    """Sets of probes, the usual one first: the model as it is, one or two new sizes, and one that need not work.

    `old_dims` are sizes for the dims that the inputs leave open now; `loose` two others for those of them that stay open.
    """
    old = Probe(_shapes(request, request.before, old_dims), dict(old_dims))
    groups = _groups(request, old)
    open_groups = [g for g in groups if not g.fixed]
    others = {name: sizes for name, sizes in loose.items() if name in open_names(request)}
    seen: set[tuple[tuple[int, ...], ...]] = set()
    for first, second in _pairs(open_groups):
        sizes = tuple((first[g.key], second[g.key]) for g in open_groups)
        if sizes in seen or any(min(pair) < 1 or pair[0] == pair[1] for pair in sizes):
            continue
        seen.add(sizes)
        ones = {**{name: one for name, (one, _) in others.items()}, **first}
        twos = {**{name: two for name, (_, two) in others.items()}, **second}
        news = [_probe(request, old_dims, ones)]
        if open_groups or others:
            news.append(_probe(request, old_dims, twos))
        if any(g.fixed for g in groups):
            news.append(_telling(request, old_dims, twos, groups))
        yield (old, *news)


def open_names(request: Request) -> set[str]:
    """What the dims are called that are open before and after: names, and 'input:axis' for those without one."""
    found: set[str] = set()
    for value, dims in request.after.items():
        for axis, (old, new) in enumerate(zip(request.before[value], dims, strict=True)):
            if old == new and not isinstance(old, int):
                found.add(old or f"{request.names[value]}:{axis}")
    return found - {place.new for place in request.places() if isinstance(place.new, str)}


def _pairs(groups: list[_Group]) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """Two new sizes for each group that becomes open; batches and others differ, and so do height and width."""
    longer = [g for g in groups if not g.is_batch]
    place = {g.key: at for at, g in enumerate(longer)}
    batches = [({g.key: g.base + 2 for g in groups if g.is_batch}, {g.key: g.base + 1 for g in groups if g.is_batch})]
    recipes: list[tuple[_Recipe, _Recipe]] = [
        (lambda b, i: b - _APART * (i + 1), lambda b, i: b - _APART * (3 - 2 * i)),
        (lambda b, i: b + _APART * (i + 1), lambda b, i: b + _APART * (i + 3)),
        (lambda b, i: b * (i + 2), lambda b, i: b * (3 if i % 2 == 0 else 2)),
        (lambda b, i: b // 2 if i % 2 == 0 else b * 3 // 4, lambda b, i: b * 3 // 4 if i % 2 == 0 else b // 2),
        (lambda b, i: b * 2, lambda b, i: b * 3),
        (lambda b, i: b // 2, lambda b, i: b // 4),
    ]
    if any(g.base <= _LARGE for g in longer):
        del recipes[0]
    for one, other in recipes:
        for first, second in batches:
            more = (
                {g.key: one(g.base, place[g.key]) for g in longer},
                {g.key: other(g.base, place[g.key]) for g in longer},
            )
            yield {**first, **more[0]}, {**second, **more[1]}
        if not longer:
            return


def _groups(request: Request, old: Probe) -> list[_Group]:
    found: dict[str, list[Place]] = {}
    for place in request.places():
        if isinstance(place.new, int):
            places = request.places()
            same = [p for p in places if (p.value, p.old, p.new) == (place.value, place.old, place.new)]
            key = f"{place.old} {place.new} {same.index(place)}"
        else:
            key = place.new or f"{request.names[place.value]}:{place.axis}"
        found.setdefault(key, []).append(place)
    groups = []
    for key, members in found.items():
        first = members[0]
        base = old.shapes[first.value][first.axis]
        batch = any(p.axis == 0 and (len(request.before[p.value]) > 1 or "batch" in key.lower()) for p in members)
        groups.append(_Group(key, tuple(members), base, batch, isinstance(first.new, int)))
    return groups


def _probe(request: Request, old_dims: Mapping[str, int], sizes: Mapping[str, int]) -> Probe:
    dims = {**old_dims, **sizes}
    return Probe(_shapes(request, request.after, dims), dims)


def _telling(request: Request, old_dims: Mapping[str, int], sizes: Mapping[str, int], groups: list[_Group]) -> Probe:
    """A probe in which dims that get a fixed size have another one, so that they can be told from constants."""
    probe = _probe(request, old_dims, sizes)
    shapes = dict(probe.shapes)
    for at, group in enumerate(g for g in groups if g.fixed):
        for place in group.places:
            size = group.base + (6 if group.is_batch else _APART * (at + 5))
            dims = shapes[place.value]
            shapes[place.value] = (*dims[: place.axis], size, *dims[place.axis + 1 :])
    return Probe(shapes, probe.dims, needed=False)


def _shapes(request: Request, inputs: Mapping[str, Dims], sizes: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    shapes = {}
    for value, dims in inputs.items():
        name = request.names[value]
        shapes[value] = tuple(_size(dim, f"{name}:{axis}", sizes) for axis, dim in enumerate(dims))
    return shapes


def _size(dim: int | str | None, key: str, sizes: Mapping[str, int]) -> int:
    if isinstance(dim, int):
        return dim
    if isinstance(dim, str):
        found = evaluate(dim, sizes)
        return 1 if found is None else found
    return sizes.get(key, 1)
