"""Models for tests, written as ONNX text, opened from real files."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
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


def split_model(folder: Path) -> Path:
    """split.onnx, whose tensors lie in two data files: `w` (4 x 4) and `b` (4) in w.bin, `c` (4) in deep/b.bin."""
    model = onnx.parser.parse_model(
        HEAD
        + """split (float[N, 4] x) => (float[N, 4] y) {
  h = MatMul (x, w)
  g = Add (h, b)
  y = Mul (g, c)
}"""
    )
    data = {"w": ("w.bin", 0, [4, 4]), "b": ("w.bin", 64, [4]), "c": ("deep/b.bin", 0, [4])}
    folder.mkdir(exist_ok=True)
    (folder / "deep").mkdir(exist_ok=True)
    (folder / "w.bin").write_bytes(np.arange(20, dtype=np.float32).tobytes())
    (folder / "deep" / "b.bin").write_bytes(np.full(4, 2, dtype=np.float32).tobytes())
    for name, (location, offset, dims) in data.items():
        tensor = model.graph.initializer.add(name=name, data_type=onnx.TensorProto.FLOAT, dims=dims)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        length = 4 * int(np.prod(dims))
        for key, value in {"location": location, "offset": str(offset), "length": str(length)}.items():
            tensor.external_data.add(key=key, value=value)
    path = folder / "split.onnx"
    path.write_bytes(model.SerializeToString())
    return path
