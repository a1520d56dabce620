"""What must not change a number: parts made functions and inlined again, operators as the functions that define them, constants
made initializers and back. Each edited model is run beside the one before it, on the same inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import defs

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.edits.functions import function_called_by
from onnx_scalpel.errors import AppError
from tests.laws import model_file
from tests.outputs import session_of, some_inputs

EXPANDED = "expanded"  # the domain of what stands for an operator here
MOST_INLINED = 3_000


@dataclass
class Compared:
    """Per model: why it says nothing ('' when it does), which edits were made of it, refused, and what differs after them."""

    useless: str = ""
    made: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def compared(path: Path) -> Compared:
    """Every edit that fits one model."""
    result = Compared()
    data = path.read_bytes()
    try:
        feed = _feed(path, data)
        expected = _run(data, feed)
    except Exception as error:  # noqa: BLE001 - whatever a runtime has against a model, it is not compared
        result.useless = f"does not run: {type(error).__name__}"
        return result
    if not _same(expected, _run(data, feed)):
        result.useless = "gives other outputs each time"
        return result
    _attempt(result, "make-function", path, feed, expected, _all_in_a_function)
    _attempt(result, "make-function and inline-function", path, feed, expected, _in_and_out_of_a_function)
    _attempt(result, "initializer-to-constant", path, feed, expected, _to_constants)
    _attempt(result, "constant-to-initializer", path, feed, expected, _to_initializers)
    _attempt(result, "inline-function", path, feed, expected, _all_inlined)
    expanded = _with_defining_function(onnx.ModelProto.FromString(data))
    if expanded is not None:
        _attempt(result, "inline-function of a definition", model_file(expanded), feed, None, _all_inlined)
    return result


def _attempt(
    result: Compared, what: str, path: Path, feed: dict[str, Any], expected: list[Any] | None, work: Any
) -> None:
    try:
        document = open_model(path)
        if not work(document):
            return
        saved = model_bytes(document)
    except AppError as refused:
        result.refused[what] = refused.message
        return
    try:
        wanted = _run(path.read_bytes(), feed) if expected is None else expected
    except Exception:  # noqa: BLE001 - not every definition runs as a function
        result.refused[what] = "the model before does not run"
        return
    try:
        found = _run(saved, feed)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        result.faults.append(f"{what}: {' '.join(str(error).split())[:300]}")
        return
    result.made.append(what)
    if not _same(wanted, found):
        result.faults.append(f"{what}: other outputs")


def _edit(document: Document, **edit: Any) -> list[str]:
    return apply_edit(document, parse_edit(edit)).created


def _all_in_a_function(document: Document) -> bool:
    nodes = list(document.node_ids(MAIN_GRAPH))
    if nodes:
        _edit(document, kind="make-function", nodes=nodes, name="everything")
    return bool(nodes)


def _in_and_out_of_a_function(document: Document) -> bool:
    """Half of the nodes: what the others make or read crosses its border."""
    nodes = list(document.node_ids(MAIN_GRAPH))
    half = nodes[: (len(nodes) + 1) // 2]
    if half:
        made = _edit(document, kind="make-function", nodes=half, name="half")
        call = next(one for one in made if document.has("node", one) and document.node(one).op_type == "half")
        _edit(document, kind="inline-function", node=call)
    return bool(half)


def _to_constants(document: Document) -> bool:
    values = [v for v in document.value_ids() if document.value(v).tensor and not document.is_input(v)]
    if values:
        _edit(document, kind="initializer-to-constant", values=values)
    return bool(values)


def _to_initializers(document: Document) -> bool:
    graphs = [graph for graph in document.graph_ids() if document.graph(graph).function is None]
    nodes = [document.node(node) for graph in graphs for node in document.node_ids(graph)]
    inside = "::"  # bodies in functions have initializers, functions have none
    values = [n.outputs[0] for n in nodes if n.op_type == "Constant" and not n.domain and inside not in n.graph]
    if values:
        _edit(document, kind="constant-to-initializer", values=values)
    return bool(values)


def _all_inlined(document: Document) -> bool:
    for count in range(MOST_INLINED):
        every = (node for graph in document.graph_ids() for node in document.node_ids(graph))
        call = next((node for node in every if function_called_by(document, document.node(node))), None)
        if call is None:
            return count > 0
        _edit(document, kind="inline-function", node=call)
    return False


def _with_defining_function(model: onnx.ModelProto) -> onnx.ModelProto | None:
    """The model with its first node a call of a local function: what the standard says that its operator is."""
    imports = {o.domain: o.version for o in model.opset_import}
    if not model.graph.node or len(model.graph.node) > 1:
        return None
    node = model.graph.node[0]
    try:
        schema = defs.get_schema(node.op_type, imports.get(node.domain, 1), node.domain)
    except defs.SchemaError:
        return None
    function = onnx.FunctionProto()
    if schema.has_function:
        function.CopyFrom(schema.function_body)
    elif schema.has_context_dependent_function:
        types = {i.name: i.type for i in model.graph.input}
        try:
            body = schema.get_context_dependent_function(
                node.SerializeToString(), [types[i].SerializeToString() if i else b"" for i in node.input]
            )
        except Exception:  # noqa: BLE001 - the schema cannot say it of these types
            return None
        function.ParseFromString(body)
    if not function.node:
        return None
    defaults = [a.default_value for name, a in schema.attributes.items() if a.default_value.name]
    del function.attribute[:]
    del function.attribute_proto[:]
    function.attribute.extend([n for n, a in schema.attributes.items() if not a.default_value.name])
    function.attribute_proto.extend(defaults)
    function.domain, function.name = EXPANDED, node.op_type
    node.domain = EXPANDED
    model.functions.append(function)
    model.opset_import.add(domain=EXPANDED, version=1)
    model.ir_version = max(model.ir_version, 9)
    return model


def _feed(path: Path, data: bytes) -> dict[str, Any]:
    """The inputs that come with an operator's test case, else made-up ones."""
    session = session_of(data)
    stored = path.with_name("data.npz")
    if not stored.is_file():
        return some_inputs(session)
    with np.load(stored) as arrays:
        return {one.name: arrays[f"input_{place}"] for place, one in enumerate(session.get_inputs())}


def _run(model: bytes, feed: dict[str, Any]) -> list[Any]:
    found: list[Any] = session_of(model).run(None, feed)
    return found


def _same(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(_equal(a, b) for a, b in zip(one, other, strict=True))


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return isinstance(other, list) and _same(one, other)
    if isinstance(one, dict):
        return bool(one == other)
    if one is None or other is None:
        return one is other
    a, b = np.asarray(one), np.asarray(other)
    return a.dtype == b.dtype and a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
