"""`python -m onnx_scalpel` is the command line."""

from __future__ import annotations

from onnx_scalpel.cli import main

main()
