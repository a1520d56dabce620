"""Tests of how the dims of a reshape correspond."""

from __future__ import annotations

import pytest

from onnx_scalpel.transforms.resizing.vectors import Known, Tastes, Vector, align

N, H, W = (1, 4, 3), (8, 12, 10), (6, 9, 21)  # a batch, a height, a width at three probes


def fixed(size: int) -> Vector:
    return (size, size, size)


def times(one: Vector, other: Vector) -> Vector:
    return tuple(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("ins", "outs", "expected"),
    [
        ([N, fixed(2), fixed(3)], [1, 6], [N, fixed(6)]),
        ([N, fixed(6)], [1, 2, 3], [N, fixed(2), fixed(3)]),
        ([N, fixed(5), H, W], [1, 5, 48], [N, fixed(5), times(H, W)]),
        ([fixed(7), N, fixed(3)], [7, 3], [times(fixed(7), N), fixed(3)]),
        ([N, fixed(5)], [5], [times(N, fixed(5))]),
        ([N, fixed(6)], [1, 1, 6], [N, fixed(1), fixed(6)]),
        ([fixed(6), N], [6, 1, 1], [fixed(6), N, fixed(1)]),
    ],
)
def test_dims_correspond_in_row_major_order(ins: list[Vector], outs: list[int], expected: list[Vector]) -> None:
    assert align(ins, outs, Known()) == expected


def test_what_was_joined_is_split_where_it_was_joined() -> None:
    known = Known()
    joined = align([N, H, W], [1, 48], known)
    assert joined == [N, times(H, W)]
    assert align(joined, [1, 8, 6], known) == [N, H, W]


def test_a_dim_that_is_split_grows_outside_or_inside() -> None:
    even = (8, 16, 24)
    assert align([even], [2, 4], Known()) == [(2, 4, 6), fixed(4)]
    assert align([even], [2, 4], Known(), Tastes(outer_varies=False)) == [fixed(2), (4, 8, 12)]


@pytest.mark.parametrize("outs", [[4, 2], [5], [0], []])
def test_sizes_that_do_not_correspond_are_told(outs: list[int]) -> None:
    assert align([fixed(3), N, fixed(2)], outs, Known()) is None
