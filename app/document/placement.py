"""Where the data of a saved model's tensors goes: inside the .onnx file, in one data file, or in one for each tensor."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import onnx.numpy_helper
from onnx import ModelProto, TensorProto

from onnx_scalpel.document.protos import DTYPE_NAMES, dtype_name, nbytes_of, text
from onnx_scalpel.document.source import ModelFile, Reference, reference
from onnx_scalpel.document.store import LOCATION
from onnx_scalpel.document.weightless import PROTO_LIMIT, external_entries, stored_tensors, tensors_in, weights_in
from onnx_scalpel.errors import AppError, ChoiceNeeded

Weights = Literal["as-opened", "inline", "one-file", "per-tensor"]
THRESHOLD = 1024  # bytes; a smaller tensor stays inside
ALIGNMENT = 4096  # of tensors in a data file: runtimes map them
INSIDE = "scalpel:file/"  # before the location of a data file whose bytes go into the .onnx file
FILLED_IN = "scalpel:"  # how every location begins whose bytes go into the .onnx file, but for the opened file's own
TENSOR_FOLDER = "scalpel-tensors"
_PENDING = "scalpel-pending"  # the name of a data file that is still to be called


@dataclass(frozen=True)
class SaveOptions:
    """How the weights are saved. AppError `wrong-parameters`.

    `as-opened` is as the opened model has them, `fitting` the same, with new tensors beside a model that would become too
    large for one file without asking. Tensors below `threshold` bytes go inside with `one-file` and `per-tensor`; those that
    are in data files already may stay there when they `stay`, whatever the files.
    """

    weights: Weights = "as-opened"
    threshold: int = THRESHOLD
    fitting: bool = False
    stay: bool = False

    def __post_init__(self) -> None:
        fields = {}
        if self.weights not in get_args(Weights):
            fields["weights"] = f"one of {', '.join(get_args(Weights))}"
        if not isinstance(self.threshold, int) or isinstance(self.threshold, bool) or not 0 <= self.threshold < 1 << 40:
            fields["threshold"] = "a whole number of bytes, 0 or more"
        if fields:
            raise AppError("wrong-parameters", "the model cannot be saved like this", fields=fields, status=422)

    @property
    def external(self) -> bool:
        return self.weights in ("one-file", "per-tensor")


AS_OPENED = SaveOptions()
FITTING = SaveOptions(fitting=True)


class Held(NamedTuple):
    """Data of a tensor that goes into a data file: bytes at hand, or a reference to them; the tensors that have it."""

    data: bytes | Reference
    tensors: list[TensorProto]

    @property
    def size(self) -> int:
        return len(self.data) if isinstance(self.data, bytes) else self.data.length


@dataclass
class NewFile:
    """A data file to be written: tensors one after the other. It is called by its content once that is known."""

    held: list[Held] = field(default_factory=list)
    title: str = ""  # of the only tensor in it

    def offsets(self) -> Iterator[tuple[Held, int]]:
        """What is in it, and where each begins."""
        at = 0
        for held in self.held:
            at += -at % ALIGNMENT
            yield held, at
            at += held.size

    @property
    def size(self) -> int:
        return max((offset + held.size for held, offset in self.offsets()), default=0)

    def name_of(self, digests: list[str]) -> str:
        """Its name when these are the SHA-256 of what is in it."""
        if not self.title:
            layout = ((digest, offset) for digest, (_, offset) in zip(digests, self.offsets(), strict=True))
            whole = hashlib.sha256("".join(f"{digest}@{offset} " for digest, offset in layout).encode()).hexdigest()
            return f"scalpel-{whole[:16]}.data"
        plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", self.title).strip("._")[:80] or "tensor"
        return f"{TENSOR_FOLDER}/{plain}-{digests[0][:16]}.data"

    def call(self, name: str = _PENDING) -> None:
        """Let its tensors refer to it by this name."""
        for held, offset in self.offsets():
            for tensor in held.tensors:
                refer(tensor, Reference(name, offset, held.size))


@dataclass
class Placement:
    """A model's proto with every tensor's data placed: `new` files are still to be written and called, `kept` ones are the
    opened model's own, by the names that tensors have for them."""

    new: list[NewFile] = field(default_factory=list)
    kept: dict[str, Path] = field(default_factory=dict)


