"""Says which model format a file is that is no ONNX model, when the installed Netron reads it: by content, then by name."""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from onnx_scalpel.document.endings import is_model_name
from onnx_scalpel.errors import AppError
from onnx_scalpel.web.archives import open_archive

HEAD = 65_536  # bytes that decide
MEMBERS_LOOKED_AT = 20_000  # of an archive

# refusals that say "this is another kind of file"; a web page, a picture or an empty file is nothing to look at
ANOTHER_FORMAT = frozenset(
    [
        "hdf5",
        "tflite",
        "ort-format",
        "gguf",
        "npy",
        "npz",
        "pickle",
        "pytorch-zip",
        "keras-zip",
        "zip",
        "tar",
        "safetensors",
        "onnx-text",
        "xml-text",
        "json-text",
        "textproto",
        "plain-text",
        "other-protobuf",
        "not-protobuf",
        "not-a-model",
        "damaged",
        "truncated",
        "length-bomb",
        "nested-too-deep",
        "only-zeros",
    ]
)
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (4, b"TFL3", "TensorFlow Lite"),
    (4, b"CIR0", "Circle"),
    (4, b"ORTM", "ONNX Runtime"),
    (4, b"ET12", "ExecuTorch"),
    (4, b"MSL", "MindSpore Lite"),
    (4, b"TOSA", "TOSA"),
    (4, b"KaNN", "KaNN"),
    (0, b"LITERTLM", "LiteRT-LM"),
    (0, b"GGUF", "GGUF"),
    (0, b"RKNN", "RKNN"),
    (0, b"CBM1", "CatBoost"),
    (0, b"EDL2", "ESP-DL"),
    (0, b"\x93NUMPY", "NumPy array"),
    (0, b"\xd6\x85\x76\x00", "ncnn"),
)
_TEXT: tuple[tuple[str, str], ...] = (
    (r"\A7767517\s", "ncnn"),
    (r"(?m)^[ \t]*(?:strict[ \t]+)?digraph\b[^;{}]*\{", "DOT graph"),
    (r"\A<[^>]*\bir_version\s*:", "ONNX text"),
    (r"\A(?:<\?xml[^>]*\?>\s*)?<net\s[^>]*\bversion=", "OpenVINO"),
    (r"(?m)^\[(?:net|network)\]", "Darknet"),
    (r"(?m)^[ \t]*ir_version[ \t]*:", "ONNX as protobuf text"),
    (r"(?m)^[ \t]*layers?[ \t]*\{", "Caffe"),
    (r"(?m)^[ \t]*node[ \t]*\{", "TensorFlow"),
    (r"(?m)^[ \t]*(?:module\b.*\{|func\.func\b)", "MLIR"),
)
_JSON: tuple[tuple[bytes, str], ...] = (
    (b'"arg_nodes"', "MXNet"),
    (b'"modelTopology"', "TensorFlow.js"),
    (b'"class_name"', "Keras"),
    (b'"weight_map"', "safetensors index"),
    (b'"learner"', "XGBoost"),
)
# what a name says where the content does not; endings that mean anything at all are left out
_NAMES = {
    "tflite lite tfl": "TensorFlow Lite", "circle": "Circle", "pb pbmm graphdef meta": "TensorFlow", "caffemodel": "Caffe",
    "h5 hd5 hdf5 keras": "Keras", "mlmodel mlpackage mil": "Core ML", "pt pth ptl pt1 pt2 torchscript jit pyt": "PyTorch",
    "pkl pickle joblib": "Python pickle", "pte": "ExecuTorch", "t7": "Torch 7", "params mar": "MXNet",
    "pdmodel pdiparams pdparams pdopt paddle": "PaddlePaddle", "param ncnn": "ncnn", "mnn": "MNN", "tmfile": "Tengine",
    "tnnproto tnnmodel": "TNN", "ms": "MindSpore Lite", "mindir": "MindSpore", "om": "Ascend", "rknn": "RKNN", "xmodel": "Xilinx",
    "kmodel": "K210", "uff": "TensorRT UFF", "armnn": "Arm NN", "dlc": "Qualcomm DLC", "cntk cmf dnn": "CNTK", "bigdl": "BigDL",
    "weights": "Darknet", "mge tm": "MegEngine", "espdl": "ESP-DL", "gguf": "GGUF", "safetensors": "safetensors",
    "npz": "NumPy archive", "npy": "NumPy array", "dot": "DOT graph", "mlir mlirbc": "MLIR", "ort": "ONNX Runtime",
    "jax jax_export jax_exported": "JAX", "hn har": "Hailo", "litertlm": "LiteRT-LM", "nntxt nnp": "NNabla", "msgpack": "Flax",
    "bson": "Flux", "xgb xgboost ubj": "XGBoost", "cbm": "CatBoost", "tosa": "TOSA", "kann kgraph": "KaNN", "nn": "Barracuda",
    "mlnet": "ML.NET", "hkl": "Hickle", "nnef": "NNEF", "ngf": "nGraph", "nb": "Paddle Lite", "engine plan trt": "TensorRT",
    "prototxt": "Caffe", "onnxtxt": "ONNX text", "maxviz": "MAX",
}  # fmt: skip
_BY_ENDING = {ending: name for endings, name in _NAMES.items() for ending in endings.split()}
# of the files that belong together, the one that leads to the others
_LEADS = ("param", "caffemodel", "xml", "prototxt", "tnnproto", "pdmodel", "cfg", "tflite", "json", "pbtxt")
_FOLLOWS = frozenset({"bin", "params", "weights", "tnnmodel", "pdiparams", "data", "npy", "txt"})
_REGISTERED = re.compile(r"this\.register\('[^\n]*")


