"""What operators make of small tensors: the arithmetic of shapes, in every opset; anything else by ONNX's reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx.helper

from onnx_scalpel.transforms.resizing.facts import SMALL, Array
from onnx_scalpel.transforms.resizing.steps import Step

Inputs = Sequence[Array | None]


def compute(step: Step, inputs: Inputs) -> list[Array] | None:
    """The outputs, None where they are not known. Raises what NumPy raises for inputs that do not fit."""
    function = _FUNCTIONS.get(step.op_type)
    if function is None or step.domain:
        return None
    made = function(step, inputs)
    return None if made is None or made.size > SMALL else [np.asarray(made)]


def knows(step: Step) -> bool:
    return step.op_type in _FUNCTIONS and not step.domain


def _axes(step: Step, inputs: Inputs) -> list[int] | None:
    """Axes, which newer opsets take as an input."""
    given = step.integers("axes")
    if given is None and len(inputs) > 1 and inputs[1] is not None:
        given = [int(a) for a in inputs[1].reshape(-1)]
    return given


def _unsqueeze(step: Step, inputs: Inputs) -> Any:
    data, axes = _first(inputs), _axes(step, inputs) or []
    rank = data.ndim + len(axes)
    for axis in sorted(a % rank for a in axes):
        data = np.expand_dims(data, axis)
    return data


def _squeeze(step: Step, inputs: Inputs) -> Any:
    axes = _axes(step, inputs)
    return np.squeeze(_first(inputs), None if axes is None else tuple(axes))


def _slice(step: Step, inputs: Inputs) -> Any:
    data = _first(inputs)
    if len(inputs) > 1:
        starts, ends, axes, steps = (
            [int(n) for n in i.reshape(-1)] if i is not None else None for i in [*inputs[1:], None, None][:4]
        )
    else:
        starts, ends, axes, steps = step.integers("starts"), step.integers("ends"), step.integers("axes"), None
    if starts is None or ends is None:
        return None
    places = [slice(None)] * data.ndim
    for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
        axis = axes[at] if axes is not None else at
        stride = steps[at] if steps is not None else 1
        places[axis] = slice(start, None if stride < 0 and end < -data.shape[axis] else end, stride)
    return data[tuple(places)]


def _reshape(step: Step, inputs: Inputs) -> Any:
    data = _first(inputs)
    target = step.integers("shape") if len(inputs) < 2 or inputs[1] is None else [int(n) for n in inputs[1]]
    dims = [data.shape[at] if n == 0 and not step.integer("allowzero", 0) else n for at, n in enumerate(target or [])]
    return data.reshape(dims)


def _cast(step: Step, inputs: Inputs) -> Any:
    return _first(inputs).astype(onnx.helper.tensor_dtype_to_np_dtype(step.integer("to", 1)))


def _reduced(function: Callable[..., Any]) -> Callable[[Step, Inputs], Any]:
    def reduce(step: Step, inputs: Inputs) -> Any:
        data, axes = _first(inputs), _axes(step, inputs)
        made = function(data, axis=None if not axes else tuple(axes), keepdims=step.integer("keepdims", 1) == 1)
        return np.asarray(made).astype(data.dtype)

    return reduce


def _each(function: Callable[..., Any]) -> Callable[[Step, Inputs], Any]:
    def apply(_: Step, inputs: Inputs) -> Any:
        return function(*(i for i in inputs if i is not None))

    return apply


def _folded(function: Callable[..., Any]) -> Callable[[Step, Inputs], Any]:
    def fold(_: Step, inputs: Inputs) -> Any:
        made = _first(inputs)
        for more in inputs[1:]:
            made = function(made, more)
        return made

    return fold


def _divide(_: Step, inputs: Inputs) -> Any:
    a, b = _first(inputs), inputs[1]
    if b is None or a.dtype.kind == "f":
        return None if b is None else a / b
    if not b.all():
        return None
    quotient = np.abs(a) // np.abs(b)  # whole numbers are cut towards zero
    return np.where((a < 0) != (b < 0), -quotient, quotient).astype(a.dtype)


def _modulo(step: Step, inputs: Inputs) -> Any:
    a, b = _first(inputs), inputs[1]
    if b is None or not b.all():
        return None
    return np.fmod(a, b) if step.integer("fmod", 0) else np.mod(a, b)


def _range(_: Step, inputs: Inputs) -> Any:
    start, limit, delta = (i.reshape(-1)[0] for i in inputs if i is not None)
    if not delta or abs((limit - start) / delta) > SMALL:
        return None
    return np.arange(start, limit, delta, dtype=start.dtype)


def _expand(_: Step, inputs: Inputs) -> Any:
    data, target = _first(inputs), inputs[1]
    if target is None:
        return None
    shape = np.broadcast_shapes(data.shape, tuple(int(n) for n in target))
    return None if int(np.prod(shape or (1,), dtype=object)) > SMALL else np.broadcast_to(data, shape)


def _gather(step: Step, inputs: Inputs) -> Any:
    return np.take(_first(inputs), inputs[1], axis=step.integer("axis", 0)) if inputs[1] is not None else None


def _first(inputs: Inputs) -> Array:
    first = inputs[0]
    if first is None:
        raise ValueError("the first input is missing")
    return first


_FUNCTIONS: dict[str, Callable[[Step, Inputs], Any]] = {
    "Identity": lambda _, i: i[0],
    "Cast": _cast,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Concat": lambda s, i: np.concatenate([a for a in i if a is not None], axis=s.integer("axis", 0)),
    "Gather": _gather,
    "Slice": _slice,
    "Reshape": _reshape,
    "Transpose": lambda s, i: np.transpose(_first(i), s.integers("perm")),
    "Add": _each(np.add),
    "Sub": _each(np.subtract),
    "Mul": _each(np.multiply),
    "Div": _divide,
    "Mod": _modulo,
    "Neg": _each(np.negative),
    "Abs": _each(np.abs),
    "Floor": _each(np.floor),
    "Ceil": _each(np.ceil),
    "Sqrt": _each(np.sqrt),
    "Max": _folded(np.maximum),
    "Min": _folded(np.minimum),
    "Where": _each(np.where),
    "Equal": _each(np.equal),
    "Less": _each(np.less),
    "LessOrEqual": _each(np.less_equal),
    "Greater": _each(np.greater),
    "GreaterOrEqual": _each(np.greater_equal),
    "And": _each(np.logical_and),
    "Or": _each(np.logical_or),
    "Xor": _each(np.logical_xor),
    "Not": _each(np.logical_not),
    "ReduceProd": _reduced(np.prod),
    "ReduceSum": _reduced(np.sum),
    "ReduceMax": _reduced(np.max),
    "ReduceMin": _reduced(np.min),
    "Range": _range,
    "Expand": _expand,
}
