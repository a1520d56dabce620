"""Imported by the zygote before its first fork: builds once what every session and every check would build again."""

from __future__ import annotations

from pathlib import Path

import onnx.parser

from onnx_scalpel.document import schemas
from onnx_scalpel.document.families import MICROSOFT
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.edits.base import edit_types
from onnx_scalpel.session import process  # noqa: F401 - the entry point and all that it needs
from onnx_scalpel.validators import runtime  # noqa: F401 - what a run needs
from onnx_scalpel.validators.base import check_all

_SMALL = '<ir_version: 8, opset_import: ["": 17]> g (float[1] x) => (float[1] y) { y = Relu(x) }'


def _warm() -> None:
    """Fill the caches of edits, operator schemas and validators; they are shared by every process forked later."""
    edit_types()
    schemas.operator(MICROSOFT, "Gelu")
    proto = onnx.parser.parse_model(_SMALL)
    check_all(WeightlessModel(proto, Path(), {MAIN_GRAPH: ["node:y"]}, {}, lambda _, name: f"value:{name}"))


_warm()
