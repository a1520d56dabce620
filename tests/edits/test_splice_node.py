"""Tests of splice-node."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from tests.laws import check_edit, check_rejected

LOOSE = """g (float[3] x) => (float[3] y, float[3] z) {
  a = Relu(x)
  y = Neg(a)
  z = Abs(a)
  [loose] l = Sigmoid()
}"""


def splice(value: str, node: str = "node:l", **more: Any) -> dict[str, Any]:
    return {"kind": "splice-node", "node": node, "value": value, **more}


def wires(graph: onnx.GraphProto) -> set[str]:
    return {f"{','.join(n.output)} = {n.op_type}({','.join(n.input)})" for n in graph.node}


def test_it_reads_the_value_and_all_that_read_it_read_the_node() -> None:
    checked = check_edit(LOOSE, splice("value:a"))
    assert wires(checked.proto.graph) == {"a = Relu(x)", "l = Sigmoid(a)", "y = Neg(l)", "z = Abs(l)"}
    assert checked.applied.title == "Put loose on a"


def test_only_the_consumers_that_are_named_read_it() -> None:
    found = wires(check_edit(LOOSE, splice("value:a", consumers=[{"node": "node:z", "slot": 0}])).proto.graph)
    assert {"y = Neg(a)", "z = Abs(l)"} < found


def test_a_graph_output_keeps_its_name() -> None:
    checked = check_edit(LOOSE, splice("value:y"))
    assert {"y_before = Neg(a)", "y = Sigmoid(y_before)"} < wires(checked.proto.graph)
    assert checked.document.graph("graph:").outputs == ("value:y", "value:z")


def test_a_node_that_hangs_on_the_value_takes_over_its_other_readers() -> None:
    model = "g (float[3] x) => (float[3] y) { a = Relu(x)\n l = Sigmoid(a)\n y = Neg(a) }"
    assert "y = Neg(l)" in wires(check_edit(model, splice("value:a")).proto.graph)


@pytest.mark.parametrize(
    ("model", "edit", "says"),
    [
        (LOOSE, splice("value:x", "node:a"), "reads what Relu makes already"),
        (LOOSE, splice("value:l", "node:l"), "nothing else reads l"),
        ("g (float[3] x) => (float[3] y) { y = Neg(x)\n l = Not() }", splice("value:x"), "bool"),
    ],
)
def test_it_is_refused_with_what_is_in_the_way(model: str, edit: dict[str, Any], says: str) -> None:
    check_rejected(model, edit, says=says)
