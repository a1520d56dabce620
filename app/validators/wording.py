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
_TAGS = re.compile(r"\[(?:ONNXRuntimeError|ShapeInferenceError|TypeInferenceError|InferenceError)\]\s*:?\s*")
_CODES = re.compile(r"(?:^|(?<=[\s:]))\d+\s*:\s*[A-Z_]{2,}\s*:\s*")
_TRACE = re.compile(r"\s*(?:Stacktrace|Traceback|== ?> Context).*", re.DOTALL)
_FUNCTION = re.compile(r"(?:[A-Z][a-z0-9]+){2,}(?= [A-Z])")  # a function's name without its arguments
_CONDITION = re.compile(r"^.{0,120}? was false\.\s+(?=\S)", re.DOTALL)
_LAMBDA = re.compile(r"<lambda\(.*?\)>\s*")
_PAIRS = {"(": ")", "[": "]", "<": ">"}


def clean(text: str, folder: Path) -> str:
    """One readable line of a library's error text."""
    said = _TRACE.sub("", text.replace(str(folder), "") if folder.is_absolute() else text)
    for pattern in (_TAGS, _CODES, _LAMBDA):
        said = pattern.sub("", said)
    pieces = _SOURCE.split(said)
    said = " ".join([pieces[0], *(_without_signature(p) for p in pieces[1:])])
    said = re.sub(r"\s+", " ", _PATH.sub("", said)).strip(" .:;|,-")
    said = re.sub(r"schema ?\([\w.]*::(\w+):\d+\)", r"operator \1", _CONDITION.sub("", said))
    return said or "it gives no reason"


def _without_signature(text: str) -> str:
    """What follows a C++ function's signature, which stands right behind its source file; the text itself when there is none."""
    found = _FUNCTION.match(text)
    if found:
        return text[found.end() :].strip()
    head = re.match(r"(?:[\w:*&~<>, ]|operator)*?\(", text)
    if not head or ("::" not in head[0] and "lambda" not in head[0]):
        return text
    end = _closing(text, head.end() - 1)
    while end < len(text):
        more = re.match(r"\s*(?:const\b|mutable\b|>?(?:::[\w~]+)*(?:::operator\(\))?[<(]|>|\[with\b|\[)", text[end:])
        if not more:
            break
        at = end + more.end() - 1
        end = (
            _closing(text, text.index("[", end))
            if "[" in more[0]
            else _closing(text, at)
            if text[at] in _PAIRS
            else at + 1
        )
    return text[end:].strip()


def _closing(text: str, start: int) -> int:
    """The place behind the bracket that closes the one at `start`; the end when none does."""
    opened, close = text[start], _PAIRS[text[start]]
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == opened) - (text[at] == close)
        if depth == 0:
            return at + 1
    return len(text)


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


def only_node(model: WeightlessModel, op_type: str) -> tuple[str, ...]:
    """The id of the one node of this operator; none when there are several."""
    found = [s.node_id(i) for s in scopes(model) for i, n in enumerate(s.nodes) if decoded(n.op_type) == op_type]
    return tuple(found) if len(found) == 1 else ()
