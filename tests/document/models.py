"""Models for tests, written as ONNX text, opened from real files."""

from __future__ import annotations

from pathlib import Path

import msgspec
import onnx
import onnx.parser

from onnx_scalpel.document.delta import Delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.transaction import Transaction

HEAD = '<ir_version: 10, opset_import: ["" : 21]>\n'

CHAIN = """chain (float[N, 4] x) => (float[N, 4] y) <float[N, 4] h> {
  h = Relu (x)
  y = Exp (h)
}"""

BRANCHES = """branches (bool c, float[4] x) => (float[4] y) <float[4] w = {1, 2, 3, 4}> {
  h = Abs (x)
  y = If (c) <
    then_branch = yes () => (float[4] t) { t = Mul (h, w) },
    else_branch = no () => (float[4] e) { h2 = Neg (h)  e = Add (h2, w) }
  >
}"""


def write_text(folder: Path, text: str, name: str = "model.onnx") -> Path:
    """A model of this text as a file."""
    path = folder / name
    path.write_bytes(onnx.parser.parse_model(HEAD + text).SerializeToString())
    return path


def open_text(folder: Path, text: str) -> Document:
    return open_model(write_text(folder, text))


def rename(document: Document, value_id: str, name: str) -> Delta:
    """One forward delta that gives a value another name."""
    tx = Transaction(document)
    tx.put(msgspec.structs.replace(tx.value(value_id), name=name))
    return tx.delta()
