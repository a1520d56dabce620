"""ONNX Runtime's own basic optimisations, written to a file instead of run."""

from __future__ import annotations

from pathlib import Path

from onnx_scalpel.document.ort import onnxruntime


def simplify_with_onnxruntime(model: Path, result: Path, standard_only: bool) -> None:
    """Basic optimisations give standard operators only, whatever is asked. Weights stay in their files as long as they can."""
    ort = onnxruntime()
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(result)
    options.log_severity_level = 3
    options.enable_mem_reuse = (
        False  # nothing is run, and planning it is quadratic: 3 CPU s at 10k nodes, minutes with it
    )
    options.add_session_config_entry("session.disable_prepacking", "1")
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", f"{result.name}.data")
    options.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", "65536")
    ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
