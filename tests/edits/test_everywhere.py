"""Every edit of the catalogue does what it is for inside nested bodies, inside local functions, and inside bodies of these."""

from __future__ import annotations

from functools import cache
from typing import Any

import onnx
import pytest

from onnx_scalpel.document.delta import Change
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import GraphRecord, NodeRecord, NoteRecord, PlaceRecord, ValueRecord
from onnx_scalpel.edits.base import edit_types
from onnx_scalpel.edits.fragment_writing import cut_fragment
from tests.laws import check_edit, check_rejected, document_of
from tests.outputs import session_of

# what each place holds: the same nodes, reading {i} and {c} from around them, handing out {o} and more
CONTENT = """
  k = Constant <value = float[3] {1, 2, 3}> ()
  d = Mul({i}, k)
  [leaky] e = LeakyRelu <alpha: float = 0.5> (d)
  v = my.twice(e)
  u = If ({c}) <then_branch = ut () => (float[3] q) { q = Neg(v) }, else_branch = ue () => (float[3] r) { r = Abs(v) }>
  s = Exp(d)
  s_end = Sqrt(s)
"""
PLAIN = CONTENT + "  {o} = Add(u, d)\n  {o}_more = Abs(d)\n  {o}_spare = Sqrt(d)\n"
WITH_TENSOR = CONTENT + "  l = Mul(u, w)\n  {o} = Add(l, d)\n  {o}_more = Abs(d)\n  {o}_spare = Sqrt(d)\n"


def filled(template: str, i: str, c: str, o: str) -> str:
    return template.replace("{i}", i).replace("{c}", c).replace("{o}", o)


MODEL = f"""<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
g (bool c, float[3] x) => (float[3] y, float[3] f) <int64 count = {{2}}, float[2,1] rows = {{1, 2}}> {{
  a = Relu(x)
  y, y_more = If (c) <
    then_branch = outer () => (float[3] p, float[3] p_more) {{
      b = Abs(a)
      p, p_more, p_spare = If (c) <
        then_branch = inner () => (float[3] m, float[3] m_more, float[3] m_spare) <float[3] w = {{1, 2, 3}}> {{ {filled(WITH_TENSOR, "b", "c", "m")} }},
        else_branch = other () => (float[3] n, float[3] n_more, float[3] n_spare) {{ n = Neg(b)  n_more = Abs(b)  n_spare = Abs(b) }}> }},
    else_branch = last () => (float[3] z, float[3] z_more) {{ z = Neg(a)  z_more = Abs(a) }}>
  l_all, l_more = Loop (count, , a) <body = rounds (int64 at, bool go, float[3] st) => (bool on, float[3] nx, float[2,3] l_row) {{
    on = Identity(go)
    nx, l_row, l_spare = Scan <num_scan_inputs = 1, body = row (float[3] sc, float[1] el) => (float[3] m, float[3] m_more, float[3] m_spare) <float[3] w = {{1, 2, 3}}> {{
      by = Add(sc, el)
      {filled(WITH_TENSOR, "by", "c", "m")} }}> (st, rows) }}>
  f, f_more, f_spare = my.part <slope: float = 0.1> (c, a)
  t, t_more = my.holding(c, a)
}}
<domain: "my", opset_import: ["" : 21]> twice (i) => (o) {{ o = Add(i, i) }}
<domain: "my", opset_import: ["" : 21, "my" : 1]> part <slope> (ci, i, spare) => (o, o_more, o_spare) {{ {filled(PLAIN, "i", "ci", "o")} }}
<domain: "my", opset_import: ["" : 21, "my" : 1]> lone (ci, i) => (o, o_more, o_spare) {{ {filled(PLAIN, "i", "ci", "o")} }}
<domain: "my", opset_import: ["" : 21, "my" : 1]> holding (ci, i) => (h, h_more) {{
  h, h_more, h_spare = If (ci) <
    then_branch = held () => (float[3] m, float[3] m_more, float[3] m_spare) <float[3] w = {{1, 2, 3}}> {{ {filled(WITH_TENSOR, "i", "ci", "m")} }},
    else_branch = passed () => (float[3] n, float[3] n_more, float[3] n_spare) {{ n = Neg(i)  n_more = Abs(i)  n_spare = Abs(i) }}> }}
"""
PLACES = {
    "a body in a body": "p@y.then_branch.then_branch",
    "a scan in a loop": "nx@l_all.body.body",
    "a local function": "my::part:",
    "a body in a local function": "h@my::holding:.then_branch",
}
UNCALLED = "my::lone:"
BODIES = ("a body in a body", "a scan in a loop", "a body in a local function")
TENSOR = {"dtype": "float32", "shape": [3], "data": [1, 2, 3]}


