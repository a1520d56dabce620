"""Puts a model on the disk: data files first, under names that no other content has, the .onnx file last."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from onnx import ModelProto

from onnx_scalpel.document.disk import Part, make_folder, new_writing, part_beside, sweep_parts, take_place
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.endings import text_form
from onnx_scalpel.document.placement import ALIGNMENT, AS_OPENED, FILLED_IN, Held, NewFile, Placement, SaveOptions
from onnx_scalpel.document.same_files import Facts, equal_content, facts_of, mentions, same_file
from onnx_scalpel.document.save import ChangeProto, SavedParts, filled_with, in_pieces, placed_proto
from onnx_scalpel.document.source import Extent, ModelFile, Reference, reference, safe_location
from onnx_scalpel.document.source_bytes import SourceBytes
from onnx_scalpel.document.store import LOCATION
from onnx_scalpel.document.text_forms import BINARY_LIMIT, too_large_as_text, write_text
from onnx_scalpel.document.weightless import external_entries, tensors_in
from onnx_scalpel.errors import AppError

Tell = Callable[[float | None, str], None]


def silent(fraction: float | None, text: str) -> None:
    """For those who do not want to hear how far a save is."""


@dataclass
class Written:
    """What a save put on the disk. `onnx` is the .onnx file, still under the name of a part when it was to be held back;
    `data` the data files that it refers to, those that were there already too; `moved` where the opened model's bytes are
    in these files; `digests` the SHA-256 of what was written into data files, and `copies` which file is a copy of which."""

    onnx: Path
    data: list[Path] = field(default_factory=list)
    new: list[Path] = field(default_factory=list)  # those of `data` that were not there
    moved: dict[Reference, Reference] = field(default_factory=dict)
    digests: dict[Reference, str] = field(default_factory=dict)
    copies: dict[Path, tuple[Facts, Facts]] = field(default_factory=dict)


def write_model(
    document: Document,
    target: Path,
    *,
    overwrite: bool = False,
    alone: bool = False,
    change: ChangeProto | None = None,
    options: SaveOptions = AS_OPENED,
    form: str = "",
    tell: Tell = silent,
) -> list[Path]:
    """Write the edited model and its data files, unless it is wanted `alone`; each file appears whole, the .onnx file
    last. The paths that were written, the .onnx file first. `change` may alter what is written, for a library's eyes; `form`
    is a text form that it is written in.

    Raises AppError `file-exists` (409) unless `overwrite`, `external-data`, `choice-needed` (409) when one file cannot hold
    what is to go inside, `disk-full` or `cannot-write`.
    """
    if not overwrite and (target.exists() or target.is_symlink()):
        hint = "overwrite it, or choose another name"
        raise AppError("file-exists", f"{target.name} is there already", hint=hint, status=409)
    written = Writer(document, target, change, options, tell, form=form).run(alone=alone)
    return [target, *written.new]


class Writer:
    """One writing of a model to `target`. `earlier` is an earlier writing of the same document, whose data need not be
    read again; `writing` is what its parts have in their names."""

    def __init__(
        self,
        document: Document,
        target: Path,
        change: ChangeProto | None = None,
        options: SaveOptions = AS_OPENED,
        tell: Tell = silent,
        earlier: Written | None = None,
        writing: str = "",
        form: str = "",
    ) -> None:
        self._document = document
        self._file: ModelFile = document.file
        self._target = target
        self._change = change
        self._options = options
        self._tell = tell
        self._form = form
        self._written = Written(target)
        if earlier is not None:
            self._written.digests, self._written.copies = dict(earlier.digests), dict(earlier.copies)
        self._bytes = SourceBytes(document.file)
        self._writing = writing or new_writing()
        # the model at the target means our data file by its name: it was missing there, and supplied
        self._same_model = document.path == target and not document.file.moved
        self._sources_of: dict[Path, Path] = {}  # what a new data file is a copy of
        self._landings: list[tuple[Path, Path]] = []  # finished data files, and where each belongs
        self._done = 0
        self._total = 1

    def run(self, *, alone: bool = False, hold: bool = False) -> Written:
        """Write it. `hold`: the .onnx file gets the name of a part, for whoever asked to put it into its place."""
        self._tell(None, "preparing the model")
        proto, placement = placed_proto(self._document, self._change, self._options)
        try:
            with self._bytes:
                self._prepare(proto, placement, alone)
                if not alone:
                    self._write_data(proto, placement)
                part = self._write_onnx(proto, placement)
            self._land(part, hold)
        except BaseException as error:
            self._take_back()
            if isinstance(error, OSError):
                raise cannot_write(self._target, error) from error
            if isinstance(error, EOFError):
                hint = "the data file may be truncated: put the right one there"
                raise AppError("external-data", "a data file ends before its last tensor", hint=hint) from error
            raise
        return self._written

    def _take_back(self) -> None:
        """New data files that no .onnx file refers to, and parts."""
        for path in (*self._written.new, *(part for part, _ in self._landings)):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _land(self, part: Path, hold: bool) -> None:
        """Data files first: until the .onnx file takes its place, nothing refers to them."""
        for data, there in self._landings:
            self._written.new.append(there)
            take_place(data, there)
        for there, source in self._sources_of.items():
            self._written.copies[there] = (facts_of(there), facts_of(source))
        if hold:
            self._written.onnx = part
        else:
            take_place(part, self._target)

    def _prepare(self, proto: ModelProto, placement: Placement, alone: bool) -> None:
        make_folder(self._target.parent)
        sweep_parts(self._target.parent)
        inside = proto.ByteSize()
        for tensor in tensors_in(proto):
            entries = external_entries(tensor) if tensor.external_data else {}
            if entries.get("location", "").startswith(FILLED_IN) or (entries and self._file.own_range(entries)):
                inside += max(reference(entries).length, 0)
        data = (
            0
            if alone
            else sum(new.size for new in placement.new)
            + sum(
                path.stat().st_size
                for name, path in placement.kept.items()
                if not same_file(self._target.parent / name, path)
            )
        )
        self._total = max(1, inside + data)

    def _copied(self, count: int) -> None:
        self._done += count
        self._tell(min(1.0, self._done / self._total), f"writing {self._target.name}")

    # data files

    def _write_data(self, proto: ModelProto, placement: Placement) -> None:
        for new in placement.new:
            name = self._write_new(new)
            new.call(name)
        taken: dict[str, str] = {}
        for location, source in placement.kept.items():
            name = self._keep(location, source)
            if name != location:
                taken[location] = name
        if taken:
            _rename_locations(proto, taken)

    def _write_new(self, new: NewFile) -> str:
        """Its name. It is not written when it is there."""
        known = [self._known(held) for held in new.held]
        digests = [digest for digest in known if digest is not None]
        if len(digests) == len(known) and self._has(new.name_of(digests), new.size):
            return self._refer_to(new.name_of(digests))
        part_path = part_beside(self._target, self._writing)
        with Part(part_path, self._copied) as part:
            digests = [self._append(part, held, digest) for held, digest in zip(new.held, known, strict=True)]
            part.finish()
        name = new.name_of(digests)
        return self._name(part_path, name, new.size)

    def _known(self, held: Held) -> str | None:
        if isinstance(held.data, bytes):
            return hashlib.sha256(held.data).hexdigest()
        if held.data.location.startswith(LOCATION):
            return held.data.location.removeprefix(LOCATION)
        return self._written.digests.get(held.data)

    def _append(self, part: Part, held: Held, digest: str | None) -> str:
        """Write one tensor behind the others; its digest."""
        part.pad(ALIGNMENT)
        if isinstance(held.data, bytes):
            part.write(held.data)
            return digest or ""
        extent = self._file.extent(held.data)._replace(length=held.size)
        if digest is not None:
            self._bytes.copy(part, extent)
            return digest
        digest = self._written.digests[held.data] = self._bytes.copy_hashed(part, extent)
        return digest

    def _keep(self, location: str, source: Path) -> str:
        """Bring a data file of the opened model beside the target; what tensors have to call it there. A file that is in its
        place already is never written over: other models may refer to it."""
        there = self._target.parent / safe_location(location)
        if same_file(there, source):
            self._written.data.append(there)
            return location
        if there.exists():
            if self._is_copy(there, source):
                self._written.data.append(there)
                return location
        elif self._same_model or not mentions(self._target, location):
            self._copy_file(source, there)
            return location
        return self._copy_by_content(source)

    def _is_copy(self, there: Path, source: Path) -> bool:
        facts = (facts_of(there), facts_of(source))
        if facts[0][2] != facts[1][2]:
            return False
        if self._written.copies.get(there) != facts:
            self._tell(None, f"comparing {there.name}")
            if not equal_content(there, source):
                return False
            self._written.copies[there] = facts
        return True

    def _copy_file(self, source: Path, there: Path) -> None:
        make_folder(there.parent)
        part_path = part_beside(there, self._writing)
        with Part(part_path, self._copied) as part:
            self._bytes.copy(part, Extent(source, 0, source.stat().st_size))
            part.finish()
        self._put(part_path, there)
        self._sources_of[there] = source

    def _copy_by_content(self, source: Path) -> str:
        part_path = part_beside(self._target, self._writing)
        whole = Extent(source, 0, source.stat().st_size)
        with Part(part_path, self._copied) as part:
            digest = self._bytes.copy_hashed(part, whole)
            part.finish()
        return self._name(part_path, f"scalpel-{digest[:16]}.data", whole.length)

    def _name(self, part: Path, name: str, size: int) -> str:
        """Call a finished data file by its content."""
        if self._has(name, size):
            part.unlink()
            return self._refer_to(name)
        there = self._target.parent / name
        make_folder(there.parent)
        self._put(part, there)
        return name

    def _put(self, part: Path, there: Path) -> None:
        self._landings.append((part, there))
        self._written.data.append(there)

    def _has(self, name: str, size: int) -> bool:
        there = self._target.parent / name
        return there.is_file() and not there.is_symlink() and there.stat().st_size == size

    def _refer_to(self, name: str) -> str:
        self._written.data.append(self._target.parent / name)
        return name

    # the .onnx file

    def _write_onnx(self, proto: ModelProto, placement: Placement) -> Path:
        """Its part."""
        pieces = in_pieces(self._document, proto, changed=self._change is not None)
        parts = SavedParts(self._document, pieces, placement)
        part_path = part_beside(self._target, self._writing)
        with Part(part_path, self._copied) as part:
            if self._form:
                part.write(_as_text(parts, self._form))
                pieces = []
            for piece, extent in zip(pieces, () if self._form else parts.extents(), strict=True):
                if isinstance(extent, bytes):
                    part.write(extent)
                    continue
                named = filled_with(self._file, piece)
                if not named.location.startswith(LOCATION):
                    self._written.moved.setdefault(named, Reference(self._file.name, part.size, named.length))
                self._bytes.copy(part, extent)
            self._tell(None, "making it durable")
            self._finish(part)
        for new in placement.new:
            self._note_moved(new)
        return part_path

    def _finish(self, part: Part) -> None:
        """Sync it. Meanwhile the file whose place it takes leaves the system's cache: whoever lets go of that file at last
        would have to wait for that (half a second for 1.5 GB)."""
        source = self._bytes.model if self._target == self._file.path else None
        if source is None or not hasattr(os, "posix_fadvise"):
            part.finish()
            return
        with ThreadPoolExecutor(1) as aside:
            aside.submit(os.posix_fadvise, source, 0, 0, os.POSIX_FADV_DONTNEED)
            part.finish()

    def _note_moved(self, new: NewFile) -> None:
        for held, offset in new.offsets():
            name = external_entries(held.tensors[0])["location"]
            if isinstance(held.data, Reference) and not held.data.location.startswith(LOCATION):
                self._written.moved[held.data] = Reference(name, offset, held.size)


def cannot_write(target: Path, error: OSError) -> AppError:
    """Why a file was not written, in one line."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return AppError("disk-full", f"there is no room for {target.name}; nothing was changed", status=423)
    reason = (error.strerror or "it cannot be written").lower()
    return AppError("cannot-write", f"{target.name} was not written: {reason}", hint="choose another place")


def _as_text(parts: SavedParts, form: str) -> bytes:
    """The model as text: the very text that it was read from, if that says the same."""
    if parts.size > BINARY_LIMIT:
        raise too_large_as_text()
    binary, file = b"".join(parts.chunks()), parts.document.file
    if file.text is not None and text_form(file.text.name) == form and binary == file.data:
        return file.text.read_bytes()
    return write_text(form, binary)


def _rename_locations(proto: ModelProto, names: Mapping[str, str]) -> None:
    for tensor in tensors_in(proto):
        for entry in tensor.external_data:
            if entry.key == "location" and entry.value in names:
                entry.value = names[entry.value]
