"""Tensors in a fragment: small ones with their data, large ones by where it can be had."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import onnx
from google.protobuf.message import DecodeError
from onnx import SparseTensorProto, TensorProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.protos import DTYPE_NUMBERS, nbytes_of, tensor_facts
from onnx_scalpel.document.records import TensorRef
from onnx_scalpel.document.store import STORED_FROM
from onnx_scalpel.document.tensors import full_tensor, read_array, tensor_proto
from onnx_scalpel.edits.fragments import WrongFragmentError
from onnx_scalpel.edits.literals import WrongLiteralError, tensor_from_literal, tensor_shape
from onnx_scalpel.errors import AppError

INLINE_TOGETHER = 1 << 20  # bytes of tensors that a fragment carries itself
COMPARED = 64 << 20  # bytes; larger tensors are the same when they are the same reference


class MissingTensorError(Exception):
    """The data of a tensor is not here."""


class TensorWriter:
    """Writes the tensors of one fragment: {dtype, shape, base64}, {dtype, shape, data} of texts, {dtype, shape, proto} of
    what is sparse or odd, and {dtype, shape, bytes, source or digest} of what is large."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._left = INLINE_TOGETHER

    def spec(self, ref: TensorRef) -> dict[str, Any]:
        facts: dict[str, Any] = {"dtype": ref.dtype, "shape": list(ref.shape)}
        carried = not ref.source and not ref.digest
        if carried or (ref.nbytes < STORED_FROM and ref.nbytes <= self._left):
            try:
                written = facts | self._data(ref)
            except AppError:  # the data is missing or faulty: whoever needs it is told
                written = {}
            if written:
                self._left -= ref.nbytes
                return written
        where = {"digest": ref.digest} if ref.digest else {"source": printable(ref.source)}
        return facts | {"bytes": ref.nbytes} | where

    def _data(self, ref: TensorRef) -> dict[str, Any]:
        if ref.sparse:
            return {"proto": _encoded(tensor_proto(self._document, ref).SerializeToString())}
        full = full_tensor(self._document, ref)
        if ref.dtype == "string":
            try:
                return {"data": [text.decode() for text in full.string_data]}
            except UnicodeDecodeError:
                return {"proto": _encoded(full.SerializeToString())}
        if ref.dtype not in DTYPE_NUMBERS:
            return {"proto": _encoded(full.SerializeToString())}
        if not full.HasField("raw_data"):
            full = onnx.numpy_helper.from_array(read_array(self._document, ref))
        if len(full.raw_data) != ref.nbytes:
            return {"proto": _encoded(full.SerializeToString())}
        return {"base64": _encoded(full.raw_data)}


def tensor_of_spec(document: Document, spec: Mapping[str, Any], *, stored: bool) -> TensorRef:
    """The tensor that a fragment says; `stored`: its data may lie in the store. Raises WrongFragmentError, MissingTensorError."""
    dtype = spec.get("dtype")
    if not isinstance(dtype, str):
        raise WrongFragmentError("has a tensor without a dtype")
    try:
        shape = _shape(spec.get("shape"))
        if "proto" in spec:
            return _of_proto(spec, dtype, shape)
        if "data" in spec:
            return tensor_from_literal({key: spec[key] for key in ("dtype", "shape", "data")})
        if "base64" in spec:
            return _dense(dtype, shape, _decoded(spec["base64"]))
    except WrongLiteralError as error:
        raise WrongFragmentError(f"has a tensor that {error}") from None
    if "session" in spec:
        raise MissingTensorError
    if isinstance(spec.get("digest"), str):
        return _in_store(document, dtype, shape, spec["digest"], stored)
    if isinstance(spec.get("source"), str):
        return _in_file(document, dtype, shape, spec["source"])
    raise WrongFragmentError("has a tensor without data")


def _shape(said: Any) -> tuple[int, ...]:
    if isinstance(said, list) and all(isinstance(d, int) and not isinstance(d, bool) for d in said) and len(said) <= 64:
        return tuple(said)
    return tensor_shape(said)


def _of_proto(spec: Mapping[str, Any], dtype: str, shape: tuple[int, ...]) -> TensorRef:
    data = _decoded(spec["proto"])
    for kind in (TensorProto, SparseTensorProto):
        try:
            found = tensor_facts(kind.FromString(data))
        except (DecodeError, ValueError):
            continue
        proto = kind.FromString(found.proto)
        if (found.dtype, found.shape) == (dtype, shape) and _whole(proto if kind is TensorProto else proto.values):
            return found
    raise WrongFragmentError("has a tensor whose data is not of its dtype and shape")


def _whole(proto: Any) -> bool:
    """A fragment comes from anywhere: it may not point to files."""
    return bool(proto.data_location != TensorProto.EXTERNAL)


def _dense(dtype: str, shape: tuple[int, ...], data: bytes) -> TensorRef:
    if dtype not in DTYPE_NUMBERS or dtype == "string":
        raise WrongFragmentError("has a tensor of a dtype that bytes cannot say")
    if any(d < 0 for d in shape) or len(data) != nbytes_of(dtype, shape):
        raise WrongFragmentError(f"has a tensor of {len(data)} bytes where {dtype} {list(shape)} has another number")
    return tensor_facts(TensorProto(data_type=DTYPE_NUMBERS[dtype], dims=shape, raw_data=data))


def _in_store(document: Document, dtype: str, shape: tuple[int, ...], digest: str, stored: bool) -> TensorRef:
    store, nbytes = document.file.store, nbytes_of(dtype, shape)
    if not store.has(digest) or store.path(digest).stat().st_size != nbytes or dtype not in DTYPE_NUMBERS:
        raise MissingTensorError
    if not stored or nbytes < STORED_FROM:
        return _dense(dtype, shape, store.path(digest).read_bytes())
    proto = TensorProto(data_type=DTYPE_NUMBERS[dtype], dims=shape)
    return TensorRef(dtype, shape, nbytes, proto=proto.SerializeToString(), digest=digest)


def _in_file(document: Document, dtype: str, shape: tuple[int, ...], source: str) -> TensorRef:
    """A tensor of the opened model, which stays where it is."""
    try:
        proto = tensor_proto(document, TensorRef(dtype, shape, 0, source=source))
    except AppError:
        raise MissingTensorError from None
    found = tensor_facts(proto, source)
    if (found.dtype, found.shape) != (dtype, shape):
        raise MissingTensorError
    return found


def same_tensor(document: Document, one: TensorRef, other: TensorRef) -> bool:
    """Whether both surely hold the same data."""
    if (one.dtype, one.shape, one.sparse) != (other.dtype, other.shape, other.sparse):
        return False
    if (one.source, one.digest, one.proto) == (other.source, other.digest, other.proto):
        return True
    if max(one.nbytes, other.nbytes) > COMPARED:
        return False
    try:
        a, b = read_array(document, one), read_array(document, other)
    except AppError:
        return False
    return bool(a.tolist() == b.tolist()) if a.dtype == object else a.tobytes() == b.tobytes()


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise WrongFragmentError("has data that is no base64") from None
