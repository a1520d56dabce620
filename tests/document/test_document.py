"""A document gives records of what is there, and changes only by deltas that fit."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnx_graphsurgeon as gs
import pytest
from msgspec.structs import replace
from onnx import TensorProto, helper

from onnx_scalpel.document.delta import Change, Delta
from onnx_scalpel.document.document import Document, Slot
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.records import NodeRecord, ValueRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.errors import AppError
from tests.document.models import BRANCHES, CHAIN, open_text, rename
from tests.shared_models import shared_model

FUNCTION = """agraph (float[N] x) => (float[N] y) { y = local.double (x) }
<domain: "local", opset_import: ["" : 21]>
double (a) => (b) { t = Relu (a)  b = Add (t, a) }"""


def insert_relu(document: Document, after: str, value: str, name: str) -> Transaction:
    tx = Transaction(document)
    graph = document.node(after).graph
    new = tx.new_value_id(graph, name)
    tx.put(ValueRecord(new, graph, name))
    key = tx.new_node_id(graph, name)
    tx.put(NodeRecord(key, graph, "", "Relu", "", (value,), (new,), {}, document.order_after(after)))
    return tx


def test_the_live_document_is_a_graphsurgeon_graph(tmp_path: Path) -> None:
    document = open_text(tmp_path, BRANCHES)
    graph = document.gs_graph
    assert isinstance(graph, gs.Graph)
    assert [node.op for node in graph.nodes] == ["Abs", "If"]
    assert isinstance(graph.nodes[1].attrs["then_branch"], gs.Graph)
    assert isinstance(document.live_value("value:w").tensor, gs.Constant)
    rename(document, "value:h", "features")
    assert graph.nodes[0].outputs[0].name == "features"


def test_ids_come_from_names_and_scopes(tmp_path: Path) -> None:
    document = open_text(tmp_path, BRANCHES)
    assert document.node_ids() == ("node:h", "node:y")
    assert document.graph_ids() == ("graph:", "graph:node:y.then_branch", "graph:node:y.else_branch")
    assert document.node_ids("graph:node:y.else_branch") == ("node:h2@y.else_branch", "node:e@y.else_branch")
    assert document.value_ids("graph:node:y.then_branch") == ("value:t@y.then_branch",)


def test_a_name_that_is_taken_twice_gets_a_number() -> None:
    document = open_model(shared_model("odd/no_names_at_all.onnx"))
    assert len(set(document.value_ids())) == len(document.value_ids())
    again = open_model(document.path)
    assert again.value_ids() == document.value_ids()
    assert again.node_ids() == document.node_ids()


def test_consumers_in_bodies_count(tmp_path: Path) -> None:
    document = open_text(tmp_path, BRANCHES)
    assert document.consumers("value:w") == (Slot("node:e@y.else_branch", 1), Slot("node:t@y.then_branch", 1))
    assert document.producer("value:h") == Slot("node:h", 0)
    assert document.producer("value:x") is None


def test_names_are_seen_from_bodies_and_collide_with_names_in_bodies(tmp_path: Path) -> None:
    document = open_text(tmp_path, BRANCHES)
    assert document.value_named("graph:node:y.then_branch", "h") == "value:h"
    assert document.value_named("graph:", "h2") is None
    assert document.values_called("graph:", "h2") == ("value:h2@y.else_branch",)
    assert document.free_name("graph:", "h2") == "h2_2"


def test_kinds_follow_the_graph(tmp_path: Path) -> None:
    document = open_text(tmp_path, BRANCHES)
    assert [document.kind(f"value:{n}") for n in ("x", "w", "h", "y")] == [
        "input",
        "initializer",
        "intermediate",
        "output",
    ]


def test_records_say_what_the_file_says(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    assert document.value("value:h") == ValueRecord("value:h", "graph:", "h", "float32", ("N", 4), declared=True)
    assert document.node("node:h").inputs == ("value:x",)
    assert document.graph("graph:").outputs == ("value:y",)
    assert document.model().opset_imports == (("", 21),)


def test_functions_are_graphs_of_their_own_and_can_be_edited(tmp_path: Path) -> None:
    document = open_text(tmp_path, FUNCTION)
    assert document.graph_ids() == ("graph:", "graph:local::double:")
    assert document.graph("graph:local::double:").inputs == ("value:a@local::double:",)
    rename(document, "value:t@local::double:", "inner")
    from onnx_scalpel.document.save import model_bytes

    function = onnx.load_from_string(model_bytes(document)).functions[0]
    assert [list(n.input) for n in function.node] == [["a"], ["inner", "a"]]


def test_a_name_nothing_defines_is_a_value_without_a_producer() -> None:
    document = open_model(shared_model("bad/dangling_input.onnx"))
    dangling = [v for v in document.value_ids() if document.kind(v) == "intermediate" and document.producer(v) is None]
    assert dangling


def test_a_missing_id_is_a_404_that_names_it(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    with pytest.raises(AppError) as caught:
        document.node("node:nowhere")
    assert (caught.value.code, caught.value.status, caught.value.subjects) == ("no-such-node", 404, ("node:nowhere",))


def test_what_was_removed_is_called_by_its_name(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    node = document.node(document.node_ids()[-1])
    tx = Transaction(document)
    tx.put(replace(node, name="clip"))
    tx.drop("node", node.id)
    with pytest.raises(AppError) as caught:
        document.node(node.id)
    assert (caught.value.code, caught.value.message) == ("no-such-node", "clip was removed")


def test_a_delta_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    stale = rename(document, "value:h", "first")
    rename(document, "value:h", "second")
    other = Change("value", "value:x", document.value("value:x"), replace(document.value("value:x"), name="z"))
    with pytest.raises(AppError) as caught:
        document.apply(Delta((other, *stale.changes)))
    assert (caught.value.code, caught.value.status, caught.value.subjects) == ("conflict", 409, ("value:h",))
    assert document.value("value:x").name == "x"


def test_a_delta_that_refers_to_nothing_leaves_the_document_as_it_was(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    node = replace(document.node("node:h"), inputs=("value:ghost",))
    new = Change("value", "value:new", None, ValueRecord("value:new", "graph:", "new"))
    with pytest.raises(AppError):
        document.apply(Delta((new, Change("node", "node:h", document.node("node:h"), node))))
    assert not document.has("value", "value:new")
    assert document.node("node:h").inputs == ("value:x",)


def test_a_transaction_reads_its_own_writes_and_is_one_delta(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    tx = Transaction(document)
    tx.put(replace(tx.value("value:h"), name="one"))
    tx.put(replace(tx.value("value:h"), name="two"))
    assert tx.value("value:h").name == "two"
    (change,) = tx.delta().changes
    assert isinstance(change.before, ValueRecord)
    assert isinstance(change.after, ValueRecord)
    assert (change.before.name, change.after.name) == ("h", "two")
    tx.put(replace(tx.value("value:h"), name="h"))
    assert tx.delta().is_empty


def test_a_rolled_back_transaction_leaves_no_trace(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    tx = insert_relu(document, "node:h", "value:h", "extra")
    tx.drop("node", "node:y")
    tx.rollback()
    assert document.node_ids() == ("node:h", "node:y")
    assert document.value_ids() == ("value:x", "value:h", "value:y") or set(document.value_ids()) == {
        "value:x",
        "value:h",
        "value:y",
    }
    assert [n.op for n in document.gs_graph.nodes] == ["Relu", "Exp"]


def test_inserted_nodes_stand_beside_their_anchor(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    insert_relu(document, "node:h", "value:h", "extra")
    insert_relu(document, "node:h", "value:h", "more")
    assert document.node_ids() == ("node:h", "node:more", "node:extra", "node:y")
    assert [n.name or n.outputs[0].name for n in document.gs_graph.nodes] == ["h", "more", "extra", "y"]


def test_new_ids_never_take_one_that_undo_may_bring_back(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    tx = insert_relu(document, "node:h", "value:h", "extra")
    document.apply(tx.delta().inverse())
    assert Transaction(document).new_value_id("graph:", "extra") == "value:extra~2"


def test_a_replay_gets_the_ids_that_the_first_run_chose(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    tx = Transaction(document, creates=["value:chosen", "node:chosen"])
    assert tx.new_value_id("graph:", "extra") == "value:chosen"
    assert tx.new_node_id("graph:", "extra") == "node:chosen"
    assert tx.created == ["value:chosen", "node:chosen"]


def test_a_value_in_use_cannot_be_dropped(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    with pytest.raises(AppError) as caught:
        Transaction(document).drop("value", "value:h")
    assert caught.value.code == "value-in-use"


def test_equal_nodes_are_told_apart(tmp_path: Path) -> None:
    relu = [helper.make_node("Relu", ["x"], ["a"]), helper.make_node("Relu", ["x"], ["a"])]
    info = helper.make_tensor_value_info
    graph = helper.make_graph(relu, "g", [info("x", TensorProto.FLOAT, [1])], [info("a", TensorProto.FLOAT, [1])])
    path = tmp_path / "model.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    document = open_model(path)
    assert document.node_ids() == ("node:a", "node:a~2")
    second = document.gs_graph.nodes[1]
    Transaction(document).drop("node", "node:a")
    assert document.gs_graph.nodes[0] is second
    assert document.producer("value:a") == Slot("node:a~2", 0)