def netron_folder() -> Path | None:
    """Where the installed Netron's files lie. It is never imported: only its browser side is served."""
    found = importlib.util.find_spec("netron")
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0]) if places else None


@functools.cache
def endings_known() -> frozenset[str]:
    """The endings of files that the installed Netron opens and that say by themselves that a file is a model."""
    folder = netron_folder()
    if folder is None:
        return frozenset()
    listed = _REGISTERED.findall((folder / "view.js").read_text(encoding="utf-8"))
    read = {ending for group in listed for ending in re.findall(r"'\.([a-z0-9_]+)'", group)}
    return frozenset(_BY_ENDING.keys() & read)


def format_of(path: Path) -> str | None:
    """The name of the format of a file that is no ONNX model; None for what Netron cannot show either."""
    if netron_folder() is None:
        return None
    with path.open("rb") as file:
        head = file.read(HEAD)
    ending = path.suffix.lower().removeprefix(".")
    return _by_content(path, head) or (_BY_ENDING[ending] if ending in endings_known() and any(head) else None)


def is_listed(path: Path) -> bool:
    """Whether a folder's listing names this file: a model by its name, and none of the files that only follow one."""
    ending = path.suffix.lower().removeprefix(".")
    return is_model_name(path.name) or (ending in endings_known() and ending not in _FOLLOWS)


def main_of(names: Sequence[PurePosixPath]) -> PurePosixPath:
    """Of files that were sent together, none of them named as an ONNX model, the one that leads to the others."""

    def place(name: PurePosixPath) -> int:
        ending = name.suffix.lower().removeprefix(".")
        if ending in _LEADS:
            return _LEADS.index(ending)
        return len(_LEADS) + (ending in _FOLLOWS)

    return min(names, key=place)


def _by_content(path: Path, head: bytes) -> str | None:
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset):
            return name
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return "Keras" if b"keras" in head else "HDF5"
    if head.startswith(b"PK\x03\x04"):
        return _in_archive(path)
    if re.match(rb"\x80[\x02-\x05]", head):
        return "PyTorch" if path.suffix.lower() in (".pt", ".pth") else "Python pickle"
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 32 and b'"data_offsets"' in head:
        return "safetensors"
    return _in_text(head)


def _in_archive(path: Path) -> str | None:
    """What a zip archive holds, told by the names in its directory; nothing is unpacked."""
    try:
        with open_archive(path, path.name) as archive:
            names = archive.namelist()[:MEMBERS_LOOKED_AT]
    except (OSError, AppError):
        return None
    last = {name.rpartition("/")[2] for name in names}
    if "data.pkl" in last:
        return "TorchScript" if any("/code/" in name for name in names) else "PyTorch"
    if "serialized_exported_program.json" in last or any(name.endswith("models/model.json") for name in names):
        return "PyTorch export"
    if "model.weights.h5" in last or "keras_metadata.pb" in last:
        return "Keras"
    if names and all(name.endswith(".npy") for name in names):
        return "NumPy archive"
    if any(name.startswith("MAR-INF/") for name in names):
        return "MXNet"
    if any(name.endswith(".mlmodel") for name in names):
        return "Core ML"
    return None


def _in_text(head: bytes) -> str | None:
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < HEAD:
            return None
        text = head[: error.start].decode("utf-8-sig")
    if "\0" in text:
        return None
    if text.lstrip().startswith("{") and not text.lstrip().startswith("{L\0"):
        return next((name for key, name in _JSON if key in head), None)
    if re.match(r"(?i)\s*<(?:!doctype\s+html|html|head|body|script)", text):
        return None
    lead = text[:8192].lstrip()
    return next((name for pattern, name in _TEXT if re.search(pattern, lead)), None)
