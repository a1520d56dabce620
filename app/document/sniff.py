"""Says what a file is that is no ONNX model: refuses it with the one thing that is wrong with it."""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import NoReturn

from onnx_scalpel.document.damage import Damage, find_damage
from onnx_scalpel.errors import AppError

HEAD = 65_536  # bytes that decide what a file is

# Netron reads these: the editor's page hands them to it instead of refusing them
_SHOWN = frozenset(
    {"hdf5", "tflite", "ort-format", "gguf", "npy", "pickle", "pytorch-zip", "npz", "keras-zip", "safetensors"}
)

# the bytes at an offset, the code, what it is, what to do
_MAGIC: tuple[tuple[int, bytes, str, str, str], ...] = (
    (0, b"\x1f\x8b", "gzip", "a gzip archive", "unpack it first (gunzip), then open the .onnx file inside"),
    (0, b"PK\x03\x04", "zip", "a zip archive", "unpack it first, then open the .onnx file inside"),
    (0, b"PK\x05\x06", "zip", "an empty zip archive", "fetch the model again"),
    (0, b"BZh", "bzip2", "a bzip2 archive", "unpack it first (bunzip2)"),
    (0, b"\xfd7zXZ\x00", "xz", "an xz archive", "unpack it first (unxz)"),
    (0, b"(\xb5/\xfd", "zstd", "a Zstandard archive", "unpack it first (unzstd)"),
    (0, b"7z\xbc\xaf'\x1c", "7z", "a 7z archive", "unpack it first"),
    (0, b"Rar!\x1a\x07", "rar", "a RAR archive", "unpack it first"),
    (257, b"ustar", "tar", "a tar archive", "unpack it first (tar xf)"),
    (0, b"\x89PNG\r\n\x1a\n", "png-image", "a PNG image", "choose the model, not a picture of it"),
    (0, b"\xff\xd8\xff", "jpeg-image", "a JPEG image", "choose the model, not a picture of it"),
    (0, b"GIF8", "gif-image", "a GIF image", "choose the model, not a picture of it"),
    (0, b"%PDF-", "pdf", "a PDF document", "choose the .onnx file"),
    (0, b"\x89HDF\r\n\x1a\n", "hdf5", "an HDF5 file, as Keras writes it", "export the model to ONNX first (tf2onnx)"),
    (4, b"TFL3", "tflite", "a TensorFlow Lite model", "convert it to ONNX first (tf2onnx)"),
    (4, b"ORTM", "ort-format", "a model in ONNX Runtime's own .ort format", "open the .onnx file it was made from"),
    (0, b"GGUF", "gguf", "a GGUF file", "choose a model in ONNX format"),
    (0, b"\x93NUMPY", "npy", "a NumPy array", "choose the .onnx file"),
    (0, b"\x80\x02", "pickle", "a Python pickle, as older PyTorch writes it", "export it with torch.onnx.export first"),
    (0, b"\x7fELF", "executable", "a program", "choose the .onnx file"),
    (0, b"MZ\x90\x00", "executable", "a program", "choose the .onnx file"),
)
_ARCHIVED = (
    (
        b"data.pkl",
        "pytorch-zip",
        "a PyTorch checkpoint",
        "export the model with torch.onnx.export, then open that file",
    ),
    (b".npy", "npz", "an archive of NumPy arrays (.npz)", "choose the .onnx file"),
    (b"keras_metadata", "keras-zip", "a Keras model", "export it to ONNX first (tf2onnx)"),
)
_LFS = b"version https://git-lfs.github.com/spec/"
_TEXT_PROTO = re.compile(rb"\A(?:\s|#[^\n]*\n)*[a-z_]+\s*(?::|\{|<)")
_ONNX_TEXT = re.compile(rb"\A\s*<[^>]*\bir_version\s*:", re.DOTALL)


def refuse_unreadable(path: Path) -> None:
    """Raise the AppError that says what this file is, if it cannot be read as an ONNX model; else return.

    It reads the file itself and never calls a parser on it: no recursion, no memory beyond a mapped file.
    """
    size = path.stat().st_size
    name = path.name
    if size == 0:
        _refuse("empty-file", f"'{name}' is empty: it has 0 bytes", "fetch or export the model again")
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        head = bytes(data[:HEAD])
        _refuse_known_formats(name, head, bytes(data[-HEAD:]))
        _refuse_text(name, head)
        if not any(head) and not any(data[-HEAD:]):
            hint = "the copy or download was cut short: fetch it again"
            _refuse("only-zeros", f"'{name}' holds nothing but zero bytes", hint)
        damage = find_damage(data)
    if damage is not None:
        _refuse_damage(name, size, damage)


