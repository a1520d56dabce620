"""The data files that a model refers to: how much of each it needs, and which are missing or too short."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from onnx import TensorProto

from onnx_scalpel.document.protos import dtype_name, nbytes_of, text
from onnx_scalpel.document.weightless import WeightlessModel, external_entries, number, stored_digest, tensors_in
from onnx_scalpel.errors import AppError

NAMES_SHOWN = 3
Find = Callable[[str], Path | None]  # where a location leads; None: it is none that may be followed


@dataclass(frozen=True)
class DataFile:
    """One data file. `bytes` of `tensors` tensors are in it, which end at its byte `needed`; `size` None: it is not there."""

    location: str
    tensors: int
    bytes: int
    needed: int
    size: int | None

    @property
    def is_short(self) -> bool:
        """Whether it is not there, or not long enough for every tensor in it."""
        return self.size is None or self.size < self.needed


def data_files_of(tensors: Iterable[TensorProto], find: Find) -> tuple[DataFile, ...]:
    """The data files that these tensors of a model name, in that order. A path that may not be followed is left out."""
    found: dict[str, list[tuple[int, int]]] = {}
    for tensor in tensors:
        if tensor.data_location == TensorProto.EXTERNAL and not stored_digest(tensor):
            location = text(next((e.value for e in tensor.external_data if text(e.key) == "location"), ""))
            found.setdefault(location, []).append(_extent(tensor))
    files = ((location, find(location), parts) for location, parts in found.items())
    return tuple(_described(location, path, parts) for location, path, parts in files if path is not None)


def missing_files(model: WeightlessModel) -> tuple[DataFile, ...]:
    """Those that are not there, or too short."""
    return tuple(file for file in data_files_of(tensors_in(model.proto), model.find) if file.is_short)


def require_data(model: WeightlessModel, what: str = "the model cannot be run") -> None:
    """AppError `data-missing` (409) that names the files without which something cannot be done."""
    missing = missing_files(model)
    if missing:
        raise data_missing(missing, what)


def where_most_is(model: WeightlessModel) -> WeightlessModel:
    """The same model, with the folder of the supplied files as its own if more of its data is there: a runtime maps what is in
    the model's folder, and copies everything else into memory."""
    roots = {_root(path, location) for location, path in model.supplied.items()}
    root = roots.pop() if len(roots) == 1 else None
    if root is None:
        return model
    files = data_files_of(tensors_in(model.proto), model.find)
    away = {f.location: model.folder / f.location for f in files if f.location not in model.supplied}
    there = sum(f.bytes for f in files if f.location in model.supplied)
    if there <= sum(f.bytes for f in files if f.location in away):
        return model
    return replace(model, folder=root, supplied=away)


def _root(path: Path, location: str) -> Path | None:
    """The folder in which a file is at this location; None when it is called otherwise."""
    parts = PurePosixPath(location).parts
    return path.parents[len(parts) - 1] if path.parts[-len(parts) :] == parts else None


def data_missing(missing: Iterable[DataFile], what: str) -> AppError:
    """One line that names the files; `what` cannot be done."""
    files = tuple(missing)
    names = [file.location.rpartition("/")[2] or file.location for file in files[:NAMES_SHOWN]]
    more = f" and {len(files) - NAMES_SHOWN:,} more" if len(files) > NAMES_SHOWN else ""
    if len(files) == 1 and files[0].size is not None:
        says = f"its data file {names[0]} is too short ({files[0].size:,} of {files[0].needed:,} bytes)"
    elif len(files) == 1:
        says = f"its data file {names[0]} is missing"
    else:
        short = any(file.size is not None for file in files)
        says = f"{len(files):,} data files are missing{' or too short' if short else ''}: {', '.join(names)}{more}"
    hint = "drop the files on the page, or put them beside the model"
    return AppError("data-missing", f"{what}: {says}", hint=hint, status=409)


def _described(location: str, path: Path, parts: list[tuple[int, int]]) -> DataFile:
    needed = max(offset + length for offset, length in parts)
    try:
        size = path.stat().st_size if path.is_file() else None
    except (OSError, ValueError):
        size = None
    return DataFile(location, len(parts), sum(length for _, length in parts), needed, size)


def _extent(tensor: TensorProto) -> tuple[int, int]:
    """Where in its file a tensor's data begins, and how long it is."""
    entries = external_entries(tensor)
    length = number(entries.get("length", ""))
    if length < 0:
        length = nbytes_of(dtype_name(tensor.data_type), list(tensor.dims))
    return max(number(entries.get("offset", "0")), 0), length
