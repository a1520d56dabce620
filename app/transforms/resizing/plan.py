"""What a resize will mend: decided while walking the graph, written only when everything fits."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from onnx_scalpel.document.records import Attribute
from onnx_scalpel.transforms.resizing.vectors import Vector

Item: TypeAlias = int | Vector
"""An element of a mended constant: a number, or the size of a dim, which is a number only once the sizes are known."""
Kind = Literal["expand", "uniform", "range", "triangle"]


class BlockedError(Exception):
    """A node that cannot take the new size."""

    def __init__(self, node: str, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason
        self.hint = hint


class FollowError(Exception):
    """An input that has to change along: this axis of it has to be as large as the dim."""

    def __init__(self, value: str, axis: int, vector: Vector) -> None:
        super().__init__(value)
        self.value = value
        self.axis = axis
        self.vector = vector


class AgainError(Exception):
    """Something further up was mended: walk again from that node."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node


class LostProbeError(Exception):
    """A probe that need not work does not."""

    def __init__(self, probe: int) -> None:
        super().__init__(str(probe))
        self.probe = probe


@dataclass(frozen=True)
class Items:
    """New content of an input slot that holds integers: a list, or one number."""

    items: tuple[Item, ...]
    dtype: str = "int64"
    scalar: bool = False


@dataclass(frozen=True)
class Floats:
    """New content of an input slot that holds float32 numbers."""

    items: tuple[float, ...]


@dataclass(frozen=True)
class Fresh:
    """A tensor in place of an input: `value` expanded, or a constant made anew with the pattern that the old one had.

    `array`: the constant with size 1 along the axes that grow; `numbers`: the step of a range (one, or one for each column), or what a triangle has on
    and below the diagonal and what above it. `axes` are those that grow.
    """

    kind: Kind
    value: str
    dtype: str
    shape: tuple[Vector, ...]
    axes: tuple[int, ...]
    array: Any = None
    numbers: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Note:
    """A line of the report: what was mended at which node."""

    node: str
    what: str
    before: str
    after: str


@dataclass
class Plan:
    """The mends by node; None as a slot leaves an optional input out, None as an attribute takes it away."""

    slots: dict[str, dict[int, Items | Floats | Fresh | None]] = field(default_factory=dict)
    attributes: dict[str, dict[str, Attribute | None]] = field(default_factory=dict)
    operators: dict[str, str] = field(default_factory=dict)
    notes: dict[str, dict[str, Note]] = field(default_factory=dict)

    def set_slot(self, node: str, slot: int, mend: Items | Floats | Fresh | None) -> None:
        self.slots.setdefault(node, {})[slot] = mend

    def has_slot(self, node: str, slot: int) -> bool:
        return slot in self.slots.get(node, ())

    def set_attribute(self, node: str, name: str, attribute: Attribute | None) -> None:
        self.attributes.setdefault(node, {})[name] = attribute

    def note(self, node: str, what: str, before: object, after: object) -> None:
        self.notes.setdefault(node, {})[what] = Note(node, what, str(before), str(after))

    def forget(self, node: str, but: Container[int] = ()) -> None:
        """Take back what the node's own rule decided; the slots `but` were asked for by nodes further down."""
        self.attributes.pop(node, None)
        self.operators.pop(node, None)
        kept = {slot: mend for slot, mend in self.slots.pop(node, {}).items() if slot in but}
        if kept:
            self.slots[node] = kept
        else:
            self.notes.pop(node, None)

    def size(self) -> int:
        """How many inputs and attributes are mended."""
        return sum(map(len, self.slots.values())) + sum(map(len, self.attributes.values())) + len(self.operators)


@dataclass
class Choices:
    """Where a constant can be read in several ways: which way is taken, by the kind of question; `open` are those that came up."""

    taken: Mapping[str, int] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)

    def choose(self, question: str, options: int) -> int:
        self.open[question] = max(options, self.open.get(question, 0))
        return min(self.taken.get(question, 0), options - 1)


def numbers_at(items: tuple[Item, ...], probe: int) -> list[int]:
    """The items as numbers at one probe."""
    return [item if isinstance(item, int) else item[probe] for item in items]


def as_array(items: Items, probe: int) -> Any:
    """What a slot with these items holds at one probe."""
    array = np.array(numbers_at(items.items, probe), np.dtype(items.dtype))
    return array.reshape(()) if items.scalar else array


def words_of(items: tuple[Item, ...], name: Any) -> str:
    """Items for people: dims by what they are called."""
    return "[" + ", ".join(str(item) if isinstance(item, int) else name(item) for item in items) + "]"
