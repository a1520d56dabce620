"""Turns a library's error text into words for the user: no paths, no source files, no stack; and finds the node it means."""

from __future__ import annotations

import re
from pathlib import Path

from onnx_scalpel.document.protos import text as decoded
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.validators.walk import scopes

_NODE = (
    re.compile(r"Node(?:\s*:|\s+with name|)\s*\(?'?([^()'\n]*?)'?\)?\s+Op ?[Tt]ype?\s*[:\s]"),
    re.compile(r"\(op_type:\s*\S*?, node name: (.*?)\):"),
    re.compile(r"[Nn]ame:\s*'?(.*?)'?\s+OpType:"),
    re.compile(r"[Nn]ode[_ ](?:name|Name):? ?'([^']*)'"),
    re.compile(r"running (\S+) node\. Name:'([^']*)'"),
    re.compile(r"[Nn]ode \(([^()]*)\)"),
    re.compile(r"[Nn]ode with name '([^']*)'"),
)
_SOURCE = re.compile(r"\S*\.(?:cc|cpp|h|hpp|cu)(?::\d+)?\S*\s?")
_PATH = re.compile(r"(?<![\w.])(?:/[\w.+@%~-]+){2,}/?")
_SIGNATURE = re.compile(r"(?:[\w<>:*&~]+::)+\w+\([^()]*\)(?: const)?")
_TAGS = re.compile(r"\[(?:ONNXRuntimeError|ShapeInferenceError|TypeInferenceError|InferenceError)\]\s*:?\s*")
_CODES = re.compile(r"^\s*\d+\s*:\s*[A-Z_]+\s*:\s*")
_TRACE = re.compile(r"\s*(?:Stacktrace|Traceback|== ?> Context).*", re.DOTALL)


def clean(text: str, folder: Path) -> str:
    """One readable line of a library's error text."""
    said = _TRACE.sub("", text.replace(str(folder), ""))
    for pattern in (_TAGS, _CODES, _SIGNATURE, _SOURCE, _PATH):
        said = pattern.sub("", said)
    said = re.sub(r"\s+", " ", said).strip(" .:;|,-")
    return said or "it gives no reason"


def named_node(text: str) -> str:
    """The name of the node that an error text speaks of; '' when it names none."""
    for pattern in _NODE:
        found = pattern.search(text)
        if found and found.groups()[-1].strip():
            return found.groups()[-1].strip()
    return ""


def find_node(model: WeightlessModel, text: str) -> tuple[str, ...]:
    """The id of the node that an error text speaks of, if one node only has that name."""
    name = named_node(text)
    if not name:
        return ()
    found = [
        scope.node_id(index)
        for scope in scopes(model)
        for index, node in enumerate(scope.nodes)
        if decoded(node.name) == name
    ]
    return tuple(found) if len(found) == 1 else ()
