"""The laws that every edit keeps; one call proves them all for one edit on one model."""

from __future__ import annotations

import functools
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import onnx
import pytest
from msgspec.structs import replace

from onnx_scalpel.document.delta import decode_delta, encode_delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.records import (
    Attribute,
    GraphRecord,
    NodeRecord,
    Record,
    Table,
    TensorRef,
    ValueRecord,
    same_data,
    same_record,
)
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.document.store import TensorStore
from onnx_scalpel.edits.base import AppliedEdit, apply_edit, parse_edit
from onnx_scalpel.errors import AppError

Records = dict[tuple[Table, str], Record]
HEADER = '<ir_version: 10, opset_import: ["" : 21]>'


@dataclass(frozen=True)
class Checked:
    """An edit that kept the laws: what it did, and the document after it."""

    applied: AppliedEdit
    document: Document
    proto: onnx.ModelProto

    def node_called(self, output: str) -> NodeRecord:
        """The node (at any depth) that makes a value of this name."""
        return next(n for n in nodes_of(self.document) if output in [name_of(self.document, o) for o in n.outputs])


def model_file(model: str | Path | onnx.ModelProto) -> Path:
    """A model as a file: a path is taken as it is, ONNX text (with or without its header) is parsed and written."""
    if isinstance(model, Path):
        return model
    if isinstance(model, str):
        model = onnx.parser.parse_model(model if model.lstrip().startswith("<") else HEADER + model)
    path = _new_folder() / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def _new_folder() -> Path:
    """A folder that goes when the tests end."""
    return Path(tempfile.mkdtemp(dir=_folder().name))


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="scalpel-law-", ignore_cleanup_errors=True)


def document_of(model: str | Path | onnx.ModelProto) -> Document:
    return open_model(model_file(model))


def records_of(document: Document) -> Records:
    """Every record of a document."""
    found: Records = {("model", "model:"): document.model()}
    for graph in document.graph_ids():
        found["graph", graph] = document.graph(graph)
        found |= {("node", node): document.node(node) for node in document.node_ids(graph)}
    found |= {("place", place.id): place for place in document.places()}
    found |= {("note", note.id): note for note in document.notes()}
    return found | {("value", value): document.value(value) for value in document.value_ids()}


def check_edit(model: str | Path | onnx.ModelProto, edit: Mapping[str, Any], *, file: Path | None = None) -> Checked:
    """Apply the edit to a fresh document and prove every law; what came out is for the test's own claim."""
    path, store = file or model_file(model), TensorStore()
    document = open_model(path, store)
    before, opened = records_of(document), model_bytes(document)
    assert opened == path.read_bytes(), "an unedited model is saved byte for byte"
    parsed = parse_edit(dict(edit))
    assert parse_edit(json.loads(json.dumps(parsed.to_json()))) == parsed, "an edit is JSON"
    applied = apply_edit(document, parsed)
    after, saved = records_of(document), model_bytes(document)
    _assert_title(applied.title)

    packed = encode_delta(applied.delta)
    assert same_data(decode_delta(packed), applied.delta), "a delta survives being written down"

    document.apply(applied.delta.inverse())
    assert_same_records(records_of(document), before, "the inverse restores every record")
    assert model_bytes(document) == opened, "the inverse restores every byte"
    document.apply(applied.delta)
    assert_same_records(records_of(document), after, "redo restores the edit")
    assert model_bytes(document) == saved, "redo restores the edited bytes"

    fresh = open_model(path, store)
    fresh.apply(decode_delta(packed))
    assert_same_records(records_of(fresh), after, "the delta alone does the edit")
    assert model_bytes(fresh) == saved, "the delta alone gives the same file"

    again = open_model(path, store)
    repeated = apply_edit(again, parsed, applied.created)
    assert repeated.created == applied.created, "a replay makes the same ids"
    assert model_bytes(again) == saved, "a replay gives the same file"

    reopened = _reopened(path, saved)
    assert by_name(reopened) == by_name(document), "saving and opening again gives the same document, up to ids"
    assert model_bytes(reopened) == saved, "saving what was saved gives the same bytes"
    return Checked(applied, document, onnx.ModelProto.FromString(saved))


def check_rejected(
    model: str | Path | onnx.ModelProto, edit: Mapping[str, Any], code: str = "edit-rejected", says: str = ""
) -> AppError:
    """Prove that the edit is refused with this code, in one line, and that everything is as it was."""
    document = document_of(model)
    before, opened = records_of(document), model_bytes(document)
    with pytest.raises(AppError) as refused:
        apply_edit(document, parse_edit(dict(edit)))
    error = refused.value
    assert error.code == code, error.message
    assert says in error.message, error.message
    assert "\n" not in error.message and len(error.message) <= 200
    json.dumps(error.to_json())
    assert_same_records(records_of(document), before, "a refused edit changes nothing")
    assert model_bytes(document) == opened
    return error


def assert_same_records(found: Records, expected: Records, law: str) -> None:
    """Compare two whole documents exactly, and name what differs."""
    keys = [*found, *(key for key in expected if key not in found)]
    wrong = [key for key in keys if not same_record(found.get(key), expected.get(key))]
    assert wrong == [], f"{law}: " + "; ".join(f"{found.get(k)} is not {expected.get(k)}" for k in wrong[:3])
    assert _node_orders(found) == _node_orders(expected), f"{law}: nodes stand in another order"


