"""The cost of a run, held against what can be reckoned by hand."""

from __future__ import annotations

import onnx
import pytest

from onnx_scalpel.inspectors.cost import CostInspector
from tests.inspectors.models import facts_of, functions_model, inspected
from tests.laws import HEADER

IN_OUT = "g (float[{x}] x, float[{w}] w) => (float[{y}] y)"


@pytest.mark.parametrize(
    ("x", "w", "y", "node", "macs"),
    [
        ("2,3", "3,4", "2,4", "MatMul(x, w)", 2 * 4 * 3),
        ("5,2,3", "3,4", "5,2,4", "MatMul(x, w)", 5 * 2 * 4 * 3),
        ("2,3", "4,3", "2,4", "Gemm <transB = 1> (x, w)", 2 * 4 * 3),
        ("3,2", "3,4", "2,4", "Gemm <transA = 1> (x, w)", 2 * 4 * 3),
        ("1,3,8,8", "16,3,3,3", "1,16,6,6", "Conv(x, w)", 16 * 6 * 6 * 3 * 3 * 3),
        ("1,4,8,8", "4,1,3,3", "1,4,6,6", "Conv <group = 4> (x, w)", 4 * 6 * 6 * 3 * 3),
        ("1,3,4,4", "3,8,2,2", "1,8,5,5", "ConvTranspose(x, w)", 3 * 4 * 4 * 8 * 2 * 2),
        ("2,3", "3,4", "2,4", 'Einsum <equation = "ij,jk->ik"> (x, w)', 2 * 3 * 4),
    ],
)
def test_multiply_accumulates_are_those_of_the_textbook(x: str, w: str, y: str, node: str, macs: int) -> None:
    facts = facts_of(CostInspector(), f"{IN_OUT.format(x=x, w=w, y=y)} {{ y = {node} }}")
    assert facts["macs"] == macs and facts["matrix_unknown"] == 0


def test_a_recurrent_layer_counts_its_gates_for_each_step() -> None:
    text = "g (float[7,2,5] x, float[1,12,5] w, float[1,12,3] r) => (float[7,1,2,3] y) { y = LSTM <hidden_size = 3> (x, w, r) }"
    assert facts_of(CostInspector(), text)["macs"] == 7 * 2 * 4 * 3 * (5 + 3)


def test_open_dims_have_the_sizes_of_a_run() -> None:
    facts = facts_of(CostInspector(), "g (float[batch,3] x, float[3,4] w) => (float[batch,4] y) { y = MatMul(x, w) }")
    assert facts["sizes"] == {"batch": 1} and facts["macs"] == 12


def test_sizes_follow_through_the_model() -> None:
    text = (
        "g (float[batch,3] x, float[3,4] w, float[4,5] v) => (y) { a = MatMul(x, w)\n b = Relu(a)\n y = MatMul(b, v) }"
    )
    assert facts_of(CostInspector(), text)["macs"] == 12 + 20


def test_a_node_without_known_sizes_is_counted_as_unknown() -> None:
    model = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17, "odd" : 1]>'
        "g (float[2,3] x, float[3,4] w) => (float[2,4] y) { a = odd.Thing(x)\n y = MatMul(a, w) }"
    )
    facts = facts_of(CostInspector(), model)
    assert (facts["matrix_nodes"], facts["matrix_unknown"]) == (1, 1)


def test_functions_count_as_often_as_they_are_called() -> None:
    facts = facts_of(CostInspector(), functions_model())
    nodes = {one["op_type"]: one["nodes"] for one in facts["by_operator"]}
    assert nodes["Mul"] == 2 and nodes["Relu"] == 2


def test_moving_data_is_no_work() -> None:
    facts = facts_of(CostInspector(), "g (float[2,3] x) => (float[3,2] y) { y = Transpose <perm = [1, 0]> (x) }")
    assert facts["flops"] == 0


def test_memory_is_what_is_alive_at_a_time() -> None:
    text = "g (float[100] x) => (float[100] y) { a = Relu(x)\n b = Relu(a)\n c = Relu(b)\n y = Relu(c) }"
    facts = facts_of(CostInspector(), text)
    assert (facts["activation_bytes"], facts["peak_bytes"]) == (1600, 800)


def test_the_heaviest_nodes_can_be_found() -> None:
    facts = facts_of(CostInspector(), f"{IN_OUT.format(x='2,3', w='3,4', y='2,4')} {{ y = MatMul(x, w) }}")
    assert [(one["node"], one["macs"]) for one in facts["heaviest"]] == [("node:y", 24)]


def test_without_libraries_the_cost_is_not_known() -> None:
    model = inspected(HEADER + "g (float[2] x) => (float[2] y) { y = Neg(x) }")
    bare = type(model)(model.document, model.proto, libraries=False)
    assert CostInspector().inspect(bare)["known"] is False
