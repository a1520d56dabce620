"""Tensors: sizes that are impossible, and data that is not as long as dtype and shape say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
import onnx
from onnx import SparseTensorProto, TensorProto

from onnx_scalpel.document.diagnostic import Diagnostic
from onnx_scalpel.document.protos import DTYPE_NAMES, dtype_name, nbytes_of, text
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.validators.walk import Scope, node_words, plural, quote, scopes

RANK_LIMIT = 64  # what NumPy can hold
BYTES_LIMIT = 1 << 44  # 16 TiB: no tensor of a model
_TYPED_FIELDS = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data")
_FIELD_OF: dict[int, str] = {
    TensorProto.FLOAT: "float_data",
    TensorProto.COMPLEX64: "float_data",
    TensorProto.DOUBLE: "double_data",
    TensorProto.COMPLEX128: "double_data",
    TensorProto.INT64: "int64_data",
    TensorProto.UINT64: "uint64_data",
    TensorProto.UINT32: "uint64_data",
    TensorProto.STRING: "string_data",
}
_PER_ELEMENT = {TensorProto.COMPLEX64: 2, TensorProto.COMPLEX128: 2}
_PACKED = {"int4": 2, "uint4": 2, "float4e2m1": 2, "int2": 4, "uint2": 4}  # elements in one int32_data item


@dataclass(frozen=True)
class Held:
    """A tensor with what to call it and whom it concerns."""

    tensor: TensorProto
    words: str
    subjects: tuple[str, ...]


class TensorValidator:
    """Checks that each tensor's data is there and as long as its shape says; external data is looked at elsewhere."""

    name = "tensors"
    title = "Tensors"

    def validate(self, model: WeightlessModel) -> list[Diagnostic]:
        """At most one finding for each tensor: the first that makes it unreadable."""
        found: list[Diagnostic] = []
        for scope in scopes(model):
            for held in tensors_of(scope):
                found.extend(_first(_tensor_faults(held)))
            for sparse, words, subjects in sparse_tensors_of(scope):
                found.extend(_first(_sparse_faults(sparse, words, subjects)))
        return found


def tensors_of(scope: Scope) -> Iterator[Held]:
    """Dense tensors of a graph: initializers, attributes, and the parts of sparse ones."""
    if isinstance(scope.proto, onnx.GraphProto):
        for tensor in scope.proto.initializer:
            yield Held(
                tensor, f"the initializer {quote(tensor.name)}{scope.where}", scope.value_ids([text(tensor.name)])
            )
    for index, node in enumerate(scope.nodes):
        for attribute in node.attribute:
            for tensor in [attribute.t] if attribute.HasField("t") else attribute.tensors:
                words = f"the tensor in {quote(attribute.name)} of {node_words(node)}{scope.where}"
                yield Held(tensor, words, (scope.node_id(index),))
    for sparse, words, subjects in sparse_tensors_of(scope):
        yield Held(sparse.values, f"the values of {words}", subjects)
        yield Held(sparse.indices, f"the indices of {words}", subjects)


