"""A node put on a wire is named into the scope that holds both ends of the wire."""

from __future__ import annotations

from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from onnx_scalpel.document.exporter_scopes import NAMES
from onnx_scalpel.edits.node_scopes import scope_in
from tests.laws import check_edit

X, Y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [3]) for name in "xy")


def chain(*names: str, scopes: tuple[str, ...] = ()) -> onnx.ModelProto:
    """Nodes one behind the other, each makes `<its name>_out` as exporters write it, the last one y."""
    nodes, before = [], "x"
    for at, name in enumerate(names):
        made = "y" if at == len(names) - 1 else f"{name}_out"
        nodes.append(helper.make_node("Relu", [before], [made], name=name))
        before = made
    for node, scope in zip(nodes, scopes, strict=False):
        node.metadata_props.add(key=NAMES, value=scope)
    graph = helper.make_graph(nodes, "g", [X], [Y])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


def inserted(model: onnx.ModelProto, value: str, **more: Any) -> str:
    edit = {"kind": "insert-node", "op_type": "Neg", "domain": "", "value": f"value:{value}", **more}
    return next(n.name for n in check_edit(model, edit).proto.graph.node if n.op_type == "Neg")


@pytest.mark.parametrize(
    ("names", "value", "name"),
    [
        (("/l.0/norm/Mul", "/l.0/mlp/up/MatMul", "/o"), "/l.0/norm/Mul_out", "/l.0/Mul_out_Neg"),
        (("/l.0/mlp/up/MatMul", "/l.0/mlp/Mul", "/o"), "/l.0/mlp/up/MatMul_out", "/l.0/mlp/MatMul_out_Neg"),
        (("/up.3/conv", "/up.2/resize", "/o"), "/up.3/conv_out", "/conv_out_Neg"),
        (("m.layers.0.norm.a", "m.layers.0.mlp.b", "m.c"), "m.layers.0.norm.a_out", "m.layers.0.a_out_Neg"),
        (("m.layers.0.norm.a", "m/layers.0/mlp/b", "m.c"), "m.layers.0.norm.a_out", "m.layers.0.a_out_Neg"),
        (("/a/b", "/a/c"), "x", "/x_Neg"),
        (("/a/b", "/a/c"), "y", "/y_Neg"),
    ],
)
def test_it_is_in_the_innermost_scope_that_holds_both_ends(names: tuple[str, ...], value: str, name: str) -> None:
    assert inserted(chain(*names), value) == name


@pytest.mark.parametrize(
    ("names", "value"),
    [
        (("/a/b", "/a/c", "/d"), "/a/b_out"),
        (("b", "c"), "b_out"),
        (("", ""), "_out"),
        (("b", "c"), "x"),
        (("b", "/a/c"), "b_out"),
    ],
)
def test_within_one_scope_or_where_names_say_none_it_is_named_after_the_value(
    names: tuple[str, ...], value: str
) -> None:
    assert inserted(chain(*names), value) == f"{value}_Neg"


def test_what_an_exporter_wrote_says_the_scope() -> None:
    scopes = ("['', 'enc', 'enc.layer.0', 'n0']", "['', 'enc', 'enc.layer.1', 'n1']", "['', 'enc', 'n2']")
    assert inserted(chain("n0", "n1", "n2", scopes=scopes), "n0_out") == "enc/n0_out_Neg"


def test_a_reader_in_the_maker_s_own_scope_keeps_it_there() -> None:
    model = chain("/a/b/one", "/a/b/two", "/a/c/three")
    model.graph.node[2].op_type = "Add"
    model.graph.node[2].input.append("/a/b/one_out")
    assert inserted(model, "/a/b/one_out") == "/a/b/one_out_Neg"
    assert inserted(model, "/a/b/one_out", consumers=["node:y"]) == "/a/one_out_Neg"


def test_what_a_body_reads_is_read_by_the_node_that_has_the_body() -> None:
    then, other = (
        helper.make_graph(
            [helper.make_node(op, ["/a/b_out"], [made], name=f"/deep/in/{op}")],
            op,
            [],
            [helper.make_tensor_value_info(made, 1, [3])],
        )
        for op, made in (("Abs", "p"), ("Sqrt", "r"))
    )
    nodes = [
        helper.make_node("Relu", ["x"], ["/a/b_out"], name="/a/b"),
        helper.make_node("If", ["c"], ["y"], name="/d/if", then_branch=then, else_branch=other),
    ]
    condition = helper.make_tensor_value_info("c", TensorProto.BOOL, [])
    graph = helper.make_graph(nodes, "g", [condition, X], [Y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    assert inserted(model, "/a/b_out") == "/b_out_Neg"


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("/encoder/0/Conv", ("encoder", "encoder.0")),
        ("model.layers.0.mlp.a", ("model", "layers.0", "mlp")),
        ("net.0.1.conv", ("net.0", "net.0.1")),
        ("weight.5", None),
        ("Conv_0", None),
        ("/Relu", ()),
        ("", None),
    ],
)
def test_a_name_says_a_scope(name: str, scope: tuple[str, ...] | None) -> None:
    assert scope_in(name) == scope
