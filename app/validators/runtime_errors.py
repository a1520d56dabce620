"""What ONNX Runtime says when it refuses a model or fails in it, as one clean line about a node."""

from __future__ import annotations

import re

from onnx_scalpel.document.protos import text as decoded
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import AppError
from onnx_scalpel.validators.walk import domain_of, quote, scopes
from onnx_scalpel.validators.wording import clean, find_node, named_node, only_node

_NO_KERNEL = (
    re.compile(r"Fatal error: (?P<domain>.*):(?P<op>.*?)\(-?\d+\) is not a registered function/op"),
    re.compile(r"Could not find an implementation for (?P<op>.*?)\(\d+\) node"),
    re.compile(r"No Op registered for (?P<op>.*) with domain_version of \d+"),
)
_RUNNING = re.compile(
    r"Non-zero status code returned while running (\S*) node\. Name:'(.*?)' Status Message: (.*)", re.DOTALL
)
_UNKNOWN_VERSION = re.compile(
    r"only \*?guarantees\*? support|Unsupported model IR version|opset \d+ is under development"
)
_MEMORY = re.compile(r"bad[ _]alloc|[Ff]ailed to allocate|bad allocation|[Oo]ut of memory")
_LOADING = re.compile(
    r"Load model from .*? failed:|This is an invalid model\.|Exception during (?:initialization|loading):"
)
_SIGNATURE = re.compile(r'In Node, \((".*?"), (\S*), .*?\) : .*?, Error ', re.DOTALL)
_OPERATOR = re.compile(r"Node ?\(([^()\n]*)\) Op ?\((\S*?)\) ")


def refusal(model: WeightlessModel, error: Exception, *, loading: bool) -> Exception:
    """The AppError that this failure means; a MemoryError stays one. Anything that is no error of the runtime is raised."""
    if not type(error).__module__.startswith("onnxruntime") and not isinstance(
        error, RuntimeError | ValueError | UnicodeError | TypeError
    ):
        raise error
    said = str(error)
    if isinstance(error, UnicodeError):
        message = "ONNX Runtime cannot take the model: a name in it is not valid UTF-8 text"
        return AppError("model-refused", message, hint="rename what the problems panel names")
    if _MEMORY.search(said):
        return MemoryError(said)
    for pattern in _NO_KERNEL:
        found = pattern.search(said)
        if found:
            return _no_kernel(model, found.groupdict().get("domain"), found["op"])
    found = _RUNNING.search(said, max(0, said.rfind("Non-zero status code returned")))  # the innermost tells the cause
    if found:
        who = f"the {found[1]} node {quote(found[2])}" if found[2] else f"one {found[1]} node"
        message = f"The run failed in {who}: {clean(found[3], model.folder)}"
        hint = "check its inputs; other sizes or values of the model's inputs may work"
        return AppError(
            "run-failed", message, subjects=find_node(model, said[found.start() :]) or find_node(model, said), hint=hint
        )
    if _UNKNOWN_VERSION.search(said):
        message = f"ONNX Runtime does not know this version: {_version_words(said)}"
        return AppError(
            "version-not-supported", message, hint="lower the opset or the IR version, or update ONNX Runtime"
        )
    return _other(model, said, loading)


def _other(model: WeightlessModel, said: str, loading: bool) -> AppError:
    found = _SIGNATURE.search(said) or _OPERATOR.search(said)
    reason = clean(_LOADING.sub("", _OPERATOR.sub("", _SIGNATURE.sub("", said))), model.folder)
    name = found[1].strip('"') if found else named_node(said)
    node = ""
    if name:
        node = f" (at the {found[2]} node {quote(name)})" if found else f" (at the node {quote(name)})"
    elif found:
        node = f" (at one {found[2]} node)"
    subjects = find_node(model, f"node name '{name}'") if name else only_node(model, found[2]) if found else ()
    if loading:
        message = f"ONNX Runtime refuses the model{node}: {reason}"
        return AppError("model-refused", message, subjects=subjects, hint="the problems panel may say more")
    message = f"The run failed{node}: {reason}"
    return AppError("run-failed", message, subjects=subjects, hint="other sizes of the inputs may work")


def _no_kernel(model: WeightlessModel, domain: str | None, op_type: str) -> AppError:
    nodes = [
        scope.node_id(index)
        for scope in scopes(model)
        for index, node in enumerate(scope.nodes)
        if decoded(node.op_type) == op_type and (domain is None or domain_of(node) == domain or not domain)
    ]
    where = f" of the domain {quote(domain)}" if domain else ""
    message = f"ONNX Runtime has no kernel here for {quote(op_type)}{where}, so the model cannot be run"
    hint = "it can still be edited and saved: run it where that operator exists"
    return AppError("no-kernel", message, subjects=tuple(nodes[:20]), hint=hint, status=409)


def _version_words(said: str) -> str:
    found = re.search(r"(?:opset version |IR version:? ?|[Oo]pset )(\d+)", said)
    return (
        f"{'IR version' if 'IR version' in said else 'opset'} {found[1]}"
        if found
        else "the model's opset or IR version"
    )