def graph_of(scope: str) -> str:
    return f"graph:{'' if '::' in scope.partition('@')[0] else 'node:'}{scope}"


@cache
def whole() -> Document:
    return document_of(MODEL)


def copied(*nodes: str) -> dict[str, Any]:
    return cut_fragment(whole(), nodes)


def instances(scope: str, output: str) -> dict[str, dict[str, Any]]:
    """One sensible edit of each kind on what lies in this scope."""
    graph, lone = graph_of(scope), f"@{UNCALLED}"
    v, n = (lambda name: f"value:{name}@{scope}"), (lambda name: f"node:{name}@{scope}")
    return {
        "add-input": {"graph": graph, "name": "fresh", "dtype": "float32", "shape": [3]},
        "add-note": {"graph": graph, "text": "look here"},
        "add-node": {"graph": graph, "op_type": "Relu", "inputs": [v("d")]},
        "add-output": {"value": v("e")},
        "batch": {"edits": [{"kind": "rename-value", "value": v("d"), "name": "first"}, {"kind": "set-doc", "subject": n("e"), "text": "x"}]},
        "cast-tensor": {"values": [v("k")], "to": "float16", "mismatch": "cast"},
        "connect": {"node": n("e"), "slot": 0, "value": v("k")},
        "constant-to-initializer": {"values": [v("k")]},
        "disconnect": {"node": n("e"), "slot": 0},
        "duplicate-nodes": {"nodes": [n("d"), n("e"), n("u")]},
        "extract-body": {"node": n("u"), "attribute": "then_branch"},
        "freeze-input": {"value": v("i"), "tensor": TENSOR},
        "initializer-to-constant": {"values": [v("w")]},
        "inline-function": {"node": n("v")},
        "insert-node": {"value": v("d"), "op_type": "Neg"},
        "make-function": {"nodes": [n("d"), n("e")], "name": "piece"},
        "paste-nodes": {"fragment": copied(n("d"), n("e"), n("u")), "graph": graph},
        "promote-to-input": {"value": f"value:d{lone}" if scope == PLACES["a local function"] else v("d"), "dtype": "float32"},
        "remove-attribute": {"node": n("e"), "attribute": "alpha"},
        "remove-branch": {"node": n("s"), "direction": "down"},
        "remove-input": {"value": v("spare")},
        "remove-nodes": {"nodes": [n("e")], "reconnect": True},
        "remove-output": {"value": v(f"{output}_spare")},
        "rename-node": {"node": n("e"), "name": "fresh"},
        "rename-value": {"value": v("d"), "name": "fresh"},
        "reorder-io": {"graph": graph, "inputs": [v("i"), v("ci"), v("spare")]},
        "replace-node": {"node": n("e"), "op_type": "Elu"},
        "replace-uses": {"value": v("e"), "with": v("d")},
        "set-attribute": {"node": n("e"), "attribute": "alpha", "value": 0.25},
        "set-doc": {"subject": v("d"), "text": "about d"},
        "set-metadata": {"subject": n("e"), "key": "from", "value": "here"},
        "set-position": {"node": n("e"), "x": 10.5, "y": -3},
        "set-tensor": {"value": v("k"), "tensor": {"formula": "x * 2"}},
        "set-value-type": {"value": v("d"), "dtype": "float32", "shape": [3]},
        "splice-node": {"node": n("s_end"), "value": v("e")},
    }  # fmt: skip


