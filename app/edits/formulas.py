"""Formulas that make a tensor: `zeros`, `normal(0, 0.02)`, `x * 2`, where x is the tensor as it is."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
EXAMPLES = "zeros, full(0.5), normal(0, 0.02), x * 2, clip(x, -1, 1)"
LONGEST = 200  # characters

_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_ELEMENTWISE: dict[str, tuple[Callable[..., Any], int]] = {  # function and how many arguments
    "abs": (np.abs, 1),
    "sqrt": (np.sqrt, 1),
    "exp": (np.exp, 1),
    "log": (np.log, 1),
    "round": (np.round, 1),
    "floor": (np.floor, 1),
    "ceil": (np.ceil, 1),
    "clip": (np.clip, 3),
    "minimum": (np.minimum, 2),
    "maximum": (np.maximum, 2),
}


class WrongFormulaError(ValueError):
    """A formula that cannot be read or worked out; its text is the line for the field."""


def evaluate(formula: str, shape: tuple[int, ...], current: Array | None) -> Array:
    """The array that the formula says, of this shape or of one that it broadcasts to. Floating point is float64, whole numbers are int64.

    `current` is x; None where there is no data to calculate with. Random numbers are the same each time (seed 0, or
    the third argument), so that a replay gives the same bytes. Raises WrongFormulaError.
    """
    if len(formula) > LONGEST:
        raise WrongFormulaError(f"is a formula of at most {LONGEST} characters")
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise WrongFormulaError(f"is no formula; as in {EXAMPLES}") from None
    with np.errstate(all="ignore"):
        try:
            result = _Evaluation(shape, current).value(tree)
            return np.broadcast_to(result, shape)
        except WrongFormulaError:
            raise
        except (ValueError, TypeError, ArithmeticError, RecursionError):
            raise WrongFormulaError("cannot be worked out for this tensor") from None


class _Evaluation:
    """One formula on one tensor."""

    def __init__(self, shape: tuple[int, ...], current: Array | None) -> None:
        self._shape = shape
        self._current = current

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=int() as number) if not isinstance(number, bool) and abs(number) < 2**63:
                return np.int64(number)
            case ast.Constant(value=float() as number):
                return np.float64(number)
            case ast.Name(id="x"):
                return self._x()
            case ast.Name(id=name):
                return self._make(name, [])
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](self.value(left), self.value(right))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._make(name, [self.value(argument) for argument in arguments])
        raise WrongFormulaError(f"is no formula; as in {EXAMPLES}")

    def _x(self) -> Array:
        if self._current is None:
            raise WrongFormulaError("speaks of x, but this tensor has no numbers to calculate with")
        current = self._current
        return current if current.dtype.kind in "iuc" else current.astype(np.float64)

    def _make(self, name: str, arguments: list[Any]) -> Any:
        if name in _ELEMENTWISE:
            function, count = _ELEMENTWISE[name]
            self._expect(name, arguments, count, count)
            return function(*arguments)
        if name in ("zeros", "ones"):
            self._expect(name, arguments, 0, 0)
            return np.zeros(self._shape) if name == "zeros" else np.ones(self._shape)
        if name == "full":
            self._expect(name, arguments, 1, 1)
            return np.full(self._shape, self._number(arguments[0]))
        if name == "arange":
            self._expect(name, arguments, 0, 0)
            return np.arange(int(np.prod(self._shape, dtype=np.int64))).reshape(self._shape)
        if name == "eye":
            self._expect(name, arguments, 0, 0)
            if len(self._shape) != 2:
                raise WrongFormulaError("eye needs a tensor of two dims")
            return np.eye(*self._shape)
        if name in ("normal", "uniform"):
            return self._random(name, arguments)
        raise WrongFormulaError(f"speaks of {name[:40]!r}, which is not known; as in {EXAMPLES}")

    def _random(self, name: str, arguments: list[Any]) -> Array:
        self._expect(name, arguments, 0, 3)
        numbers = [self._number(argument) for argument in arguments]
        first, second = [*numbers[:2], *(0.0, 1.0)[len(numbers[:2]) :]]
        if len(numbers) > 2 and not 0 <= numbers[2] < 2**32:
            raise WrongFormulaError("a seed is a number from 0 to 4294967295")
        generator = np.random.default_rng(int(numbers[2]) if len(numbers) > 2 else 0)
        return getattr(generator, name)(first, second, self._shape)  # type: ignore[no-any-return]

    @staticmethod
    def _expect(name: str, arguments: list[Any], fewest: int, most: int) -> None:
        if not fewest <= len(arguments) <= most:
            count = str(most) if fewest == most else f"{fewest} to {most}"
            raise WrongFormulaError(f"{name} takes {count} arguments")

    @staticmethod
    def _number(value: Any) -> float:
        if np.ndim(value) != 0:
            raise WrongFormulaError("needs plain numbers here, not a tensor")
        return float(value)
