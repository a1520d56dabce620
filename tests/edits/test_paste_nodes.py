"""Tests of paste-nodes, and of the fragments that copying gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.document.store import TensorStore
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.edits.fragment_writing import cut_fragment
from onnx_scalpel.edits.fragments import LARGEST_FRAGMENT, references_in
from onnx_scalpel.errors import AppError
from tests.laws import Checked, check_edit, check_rejected, document_of
from tests.outputs import outputs_of
from tests.shared_models import shared_model

SOURCE = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
g (float[3] x, bool c) => (float[3] y) <float[3] w = {1, 2, 3}, float[3] a> {
  [first] a = Relu(x)
  [second] b = Mul(a, w)
  [third] d = my.twice <scale = 0.5> (b)
  y = If (c) <then_branch = t () => (float[3] p) <float[3] v = {4, 5, 6}> { q = Neg(d)
                p = Mul(q, v) },
              else_branch = e () => (float[3] r) { r = Add(d, w) }> }
<domain: "my", opset_import: ["" : 21, "my" : 1]> twice <scale> (i) => (o) { h = my.half(i)
  o = Add(i, h) }
<domain: "my", opset_import: ["" : 21]> half (i) => (o) { s = Constant <value = float {0.5}> ()
  o = Mul(i, s) }
"""
EMPTY = """<ir_version: 10, opset_import: ["" : 21]>
g (float[3] x, bool c) => (float[3] z) { z = Neg(x) }"""
OLD = """<ir_version: 7, opset_import: ["" : 11]>
g (float[3] x) => (float[3] z) { z = Neg(x) }"""
BODY_TARGET = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
g (float[3] x, bool c) => (float[3] z) {
  k = Relu(x)
  u = my.around(k)
  z = If (c) <then_branch = t () => (float[3] p) { p = Neg(u) }, else_branch = e () => (float[3] r) { r = Abs(u) }> }