# whoever holds or calls a graph fixes what it takes and gives, and functions have no initializers
REFUSED = {
    **{("a body in a body", kind): "fixed by" for kind in ("add-input", "add-output", "promote-to-input", "reorder-io")},
    **{("a scan in a loop", kind): "fixed by" for kind in ("add-input", "promote-to-input", "reorder-io")},
    **{("a body in a local function", kind): "fixed by" for kind in ("add-input", "add-output", "promote-to-input", "reorder-io")},
    ("a local function", "constant-to-initializer"): "can have no initializers",
}  # fmt: skip
WITHOUT_SUBJECT = {  # bodies of an If take no inputs, functions hold no initializers
    *((place, kind) for place in BODIES for kind in ("freeze-input", "remove-input", "reorder-io")),
    ("a local function", "initializer-to-constant"),
}
WHOLE = {  # kind -> parameters, and what it changes inside
    "infer-shapes": ({}, ("value:d@p@y.then_branch.then_branch",)),
    "name-nodes": ({}, ("node:d@p@y.then_branch.then_branch", "node:d@my::part:", "node:d@h@my::holding:.then_branch")),
    "remove-unused": ({}, ("node:s@p@y.then_branch.then_branch", "node:s@my::part:", "node:s@h@my::holding:.then_branch")),
    "rename-dim": ({"old": "N", "new": "M"}, ("value:d@p@y.then_branch.then_branch", "value:d@my::part:")),
    "sort-nodes": ({}, ("node:d@p@y.then_branch.then_branch", "node:d@my::part:")),
}  # fmt: skip
OF_THE_MODEL = {
    "resize-inputs",
    "set-model-info",
    "set-opset-import",
    "simplify",
}  # of its interface, or what it says of itself
OF_NOTES_AND_PLACES = {"forget-positions", "remove-note", "set-note"}  # that others made
CASES = [
    (place, kind)
    for place, scope in PLACES.items()
    for kind in instances(scope, "")
    if (place, kind) not in WITHOUT_SUBJECT
]


def test_no_kind_of_edit_is_left_out() -> None:
    assert set(edit_types()) == {kind for _, kind in CASES} | set(WHOLE) | OF_THE_MODEL | OF_NOTES_AND_PLACES


def test_the_model_runs() -> None:
    onnx.checker.check_model(onnx.parser.parse_model(MODEL), full_check=True)
    session_of(onnx.parser.parse_model(MODEL))


@pytest.mark.parametrize(("place", "kind"), CASES, ids=lambda one: one.replace(" ", "-"))
def test_an_edit_works_there(place: str, kind: str) -> None:
    scope = PLACES[place]
    edit = {"kind": kind, **instances(scope, "o" if place == "a local function" else "m")[kind]}
    if (place, kind) in REFUSED:
        error = check_rejected(MODEL, edit, says=REFUSED[place, kind])
        assert error.hint
        return
    checked = check_edit(MODEL, edit)
    changed = {graph for change in checked.applied.delta.changes for graph in graphs_of(change)}
    asked = graph_of(UNCALLED) if kind == "promote-to-input" and place not in BODIES else graph_of(scope)
    assert asked in changed, "it changed the graph that it was made for"
    assert "graph:" not in changed or kind in (
        "freeze-input",
        "remove-input",
        "remove-output",
        "add-output",
        "reorder-io",
    )
    if kind not in ("disconnect", "remove-nodes", "promote-to-input", "extract-body", "connect"):
        onnx.checker.check_model(checked.proto)


def graphs_of(change: Change) -> set[str]:
    """The graphs that a changed record belongs to, or that it is."""
    found = set()
    for record in (change.before, change.after):
        if isinstance(record, (NodeRecord, ValueRecord, PlaceRecord, NoteRecord)):
            found.add(record.graph)
        elif isinstance(record, GraphRecord):
            found.add(record.id)
    return found


@pytest.mark.parametrize("kind", WHOLE)
def test_an_edit_of_the_whole_model_reaches_there(kind: str) -> None:
    more, inside = WHOLE[kind]
    proto = onnx.parser.parse_model(MODEL)
    if kind == "sort-nodes":
        for graph in inner_graphs(proto):
            nodes = list(graph.node)
            del graph.node[:]
            graph.node.extend(reversed(nodes))
    if kind == "rename-dim":
        for graph in inner_graphs(proto):
            graph.value_info.append(onnx.helper.make_tensor_value_info("d", 1, ["N"]))
    checked = check_edit(proto, {"kind": kind, **more})
    assert set(inside) <= set(checked.applied.delta.ids())


