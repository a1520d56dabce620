"""Where a tensor's data lies, in the model's file or in a data file, and how many bytes of it there are."""

from __future__ import annotations

from typing import NamedTuple

from onnx import SparseTensorProto, TensorProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import TensorRef
from onnx_scalpel.document.source import reference
from onnx_scalpel.document.store import LOCATION
from onnx_scalpel.document.tensors import tensor_proto
from onnx_scalpel.document.weightless import external_entries

_BYTES_EACH = {"float_data": 4, "int32_data": 4, "int64_data": 8, "double_data": 8, "uint64_data": 8}


class Place(NamedTuple):
    """`inline` bytes are in the model's own file (numbers as their field holds them), `external` ones in the file `location`."""

    inline: int
    external: int = 0
    location: str | None = None  # None: no data file


def place_of(document: Document, ref: TensorRef) -> Place:
    """Where the data of a tensor lies; of a sparse one, its values and indices."""
    proto = tensor_proto(document, ref)
    if isinstance(proto, SparseTensorProto):
        values, indices = _place(document, proto.values, ref.nbytes), _place(document, proto.indices, 0)
        return Place(values.inline + indices.inline, values.external + indices.external, values.location)
    return _place(document, proto, ref.nbytes)


def _place(document: Document, tensor: TensorProto, nbytes: int) -> Place:
    if tensor.data_location != TensorProto.EXTERNAL:
        return Place(stored_bytes(tensor))
    now = document.file.now(external_entries(tensor))
    if now is None:
        return Place(reference(external_entries(tensor)).length)
    if now.location.startswith(LOCATION):
        return Place(now.length)  # an edit's data, kept with the session until it is saved into the model
    return Place(0, now.length if now.length >= 0 else nbytes, now.location)


def stored_bytes(tensor: TensorProto) -> int:
    """Bytes of the data inside a TensorProto."""
    numbers = sum(len(getattr(tensor, name)) * size for name, size in _BYTES_EACH.items())
    return len(tensor.raw_data) + numbers + sum(len(text) for text in tensor.string_data)
