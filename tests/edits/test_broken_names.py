"""Names and texts that are no UTF-8 are edited by what a page shows of them, and only what is edited is mended."""

from __future__ import annotations

from typing import Any

import pytest
from onnx import ModelProto, TensorProto, helper

from tests.laws import check_edit, check_rejected

BROKEN = b"N\xff"


def broken() -> ModelProto:
    """An attribute, a dim, metadata and a text of a tensor that are no UTF-8."""
    words = helper.make_tensor("w", TensorProto.STRING, [2, 2], [b"one", b"N?", b"three", b"four"])
    node = helper.make_node("Foo", ["w"], ["y"], name="n", domain="c", **{"N?": 1, "fine": 2})
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N?", 2]) for name in ("x", "y")]
    graph = helper.make_graph([node], "g", ends[:1], ends[1:], [words])
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("c", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    for carrier in (model, model.graph.node[0]):
        carrier.metadata_props.add(key="N?", value="v?")
    return ModelProto.FromString(model.SerializeToString().replace(b"N?", BROKEN).replace(b"v?", b"v\xff"))


def written(field: Any) -> Any:
    """What protobuf hands out for bytes that are no UTF-8."""
    return field if isinstance(field, bytes) else field.encode()


def test_an_attribute_is_set_and_removed() -> None:
    edit = {"kind": "set-attribute", "node": "node:y", "attribute": "N\ufffd", "value": 5}
    attributes = check_edit(broken(), edit).proto.graph.node[0].attribute
    assert [(written(a.name), a.i) for a in attributes] == [(BROKEN, 5), (b"fine", 2)]
    remove = {"kind": "remove-attribute", "node": "node:y", "attribute": "N\ufffd"}
    assert [a.name for a in check_edit(broken(), remove).proto.graph.node[0].attribute] == ["fine"]


def test_metadata_is_set_and_removed() -> None:
    edit = {"kind": "set-metadata", "subject": "model:", "key": "N\ufffd", "value": "mended"}
    (entry,) = check_edit(broken(), edit).proto.metadata_props
    assert (written(entry.key), entry.value) == (BROKEN, "mended")
    remove = {"kind": "set-metadata", "subject": "node:y", "key": "N\ufffd", "value": None}
    assert len(check_edit(broken(), remove).proto.graph.node[0].metadata_props) == 0


def test_a_dim_is_mended() -> None:
    graph = check_edit(broken(), {"kind": "rename-dim", "old": "N\ufffd", "new": "N"}).proto.graph
    assert [e.type.tensor_type.shape.dim[0].dim_param for e in (*graph.input, *graph.output)] == ["N", "N"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [([0, 0], [b"mended", BROKEN, b"three", b"four"]), ([0, 1], [b"one", b"mended", b"three", b"four"])],
)
def test_one_text_of_a_tensor_is_set_and_the_others_keep_their_bytes(at: list[int], expected: list[bytes]) -> None:
    edit = {"kind": "set-tensor", "value": "value:w", "tensor": {"cells": [{"at": at, "value": "mended"}]}}
    assert list(check_edit(broken(), edit).proto.graph.initializer[0].string_data) == expected


def test_a_name_that_nothing_has_is_refused_all_the_same() -> None:
    remove = {"kind": "remove-attribute", "node": "node:y", "attribute": "M\ufffd"}
    check_rejected(broken(), remove, says="has no attribute")