def inner_graphs(proto: onnx.ModelProto) -> list[Any]:
    """The body in a body, and the function."""
    outer = next(a.g for n in proto.graph.node for a in n.attribute if a.name == "then_branch")
    inner = next(a.g for n in outer.node for a in n.attribute if a.name == "then_branch")
    return [inner, next(f for f in proto.functions if f.name == "part")]


CAPTURED = """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
g (bool c, float[3] x) => (float[3] y, float[3] f) {
  a = Relu(x)
  y = If (c) <
    then_branch = outer () => (float[3] p) {
      b = Abs(a)
      p = If (c) <then_branch = inner () => (float[3] m) { m = Add(a, b) }, else_branch = other () => (float[3] n) { n = Neg(a) }> },
    else_branch = last () => (float[3] z) { z = Neg(a) }>
  f = my.part(c, a)
}
<domain: "my", opset_import: ["" : 21]> part (ci, i) => (o) {
  a = Abs(i)
  o = If (ci) <then_branch = held () => (float[3] m) { m = Add(a, i) }, else_branch = passed () => (float[3] n) { n = Neg(a) }> }
"""


def reads(document: Document, node: str) -> list[str]:
    return [document.value(value).name for value in document.node(node).inputs]


@pytest.mark.parametrize(
    ("value", "reader", "expected"),
    [
        ("value:a", "node:m@p@y.then_branch.then_branch", ["fresh", "b"]),
        ("value:b@y.then_branch", "node:m@p@y.then_branch.then_branch", ["a", "fresh"]),
        ("value:a@my::part:", "node:m@o@my::part:.then_branch", ["fresh", "i"]),
        ("value:i@my::part:", "node:m@o@my::part:.then_branch", ["a", "fresh"]),
    ],
)
def test_what_bodies_capture_follows_a_rename(value: str, reader: str, expected: list[str]) -> None:
    checked = check_edit(CAPTURED, {"kind": "rename-value", "value": value, "name": "fresh"})
    reopened = document_of(checked.proto)
    assert reads(reopened, reader) == expected
    onnx.checker.check_model(checked.proto, full_check=True)


def test_a_name_that_a_body_hides_stays_apart_from_the_one_around_it() -> None:
    """The inner body defines an `a` of its own, which hides the graph's."""
    proto = onnx.parser.parse_model(CAPTURED)
    outer = next(a.g for n in proto.graph.node for a in n.attribute if a.name == "then_branch")
    inner = next(a.g for n in outer.node for a in n.attribute if a.name == "then_branch")
    inner.node.insert(0, onnx.helper.make_node("Exp", ["b"], ["a"]))
    around = document_of(check_edit(proto, {"kind": "rename-value", "value": "value:a", "name": "fresh"}).proto)
    assert reads(around, "node:m@p@y.then_branch.then_branch") == ["a", "b"]
    assert reads(around, "node:n@p@y.then_branch.else_branch") == ["fresh"]
    own = {"kind": "rename-value", "value": "value:a@p@y.then_branch.then_branch", "name": "own"}
    inside = document_of(check_edit(proto, own).proto)
    assert reads(inside, "node:m@p@y.then_branch.then_branch") == ["own", "b"]
    assert reads(inside, "node:n@p@y.then_branch.else_branch") == ["a"]


@pytest.mark.parametrize(
    ("value", "name"),
    [("value:a", "m"), ("value:a", "b"), ("value:m@p@y.then_branch.then_branch", "a"), ("value:i@my::part:", "m")],
)
def test_a_name_that_would_hide_what_a_body_captures_is_refused(value: str, name: str) -> None:
    check_rejected(CAPTURED, {"kind": "rename-value", "value": value, "name": name}, says="is taken")


def test_the_same_name_in_a_function_is_another_value() -> None:
    checked = check_edit(CAPTURED, {"kind": "rename-value", "value": "value:a", "name": "i"})
    assert [list(n.input) for n in checked.proto.functions[0].node] == [["i"], ["ci"]]
    assert [list(n.output) for n in checked.proto.functions[0].node] == [["a"], ["o"]]
