"""Everything that a page can be told of one subject, as one text to search in."""

from __future__ import annotations

import json
from typing import Any

from onnx_scalpel.document import views
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import MAIN_GRAPH, MODEL_ID, TensorRef
from onnx_scalpel.document.remainder.more import more_of
from onnx_scalpel.document.remainder.standing import Standing
from onnx_scalpel.errors import AppError
from onnx_scalpel.inspectors.tensor_view import Piece, initializer_of, tensor_view
from onnx_scalpel.session.reading import metadata_of


def told(document: Document, subject: str, standing: Standing | None = None) -> str:
    """The view of a model, graph, node or value, its metadata, its tensors, and what else the file says of it."""
    parts: list[Any] = [_view(document, subject), metadata_of(document, subject)]
    parts.append(more_of(standing or Standing(document), subject, 0, 2000, whole=True))
    if document.has("value", subject) and document.value(subject).tensor is not None:
        parts.append(_tensor(document, initializer_of(document, subject)))
    if document.has("node", subject):
        record = document.node(subject)
        parts += [views.attribute(document, subject, name) for name in _view(document, subject)["attributes"]]
        held = (attribute.value for attribute in record.attributes.values())
        items = (item for value in held for item in (value if isinstance(value, tuple) else (value,)))
        parts += [_tensor(document, item) for item in items if isinstance(item, TensorRef)]
    return json.dumps(parts, ensure_ascii=False)


def _view(document: Document, subject: str) -> dict[str, Any]:
    if subject == MODEL_ID:
        return {**views.model_view(document), "graph": views.graph_view(document, MAIN_GRAPH)}
    if document.has("graph", subject):
        return views.graph_view(document, subject)
    if document.has("node", subject):
        return views.node_view(document, subject)
    return views.value_view(document, subject, {})


def _tensor(document: Document, ref: TensorRef) -> Any:
    try:
        return tensor_view(document, ref, Piece(), False, lambda *_: None)
    except AppError as error:  # data that does not fit, or lies elsewhere: that is told instead
        return error.message
