"""Views are what the page's types say, and the columns hold the same as the JSON."""

from __future__ import annotations

import json
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.operator_facts import Operator
from onnx_scalpel.document.records import Attribute
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.document.views import (
    attribute,
    delta_view,
    model_view,
    node_view,
    snapshot_columns,
    snapshot_json,
    value_view,
)
from tests.document.models import BRANCHES, CHAIN, open_text, rename
from tests.laws import document_of
from tests.shared_models import shared_model

DTYPES = {"u8": np.uint8, "u32": np.uint32, "i32": np.int32, "f64": np.float64}


def decode(data: bytes) -> dict[str, Any]:
    """The snapshot that the columns hold, as JSON would say it."""
    assert data[:4] == b"SCLP"
    version, length = struct.unpack("<II", data[4:12])
    assert version == 3
    assert (12 + length) % 8 == 0
    header = json.loads(data[12 : 12 + length])
    columns: dict[str, Any] = {}
    for name, section in header["sections"].items():
        assert section["offset"] % 8 == 0
        if section["type"] == "utf8":
            columns[name] = data[section["offset"] : section["offset"] + section["length"]].decode()
        else:
            columns[name] = np.frombuffer(data, DTYPES[section["type"]], section["length"], section["offset"]).tolist()
    units = columns["strings"].encode("utf-16-le")
    ends = [0, *columns["string_ends"]]
    strings = [units[2 * a : 2 * b].decode("utf-16-le") for a, b in pairwise(ends)]
    assert strings[0] == ""
    assert len(strings) == header["counts"]["strings"]
    graphs = [g["id"] for g in header["graphs"]]

    def key(number: int) -> str:
        return ["", "node:", "value:"][number >> 30] + strings[number & ((1 << 30) - 1)]

    values = [key(i) for i in columns["value_id"]]
    ids = [*values, ""]

    def part(name: str, at: int, start: str) -> list[int]:
        found: list[int] = columns[name][columns[start][at] : columns[start][at + 1]]
        return found

    nodes = []
    for at in range(header["counts"]["nodes"]):
        facts = header["operators"][columns["node_op"][at]]
        operator = Operator(**facts)
        inputs, outputs = ([ids[i] for i in part(c, at, f"{c}_start")] for c in ("node_in", "node_out"))
        names, shown = part("attr_name", at, "node_attr_start"), part("attr_view", at, "node_attr_start")
        node = {
            "id": key(columns["node_id"][at]),
            "graph": graphs[columns["node_graph"][at]],
            "name": strings[columns["node_name"][at]],
            **{k: facts[k] for k in ("op_type", "domain", "family")},
            "inputs": inputs,
            "outputs": outputs,
            "input_names": operator.inputs(len(inputs)),
            "output_names": operator.outputs(len(outputs)),
            "attributes": {strings[n]: json.loads(strings[v]) for n, v in zip(names, shown, strict=True)},
            "bodies": [graphs[g] for g in part("body", at, "body_start")],
        }
        node |= {k: facts[k] for k in ("overload", "function") if facts[k]}
        doc = strings[columns["node_doc"][at]]
        nodes.append({**node, "doc": doc} if doc else node)
    described = []
    for at, key in enumerate(values):
        flags = columns["value_flags"][at]
        value = {
            "id": key,
            "graph": graphs[columns["value_graph"][at]],
            "name": strings[columns["value_name"][at]],
            "dtype": strings[columns["value_dtype"][at]],
            "shape": json.loads(strings[columns["value_shape"][at]]),
            "kind": ["input", "output", "initializer", "intermediate"][columns["value_kind"][at]],
            "inferred": bool(flags & 1),
            "is_output": bool(flags & 2),
            "bytes": columns["value_bytes"][at],
        }
        elements = strings[columns["value_elements"][at]]
        value |= {"elements": elements} if elements else {}
        doc = strings[columns["value_doc"][at]]
        described.append({**value, "doc": doc} if doc else value)
    rest = {k: header[k] for k in ("revision", "model", "graphs", "arrangement")}
    return {**rest, "nodes": nodes, "values": described}