def place(file: ModelFile, proto: ModelProto, options: SaveOptions) -> Placement:
    """Decide where data goes, and change the proto's references accordingly. AppError `external-data` for data that is
    needed and missing or outside the model's folder (`data-missing`); `choice-needed` when one .onnx file cannot hold what is to go inside."""
    placement = Placement()
    if options.external:
        _put_outside(file, proto, options, placement)
    elif options.weights == "inline":
        for tensor in weights_in(proto):
            _put_inside(file, tensor)
    else:
        _put_as_opened(file, proto, options, placement)
    for new in placement.new:
        new.call()
    if (size := _size_inside(file, proto)) >= PROTO_LIMIT:
        raise _too_large(size, options)
    placement.kept.update(_kept_files(file, proto))
    return placement


def refer(tensor: TensorProto, to: Reference) -> None:
    """Let a tensor's data be these bytes."""
    for data in ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data", "external_data"):
        tensor.ClearField(data)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", to.location), ("offset", str(to.offset)), ("length", str(to.length))):
        tensor.external_data.add(key=key, value=value)


def _put_inside(file: ModelFile, tensor: TensorProto) -> None:
    """Data in a data file goes inside; what the opened file or an edit holds does anyway."""
    if tensor.data_location != TensorProto.EXTERNAL:
        return
    named = _measured(file, tensor)
    if file.own_range(external_entries(tensor)) is None and not named.location.startswith(LOCATION):
        refer(tensor, Reference(INSIDE + named.location, named.offset, named.length))


def _put_as_opened(file: ModelFile, proto: ModelProto, options: SaveOptions, placement: Placement) -> None:
    """New tensors go inside, or beside a model that has data files; so does what a save took out of a data file since."""
    beside = _has_data_files(file) or (options.fitting and _size_inside(file, proto) >= PROTO_LIMIT)
    held: dict[bytes | Reference, Held] = {}
    for tensor in stored_tensors(proto) if beside else ():
        _add(held, Held(reference(external_entries(tensor)), [tensor]))
    for tensor in weights_in(proto) if file.moved else ():
        named = reference(external_entries(tensor))
        if tensor.data_location == TensorProto.EXTERNAL and named in file.moved and named.location != file.name:
            _add(held, Held(named, [tensor]))
    if held:
        placement.new.append(NewFile(list(held.values())))


def _put_outside(file: ModelFile, proto: ModelProto, options: SaveOptions, placement: Placement) -> None:
    large: dict[bytes | Reference, Held] = {}
    for tensor in weights_in(proto):
        held = _held(file, tensor, options.threshold)
        if held is None:
            _put_inside(file, tensor)
        else:
            _add(large, held)
    stays = _staying(file, large, options)
    for data, now in stays.items():
        for tensor in large.pop(data).tensors:
            refer(tensor, now)
    if options.weights == "per-tensor":
        placement.new = [NewFile([held], text(held.tensors[0].name) or "tensor") for held in large.values()]
    elif large:
        placement.new = [NewFile(list(large.values()))]


def _add(to: dict[bytes | Reference, Held], held: Held) -> None:
    """The same data is written once."""
    if held.data in to:
        to[held.data].tensors.extend(held.tensors)
    else:
        to[held.data] = held


def _staying(
    file: ModelFile, large: Mapping[bytes | Reference, Held], options: SaveOptions
) -> dict[Reference, Reference]:
    """What lies in data files already as it is wanted, and where."""
    outside: dict[Reference, Reference] = {}
    for data in large:
        if isinstance(data, Reference) and not data.location.startswith(LOCATION):
            now = file.moved.get(data, data)
            if not now.location.startswith(LOCATION) and file.extent(data).path is not None:
                outside[data] = now
    if options.stay:
        return outside
    names = [now.location for now in outside.values()]
    if options.weights == "one-file":
        return outside if len(outside) == len(large) and len(set(names)) == 1 else {}
    return {data: now for data, now in outside.items() if names.count(now.location) == 1 and _is_whole(file, data, now)}


