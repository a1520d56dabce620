"""Copying out of a session: fragments of its model, and the data of large tensors that another session needs for them."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.protos import DTYPE_NUMBERS, nbytes_of
from onnx_scalpel.document.records import TensorRef
from onnx_scalpel.document.source import Extent, reference
from onnx_scalpel.document.store import TensorStore
from onnx_scalpel.document.tensors import read_array, tensor_proto
from onnx_scalpel.document.weightless import external_entries
from onnx_scalpel.edits.fragment_writing import cut_fragment
from onnx_scalpel.edits.fragments import Origin, references_in
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.inside import Progress
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.files import TENSORS_FOLDER
from onnx_scalpel.session.job_list import JobList, state_of
from onnx_scalpel.session.recipe import too_large_a_recipe
from onnx_scalpel.session.session import Session

LEND_LIMITS = Limits(cpu_seconds=900, wall_seconds=1800, memory_bytes=2 << 30, file_bytes=1 << 40)
_PIECE = 8 << 20  # bytes
Wanted = Mapping[str, Any]  # {dtype, shape, source or digest}, as a fragment names a large tensor


class Clipboard:
    """Answers what is copied from one session."""

    def __init__(self, session: Session, children: Children, jobs: JobList, mapped_bytes: int) -> None:
        self._session = session
        self._children = children
        self._jobs = jobs
        self._limits = replace(LEND_LIMITS, mapped_bytes=2 * mapped_bytes)

    def copy(self, nodes: Sequence[str]) -> dict[str, Any]:
        """The fragment of these nodes; large tensors in it say that they are to be had from this session."""
        session = self._session
        data = cut_fragment(session.document, nodes, Origin(session.name, session.id))
        for named in references_in(data):
            named["session"] = session.id
        return data

    def lend(self, wanted: Sequence[Wanted], folder: Path, author: str) -> str:
        """Write the data of these tensors into the store of the session in `folder`; the id of the job. Its result is a digest
        for each, '' for one that cannot be had."""
        job = self._jobs.new("lend", author)
        document, store = self._session.document, folder / TENSORS_FOLDER
        store.mkdir(mode=0o700, parents=True, exist_ok=True)

        def on_end(outcome: JobOutcome) -> None:
            cancelled = outcome.status == "cancelled"
            self._jobs.end(job, state_of(outcome), outcome.result, None if cancelled else outcome.error)

        job.running = self._children.start(
            lambda progress: lent(document, wanted, TensorStore(store), progress),
            self._limits,
            folder=document.folder,
            readable=tuple({document.path.parent, document.folder}),
            on_end=on_end,
            on_progress=lambda: self._jobs.heard(job),
            writable=(store,),
        )
        self._jobs.tell(job)
        return job.id


def lent(document: Document, wanted: Sequence[Wanted], store: TensorStore, progress: Progress) -> list[str]:
    """Runs in the child."""
    whole = sum(_bytes(one) for one in wanted) or 1
    done, digests = 0, []

    def told(pieces: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal done
        for piece in pieces:
            yield piece
            done += len(piece)
            progress(min(1.0, done / whole), f"bringing {whole / 1e6:,.0f} MB of weights along")

    for one in wanted:
        try:
            digests.append(store.add_pieces(told(_pieces(document, one))))
        except AppError as error:
            if error.code == "disk-full":
                raise
            digests.append("")
    return digests


def _bytes(wanted: Wanted) -> int:
    dtype, shape = wanted.get("dtype"), wanted.get("shape")
    sound = isinstance(shape, list) and all(isinstance(dim, int) for dim in shape)
    return nbytes_of(str(dtype), shape) if sound and isinstance(shape, list) else 0


def _pieces(document: Document, wanted: Wanted) -> Iterator[bytes]:
    """The raw data of a dense tensor. AppError when it is another one than is wanted, or cannot be had."""
    dtype, size = str(wanted.get("dtype")), _bytes(wanted)
    proto = _proto(document, wanted)
    if not isinstance(proto, TensorProto) or proto.data_type != DTYPE_NUMBERS.get(dtype) or dtype == "string":
        raise _not_here()
    if list(proto.dims) != wanted.get("shape"):
        raise _not_here()
    if proto.data_location != TensorProto.EXTERNAL:
        raw = proto.raw_data if proto.HasField("raw_data") else _raw(document, wanted)
        if len(raw) != size:
            raise _not_here()
        yield raw
        return
    extent = document.file.extent(reference(external_entries(proto)))
    try:
        for start in range(0, size, _PIECE):
            length = min(_PIECE, size - start)
            piece = document.file.read(Extent(extent.path, extent.offset + start, length))
            if len(piece) != length:
                raise _not_here()
            yield piece
    except OSError as error:
        raise _not_here() from error


def _proto(document: Document, wanted: Wanted) -> Any:
    if isinstance(wanted.get("source"), str):
        return tensor_proto(document, TensorRef("", (), 0, source=wanted["source"]))
    return tensor_proto(document, _stored(wanted))


def _stored(wanted: Wanted) -> TensorRef:
    shape = tuple(wanted.get("shape") or ())
    proto = TensorProto(data_type=DTYPE_NUMBERS.get(str(wanted.get("dtype")), 0), dims=shape)
    return TensorRef(
        str(wanted.get("dtype")), shape, _bytes(wanted), proto=proto.SerializeToString(), digest=str(wanted["digest"])
    )


def _raw(document: Document, wanted: Wanted) -> bytes:
    ref = TensorRef(str(wanted["dtype"]), tuple(wanted["shape"]), _bytes(wanted), source=str(wanted["source"]))
    data: bytes = onnx.numpy_helper.from_array(read_array(document, ref)).raw_data
    return data


def _not_here() -> AppError:
    return AppError("no-such-tensor", "the tensor cannot be had", status=404)


def with_data(store: TensorStore, edits: Sequence[Mapping[str, Any]], limit: int) -> list[dict[str, Any]]:
    """Edits as they can be made elsewhere: tensors of fragments that lie in this session's store carry their data.
    AppError `recipe-too-large` when that is more than `limit` bytes."""
    found = copy.deepcopy([dict(edit) for edit in edits])
    named = [one for edit in found for one in references_in(_fragments(edit)) if store.has(str(one.get("digest", "")))]
    if sum(store.path(one["digest"]).stat().st_size for one in named) * 4 // 3 > limit:
        raise too_large_a_recipe()
    for one in named:
        one["base64"] = base64.b64encode(store.path(one.pop("digest")).read_bytes()).decode()
        one.pop("bytes", None)
    return found


def _fragments(edit: dict[str, Any]) -> list[Any]:
    """The fragments that an edit, or the edits of a batch, put."""
    inside = edit.get("edits")
    edits = [edit, *(inside if isinstance(inside, list) else ())]
    return [one["fragment"] for one in edits if isinstance(one, dict) and isinstance(one.get("fragment"), dict)]
