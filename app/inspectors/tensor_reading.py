"""A tensor's elements, a piece at a time, wherever its data lies: what is not asked for is not read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np
import onnx.numpy_helper
from numpy.typing import NDArray
from onnx import SparseTensorProto, TensorProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import DTYPE_NAMES, nbytes_of
from onnx_scalpel.document.records import TensorRef
from onnx_scalpel.document.source import DROP_IT, Extent, reference
from onnx_scalpel.document.tensors import tensor_proto
from onnx_scalpel.document.weightless import external_entries
from onnx_scalpel.errors import AppError

CHUNK = 1 << 20  # elements read at a time; a multiple of 8, so that packed elements begin at a whole byte
Raw = Callable[[int, int], bytes]
"""Bytes of the data: from where, how many."""


class DenseReader:
    """Reads a dense tensor. AppError `bad-tensor` or `external-data` when its data is not what it claims."""

    def __init__(self, document: Document, ref: TensorRef, proto: TensorProto) -> None:
        self.elements = _elements(ref)
        self._type, self._dtype = proto.data_type, ref.dtype
        self._whole: NDArray[Any] | None = None
        self._raw: Raw | None = None
        if proto.data_type not in DTYPE_NAMES:
            raise _bad(ref)
        if ref.dtype == "string":
            self._whole = _strings(proto)
        elif proto.data_location == TensorProto.EXTERNAL:
            self._raw = _external(document, proto, nbytes_of(ref.dtype, ref.shape))
        elif proto.HasField("raw_data"):
            data: bytes = proto.raw_data
            if len(data) < nbytes_of(ref.dtype, ref.shape):
                raise _bad(ref)
            self._raw = lambda start, length: data[start : start + length]
        else:
            self._whole = _decoded(proto, ref)
        if self._whole is not None and len(self._whole) != self.elements:
            raise _bad(ref)

    def read(self, start: int, count: int) -> NDArray[Any]:
        """These elements, flat; fewer at the end."""
        count = max(0, min(count, self.elements - start))
        if self._whole is not None:
            return self._whole[start : start + count]
        assert self._raw is not None
        first = start - start % 8
        aligned = start + count - first
        data = self._raw(nbytes_of(self._dtype, (first,)), nbytes_of(self._dtype, (aligned,)))
        piece = TensorProto(data_type=self._type, dims=[aligned], raw_data=data)
        try:
            array: NDArray[Any] = onnx.numpy_helper.to_array(piece).reshape(-1)
        except (ValueError, TypeError) as error:
            raise AppError("bad-tensor", "the tensor's data ends before its last element") from error
        return array[start - first :]

    def chunks(self) -> Iterator[tuple[int, NDArray[Any]]]:
        """All elements in order, each chunk with where it begins."""
        for start in range(0, self.elements, CHUNK):
            yield start, self.read(start, CHUNK)


class SparseReader:
    """Reads a sparse tensor as the dense one it stands for, without making it: only what is listed is kept."""

    def __init__(self, document: Document, ref: TensorRef, proto: SparseTensorProto) -> None:
        self.elements = _elements(ref)
        values = TensorRef(ref.dtype, tuple(proto.values.dims), 0)
        dims = tuple(proto.indices.dims)
        held = DenseReader(document, values, proto.values)
        listed = DenseReader(document, TensorRef("int64", dims, 0), proto.indices)
        self.values = held.read(0, held.elements)
        places = listed.read(0, listed.elements).reshape(dims)
        if places.dtype.kind not in "iu":
            raise _bad(ref)
        try:
            flat = places if places.ndim == 1 else np.ravel_multi_index(tuple(places.T), ref.shape)
        except (ValueError, TypeError) as error:
            raise _bad(ref) from error
        if len(flat) != len(self.values) or (len(flat) and not 0 <= flat.min() <= flat.max() < self.elements):
            raise _bad(ref)
        order = np.argsort(flat, kind="stable")
        self._places, self._ordered = np.asarray(flat)[order], self.values[order]

    @property
    def unlisted(self) -> int:
        """How many elements are zero because nothing lists them."""
        return self.elements - len(self.values)

    def read(self, start: int, count: int) -> NDArray[Any]:
        count = max(0, min(count, self.elements - start))
        found = np.zeros(count, dtype=self._ordered.dtype)
        low, high = np.searchsorted(self._places, (start, start + count))
        found[self._places[low:high] - start] = self._ordered[low:high]
        return found

    def chunks(self) -> Iterator[tuple[int, NDArray[Any]]]:
        """What is listed; the rest is zero."""
        for start in range(0, len(self.values), CHUNK):
            yield start, self.values[start : start + CHUNK]


Reader = DenseReader | SparseReader


def reader(document: Document, ref: TensorRef) -> Reader:
    """The reader for a tensor."""
    proto = tensor_proto(document, ref)
    if isinstance(proto, SparseTensorProto):
        return SparseReader(document, ref, proto)
    return DenseReader(document, ref, proto)


def _elements(ref: TensorRef) -> int:
    if any(d < 0 for d in ref.shape):
        raise _bad(ref)
    return prod(ref.shape)


def _bad(ref: TensorRef) -> AppError:
    shown = "×".join(map(str, ref.shape[:8])) or "scalar"
    message = f"the tensor's data does not fit {ref.dtype or 'its dtype'} {shown}"
    return AppError("bad-tensor", message, hint="the findings of a check say what is wrong with it")


def _external(document: Document, tensor: TensorProto, needed: int) -> Raw:
    """Reads from the model's own file, or from the data file that the tensor names."""
    file = document.file
    path, offset, length = file.extent(reference(external_entries(tensor)))
    if path is None:
        if length < needed:
            raise AppError("bad-tensor", "the tensor's data ends before its last element")
        return lambda start, count: file.read(Extent(None, offset + start, count))
    try:
        descriptor = os.open(path, os.O_RDONLY)
        there = os.fstat(descriptor).st_size - offset
    except OSError as error:
        what = "is missing" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise AppError("external-data", f"the data file {path.name} {what}", hint=DROP_IT) from error
    if there < needed:
        message = f"the data file {path.name} ends before the tensor's last element"
        raise AppError("external-data", message, hint="the data file may be truncated")
    return lambda start, count: os.pread(descriptor, count, offset + start)


def _strings(proto: TensorProto) -> NDArray[Any]:
    texts = [text.decode("utf-8", "replace") for text in proto.string_data]
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def _decoded(proto: TensorProto, ref: TensorRef) -> NDArray[Any]:
    """Numbers that lie in a repeated field: they are in memory already."""
    try:
        array: NDArray[Any] = onnx.numpy_helper.to_array(proto).reshape(-1)
    except (ValueError, TypeError, OverflowError) as error:
        raise _bad(ref) from error
    return array