<domain: "my", opset_import: ["" : 21]> around (x) => (o) { o = Abs(x) }
"""


def fragment(model: str | Path | onnx.ModelProto, *nodes: str) -> dict[str, Any]:
    """What copying gives, as it comes back from a browser: through JSON and through numbers of 64 bits."""
    return json.loads(json.dumps(cut_fragment(document_of(model), list(nodes))))


def pasting(what: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"kind": "paste-nodes", "fragment": what, **more}


def wires(checked: Checked) -> list[tuple[list[str], list[str]]]:
    return [(list(node.input), list(node.output)) for node in checked.proto.graph.node]


def test_nodes_come_with_the_initializers_they_read_and_join_what_has_the_name_and_type() -> None:
    checked = check_edit(EMPTY, pasting(fragment(SOURCE, "node:a", "node:b")))
    assert wires(checked) == [(["x"], ["z"]), (["x"], ["a"]), (["a", "w"], ["b"])]
    assert onnx.numpy_helper.to_array(checked.proto.graph.initializer[0]).tolist() == [1, 2, 3]
    assert [info.name for info in checked.proto.graph.value_info] == ["a"]
    assert checked.applied.report == {}
    onnx.checker.check_model(checked.proto, full_check=True)


def test_without_keeping_inputs_they_are_left_open_and_told() -> None:
    checked = check_edit(EMPTY, pasting(fragment(SOURCE, "node:a", "node:b"), keep_inputs=False))
    assert wires(checked)[1:] == [([], ["a"]), (["a", "w"], ["b"])]
    assert checked.applied.report == {"open_inputs": ["x"]}
    assert checked.applied.title == "Pasted 2 nodes; an input is left open: x"


def test_a_value_of_the_name_but_another_type_is_not_joined() -> None:
    other = EMPTY.replace("float[3] x", "int64[3] x").replace("float[3] z", "int64[3] z")
    checked = check_edit(other, pasting(fragment(SOURCE, "node:a")))
    assert wires(checked)[1] == ([], ["a"])


def test_types_that_were_declared_for_another_shape_stay_behind() -> None:
    other = EMPTY.replace("float[3]", "float[5]")
    checked = check_edit(other, pasting(fragment(SOURCE, "node:a")))
    assert wires(checked)[1] == (["x"], ["a"])
    assert not checked.proto.graph.value_info


def test_pasted_where_they_come_from_they_get_free_names_and_share_the_initializers() -> None:
    checked = check_edit(SOURCE, pasting(fragment(SOURCE, "node:a", "node:b")))
    assert wires(checked)[-2:] == [(["x"], ["a_2"]), (["a_2", "w"], ["b_2"])]
    assert [node.name for node in checked.proto.graph.node][-2:] == ["first_2", "second_2"]
    assert [i.name for i in checked.proto.graph.initializer] == ["w"]


def test_a_suffix_comes_behind_every_name_first() -> None:
    checked = check_edit(EMPTY, pasting(fragment(SOURCE, "node:a", "node:b"), suffix=".1"))
    assert wires(checked)[1:] == [(["x"], ["a.1"]), (["a.1", "w.1"], ["b.1"])]


def test_an_initializer_of_the_name_with_other_data_stays_and_the_new_one_gets_another_name() -> None:
    other = EMPTY.replace("=> (float[3] z)", "=> (float[3] z) <float[3] w = {7, 8, 9}>")
    checked = check_edit(other, pasting(fragment(SOURCE, "node:a", "node:b")))
    assert {i.name: onnx.numpy_helper.to_array(i).tolist() for i in checked.proto.graph.initializer} == {
        "w": [7, 8, 9],
        "w_2": [1, 2, 3],
    }


def test_the_functions_that_are_called_come_along_and_compute_the_same() -> None:
    checked = check_edit(EMPTY, pasting(fragment(SOURCE, "node:a", "node:b", "node:d", "node:y")))
    assert {f.name for f in checked.proto.functions} == {"twice", "half"}
    checked.proto.graph.output.append(onnx.helper.make_tensor_value_info("y", 1, [3]))
    onnx.checker.check_model(checked.proto, full_check=True)
    for c in (True, False):
        feed = {"x": [1, -2, 3], "c": c}
        [expected] = outputs_of(onnx.parser.parse_model(SOURCE), feed)
        assert outputs_of(checked.proto, feed)[1].tolist() == expected.tolist()


def test_a_function_that_is_there_already_is_called() -> None:
    document = document_of(EMPTY)
    what = fragment(SOURCE, "node:d")
    for _ in range(2):
        apply_edit(document, parse_edit(pasting(what)))
    proto = onnx.ModelProto.FromString(model_bytes(document))
    assert sorted(f.name for f in proto.functions) == ["half", "twice"]


def test_another_function_of_the_name_is_asked_about() -> None:
    other = SOURCE.replace("o = Mul(i, s)", "o = Sub(i, s)")
    what = fragment(SOURCE, "node:d")
    error = check_rejected(other, pasting(what), code="choice-needed", says="another function half")
    assert [choice["functions"] for choice in error.choices or ()] == ["use", "rename"]
    used = check_edit(other, pasting(what, functions="use"))
    assert len(used.proto.functions) == 2
    renamed = check_edit(other, pasting(what, functions="rename"))
    assert sorted(f.name for f in renamed.proto.functions) == ["half", "half_2", "twice"]
    assert renamed.proto.graph.node[-1].op_type == "twice"


def test_a_renamed_function_is_called_by_what_comes_with_it() -> None:
    other = SOURCE.replace("o = Add(i, h)", "o = Sub(i, h)").replace("o = Mul(i, s)", "o = Sub(i, s)")
    checked = check_edit(other, pasting(fragment(SOURCE, "node:d"), functions="rename"))
    twice = next(f for f in checked.proto.functions if f.name == "twice_2")
    assert twice.node[0].op_type == "half_2"
    assert checked.proto.graph.node[-1].op_type == "twice_2"
    onnx.checker.check_model(checked.proto)


def test_an_operator_of_another_opset_is_asked_about_where_it_may_mean_something_else() -> None:
    softmax = """<ir_version: 10, opset_import: ["" : 21]>
    g (float[2,3] x) => (float[2,3] y) { y = Softmax(x) }"""
    error = check_rejected(OLD, pasting(fragment(softmax, "node:y")), code="choice-needed", says="Softmax")
    assert [choice["opset"] for choice in error.choices or ()] == ["this"]
    check_edit(OLD, pasting(fragment(softmax, "node:y"), opset="this"))
    relu = softmax.replace("Softmax", "Concat<axis = 1>")
    check_edit(EMPTY, pasting(fragment(relu.replace("21]", "13]"), "node:y")))


def test_a_domain_is_imported_with_the_nodes_that_need_it() -> None:
    custom = """<ir_version: 10, opset_import: ["" : 21, "lab" : 3]>
    g (float[3] x) => (float[3] y) { y = lab.Ponder(x) }"""
    checked = check_edit(EMPTY, pasting(fragment(custom, "node:y")))
    assert {(o.domain, o.version) for o in checked.proto.opset_import} == {("", 21), ("lab", 3)}


def test_functions_set_the_ir_version_of_an_old_model() -> None:
    checked = check_edit(OLD, pasting(fragment(SOURCE, "node:d"), opset="this"))
    assert checked.proto.ir_version == 8


def test_initializers_become_constants_in_a_function_and_initializers_in_a_body() -> None:
    what = fragment(SOURCE, "node:a", "node:b")
    checked = check_edit(BODY_TARGET, pasting(what, graph="graph:my::around:"))
    around = next(f for f in checked.proto.functions if f.name == "around")
    assert [n.op_type for n in around.node] == ["Abs", "Constant", "Relu", "Mul"]
    assert list(around.node[2].input) == ["x"]
    inside = check_edit(BODY_TARGET, pasting(what, graph="graph:node:z.then_branch"))
    then = next(a.g for a in inside.proto.graph.node[-1].attribute if a.name == "then_branch")
    assert [i.name for i in then.initializer] == ["w"]
    onnx.checker.check_model(inside.proto)


def test_a_function_cannot_be_pasted_into_itself() -> None:
    called = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
    g (float[3] x) => (float[3] y) { y = my.around(x) }
    <domain: "my", opset_import: ["" : 21, "my" : 1]> around (x) => (o) { o = Abs(x) }"""
    error = check_rejected(called, pasting(fragment(called, "node:y"), graph="graph:my::around:"))
    assert "itself" in error.message