def sparse_tensors_of(scope: Scope) -> Iterator[tuple[SparseTensorProto, str, tuple[str, ...]]]:
    """Sparse tensors of a graph with what to call them and whom they concern."""
    if isinstance(scope.proto, onnx.GraphProto):
        for sparse in scope.proto.sparse_initializer:
            name = sparse.values.name
            yield sparse, f"the sparse initializer {quote(name)}{scope.where}", scope.value_ids([text(name)])
    for index, node in enumerate(scope.nodes):
        for attribute in node.attribute:
            present = [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else attribute.sparse_tensors
            for sparse in present:
                words = f"the sparse tensor in {quote(attribute.name)} of {node_words(node)}{scope.where}"
                yield sparse, words, (scope.node_id(index),)


def _first(findings: Iterator[Diagnostic]) -> list[Diagnostic]:
    found = next(findings, None)
    return [] if found is None else [found]


def _tensor_faults(held: Held) -> Iterator[Diagnostic]:
    tensor, words, subjects = held.tensor, held.words[:1].upper() + held.words[1:], held.subjects
    if tensor.data_type not in DTYPE_NAMES:
        said = f"dtype number {tensor.data_type}, which ONNX does not define" if tensor.data_type else "no dtype"
        yield Diagnostic("error", "unknown-dtype", f"{words} has {said}", subjects, "give it data of a known dtype")
        return
    yield from _dims_faults(list(tensor.dims), dtype_name(tensor.data_type), words, subjects)
    if tensor.data_location == TensorProto.EXTERNAL:
        return
    dtype, count = dtype_name(tensor.data_type), prod(tensor.dims)
    typed = [name for name in _TYPED_FIELDS if getattr(tensor, name)]
    if tensor.HasField("raw_data") and tensor.raw_data and typed:
        hint = "set its data again"
        yield Diagnostic(
            "error", "ambiguous-data", f"{words} has its data twice, raw and as {typed[0]}", subjects, hint
        )
    elif dtype == "string":
        yield from _string_faults(tensor, count, words, subjects)
    elif typed:
        yield from _typed_faults(tensor, typed, count, words, subjects)
    elif len(tensor.raw_data) != nbytes_of(dtype, list(tensor.dims)):
        needed = nbytes_of(dtype, list(tensor.dims))
        message = f"{words} has {plural(len(tensor.raw_data), 'byte')} of data, its shape and dtype need {needed:,}"
        yield Diagnostic("error", "raw-size-mismatch", message, subjects, "set its data or its shape again")


def _dims_faults(dims: list[int], dtype: str, words: str, subjects: tuple[str, ...]) -> Iterator[Diagnostic]:
    if any(d < 0 for d in dims):
        message = f"{words} has a negative dim: {_dims_text(dims)}"
        yield Diagnostic("error", "negative-dims", message, subjects, "set a shape that fits its data")
    elif nbytes_of(dtype, dims) > BYTES_LIMIT or prod(dims) > BYTES_LIMIT:
        message = f"{words} claims an impossible size: {_dims_text(dims)}"
        yield Diagnostic("error", "huge-dims", message, subjects, "set a shape that fits its data")
    elif len(dims) > RANK_LIMIT:
        message = f"{words} has {len(dims):,} dims; no tool reads more than {RANK_LIMIT}"
        yield Diagnostic("error", "rank-too-high", message, subjects, "give it a shape of fewer dims")


def _dims_text(dims: list[int]) -> str:
    shown = " × ".join(str(d) for d in dims[:5])
    return shown + (f" × … ({len(dims)} dims)" if len(dims) > 5 else "")


def _string_faults(tensor: TensorProto, count: int, words: str, subjects: tuple[str, ...]) -> Iterator[Diagnostic]:
    if tensor.raw_data:
        message = f"{words} holds strings as raw bytes, which ONNX does not allow"
        yield Diagnostic("error", "string-raw-data", message, subjects, "set its strings again")
    elif len(tensor.string_data) != count:
        message = f"{words} has {plural(len(tensor.string_data), 'string')}, its shape needs {count:,}"
        yield Diagnostic("error", "string-count-mismatch", message, subjects, "set its data or its shape again")


def _typed_faults(
    tensor: TensorProto, typed: list[str], count: int, words: str, subjects: tuple[str, ...]
) -> Iterator[Diagnostic]:
    dtype = dtype_name(tensor.data_type)
    wanted = _FIELD_OF.get(tensor.data_type, "int32_data")
    if typed != [wanted]:
        message = f"{words} is {dtype} but its data is in {' and '.join(typed)} instead of {wanted}"
        yield Diagnostic("error", "wrong-data-field", message, subjects, "set its data again")
        return
    given = len(getattr(tensor, wanted))
    needed = count * _PER_ELEMENT.get(tensor.data_type, 1)
    if dtype in _PACKED:
        needed = -(-count // _PACKED[dtype])
    if given != needed:
        message = f"{words} has {plural(given, 'element')} of data, its shape needs {needed:,}"
        yield Diagnostic("error", "element-count-mismatch", message, subjects, "set its data or its shape again")


def _sparse_faults(sparse: SparseTensorProto, words: str, subjects: tuple[str, ...]) -> Iterator[Diagnostic]:
    words = words[:1].upper() + words[1:]
    dims = list(sparse.dims)
    yield from _dims_faults(dims, dtype_name(sparse.values.data_type), words, subjects)
    indices = sparse.indices
    if TensorProto.EXTERNAL in (indices.data_location, sparse.values.data_location):
        return
    count = prod(sparse.values.dims)
    if list(indices.dims) not in ([count], [count, len(dims)]) or len(sparse.values.dims) != 1:
        message = f"{words} has {plural(count, 'value')}, but indices of shape {list(indices.dims)}"
        yield Diagnostic("error", "sparse-indices", message, subjects, "one index is needed for each value")
        return
    try:
        given = np.frombuffer(indices.raw_data, "<i8") if indices.raw_data else np.asarray(indices.int64_data, "i8")
        given = given.reshape(tuple(indices.dims))
    except ValueError:
        return  # the indices tensor itself is at fault, and told so
    limits = np.asarray(dims, "i8") if given.ndim == 2 else np.asarray(prod(dims), "O")
    outside = (given < 0) | (given >= limits)
    if outside.any():
        message = f"{words} has an index of {given[outside].flat[0]}, outside of its shape {_dims_text(dims)}"
        yield Diagnostic("error", "sparse-indices", message, subjects, "replace it by a tensor with valid indices")
