"""The report on a model and the statistics of its tensors: what the inspectors find, each in a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onnx import ModelProto

from onnx_scalpel.document import save
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import text
from onnx_scalpel.document.records import Shape
from onnx_scalpel.inspectors.inspected import Inspected
from onnx_scalpel.inspectors.report import report
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.validators import dims, shape_inference

REPORT_LIMITS = Limits(cpu_seconds=120, wall_seconds=360, memory_bytes=3 << 30, file_bytes=1 << 30)
Inferred = Mapping[str, tuple[str, Shape]]


def inspect(document: Document, inferred: Inferred | None, progress: Progress) -> dict[str, Any]:
    """The report, in the child. `inferred` None: infer types first. May crash or hang on hostile models."""
    model = save.weightless(document)
    if inferred is None:
        progress(None, "inferring types")
        inferred = shape_inference.infer(model).types
    progress(None, "inspecting the model")
    sizes = dims.open_dims(model) if model.proto.HasField("graph") else {}
    return report(Inspected(document, model.proto, inferred, sizes, _derived(model.proto, sizes)))


def inspect_without_libraries(document: Document, inferred: Inferred | None) -> dict[str, Any]:
    """The report as far as it goes without inference, for a model that a library cannot bear."""
    return report(Inspected(document, save.weightless(document).proto, inferred or {}, libraries=False))


def _derived(proto: ModelProto, sizes: Mapping[str, int]) -> dict[str, int]:
    """Sizes of dims that are written as sums and products of others."""
    found: dict[str, int] = {}
    for info in (*proto.graph.input, *proto.graph.output, *proto.graph.value_info):
        for dim in info.type.tensor_type.shape.dim:
            name = text(dim.dim_param)
            if name and name not in sizes and name not in found:
                size = dims.evaluate(name, sizes)
                if size is not None:
                    found[name] = size
    return found
