"""onnxsim: folds constants, removes what does nothing, fuses what belongs together."""

from __future__ import annotations

from pathlib import Path

# passes whose results are operators of ONNX Runtime only
_NOT_STANDARD = ("fuse_attention", "fuse_gqa")
_INLINE_UP_TO = "1500MB"  # larger results get a data file


def simplify_with_onnxsim(model: Path, result: Path, standard_only: bool) -> None:
    """By path, so that weights are never left out: without them it merges distinct tensors and says nothing."""
    from onnxsim import simplify  # takes a second to import

    simplify(
        str(model),
        skipped_optimizers=list(_NOT_STANDARD) if standard_only else [],
        certify=False,
        output_path=str(result),
        external_data_threshold=_INLINE_UP_TO,
    )
