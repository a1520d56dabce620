"""Outputs of a run in numbers: what they hold, and how two of them differ."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
# largest |a - b| that counts as equal is absolute + relative × |b| + scaled × the largest |b|, by dtype: an element that came
# near zero because large ones cancelled out is as uncertain as those were
_TOLERANCES = {"float16": (1e-2, 1e-2, 2e-3), "float32": (1e-5, 1e-4, 1e-5), "float64": (1e-8, 1e-7, 1e-12)}


def describe(data: Any) -> dict[str, Any]:
    """dtype, shape, minimum, maximum, mean (of the finite elements), NaNs and infinities of one output."""
    empty = {"minimum": None, "maximum": None, "mean": None, "nans": 0, "infinities": 0}
    if data is None:
        return {"dtype": "none", "shape": [], **empty}
    if not isinstance(data, np.ndarray):
        items = data if isinstance(data, list) else [data]
        kind = "map" if items and isinstance(items[0], dict) else "tensor"
        return {"dtype": f"seq({kind})", "shape": [len(items)], **_statistics(_numbers(data))}
    dtype = "string" if data.dtype.kind in "OUS" else str(data.dtype)
    return {"dtype": dtype, "shape": list(data.shape), **(empty if dtype == "string" else _statistics(data))}


def difference(data: Any, before: Any, other: str) -> dict[str, Any]:
    """The largest absolute difference, whether it is within the tolerance, and why it cannot be told otherwise.

    `other` is what to call the model that gave `before`.
    """
    now, then = describe(data), describe(before)
    if now["dtype"] != then["dtype"]:
        return _incomparable(f"{other} gives {then['dtype']}")
    if now["shape"] != then["shape"]:
        return _incomparable(f"{other} gives shape {then['shape']}")
    if now["dtype"] == "string":
        equal = bool(np.array_equal(data, before))
        return {"difference": None, "equal": equal, "note": "" if equal else "some strings differ"}
    a, b = _numbers(data), _numbers(before)
    if a.shape != b.shape:
        return _incomparable(f"its parts have other shapes in {other}")
    return _numeric_difference(a, b)


def _incomparable(note: str) -> dict[str, Any]:
    return {"difference": None, "equal": False, "note": note}


def _numeric_difference(a: Array, b: Array) -> dict[str, Any]:
    if a.dtype.kind in "biu":
        equal = bool(np.array_equal(a, b))
        largest = float(np.abs(a.astype("f8") - b.astype("f8")).max(initial=0.0))
        return {"difference": largest, "equal": equal, "note": ""}
    finite = np.isfinite(a) & np.isfinite(b)
    same_others = np.array_equal(a[~finite], b[~finite], equal_nan=True)
    a64, b64 = (a[finite].astype("c16" if a.dtype.kind == "c" else "f8") for a in (a, b))
    distance = np.abs(a64 - b64)
    absolute, relative, scaled = _TOLERANCES.get(str(a.dtype), (1e-5, 1e-4, 1e-5))
    size = np.abs(b64)
    equal = bool((distance <= absolute + relative * size + scaled * size.max(initial=0.0)).all()) and same_others
    note = "" if same_others else "NaNs or infinities are in other places"
    largest = float(distance.max(initial=0.0))
    return {"difference": largest if np.isfinite(largest) else None, "equal": equal, "note": note}


def _statistics(array: Array) -> dict[str, Any]:
    if array.dtype.kind == "c":
        array = np.abs(array)
    whole = array.dtype.kind in "biu"
    finite = array if whole else array[np.isfinite(array)]
    found: dict[str, Any] = {"minimum": None, "maximum": None, "mean": None}
    if finite.size:
        with np.errstate(over="ignore"):
            mean = float(finite.mean(dtype="f8"))
        found = {"minimum": float(finite.min()), "maximum": float(finite.max()), "mean": mean}
        found = {name: value if np.isfinite(value) else None for name, value in found.items()}
    nans = 0 if whole else int(np.isnan(array).sum())
    infinities = 0 if whole else int(np.isinf(array).sum())
    return {**found, "nans": nans, "infinities": infinities}


def _numbers(data: Any) -> Array:
    """Every number of an output in one array: sequences and maps flattened, in order of their keys."""
    if isinstance(data, np.ndarray):
        return data if data.dtype.kind in "biufc" else np.empty(0)
    pieces: list[Array] = []
    pending = [data]
    while pending:
        item = pending.pop(0)
        if isinstance(item, dict):
            pending[:0] = [item[k] for k in sorted(item, key=str)]
        elif isinstance(item, list | tuple):
            pending[:0] = list(item)
        elif item is not None and not isinstance(item, str | bytes):
            array = np.asarray(item)
            if array.dtype.kind in "biufc":
                pieces.append(array.reshape(-1))
    return np.concatenate(pieces) if pieces else np.empty(0)
