"""Many uses of a value that get another one: told as one rewiring, with the same effect as a change of each node."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from msgspec.structs import replace

from onnx_scalpel.document import transaction
from onnx_scalpel.document.delta import Change, Delta, Rewire, decode_delta, encode_delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.document.views import delta_view, node_view
from onnx_scalpel.errors import AppError
from tests.laws import assert_same_records, document_of, records_of

FAN = """g (bool c, float[3] x, float[3] z) => (float[3] y) {
  t = Relu(x)
  a = Neg(t)
  b = Add(t, t)
  d = Clip(t, , x)
  e = If (c) <then_branch = th () => (float[3] p) { p = Abs(t) }, else_branch = el () => (float[3] r) { r = Add(b, t) }>
  y = Sum(a, b, d, e)
}"""


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "MANY_USES", 2)


def rewired(document: Document, value: str = "value:t", other: str = "value:z") -> Transaction:
    tx = Transaction(document)
    tx.rewire(document.consumers(value), other)
    return tx


def assert_wires_agree(document: Document) -> None:
    """Each tensor's list of readers is what the nodes read."""
    nodes, values, _ = document.tables()
    read = Counter((id(t), live.id) for live in nodes.values() for t in live.node.inputs if t.live is not None)
    known = Counter((id(v.tensor), node.live.id) for v in values.values() for node in v.tensor.outputs)
    assert read == known


def test_uses_in_several_slots_and_in_bodies_are_one_rewiring() -> None:
    document = document_of(FAN)
    before, opened = records_of(document), model_bytes(document)
    delta = rewired(document).delta()
    assert (delta.changes, len(delta.rewires), len(delta.rewires[0].nodes)) == ((), 1, 6)
    assert document.consumers("value:t") == ()
    assert document.node("node:b").inputs == ("value:z", "value:z")
    assert document.node("node:d").inputs == ("value:z", "", "value:x")
    assert_wires_agree(document)
    after, saved = records_of(document), model_bytes(document)

    document.apply(delta.inverse())
    assert_same_records(records_of(document), before, "the inverse restores every record")
    assert model_bytes(document) == opened
    assert_wires_agree(document)
    fresh = document_of(FAN)
    fresh.apply(decode_delta(encode_delta(delta)))
    assert_same_records(records_of(fresh), after, "the delta alone does it")
    assert model_bytes(fresh) == saved


def test_a_rewiring_has_the_effect_of_a_change_of_each_node(monkeypatch: pytest.MonkeyPatch) -> None:
    document, other = document_of(FAN), document_of(FAN)
    rewired(document)
    monkeypatch.setattr(transaction, "MANY_USES", 100)
    assert len(rewired(other).delta().changes) == 5
    assert_same_records(records_of(document), records_of(other), "both ways give the same")
    assert model_bytes(document) == model_bytes(other)


def test_what_a_node_read_in_the_file_is_known_after_later_edits_of_it() -> None:
    document = document_of(FAN)
    opened = document.node("node:a")
    delta = rewired(document).delta()
    tx = Transaction(document)
    tx.put(replace(tx.node("node:a"), name="named"))
    assert document.live_node("node:a").first == opened
    document.apply(tx.delta().inverse())
    document.apply(delta.inverse())
    assert document.node("node:a") == opened


def test_a_node_that_the_same_edit_changes_otherwise_has_its_own_change() -> None:
    document = document_of(FAN)
    opened = document.node("node:b")
    tx = rewired(document)
    tx.put(replace(tx.node("node:b"), name="named"))
    delta = tx.delta()
    (change,) = delta.changes
    assert (change.before, tx.before("node", "node:b")) == (opened, opened)
    assert change.after == replace(opened, name="named", inputs=("value:z", "value:z"))
    assert "node:b" not in delta.rewired()
    assert tx.before("node", "node:a") == replace(document.node("node:a"), inputs=("value:t",))
    before = records_of(document_of(FAN))
    document.apply(delta.inverse())
    assert_same_records(records_of(document), before, "the inverse restores every record")


def test_what_is_rewired_twice_in_one_edit_says_where_it_ends() -> None:
    document, opened = document_of(FAN), records_of(document_of(FAN))
    tx = rewired(document)
    tx.rewire(document.consumers("value:z"), "value:x")
    delta = tx.delta()
    assert delta.rewires == ()
    assert [set(change.after.inputs) & {"value:t", "value:z"} for change in delta.changes] == [set()] * 5  # type: ignore[union-attr]
    tx.rollback()
    assert_same_records(records_of(document), opened, "nothing happened")
    assert_wires_agree(document)


def test_an_edit_that_is_refused_takes_its_rewiring_back() -> None:
    document = document_of(FAN)
    before, opened = records_of(document), model_bytes(document)
    rewired(document).rollback()
    assert_same_records(records_of(document), before, "nothing happened")
    assert model_bytes(document) == opened


def test_a_slot_that_reads_otherwise_by_now_is_a_conflict_and_nothing_happens() -> None:
    document = document_of(FAN)
    delta = rewired(document).delta()
    tx = Transaction(document)
    tx.put(replace(tx.node("node:a"), inputs=("value:x",)))
    before = records_of(document)
    with pytest.raises(AppError) as refused:
        document.apply(delta.inverse())
    assert (refused.value.code, refused.value.subjects) == ("conflict", ("node:a",))
    assert_same_records(records_of(document), before, "nothing happened")


def test_another_name_of_a_reader_is_no_conflict() -> None:
    document = document_of(FAN)
    delta = rewired(document).delta()
    tx = Transaction(document)
    tx.put(replace(tx.node("node:a"), name="named"))
    document.apply(delta.inverse())
    assert document.node("node:a") == replace(document_of(FAN).node("node:a"), name="named")


def test_a_step_that_fails_takes_back_a_rewiring_before_it() -> None:
    document = document_of(FAN)
    delta = rewired(document).delta()
    document.apply(delta.inverse())
    before = records_of(document)
    in_use = Change("value", "value:x", before["value", "value:x"], None)
    with pytest.raises(AppError):
        document.apply(Delta((in_use,), delta.rewires))
    assert_same_records(records_of(document), before, "nothing happened")
    assert_wires_agree(document)


def test_a_delta_from_before_there_were_rewirings_is_read() -> None:
    old = b"\x01" + msgspec.msgpack.encode([("graph", "graph:g", None, None)])
    assert decode_delta(old).rewires == ()
    assert [change.id for change in decode_delta(old).changes] == ["graph:g"]


def test_a_browser_is_told_the_slots_and_nothing_else() -> None:
    document = document_of(FAN)
    delta = rewired(document).delta()
    (view,) = delta_view(document, delta, {})
    uses = Rewire("value:t", "value:z", tuple(view["after"]["nodes"]), tuple(view["after"]["slots"]))
    assert (view["table"], view["id"], view["after"]["value"], uses) == ("uses", "value:t", "value:z", delta.rewires[0])
    was = document_of(FAN)
    for node in delta.rewired():
        differing = {key for key, told in node_view(document, node).items() if told != node_view(was, node)[key]}
        assert differing == {"inputs"}, "all else of the node is as the browser knows it"
