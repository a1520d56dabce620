"""Tests of sort-nodes."""

from __future__ import annotations

from pathlib import Path

import onnx

from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.transforms.takeover import take_over
from tests.laws import HEADER, Checked, check_edit, check_rejected, document_of

SORT = {"kind": "sort-nodes"}


def sort(model: str | onnx.ModelProto) -> Checked:
    return check_edit(model, SORT)


def made(graph: onnx.GraphProto | onnx.FunctionProto) -> list[str]:
    return [node.output[0] for node in graph.node]


def test_a_node_moves_behind_what_it_reads_and_others_stay() -> None:
    checked = sort("""g (float[3] x) => (float[3] y) {
      c = Neg(b)
      a = Relu(x)
      b = Sin(a)
      y = Add(c, a)
    }""")
    assert made(checked.proto.graph) == ["a", "b", "c", "y"]
    assert [change.id for change in checked.applied.delta.changes] == ["node:c"]
    assert checked.applied.report == {"moved": 1, "graphs": 1}
    assert checked.applied.title == "Sorted nodes: moved 1 behind what it reads"
    onnx.checker.check_model(checked.proto, full_check=True)


def test_a_chain_that_stands_backwards_is_turned() -> None:
    model = onnx.parser.parse_model(HEADER + "g (float[3] x) => (float[3] v200) { }")
    for number in range(200, 0, -1):
        model.graph.node.add(op_type="Relu", input=[f"v{number - 1}" if number > 1 else "x"], output=[f"v{number}"])
    assert made(sort(model).proto.graph) == [f"v{number}" for number in range(1, 201)]


def test_what_a_body_reads_counts_for_the_node_that_holds_it() -> None:
    checked = sort("""g (bool c, float[3] x) => (float[3] y) {
      y = If (c) <then_branch = t () => (float[3] p) { p = Abs(a) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
      a = Relu(x)
    }""")
    assert made(checked.proto.graph) == ["a", "y"]


def test_bodies_and_functions_are_sorted_too() -> None:
    checked = sort("""<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
      g (bool c, float[3] x) => (float[3] y) {
        y = If (c) <then_branch = t () => (float[3] p) { p = Abs(q)
          q = my.twice(x) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
      }
      <domain: "my", opset_import: ["" : 21]> twice (i) => (o) { o = Relu(h)
        h = Add(i, i) }""")
    assert made(checked.proto.graph.node[0].attribute[0].g) == ["q", "p"]
    assert made(checked.proto.functions[0]) == ["h", "o"]


def test_a_cycle_has_no_order() -> None:
    error = check_rejected(
        "g (float[3] x) => (float[3] y) { y = Add(x, b)\n a = Neg(b)\n b = Sin(a) }", SORT, says="cycle"
    )
    assert set(error.subjects) == {"node:y", "node:a", "node:b"}


def test_a_model_in_order_stays_as_it_is() -> None:
    checked = sort("g (float[3] x) => (float[3] y) { a = Relu(x)\n y = Neg(a) }")
    assert checked.applied.delta.is_empty
    assert checked.applied.title == "Sorted nothing: all is in order"


def test_what_an_engine_wires_anew_stands_behind_what_it_reads(tmp_path: Path) -> None:
    text = "g (float[3] x) => (float[3] y) { a = Relu(x)\n b = Neg(x)\n y = Add(a, b) }"
    document = document_of(text)
    result = onnx.parser.parse_model(HEADER + text.replace("a = Relu(x)\n b = Neg(x)", "b = Neg(x)\n a = Relu(b)"))
    take_over(Transaction(document), result, tmp_path, drop_defaults=False)
    assert document.node_ids() == ("node:b", "node:a", "node:y")
