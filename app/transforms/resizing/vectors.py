"""Dims as vectors: the size that one dim has at each probe; and how the dims of a reshape correspond.

The first probe is the model as it is. A dim is told by its sizes at all probes, so a 4 that is the batch and a 4 that is
a count of heads are different vectors as soon as one probe has another batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from math import gcd, prod
from typing import NamedTuple, TypeAlias

Vector: TypeAlias = tuple[int, ...]


def varies(vector: Vector) -> bool:
    return any(size != vector[0] for size in vector)


def times(vectors: Iterable[Vector], width: int) -> Vector:
    """The product, probe by probe."""
    found = list(vectors)
    return tuple(prod(vector[at] for vector in found) for at in range(width))


def divided(vector: Vector, by: Vector) -> Vector | None:
    """The quotient where it is whole at every probe."""
    if any(not b or a % b for a, b in zip(vector, by, strict=True)):
        return None
    return tuple(a // b for a, b in zip(vector, by, strict=True))


class Known:
    """The varying dims met so far, and which of them are products of others, in row-major order."""

    def __init__(self) -> None:
        self.vectors: dict[Vector, int] = {}  # in the order in which they were met last
        self.factors: dict[Vector, tuple[Vector, ...]] = {}

    def meet(self, vector: Vector) -> None:
        if varies(vector):
            self.vectors.pop(vector, None)
            self.vectors[vector] = 1

    def join(self, product: Vector, factors: Sequence[Vector]) -> None:
        """Remember what a dim is made of."""
        if len(factors) > 1 and varies(product) and product not in self.factors and product not in factors:
            self.factors[product] = tuple(factors)

    def parts(self, vector: Vector) -> tuple[Vector, ...]:
        """What a dim is made of, down to what cannot be split."""
        found = self.factors.get(vector)
        if not found:
            return (vector,)
        return tuple(part for factor in found for part in self.parts(factor))


class Tastes(NamedTuple):
    """What a reshape prefers where its constant target can be read in two ways."""

    outer_varies: bool = True  # a dim that is split: the outer part takes the change
    units_first: bool = True  # a dim of size 1 that is to grow: the first place of size 1 takes it


def align(ins: Sequence[Vector], outs: Sequence[int], known: Known, tastes: Tastes = Tastes()) -> list[Vector] | None:  # noqa: B008
    """The dims that a reshape to the sizes `outs` (at the first probe) should give at every probe; None if they do not correspond."""
    width = len(ins[0]) if ins else 0
    if not ins or not outs or any(0 in vector for vector in ins) or 0 in outs:
        return None
    return _Alignment(ins, outs, known, tastes, width).run()


class _Alignment:
    """Two pointers, over the factors of what comes in and over the sizes that go out."""

    def __init__(self, ins: Sequence[Vector], outs: Sequence[int], known: Known, tastes: Tastes, width: int) -> None:
        self._outs = outs
        self._known = known
        self._tastes = tastes
        self._width = width
        self._one = (1,) * width
        # (factor, axis it comes from), outermost first; dims of size 1 that stay 1 mean nothing
        self._rest = [
            (part, axis) for axis, vector in enumerate(ins) for part in known.parts(vector) if part != self._one
        ]
        self._runs: list[list[Vector]] = [[] for _ in outs]

    def run(self) -> list[Vector] | None:
        at = 0
        while at < len(self._outs):
            if self._outs[at] == 1:
                end = at
                while end < len(self._outs) and self._outs[end] == 1:
                    end += 1
                self._units(at, end)
                at = end
            elif self._fill(at):
                at += 1
            else:
                return None
        if any(part[0] != 1 for part, _ in self._rest):
            return None
        self._runs[-1] += [part for part, _ in self._rest]
        found = []
        for run in self._runs:
            product = times(run, self._width) if run else self._one
            self._known.join(product, [part for part in run if part != self._one])
            found.append(product)
        return found

    def _units(self, start: int, end: int) -> None:
        """Places of size 1 and factors that were 1 and grow: by the axis where they were, else first come, first served."""
        growing = []
        while self._rest and self._rest[0][0][0] == 1:
            growing.append(self._rest.pop(0))
        places = list(range(start, end))
        while growing and places:
            part, axis = growing.pop(0)
            spare = len(places) - len(growing) - 1
            if not self._tastes.units_first:
                place = places[max(spare, 0)]
            else:
                place = axis if axis in places and places.index(axis) <= spare else places[0]
            self._runs[place].append(part)
            places = places[places.index(place) + 1 :]
        self._runs[end - 1] += [part for part, _ in growing]

    def _fill(self, at: int) -> bool:
        """Take factors until their product at the first probe is the size of this place."""
        need = self._outs[at]
        while need > 1:
            if not self._rest:
                return False
            part, axis = self._rest.pop(0)
            if need % part[0] == 0:
                self._runs[at].append(part)
                need //= part[0]
                continue
            split = self._split(part, gcd(need, part[0]) if not varies(part) else need)
            if split is None:
                return False
            taken, left = split
            self._runs[at].append(taken)
            self._rest.insert(0, (left, axis))
            need //= taken[0]
        if at + 1 == len(self._outs) or self._outs[at + 1] != 1:
            while self._rest and self._rest[0][0][0] == 1:  # as in (time, batch 1, features) -> (time, features)
                self._runs[at].append(self._rest.pop(0)[0])
        return True

    def _split(self, part: Vector, size: int) -> tuple[Vector, Vector] | None:
        """A factor as an outer part of this size (at the first probe) and an inner one."""
        if size < 2 or part[0] % size:
            return None
        fixed_outer, fixed_inner = (size,) * self._width, (part[0] // size,) * self._width
        if not varies(part):
            return fixed_outer, fixed_inner
        options = list(_known_split(part, size, self._known.vectors))
        usual = [(divided(part, fixed_inner), fixed_inner), (fixed_outer, divided(part, fixed_outer))]
        options += usual if self._tastes.outer_varies else usual[::-1]
        for outer, inner in options:
            if outer is not None and inner is not None:
                self._known.join(part, (outer, inner))
                return outer, inner
        return None


def _known_split(part: Vector, size: int, vectors: Collection[Vector]) -> Iterable[tuple[Vector | None, Vector | None]]:
    """Splits into two dims that were met already: rows and columns of an image that was flattened."""
    for outer in vectors:
        if outer[0] == size and varies(outer) and outer != part:
            inner = divided(part, outer)
            if inner is not None and inner in vectors:
                yield outer, inner
