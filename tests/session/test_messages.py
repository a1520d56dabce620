"""Frames between processes, and what the web process may import."""

from __future__ import annotations

import subprocess
import sys

from onnx_scalpel.errors import AppError
from onnx_scalpel.session.messages import Event, FrameReader, Request, Response, encode_frame, failure


def test_frames_arrive_whole_in_whatever_pieces_they_come() -> None:
    sent = [Request(1, "edit", {"a": ["é", 1.5]}), Response(1, result=b"x" * 100_000), Event("job", {"state": "done"})]
    stream = b"".join(bytes(encode_frame(frame)) for frame in sent)
    for size in (1, 7, 4096, len(stream)):
        reader = FrameReader()
        pieces = (
            [stream[at : at + size] for at in range(0, len(stream), size)] if size > 1 else [stream[:99], stream[99:]]
        )
        assert [frame for piece in pieces for frame in reader.feed(piece)] == sent


def test_an_error_is_the_same_on_the_other_side() -> None:
    error = AppError("conflict", "no", subjects=("node:a",), hint="wait", status=409, fields={"name": "taken"})
    (frame,) = FrameReader().feed(bytes(encode_frame(failure(7, error))))
    assert isinstance(frame, Response)
    try:
        frame.value()
    except AppError as found:
        assert (found.to_json(), found.status) == (error.to_json(), 409)
    else:
        raise AssertionError("nothing was raised")


def test_the_client_imports_no_library_that_looks_at_models() -> None:
    code = "import onnx_scalpel.session.client, sys; print([m for m in ('onnx', 'onnx_graphsurgeon', 'onnxruntime', 'numpy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
