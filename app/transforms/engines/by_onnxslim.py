"""onnxslim: folds and fuses in Python; slower, and fails on old opsets and beyond 2 GB."""

from __future__ import annotations

from pathlib import Path

import onnx


def simplify_with_onnxslim(model: Path, result: Path, standard_only: bool) -> None:
    """Its fusions give standard operators, whatever is asked."""
    from onnxslim import slim  # takes a while to import

    simplified = slim(str(model))
    if simplified is None:
        raise ValueError("onnxslim gave no model")
    onnx.save_model(simplified, str(result))
