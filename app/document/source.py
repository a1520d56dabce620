"""The opened file: its parsed model without weights, and the weights' bytes when somebody needs them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath

import onnx
from onnx import TensorProto

from onnx_scalpel.document.store import TensorStore
from onnx_scalpel.document.weightless import external_entries, is_safe, number, tensors_in
from onnx_scalpel.document.wire import Buffer, CutTensor, Range
from onnx_scalpel.errors import AppError


class ModelFile:
    """One opened .onnx file. The mapping keeps the bytes reachable even when another file takes its name."""

    def __init__(
        self,
        path: Path,
        data: Buffer,
        proto: onnx.ModelProto,
        wire: bytes,
        cut: Mapping[int, CutTensor],
        store: TensorStore | None = None,
    ) -> None:
        self.store = store or TensorStore()  # what edits put in the place of the file's tensors
        self.path = path
        self.folder = path.parent
        self.supplied: dict[str, Path] = {}  # by location: data files that are elsewhere than in `folder`
        self.text: Path | None = None  # a copy of the text that the opened model was read from
        self.data = data
        self.proto = proto
        self.cut = cut
        # kept only where writing the parsed model would not give the same bytes
        self.wire: bytes | None = None if proto.SerializeToString() == wire else wire

    def read(self, piece: Range) -> bytes:
        return self.data[piece.offset : piece.offset + piece.length]

    def own_range(self, entries: Mapping[str, str]) -> tuple[Range, CutTensor] | None:
        """Where in this file the data lies that these external_data entries point to; None: in another file."""
        if entries.get("location") != self.path.name:
            return None
        offset = number(entries.get("offset", ""))
        cut = self.cut.get(offset)
        return (
            None if cut is None or cut.length != number(entries.get("length", "")) else (Range(offset, cut.length), cut)
        )

    @cached_property
    def locations(self) -> tuple[str, ...]:
        """The data files that the opened model names, as it names them, wherever in it that is."""
        outside = (t for t in tensors_in(self.proto) if t.data_location == TensorProto.EXTERNAL)
        entries = (external_entries(tensor) for tensor in outside)
        return tuple(dict.fromkeys(e.get("location", "") for e in entries if self.own_range(e) is None))

    def find(self, location: str) -> Path | None:
        """Where the data file of a location has to be; None when it may not be followed."""
        try:
            return self.data_path(location)
        except AppError:
            return None

    def tensor_data(self, tensor: TensorProto) -> bytes:
        """The bytes that an external tensor stands for. Raises AppError `external-data`."""
        entries = external_entries(tensor)
        own = self.own_range(entries)
        if own is not None:
            return self.read(own[0])
        path = self.data_path(entries.get("location", ""))
        offset, length = number(entries.get("offset", "0")), number(entries.get("length", "-1"))
        try:
            with path.open("rb") as stream:
                stream.seek(max(offset, 0))
                return stream.read(length)
        except OSError as error:
            raise _unreadable(entries.get("location", ""), "cannot be read") from error

    def data_path(self, location: str) -> Path:
        """The data file of this relative location; refuses what leaves the model's folder or is a link."""
        elsewhere = self.store.located(location) or self.supplied.get(location)
        if elsewhere is not None:
            return elsewhere
        try:
            relative = safe_location(location)
            path = self.folder / relative
            inside = path.resolve().is_relative_to(self.folder.resolve())
            if not inside or path.is_symlink():
                raise _unreadable(location, "is outside the model's folder")
        except (OSError, ValueError) as error:
            raise _unreadable(location, "cannot be found") from error
        return path


def safe_location(location: str) -> PurePosixPath:
    """A relative path that stays in its folder. Raises AppError `external-data`."""
    if not is_safe(location):
        raise _unreadable(location, "is no path inside the model's folder")
    return PurePosixPath(location)


def _unreadable(location: str, why: str) -> AppError:
    shown = PurePosixPath(location.replace("\\", "/").replace("\0", " ")).name or "(no name)"
    return AppError("external-data", f"the data file {shown} {why}", hint="put the data file beside the model")
