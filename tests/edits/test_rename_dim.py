"""Tests of rename-dim."""

from __future__ import annotations

import onnx
import pytest

from onnx_scalpel.document.inference import dim_names
from tests.laws import Checked, check_edit, check_rejected

MODEL = """g (bool c, float[N,3] x, float[M,3] z, seq(float[N,M]) q) => (float[N,3] y, float[?,3] u) <float[N,3] a> {
  a = Relu(x)
  u = Neg(z)
  y = If (c) <then_branch = t () => (float[N,3] p) <float[N,3] h> { h = Neg(a)
    p = Abs(h) }, else_branch = e () => (float[N,3] r) { r = Neg(a) }>
}"""


def rename(old: str, new: str) -> dict[str, str]:
    return {"kind": "rename-dim", "old": old, "new": new}


def all_dims(checked: Checked) -> list[str]:
    """The names of all dims, those in bodies and in sequences too."""
    graphs, found = [checked.proto.graph], []
    while graphs:
        graph = graphs.pop()
        for info in (*graph.input, *graph.output, *graph.value_info):
            found.extend(dim_names(info.type))
        graphs.extend(a.g for n in graph.node for a in n.attribute if a.HasField("g"))
    return sorted(found)


def test_it_is_renamed_wherever_the_model_says_it() -> None:
    checked = check_edit(MODEL, rename("N", "batch"))
    assert all_dims(checked) == ["M", "M", *["batch"] * 7]
    assert checked.applied.title == "Renamed the dim N to batch"
    onnx.checker.check_model(checked.proto, full_check=True)


def test_a_name_that_is_there_already_makes_them_one() -> None:
    checked = check_edit(MODEL, rename("N", "M"))
    assert all_dims(checked) == ["M"] * 9
    assert checked.applied.title == "Renamed the dim N to M, one with those called so already"


def test_several_get_one_name_in_one_edit() -> None:
    checked = check_edit(MODEL, {"kind": "batch", "edits": [rename("N", "K"), rename("M", "K")]})
    assert all_dims(checked) == ["K"] * 9
    assert checked.applied.title == "Renamed 2 dims to K"


def test_types_in_attributes_and_in_functions_follow() -> None:
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]> g () => (optional(float[N]) y) { }')
    kind = model.graph.output[0].type.optional_type.elem_type
    model.graph.node.append(onnx.helper.make_node("Optional", [], ["y"], type=kind))
    function = onnx.helper.make_function("my", "f", ["i"], ["o"], [onnx.helper.make_node("Neg", ["i"], ["o"])], [])
    function.value_info.append(onnx.helper.make_tensor_value_info("i", onnx.TensorProto.FLOAT, ["N", 2]))
    model.functions.append(function)
    proto = check_edit(model, rename("N", "K")).proto
    assert list(dim_names(proto.graph.node[0].attribute[0].tp)) == ["K"]
    assert list(dim_names(proto.graph.output[0].type)) == ["K"]
    assert list(dim_names(proto.functions[0].value_info[0].type)) == ["K"]


def test_a_dim_that_an_edit_declared_is_found() -> None:
    assert check_edit(MODEL, rename("M", "M")).applied.delta.is_empty


@pytest.mark.parametrize(("old", "hint"), [("n", "the model has M, N"), ("NN", "did you mean N?")])
def test_a_name_that_no_dim_has_is_refused(old: str, hint: str) -> None:
    assert check_rejected(MODEL, rename(old, "batch"), says=f"no dim is called {old}").hint == hint


@pytest.mark.parametrize("new", ["3", " 4 ", "-1"])
def test_a_number_is_no_name(new: str) -> None:
    error = check_rejected(MODEL, rename("N", new), "wrong-parameters")
    assert error.fields == {"new": "is a number; a dim of a fixed size is set where it is declared"}
