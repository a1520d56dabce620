"""The one way to ONNX Runtime: imported late, because it is slow, and told first that it must not report to its maker."""

from __future__ import annotations

import os
from typing import Any


def onnxruntime() -> Any:
    """The package. Its import costs 0.3 s of CPU, and without the variable it starts a thread that sends telemetry."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime as package

    return package


def operator_schemas() -> list[Any]:
    """Schemas of every operator that the runtime knows, the standard ones too."""
    onnxruntime()
    import onnxruntime.capi.onnxruntime_pybind11_state as state

    return list(state.get_all_operator_schema())


def refusals() -> tuple[type[Exception], ...]:
    """What the runtime raises when it cannot load or run a model; its exceptions have no common base of their own."""
    onnxruntime()
    import onnxruntime.capi.onnxruntime_pybind11_state as state

    own = [found for found in vars(state).values() if isinstance(found, type) and issubclass(found, Exception)]
    return (*own, RuntimeError, ValueError)