def _node_orders(records: Records) -> dict[str, list[str]]:
    """The nodes of each graph as they stand."""
    orders: dict[str, list[str]] = {}
    for record in records.values():
        if isinstance(record, NodeRecord):
            orders.setdefault(record.graph, []).append(record.id)
    return orders


def by_name(document: Document) -> Any:
    """All that the document says, with names in the place of ids and tensors by their facts.

    A name that nothing makes belongs to the graph that lost it, and in the saved file to the body that reads it: such
    names are compared as a set.
    """
    graphs = [_graph_by_name(document, document.graph(graph)) for graph in document.graph_ids()]
    dangling = {document.value(value).name for value in document.value_ids() if _dangles(document, value)}
    return msgspec.to_builtins([document.model(), sorted(graphs, key=repr), sorted(dangling)], enc_hook=repr)


def _dangles(document: Document, value_id: str) -> bool:
    """Whether it is only read or declared: not made, not an input, no tensor."""
    value = document.value(value_id)
    made = document.producer(value_id) is not None or document.is_input(value_id) or value.tensor is not None
    return not made and not document.is_output(value_id)


def _graph_by_name(document: Document, graph: GraphRecord) -> Any:
    nodes = [_node_by_name(document, document.node(node)) for node in _saved_order(document, graph.id)]
    kept = [value for value in document.value_ids(graph.id) if not _dangles(document, value)]
    values = [_value_by_name(document, document.value(value)) for value in kept]
    owner = document.node(graph.owner) if graph.owner else None
    facts = replace(
        graph,
        id="",
        parent=graph.parent and document.graph(graph.parent).name,
        owner="" if owner is None else repr([name_of(document, o) for o in owner.outputs]),
        inputs=tuple(name_of(document, value) for value in graph.inputs),
        outputs=tuple(name_of(document, value) for value in graph.outputs),
    )
    return [repr(facts), [repr(node) for node in nodes], sorted(repr(value) for value in values)]


def _saved_order(document: Document, graph_id: str) -> Sequence[str]:
    """The nodes as saving puts them: sorted by name here, because saving may have to reorder them."""
    ids = document.node_ids(graph_id)
    return sorted(ids, key=lambda node: [name_of(document, output) for output in document.node(node).outputs])


def _node_by_name(document: Document, node: NodeRecord) -> NodeRecord:
    return replace(
        node,
        id="",
        graph="",
        order=(),
        rest=b"",
        inputs=tuple(name_of(document, value) for value in node.inputs),
        outputs=tuple(name_of(document, value) for value in node.outputs),
        attributes={name: _attribute_facts(document, a) for name, a in node.attributes.items()},
    )


def _attribute_facts(document: Document, attribute: Attribute) -> Attribute:
    if isinstance(attribute.value, TensorRef):
        return replace(attribute, value=_tensor_facts(attribute.value))
    if isinstance(attribute.value, tuple) and attribute.type == "TENSORS":
        tensors = (v for v in attribute.value if isinstance(v, TensorRef))
        return replace(attribute, value=tuple(_tensor_facts(tensor) for tensor in tensors))
    if attribute.type == "GRAPH" and isinstance(attribute.value, str):
        return replace(attribute, value=document.graph(attribute.value).name)
    if attribute.type == "GRAPHS" and isinstance(attribute.value, tuple):
        return replace(attribute, value=tuple(document.graph(str(body)).name for body in attribute.value))
    if attribute.type == "SPARSE_TENSORS" and isinstance(attribute.value, tuple):
        return replace(attribute, value=tuple(_tensor_facts(v) for v in attribute.value if isinstance(v, TensorRef)))
    return attribute


def _tensor_facts(tensor: TensorRef) -> TensorRef:
    return replace(tensor, source="", proto=b"", digest="")


def _value_by_name(document: Document, value: ValueRecord) -> ValueRecord:
    tensor = value.tensor and _tensor_facts(value.tensor)
    return replace(value, id="", graph="", tensor=tensor)


def name_of(document: Document, value_id: str) -> str:
    return document.value(value_id).name if value_id else ""


def nodes_of(document: Document) -> list[NodeRecord]:
    """Every node, those of bodies and functions too."""
    return [document.node(node) for graph in document.graph_ids() for node in document.node_ids(graph)]


def _reopened(path: Path, data: bytes) -> Document:
    """The saved bytes opened from beside the model, so that external data is found; never in a folder of the collection."""
    folder = path.parent
    if not folder.resolve().is_relative_to(Path(tempfile.gettempdir()).resolve()):
        folder = _new_folder()
        for location in open_model(path).file.locations:
            if (path.parent / location).is_file():
                (folder / location).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path.parent / location, folder / location)
    target = folder / f"saved-{path.name}"
    target.write_bytes(data)
    return open_model(target)


def _assert_title(title: str) -> None:
    assert title and "\n" not in title and len(title) <= 200
    assert (title[0].isupper() or title[0].isdigit()) and not title.endswith("."), "a title is a short sentence"
