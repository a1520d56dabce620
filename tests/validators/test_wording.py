"""What libraries say, as users read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from onnx_scalpel.errors import AppError
from onnx_scalpel.validators.runtime_errors import refusal
from onnx_scalpel.validators.wording import clean
from tests.validators.weightless_models import from_text

TEXT = """
<ir_version: 9, opset_import: ["" : 18]>
g (float[2] x) => (float[2] y, float[2] z) { y = Relu (x) [named] z = Add (x, x) }
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("[ONNXRuntimeError] : 1 : FAIL : Scale must be finite", "Scale must be finite"),
        ("Load failed: 10 : INVALID_GRAPH : Cycle detected: f:R -> f:R", "Load failed: Cycle detected: f:R -> f:R"),
        ("expected 3 : got 4", "expected 3 : got 4"),
    ],
)
def test_a_status_code_is_left_out_wherever_it_stands(said: str, told: str) -> None:
    assert clean(said, Path("model")) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Node (named) Op (Add) Incompatible dimensions", "(at the Add node 'named'): Incompatible dimensions"),
        ("Node () Op (Relu) Bad axis", "(at one Relu node): Bad axis"),
    ],
)
def test_the_node_that_is_refused_is_named_by_its_operator(said: str, told: str) -> None:
    error = refusal(from_text(TEXT), RuntimeError(said), loading=True)
    assert isinstance(error, AppError)
    assert error.message == f"ONNX Runtime refuses the model {told}"
    assert len(error.subjects) == 1
