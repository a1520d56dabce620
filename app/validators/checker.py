"""onnx.checker, whose findings become one clean line each, without paths and without C++."""

from __future__ import annotations

import contextlib
import re

import onnx.checker

from onnx_scalpel.document.diagnostic import Diagnostic
from onnx_scalpel.document.protos import text
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.errors import one_line
from onnx_scalpel.validators.walk import listed, quote, scopes
from onnx_scalpel.validators.wording import clean, find_node

_WITHOUT_SHAPE = "undeclared-shape"

# what the checker says -> our code, severity, message ({0} … are the pattern's groups, quoted), hint
_KNOWN: tuple[tuple[str, str, str, str, str], ...] = (
    (
        r"Field 'shape' of 'type' is required but missing",
        _WITHOUT_SHAPE,
        "info",
        "No shape is declared for {0}, not even one of unknown dims",
        "legal, but the ONNX checker asks for one: declare it",
    ),
    (
        r"Field 'name' of 'graph' is required to be non-empty",
        "nameless-graph",
        "warning",
        "A graph has no name, which the ONNX checker demands",
        "most runtimes do not mind",
    ),
    (
        r"^\s*(.*?) in initializer but not in graph input",
        "initializer-not-input",
        "warning",
        "The initializer {0} is no graph input, which models before IR version 4 need",
        "raise the IR version to 4 or more",
    ),
    (
        r"duplicate keys in metadata_props",
        "duplicate-metadata",
        "warning",
        "The model has the same metadata key twice",
        "remove one of the entries",
    ),
    (
        r"No Op registered for (\S+) with domain_version of",
        "operator-unknown-to-checker",
        "warning",
        "The ONNX checker does not know {0} in its domain as the model writes it",
        "runtimes may know it: run the model to see",
    ),
    (
        r"Field 'type' of 'value_info' is required but missing",
        "untyped-value",
        "warning",
        "A value is listed without a type",
        "set its dtype and shape",
    ),
    (
        r"No [Oo]pset import for domain '?([^'\s]*)'?",
        "domain-not-imported",
        "warning",
        "Operators of the domain {0} are used, but the model imports no opset of it",
        "declare the opset of that domain",
    ),
    (
        r"Graph must be in single static assignment \(SSA\) form, however '(.*?)' has been used as (.*?) multiple times",
        "name-used-twice",
        "warning",
        "The name {0} is used more than once where one meaning is expected",
        "rename one of them",
    ),
    (
        r"Nodes in a graph must be topologically sorted, however input '(.*?)' of node",
        "unsorted-nodes",
        "warning",
        "The value {0} is used before a node makes it, as the ONNX checker sees it",
        "sort the nodes, or connect the input to a value",
    ),
    (
        r"tensor name: (.*?)\)? should be stored in .*?, but it (?:has|is a) hard link",
        "external-hard-link",
        "warning",
        "The data file of {0} is a hard link, which the ONNX checker refuses",
        "copy the file instead of linking it",
    ),
)


class CheckerValidator:
    """Runs onnx.checker; what it refuses is a warning, because runtimes take many models that it does not."""

    name = "checker"
    title = "ONNX checker"

    def validate(self, model: WeightlessModel) -> list[Diagnostic]:
        """Its one finding (it stops at the first), or none. External data is looked up from the model's folder."""
        if not model.proto.HasField("graph"):
            return []  # it would complain of a missing name
        try:
            with contextlib.chdir(model.folder):
                onnx.checker.check_model(model.checkable())
        except (onnx.checker.ValidationError, ValueError, RuntimeError, UnicodeError, TypeError) as error:
            return [_diagnostic(model, str(error))]
        return []


def _diagnostic(model: WeightlessModel, said: str) -> Diagnostic:
    subjects = find_node(model, said)
    for pattern, code, severity, message, hint in _KNOWN:
        found = re.search(pattern, said)
        if found:
            words = [quote(group) for group in found.groups()]
            if code == _WITHOUT_SHAPE:
                words, subjects = _without_shape(model)
            line = message.format(*words)
            return Diagnostic(severity, code, one_line(line), subjects, hint)  # type: ignore[arg-type]
    cleaned = clean(said.split("==> Context:")[0], model.folder)
    hint = "runtimes may still take the model: run it to see"
    return Diagnostic("warning", "checker", one_line(f"The ONNX checker refuses the model: {cleaned}"), subjects, hint)


def _without_shape(model: WeightlessModel) -> tuple[list[str], tuple[str, ...]]:
    """The inputs and outputs of the model that say no shape: in words, and their ids. The checker does not name them."""
    graph = model.proto.graph
    infos = [info for info in (*graph.input, *graph.output) if info.type.HasField("tensor_type")]
    names = [text(info.name) for info in infos if not info.type.tensor_type.HasField("shape")]
    return [listed(names) or "a graph input or output"], scopes(model)[0].value_ids(names)
