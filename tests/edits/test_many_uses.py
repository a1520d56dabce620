"""Edits of a value that a hundred nodes read."""

from __future__ import annotations

import onnx
import pytest

from tests.laws import Checked, check_edit, check_rejected

READERS = 100


def fan(*more: str, outputs: str = "float[3] y") -> str:
    """t and u feed a hundred nodes each, one of them in two slots and two of them in bodies; v is made behind all others."""
    lines = ["t = Relu(x)", "u = Identity(x)", "k = Abs(x)"]
    lines += [f"a{i} = Neg(t)" for i in range(READERS)]
    lines += [f"b{i} = Add(u, w)" for i in range(READERS)]
    lines += ["twice = Mul(t, t)", "thrice = Mul(u, u)"]
    lines += [
        "e = If (c) <then_branch = th () => (float[3] p) { p = Abs(t) }, else_branch = el () => (float[3] r) { r = Add(u, w) }>"
    ]
    lines += ["v = Sin(k)", "y = Sum(a0, b0, twice, thrice, e)", *more]
    return f"g (bool c, float[3] x, float[3] w) => ({outputs}) {{ {' '.join(lines)} }}"


def rewirings(checked: Checked) -> list[tuple[str, str, int]]:
    return [(rewire.before, rewire.after, len(rewire.nodes)) for rewire in checked.applied.delta.rewires]


def reads(checked: Checked, output: str) -> list[str]:
    return list(next(node.input for node in checked.proto.graph.node if node.output[0] == output))


def test_all_uses_of_a_value_are_one_rewiring() -> None:
    checked = check_edit(fan(), {"kind": "replace-uses", "value": "value:t", "with": "value:x"})
    assert rewirings(checked) == [("value:t", "value:x", READERS + 3)]
    assert checked.applied.delta.changes == ()
    assert (reads(checked, "a7"), reads(checked, "twice"), reads(checked, "b7")) == (["x"], ["x", "x"], ["u", "w"])


def test_readers_of_a_value_that_is_made_behind_them_move_behind_it() -> None:
    checked = check_edit(fan(), {"kind": "replace-uses", "value": "value:t", "with": "value:v"})
    onnx.checker.check_model(checked.proto, full_check=True)
    assert reads(checked, "a99") == ["v"]


def test_a_value_that_the_readers_make_is_refused() -> None:
    check_rejected(fan(), {"kind": "replace-uses", "value": "value:t", "with": "value:y"}, says="cycle")


def test_a_type_that_one_reader_among_many_does_not_take_is_refused() -> None:
    check_rejected(fan(), {"kind": "replace-uses", "value": "value:t", "with": "value:c"}, says="bool")


def test_an_output_of_a_graph_that_many_read_is_handed_on() -> None:
    edit = {"kind": "replace-uses", "value": "value:t", "with": "value:u"}
    checked = check_edit(fan(outputs="float[3] y, float[3] t"), edit)
    assert ("value:u", "value:t", READERS + 3) in rewirings(checked)
    assert (reads(checked, "a7"), reads(checked, "b7")) == (["t"], ["t", "w"])


def test_a_node_that_many_read_is_removed_and_they_read_what_flowed_through() -> None:
    checked = check_edit(fan(), {"kind": "remove-nodes", "nodes": ["node:u"], "reconnect": True})
    assert rewirings(checked) == [("value:u", "value:x", READERS + 3)]
    assert reads(checked, "thrice") == ["x", "x"]


def test_a_node_that_makes_an_output_of_the_graph_is_removed_and_what_many_read_takes_its_name() -> None:
    checked = check_edit(
        fan("o = Identity(t)", outputs="float[3] y, float[3] o"),
        {"kind": "remove-nodes", "nodes": ["node:o"], "reconnect": True},
    )
    assert rewirings(checked) == [("value:t", "value:o", READERS + 3)]
    assert reads(checked, "a7") == ["o"]


@pytest.mark.parametrize("op_type", ["Relu", "Shape"])
def test_a_node_is_inserted_before_all_that_read_a_value(op_type: str) -> None:
    checked = check_edit(fan(), {"kind": "insert-node", "op_type": op_type, "value": "value:t"})
    assert rewirings(checked) == [("value:t", f"value:t_{op_type}", READERS + 3)]


def test_a_node_is_inserted_before_some_of_them() -> None:
    consumers = [f"node:a{i}" for i in range(0, READERS, 1) if i % 4]
    checked = check_edit(fan(), {"kind": "insert-node", "op_type": "Relu", "value": "value:t", "consumers": consumers})
    assert rewirings(checked) == [("value:t", "value:t_Relu", 75)]
    assert (reads(checked, "a4"), reads(checked, "a5")) == (["t"], ["t_Relu"])


def test_two_edits_of_the_same_uses_in_a_batch_are_one_change() -> None:
    edits = [
        {"kind": "replace-uses", "value": "value:t", "with": "value:k"},
        {"kind": "replace-uses", "value": "value:k", "with": "value:x"},
    ]
    checked = check_edit(fan(), {"kind": "batch", "edits": edits})
    assert reads(checked, "a7") == ["x"]
