"""Scalpel: a web-based visual ONNX graph editor."""

__version__ = "0.1.0"
