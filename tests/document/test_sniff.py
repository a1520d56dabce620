"""Files that are no model are refused with the one thing that is wrong with them; models never are."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest

from onnx_scalpel.document.sniff import refuse_unreadable
from onnx_scalpel.errors import AppError
from tests.shared_models import model_paths, shared_model

TEXT = """<ir_version: 9, opset_import: ["" : 18]>
main (float[N, 4] x) => (float[N, 4] y) <float[4] w = {1.0, 2.0, 3.0, 4.0}>
{ h = Add(x, w)  y = Relu(h) }"""
MODEL = onnx.parser.parse_model(TEXT).SerializeToString()


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, b"content")
    return stream.getvalue()


def code_of(data: bytes, folder: Path) -> str | None:
    path = folder / "model.onnx"
    path.write_bytes(data)
    try:
        refuse_unreadable(path)
    except AppError as error:
        assert error.hint
        assert str(folder) not in error.message + error.hint
        return error.code
    return None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"\0" * 5000, "only-zeros"),
        (gzip.compress(MODEL), "gzip"),
        (zipped("model.onnx"), "zip"),
        (zipped("archive/data.pkl"), "pytorch-zip"),
        (zipped("w.npy"), "npz"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "png-image"),
        (b"<!DOCTYPE html><title>404</title>", "html-page"),
        (b"\n  <html><script>alert(1)</script>", "html-page"),
        (b"<?xml version='1.0'?><net name='m'/>", "xml-text"),
        (b'{"irVersion": 8}', "json-text"),
        (b"\xef\xbb\xbf{}", "json-text"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n", "lfs-pointer"),
        (b'ir_version: 8\ngraph {\n  name: "g"\n}\n', "textproto"),
        (b"# a comment\ngraph { }", "textproto"),
        (TEXT.encode(), "onnx-text"),
        (b"To be, or not to be\n", "plain-text"),
        (struct.pack("<Q", 60) + b'{"w":{"dtype":"F32"}}' + b" " * 60, "safetensors"),
        (b"\x93NUMPY\x01\x00v\x00", "npy"),
        (random.Random(1).randbytes(65536), "not-protobuf"),
        (b"\x08\x0a\x3a\xff\xff\xff\xff\x07" + b"\0" * 32, "length-bomb"),
        (MODEL + b"\xff" * 64, "damaged"),
        (b"\xa2\x06\x03abc" * 20, "other-protobuf"),
    ],
    # not by what is in a file: archives hold the time, and tests that are called otherwise in each worker are not run
    ids=lambda given: given if isinstance(given, str) else "file",
)
def test_each_kind_of_file_has_its_own_refusal(data: bytes, code: str, tmp_path: Path) -> None:
    assert code_of(data, tmp_path) == code


def test_a_model_cut_anywhere_is_truncated_or_reads_as_a_shorter_model(tmp_path: Path) -> None:
    model = shared_model("real/burn-onnx__loop_scan_outputs.onnx").read_bytes()
    for end in range(8, len(model), 7):
        code = code_of(model[:end], tmp_path)
        if code is None:
            onnx.ModelProto.FromString(model[:end])  # the cut fell between two fields of the whole
        else:
            assert code == "truncated", end


def test_a_cut_says_how_many_bytes_are_missing_at_least(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(MODEL[:-1])
    with pytest.raises(AppError, match="its last byte is missing"):
        refuse_unreadable(path)


@pytest.mark.parametrize("levels", [60, 3000])
def test_deep_nesting_is_told_without_recursion(levels: int, tmp_path: Path) -> None:
    graph = b""
    for _ in range(levels):
        graph = _message(1, _message(5, _message(6, graph)))
    assert code_of(b"\x08\x09" + _message(7, graph), tmp_path) == "nested-too-deep"


def test_noise_is_refused_whatever_it_looks_like(tmp_path: Path) -> None:
    generator = np.random.default_rng(7)
    for size in (1, 2, 3, 10, 100, 4096):
        for _ in range(30):
            data = generator.bytes(size)
            try:
                onnx.ModelProto.FromString(data)
            except Exception:  # noqa: BLE001 - whatever protobuf cannot read
                assert code_of(data, tmp_path) is not None, data


@pytest.mark.parametrize("path", model_paths("real", "exported", "odd"), ids=lambda p: p.stem)
def test_no_model_is_refused(path: Path) -> None:
    refuse_unreadable(path)


def _message(number: int, payload: bytes) -> bytes:
    length, out = len(payload), bytearray()
    while length >= 0x80:
        out.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([number << 3 | 2]) + bytes(out) + bytes([length]) + payload
