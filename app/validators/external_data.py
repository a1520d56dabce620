"""External data: whether each file that a tensor names is one that may be read, is there, and is long enough."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from onnx import TensorProto

from onnx_scalpel.document.diagnostic import Diagnostic
from onnx_scalpel.document.protos import DTYPE_NAMES, dtype_name, nbytes_of
from onnx_scalpel.document.weightless import WeightlessModel, external_entries, stored_digest
from onnx_scalpel.validators.tensors import Held, tensors_of
from onnx_scalpel.validators.walk import plural, quote, scopes

_DEVICES = ("/dev/", "/proc/", "/sys/")
_SUBJECTS = 50  # tensors that are marked by one finding


@dataclass(frozen=True)
class _Fault:
    """What is wrong with one reference; `about_file` when every tensor in that file has the same fault."""

    code: str
    says: str
    hint: str
    about_file: bool = True


class ExternalDataValidator:
    """Checks where external tensors point to. Nothing is read but the file's size, and nothing outside is even looked at."""

    name = "external-data"
    title = "External data"

    def validate(self, model: WeightlessModel) -> list[Diagnostic]:
        """One finding per file and fault, with the tensors it concerns as subjects."""
        together: dict[tuple[str, str], list[tuple[Held, _Fault]]] = {}
        for scope in scopes(model):
            for held in tensors_of(scope):
                if held.tensor.data_location != TensorProto.EXTERNAL or stored_digest(held.tensor):
                    continue
                entries = external_entries(held.tensor)
                fault = next(_faults(held.tensor, entries, model), None)
                if fault is not None:
                    own = "" if fault.about_file else str(len(together))
                    together.setdefault((fault.code, entries.get("location", "") + own), []).append((held, fault))
        return [_finding(group) for group in together.values()]


def _finding(group: list[tuple[Held, _Fault]]) -> Diagnostic:
    held, fault = group[0]
    rest = f" (and {plural(len(group) - 1, 'more tensor')})" if len(group) > 1 else ""
    if fault.code == "external-missing-file":
        size = sum(nbytes_of(dtype_name(one.tensor.data_type), list(one.tensor.dims)) for one, _ in group)
        rest = f" ({plural(len(group), 'tensor')}, {plural(size, 'byte')})"
    subjects = tuple(dict.fromkeys(s for h, _ in group for s in h.subjects))[:_SUBJECTS]
    message = f"{held.words[:1].upper()}{held.words[1:]} {fault.says}{rest}"
    return Diagnostic("error", fault.code, message, subjects, fault.hint)


def _faults(tensor: TensorProto, entries: dict[str, str], model: WeightlessModel) -> Iterator[_Fault]:
    """In the order in which a reader would fail."""
    location = entries.get("location")
    if not location:
        hint = "the model was saved without its data: export it again"
        yield _Fault("external-no-location", "is stored externally but names no file", hint)
        return
    yield from _location_faults(location)
    if location.startswith("*/_ORT_MEM_ADDR_/*"):
        hint = "such references only mean something inside one running program: do not trust this file"
        yield _Fault("external-memory-address", "points at an address in memory instead of a file", hint)
    for key in ("offset", "length"):
        if key in entries and not re.fullmatch(r"[0-9]{1,19}", entries[key]):
            hint = "offsets and lengths are whole numbers of bytes: the model is damaged"
            yield _Fault(
                "external-bad-offset", f"has {quote(entries[key])} as its {key} in {quote(location)}", hint, False
            )
            return
    supplied = model.supplied.get(location)
    if supplied is not None and supplied.is_file():
        yield from _range_faults(tensor, entries, supplied.stat().st_size, quote(location))
    else:
        yield from _file_faults(tensor, entries, model.folder, location)


def _location_faults(location: str) -> Iterator[_Fault]:
    shown = quote(location)
    inside = "put the data file beside the model and name it by a relative path"
    if "\0" in location:
        yield _Fault("external-nul", f"names a file with a NUL character in it, {shown}", inside)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", location):
        hint = "download the data beside the model; nothing is ever fetched from an address inside a model"
        yield _Fault("external-url", f"names an address on the network, {shown}, instead of a file", hint)
    if location.startswith(_DEVICES):
        yield _Fault("external-device", f"names a device or system file, {shown}", inside)
    if re.match(r"[A-Za-z]:[\\/]", location) or "\\" in location:
        yield _Fault(
            "external-windows-path",
            f"names its file by a Windows path, {shown}",
            "write the path with / and relative to the model",
        )
    if location.startswith("/"):
        yield _Fault("external-absolute", f"names its file by an absolute path, {shown}", inside)
    if ".." in PurePosixPath(location).parts:
        yield _Fault("external-escapes", f"names a file outside of the model's folder, {shown}", inside)


def _file_faults(tensor: TensorProto, entries: dict[str, str], folder: Path, location: str) -> Iterator[_Fault]:
    shown = quote(location)
    path, kind = folder, stat.S_IFDIR
    for part in PurePosixPath(location).parts:
        path = path / part
        try:
            kind = path.lstat().st_mode
        except (OSError, ValueError):
            hint = "drop the file on the page, or put it beside the model under that name"
            yield _Fault("external-missing-file", f"needs the file {shown}, which is not there", hint)
            return
        if stat.S_ISLNK(kind):
            hint = "replace the link by the file itself; ONNX tools refuse links"
            yield _Fault("external-symlink", f"needs {shown}, which is a symbolic link", hint)
            return
    if not stat.S_ISREG(kind):
        what = "a folder" if stat.S_ISDIR(kind) else "no ordinary file"
        yield _Fault("external-not-a-file", f"needs {shown}, which is {what}", "put the data file there")
        return
    if not os.access(path, os.R_OK):
        yield _Fault("external-unreadable", f"needs {shown}, which may not be read", "change the file's rights")
        return
    yield from _range_faults(tensor, entries, path.stat().st_size, shown)


def _range_faults(tensor: TensorProto, entries: dict[str, str], size: int, shown: str) -> Iterator[_Fault]:
    if tensor.data_type not in DTYPE_NAMES or tensor.data_type == TensorProto.STRING:
        return
    needed = nbytes_of(dtype_name(tensor.data_type), list(tensor.dims))
    offset = int(entries.get("offset", "0"))
    length = int(entries["length"]) if "length" in entries else needed
    if offset + length > size:
        says = f"claims bytes {offset:,} to {offset + length:,} of {shown}, which has {size:,}"
        hint = "the data file is cut off or belongs to another model: fetch it again, and drop it on the page"
        yield _Fault("external-out-of-range", says, hint)
    elif length != needed:
        says = f"has {plural(length, 'byte')} of data, its shape and dtype need {needed:,}"
        yield _Fault("raw-size-mismatch", says, "set its data or its shape again", False)
