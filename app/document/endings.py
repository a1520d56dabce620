"""Which form of a model a file's ending stands for; as onnx has it, and a few names that say it twice. Imports nothing."""

from __future__ import annotations

BINARY = ".onnx"
TEXT_FORMS: dict[str, tuple[str, ...]] = {
    "textproto": (".textproto", ".txtpb", ".prototxt", ".pbtxt"),
    "json": (".json", ".onnxjson"),
    "onnxtxt": (".onnxtxt", ".onnxtext", ".onnx.txt"),
}
WORDS = {"textproto": "protobuf text", "json": "JSON", "onnxtxt": "ONNX text"}
_SHARED = (".prototxt", ".pbtxt", ".json")  # other programs' files have these too
_SURE = (".onnx.json", ".onnx.prototxt", ".onnx.pbtxt")


def text_form(name: str) -> str:
    """`textproto`, `json` or `onnxtxt` by a file's name; '' for the binary form and anything else."""
    lower = name.lower()
    return next((form for form, endings in TEXT_FORMS.items() if lower.endswith(endings)), "")


def is_model_name(name: str) -> bool:
    """Whether a file's name alone says that it is an ONNX model."""
    lower = name.lower()
    return lower.endswith((BINARY, *_SURE)) or (text_form(lower) != "" and not lower.endswith(_SHARED))


def binary_name(name: str) -> str:
    """The name of the same model in the binary form: `net.textproto` becomes `net.onnx`."""
    lower = name.lower()
    endings = sorted((*_SURE, *(e for known in TEXT_FORMS.values() for e in known)), key=len, reverse=True)
    ending = next((e for e in endings if lower.endswith(e)), "")
    stem = name[: len(name) - len(ending)] if ending else name
    return stem if stem.lower().endswith(BINARY) else f"{stem or 'model'}{BINARY}"