def test_a_reference_to_an_attribute_of_its_function_is_the_default_or_refused() -> None:
    source = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
    g (float[3] x) => (float[3] y) { y = my.soft(x) }
    <domain: "my", opset_import: ["" : 21]> soft <alpha: float = 0.25> (i) => (o) { o = LeakyRelu <alpha: float = @alpha> (i) }"""
    what = fragment(source, "node:o@my::soft:")
    checked = check_edit(EMPTY, pasting(what))
    assert checked.proto.graph.node[-1].attribute[0].f == 0.25
    bare = fragment(source.replace("<alpha: float = 0.25>", "<alpha>"), "node:o@my::soft:")
    check_rejected(EMPTY, pasting(bare), says="alpha")


def test_what_browsers_cannot_count_comes_through() -> None:
    proto = onnx.parser.parse_model(EMPTY)
    node = onnx.helper.make_node("Ponder", ["x"], ["p"], name="odd", domain="lab")
    node.attribute.extend(
        onnx.helper.make_attribute(name, value)
        for name, value in {
            "big": 2**62 + 1,
            "bigs": [-(2**63), 5],
            "nan": float("nan"),
            "floats": [float("inf"), -0.0, 0.1],
            "text": b"\xff\xfe",
            "texts": ["a", "ü"],
            "tensor": onnx.numpy_helper.from_array(np.arange(6, dtype=np.int64).reshape(2, 3)),
            "words": onnx.helper.make_tensor("", onnx.TensorProto.STRING, [2], [b"a", b"\xff"]),
            "type": onnx.helper.make_tensor_type_proto(1, ["N", 3]),
        }.items()
    )
    node.metadata_props.add(key="from", value="somewhere")
    proto.graph.node.append(node)
    proto.opset_import.add(domain="lab", version=1)
    checked = check_edit(EMPTY, pasting(fragment(proto, "node:p")))
    pasted = checked.proto.graph.node[-1]
    for attribute in node.attribute:
        found = next(a for a in pasted.attribute if a.name == attribute.name)
        if attribute.type == onnx.AttributeProto.TENSOR and attribute.name == "tensor":
            assert onnx.numpy_helper.to_array(found.t).tolist() == [[0, 1, 2], [3, 4, 5]]
        elif attribute.name != "words":
            assert found == attribute or attribute.name == "nan"
    assert pasted.metadata_props[0].value == "somewhere"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, "must be nodes that were copied"),
        ({"fragment": 2}, "as this version writes them"),
        ({"fragment": 1, "nodes": []}, "nodes"),
        ({"fragment": 1, "nodes": [{"op_type": "Relu", "inputs": ["value:x"]}]}, "names a value that is not in it"),
        ({"fragment": 1, "nodes": [{"op_type": "Relu", "evil": 1}]}, "nodes[0]"),
        ({"fragment": 1, "nodes": [{"op_type": "Relu", "attributes": {"a": {"type": "GRAPH", "value": 3}}}]}, "no fragment"),
        ({"fragment": 1, "nodes": [{"op_type": "R", "attributes": {"a": {"type": "INT", "value": "x"}}}]}, "whole number"),
        ({"fragment": 1, "nodes": [{"op_type": "R", "attributes": {"a": {"type": "NEW", "value": 1}}}]}, "unknown type"),
        ({"fragment": 1, "nodes": [{"op_type": "R", "inputs": ["k"]}], "inputs": {"k": {"name": "k", "tensor": {"dtype": "float32", "shape": [3], "base64": "AAAA"}}}}, "bytes"),
        ({"fragment": 1, "nodes": [{"op_type": "R", "outputs": ["k", "k"]}], "values": {"k": {"name": "k"}}}, "two nodes make"),
    ],
)  # fmt: skip
def test_what_is_no_fragment_is_told_at_the_field(wrong: dict[str, Any], says: str) -> None:
    error = check_rejected(EMPTY, pasting(wrong), code="wrong-parameters", says=says)
    assert says in (error.fields or {})["fragment"]


def big(path: Path) -> Path:
    weights = np.arange(40_000, dtype=np.float32)
    proto = onnx.helper.make_model(
        onnx.helper.make_graph(
            [onnx.helper.make_node("Mul", ["x", "big"], ["y"], name="scale")],
            "g",
            [onnx.helper.make_tensor_value_info("x", 1, [40_000])],
            [onnx.helper.make_tensor_value_info("y", 1, [40_000])],
            [onnx.numpy_helper.from_array(weights, "big")],
        ),
        opset_imports=[onnx.helper.make_opsetid("", 21)],
        ir_version=10,
    )
    path.write_bytes(proto.SerializeToString())
    return path


def test_a_large_tensor_is_named_and_does_not_travel(tmp_path: Path) -> None:
    what = fragment(big(tmp_path / "big.onnx"), "node:y")
    [named] = references_in(what)
    assert (named["source"], named["bytes"]) == ("value:big", 160_000)
    assert len(json.dumps(what)) < 1000


def test_pasted_where_it_comes_from_a_large_tensor_is_shared(tmp_path: Path) -> None:
    path = big(tmp_path / "big.onnx")
    checked = check_edit(path, pasting(fragment(path, "node:y")), file=path)
    assert wires(checked)[1] == (["x", "big"], ["y_2"])
    unshared = check_edit(path, pasting(fragment(path, "node:y"), keep_inputs=False), file=path)
    assert {i.name for i in unshared.proto.graph.initializer} == {"big", "big_2"}
    first, second = (onnx.numpy_helper.to_array(i) for i in unshared.proto.graph.initializer)
    assert (first == second).all()


def test_a_large_tensor_of_another_model_is_asked_about_by_name(tmp_path: Path) -> None:
    what = fragment(big(tmp_path / "big.onnx"), "node:y")
    error = check_rejected(EMPTY, pasting(what), code="choice-needed", says="big")
    assert [choice["tensors"] for choice in error.choices or ()] == ["leave"]
    checked = check_edit(EMPTY, pasting(what, tensors="leave"))
    assert wires(checked)[1] == (["x"], ["y"])
    assert checked.applied.report == {"open_inputs": ["big"]}


def test_a_large_tensor_that_was_brought_into_the_store_is_used(tmp_path: Path) -> None:
    what = fragment(big(tmp_path / "big.onnx"), "node:y")
    store = TensorStore()
    data = np.arange(40_000, dtype=np.float32).tobytes()
    for named in references_in(what):
        del named["source"]
        named["digest"] = store.add(data)
    target = tmp_path / "target.onnx"
    target.write_bytes(onnx.parser.parse_model(EMPTY).SerializeToString())
    document = open_model(target, store)
    apply_edit(document, parse_edit(pasting(what)))
    proto = onnx.ModelProto.FromString(model_bytes(document))
    assert onnx.numpy_helper.to_array(proto.graph.initializer[0]).tobytes() == data


def test_nodes_of_several_graphs_are_not_copied_together() -> None:
    with pytest.raises(AppError, match="several graphs"):
        cut_fragment(document_of(SOURCE), ["node:a", "node:q@y.then_branch"])


def test_what_is_too_large_to_be_copied_is_refused() -> None:
    nodes = [onnx.helper.make_node("Relu", [f"v{i}"], [f"v{i + 1}"], doc_string="x" * 10_000) for i in range(700)]
    proto = onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", [], []))
    with pytest.raises(AppError) as refused:
        cut_fragment(document_of(proto), [f"node:v{i + 1}" for i in range(700)])
    assert refused.value.status == 413 and f"{LARGEST_FRAGMENT >> 20} MB" in refused.value.message


ODD = [
    "all_attribute_types", "empty_optional_inputs", "exotic_dtypes", "functions_with_overloads", "int64_beyond_2p53",
    "nested_28_levels", "no_names_at_all", "optional_types", "sequence_types", "shadowed_subgraph_names",
    "sparse_initializer", "string_tensors", "unicode_names", "unknown_protobuf_fields",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_models_are_pasted_whole(name: str) -> None:
    """Every node of the model, once more beside itself."""
    path = shared_model(f"odd/{name}.onnx")
    document = open_model(path)
    nodes = list(document.node_ids("graph:"))
    check_edit(path, pasting(json.loads(json.dumps(cut_fragment(document, nodes)))))
