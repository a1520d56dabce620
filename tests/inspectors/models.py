"""Models under inspection: from ONNX text or a file, with what inference says about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import weightless
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.inspectors.inspected import Facts, Inspected, Inspector
from onnx_scalpel.session.apart import in_child
from onnx_scalpel.session.inspecting import REPORT_LIMITS, inspect
from onnx_scalpel.validators.dims import open_dims
from tests.laws import model_file


def inspected(model: str | Path | onnx.ModelProto, *edits: dict[str, Any]) -> Inspected:
    """The model, after these edits."""
    document = open_model(model_file(model))
    for edit in edits:
        apply_edit(document, parse_edit(edit))
    proto = weightless(document)
    return Inspected(document, proto.proto, sizes=open_dims(proto))


def facts_of(inspector: Inspector, model: str | Path | onnx.ModelProto, *edits: dict[str, Any]) -> Facts:
    """What one inspector finds; it must be able to tell it, too."""
    found = inspector.inspect(inspected(model, *edits))
    assert all("\n" not in line for line in inspector.tell(found))
    return found


def report_of(path: Path) -> dict[str, Any]:
    """The whole report on a file, as a job makes it."""
    document = open_model(path)
    report: dict[str, Any] = in_child(lambda progress: inspect(document, None, progress), document, REPORT_LIMITS)
    return report


def functions_model() -> onnx.ModelProto:
    """Two calls of a function of three nodes, and an operator that nobody knows."""
    return onnx.parser.parse_model(
        """
        <ir_version: 10, opset_import: ["" : 21, "local" : 1, "strange" : 1]>
        g (float[2,4] x) => (float[2,4] y) {
          a = local.Block(x)
          b = local.Block(a)
          y = strange.Wobble(b)
        }
        <domain: "local", opset_import: ["" : 21]>
        Block (v) => (w) {
          p = Neg(v)
          q = Mul(p, v)
          w = Relu(q)
        }
        """
    )


def branching_model() -> onnx.ModelProto:
    """An If whose branches hold two nodes and one initializer each."""
    return onnx.parser.parse_model(
        """
        <ir_version: 10, opset_import: ["" : 21]>
        g (bool c, float[4] x) => (float[4] y) <float[4] k = {1, 2, 3, 4}> {
          h = Add(x, k)
          y = If(c) <
            then_branch = t () => (float[4] a) <float[4] w = {1, 1, 1, 1}> { p = Mul(h, w)  a = Relu(p) },
            else_branch = e () => (float[4] b) <float[4] v = {2, 2, 2, 2}> { q = Mul(h, v)  b = Neg(q) }
          >
        }
        """
    )
