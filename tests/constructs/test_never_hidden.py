"""Nothing in a file is hidden: a value in any field of any message of ONNX is told of its subject."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from onnx import ModelProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.records import MODEL_ID
from onnx_scalpel.document.remainder.standing import Standing
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.edits.rename_node import RenameNode
from onnx_scalpel.edits.rename_value import RenameValue
from tests.constructs.answers import told
from tests.constructs.descriptors import Planted, fields, messages, planted
from tests.laws import model_file


def subjects(document: Document) -> list[str]:
    nodes = [node for graph in document.graph_ids() for node in document.node_ids(graph)]
    return [MODEL_ID, *document.graph_ids(), *nodes, *document.value_ids()]


def who_tells(document: Document, case: Planted) -> list[str]:
    """The subjects of the right kind that tell of the value."""
    standing = Standing(document)
    likely = [s for s in subjects(document) if s.startswith(f"{case.kind}:")]
    return [s for s in likely if any(words in told(document, s, standing) for words in case.words)]


@pytest.mark.parametrize("path", fields())
def test_a_value_in_any_field_is_told_of_its_subject(path: str) -> None:
    case = planted(path)
    document = open_model(model_file(case.model))
    assert who_tells(document, case), f"{case.words} is told of no {case.kind}"
    apply_edit(document, parse_edit({"kind": "set-metadata", "subject": "model:", "key": "edited", "value": "yes"}))
    assert who_tells(document, case), f"{case.words} is told of no {case.kind} after an edit"


def rename_all(document: Document, change: Callable[[str], str]) -> None:
    """Rename every node and value, in bodies and functions, too."""
    for graph in document.graph_ids():
        for node in document.node_ids(graph):
            apply_edit(document, RenameNode(node=node, name=change(document.node(node).name)))
    for value in document.value_ids():
        name = document.value(value).name
        if name and change(name):
            apply_edit(document, RenameValue(value=value, name=change(name)))


@pytest.mark.parametrize("path", fields())
def test_a_value_in_any_field_survives_other_names_of_all_nodes_and_values(path: str) -> None:
    case = planted(path)
    file = model_file(case.model)
    document = open_model(file)
    assert model_bytes(document) == file.read_bytes()
    rename_all(document, lambda name: f"{name}_renamed")
    saved = model_bytes(document)
    assert saved != file.read_bytes()
    assert who_tells(document, case), f"{case.words} is told of no {case.kind} any more"
    assert who_tells(open_model(model_file(ModelProto.FromString(saved))), case), "it is not in the saved file"
    rename_all(document, lambda name: name.removesuffix("_renamed"))
    assert model_bytes(document) == file.read_bytes()


@pytest.mark.parametrize("path", messages())
def test_a_field_that_onnx_does_not_define_is_told_of_its_subject(path: str) -> None:
    case = planted(path, unknown=True)
    document = open_model(model_file(case.model))
    assert who_tells(document, case)


def test_the_fields_are_those_of_the_installed_onnx() -> None:
    assert len(fields()) > 300
    assert {"graph/sparse_initializer/indices/raw_data", "training_info/algorithm/node", "functions/overload"} <= set(
        fields()
    )