def _is_whole(file: ModelFile, data: Reference, now: Reference) -> bool:
    path = file.extent(data).path
    return now.offset == 0 and path is not None and path.stat().st_size == now.length


def _held(file: ModelFile, tensor: TensorProto, threshold: int) -> Held | None:
    """The data of a tensor that is to go into a data file; None for one that goes inside: small, of strings, or unclear."""
    if tensor.data_location == TensorProto.EXTERNAL:
        named = _measured(file, tensor)
        return None if named.length < threshold else Held(named, [tensor])
    if tensor.data_type not in DTYPE_NAMES or tensor.data_type == TensorProto.STRING:
        return None
    if nbytes_of(dtype_name(tensor.data_type), list(tensor.dims)) < max(threshold, 1):
        return None
    if tensor.HasField("raw_data"):
        return Held(bytes(tensor.raw_data), [tensor])
    try:
        data = onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor)).raw_data
    except (ValueError, TypeError, KeyError):
        return None  # data that does not fit the shape: a check says so
    return Held(bytes(data), [tensor])


def _measured(file: ModelFile, tensor: TensorProto) -> Reference:
    """The reference of a tensor with its length. AppError `external-data` when its bytes are not there."""
    named = reference(external_entries(tensor))
    extent = file.extent(named)
    if extent.path is None:
        return named
    try:
        there = extent.path.stat().st_size - extent.offset
    except OSError as error:
        raise _missing(named, "is not there") from error
    if named.length < 0:
        known = tensor.data_type in DTYPE_NAMES
        named = named._replace(length=nbytes_of(dtype_name(tensor.data_type), list(tensor.dims)) if known else there)
    if named.length > there:
        raise _missing(named, "ends too early")
    return named


def _missing(named: Reference, why: str) -> AppError:
    shown = named.location.rpartition("/")[2]
    hint = "drop the file on the page or put it beside the model, or save with the weights as they were"
    message = f"the data file {shown} {why}, so its weights cannot be put elsewhere"
    return AppError("data-missing", message, hint=hint, status=409)


def _has_data_files(file: ModelFile) -> bool:
    """Whether the opened model has weights in data files."""
    return any(file.own_range(external_entries(tensor)) is None for tensor in file.outside)


def _size_inside(file: ModelFile, proto: ModelProto) -> int:
    """Bytes of the .onnx file, but for what new data files take."""
    inside = 0
    for tensor in tensors_in(proto):
        if tensor.data_location == TensorProto.EXTERNAL:
            entries = external_entries(tensor)
            if entries.get("location", "").startswith(FILLED_IN) or file.own_range(entries) is not None:
                inside += max(reference(entries).length, 0)
    return int(proto.ByteSize()) + inside


def _too_large(size: int, options: SaveOptions) -> AppError:
    what = "inside it" if options.weights == "inline" else "like this"
    return ChoiceNeeded(
        f"The model has {size / 1e9:.1f} GB {what}; an .onnx file cannot hold more than 2 GB",
        [
            {"label": "Put the weights into one data file", "weights": "one-file", "threshold": THRESHOLD},
            {"label": "One data file for each tensor", "weights": "per-tensor", "threshold": THRESHOLD},
        ],
        hint="say where the weights go: `weights` is one-file or per-tensor",
    )


def _kept_files(file: ModelFile, proto: ModelProto) -> dict[str, Path]:
    """The data files of the opened model that tensors still refer to; one that is missing is missing in the copy too, and a
    diagnostic says so."""
    found: dict[str, Path] = {}
    for tensor in tensors_in(proto):
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        entries = external_entries(tensor)
        location = entries.get("location")
        if (
            location is None
            or location in found
            or location.startswith((FILLED_IN, _PENDING))
            or file.own_range(entries) is not None
        ):
            continue
        path = file.extent(reference(entries)).path
        if path is not None and path.is_file():
            found[location] = path
    return found
