"""Deltas are exact on the wire, and orders always have room between them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_scalpel.document.delta import Change, Delta, decode_delta, encode_delta
from onnx_scalpel.document.records import (
    Attribute,
    FunctionFacts,
    GraphRecord,
    ModelRecord,
    NodeRecord,
    TensorRef,
    TypeRef,
    ValueRecord,
    order_between,
    same_record,
)

NODE = NodeRecord(
    "node:y",
    "graph:",
    "n",
    "Op",
    "dom",
    ("value:x", ""),
    ("value:y",),
    {
        "nan": Attribute("FLOATS", (math.nan, -0.0, 1.0)),
        "big": Attribute("INT", 2**62),
        "t": Attribute("TENSOR", TensorRef("float32", (1,), 4, proto=b"\xff\x00")),
        "tp": Attribute("TYPE_PROTO", TypeRef("tensor(float32)", b"\x0a")),
        "r": Attribute("FLOAT", ref="alpha"),
    },
    (3, -1),
    metadata=(("k", "v"), ("k", "w")),
)
VALUE = ValueRecord("value:x", "graph:", "x", "float32", (1, "N", None), declared=True)
GRAPH = GraphRecord("graph:f", "f", ("value:x",), (), function=FunctionFacts("dom", opset_imports=(("", 21),)))
MODEL = ModelRecord(10, (("", 21),), metadata=(("a", "b"),))


@pytest.mark.parametrize("name", ["plain", "\udcff\udc80é☃", ""])
def test_every_kind_of_record_survives_packing_exactly(name: str) -> None:
    node = NodeRecord(**{f: getattr(NODE, f) for f in NODE.__struct_fields__} | {"name": name})
    delta = Delta(
        (
            Change("node", node.id, None, node),
            Change("value", VALUE.id, VALUE, None),
            Change("graph", GRAPH.id, GRAPH, GRAPH),
            Change("model", MODEL.id, None, MODEL),
        )
    )
    back = decode_delta(encode_delta(delta))
    for one, other in zip(delta.changes, back.changes, strict=True):
        assert same_record(one.before, other.before)
        assert same_record(one.after, other.after)


def test_zero_and_minus_zero_are_different_and_nan_is_itself() -> None:
    def with_float(value: float) -> NodeRecord:
        return NodeRecord("n", "graph:", "", "Op", "", (), (), {"f": Attribute("FLOAT", value)}, (0,))

    assert same_record(with_float(math.nan), with_float(math.nan))
    assert not same_record(with_float(0.0), with_float(-0.0))


def test_the_inverse_of_an_inverse_is_the_delta() -> None:
    delta = Delta((Change("value", VALUE.id, None, VALUE),))
    assert delta.inverse().changes[0].after is None
    assert delta.inverse().inverse() == delta


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=60))
def test_an_order_between_neighbours_always_lies_between_them(places: list[tuple[int, bool]]) -> None:
    orders: list[tuple[int, ...]] = [(i,) for i in range(4)]
    for place, _ in places:
        at = place % (len(orders) + 1)
        before, after = (orders[at - 1] if at else None), (orders[at] if at < len(orders) else None)
        between = order_between(before, after)
        orders.insert(at, between)
    assert orders == sorted(orders)
    assert len(set(orders)) == len(orders)


def test_appending_behind_the_last_inserted_stays_short() -> None:
    order: tuple[int, ...] = (3,)
    for _ in range(1000):
        order = order_between(order, (4,))
    assert len(order) == 2
