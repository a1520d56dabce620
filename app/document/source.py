"""The opened file: its parsed model without weights, and the weights' bytes when somebody needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import onnx
from onnx import TensorProto

from onnx_scalpel.document.store import LOCATION, TensorStore
from onnx_scalpel.document.weightless import external_entries, is_safe, number, tensors_in
from onnx_scalpel.document.wire import Buffer, CutTensor, Range
from onnx_scalpel.errors import AppError


class Reference(NamedTuple):
    """Bytes as the opened model names them: a location relative to its folder, where in it, how many (-1: to its end)."""

    location: str
    offset: int
    length: int


class Extent(NamedTuple):
    """Bytes where they are: in a file, or (None) in what was read of the model's own."""

    path: Path | None
    offset: int
    length: int


class ModelFile:
    """One opened .onnx file. The mapping keeps the bytes reachable even when another file takes its name.

    What the model refers to may have moved since: a save over the opened file gives the bytes another place, and `moved`
    says which. The proto and what is kept of the wire stay as they were read.
    """

    def __init__(
        self,
        path: Path,
        data: Buffer,
        proto: onnx.ModelProto,
        wire: bytes,
        cut: Mapping[int, CutTensor],
        store: TensorStore | None = None,
        inode: tuple[int, int] | None = None,
    ) -> None:
        self.store = store or TensorStore()  # what edits put in the place of the file's tensors
        self.path = path
        self.folder = path.parent
        self.name = path.name  # what references into the file itself call it
        self.moved: dict[Reference, Reference] = {}
        self.rebased = False  # whether another file took the place of the opened one
        self.supplied: dict[str, Path] = {}  # by location: data files that are elsewhere than in `folder`
        self.text: Path | None = None  # a copy of the text that the opened model was read from
        self.data = data
        self.inode = inode  # device and number of the file that `data` is of
        self.proto = proto
        self.cut = cut
        # kept only where writing the parsed model would not give the same bytes
        self.wire: bytes | None = None if proto.SerializeToString() == wire else wire

    def own_range(self, entries: Mapping[str, str]) -> tuple[Range, CutTensor] | None:
        """Where in the file as it was opened the data lay that these external_data entries point to; None: in another file."""
        if entries.get("location") != self.name:
            return None
        offset = number(entries.get("offset", ""))
        cut = self.cut.get(offset)
        return (
            None if cut is None or cut.length != number(entries.get("length", "")) else (Range(offset, cut.length), cut)
        )

    @cached_property
    def outside(self) -> tuple[TensorProto, ...]:
        """The tensors of the opened model whose data is not in the proto: in data files, or left in the model's own file."""
        return tuple(tensor for tensor in tensors_in(self.proto) if tensor.data_location == TensorProto.EXTERNAL)

    @cached_property
    def locations(self) -> tuple[str, ...]:
        """The data files that the opened model rests on, as it names them, wherever in it that is."""
        named = (self.now(external_entries(tensor)) for tensor in self.outside)
        others = (n.location for n in named if n is not None and not n.location.startswith(LOCATION))
        return tuple(dict.fromkeys(others))

    def now(self, entries: Mapping[str, str]) -> Reference | None:
        """What these external_data entries refer to by now; None: bytes of the model's own file."""
        named = reference(entries)
        moved = self.moved.get(named)
        if moved is not None:
            return None if moved.location == self.name else moved
        return None if self.own_range(entries) is not None else named

    @property
    def structure(self) -> bytes:
        """The opened model without its weights, as it was read."""
        return self.proto.SerializeToString() if self.wire is None else self.wire

    @property
    def reads_own(self) -> bool:
        """Whether bytes are needed that lie in the model's own file."""
        if self.moved:
            return any(moved.location == self.name for moved in self.moved.values())
        return bool(self.cut)

    def references(self) -> Iterator[Reference]:
        """What the tensors of the opened model refer to, wherever in it they are."""
        for tensor in self.outside:
            yield reference(external_entries(tensor))

    def extent(self, named: Reference) -> Extent:
        """Where the bytes of a reference are. AppError `external-data` for a file that is none of the model's."""
        moved = self.moved.get(named)
        now = named if moved is None else moved
        cut = self.cut.get(now.offset) if now.location == self.name else None
        own = cut is not None and cut.length == now.length if moved is None else now.location == self.name
        return Extent(None if own else self.data_path(now.location), max(now.offset, 0), now.length)

    def own_extent(self, piece: Range) -> Extent:
        """Where bytes are that lay in the file as it was opened."""
        return self.extent(Reference(self.name, piece.offset, piece.length))

    def read(self, extent: Extent) -> bytes:
        """Bytes of an extent. OSError."""
        if extent.path is None:
            return self.data[extent.offset : extent.offset + extent.length]
        with extent.path.open("rb") as stream:
            stream.seek(extent.offset)
            return stream.read(extent.length)

    def find(self, location: str) -> Path | None:
        """Where the data file of a location has to be; None when it may not be followed."""
        try:
            return self.data_path(location)
        except AppError:
            return None

    def tensor_data(self, tensor: TensorProto) -> bytes:
        """The bytes that an external tensor stands for. Raises AppError `external-data`."""
        named = reference(external_entries(tensor))
        try:
            return self.read(self.extent(named))
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            raise _unreadable(named.location, "is missing" if missing else "cannot be read") from error

    def rest_on(self, data: Buffer, inode: tuple[int, int] | None, moved: Mapping[Reference, Reference]) -> None:
        """Another file took the place of the opened one: its bytes, and where they and others are now."""
        self.data, self.inode, self.rebased = data, inode, True
        self.moved = dict(moved)
        self.__dict__.pop("locations", None)

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


DROP_IT = "drop the file on the page, or put it beside the model"


def _unreadable(location: str, why: str) -> AppError:
    shown = PurePosixPath(location.replace("\\", "/").replace("\0", " ")).name or "(no name)"
    return AppError("external-data", f"the data file {shown} {why}", hint=DROP_IT)


def reference(entries: Mapping[str, str]) -> Reference:
    """What external_data entries say, with their defaults."""
    return Reference(
        entries.get("location", ""), max(number(entries.get("offset", "0")), 0), number(entries.get("length", "-1"))
    )