@pytest.mark.parametrize(
    "name",
    [
        "real/burn-onnx__loop_scan_outputs.onnx",
        "odd/all_attribute_types.onnx",
        "odd/unicode_names.onnx",
        "odd/functions_with_overloads.onnx",
        "odd/int64_beyond_2p53.onnx",
        "odd/sparse_initializer.onnx",
        "odd/default_valued_inputs.onnx",
        "odd/metadata_props_everywhere.onnx",
        "odd/sequence_types.onnx",
        "bad/invalid_utf8_names.onnx",
        "exported/unoptimized_dynamo_functions.onnx",
        "exported/bert_fused_com_microsoft.onnx",
    ],
)
def test_columns_and_json_say_the_same(name: str) -> None:
    document = open_model(shared_model(name))
    guesses = dict.fromkeys(document.value_ids()[::3], ("float32", ("N", 3)))
    told = json.loads(json.dumps(snapshot_json(document, guesses, 7)))
    assert decode(snapshot_columns(document, guesses, 7)) == told
    edited = Transaction(document)
    for value in document.value_ids()[:5]:
        edited.put(replace(edited.value(value), doc="said"))
    for node in document.node_ids()[:5]:
        edited.put(replace(edited.node(node), doc="so"))
    told = json.loads(json.dumps(snapshot_json(document, guesses, 8)))
    assert decode(snapshot_columns(document, guesses, 8)) == told


def test_an_id_that_is_a_prefix_and_a_name_is_not_written_out(tmp_path: Path) -> None:
    data = snapshot_columns(open_text(tmp_path, CHAIN), {}, 0)
    assert b"node:" not in data and b"value:" not in data.partition(b'"sections"')[2]


@pytest.mark.parametrize("name", ["renamed", "ü☃𝄞", "y", "value:x", "\udcff"])
def test_ids_stay_when_their_names_change(tmp_path: Path, name: str) -> None:
    document = open_text(tmp_path, BRANCHES)
    for value in document.value_ids():
        rename(document, value, name)
    assert decode(snapshot_columns(document, {}, 0)) == json.loads(json.dumps(snapshot_json(document, {}, 0)))


def test_a_node_is_shown_with_family_slots_and_bodies(tmp_path: Path) -> None:
    document = open_text(tmp_path, BRANCHES)
    view = node_view(document, "node:y")
    assert view["family"] == "control"
    assert view["input_names"] == ["cond"]
    assert view["output_names"] == ["outputs1"]
    assert list(view["bodies"]) == ["graph:node:y.then_branch", "graph:node:y.else_branch"]
    assert view["attributes"]["then_branch"] == {"type": "GRAPH", "value": "graph yes"}


def test_declared_types_win_over_inferred_ones(tmp_path: Path) -> None:
    document = open_text(tmp_path, BRANCHES)
    guesses = {"value:h": ("float32", (4,)), "value:x": ("int8", (1,))}
    shown = value_view(document, "value:h", guesses)
    assert (shown["dtype"], shown["shape"], shown["inferred"]) == ("float32", [4], True)
    shown = value_view(document, "value:x", guesses)
    assert (shown["dtype"], shown["shape"], shown["inferred"]) == ("float32", [4], False)
    assert value_view(document, "value:w", {})["bytes"] == 16


@pytest.mark.parametrize(
    ("tensor", "elements"),
    [
        ("float w = {0.0185}", "0.0185"),
        ("int64[3] w = {0, -1, 9223372036854775807}", "0, -1, 9223372036854775807"),
        ("uint8[1] w = {7}", "7"),
        ("bool w = {1}", "True"),
        ("int64[5] w = {1, 2, 3, 4, 5}", ""),
        ("float[2,2] w = {1, 2, 3, 4}", ""),
        ("int64[0] w = {}", ""),
    ],
)
def test_what_is_in_a_scalar_or_a_short_list_is_shown(tmp_path: Path, tensor: str, elements: str) -> None:
    document = open_text(tmp_path, f"agraph (float[N] x) => (float[N] y) <{tensor}> {{ y = Custom (x, w) }}")
    assert value_view(document, "value:w", {}).get("elements", "") == elements
    assert decode(snapshot_columns(document, {}, 0))["values"] == snapshot_json(document, {}, 0)["values"]


def test_a_delta_shows_values_that_become_or_cease_to_be_outputs(tmp_path: Path) -> None:
    document = open_text(tmp_path, CHAIN)
    tx = Transaction(document)
    tx.put(replace(tx.graph("graph:"), outputs=("value:h",)))
    shown = {(c["table"], c["id"]): c["after"] for c in delta_view(document, tx.delta(), {})}
    assert set(shown) == {("graph", "graph:"), ("value", "value:h"), ("value", "value:y")}
    assert (shown["value", "value:h"]["kind"], shown["value", "value:h"]["is_output"]) == ("output", True)
    assert (shown["value", "value:y"]["kind"], shown["value", "value:y"]["is_output"]) == ("intermediate", False)


