"""Any sequence of edits, undone and redone in any way, can be taken back to the original bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onnx_scalpel.document import transaction
from onnx_scalpel.document.delta import Delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.edits.interface_edits import interface_edit
from tests.edits.structure_edits import structure_edit
from tests.laws import assert_same_records, by_name, model_file, records_of

MODELS = {
    "a chain with weights": """
        g (float[1,3] x) => (float[1,3] y) <float[1,3] a, float[3] w = {1, 2, 3}> {
          [one] a = Relu(x)
          [two] b = Add(a, w)
          [two] c = Mul(b, a)
          y = Neg(c)
        }""",
    "bodies that capture": """
        g (bool c, float[3] x) => (float[3] y, float[3] a) {
          a = Relu(x)
          b = Abs(a)
          y = If (c) <
            then_branch = t () => (float[3] p) { q = Neg(b)
              p = If (c) <then_branch = tt () => (float[3] m) { m = Abs(q) },
                          else_branch = te () => (float[3] n) { n = Neg(a) }> },
            else_branch = e () => (float[3] r) { r = Abs(a) }>
        }""",
    "a value that many read": """
        g (bool c, float[3] x) => (float[3] y, float[3] t) {
          t = Relu(x)
          a = Neg(t)
          b = Add(t, t)
          d = Add(a, t)
          e = If (c) <then_branch = th () => (float[3] p) { p = Abs(t) }, else_branch = el () => (float[3] r) { r = Add(t, b) }>
          u = Identity(d)
          f = Sum(t, u, e, t)
          y = Mul(f, u)
        }""",
    "several outputs": """
        g (float[4] x, float[2] k) => (float[2] y, float[2] z) {
          a, b = Split<num_outputs = 2>(x)
          y = Add(a, k)
          s = Sub(b, k)
          z = LeakyRelu<alpha = 0.5>(s)
        }""",
    "a local function": """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
        g (float[3] x) => (float[3] y) { u = my.twice(x)
          y = Neg(u) }
        <domain: "my", opset_import: ["" : 21]> twice (i) => (o) { h = Add(i, i)
          o = Relu(h) }""",
    "functions with attributes, constants and bodies": """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
        g (bool c, float[3] x) => (float[3] y, float[3] z) <float[3] w = {1, 2, 3}> {
          k = Constant <value_floats = [1.0, 2.0, 3.0]> ()
          u = my.scaled <alpha: float = 0.5> (c, x)
          v = Add(u, k)
          y = my.scaled <beta: float = 3.0> (c, v)
          z = If (c) <then_branch = t () => (float[3] p) <float[3] w = {4, 5, 6}> { p = Mul(v, w) },
                      else_branch = e () => (float[3] r) { h = Neg(v)  r = my.scaled(c, h) }> }
        <domain: "my", opset_import: ["" : 21]> scaled <alpha, beta: float = 2.0> (c, i) => (o) {
          h = LeakyRelu <alpha: float = @alpha> (i)
          k = Constant <value_float: float = @beta> ()
          m = Mul(h, k)
          o = If (c) <then_branch = t () => (float[3] p) { q = Neg(m)  p = Add(q, i) },
                      else_branch = e () => (float[3] q) { q = Identity(i) }> }""",
}
OPERATORS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Relu", {}),
    ("Cast", {"to": 10}),
    ("Transpose", {}),
    ("Flatten", {}),
    ("Shape", {}),
)
NAMES = st.sampled_from(["a", "b", "x", "new", "p", "ü ☃", "y", "q_2"])
SHAPES = st.one_of(
    st.none(), st.lists(st.one_of(st.none(), st.integers(0, 5), st.sampled_from(["N", "C"])), max_size=3)
)


def some_edit(draw: st.DrawFn, document: Document) -> dict[str, Any]:
    """An edit on things that are there; it may still be refused."""
    drawn = draw(st.sampled_from([interface_edit, interface_edit, structure_edit, None, None]))
    if drawn is not None:
        return drawn(draw, document)
    nodes = [node for graph in document.graph_ids() for node in document.node_ids(graph)]
    values = list(document.value_ids())
    value = draw(st.sampled_from(values)) if values else "value:none"
    node = draw(st.sampled_from(nodes)) if nodes else "node:none"
    if draw(st.booleans()):
        return some_wiring(draw, document, node, value, draw(st.sampled_from(values)) if values else "value:none")
    kind = draw(st.sampled_from(["rename-value", "rename-node", "insert", "insert", "remove", "attribute", "type"]))
    if kind == "rename-value":
        return {"kind": kind, "value": value, "name": draw(NAMES)}
    if kind == "rename-node":
        return {"kind": kind, "node": node, "name": draw(st.one_of(NAMES, st.just("")))}
    if kind == "insert":
        if draw(st.booleans()):
            more = draw(st.sampled_from(values)) if values else ""
            return {"kind": "insert-node", "op_type": "Add", "value": value, "extra_inputs": [more]}
        op_type, attributes = draw(st.sampled_from(OPERATORS))
        domain = draw(st.sampled_from(["", "", "elsewhere"]))
        return {"kind": "insert-node", "op_type": op_type, "domain": domain, "value": value, "attributes": attributes}
    if kind == "remove":
        chosen = draw(st.lists(st.sampled_from(nodes or ["node:none"]), min_size=1, max_size=3))
        return {"kind": "remove-nodes", "nodes": chosen, "reconnect": draw(st.booleans())}
    if kind == "attribute":
        literal = draw(st.sampled_from([1, [1, 2], "text", {"dtype": "float32", "data": [1.5]}]))
        guess = {int: "INT", list: "INTS", str: "STRING", dict: "TENSOR"}[type(literal)]
        return {"kind": "set-attribute", "node": node, "attribute": "note", "value": literal, "type": guess}
    return {"kind": "set-value-type", "value": value, "dtype": "float32", "shape": draw(SHAPES)}


WIRING = (
    *("connect", "connect", "disconnect", "replace-uses", "add-node", "add-node", "replace-node", "remove-branch"),
    *("remove-attribute", "remove-unused", "sort-nodes", "name-nodes", "batch"),
)


def some_wiring(draw: st.DrawFn, document: Document, node: str, value: str, other: str) -> dict[str, Any]:
    """An edit of nodes and wires; it may still be refused."""
    kind = draw(st.sampled_from(WIRING))
    if kind in ("connect", "disconnect"):
        edit = {"kind": kind, "node": node, "slot": draw(st.integers(0, 3))}
        return {**edit, "value": value} if kind == "connect" else edit
    if kind == "replace-uses":
        consumers = draw(st.sampled_from([None, [node], ["graph:"]]))
        return {"kind": kind, "value": value, "with": other, "consumers": consumers}
    if kind == "add-node":
        op_type, domain = draw(
            st.sampled_from([("Add", ""), ("Relu", ""), ("If", ""), ("TopK", ""), ("Ponder", "lab"), ("twice", "my")])
        )
        graph = draw(st.sampled_from(document.graph_ids()))
        inputs = draw(st.lists(st.sampled_from([value, other, ""]), max_size=3))
        return {"kind": kind, "op_type": op_type, "domain": domain, "graph": graph, "inputs": inputs}
    if kind == "replace-node":
        op_type = draw(st.sampled_from(["Neg", "Add", "Softmax", "Identity", "If"]))
        return {"kind": kind, "node": node, "op_type": op_type}
    if kind == "remove-branch":
        direction, outputs = draw(st.sampled_from(["up", "down"])), draw(st.sampled_from(["remove", "leave"]))
        return {"kind": kind, "node": node, "direction": direction, "outputs": outputs}
    if kind == "remove-attribute":
        return {
            "kind": kind,
            "node": node,
            "attribute": draw(st.sampled_from(["alpha", "note", "perm", "else_branch"])),
        }
    if kind == "remove-unused":
        return {
            "kind": kind,
            "initializers": draw(st.booleans()),
            "inputs": draw(st.booleans()),
            "functions": draw(st.booleans()),
        }
    if kind == "batch":
        return {"kind": kind, "edits": [some_edit(draw, document) for _ in range(draw(st.integers(1, 3)))]}
    return {"kind": kind}


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_undoing_everything_gives_the_original_bytes(name: str, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction, "MANY_USES", data.draw(st.sampled_from([1, 2, 64]), "many uses"))
        _undo_everything(name, data)


def _undo_everything(name: str, data: st.DataObject) -> None:
    path = model_file(MODELS[name])
    document = open_model(path)
    before = records_of(document)
    done: list[Delta] = []
    undone: list[Delta] = []
    for _ in range(data.draw(st.integers(1, 10), "steps")):
        step = data.draw(st.sampled_from(["edit", "edit", "edit", "undo", "redo"]), "step")
        if step == "undo" and done:
            undone.append(done.pop())
            document.apply(undone[-1].inverse())
        elif step == "redo" and undone:
            done.append(undone.pop())
            document.apply(done[-1])
        elif step == "edit":
            try:
                edit = some_edit(data.draw, document)  # type: ignore[arg-type]
                done.append(apply_edit(document, parse_edit(edit)).delta)
                undone.clear()
            except AppError as refused:
                assert refused.status < 500
    _assert_survives(path, document, done)
    for delta in reversed(done):
        document.apply(delta.inverse())
    assert_same_records(records_of(document), before, "undoing everything restores every record")
    assert model_bytes(document) == path.read_bytes()


def _assert_survives(path: Path, document: Document, done: list[Delta]) -> None:
    """What stands now is the same after saving and opening, and when its deltas are applied to the opened file."""
    saved = model_bytes(document)
    target = path.with_name("saved.onnx")
    target.write_bytes(saved)
    reopened = open_model(target)
    assert by_name(reopened) == by_name(document)
    assert model_bytes(reopened) == saved
    recovered = open_model(path)
    for delta in done:
        recovered.apply(delta)
    assert_same_records(records_of(recovered), records_of(document), "deltas alone rebuild the document")
    assert model_bytes(recovered) == saved