def _refuse(code: str, message: str, hint: str) -> NoReturn:
    raise AppError(code, message, hint=f"{hint}; the editor's page shows it read only" if code in _SHOWN else hint)


def _refuse_known_formats(name: str, head: bytes, tail: bytes) -> None:
    for offset, magic, code, what, hint in _MAGIC:
        if not head.startswith(magic, offset):
            continue
        if code == "zip":
            for member, its_code, its_what, its_hint in _ARCHIVED:
                if member in head or member in tail:
                    _refuse(its_code, f"'{name}' is {its_what}, not an ONNX model", its_hint)
        _refuse(code, f"'{name}' is {what}, not an ONNX model", hint)
    if head[8:10] == b'{"' and int.from_bytes(head[:8], "little") < 1 << 32:
        hint = "it has weights but no graph: choose the .onnx file"
        _refuse("safetensors", f"'{name}' is a safetensors file, not an ONNX model", hint)


def _refuse_text(name: str, head: bytes) -> None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(_LFS):
        found = re.search(rb"\nsize (\d{1,18})\b", text)
        of = f" of a {int(found[1]):,} byte file" if found else ""
        message = f"'{name}' is a Git LFS pointer{of}: the model itself was not fetched"
        _refuse("lfs-pointer", message, "run `git lfs pull` in its repository, then open it again")
    if not is_text(head):
        return
    if _ONNX_TEXT.match(text):
        hint = "name it .onnxtxt, as onnx does, and it can be edited"
        _refuse("onnx-text", f"'{name}' is an ONNX model in the textual syntax, not the binary format", hint)
    if re.match(rb"(?i)<(?:!doctype\s+html|html|head|body|script)", text):
        hint = "a download gave an error or login page instead of the model: fetch it again"
        _refuse("html-page", f"'{name}' is an HTML page, not an ONNX model", hint)
    if text.startswith(b"<"):
        _refuse("xml-text", f"'{name}' is an XML document, not an ONNX model", "choose the .onnx file")
    if text.startswith((b"{", b"[")):
        hint = "name it .onnxjson if it is a model that onnx wrote as JSON, and it can be edited"
        _refuse("json-text", f"'{name}' is JSON text, not a binary ONNX model", hint)
    if _TEXT_PROTO.match(text):
        hint = "name it .textproto, as onnx does, and it can be edited"
        _refuse("textproto", f"'{name}' is a model as protobuf text, not the binary format", hint)
    _refuse("plain-text", f"'{name}' is a text file, not an ONNX model", "choose the .onnx file")


def is_text(head: bytes) -> bool:
    """Valid UTF-8 (but for a character cut at the end) without control characters other than white space."""
    if re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and len(head) == HEAD
    return True


def _refuse_damage(name: str, size: int, damage: Damage) -> NoReturn:
    again = "the copy or download was cut short: fetch or export it again"
    where = f"byte {damage.offset:,} of {size:,}"
    if damage.kind == "cut":
        missing = f"at least {damage.missing:,} bytes are missing" if damage.missing > 1 else "its last byte is missing"
        _refuse("truncated", f"'{name}' is cut off: {missing} after byte {size:,}", again)
    if damage.kind == "bomb":
        message = (
            f"'{name}' claims {damage.missing + size:,} bytes at byte {damage.offset:,}, but the file has {size:,}"
        )
        _refuse("length-bomb", message, "this file was damaged or made to do harm: do not use it")
    if damage.kind == "deep":
        message = f"'{name}' nests messages more than {damage.depth} levels deep (at {where})"
        _refuse("nested-too-deep", message, "no ONNX tool reads this: flatten its If/Loop bodies when exporting")
    if damage.kind == "foreign":
        hint = "perhaps a TensorFlow or Caffe model: convert it to ONNX first"
        _refuse("other-protobuf", f"'{name}' may be protobuf, but not an ONNX model: it has none of its fields", hint)
    if damage.kind == "noise":
        message = f"'{name}' is no ONNX model: its bytes make no sense from the start ({where})"
        _refuse("not-protobuf", message, "choose an .onnx file; if it is one, it was damaged or is encrypted")
    _refuse("damaged", f"'{name}' is damaged: what stands at {where} makes no sense", "fetch or export it again")
