"""Saving writes what edits changed where it belongs, leaves the rest, and never leaves half a file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from msgspec.structs import replace
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.records import Attribute, GraphRecord, NodeRecord, TensorRef, ValueRecord
from onnx_scalpel.document.save import model_bytes, model_parts, weightless
from onnx_scalpel.document.tensors import full_tensor, make_tensor, read_array
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.document.wire import Range
from onnx_scalpel.document.write_model import write_model
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.document.models import BRANCHES, CHAIN, open_text, rename

INFO = helper.make_tensor_value_info


def saved(document: Document) -> ModelProto:
    proto: ModelProto = onnx.load_from_string(model_bytes(document))
    return proto


def open_proto(folder: Path, proto: ModelProto) -> Document:
    path = folder / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    return open_model(path)


def weighty(folder: Path) -> ModelProto:
    """A model with a large raw tensor, a large float_data one, and one in a data file beside it."""
    rng = np.random.default_rng(0)
    raw = numpy_helper.from_array(rng.normal(size=(64, 64)).astype(np.float32), "raw")
    raw.doc_string = "weights"
    plain = TensorProto(name="plain", dims=[64, 64], data_type=TensorProto.FLOAT)
    plain.float_data.extend(rng.normal(size=4096).astype(np.float32).tolist())
    (folder / "sub").mkdir()
    (folder / "sub" / "w.bin").write_bytes(rng.normal(size=4096).astype(np.float32).tobytes())
    outside = TensorProto(
        name="outside", dims=[64, 64], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL
    )
    for key, value in (("location", "sub/w.bin"), ("offset", "0"), ("length", "16384")):
        outside.external_data.add(key=key, value=value)
    nodes = [
        helper.make_node("MatMul", ["x", "raw"], ["a"]),
        helper.make_node("MatMul", ["a", "plain"], ["b"]),
        helper.make_node("MatMul", ["b", "outside"], ["y"]),
    ]
    x, y = (INFO(n, TensorProto.FLOAT, ["N", 64]) for n in "xy")
    return helper.make_model(helper.make_graph(nodes, "g", [x], [y], [raw, plain, outside]))


def test_a_rename_follows_into_bodies_types_and_tensors(tmp_path: Path) -> None:
    document = open_text(tmp_path, BRANCHES)
    for old, new in (("h", "features"), ("w", "scale"), ("x", "image"), ("y", "logits")):
        rename(document, f"value:{old}", new)
    graph = saved(document).graph
    assert [list(n.output) for n in graph.node] == [["features"], ["logits"]]
    assert [list(n.input) for n in graph.node[1].attribute[0].g.node] == [["features", "scale"]]
    assert [list(n.input) for n in graph.node[1].attribute[1].g.node] == [["features"], ["h2", "scale"]]
    assert ([i.name for i in graph.input], graph.output[0].name, graph.initializer[0].name) == (
        ["c", "image"],
        "logits",
        "scale",
    )
    onnx.checker.check_model(saved(document), full_check=True)


def test_only_the_edited_node_is_written_anew(tmp_path: Path) -> None:
    proto = onnx.load(open_text(tmp_path, CHAIN).path)
    for node in proto.graph.node:
        node.MergeFromString(b"\xba\x3e\x03abc")  # an unknown field
    document = open_proto(tmp_path, proto)
    tx = Transaction(document)
    tx.put(replace(tx.node("node:h"), name="first", op_type="Abs", doc="why", metadata=(("k", "v"),)))
    node, other = saved(document).graph.node
    assert (node.name, node.op_type, node.doc_string, node.metadata_props[0].key) == ("first", "Abs", "why", "k")
    assert b"abc" in node.SerializeToString()
    assert other == proto.graph.node[1]


def test_attributes_keep_what_did_not_change(tmp_path: Path) -> None:
    document = open_text(tmp_path, "agraph (float[8] x) => (float[8] y) { y = LeakyRelu <alpha = 0.1> (x) }")
    tx = Transaction(document)
    attributes = {**tx.node("node:y").attributes, "extra": Attribute("INTS", ())}
    tx.put(replace(tx.node("node:y"), attributes=attributes))
    (node,) = saved(document).graph.node
    assert [(a.name, a.type) for a in node.attribute] == [("alpha", 1), ("extra", 7)]
    tx.put(replace(tx.node("node:y"), attributes={"alpha": Attribute("FLOAT", 0.5)}))
    (node,) = saved(document).graph.node
    assert [(a.name, a.f) for a in node.attribute] == [("alpha", 0.5)]


def test_a_value_that_is_removed_loses_its_declaration(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    tx = Transaction(document)
    tx.put(replace(tx.node("node:y"), inputs=("value:x",)))
    tx.drop("node", "node:h")
    tx.drop_unused(["value:h", "value:x"])
    graph = saved(document).graph
    assert (len(graph.node), len(graph.value_info), len(graph.input)) == (1, 0, 1)
    document.apply(tx.delta().inverse())
    assert model_bytes(document) == document.path.read_bytes()


def test_a_new_node_is_written_beside_its_anchor_and_undone_without_trace(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    tx = Transaction(document)
    new = tx.new_value_id("graph:", "h_Relu")
    tx.put(ValueRecord(new, "graph:", "h_Relu", "float32", ("N", 4), declared=True))
    tx.put(NodeRecord(tx.new_node_id("graph:", "h_Relu"), "graph:", "r", "Relu", "", ("value:h",), (new,), {}, (0, 0)))
    tx.put(replace(tx.node("node:y"), inputs=(new,)))
    graph = saved(document).graph
    assert [n.op_type for n in graph.node] == ["Relu", "Relu", "Exp"]
    assert [i.name for i in graph.value_info] == ["h", "h_Relu"]
    onnx.checker.check_model(saved(document), full_check=True)
    document.apply(tx.delta().inverse())
    assert model_bytes(document) == document.path.read_bytes()


def test_nodes_are_sorted_only_where_an_edit_put_them_out_of_order(tmp_path: Path) -> None:
    text = "agraph (float[4] x) => (float[4] y) { a = Relu (x)  b = Abs (x)  c = Neg (x)  y = Add (a, c) }"
    document = open_text(tmp_path, text)
    tx = Transaction(document)
    tx.put(replace(tx.node("node:a"), inputs=("value:c",)))
    assert [n.output[0] for n in saved(document).graph.node] == ["b", "c", "a", "y"]
    assert weightless(document).node_ids["graph:"] == ["node:b", "node:c", "node:a", "node:y"]
    document.apply(tx.delta().inverse())
    assert model_bytes(document) == document.path.read_bytes()


def test_a_body_that_reads_a_later_value_moves_its_owner(tmp_path: Path) -> None:
    text = """agraph (bool c, float[4] x) => (float[4] y, float[4] z) {
      y = If (c) < then_branch = t () => (float[4] p) { p = Relu (x) }, else_branch = e () => (float[4] q) { q = Abs (x) } >
      z = Neg (x)
    }"""
    document = open_text(tmp_path, text)
    tx = Transaction(document)
    tx.put(replace(tx.node("node:p@y.then_branch"), inputs=("value:z",)))
    assert [n.op_type for n in saved(document).graph.node] == ["Neg", "If"]
    onnx.checker.check_model(saved(document), full_check=True)


def test_a_file_that_was_out_of_order_stays_so(tmp_path: Path) -> None:
    nodes = [helper.make_node("Relu", [f"v{i}"], [f"v{i + 1}"]) for i in reversed(range(5000))]
    graph = helper.make_graph(nodes, "g", [INFO("v0", TensorProto.FLOAT, [1])], [INFO("v5000", TensorProto.FLOAT, [1])])
    document = open_proto(tmp_path, helper.make_model(graph))
    rename(document, "value:v7", "seven")
    tx = Transaction(document)
    tx.put(
        replace(tx.node("node:v20"), inputs=("value:seven",) if document.has("value", "value:seven") else ("value:v7",))
    )
    assert [n.output[0] for n in saved(document).graph.node][:2] == ["v5000", "v4999"]


def test_two_thousand_bodies_open_and_save(tmp_path: Path) -> None:
    def branch(output: str, op: str, value: str) -> onnx.GraphProto:
        return helper.make_graph(
            [helper.make_node(op, [value], [output])], output, [], [INFO(output, TensorProto.FLOAT, [1])]
        )

    nodes = [
        helper.make_node(
            "If",
            ["c"],
            [f"v{i + 1}"],
            then_branch=branch("t", "Relu", f"v{i}"),
            else_branch=branch("e", "Exp", f"v{i}"),
        )
        for i in range(2000)
    ]
    inputs = [INFO("v0", TensorProto.FLOAT, [1]), INFO("c", TensorProto.BOOL, [])]
    graph = helper.make_graph(nodes, "g", inputs, [INFO("v2000", TensorProto.FLOAT, [1])])
    document = open_proto(tmp_path, helper.make_model(graph))
    assert len(document.graph_ids()) == 4001
    assert model_bytes(document) == document.path.read_bytes()
    rename(document, "value:v1000", "middle")
    (node,) = saved(document).graph.node[1000].attribute[0].g.node
    assert list(node.input) == ["middle"]


def test_bodies_can_be_made_and_taken_away(tmp_path: Path) -> None:
    document = open_text(tmp_path, BRANCHES)
    tx = Transaction(document)
    owner = tx.new_node_id("graph:", "z")
    body = tx.new_graph_id(owner, "then_branch")
    empty = GraphRecord(body, "made", parent="graph:", owner=owner, attribute="then_branch")
    tx.put(empty)
    inner, outer = tx.new_value_id(body, "i"), tx.new_value_id("graph:", "z")
    tx.put(ValueRecord(inner, body, "i", "float32", (4,)))
    tx.put(ValueRecord(outer, "graph:", "z"))
    tx.put(NodeRecord(tx.new_node_id(body, "i"), body, "", "Neg", "", ("value:h",), (inner,), {}, (0,)))
    tx.put(replace(empty, outputs=(inner,)))
    attributes = {"then_branch": Attribute("GRAPH", body), "else_branch": tx.node("node:y").attributes["else_branch"]}
    tx.put(NodeRecord(owner, "graph:", "", "If", "", ("value:c",), (outer,), attributes, (2,)))
    onnx.checker.check_model(saved(document), full_check=True)
    delta = tx.delta()
    document.apply(delta.inverse())
    assert model_bytes(document) == document.path.read_bytes()
    document.apply(delta)
    assert saved(document).graph.node[2].attribute[0].g.node[0].input[0] == "h"


def test_weights_stay_in_the_file_and_come_back_in_their_own_form(tmp_path: Path) -> None:
    proto = weighty(tmp_path)
    document = open_proto(tmp_path, proto)
    light = weightless(document)
    assert light.proto.ByteSize() < 2000
    assert [p.length for p in model_parts(document).pieces if isinstance(p, Range)] == [16384, 16384]
    rename(document, "value:raw", "kernel")
    written = saved(document).graph.initializer
    assert (written[0].name, written[0].raw_data, written[0].doc_string) == (
        "kernel",
        proto.graph.initializer[0].raw_data,
        "weights",
    )
    assert written[1] == proto.graph.initializer[1]
    rename(document, "value:kernel" if document.has("value", "value:kernel") else "value:raw", "raw")
    assert model_bytes(document) == document.path.read_bytes()


@pytest.mark.parametrize("name", ["raw", "plain", "outside"])
def test_tensors_can_be_read_wherever_their_data_is(tmp_path: Path, name: str) -> None:
    proto = weighty(tmp_path)
    document = open_proto(tmp_path, proto)
    tensor = document.value(f"value:{name}").tensor
    assert tensor is not None
    (original,) = [t for t in proto.graph.initializer if t.name == name]
    np.testing.assert_array_equal(read_array(document, tensor), numpy_helper.to_array(original, str(tmp_path)))
    assert full_tensor(document, tensor).data_location == TensorProto.DEFAULT


def test_a_new_tensor_replaces_the_old_and_undo_brings_its_bytes_back(tmp_path: Path) -> None:
    document = open_proto(tmp_path, weighty(tmp_path))
    tx = Transaction(document)
    tx.put(replace(tx.value("value:raw"), tensor=make_tensor(np.eye(64, dtype=np.float32))))
    np.testing.assert_array_equal(
        numpy_helper.to_array(saved(document).graph.initializer[0]), np.eye(64, dtype=np.float32)
    )
    document.apply(tx.delta().inverse())
    assert model_bytes(document) == document.path.read_bytes()


def test_an_initializer_can_be_added_and_a_copy_shares_its_source(tmp_path: Path) -> None:
    document = open_proto(tmp_path, weighty(tmp_path))
    tx = Transaction(document)
    source = tx.value("value:raw").tensor
    assert isinstance(source, TensorRef)
    tx.put(ValueRecord(tx.new_value_id("graph:", "copy"), "graph:", "copy", tensor=source))
    *_, copy = saved(document).graph.initializer
    assert (copy.name, copy.raw_data) == ("copy", saved(document).graph.initializer[0].raw_data)


def test_data_files_are_copied_beside_the_target_under_their_names(tmp_path: Path) -> None:
    document = open_proto(tmp_path, weighty(tmp_path))
    target = tmp_path / "elsewhere" / "copy.onnx"
    assert write_model(document, target) == [target, target.parent / "sub" / "w.bin"]
    assert (target.parent / "sub" / "w.bin").read_bytes() == (tmp_path / "sub" / "w.bin").read_bytes()
    assert target.read_bytes() == document.path.read_bytes()
    assert sorted(p.name for p in target.parent.iterdir()) == ["copy.onnx", "sub"]


def test_a_file_is_replaced_only_when_asked_and_keeps_its_rights(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    target = tmp_path / "there.onnx"
    target.write_bytes(b"precious")
    target.chmod(0o640)
    with pytest.raises(AppError) as caught:
        write_model(document, target)
    assert (caught.value.code, caught.value.status, target.read_bytes()) == ("file-exists", 409, b"precious")
    write_model(document, target, overwrite=True)
    assert target.read_bytes() == document.path.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_save_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = open_text(tmp_path, CHAIN)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AppError) as caught:
        write_model(document, tmp_path / "new.onnx")
    assert caught.value.code == "disk-full"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.onnx"]


def test_saving_over_the_opened_file_keeps_its_weights(tmp_path: Path) -> None:
    document = open_proto(tmp_path, weighty(tmp_path))
    rename(document, "value:raw", "kernel")
    expected = model_bytes(document)
    write_model(document, document.path, overwrite=True)
    assert document.path.read_bytes() == expected
    assert model_bytes(document) == expected


def test_a_node_whose_names_are_no_utf8_can_be_edited(tmp_path: Path) -> None:
    node = NodeProto(op_type="Relu", input=["x"])
    node.MergeFromString(b"\x12\x02\xff\xfe")
    graph = helper.make_graph([], "g", [INFO("x", TensorProto.FLOAT, [1])], [])
    graph.node.append(node)
    document = open_proto(tmp_path, helper.make_model(graph))
    (node_id,) = document.node_ids()
    assert node_id == "node:\ufffd\ufffd"
    tx = Transaction(document)
    tx.put(replace(tx.node(node_id), name="mended", doc="\udcfe"))
    data = model_bytes(document)
    assert b"\x12\x02\xff\xfe" in data
    assert b"\x32\x01\xfe" in data
    rename(document, document.node(node_id).outputs[0], "good")
    assert saved(document).graph.node[0].output == ["good"]


def test_an_output_that_ceases_to_be_one_keeps_its_declared_type(tmp_path: Path) -> None:
    document = open_text(tmp_path, "agraph (float[4] x) => (float[4] a, float[4] b) { a = Relu (x)  b = Abs (x) }")
    tx = Transaction(document)
    tx.put(replace(tx.graph("graph:"), outputs=("value:b",)))
    graph = saved(document).graph
    assert [o.name for o in graph.output] == ["b"]
    assert [(i.name, i.type.tensor_type.shape.dim[0].dim_value) for i in graph.value_info] == [("a", 4)]
    document.apply(tx.delta().inverse())
    assert model_bytes(document) == document.path.read_bytes()


def test_a_declared_intermediate_becomes_an_output_with_its_type(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    tx = Transaction(document)
    tx.put(replace(tx.graph("graph:"), outputs=("value:y", "value:h")))
    proto = saved(document)
    assert proto.graph.output[1] == proto.graph.value_info[0]
    onnx.checker.check_model(proto, full_check=True)


def test_a_model_without_a_graph_is_what_it_was_once_its_first_node_is_undone(tmp_path: Path) -> None:
    path = tmp_path / "none.onnx"
    path.write_bytes(onnx.ModelProto(ir_version=8).SerializeToString())
    document = open_model(path)
    applied = apply_edit(document, parse_edit({"kind": "add-node", "op_type": "Relu", "inputs": []}))
    assert onnx.ModelProto.FromString(model_bytes(document)).graph.node[0].op_type == "Relu"
    document.apply(applied.delta.inverse())
    assert model_bytes(document) == path.read_bytes()