def test_a_delta_shows_what_is_gone_as_null_and_the_weights_of_the_model(tmp_path: Path) -> None:
    document = open_text(tmp_path, BRANCHES)
    tx = Transaction(document)
    tx.put(replace(tx.value("value:w"), tensor=None))
    shown = {(c["table"], c["id"]): c["after"] for c in delta_view(document, tx.delta(), {})}
    assert shown["model", "model:"]["parameters"] == 0
    document.apply(tx.delta().inverse())
    assert model_view(document)["weight_bytes"] == 16
    gone = Transaction(document)
    gone.drop("node", "node:y")
    assert delta_view(document, gone.delta(), {}) == [{"table": "node", "id": "node:y", "after": None}]


def test_a_call_leads_to_the_function_of_its_overload() -> None:
    document = open_model(shared_model("odd/functions_with_overloads.onnx"))
    called = {node["name"]: node.get("function") for node in snapshot_json(document, {}, 0)["nodes"] if node["name"]}
    assert called["a0"] == "graph:local.fn::Act:"
    assert called["a1"] == "graph:local.fn::Act:v2"
    assert called["blk"] == "graph:local.fn::Block:"


def test_another_opset_shows_nodes_whose_slots_are_named_otherwise(tmp_path: Path) -> None:
    document = open_text(tmp_path, "agraph (float[4] x) => (float[4] y) { y = Dropout (x) }")
    tx = Transaction(document)
    tx.put(replace(tx.model(), opset_imports=(("", 10),)))
    assert {c["table"] for c in delta_view(document, tx.delta(), {})} <= {"model", "node"}


def test_attributes_are_cut_and_can_be_had_whole(tmp_path: Path) -> None:
    document = open_text(tmp_path, "agraph (float[4] x) => (float[4] y) { y = LeakyRelu <alpha = 0.1> (x) }")
    tx = Transaction(document)
    attributes = {
        "long": Attribute("INTS", tuple(range(100))),
        "huge": Attribute("INT", 2**60),
        "odd": Attribute("FLOATS", (float("nan"), float("inf"), 0.1)),
        "bytes": Attribute("STRING", "\udcff"),
    }
    tx.put(replace(tx.node("node:y"), attributes={**tx.node("node:y").attributes, **attributes}))
    shown = node_view(document, "node:y")["attributes"]
    assert shown["alpha"] == {"type": "FLOAT", "value": 0.1}
    assert shown["long"]["cut"] is True
    assert len(shown["long"]["value"]) == 64
    assert shown["huge"]["value"] == str(2**60)
    assert shown["odd"]["value"] == ["NaN", "Infinity", 0.1]
    assert shown["bytes"]["value"] == "\ufffd"
    assert attribute(document, "node:y", "long") == {"type": "INTS", "value": list(range(100))}


def test_names_of_a_model_are_always_text_that_json_can_carry() -> None:
    document = open_model(shared_model("bad/invalid_utf8_names.onnx"))
    json.dumps(snapshot_json(document, {}, 0)).encode("utf-8")
    rename(document, document.value_ids()[0], "\udcff")
    json.dumps(delta_view(document, rename(document, document.value_ids()[0], "x"), {})).encode("utf-8")


def test_a_node_says_which_overload_of_a_function_it_calls_and_has_its_slots() -> None:
    document = document_of(
        """<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
        g (float[2] x) => (float[2] y) { h = my.Act:slow(x)  y = my.Act(h) }
        <domain: "my", opset_import: ["" : 21]> Act (plain) => (o) { o = Relu(plain) }
        <domain: "my", overload: "slow", opset_import: ["" : 21]> Act (careful) => (o) { o = Exp(careful) }"""
    )
    slow, plain = node_view(document, "node:h"), node_view(document, "node:y")
    assert (slow["overload"], slow["function"], slow["input_names"]) == ("slow", "graph:my::Act:slow", ["careful"])
    assert ("overload" not in plain, plain["function"], plain["input_names"]) == (True, "graph:my::Act:", ["plain"])
    assert [(g["domain"], g["overload"]) for g in snapshot_json(document, {}, 0)["graphs"][1:]] == [
        ("my", ""),
        ("my", "slow"),
    ]
